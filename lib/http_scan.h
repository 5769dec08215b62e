/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the HTTP/1.x parser goes from byte to byte.
 *
 * The state after a call depends on the bytes so far and not on how they were cut
 * into calls: each step reads on from a position and either comes to an end, is
 * refused, or stops at the last byte there is. A byte is read when the scan comes
 * to it, once more when the part it belongs to is complete, and a fixed number of
 * times where that part has a meaning here (http_field.c, http_authority.c).
 */
#ifndef LIB_HTTP_SCAN_H
#define LIB_HTTP_SCAN_H

#include "http.h"

/* Where in the head the parser is: &sluice_http_head.state. */
enum state {
	STATE_BEGIN,
	STATE_METHOD,
	STATE_TARGET,
	STATE_AUTHORITY,
	STATE_PATH,
	STATE_QUERY,
	STATE_TARGET_END,
	STATE_VERSION,
	STATE_LINE,
	STATE_NAME,
	STATE_SPACE,
	STATE_VALUE,
	STATE_DONE,
};

/* What a call works on: the head, and the buffer from @pos to @end. */
struct scan {
	struct sluice_http_head *head;
	const u8 *buf;
	u32 pos;
	u32 end;
};

static inline bool refuse(struct scan *s, enum sluice_http_error error)
{
	s->head->error = error;
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

bool sluice_http_request_line(struct scan *s);

#endif /* LIB_HTTP_SCAN_H */
