// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Classes of the characters of HTTP/1.x.
 *
 * Path and query take what RFC 3986 has there, and what it has not but browsers
 * send all the same, since the URL Standard of the WHATWG does not encode it:
 * "[]^|" in a path and "[]^|`{}\" in a query ("?filter[name]=a|b" is common).
 * None of them ends a part of the target for anyone, so nothing is ambiguous.
 * What browsers do encode stays refused: controls, space, '"', '#', '<', '>',
 * all from 0x7f on, and in a path '\', which some servers take for '/'.
 */
#include "http.h"

#define UNRESERVED \
	(CHAR_TOKEN | CHAR_PATH | CHAR_QUERY | CHAR_HOST | CHAR_AUTHORITY)

const u8 sluice_http_chars[256] = {
	['0' ... '9'] = UNRESERVED | CHAR_HEX,
	['A' ... 'F'] = UNRESERVED | CHAR_HEX,
	['G' ... 'Z'] = UNRESERVED,
	['a' ... 'f'] = UNRESERVED | CHAR_HEX,
	['g' ... 'z'] = UNRESERVED,
	['-'] = UNRESERVED,
	['.'] = UNRESERVED,
	['_'] = UNRESERVED,
	['~'] = UNRESERVED,

	['!'] = CHAR_TOKEN | CHAR_PATH | CHAR_QUERY,
	['$'] = CHAR_TOKEN | CHAR_PATH | CHAR_QUERY,
	['&'] = CHAR_TOKEN | CHAR_PATH | CHAR_QUERY,
	['\''] = CHAR_TOKEN | CHAR_PATH | CHAR_QUERY,
	['*'] = CHAR_TOKEN | CHAR_PATH | CHAR_QUERY,
	['+'] = CHAR_TOKEN | CHAR_PATH | CHAR_QUERY,
	['^'] = CHAR_TOKEN | CHAR_PATH | CHAR_QUERY,
	['|'] = CHAR_TOKEN | CHAR_PATH | CHAR_QUERY,
	['`'] = CHAR_TOKEN | CHAR_QUERY,
	['#'] = CHAR_TOKEN,
	['%'] = CHAR_TOKEN,

	['('] = CHAR_PATH | CHAR_QUERY,
	[')'] = CHAR_PATH | CHAR_QUERY,
	[','] = CHAR_PATH | CHAR_QUERY,
	[';'] = CHAR_PATH | CHAR_QUERY,
	['='] = CHAR_PATH | CHAR_QUERY,
	['@'] = CHAR_PATH | CHAR_QUERY,
	['/'] = CHAR_PATH | CHAR_QUERY,
	['?'] = CHAR_QUERY,
	['{'] = CHAR_QUERY,
	['}'] = CHAR_QUERY,
	['\\'] = CHAR_QUERY,

	[':'] = CHAR_PATH | CHAR_QUERY | CHAR_AUTHORITY,
	['['] = CHAR_PATH | CHAR_QUERY | CHAR_AUTHORITY,
	[']'] = CHAR_PATH | CHAR_QUERY | CHAR_AUTHORITY,
};
