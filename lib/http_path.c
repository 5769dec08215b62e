// SPDX-License-Identifier: GPL-2.0-or-later
/* The path of an HTTP target in the one form that routes are compared with. */
#include "http.h"

/* What is written, and how much of it. */
struct output {
	u8 *buf;
	u32 size;
	u32 length;
};

static bool put(struct output *out, u8 c)
{
	if (out->length == out->size)
		return false;
	out->buf[out->length++] = c;
	return true;
}

static u8 digit_value(u8 c)
{
	return is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10;
}

/* '%' and two digits: the character if it needs no encoding, else upper case. */
static bool put_encoded(struct output *out, const u8 *p, u32 left)
{
	static const char digits[] = "0123456789ABCDEF";
	u8 high, low;

	if (left < 3 || !is_char(p[1], CHAR_HEX) || !is_char(p[2], CHAR_HEX))
		return false;
	high = digit_value(p[1]);
	low = digit_value(p[2]);
	if (is_char(high << 4 | low, CHAR_HOST))
		return put(out, high << 4 | low);
	return put(out, '%') && put(out, digits[high]) && put(out, digits[low]);
}

/* Return: where the last slash before @end is, 0 if there is none. */
static u32 last_slash(const u8 *path, u32 end)
{
	while (end) {
		end--;
		if (path[end] == '/')
			break;
	}
	return end;
}

/* Is there something to be decoded, or a segment that begins with a dot? */
static bool is_special(const u8 *path, u32 len)
{
	u32 i;

	for (i = 1; i < len; i++)
		if (path[i] == '%' || (path[i] == '.' && path[i - 1] == '/'))
			return true;
	return false;
}

/**
 * sluice_http_path_normalise() - bring a path to its normal form
 * @path: of a target
 * @len: its length in bytes, 0 for the one that stands for "/"
 * @out: where the normal form goes; not the memory of @path
 * @size: room there: with @len bytes, and at least one, it always fits
 *
 * RFC 3986 6.2.2: encoded letters, digits and "-._~" are decoded, digits of other
 * encoded characters become upper case, and then the segments "." and ".." are
 * taken out, as in 5.2.4. Two paths that are equal by the RFC have one form.
 *
 * Nothing else is decoded: "%2F" is not '/' but part of a segment, and "%00"
 * ends nothing. Nor are "//" and "/" the same, and case counts. A server that
 * sees that otherwise has to be told the path as it is in the normal form, or
 * routes that keep something from it can be passed by.
 *
 * Return: the length of the normal form, at least 1; 0 if there is no room, or if
 * @path does not begin with '/' or has a '%' without two digits.
 */
u32 sluice_http_path_normalise(const u8 *path, u32 len, u8 *out, u32 size)
{
	struct output to = { out, size, 0 };
	u32 i = 0, begin, n;

	if (!len)
		return put(&to, '/');
	if (path[0] != '/')
		return 0;
	if (!is_special(path, len)) {
		if (len > size)
			return 0;
		memcpy(out, path, len);
		return len;
	}
	while (i < len) {
		i++;
		if (!put(&to, '/'))
			return 0;
		begin = to.length;
		while (i < len && path[i] != '/') {
			if (path[i] != '%') {
				if (!put(&to, path[i++]))
					return 0;
			} else {
				if (!put_encoded(&to, path + i, len - i))
					return 0;
				i += 3;
			}
		}
		n = to.length - begin;
		if (!n || n > 2 || out[begin] != '.' ||
		    out[to.length - 1] != '.')
			continue;
		/* "." or "..": back to the slash before what it takes away. */
		to.length = begin - 1;
		if (n == 2)
			to.length = last_slash(out, to.length);
		/* At the end the slash stays. */
		if (i == len)
			to.length++;
	}
	return to.length;
}
