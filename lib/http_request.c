// SPDX-License-Identifier: GPL-2.0-or-later
/* The request line of HTTP/1.x: method, target and version, RFC 9112 3. */
#include "http_scan.h"

/* RFC 9112 2.2: one empty line before the request is ignored. */
static bool parse_begin(struct scan *s)
{
	struct sluice_http_head *head = s->head;

	if (s->pos == s->end)
		return false;
	if (s->buf[s->pos] == '\r' && !line_end(s))
		return false;
	head->method.offset = s->pos;
	head->state = STATE_METHOD;
	return true;
}

static enum sluice_http_method method_id(const u8 *name, u32 len)
{
	static const struct {
		char name[8];
		u8 length;
		u8 id;
	} known[] = {
		{ "GET", 3, SLUICE_HTTP_METHOD_GET },
		{ "POST", 4, SLUICE_HTTP_METHOD_POST },
		{ "HEAD", 4, SLUICE_HTTP_METHOD_HEAD },
		{ "PUT", 3, SLUICE_HTTP_METHOD_PUT },
		{ "DELETE", 6, SLUICE_HTTP_METHOD_DELETE },
		{ "OPTIONS", 7, SLUICE_HTTP_METHOD_OPTIONS },
		{ "PATCH", 5, SLUICE_HTTP_METHOD_PATCH },
		{ "CONNECT", 7, SLUICE_HTTP_METHOD_CONNECT },
		{ "TRACE", 5, SLUICE_HTTP_METHOD_TRACE },
		{ "", 0, SLUICE_HTTP_METHOD_OTHER },
	};
	u32 i;

