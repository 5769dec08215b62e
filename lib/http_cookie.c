// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cookies of an HTTP request. RFC 6265 5.4 has all of them in one field, but one
 * that comes from HTTP/2 may have several (RFC 9113 8.2.3).
 */
#include "http.h"

static struct sluice_http_slice trim(const u8 *buf, u32 begin, u32 end)
{
	while (begin < end && is_space(buf[begin]))
		begin++;
	while (begin < end && is_space(buf[end - 1]))
		end--;
	return (struct sluice_http_slice){ begin, end - begin };
}

/**
 * sluice_http_cookie_next() - go through the cookies
 * @head: complete
 * @buf: the buffer it is in
 * @cursor: all zero at the first call
 * @cookie: filled in with the next one
 *
 * Parts between semicolons, split at their first '='; a part without is not a
 * cookie and passed over. Quotes belong to the value and hide no semicolon.
 *
 * Return: false if there is none any more.
 */
bool sluice_http_cookie_next(const struct sluice_http_head *head, const u8 *buf,
			     struct sluice_http_cursor *cursor,
			     struct sluice_http_pair *cookie)
{
	u32 begin, equals, i, end;

	for (; cursor->header < head->header_count; cursor->header++) {
		const struct sluice_http_header *header =
			&head->header[cursor->header];

		if (header->field != SLUICE_HTTP_FIELD_COOKIE)
			continue;
		end = header->value.offset + header->value.length;
		while (cursor->offset < header->value.length) {
			begin = header->value.offset + cursor->offset;
			equals = end;
			for (i = begin; i < end && buf[i] != ';'; i++)
				if (buf[i] == '=' && equals == end)
					equals = i;
			cursor->offset = i - header->value.offset + (i < end);
			if (equals == end)
				continue;
			cookie->name = trim(buf, begin, equals);
			cookie->value = trim(buf, equals + 1, i);
			return true;
		}
		cursor->offset = 0;
	}
	return false;
}

/**
 * sluice_http_cookie_find() - look for a cookie
 * @head: complete
 * @buf: the buffer it is in
 * @name: its name; case counts
 * @len: length of @name
 * @value: filled in with the value of the first one that has the name
 *
 * Return: whether there is one.
 */
bool sluice_http_cookie_find(const struct sluice_http_head *head, const u8 *buf,
			     const char *name, u32 len,
			     struct sluice_http_slice *value)
{
	struct sluice_http_cursor cursor = { 0 };
	struct sluice_http_pair cookie;

	while (sluice_http_cookie_next(head, buf, &cursor, &cookie)) {
		if (cookie.name.length == len &&
		    !memcmp(buf + cookie.name.offset, name, len)) {
			*value = cookie.value;
			return true;
		}
	}
	return false;
}
