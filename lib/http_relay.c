// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests as stratum relay passes them on. */
#include <sluice/http_relay.h>
#include <sluice/http_sender.h>

#include "http.h"

/* RFC 9112 3.2.4: "*" that came in absolute form is the URI without a path. */
static bool is_asterisk(const struct sluice_http_head *head)
{
	return head->form == SLUICE_HTTP_FORM_ASTERISK ||
	       (head->form == SLUICE_HTTP_FORM_ABSOLUTE &&
		head->method_id == SLUICE_HTTP_METHOD_OPTIONS &&
		!head->path.length && !head->has_query);
}

/* In its normal form, as routes have seen it. */
static void write_path(const struct sluice_http_sender *sender,
		       struct sluice_http_out *out)
{
	const struct sluice_http_head *head = sender->head;
	const u8 *path = sender->buf + head->path.offset;
	u32 length;

	if (out->full)
		return;
	length = sluice_http_path_normalise(path, head->path.length,
					    (u8 *)out->at, out->end - out->at);
	out->full = !length;
	out->at += length;
}

static void write_line(const struct sluice_http_sender *sender,
		       struct sluice_http_out *out)
{
	const struct sluice_http_head *head = sender->head;

	out_slice(out, sender->buf, head->method);
	out_literal(out, " ");
	if (is_asterisk(head)) {
		out_literal(out, "*");
	} else {
		write_path(sender, out);
		if (head->has_query)
			out_literal(out, "?");
		out_slice(out, sender->buf, head->query);
	}
	out_literal(out, " HTTP/1.1\r\nHost: ");
	sluice_http_sender_host(sender, out);
	out_literal(out, "\r\n");
}

/* Whether a field that the parser does not know goes on as it is. */
static bool is_other_kept(struct sluice_http_sender *sender,
			  const struct sluice_http_header *header)
{
	const u8 *name = sender->buf + header->name.offset;
	enum sluice_http_claim claim;

	claim = sluice_http_claim_id(name, header->name.length);
	if (claim == SLUICE_HTTP_CLAIM_TRAILER)
		return sender->head->chunked;
	return sluice_http_sender_keep(sender, header, claim);
}

/*
 * Whether a field of the client goes on as it is. What a trusted proxy says of its
 * client is taken note of even where Connection names it: that was the client, who
 * wants it left out. @id: the field in which a number of ours is, or NULL.
 */
static bool is_kept(struct sluice_http_sender *sender,
		    const struct sluice_http_header *header, const char *id)
{
	const struct sluice_http_head *head = sender->head;

	if (id && sluice_http_name_is(sender->buf + header->name.offset,
				      header->name.length, id))
		return false;
	switch (header->field) {
	case SLUICE_HTTP_FIELD_HOST:
	case SLUICE_HTTP_FIELD_CONTENT_LENGTH:
		return false;
	case SLUICE_HTTP_FIELD_EXPECT:
		if (!head->expect_continue)
			return false;
		break;
	case SLUICE_HTTP_FIELD_OTHER:
		if (!is_other_kept(sender, header))
			return false;
		break;
	default:
		break;
	}
	return !is_hop(sender->buf, header, head->header, head->header_count,
		       head->seen);
}

static void write_sender(const struct sluice_http_sender *sender, u8 add,
			 struct sluice_http_out *out)
{
	if (add & SLUICE_HTTP_RELAY_X_FORWARDED) {
		sluice_http_sender_write(sender, SLUICE_HTTP_CLAIM_FOR, out);
		sluice_http_sender_write(sender, SLUICE_HTTP_CLAIM_PROTO, out);
		sluice_http_sender_write(sender, SLUICE_HTTP_CLAIM_HOST, out);
	}
	if ((add & SLUICE_HTTP_RELAY_FORWARDED) ||
	    ((add & SLUICE_HTTP_RELAY_X_FORWARDED) &&
	     sender->last[SLUICE_HTTP_CLAIM_FORWARDED]))
		sluice_http_sender_write(sender, SLUICE_HTTP_CLAIM_FORWARDED,
					 out);
	sluice_http_sender_write(sender, SLUICE_HTTP_CLAIM_SUBJECT, out);
}

static void write_framing(const struct sluice_http_head *head,
			  struct sluice_http_out *out)
{
	if (head->chunked) {
		out_literal(out, "Transfer-Encoding: chunked\r\n");
	} else if (head->has_content_length) {
		out_literal(out, "Content-Length: ");
		out_number(out, head->content_length);
		out_literal(out, "\r\n");
	}
}

