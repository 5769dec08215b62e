// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests on their way to servers. */
#include "forward_parts.h"

/* Without the slashes at its end, which make no difference in a prefix. */
static size_t prefix_length(const char *prefix)
{
	size_t length = strlen(prefix);

	while (length && prefix[length - 1] == '/')
		length--;
	return length;
}

/*
 * The prefix goes where the path is it or continues it after a slash, as in a
 * route's match. What is put together begins with a slash, and both parts are
 * normalised and no segment is cut, so that the whole is.
 */
static void write_path(struct sluice_http_out *out,
		       const struct forward_request *request)
{
	const struct config_route *route = request->route;
	const char *path = request->path.data;
	size_t length = request->path.len, strip, put = 0;

	if (route && route->strip_prefix) {
		strip = prefix_length(route->strip_prefix);
		if (length >= strip &&
		    memcmp(path, route->strip_prefix, strip) == 0 &&
		    (length == strip || path[strip] == '/')) {
			path += strip;
			length -= strip;
			if (route->replace_prefix)
				put = prefix_length(route->replace_prefix);
			if (put)
				out_put(out, route->replace_prefix, put);
		}
	}
	out_put(out, path, length);
	if (!put && !length)
		out_put(out, OUT_TEXT("/"));
}

/* RFC 9112 3.2.4: "*" that came in absolute form is the URI without a path. */
static bool is_asterisk(const struct sluice_http_head *head)
{
	return head->form == SLUICE_HTTP_FORM_ASTERISK ||
	       (head->form == SLUICE_HTTP_FORM_ABSOLUTE &&
		head->method_id == SLUICE_HTTP_METHOD_OPTIONS &&
		!head->path.length && !head->has_query);
}

static void write_line(struct sluice_http_out *out,
		       const struct forward_request *request,
		       const struct forward_sender *sender)
{
	const struct sluice_http_head *head = request->head;

	out_slice(out, request->buf, head->method);
	out_put(out, OUT_TEXT(" "));
	if (is_asterisk(head)) {
		out_put(out, OUT_TEXT("*"));
	} else {
		write_path(out, request);
		if (head->has_query)
			out_put(out, OUT_TEXT("?"));
		out_slice(out, request->buf, head->query);
	}
	out_put(out, OUT_TEXT(" HTTP/1.1\r\nHost: "));
	sluice_http_sender_host(&sender->is, out);
	out_put(out, OUT_TEXT("\r\n"));
}

/* A protocol is allowed with any version. */
static bool is_allowed(const struct config_route *route, const uint8_t *buf,
		       struct sluice_http_slice protocol)
{
	const uint8_t *slash;

	slash = memchr(buf + protocol.offset, '/', protocol.length);
	for (size_t i = 0; i < route->upgrade.count; i++) {
		const char *allowed = route->upgrade.items[i];
		struct sluice_http_slice name = protocol;

		if (slash)
			name.length = (u16)(slash - (buf + protocol.offset));
		if (sluice_http_slice_is(buf, name, allowed,
					 (u32)strlen(allowed)))
			return true;
	}
	return false;
}

/*
 * Of the protocols that the client offers, those that the route allows: what it
 * does not, a server behind us would speak past all routes.
 *
 * Return: whether there are any.
 */
static bool write_upgrade(struct sluice_http_out *out,
			  const struct forward_request *request)
{
	const struct sluice_http_head *head = request->head;
	struct sluice_http_slice rest, protocol;
	bool any = false;

	if (!request->upgrade || !head->upgrade || !request->route)
		return false;
	for (u32 i = 0; i < head->header_count; i++) {
		if (head->header[i].field != SLUICE_HTTP_FIELD_UPGRADE)
			continue;
		rest = head->header[i].value;
		while (sluice_http_list_next(request->buf, &rest, &protocol)) {
			if (!is_allowed(request->route, request->buf, protocol))
				continue;
			if (any)
				out_put(out, OUT_TEXT(", "));
			else
				out_put(out, OUT_TEXT("Upgrade: "));
			out_slice(out, request->buf, protocol);
			any = true;
		}
	}
	if (any)
		out_put(out, OUT_TEXT("\r\n"));
	return any;
}

