// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who the client is, for servers: as sluice/http_sender.h says, and the subject of its
 * certificate.
 */
#include <arpa/inet.h>

#include "forward_parts.h"

/* IPv4 in IPv6 form is that address: a listener for both has it so. */
static struct sluice_address unmapped(const struct sluice_address *address)
{
	struct sluice_address plain = *address;

	if (address->family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&address->v6)) {
		plain.family = AF_INET;
		memcpy(&plain.v4, &address->v6.s6_addr[12], sizeof(plain.v4));
	}
	return plain;
}

static bool is_in(const struct sluice_route_source *network,
		  const uint8_t *bytes, size_t length)
{
	unsigned int whole = network->bits / 8, rest = network->bits % 8;

	if (network->address_len != length ||
	    memcmp(network->address, bytes, whole) != 0)
		return false;
	return !rest ||
	       !((network->address[whole] ^ bytes[whole]) >> (8 - rest));
}

bool forward_trusts(const struct config_http *http,
		    const struct sluice_address *source)
{
	struct sluice_address plain = unmapped(source);
	size_t length = plain.family == AF_INET	 ? 4 :
			plain.family == AF_INET6 ? 16 :
						   0;

	/* Both begin where the union does. */
	for (size_t i = 0; http && i < http->trusted.count; i++)
		if (is_in(&http->trusted.items[i], plain.v6.s6_addr, length))
			return true;
	return false;
}

static void write_ipv4(struct sluice_http_out *out, const uint8_t *bytes)
{
	char text[INET_ADDRSTRLEN], *at = text;

	for (unsigned int i = 0; i < 4; i++) {
		unsigned int octet = bytes[i];

		if (i)
			*at++ = '.';
		if (octet >= 100)
			*at++ = (char)('0' + octet / 100);
		if (octet >= 10)
			*at++ = (char)('0' + octet / 10 % 10);
		*at++ = (char)('0' + octet % 10);
	}
	out_put(out, text, (size_t)(at - text));
}

/* The longest run of two or more groups of zero is "::", the first of equal ones. */
static void write_ipv6(struct sluice_http_out *out, const uint8_t *bytes)
{
	static const char digits[] = "0123456789abcdef";
	size_t gap = 8, gap_length = 1, run = 0;
	unsigned int group;
	char text[INET6_ADDRSTRLEN], *at = text;

	for (size_t i = 0; i < 8; i++) {
		run = bytes[2 * i] || bytes[2 * i + 1] ? 0 : run + 1;
		if (run > gap_length) {
			gap_length = run;
			gap = i + 1 - run;
		}
	}
	for (size_t i = 0; i < 8; i++) {
		if (i == gap) {
			*at++ = ':';
			i += gap_length - 1;
			if (i == 7)
				*at++ = ':';
			continue;
		}
		if (i)
			*at++ = ':';
		group = (unsigned int)bytes[2 * i] << 8 | bytes[2 * i + 1];
		for (unsigned int shift = 16; shift; shift -= 4)
			if (shift == 4 || group >> (shift - 4))
				*at++ = digits[group >> (shift - 4) & 0xf];
	}
	out_put(out, text, (size_t)(at - text));
}

/* As in RFC 5952; of mapped IPv6, the IPv4 address; or "unknown". */
static void write_address(struct sluice_http_out *out,
			  const struct sluice_address *address)
{
	struct sluice_address plain = unmapped(address);

	if (plain.family == AF_INET)
		write_ipv4(out, (const uint8_t *)&plain.v4);
	else if (plain.family == AF_INET6)
		write_ipv6(out, plain.v6.s6_addr);
	else
		out_put(out, OUT_TEXT("unknown"));
}

void forward_local_write(struct sluice_http_out *out,
			 const struct sluice_address *address)
{
	struct sluice_address plain = unmapped(address);

	if (plain.family == AF_INET6)
		out_put(out, OUT_TEXT("["));
	if (plain.family != AF_UNSPEC)
		write_address(out, &plain);
	if (plain.family == AF_INET6)
		out_put(out, OUT_TEXT("]"));
}

/* Whether servers get a field that says who the client is. */
static bool is_forwarded(const struct forward_request *request,
			 const struct sluice_http_sender *sender,
			 enum sluice_http_claim claim)
{
	const struct config_http *http = request->service->http;
	int fields = http ? http->forwarded : CONFIG_FORWARDED_X;

	if (claim != SLUICE_HTTP_CLAIM_FORWARDED)
		return fields & CONFIG_FORWARDED_X;
	/* Where none of our own is asked for, a proxy's is gone on with. */
	return (fields & CONFIG_FORWARDED_RFC7239) ||
	       (fields && sender->last[claim]);
}

static const char *request_id_name(const struct forward_request *request)
{
	return request->service->http ? request->service->http->request_id :
					NULL;
}

