/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the HTTP/1.x parsers go from byte to byte: a first line of their own, then
 * the header section that they have in common.
 *
 * The state after a call depends on the bytes so far and not on how they were cut
 * into calls: each step reads on from a position and either comes to an end, is
 * refused, or stops at the last byte there is. A byte is read when the scan comes
 * to it, once more when the part it belongs to is complete, and a fixed number of
 * times where that part has a meaning here (http_message.c, http_authority.c).
 */
#ifndef LIB_HTTP_SCAN_H
#define LIB_HTTP_SCAN_H

#include "http.h"

/* Where the parser is: first in the line of a request or in that of a response. */
enum state {
	STATE_BEGIN,
	STATE_METHOD,
	STATE_TARGET,
	STATE_AUTHORITY,
	STATE_PATH,
	STATE_QUERY,
	STATE_TARGET_END,
	STATE_VERSION,
	STATE_STATUS,
	STATE_REASON,
	STATE_LINE,
	STATE_NAME,
	STATE_SPACE,
	STATE_VALUE,
	STATE_DONE,
};

/*
 * What a call works on: the buffer from @pos to @end, and what else it takes from
 * a head, a response or trailers and leaves there in the end.
 */
struct scan {
	const u8 *buf;
	u32 pos;
	u32 end;
	u32 mark;
	u32 state;
	u32 header_count;
	u32 header_max;
	enum sluice_http_error error;
	struct sluice_http_header *header;
};

static inline enum sluice_http_result scan_result(const struct scan *s)
{
	if (s->error)
		return SLUICE_HTTP_REFUSED;
	return s->state == STATE_DONE ? SLUICE_HTTP_DONE : SLUICE_HTTP_MORE;
}

static inline bool refuse(struct scan *s, enum sluice_http_error error)
{
	s->error = error;
	return false;
}

static inline struct sluice_http_slice slice(u32 begin, u32 end)
{
	return (struct sluice_http_slice){ begin, end - begin };
}

/* Return: the first from @pos on that is not of @class, or @end. */
static inline u32 skip_class(const u8 *buf, u32 pos, u32 end, u8 class)
{
	while (end - pos >= 4) {
		if (!is_char(buf[pos], class))
			return pos;
		if (!is_char(buf[pos + 1], class))
			return pos + 1;
		if (!is_char(buf[pos + 2], class))
			return pos + 2;
		if (!is_char(buf[pos + 3], class))
			return pos + 3;
		pos += 4;
	}
	while (pos < end && is_char(buf[pos], class))
		pos++;
	return pos;
}

/* A CR is at @pos: true if the LF is there, too, and both are passed. */
static inline bool line_end(struct scan *s)
{
	if (s->end - s->pos < 2)
		return false;
	if (s->buf[s->pos + 1] != '\n')
		return refuse(s, SLUICE_HTTP_ERROR_BARE_CR);
	s->pos += 2;
	return true;
}

/*
 * The version and what goes with it, as in @text with a '#' for each digit: bytes
 * are looked at from the first one until all of them are there, and then passed.
 */
static inline bool read_version(struct scan *s, const u8 *text, u8 *minor)
{
	const u8 *p = s->buf + s->pos;
	u32 n = s->end - s->pos, i = 0;

	/* The newest, as almost all have it. */
	if (n >= 8 && !memcmp(p, "HTTP/1.1", 8))
		i = 8;
	for (; i < n && text[i]; i++) {
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
	*minor = p[7] - '0';
	s->pos += i;
	return true;
}

bool sluice_http_request_line(struct scan *s, struct sluice_http_head *head);
bool sluice_http_text_read(struct scan *s, u32 *end);
bool sluice_http_section_scan(struct scan *s);
struct sluice_http_limits
sluice_http_limits_complete(const struct sluice_http_limits *limits);

#endif /* LIB_HTTP_SCAN_H */