/* TE is about this connection, but of trailers the client has to be asked. */
static bool wants_trailers(const struct forward_request *request)
{
	const struct sluice_http_head *head = request->head;
	struct sluice_http_slice rest, coding;

	for (u32 i = 0; head->minor && i < head->header_count; i++) {
		if (head->header[i].field != SLUICE_HTTP_FIELD_TE)
			continue;
		rest = head->header[i].value;
		while (sluice_http_list_next(request->buf, &rest, &coding))
			if (sluice_http_slice_is(request->buf, coding,
						 OUT_TEXT("trailers")))
				return true;
	}
	return false;
}

static void write_connection(struct sluice_http_out *out,
			     const struct forward_request *request)
{
	bool upgrade = write_upgrade(out, request);
	bool trailers = wants_trailers(request);

	if (trailers)
		out_put(out, OUT_TEXT("TE: trailers\r\n"));
	if (request->keep_alive && !trailers && !upgrade)
		return;
	out_put(out, OUT_TEXT("Connection: "));
	if (!request->keep_alive)
		out_put(out, OUT_TEXT("close, "));
	if (trailers)
		out_put(out, OUT_TEXT("TE, "));
	if (upgrade)
		out_put(out, OUT_TEXT("Upgrade, "));
	/* The last comma becomes the end of the line. */
	if (!out->full)
		memcpy(out->at - 2, "\r\n", 2);
}

/*
 * Whether a field of the client goes on as it is, if it is not about its connection.
 * What a trusted proxy says of its client is taken note of even where Connection
 * names it: that was the client, who wants it left out.
 */
static bool is_kept(const struct forward_request *request,
		    const struct sluice_http_header *header,
		    struct forward_sender *sender)
{
	const u8 *name = request->buf + header->name.offset;
	enum sluice_http_claim claim;

	if (header->field == SLUICE_HTTP_FIELD_HOST ||
	    header->field == SLUICE_HTTP_FIELD_CONTENT_LENGTH)
		return false;
	/* A server is asked only where content follows. */
	if (header->field == SLUICE_HTTP_FIELD_EXPECT)
		return request->head->expect_continue && request->expect;
	claim = header->field == SLUICE_HTTP_FIELD_OTHER ?
			sluice_http_claim_id(name, header->name.length) :
			SLUICE_HTTP_CLAIM_NONE;
	if (claim == SLUICE_HTTP_CLAIM_TRAILER &&
	    request->framing != FORWARD_CHUNKED)
		return false;
	return forward_client_keep(sender, request, header, claim);
}

ssize_t forward_request_write(char *to, size_t size,
			      const struct forward_request *request)
{
	const struct sluice_http_head *head = request->head;
	struct sluice_http_out out = { to, to + size, false };
	struct forward_changes changes =
		forward_changes_of(request->service, request->route, false);
	struct forward_sender sender;
	struct out_run run = { NULL, 0 };

	if (head->form == SLUICE_HTTP_FORM_AUTHORITY ||
	    request->framing == FORWARD_CLOSE)
		return -EINVAL;
	forward_sender_init(&sender, request);
	write_line(&out, request, &sender);
	for (u32 i = 0; i < head->header_count; i++) {
		const struct sluice_http_header *header = &head->header[i];

		if (!is_kept(request, header, &sender))
			continue;
		if (sluice_http_header_hop(head, request->buf, header))
			continue;
		if (!forward_keeps(&changes,
				   (const char *)request->buf +
					   header->name.offset,
				   header->name.length))
			continue;
		out_header(&out, &run, request->buf, header);
	}
	out_run_end(&out, &run);
	forward_client_write(&out, request, &changes, &sender);
	forward_changes_write(&out, &changes);
	forward_framing_write(&out, request->framing,
			      head->has_content_length ? head->content_length :
							 0);
	write_connection(&out, request);
	out_put(&out, OUT_TEXT("\r\n"));
	return out_end(&out, to);
}