/* WebSocket alone: all members are that. */
static void write_upgrade(const struct sluice_http_sender *sender,
			  struct sluice_http_out *out)
{
	const struct sluice_http_head *head = sender->head;
	struct sluice_http_slice rest, protocol;
	bool any = false;
	u32 i;

	for (i = 0; i < head->header_count; i++) {
		if (head->header[i].field != SLUICE_HTTP_FIELD_UPGRADE)
			continue;
		rest = head->header[i].value;
		while (sluice_http_list_next(sender->buf, &rest, &protocol)) {
			if (any)
				out_literal(out, ", ");
			else
				out_literal(out, "Upgrade: ");
			out_slice(out, sender->buf, protocol);
			any = true;
		}
	}
	out_literal(out, "\r\n");
}

/* TE is about this connection, but of trailers the client has to be asked. */
static bool wants_trailers(const struct sluice_http_head *head, const u8 *buf)
{
	struct sluice_http_slice rest, coding;
	u32 i;

	for (i = 0; head->minor && i < head->header_count; i++) {
		if (head->header[i].field != SLUICE_HTTP_FIELD_TE)
			continue;
		rest = head->header[i].value;
		while (sluice_http_list_next(buf, &rest, &coding))
			if (IS(buf, coding, "trailers"))
				return true;
	}
	return false;
}

static void write_connection(const struct sluice_http_sender *sender,
			     struct sluice_http_out *out)
{
	const struct sluice_http_head *head = sender->head;
	bool trailers = wants_trailers(head, sender->buf);

	if (head->websocket)
		write_upgrade(sender, out);
	if (trailers)
		out_literal(out, "TE: trailers\r\n");
	if (trailers && head->websocket)
		out_literal(out, "Connection: TE, Upgrade\r\n");
	else if (trailers)
		out_literal(out, "Connection: TE\r\n");
	else if (head->websocket)
		out_literal(out, "Connection: Upgrade\r\n");
}

/* The field of the request's number, NULL: none is written. */
static const char *id_name(const struct sluice_http_relay *relay)
{
	return relay->add & SLUICE_HTTP_RELAY_REQUEST_ID ?
		       sluice_http_relay_id_name(relay->request_id_name) :
		       NULL;
}

/* The number that the request is passed on with, if any: that of a trusted client, or ours. */
static void write_id(const struct sluice_http_sender *sender, const char *name,
		     const struct sluice_http_relay *relay,
		     struct sluice_http_out *out)
{
	struct sluice_text id;

	if (!name)
		return;
	id = sluice_http_sender_id(sender, name, (u32)strlen(name));
	if (!id.data)
		id = relay->request_id;
	if (id.data)
		out_field(out, name, strlen(name), id.data, id.len);
}

/**
 * sluice_http_relay_request() - write the head for a server
 * @head: complete
 * @buf: the buffer it is in
 * @relay: what is said of it
 * @out: where to; not in @buf
 * @size: room there
 *
 * What stratum proxy writes: HTTP/1.1, target in origin form and normalised (or
 * "*"), one Host, then the client's fields in their order, those that say who it is,
 * and last those about content and connection, which persists. Left out of them are
 * Connection with all that it names, Keep-Alive, Proxy-Connection, Proxy, TE but for
 * trailers, Upgrade but for WebSocket and nothing else, and what @relay says.
 *
 * Context: any; neither sleeps nor locks.
 * Return: bytes; 0 where it does not fit, with the path as it came, and for what is
 * not passed on: CONNECT, and a request without host if @relay has none for it.
 */
u32 sluice_http_relay_request(const struct sluice_http_head *head,
			      const u8 *buf,
			      const struct sluice_http_relay *relay, u8 *out,
			      u32 size)
{
	struct sluice_http_sender sender = {
		.head = head,
		.buf = buf,
		.client = relay->client,
		.local = relay->local,
		.tls = relay->tls,
		.trusted = relay->add & SLUICE_HTTP_RELAY_TRUST,
	};
	struct sluice_http_out to = { (char *)out, (char *)out + size, false };
	const char *name = id_name(relay);
	struct out_run run = { NULL, 0 };
	u32 i;

	if (head->form == SLUICE_HTTP_FORM_AUTHORITY ||
	    (!head->host.length && !relay->local.len))
		return 0;
	write_line(&sender, &to);
	for (i = 0; i < head->header_count; i++)
		if (is_kept(&sender, &head->header[i], name))
			out_header(&to, &run, buf, &head->header[i]);
	out_run_end(&to, &run);
	write_sender(&sender, relay->add, &to);
	write_id(&sender, name, relay, &to);
	write_framing(head, &to);
	write_connection(&sender, &to);
	out_literal(&to, "\r\n");
	return to.full ? 0 : (u32)(to.at - (char *)out);
}
