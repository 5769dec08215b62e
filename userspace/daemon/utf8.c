// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>

#include "utf8.h"

static bool continues(unsigned char byte, unsigned char low, unsigned char high)
{
	return byte >= low && byte <= high;
}

size_t utf8_length(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	size_t length;

	if (byte[0] < 0x80)
		return byte[0] != 0;
	if (byte[0] < 0xc2 || byte[0] > 0xf4)
		return 0;
	length = byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
	/* Nothing in more bytes than it needs, no surrogates, no end past U+10FFFF. */
	if (byte[0] == 0xe0)
		low = 0xa0;
	else if (byte[0] == 0xed)
		high = 0x9f;
	else if (byte[0] == 0xf0)
		low = 0x90;
	else if (byte[0] == 0xf4)
		high = 0x8f;
	if (!continues(byte[1], low, high))
		return 0;
	for (size_t i = 2; i < length; i++)
		if (!continues(byte[i], 0x80, 0xbf))
			return 0;
	return length;
}
