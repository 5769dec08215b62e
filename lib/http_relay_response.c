// SPDX-License-Identifier: GPL-2.0-or-later
/* Responses as stratum relay passes them on, and trailers of both ways. */
#include <sluice/http_claim.h>
#include <sluice/http_out.h>
#include <sluice/http_relay.h>

#include "http.h"

/* What is being written. */
struct writing {
	struct sluice_http_out out;
	const struct sluice_http_response *response;
	const u8 *buf;
	enum sluice_http_framing framing;
	const struct sluice_http_relay_reply *reply;
	const char *id_name;
	u32 id_length;
	bool interim;
	bool has_date;
};

/* What comes before the response (RFC 9110 15.2) is not the response. */
static bool is_interim(const struct sluice_http_response *response)
{
	return response->status < 200 && response->status != 101;
}

/*
 * Whether content ends as the head says that it does, or there is none; or chunks go
 * on as their data alone.
 */
static bool is_framed(const struct sluice_http_response *response,
		      enum sluice_http_framing framing,
		      const struct sluice_http_relay_reply *reply)
{
	enum sluice_http_framing full;

	if (response->status == 101)
		return framing == SLUICE_HTTP_FRAMING_TUNNEL && reply->upgraded;
	full = sluice_http_response_framing(response, SLUICE_HTTP_METHOD_GET);
	return framing == SLUICE_HTTP_FRAMING_NONE || framing == full ||
	       (framing == SLUICE_HTTP_FRAMING_CLOSE && response->chunked);
}

static bool is_kept(struct writing *w, const struct sluice_http_header *header)
{
	const u8 *name = w->buf + header->name.offset;
	u32 length = header->name.length;

	if (header->field == SLUICE_HTTP_FIELD_CONTENT_LENGTH ||
	    is_hop(w->buf, header, w->response->header,
		   w->response->header_count, w->response->seen))
		return false;
	/* Chunks that do not come have no trailers. */
	if (length == sizeof("trailer") - 1 && IS_NAME(name, "trailer"))
		return w->framing == SLUICE_HTTP_FRAMING_CHUNKED;
	if (w->interim)
		return true;
	if (length == w->id_length &&
	    sluice_http_name_is(name, length, w->id_name))
		return false;
	if (length == sizeof("date") - 1 && IS_NAME(name, "date"))
		w->has_date = true;
	return true;
}

static void write_status(struct writing *w)
{
	u16 status = w->response->status;
	const char digits[] = { '0' + status / 100, '0' + status / 10 % 10,
				'0' + status % 10, ' ' };

	out_literal(&w->out, "HTTP/1.1 ");
	out_put(&w->out, digits, sizeof(digits));
	out_slice(&w->out, w->buf, w->response->reason);
	out_literal(&w->out, "\r\n");
}

static void write_ours(struct writing *w)
{
	const struct sluice_http_relay_reply *reply = w->reply;

	if (reply->date.data && !w->has_date)
		out_field(&w->out, "Date", 4, reply->date.data,
			  reply->date.len);
	if (reply->request_id.data)
		out_field(&w->out, w->id_name, w->id_length,
			  reply->request_id.data, reply->request_id.len);
	if (reply->set_cookie.data)
		out_field(&w->out, "Set-Cookie", 10, reply->set_cookie.data,
			  reply->set_cookie.len);
}

/*
 * RFC 9110 8.6: Content-Length of a response without content is that of another:
 * to GET (HEAD, 304). It bounds nothing here.
 */
static void write_framing(struct writing *w)
{
	const struct sluice_http_response *response = w->response;

	if (w->framing == SLUICE_HTTP_FRAMING_CHUNKED) {
		out_literal(&w->out, "Transfer-Encoding: chunked\r\n");
	} else if (response->has_content_length) {
		out_literal(&w->out, "Content-Length: ");
		out_number(&w->out, response->content_length);
		out_literal(&w->out, "\r\n");
	}
}