	for (i = 0; known[i].length; i++)
		if (known[i].length == len && !memcmp(known[i].name, name, len))
			return known[i].id;
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

static bool parse_method(struct scan *s)
{
	struct sluice_http_head *head = s->head;
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
	head->state = STATE_TARGET;
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

static bool parse_asterisk(struct scan *s)
{
	struct sluice_http_head *head = s->head;

	/* RFC 9113 3.4: a method that nothing else will ever have. */
	if (sluice_http_slice_is(s->buf, head->method, "PRI", 3))
		return refuse(s, SLUICE_HTTP_ERROR_HTTP2);
	if (head->method_id != SLUICE_HTTP_METHOD_OPTIONS)
		return refuse(s, SLUICE_HTTP_ERROR_TARGET_FORM);
	s->pos++;
	head->form = SLUICE_HTTP_FORM_ASTERISK;
	head->path = slice(s->pos, s->pos);
	head->state = STATE_TARGET_END;
	return true;
}

/*
 * Schemes are few and short, so their bytes are looked at from the first one
 * until they are all there. Other schemes than these do not come to a server.
 */
static bool parse_scheme(struct scan *s)
{
	static const u8 http[] = "http://", https[] = "https://";
	const u8 *p = s->buf + s->pos;
	u32 n = s->end - s->pos, i = 0, j = 0;

	while (i < n && http[i] && to_lower(p[i]) == http[i])
		i++;
	while (j < n && https[j] && to_lower(p[j]) == https[j])
		j++;
	if (!http[i]) {
		s->head->scheme = SLUICE_HTTP_SCHEME_HTTP;
		s->pos += i;
	} else if (!https[j]) {
		s->head->scheme = SLUICE_HTTP_SCHEME_HTTPS;
		s->pos += j;
	} else if (i == n || j == n) {
		return false;
	} else {
		return refuse(s, is_char(p[0], CHAR_TOKEN) ?
					 SLUICE_HTTP_ERROR_TARGET_FORM :
					 target_error(p[0]));
	}
	s->head->form = SLUICE_HTTP_FORM_ABSOLUTE;
	s->head->state = STATE_AUTHORITY;
	s->head->mark = s->pos;
	return true;
}

/* The form of the target, by method and first character: RFC 9112 3.2. */
static bool parse_target(struct scan *s)
{
	struct sluice_http_head *head = s->head;

	if (head->method_id == SLUICE_HTTP_METHOD_CONNECT) {
		head->form = SLUICE_HTTP_FORM_AUTHORITY;
		head->state = STATE_AUTHORITY;
		head->mark = s->pos;
		return true;
	}
	if (s->pos == s->end)
		return false;
	switch (s->buf[s->pos]) {
	case '/':
		head->form = SLUICE_HTTP_FORM_ORIGIN;
		head->path.offset = s->pos;
		head->state = STATE_PATH;
		return true;
	case '*':
		return parse_asterisk(s);
	default:
		return parse_scheme(s);
	}
}

/*
 * Go to the end of characters of @class in the target. False if that has not come
 * within what there is or may be.
 */
static bool skip_target(struct scan *s, u8 class)
{
	u32 stop = s->head->target.offset + s->head->limits.target + 1;
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
static bool parse_authority(struct scan *s)
{
	struct sluice_http_head *head = s->head;
	bool connect = head->form == SLUICE_HTTP_FORM_AUTHORITY;
	struct http_authority authority;
	u8 c;

	if (!skip_target(s, CHAR_AUTHORITY))
		return false;
	c = s->buf[s->pos];
	if (c != ' ' && (connect || (c != '/' && c != '?'))) {
		if (c <= ' ' || c >= 0x7f)
			return refuse(s, target_error(c));
		return refuse(s, connect && c == '/' ?
					 SLUICE_HTTP_ERROR_TARGET_FORM :
					 SLUICE_HTTP_ERROR_AUTHORITY);
	}
	if (!sluice_http_authority_parse(s->buf, slice(head->mark, s->pos),
					 &authority) ||
	    authority.kind == SLUICE_HTTP_HOST_NONE ||
	    (connect && !authority.has_port))
		return refuse(s, SLUICE_HTTP_ERROR_AUTHORITY);
	head->host = authority.host;
	head->host_kind = authority.kind;
	head->port = authority.port;
	head->path = slice(s->pos, s->pos);
	head->state = connect ? STATE_TARGET_END : STATE_PATH;
	return true;
}

static bool parse_path(struct scan *s)
{
	struct sluice_http_head *head = s->head;

	if (!skip_target(s, CHAR_PATH))
		return false;
	head->path = slice(head->path.offset, s->pos);
	if (s->buf[s->pos] != '?') {
		head->state = STATE_TARGET_END;
		return true;
	}
	s->pos++;
	head->has_query = true;
	head->query.offset = s->pos;
	head->state = STATE_QUERY;
	return true;
}

static bool parse_query(struct scan *s)
{
	if (!skip_target(s, CHAR_QUERY))
		return false;
	s->head->query = slice(s->head->query.offset, s->pos);
	s->head->state = STATE_TARGET_END;
	return true;
}

static bool parse_target_end(struct scan *s)
{
	struct sluice_http_head *head = s->head;

	if (s->pos == s->end)
		return false;
	if (s->buf[s->pos] != ' ')
		return refuse(s, target_error(s->buf[s->pos]));
	head->target = slice(head->target.offset, s->pos);
	s->pos++;
	head->state = STATE_VERSION;
	return true;
}

/* "HTTP/1.1" and the end of the line: from the first byte until all are there. */
static bool parse_version(struct scan *s)
{
	static const u8 text[] = "HTTP/#.#\r\n";
	const u8 *p = s->buf + s->pos;
	u32 n = s->end - s->pos, i;

	for (i = 0; i < n && text[i]; i++) {
		if (text[i] == '#' ? is_digit(p[i]) : p[i] == text[i])
			continue;
		if (p[i] == '\n')
			return refuse(s, SLUICE_HTTP_ERROR_BARE_LF);
		return refuse(s, text[i] == '\n' ?
					 SLUICE_HTTP_ERROR_BARE_CR :
					 SLUICE_HTTP_ERROR_VERSION_SYNTAX);
	}
	if (text[i])
		return false;
	if (p[5] != '1' || p[7] > '1')
		return refuse(s, SLUICE_HTTP_ERROR_VERSION);
	s->head->minor = p[7] - '0';
	s->pos += i;
	s->head->state = STATE_LINE;
	return true;
}

/**
 * sluice_http_request_line() - go on with the request line, if it is not complete
 * @s: where the head is
 *
 * Return: whether it is complete. If not, it is refused or there are no more bytes.
 */
bool sluice_http_request_line(struct scan *s)
{
	bool more;

	do {
		switch (s->head->state) {
		case STATE_BEGIN:
			more = parse_begin(s);
			break;
		case STATE_METHOD:
			more = parse_method(s);
			break;
		case STATE_TARGET:
			more = parse_target(s);
			break;
		case STATE_AUTHORITY:
			more = parse_authority(s);
			break;
		case STATE_PATH:
			more = parse_path(s);
			break;
		case STATE_QUERY:
			more = parse_query(s);
			break;
		case STATE_TARGET_END:
			more = parse_target_end(s);
			break;
		case STATE_VERSION:
			more = parse_version(s);
			break;
		default:
			return true;
		}
	} while (more);
	return false;
}
