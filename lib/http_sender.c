// SPDX-License-Identifier: GPL-2.0-or-later
/* Fields that say who sends a request. */
#include <sluice/http_sender.h>

/* Quotes in pairs: what is behind it is not taken for a part of it. */
static bool is_closed(const u8 *buf, struct sluice_http_slice value)
{
	const u8 *at = buf + value.offset, *end = at + value.length;
	bool quoted = false;

	for (; at < end; at++) {
		if (*at == '"')
			quoted = !quoted;
		else if (*at == '\\' && quoted)
			at++;
	}
	return !quoted;
}

/* Whether what a trusted proxy says can be passed on. */
static bool is_claim(const u8 *buf, const struct sluice_http_header *header,
		     enum sluice_http_claim claim)
{
	return header->value.length && (claim != SLUICE_HTTP_CLAIM_FORWARDED ||
					is_closed(buf, header->value));
}

/**
 * sluice_http_sender_keep() - look at a field of a request
 * @sender: whose request it is; takes note of what it says
 * @header: not about its connection
 * @claim: its sluice_http_claim_id()
 *
 * Return: whether it is passed on as it is.
 */
bool sluice_http_sender_keep(struct sluice_http_sender *sender,
			     const struct sluice_http_header *header,
			     enum sluice_http_claim claim)
{
	if (claim == SLUICE_HTTP_CLAIM_NONE ||
	    claim == SLUICE_HTTP_CLAIM_TRAILER)
		return true;
	if (claim == SLUICE_HTTP_CLAIM_PROXY || !sender->trusted)
		return false;
	if (claim == SLUICE_HTTP_CLAIM_ANY)
		return true;
	if (is_claim(sender->buf, header, claim))
		sender->last[claim] = header;
	return false;
}

/**
 * sluice_http_sender_host() - write host and port as they were asked for
 * @sender: who asks
 * @out: where to
 */
void sluice_http_sender_host(const struct sluice_http_sender *sender,
			     struct sluice_http_out *out)
{
	const struct sluice_http_head *head = sender->head;

	if (!head->host.length) {
		out_text(out, sender->local);
		return;
	}
	out_slice(out, sender->buf, head->host);
	if (head->port) {
		out_literal(out, ":");
		out_number(out, head->port);
	}
}

/* The members of all fields of a kind, with a comma behind each. */
static void write_list(const struct sluice_http_sender *sender,
		       enum sluice_http_claim claim,
		       struct sluice_http_out *out)
{
	const struct sluice_http_header *header = sender->head->header;
	const struct sluice_http_header *last = sender->last[claim];
	const u8 *buf = sender->buf;

	for (; last && header <= last; header++) {
		if (sluice_http_claim_id(buf + header->name.offset,
					 header->name.length) != claim ||
		    !is_claim(buf, header, claim))
			continue;
		out_slice(out, buf, header->value);
		out_literal(out, ", ");
	}
}

static void write_scheme(const struct sluice_http_sender *sender,
			 struct sluice_http_out *out)
{
	if (sender->tls)
		out_literal(out, "https");
	else
		out_literal(out, "http");
}

static bool is_ipv6(struct sluice_text address)
{
	return memchr(address.data, ':', address.len);
}

/* An element of our own; IPv6 is in brackets and quotes. */
static void write_forwarded(const struct sluice_http_sender *sender,
			    struct sluice_http_out *out)
{
	bool ipv6 = is_ipv6(sender->client);

	out_literal(out, "for=");
	if (ipv6)
		out_literal(out, "\"[");
	out_text(out, sender->client);
	if (ipv6)
		out_literal(out, "]\"");
	out_literal(out, ";host=\"");
	sluice_http_sender_host(sender, out);
	out_literal(out, "\";proto=");
	write_scheme(sender, out);
}

/**
 * sluice_http_sender_write() - write one of the fields that say who sends a request
 * @sender: who it is, and all fields of its request looked at
 * @claim: one of those up to SLUICE_HTTP_CLAIM_SUBJECT
 * @out: where to
 *
 * X-Forwarded-For and Forwarded have the client's address behind what a trusted
 * proxy says, the others what it says holds. X-Client-Cert-Subject has nothing else.
 */
void sluice_http_sender_write(const struct sluice_http_sender *sender,
			      enum sluice_http_claim claim,
			      struct sluice_http_out *out)
{
	const struct sluice_http_header *last = sender->last[claim];

	switch (claim) {
	case SLUICE_HTTP_CLAIM_FOR:
		out_literal(out, "X-Forwarded-For: ");
		write_list(sender, claim, out);
		out_text(out, sender->client);
		break;
	case SLUICE_HTTP_CLAIM_PROTO:
		out_literal(out, "X-Forwarded-Proto: ");
		if (last)
			out_slice(out, sender->buf, last->value);
		else
			write_scheme(sender, out);
		break;
	case SLUICE_HTTP_CLAIM_HOST:
		out_literal(out, "X-Forwarded-Host: ");
		if (last)
			out_slice(out, sender->buf, last->value);
		else
			sluice_http_sender_host(sender, out);
		break;
	case SLUICE_HTTP_CLAIM_FORWARDED:
		out_literal(out, "Forwarded: ");
		write_list(sender, claim, out);
		write_forwarded(sender, out);
		break;
	case SLUICE_HTTP_CLAIM_SUBJECT:
		if (!last)
			return;
		out_literal(out, "X-Client-Cert-Subject: ");
		out_slice(out, sender->buf, last->value);
		break;
	default:
		return;
	}
	out_literal(out, "\r\n");
}

static bool is_request_id(const u8 *text, u32 len)
{
	u32 i;

	if (!len || len > SLUICE_HTTP_REQUEST_ID_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f || text[i] == '"' ||
		    text[i] == '\\' || text[i] == ',')
			return false;
	return true;
}

/**
 * sluice_http_sender_id() - the number that a trusted proxy has given a request
 * @sender: who it is; @head, @buf and @trusted are enough
 * @name: of the field that has it
 * @len: length of @name
 *
 * Return: 1 to SLUICE_HTTP_REQUEST_ID_MAX visible characters that are no delimiters,
 * in the sender's buffer; without data: there is none, and it gets another one.
 */
struct sluice_text
sluice_http_sender_id(const struct sluice_http_sender *sender, const char *name,
		      u32 len)
{
	const struct sluice_http_header *header = NULL;
	const u8 *value;

	if (sender->trusted)
		header = sluice_http_header_next(sender->head, sender->buf,
						 name, len, NULL);
	if (!header)
		return (struct sluice_text){ NULL, 0 };
	value = sender->buf + header->value.offset;
	if (!is_request_id(value, header->value.length))
		return (struct sluice_text){ NULL, 0 };
	return (struct sluice_text){ (const char *)value,
				     header->value.length };
}
