// SPDX-License-Identifier: GPL-2.0-or-later
/* Responses on their way to clients, and trailers of both ways. */
#include "forward_clock.h"
#include "forward_parts.h"

/* What is being written. */
struct writing {
	struct sluice_http_out out;
	const struct forward_response *response;
	struct forward_changes changes;
	const char *request_id_name;
	bool has_date;
};

static bool is_kept(struct writing *w, const struct sluice_http_header *header)
{
	const struct forward_response *response = w->response;
	const u8 *name = response->buf + header->name.offset;
	u32 length = header->name.length;

	if (header->field == SLUICE_HTTP_FIELD_CONTENT_LENGTH ||
	    sluice_http_response_hop(response->head, response->buf, header))
		return false;
	if (length == 7 && response->framing != FORWARD_CHUNKED &&
	    sluice_http_name_is(name, length, "trailer"))
		return false;
	if (w->request_id_name &&
	    sluice_http_name_is(name, length, w->request_id_name))
		return false;
	if (!forward_keeps(&w->changes, (const char *)name, length))
		return false;
	if (length == 4 && sluice_http_name_is(name, length, "date"))
		w->has_date = true;
	return true;
}

static void write_ours(struct writing *w)
{
	const struct forward_response *response = w->response;
	struct sluice_http_out *out = &w->out;

	if (response->date && !w->has_date &&
	    forward_keeps(&w->changes, OUT_TEXT("Date")))
		out_field(out, OUT_TEXT("Date"), response->date,
			  FORWARD_DATE_LENGTH);
	if (w->request_id_name && forward_keeps(&w->changes, w->request_id_name,
						strlen(w->request_id_name)))
		out_field(out, w->request_id_name, strlen(w->request_id_name),
			  response->request_id, strlen(response->request_id));
	forward_changes_write(out, &w->changes);
	if (response->cookie)
		out_field(out, OUT_TEXT("Set-Cookie"), response->cookie,
			  strlen(response->cookie));
}

static void write_connection(struct writing *w)
{
	const struct forward_response *response = w->response;
	const struct sluice_http_response *head = response->head;
	struct out_run run = { NULL, 0 };

	if (!response->upgrade || head->status != 101) {
		forward_persist_write(&w->out,
				      response->keep_alive &&
					      response->framing !=
						      FORWARD_CLOSE,
				      response->minor);
		return;
	}
	out_put(&w->out, OUT_TEXT("Connection: Upgrade\r\n"));
	for (u32 i = 0; i < head->header_count; i++)
		if (head->header[i].field == SLUICE_HTTP_FIELD_UPGRADE)
			out_header(&w->out, &run, response->buf,
				   &head->header[i]);
	out_run_end(&w->out, &run);
}

/*
 * RFC 9110 8.6: Content-Length of a response without content is that of another:
 * to GET (HEAD, 304). It bounds nothing here. 204 and 1xx have none.
 */
static bool tells_length(const struct forward_response *response)
{
	const struct sluice_http_response *head = response->head;

	return response->framing == FORWARD_NONE && head->has_content_length &&
	       head->status >= 200 && head->status != 204;
}

ssize_t forward_response_write(char *to, size_t size,
			       const struct forward_response *response)
{
	const struct sluice_http_response *head = response->head;
	/* What comes before the response (RFC 9110 15.2) is not the response. */
	bool interim = head->status < 200 && head->status != 101;
	struct out_run run = { NULL, 0 };
	struct writing w = {
		.out = { to, to + size, false },
		.response = response,
	};

	if (!interim) {
		w.changes = forward_changes_of(response->service,
					       response->route, true);
		if (response->request_id && response->service->http)
			w.request_id_name = response->service->http->request_id;
	}
	forward_begin_write(&w.out, head->status,
			    (const char *)response->buf + head->reason.offset,
			    head->reason.length);
	for (u32 i = 0; i < head->header_count; i++)
		if (is_kept(&w, &head->header[i]))
			out_header(&w.out, &run, response->buf,
				   &head->header[i]);
	out_run_end(&w.out, &run);
	if (!interim) {
		write_ours(&w);
		forward_framing_write(
			&w.out,
			tells_length(response) ? FORWARD_LENGTH :
						 response->framing,
			head->has_content_length ? head->content_length : 0);
		write_connection(&w);
	}
	out_put(&w.out, OUT_TEXT("\r\n"));
	return out_end(&w.out, to);
}

ssize_t forward_trailers_write(char *to, size_t size, const uint8_t *buf,
			       const struct sluice_http_trailers *trailers)
{
	struct sluice_http_out out = { to, to + size, false };
	struct out_run run = { NULL, 0 };

	for (u32 i = 0; i < trailers->header_count; i++) {
		const struct sluice_http_header *header = &trailers->header[i];

		/* Who the client is cannot be said afterwards. */
		if (sluice_http_trailer_allowed(buf, header) &&
		    sluice_http_claim_id(buf + header->name.offset,
					 header->name.length) ==
			    SLUICE_HTTP_CLAIM_NONE)
			out_header(&out, &run, buf, header);
	}
	out_run_end(&out, &run);
	out_put(&out, OUT_TEXT("\r\n"));
	return out_end(&out, to);
}
