// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "run.h"

const char *check_quote(char *to, const void *data, size_t length)
{
	const unsigned char *from = data;
	char *at = to, *end = to + CHECK_QUOTE_SIZE - sizeof("\\xff...'");

	*at++ = '\'';
	for (; length > 0 && at < end; length--, from++) {
		if (*from >= ' ' && *from < 0x7f && *from != '\'' &&
		    *from != '\\')
			*at++ = (char)*from;
		else
			at += sprintf(at, "\\x%02x", *from);
	}
	memcpy(at, length ? "...'" : "'", length ? 5 : 2);
	return to;
}
