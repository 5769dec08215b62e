/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of a message from a text in which they can be read:
 *
 *	0a 0B     bytes in hexadecimal, with or without spaces
 *	'text'    the characters themselves
 *	*16*      so many bytes, all 0x5a
 *	<2 ... >  a length of 2 bytes in network order, and what it counts
 */
#ifndef TESTS_BYTES_H
#define TESTS_BYTES_H

#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int bytes_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Return: how many there are; a text that is wrong or too long ends the test. */
static inline size_t bytes_make(const char *text, __u8 *to, size_t room)
{
	struct {
		size_t at;
		int width;
	} open[16];
	size_t len = 0, depth = 0, n;
	const char *p = text;

	while (*p && len < room) {
		if (*p == ' ') {
			p++;
		} else if (*p == '\'') {
			for (p++; *p && *p != '\'' && len < room; p++)
				to[len++] = (__u8)*p;
			p += *p == '\'';
		} else if (*p == '*') {
			char *end;

			n = strtoul(p + 1, &end, 10);
			if (n > room - len || *end != '*')
				break;
			memset(to + len, 0x5a, n);
			len += n;
			p = end + 1;
		} else if (*p == '<' && depth < 16) {
			open[depth].at = len;
			open[depth].width = bytes_digit(p[1]);
			len += (size_t)open[depth++].width;
			p += 2;
		} else if (*p == '>' && depth) {
			depth--;
			n = len - open[depth].at - (size_t)open[depth].width;
			for (int i = open[depth].width; i-- > 0; n >>= 8)
				to[open[depth].at + (size_t)i] = (__u8)n;
			p++;
		} else if (bytes_digit(p[0]) >= 0 && bytes_digit(p[1]) >= 0) {
			to[len++] = (__u8)(bytes_digit(p[0]) << 4 |
					   bytes_digit(p[1]));
			p += 2;
		} else {
			break;
		}
	}
	if (*p || depth) {
		printf("Bail out! not bytes: '%.60s'\n", p);
		exit(1);
	}
	return len;
}

#endif /* TESTS_BYTES_H */
