/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of lines of an access log. Each appends to @to, which has room for as much as
 * is said, and returns the end of it; nothing is ended by a NUL. No printf: this is
 * done for every request.
 */
#ifndef PROXY_ACCESS_TEXT_H
#define PROXY_ACCESS_TEXT_H

#include <string.h>

#include "sluice.h"

/* Digits of a number, and of an endpoint. */
#define ACCESS_NUMBER_MAX 20
#define ACCESS_ENDPOINT_MAX 56

/* Stands for what does not fit. */
#define ACCESS_DOTS "..."

/* How texts from outside are escaped; in both, what is left is one line. */
enum access_escape {
	/* For JSON: control characters as \u00XX, bytes that are no UTF-8 as \\xXX. */
	ACCESS_ESCAPE_JSON,
	/* Quotes, backslashes and what is not printable ASCII as \xXX. */
	ACCESS_ESCAPE_HEX,
};

/* A text of the program, as it is. */
#define access_text_add(to, literal) \
	((char *)mempcpy(to, literal, sizeof(literal) - 1))

/**
 * access_text_number() - a number, decimal
 * @to: room for ACCESS_NUMBER_MAX
 * @value: of it
 */
char *access_text_number(char *to, uint64_t value);

/**
 * access_text_address() - an address, IPv6 as in RFC 5952
 * @to: room for ACCESS_ENDPOINT_MAX
 * @address: of any family; AF_UNSPEC is "*"
 */
char *access_text_address(char *to, const struct sluice_address *address);

/* The same with its port: as sluice_endpoint_print(), faster. */
char *access_text_endpoint(char *to, const struct sluice_endpoint *at);

/**
 * access_text_escaped() - a text from outside
 * @to: room for @limit
 * @limit: bytes at most, at least 16: where it does not fit, ACCESS_DOTS ends it
 * @escape: how
 * @text: any bytes
 * @length: how many
 * @cut: set to true where it did not fit; otherwise left alone
 */
char *access_text_escaped(char *to, size_t limit, enum access_escape escape,
			  const char *text, size_t length, bool *cut);

#endif /* PROXY_ACCESS_TEXT_H */
