// SPDX-License-Identifier: GPL-2.0-or-later
/* The head of an HTTP/1.x response, RFC 9112: its status line, and all of it. */
#include <sluice/http_response.h>

#include "http_scan.h"

static bool is_status(u16 status, u16 class)
{
	return status / 100 == class;
}

/*
 * Three digits from 100 on, and a space. The space belongs to the reason, and some
 * servers leave both out: that can be taken for nothing else.
 */
static bool parse_status(struct scan *s, struct sluice_http_response *response)
{
	const u8 *p = s->buf + s->pos;
	u32 n = s->end - s->pos, i;

	for (i = 0; i < n && i < 3; i++)
		if (!is_digit(p[i]) || p[0] == '0')
			return refuse(s, p[i] == '\n' ?
						 SLUICE_HTTP_ERROR_BARE_LF :
						 SLUICE_HTTP_ERROR_STATUS);
	if (n < 4)
		return false;
	if (p[3] == '\n')
		return refuse(s, SLUICE_HTTP_ERROR_BARE_LF);
	if (p[3] != ' ' && p[3] != '\r')
		return refuse(s, SLUICE_HTTP_ERROR_STATUS);
	response->status = (p[0] - '0') * 100 + (p[1] - '0') * 10 + p[2] - '0';
	s->pos += p[3] == ' ' ? 4 : 3;
	s->mark = s->pos;
	s->state = STATE_REASON;
	return true;
}

static bool parse_reason(struct scan *s, struct sluice_http_response *response)
{
	u32 end;

	if (!sluice_http_text_read(s, &end)) {
		if (s->error == SLUICE_HTTP_ERROR_VALUE)
			s->error = SLUICE_HTTP_ERROR_STATUS;
		return false;
	}
	response->reason = slice(s->mark, end);
	s->state = STATE_LINE;
	return true;
}

/* Return: whether the status line is complete. */
static bool parse_status_line(struct scan *s,
			      struct sluice_http_response *response)
{
	static const u8 text[] = "HTTP/#.# ";

	if (s->state == STATE_VERSION) {
		if (!read_version(s, text, &response->minor))
			return false;
		s->state = STATE_STATUS;
	}
	if (s->state == STATE_STATUS && !parse_status(s, response))
		return false;
	return s->state == STATE_LINE || parse_reason(s, response);
}

/*
 * A status by which there is no content, RFC 9112 6.3. A server that announces
 * some all the same may send it, and the next response would begin there; so only
 * the length of nothing is taken, which many send with 204, against RFC 9110 8.6.
 */
static enum sluice_http_error
read_bare_end(struct sluice_http_response *response)
{
	if ((response->seen & SEEN_CODING) || response->content_length)
		return SLUICE_HTTP_ERROR_STATUS_CONTENT;
	response->has_content_length = false;
	/* RFC 9110 15.2.2. */
	if (response->status == 101 && !response->upgrade)
		return SLUICE_HTTP_ERROR_SWITCH;
	return SLUICE_HTTP_ERROR_NONE;
}

/* What takes all header fields to know. */
static enum sluice_http_error read_end(struct sluice_http_response *response)
{
	enum sluice_http_error error;
	u16 seen = response->seen;

	error = sluice_http_codings_end(seen);
	if (error)
		return error;
	response->has_content_length = seen & SEEN_LENGTH;
	response->chunked = seen & SEEN_CODING;
	response->keep_alive = keeps_alive(seen, response->minor);
	response->upgrade = has_upgrade(seen, response->minor);
	response->websocket = response->upgrade && !(seen & SEEN_PROTOCOL);
	if (is_status(response->status, 1) || response->status == 204)
		return read_bare_end(response);
	return SLUICE_HTTP_ERROR_NONE;
}

static void read_section(struct scan *s, struct sluice_http_response *response)
{
	const struct sluice_http_header *header;

	while (!s->error && sluice_http_section_scan(s)) {
		header = &s->header[s->header_count - 1];
		s->error = sluice_http_message_field(s->buf, header,
						     response->minor,
						     &response->seen,
						     &response->content_length);
	}
	if (s->state != STATE_DONE)
		return;
	response->length = s->pos;
	s->error = read_end(response);
}

