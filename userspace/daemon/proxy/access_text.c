// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <stdint.h>

#include "access_text.h"
#include "utf8.h"

/* What one character is escaped as, at most: \\xXX in JSON. */
#define ESCAPED_MAX 6

static const char digits[] = "0123456789abcdef";

char *access_text_number(char *to, uint64_t value)
{
	char text[ACCESS_NUMBER_MAX], *at = text + sizeof(text);

	do
		*--at = (char)('0' + value % 10);
	while (value /= 10);
	return mempcpy(to, at, (size_t)(text + sizeof(text) - at));
}

static char *put_v4(char *to, const uint8_t bytes[4])
{
	for (int i = 0; i < 4; i++) {
		if (i)
			*to++ = '.';
		to = access_text_number(to, bytes[i]);
	}
	return to;
}

/* The first of the longest runs of zeros, of two at least; @count 0: none. */
static int find_zeros(const uint16_t words[8], int *count)
{
	int best = -1;

	*count = 0;
	for (int i = 0; i < 8; i++) {
		int run = 0;

		while (i + run < 8 && !words[i + run])
			run++;
		if (run >= 2 && run > *count) {
			*count = run;
			best = i;
		}
		i += run;
	}
	return best;
}

static char *put_word(char *to, uint16_t word)
{
	for (int shift = 12; shift >= 0; shift -= 4)
		if (!shift || word >> shift)
			*to++ = digits[word >> shift & 15];
	return to;
}

static char *put_v6(char *to, const struct in6_addr *address)
{
	uint16_t words[8];
	int zeros, count, i = 0;

	for (size_t j = 0; j < 8; j++)
		words[j] = (uint16_t)(address->s6_addr[2 * j] << 8 |
				      address->s6_addr[2 * j + 1]);
	zeros = find_zeros(words, &count);
	while (i < 8) {
		if (i == zeros) {
			to = access_text_add(to, "::");
			i += count;
			continue;
		}
		if (i && i != zeros + count)
			*to++ = ':';
		/* IPv4 in IPv6, as all programs write it. */
		if (i == 6 && zeros == 0 &&
		    (count == 6 || (count == 5 && words[5] == 0xffff)))
			return put_v4(to, address->s6_addr + 12);
		to = put_word(to, words[i++]);
	}
	return to;
}

char *access_text_address(char *to, const struct sluice_address *address)
{
	switch (address->family) {
	case AF_INET:
		return put_v4(to, (const uint8_t *)&address->v4);
	case AF_INET6:
		return put_v6(to, &address->v6);
	default:
		return access_text_add(to, "*");
	}
}

char *access_text_endpoint(char *to, const struct sluice_endpoint *at)
{
	bool brackets = at->address.family == AF_INET6;

	if (brackets)
		*to++ = '[';
	to = access_text_address(to, &at->address);
	if (brackets)
		*to++ = ']';
	*to++ = ':';
	return access_text_number(to, at->port);
}

/* Printable ASCII, and in both forms as it is. */
static bool is_plain(unsigned char byte)
{
	return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether a byte of a word is 0: its high bit is set in the result. */
static uint64_t zeros_of(uint64_t word)
{
	return (word - EACH(1)) & ~word & EACH(0x80);
}

/* Eight bytes at once: nearly all texts are plain. */
static bool all_plain(const char *text)
{
	uint64_t word;

	memcpy(&word, text, sizeof(word));
	return !(((word | ((word - EACH(' ')) & ~word)) & EACH(0x80)) |
		 zeros_of(word ^ EACH('"')) | zeros_of(word ^ EACH('\\')) |
		 zeros_of(word ^ EACH(0x7f)));
}

/* Return: bytes that are plain, from the first on. */
static size_t plain_length(const char *text, size_t length)
{
	size_t i = 0;

	while (i + 8 <= length && all_plain(text + i))
		i += 8;
	while (i < length && is_plain((unsigned char)text[i]))
		i++;
	return i;
}

static size_t put_byte(char *to, const char *prefix, unsigned char byte)
{
	char *end = stpcpy(to, prefix);

	*end++ = digits[byte >> 4];
	*end++ = digits[byte & 15];
	return (size_t)(end - to);
}

/*
 * One character that is not plain. Return: bytes of @text that it has; @size: what
 * it is escaped as.
 */
static size_t escape_json(char *to, const char *text, size_t length,
			  size_t *size)
{
	unsigned char byte = (unsigned char)*text;
	char part[5] = "";
	size_t taken;

	memcpy(part, text, length < 4 ? length : 4);
	taken = utf8_length(part);
	if (taken == 0) {
		/* A NUL, too: many who read JSON do not take one. */
		*size = put_byte(to, "\\\\x", byte);
		return 1;
	}
	if (*text == '"' || *text == '\\') {
		to[0] = '\\';
		to[1] = *text;
		*size = 2;
		return 1;
	}
	if (taken == 1) {
		*size = put_byte(to, "\\u00", byte);
		return 1;
	}
	/* C1 controls; terminals take them for commands. */
	if (byte == 0xc2 && (unsigned char)part[1] < 0xa0) {
		*size = put_byte(to, "\\u00", (unsigned char)part[1]);
		return 2;
	}
	memcpy(to, part, taken);
	*size = taken;
	return taken;
}

char *access_text_escaped(char *to, size_t limit, enum access_escape escape,
			  const char *text, size_t length, bool *cut)
{
	size_t plain = plain_length(text, length), room = limit;
	bool fits = true;

	if (plain == length && length <= limit)
		return mempcpy(to, text, length);
	/* Escapes make it longer: where it may not fit, there is room for the dots. */
	if (length > limit / ESCAPED_MAX)
		room -= sizeof(ACCESS_DOTS) - 1;
	for (; length; plain = plain_length(text, length)) {
		char one[ESCAPED_MAX + 2];
		size_t taken, size;

		if (plain > room) {
			plain = room;
			fits = false;
		}
		to = mempcpy(to, text, plain);
		room -= plain;
		text += plain;
		length -= plain;
		if (!fits || !length)
			break;
		if (escape == ACCESS_ESCAPE_JSON) {
			taken = escape_json(one, text, length, &size);
		} else {
			size = put_byte(one, "\\x", (unsigned char)*text);
			taken = 1;
		}
		fits = size <= room;
		if (!fits)
			break;
		to = mempcpy(to, one, size);
		room -= size;
		text += taken;
		length -= taken;
	}
	if (fits)
		return to;
	*cut = true;
	return access_text_add(to, ACCESS_DOTS);
}
