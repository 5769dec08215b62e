/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A text that is parsed as it comes in, in any parts: the result and all of the
 * parser's state are the same.
 */
#ifndef TESTS_HTTP_CUT_H
#define TESTS_HTTP_CUT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sluice/http_head.h>

/* Bytes of any parser's state. */
#define HTTP_STATE_MAX 2048

/*
 * Something that gets all bytes so far with each call. What its states leave as it
 * is compares equal, too: they begin as zeros.
 */
struct http_parser {
	size_t size;
	void (*init)(void *state, const struct sluice_http_limits *limits);
	enum sluice_http_result (*parse)(void *state, const u8 *buf, u32 len);
};

static inline void http_begin(const struct http_parser *parser, void *state,
			      const struct sluice_http_limits *limits)
{
	memset(state, 0, parser->size);
	parser->init(state, limits);
}

/*
 * Parse from a copy that nothing follows and that is gone afterwards, so that a
 * sanitizer sees reads behind the end and pointers that were kept.
 */
static inline enum sluice_http_result
http_feed(const struct http_parser *parser, void *state, const void *text,
	  size_t length)
{
	enum sluice_http_result result;
	u8 *copy = malloc(length ? length : 1);

	if (!copy)
		abort();
	memcpy(copy, text, length);
	result = parser->parse(state, copy, (u32)length);
	free(copy);
	return result;
}

/*
 * The state after some bytes is the same, whether they came at once, one by one,
 * or in two parts, and that after all of them is @whole. If it is taken, it is so
 * with the last byte and not before.
 */
static inline bool http_same_by_parts(const struct http_parser *parser,
				      const struct sluice_http_limits *limits,
				      const char *text, size_t length,
				      bool taken, const void *whole)
{
	_Alignas(16) u8 bytes[HTTP_STATE_MAX], parts[HTTP_STATE_MAX];

	http_begin(parser, bytes, limits);
	for (size_t i = 0; i <= length; i++) {
		enum sluice_http_result first;

		http_begin(parser, parts, limits);
		first = http_feed(parser, parts, text, i);
		http_feed(parser, bytes, text, i);
		if (memcmp(bytes, parts, parser->size) != 0) {
			printf("# other state after %zu bytes one by one\n", i);
			return false;
		}
		http_feed(parser, parts, text, length);
		if (memcmp(parts, whole, parser->size) != 0) {
			printf("# other result in parts of %zu and %zu bytes\n",
			       i, length - i);
			return false;
		}
		if (taken && i < length && first != SLUICE_HTTP_MORE) {
			printf("# result %d after %zu bytes\n", first, i);
			return false;
		}
	}
	return true;
}

/* What comes behind the end changes nothing. */
static inline bool http_same_with_tail(const struct http_parser *parser,
				       const struct sluice_http_limits *limits,
				       const char *text, size_t length,
				       const void *whole)
{
	static const char tail[] = "\r\n GET / HTTP/1.1\r\n\r\n";
	_Alignas(16) u8 state[HTTP_STATE_MAX];
	char *longer = malloc(length + sizeof(tail));

	if (!longer)
		abort();
	memcpy(longer, text, length);
	memcpy(longer + length, tail, sizeof(tail));
	http_begin(parser, state, limits);
	http_feed(parser, state, longer, length + sizeof(tail));
	free(longer);
	return memcmp(state, whole, parser->size) == 0;
}

#endif /* TESTS_HTTP_CUT_H */
