// SPDX-License-Identifier: GPL-2.0-or-later
/* What a route is looked for with, out of the head of an HTTP/1.x request. */
#include <sluice/http_describe.h>

#include "http.h"

static const struct sluice_http_request *
request_of(const struct sluice_request *req)
{
	return (const void *)((const char *)req -
			      offsetof(struct sluice_http_request, req));
}

static struct sluice_text text(const u8 *buf, struct sluice_http_slice slice)
{
	return (struct sluice_text){ (const char *)buf + slice.offset,
				     slice.length };
}

static bool next_header(const struct sluice_request *req,
			struct sluice_text name, u32 *pos,
			struct sluice_text *value)
{
	const struct sluice_http_request *request = request_of(req);
	const struct sluice_http_head *head = request->head;
	const struct sluice_http_header *last, *header;

	last = *pos ? &head->header[*pos - 1] : NULL;
	header = sluice_http_header_next(head, request->buf, name.data,
					 name.len, last);
	if (!header)
		return false;
	*pos = header - head->header + 1;
	*value = text(request->buf, header->value);
	return true;
}

static bool next_cookie(const struct sluice_request *req,
			struct sluice_text name, u32 *pos,
			struct sluice_text *value)
{
	const struct sluice_http_request *request = request_of(req);
	struct sluice_http_cursor cursor = {
		.header = *pos >> 16,
		.offset = *pos & 0xffff,
	};
	struct sluice_http_pair cookie;

	while (sluice_http_cookie_next(request->head, request->buf, &cursor,
				       &cookie)) {
		if (cookie.name.length != name.len ||
		    memcmp(request->buf + cookie.name.offset, name.data,
			   name.len))
			continue;
		*pos = (u32)cursor.header << 16 | cursor.offset;
		*value = text(request->buf, cookie.value);
		return true;
	}
	return false;
}

/**
 * sluice_http_describe() - fill in what a head says
 * @request: what the head does not say is filled in already, and stays: source,
 *	hash, path, and as @port that of the service, where the head names none
 * @head: complete
 * @buf: the buffer it is in
 */
void sluice_http_describe(struct sluice_http_request *request,
			  const struct sluice_http_head *head, const u8 *buf)
{
	struct sluice_request *req = &request->req;

	request->head = head;
	request->buf = buf;
	if (head->port)
		req->port = head->port;
	req->host = text(buf, head->host);
	req->method = text(buf, head->method);
	if (head->has_query)
		req->query = text(buf, head->query);
	req->next_header = next_header;
	req->next_cookie = next_cookie;
}

/**
 * sluice_http_describe_path() - fill in the path, too
 * @request: by sluice_http_describe()
 * @path: where its normal form is written; stays as long as @request
 * @size: room there, SLUICE_HTTP_TARGET_DEFAULT is always enough
 *
 * CONNECT and "*" have no path, which is right.
 *
 * Return: whether it is right. Not so if there is no room.
 */
bool sluice_http_describe_path(struct sluice_http_request *request, u8 *path,
			       u32 size)
{
	const struct sluice_http_head *head = request->head;
	u32 length;

	if (head->form == SLUICE_HTTP_FORM_AUTHORITY ||
	    head->form == SLUICE_HTTP_FORM_ASTERISK)
		return true;
	length = sluice_http_path_normalise(request->buf + head->path.offset,
					    head->path.length, path, size);
	request->req.path = (struct sluice_text){ (const char *)path, length };
	return length;
}