static void write_connection(struct writing *w)
{
	const struct sluice_http_response *response = w->response;
	struct out_run run = { NULL, 0 };
	u32 i;

	if (w->framing != SLUICE_HTTP_FRAMING_TUNNEL) {
		if (w->reply->close || w->framing == SLUICE_HTTP_FRAMING_CLOSE)
			out_literal(&w->out, "Connection: close\r\n");
		return;
	}
	out_literal(&w->out, "Connection: Upgrade\r\n");
	for (i = 0; i < response->header_count; i++)
		if (response->header[i].field == SLUICE_HTTP_FIELD_UPGRADE)
			out_header(&w->out, &run, w->buf, &response->header[i]);
	out_run_end(&w->out, &run);
}

/**
 * sluice_http_relay_response() - write the head for a client
 * @response: complete; also an interim one (1xx), which gets nothing of ours
 * @buf: the buffer it is in
 * @framing: by sluice_http_response_framing(), where the content goes on as it comes;
 *	SLUICE_HTTP_FRAMING_CLOSE for a client of HTTP/1.0 that gets the data of chunks
 * @reply: what is said of it
 * @out: where to; not in @buf
 * @size: room there
 *
 * What stratum proxy writes: HTTP/1.1, status and reason as they came, the server's
 * fields in their order without those about its connection, then ours, and last
 * those about content and connection. Content that ends with the connection says so
 * whatever @reply says.
 *
 * Context: any; neither sleeps nor locks.
 * Return: bytes; 0 where it does not fit, for 101 that is not let through, and where
 * @framing is not one that @response has.
 */
u32 sluice_http_relay_response(const struct sluice_http_response *response,
			       const u8 *buf, enum sluice_http_framing framing,
			       const struct sluice_http_relay_reply *reply,
			       u8 *out, u32 size)
{
	struct writing w = {
		.out = { (char *)out, (char *)out + size, false },
		.response = response,
		.buf = buf,
		.framing = framing,
		.reply = reply,
		.interim = is_interim(response),
	};
	struct out_run run = { NULL, 0 };
	u32 i;

	if (!is_framed(response, framing, reply))
		return 0;
	if (reply->request_id.data) {
		w.id_name = sluice_http_relay_id_name(reply->request_id_name);
		w.id_length = (u32)strlen(w.id_name);
	}
	write_status(&w);
	for (i = 0; i < response->header_count; i++)
		if (is_kept(&w, &response->header[i]))
			out_header(&w.out, &run, buf, &response->header[i]);
	out_run_end(&w.out, &run);
	if (!w.interim) {
		write_ours(&w);
		write_framing(&w);
		write_connection(&w);
	}
	out_literal(&w.out, "\r\n");
	return w.out.full ? 0 : (u32)(w.out.at - (char *)out);
}

/**
 * sluice_http_relay_trailers() - write what may be passed on of a trailer section
 * @trailers: complete
 * @buf: the buffer it is in
 * @out: where to; not in @buf
 * @size: room there
 *
 * Who the client is cannot be said afterwards, nor what sluice_http_trailer_allowed()
 * names.
 *
 * Return: bytes, with the empty line; 0 where it does not fit.
 */
u32 sluice_http_relay_trailers(const struct sluice_http_trailers *trailers,
			       const u8 *buf, u8 *out, u32 size)
{
	struct sluice_http_out to = { (char *)out, (char *)out + size, false };
	struct out_run run = { NULL, 0 };
	const struct sluice_http_header *header;
	u32 i;

	for (i = 0; i < trailers->header_count; i++) {
		header = &trailers->header[i];
		if (sluice_http_trailer_allowed(buf, header) &&
		    !sluice_http_claim_id(buf + header->name.offset,
					  header->name.length))
			out_header(&to, &run, buf, header);
	}
	out_run_end(&to, &run);
	out_literal(&to, "\r\n");
	return to.full ? 0 : (u32)(to.at - (char *)out);
}
