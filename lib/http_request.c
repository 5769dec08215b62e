// SPDX-License-Identifier: GPL-2.0-or-later
/* The request line of HTTP/1.x: method, target and version, RFC 9112 3. */
#include "http_scan.h"

/* RFC 9112 2.2: one empty line before the request is ignored. */
static bool parse_begin(struct scan *s, struct sluice_http_head *head)
{
	if (s->pos == s->end)
		return false;
	if (s->buf[s->pos] == '\r' && !line_end(s))
		return false;
	head->method.offset = s->pos;
	s->state = STATE_METHOD;
	return true;
}

#define IS_METHOD(name, text) (!memcmp(name, text, sizeof(text) - 1))

static enum sluice_http_method method_id(const u8 *name, u32 len)
{
	switch (len) {
	case 3:
		if (IS_METHOD(name, "GET"))
			return SLUICE_HTTP_METHOD_GET;
		if (IS_METHOD(name, "PUT"))
			return SLUICE_HTTP_METHOD_PUT;
		break;
	case 4:
		if (IS_METHOD(name, "POST"))
			return SLUICE_HTTP_METHOD_POST;
		if (IS_METHOD(name, "HEAD"))
			return SLUICE_HTTP_METHOD_HEAD;
		break;
	case 5:
		if (IS_METHOD(name, "PATCH"))
			return SLUICE_HTTP_METHOD_PATCH;
		if (IS_METHOD(name, "TRACE"))
			return SLUICE_HTTP_METHOD_TRACE;
		break;
	case 6:
		if (IS_METHOD(name, "DELETE"))
			return SLUICE_HTTP_METHOD_DELETE;
		break;
	case 7:
		if (IS_METHOD(name, "OPTIONS"))
			return SLUICE_HTTP_METHOD_OPTIONS;
		if (IS_METHOD(name, "CONNECT"))
			return SLUICE_HTTP_METHOD_CONNECT;
		break;
	}
	return SLUICE_HTTP_METHOD_OTHER;
}

static enum sluice_http_error method_error(u8 c, bool first)
{
	if (c == '\n')
		return SLUICE_HTTP_ERROR_BARE_LF;
	if (first && c == 0x16)
		return SLUICE_HTTP_ERROR_TLS;
	return SLUICE_HTTP_ERROR_METHOD;
}

static bool parse_method(struct scan *s, struct sluice_http_head *head)
{
	u32 begin = head->method.offset;
	u32 stop = begin + SLUICE_HTTP_METHOD_MAX + 1;

	s->pos = skip_class(s->buf, s->pos, s->end < stop ? s->end : stop,
			    CHAR_TOKEN);
	if (s->pos == stop)
		return refuse(s, SLUICE_HTTP_ERROR_METHOD_LONG);
	if (s->pos == s->end)
		return false;
	if (s->buf[s->pos] != ' ' || s->pos == begin)
		return refuse(s, method_error(s->buf[s->pos], s->pos == begin));
	head->method = slice(begin, s->pos);
	head->method_id = method_id(s->buf + begin, s->pos - begin);
	s->pos++;
	head->target.offset = s->pos;
	s->state = STATE_TARGET;
	return true;
}

static enum sluice_http_error target_error(u8 c)
{
	if (c == '\n')
		return SLUICE_HTTP_ERROR_BARE_LF;
	if (c == '\r')
		return SLUICE_HTTP_ERROR_VERSION_SYNTAX;
	return SLUICE_HTTP_ERROR_TARGET;
}

static bool parse_asterisk(struct scan *s, struct sluice_http_head *head)
{
	/* RFC 9113 3.4: a method that nothing else will ever have. */
	if (sluice_http_slice_is(s->buf, head->method, "PRI", 3))
		return refuse(s, SLUICE_HTTP_ERROR_HTTP2);
	if (head->method_id != SLUICE_HTTP_METHOD_OPTIONS)
		return refuse(s, SLUICE_HTTP_ERROR_TARGET_FORM);
	s->pos++;
	head->form = SLUICE_HTTP_FORM_ASTERISK;
	head->path = slice(s->pos, s->pos);
	s->state = STATE_TARGET_END;
	return true;
}

/*
 * Schemes are few and short, so their bytes are looked at from the first one
 * until they are all there. Other schemes than these do not come to a server.
 */
static bool parse_scheme(struct scan *s, struct sluice_http_head *head)
{
	static const u8 http[] = "http://", https[] = "https://";
	const u8 *p = s->buf + s->pos;
	u32 n = s->end - s->pos, i = 0, j = 0;

	while (i < n && http[i] && to_lower(p[i]) == http[i])
		i++;
	while (j < n && https[j] && to_lower(p[j]) == https[j])
		j++;
	if (!http[i]) {
		head->scheme = SLUICE_HTTP_SCHEME_HTTP;
		s->pos += i;
	} else if (!https[j]) {
		head->scheme = SLUICE_HTTP_SCHEME_HTTPS;
		s->pos += j;
	} else if (i == n || j == n) {
		return false;
	} else {
		return refuse(s, is_char(p[0], CHAR_TOKEN) ?
					 SLUICE_HTTP_ERROR_TARGET_FORM :
					 target_error(p[0]));
	}
	head->form = SLUICE_HTTP_FORM_ABSOLUTE;
	s->state = STATE_AUTHORITY;
	s->mark = s->pos;
	return true;
}