/**
 * sluice_http_response_init() - begin with a new response
 * @response: what was in it is lost
 * @limits: what it may have, or NULL for SLUICE_HTTP_HEAD_DEFAULT and
 *	SLUICE_HTTP_HEADERS_MAX
 *
 * An interim response (1xx but 101) is one, too: the next one is begun behind it.
 */
void sluice_http_response_init(struct sluice_http_response *response,
			       const struct sluice_http_limits *limits)
{
	memset(response, 0, offsetof(struct sluice_http_response, header));
	response->limits = sluice_http_limits_complete(limits);
	response->state = STATE_VERSION;
}

/**
 * sluice_http_response_parse() - go on with a response
 * @response: from sluice_http_response_init(), and kept between calls
 * @buf: all bytes so far, from the first; may be elsewhere than in the last call
 * @len: how many there are, not fewer than in the last call; what is behind the
 *	head is not looked at
 *
 * As sluice_http_head_parse(). No empty line may come before: it would be content
 * of the response before this one, of which the server has another idea than we.
 *
 * Context: any; neither sleeps nor locks.
 * Return: whether more bytes are needed, or the head is complete or refused. A
 * server whose response is refused is answered for with 502.
 */
enum sluice_http_result
sluice_http_response_parse(struct sluice_http_response *response, const u8 *buf,
			   u32 len)
{
	u32 limit = response->limits.head;
	struct scan s = {
		.buf = buf,
		.pos = response->pos,
		.end = len < limit ? len : limit,
		.mark = response->mark,
		.state = response->state,
		.header_count = response->header_count,
		.header_max = response->limits.headers,
		.error = response->error,
		.header = response->header,
	};

	if (!s.error && s.state != STATE_DONE && s.end > s.pos) {
		if (s.state >= STATE_LINE || parse_status_line(&s, response))
			read_section(&s, response);
		if (!s.error && s.state != STATE_DONE && len >= limit)
			s.error = SLUICE_HTTP_ERROR_HEAD_LONG;
	}
	response->pos = s.pos;
	response->mark = s.mark;
	response->state = s.state;
	response->header_count = s.header_count;
	response->error = s.error;
	return scan_result(&s);
}

/**
 * sluice_http_response_framing() - learn where the content of a response ends
 * @response: complete
 * @method: of the request that it answers
 *
 * RFC 9112 6.3, in its order. A response to HEAD, and 304, may have Content-Length
 * or Transfer-Encoding all the same: of what GET would get.
 *
 * Return: how it ends. Where it is SLUICE_HTTP_FRAMING_CLOSE, the connection cannot
 * persist, whatever &sluice_http_response.keep_alive says.
 */
enum sluice_http_framing
sluice_http_response_framing(const struct sluice_http_response *response,
			     enum sluice_http_method method)
{
	u16 status = response->status;

	if (status == 101)
		return SLUICE_HTTP_FRAMING_TUNNEL;
	if (method == SLUICE_HTTP_METHOD_HEAD || is_status(status, 1) ||
	    status == 204 || status == 304)
		return SLUICE_HTTP_FRAMING_NONE;
	if (method == SLUICE_HTTP_METHOD_CONNECT && is_status(status, 2))
		return SLUICE_HTTP_FRAMING_TUNNEL;
	if (response->chunked)
		return SLUICE_HTTP_FRAMING_CHUNKED;
	return response->has_content_length ? SLUICE_HTTP_FRAMING_LENGTH :
					      SLUICE_HTTP_FRAMING_CLOSE;
}

/**
 * sluice_http_response_hop() - is it a header field for this connection only?
 * @response: complete
 * @buf: the buffer it is in
 * @header: one of its fields
 *
 * As sluice_http_header_hop().
 *
 * Return: whether it is.
 */
bool sluice_http_response_hop(const struct sluice_http_response *response,
			      const u8 *buf,
			      const struct sluice_http_header *header)
{
	return is_hop(buf, header, response->header, response->header_count,
		      response->seen);
}