void forward_sender_init(struct forward_sender *sender,
			 const struct forward_request *request)
{
	const struct forward_client *client = request->client;
	const char *id = request_id_name(request);
	struct sluice_http_out text = { sender->client,
					sender->client + FORWARD_ADDRESS_MAX,
					false };

	sender->is = (struct sluice_http_sender){
		.head = request->head,
		.buf = request->buf,
		.tls = client->tls,
		.trusted = client->trusted,
	};
	sender->id_length = id ? strlen(id) : 0;
	write_address(&text, &client->source.address);
	sender->is.client =
		(struct sluice_text){ sender->client,
				      (u32)(text.at - sender->client) };
	if (request->head->host.length)
		return;
	text = (struct sluice_http_out){ sender->local,
					 sender->local + FORWARD_ADDRESS_MAX,
					 false };
	forward_local_write(&text, &client->local.address);
	if (client->local.address.family != AF_UNSPEC &&
	    client->local.port != (client->tls ? 443 : 80)) {
		out_put(&text, OUT_TEXT(":"));
		out_number(&text, client->local.port);
	}
	sender->is.local =
		(struct sluice_text){ sender->local,
				      (u32)(text.at - sender->local) };
}

bool forward_client_keep(struct forward_sender *sender,
			 const struct forward_request *request,
			 const struct sluice_http_header *header,
			 enum sluice_http_claim claim)
{
	if (header->name.length == sender->id_length &&
	    sluice_http_name_is(request->buf + header->name.offset,
				header->name.length, request_id_name(request)))
		return false;
	return sluice_http_sender_keep(&sender->is, header, claim);
}

/* As in RFC 2253 2.4 a byte that has no place in a field is '\' and two digits. */
static void write_subject(struct sluice_http_out *out, const char *subject)
{
	static const char digits[] = "0123456789ABCDEF";

	out_put(out, FORWARD_SUBJECT, sizeof(FORWARD_SUBJECT) - 1);
	out_put(out, OUT_TEXT(": "));
	for (; *subject && !out->full; subject++) {
		uint8_t c = (uint8_t)*subject;
		char escape[3] = { '\\', digits[c >> 4], digits[c & 0xf] };

		if (c >= ' ' && c < 0x7f)
			out_put(out, subject, 1);
		else
			out_put(out, escape, sizeof(escape));
	}
	out_put(out, OUT_TEXT("\r\n"));
}

struct sluice_text forward_request_id(const struct forward_request *request)
{
	const struct sluice_http_sender sender = {
		.head = request->head,
		.buf = request->buf,
		.trusted = request->client->trusted,
	};
	const char *name = request_id_name(request);
	struct sluice_text id = { NULL, 0 };

	if (name)
		id = sluice_http_sender_id(&sender, name, (u32)strlen(name));
	if (name && !id.data && request->request_id)
		id = (struct sluice_text){ request->request_id,
					   (u32)strlen(request->request_id) };
	return id;
}

static void write_request_id(struct sluice_http_out *out,
			     const struct forward_request *request,
			     const struct forward_changes *changes)
{
	struct sluice_text id = forward_request_id(request);
	const char *name = request_id_name(request);
	size_t length;

	if (!id.data)
		return;
	length = strlen(name);
	if (forward_keeps(changes, name, length))
		out_field(out, name, length, id.data, id.len);
}

void forward_client_write(struct sluice_http_out *out,
			  const struct forward_request *request,
			  const struct forward_changes *changes,
			  const struct forward_sender *sender)
{
	static const struct {
		enum sluice_http_claim claim;
		struct sluice_text name;
	} fields[] = {
		{ SLUICE_HTTP_CLAIM_FOR, { OUT_TEXT("X-Forwarded-For") } },
		{ SLUICE_HTTP_CLAIM_PROTO, { OUT_TEXT("X-Forwarded-Proto") } },
		{ SLUICE_HTTP_CLAIM_HOST, { OUT_TEXT("X-Forwarded-Host") } },
		{ SLUICE_HTTP_CLAIM_FORWARDED, { OUT_TEXT("Forwarded") } },
	};
	const struct sluice_http_sender *is = &sender->is;
	const char *subject = request->client->tls_subject;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (is_forwarded(request, is, fields[i].claim) &&
		    forward_keeps(changes, fields[i].name.data,
				  fields[i].name.len))
			sluice_http_sender_write(is, fields[i].claim, out);
	if (forward_keeps(changes, OUT_TEXT(FORWARD_SUBJECT))) {
		if (is->last[SLUICE_HTTP_CLAIM_SUBJECT])
			sluice_http_sender_write(is, SLUICE_HTTP_CLAIM_SUBJECT,
						 out);
		else if (subject)
			write_subject(out, subject);
	}
	write_request_id(out, request, changes);
}