/* The form of the target, by method and first character: RFC 9112 3.2. */
static bool parse_target(struct scan *s, struct sluice_http_head *head)
{
	if (head->method_id == SLUICE_HTTP_METHOD_CONNECT) {
		head->form = SLUICE_HTTP_FORM_AUTHORITY;
		s->state = STATE_AUTHORITY;
		s->mark = s->pos;
		return true;
	}
	if (s->pos == s->end)
		return false;
	switch (s->buf[s->pos]) {
	case '/':
		head->form = SLUICE_HTTP_FORM_ORIGIN;
		head->path.offset = s->pos;
		s->state = STATE_PATH;
		return true;
	case '*':
		return parse_asterisk(s, head);
	default:
		return parse_scheme(s, head);
	}
}

/*
 * Go to the end of characters of @class in the target. False if that has not come
 * within what there is or may be.
 */
static bool skip_target(struct scan *s, struct sluice_http_head *head, u8 class)
{
	u32 stop = head->target.offset + head->limits.target + 1;
	u32 end = s->end < stop ? s->end : stop, left;

	for (;;) {
		if (s->pos < end)
			s->pos = skip_class(s->buf, s->pos, end, class);
		if (s->pos >= stop)
			return refuse(s, SLUICE_HTTP_ERROR_TARGET_LONG);
		if (s->pos == s->end)
			return false;
		if (s->buf[s->pos] != '%' || class == CHAR_AUTHORITY)
			return true;
		left = s->end - s->pos;
		if ((left > 1 && !is_char(s->buf[s->pos + 1], CHAR_HEX)) ||
		    (left > 2 && !is_char(s->buf[s->pos + 2], CHAR_HEX)))
			return refuse(s, SLUICE_HTTP_ERROR_PERCENT);
		if (left < 3)
			return false;
		s->pos += 3;
	}
}

/* Host and port of an absolute target, or those that are the target of CONNECT. */
static bool parse_authority(struct scan *s, struct sluice_http_head *head)
{
	bool connect = head->form == SLUICE_HTTP_FORM_AUTHORITY;
	struct http_authority authority;
	u8 c;

	if (!skip_target(s, head, CHAR_AUTHORITY))
		return false;
	c = s->buf[s->pos];
	if (c != ' ' && (connect || (c != '/' && c != '?'))) {
		if (c <= ' ' || c >= 0x7f)
			return refuse(s, target_error(c));
		return refuse(s, connect && c == '/' ?
					 SLUICE_HTTP_ERROR_TARGET_FORM :
					 SLUICE_HTTP_ERROR_AUTHORITY);
	}
	if (!sluice_http_authority_parse(s->buf, slice(s->mark, s->pos),
					 &authority) ||
	    authority.kind == SLUICE_HTTP_HOST_NONE ||
	    (connect && !authority.has_port))
		return refuse(s, SLUICE_HTTP_ERROR_AUTHORITY);
	head->host = authority.host;
	head->host_kind = authority.kind;
	head->port = authority.port;
	head->path = slice(s->pos, s->pos);
	s->state = connect ? STATE_TARGET_END : STATE_PATH;
	return true;
}

static bool parse_path(struct scan *s, struct sluice_http_head *head)
{
	if (!skip_target(s, head, CHAR_PATH))
		return false;
	head->path = slice(head->path.offset, s->pos);
	if (s->buf[s->pos] != '?') {
		s->state = STATE_TARGET_END;
		return true;
	}
	s->pos++;
	head->has_query = true;
	head->query.offset = s->pos;
	s->state = STATE_QUERY;
	return true;
}

static bool parse_query(struct scan *s, struct sluice_http_head *head)
{
	if (!skip_target(s, head, CHAR_QUERY))
		return false;
	head->query = slice(head->query.offset, s->pos);
	s->state = STATE_TARGET_END;
	return true;
}

static bool parse_target_end(struct scan *s, struct sluice_http_head *head)
{
	if (s->pos == s->end)
		return false;
	if (s->buf[s->pos] != ' ')
		return refuse(s, target_error(s->buf[s->pos]));
	head->target = slice(head->target.offset, s->pos);
	s->pos++;
	s->state = STATE_VERSION;
	return true;
}

static bool parse_version(struct scan *s, struct sluice_http_head *head)
{
	static const u8 text[] = "HTTP/#.#\r\n";

	if (!read_version(s, text, &head->minor))
		return false;
	s->state = STATE_LINE;
	return true;
}

/**
 * sluice_http_request_line() - go on with the request line
 * @s: where the parser is, before STATE_LINE
 * @head: what the line says
 *
 * States come in this order, some of them not at all.
 *
 * Return: whether it is complete. If not, it is refused or there are no more bytes.
 */
bool sluice_http_request_line(struct scan *s, struct sluice_http_head *head)
{
	if (s->state == STATE_BEGIN && !parse_begin(s, head))
		return false;
	if (s->state == STATE_METHOD && !parse_method(s, head))
		return false;
	if (s->state == STATE_TARGET && !parse_target(s, head))
		return false;
	if (s->state == STATE_AUTHORITY && !parse_authority(s, head))
		return false;
	if (s->state == STATE_PATH && !parse_path(s, head))
		return false;
	if (s->state == STATE_QUERY && !parse_query(s, head))
		return false;
	if (s->state == STATE_TARGET_END && !parse_target_end(s, head))
		return false;
	return parse_version(s, head);
}
