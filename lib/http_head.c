// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The head of an HTTP/1.x request, RFC 9112: what its fields say of where it goes,
 * and all of it.
 */
#include "http_scan.h"

/*
 * RFC 9112 3.2.2 has a target's host win over Host. But a server behind us may
 * see it the other way round, so they have to agree; a port that the scheme
 * implies may be left out. In 3.2.3 CONNECT has a port that Host has not.
 */
static bool same_authority(const struct sluice_http_head *head, const u8 *buf,
			   const struct http_authority *host)
{
	u16 implied = head->scheme == SLUICE_HTTP_SCHEME_HTTPS ? 443 : 80;

	if (!same_text(buf, head->host, host->host))
		return false;
	if (head->form == SLUICE_HTTP_FORM_AUTHORITY)
		return !host->has_port || host->port == head->port;
	return (host->has_port ? host->port : implied) ==
	       (head->port ? head->port : implied);
}

static enum sluice_http_error read_host(struct sluice_http_head *head,
					const u8 *buf,
					struct sluice_http_slice value)
{
	struct http_authority authority;

	if (head->seen & SEEN_HOST)
		return SLUICE_HTTP_ERROR_HOST_REPEATED;
	head->seen |= SEEN_HOST;
	if (!sluice_http_authority_parse(buf, value, &authority))
		return SLUICE_HTTP_ERROR_HOST;
	if (head->form == SLUICE_HTTP_FORM_ABSOLUTE ||
	    head->form == SLUICE_HTTP_FORM_AUTHORITY)
		return same_authority(head, buf, &authority) ?
			       SLUICE_HTTP_ERROR_NONE :
			       SLUICE_HTTP_ERROR_HOST_DIFFERS;
	head->host = authority.host;
	head->host_kind = authority.kind;
	head->port = authority.port;
	return SLUICE_HTTP_ERROR_NONE;
}

/* RFC 9110 10.1.1, by which it means nothing in HTTP/1.0. */
static enum sluice_http_error read_expect(struct sluice_http_head *head,
					  const u8 *buf,
					  struct sluice_http_slice rest)
{
	struct sluice_http_slice item;

	if (!head->minor)
		return SLUICE_HTTP_ERROR_NONE;
	while (sluice_http_list_next(buf, &rest, &item)) {
		if (!IS(buf, item, "100-continue"))
			return SLUICE_HTTP_ERROR_EXPECT;
		head->expect_continue = true;
	}
	return SLUICE_HTTP_ERROR_NONE;
}

static enum sluice_http_error
read_field(struct sluice_http_head *head, const u8 *buf,
	   const struct sluice_http_header *header)
{
	switch (header->field) {
	case SLUICE_HTTP_FIELD_HOST:
		return read_host(head, buf, header->value);
	case SLUICE_HTTP_FIELD_EXPECT:
		return read_expect(head, buf, header->value);
	default:
		return sluice_http_message_field(buf, header, head->minor,
						 &head->seen,
						 &head->content_length);
	}
}

/* What takes all header fields to know. */
static enum sluice_http_error read_end(struct sluice_http_head *head)
{
	enum sluice_http_error error;
	u16 seen = head->seen;

	if (head->minor && !(seen & SEEN_HOST))
		return SLUICE_HTTP_ERROR_HOST_MISSING;
	error = sluice_http_codings_end(seen);
	if (error)
		return error;
	head->has_content_length = seen & SEEN_LENGTH;
	head->chunked = seen & SEEN_CODING;
	/* RFC 9110 9.3.6: what follows is the tunnel's, if there is one. */
	if (head->method_id == SLUICE_HTTP_METHOD_CONNECT &&
	    (head->chunked || head->content_length))
		return SLUICE_HTTP_ERROR_CONTENT;
	head->keep_alive = keeps_alive(seen, head->minor);
	head->upgrade = has_upgrade(seen, head->minor);
	head->websocket = head->upgrade && !(seen & SEEN_PROTOCOL);
	return SLUICE_HTTP_ERROR_NONE;
}

static void read_section(struct scan *s, struct sluice_http_head *head)
{
	while (!s->error && sluice_http_section_scan(s))
		s->error = read_field(head, s->buf,
				      &s->header[s->header_count - 1]);
	if (s->state != STATE_DONE)
		return;
	head->length = s->pos;
	s->error = read_end(head);
}

/**
 * sluice_http_head_init() - begin with a new head
 * @head: what was in it is lost
 * @limits: what it may have, or NULL for SLUICE_HTTP_HEAD_DEFAULT,
 *	SLUICE_HTTP_TARGET_DEFAULT and SLUICE_HTTP_HEADERS_MAX
 */
void sluice_http_head_init(struct sluice_http_head *head,
			   const struct sluice_http_limits *limits)
{
	memset(head, 0, offsetof(struct sluice_http_head, header));
	head->limits = sluice_http_limits_complete(limits);
	head->state = STATE_BEGIN;
}

/**
 * sluice_http_head_parse() - go on with a head
 * @head: from sluice_http_head_init(), and kept between calls
 * @buf: all bytes so far, from the first; may be elsewhere than in the last call
 * @len: how many there are, not fewer than in the last call; what is behind the
 *	head is not looked at
 *
 * The time of all calls for a head is linear in the length of the head and the
 * number of calls. What comes out does not depend on how the bytes were cut into
 * calls. After SLUICE_HTTP_DONE and SLUICE_HTTP_REFUSED a call returns the same
 * again.
 *
 * Context: any; neither sleeps nor locks.
 * Return: whether more bytes are needed, or the head is complete or refused.
 */
enum sluice_http_result sluice_http_head_parse(struct sluice_http_head *head,
					       const u8 *buf, u32 len)
{
	u32 limit = head->limits.head;
	struct scan s = {
		.buf = buf,
		.pos = head->pos,
		.end = len < limit ? len : limit,
		.mark = head->mark,
		.state = head->state,
		.header_count = head->header_count,
		.header_max = head->limits.headers,
		.error = head->error,
		.header = head->header,
	};

	if (!s.error && s.state != STATE_DONE && s.end > s.pos) {
		if (s.state >= STATE_LINE || sluice_http_request_line(&s, head))
			read_section(&s, head);
		if (!s.error && s.state != STATE_DONE && len >= limit)
			s.error = s.state >= STATE_TARGET &&
						  s.state <= STATE_TARGET_END ?
					  SLUICE_HTTP_ERROR_TARGET_LONG :
					  SLUICE_HTTP_ERROR_HEAD_LONG;
	}
	head->pos = s.pos;
	head->mark = s.mark;
	head->state = s.state;
	head->header_count = s.header_count;
	head->error = s.error;
	return scan_result(&s);
}
