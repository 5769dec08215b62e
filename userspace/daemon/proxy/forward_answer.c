// SPDX-License-Identifier: GPL-2.0-or-later
/* Responses of our own: errors, redirects, fixed answers. */
#include "forward_clock.h"
#include "forward_pages.h"
#include "forward_parts.h"

/* The body where there is none: "404 Not Found" and a line's end. */
#define LINE_MAX 64

const char *forward_reason(unsigned int status)
{
	static const struct {
		unsigned int status;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 203, "Non-Authoritative Information" },
		{ 204, "No Content" },
		{ 205, "Reset Content" },
		{ 206, "Partial Content" },
		{ 300, "Multiple Choices" },
		{ 301, "Moved Permanently" },
		{ 302, "Found" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 307, "Temporary Redirect" },
		{ 308, "Permanent Redirect" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 402, "Payment Required" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 407, "Proxy Authentication Required" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 411, "Length Required" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 416, "Range Not Satisfiable" },
		{ 417, "Expectation Failed" },
		{ 421, "Misdirected Request" },
		{ 422, "Unprocessable Content" },
		{ 423, "Locked" },
		{ 424, "Failed Dependency" },
		{ 425, "Too Early" },
		{ 426, "Upgrade Required" },
		{ 428, "Precondition Required" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 451, "Unavailable For Legal Reasons" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
		{ 507, "Insufficient Storage" },
		{ 508, "Loop Detected" },
		{ 511, "Network Authentication Required" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

/* RFC 9110 15.3.5, 15.4.5: these have no content, and nothing says so. */
static bool has_content(unsigned int status)
{
	return status >= 200 && status != 204 && status != 304;
}

/* The body, and its type; @line has room for LINE_MAX bytes. */
static struct sluice_text body_of(const struct forward_answer *answer,
				  char *line, const char **type)
{
	const struct forward_page *page;
	struct sluice_http_out out = { line, line + LINE_MAX, false };

	*type = answer->type ? answer->type : "text/plain; charset=utf-8";
	if (answer->body.data)
		return answer->body;
	page = forward_pages_status(answer->pages, answer->status);
	if (page) {
		*type = page->type;
		return page->body;
	}
	out_number(&out, answer->status);
	out_put(&out, OUT_TEXT(" "));
	out_string(&out, forward_reason(answer->status));
	out_put(&out, OUT_TEXT("\n"));
	return (struct sluice_text){ line, (u32)(out.at - line) };
}

/* Whether a field of ours is not given by the answer, nor changed. */
static bool is_ours(const struct forward_answer *answer,
		    const struct forward_changes *changes, const char *name,
		    size_t length)
{
	for (size_t i = 0; answer->headers && i < answer->headers->count; i++)
		if (sluice_http_name_is((const u8 *)name, (u32)length,
					answer->headers->items[i].name))
			return false;
	return forward_keeps(changes, name, length);
}

static void write_fields(struct sluice_http_out *out,
			 const struct forward_answer *answer, const char *type,
			 bool content)
{
	const char *id = answer->service->http ?
				 answer->service->http->request_id :
				 NULL;
	struct forward_changes changes =
		forward_changes_of(answer->service, answer->route, true);

	if (answer->date && is_ours(answer, &changes, OUT_TEXT("Date")))
		out_field(out, OUT_TEXT("Date"), answer->date,
			  FORWARD_DATE_LENGTH);
	if (content && is_ours(answer, &changes, OUT_TEXT("Content-Type")))
		out_field(out, OUT_TEXT("Content-Type"), type, strlen(type));
	if (answer->location.data &&
	    is_ours(answer, &changes, OUT_TEXT("Location")))
		out_field(out, OUT_TEXT("Location"), answer->location.data,
			  answer->location.len);
	if (id && answer->request_id &&
	    is_ours(answer, &changes, id, strlen(id)))
		out_field(out, id, strlen(id), answer->request_id,
			  strlen(answer->request_id));
	for (size_t i = 0; answer->headers && i < answer->headers->count; i++) {
		const struct check_header *pair = &answer->headers->items[i];

		if (forward_keeps(&changes, pair->name, strlen(pair->name)))
			out_field(out, pair->name, strlen(pair->name),
				  pair->value, strlen(pair->value));
	}
	forward_changes_write(out, &changes);
}

ssize_t forward_answer_write(char *to, size_t size,
			     const struct forward_answer *answer,
			     struct sluice_text *left)
{
	struct sluice_http_out out = { to, to + size, false };
	const char *reason = forward_reason(answer->status), *type;
	bool content = has_content(answer->status);
	struct sluice_text body;
	char line[LINE_MAX];

	*left = (struct sluice_text){ NULL, 0 };
	body = body_of(answer, line, &type);
	forward_begin_write(&out, answer->status, reason, strlen(reason));
	write_fields(&out, answer, type, content);
	if (content)
		forward_framing_write(&out, FORWARD_LENGTH, body.len);
	forward_persist_write(&out, answer->keep_alive, answer->minor);
	out_put(&out, OUT_TEXT("\r\n"));
	if (out.full || !content || answer->head_only || !body.len)
		return out_end(&out, to);
	if (body.len <= (size_t)(out.end - out.at))
		out_put(&out, body.data, body.len);
	else if (body.data != line)
		*left = body;
	else
		out.full = true;
	return out_end(&out, to);
}

ssize_t forward_location(char *to, size_t size,
			 const struct config_redirect *redirect,
			 const struct forward_request *request)
{
	const struct sluice_http_head *head = request->head;
	struct sluice_http_out out = { to, to + size, false };

	if (strcmp(redirect->to, "https") != 0) {
		out_string(&out, redirect->to);
		return out_end(&out, to);
	}
	out_put(&out, OUT_TEXT("https://"));
	if (head->host.length)
		out_slice(&out, request->buf, head->host);
	else
		forward_local_write(&out, &request->client->local.address);
	out_put(&out, request->path.data, request->path.len);
	if (head->has_query)
		out_put(&out, OUT_TEXT("?"));
	out_slice(&out, request->buf, head->query);
	return out_end(&out, to);
}
