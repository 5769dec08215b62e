/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages in chunks, and trailer sections. */
#ifndef TESTS_HTTP_CHUNK_CASES_H
#define TESTS_HTTP_CHUNK_CASES_H

#include <sluice/http_chunk.h>

/*
 * Taken if @error is none: all of @text up to and with the line of the last chunk,
 * with @data, a bar behind each chunk. Else refused for @error after @data, with
 * @length - @left bytes used or moved.
 */
struct chunk_case {
	const char *name;
	const char *text;
	size_t length;
	const char *data;
	enum sluice_http_error error;
	size_t left;
};

#define TEXT(text) text, sizeof(text) - 1
#define TAKEN(name, text, data) { name, TEXT(text), data, 0, 0 }
/* @good is taken, what follows is not. */
#define REFUSED(name, good, bad, data, error)                    \
	{ name, TEXT(good bad), data, SLUICE_HTTP_ERROR_##error, \
	  sizeof(bad) - 1 }

#define TEN(text) text text text text text text text text text text
#define HUNDRED(text) TEN(TEN(text))
/* 1000 bytes. */
#define LONG ";" HUNDRED("12345") HUNDRED("1234") TEN("abcdefghi") "xyz=abcde"

static const struct chunk_case chunk_cases[] = {
	TAKEN("chunks", "5\r\nhello\r\n6\r\n world\r\n0\r\n", "hello| world|"),
	TAKEN("no content", "0\r\n", ""),
	TAKEN("a last chunk of many zeros", "0000000000000000\r\n", ""),
	TAKEN("zeros before a size", "000000000000000a\r\n0123456789\r\n00\r\n",
	      "0123456789|"),
	TAKEN("digits in both cases",
	      "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n",
	      "0123456789|0123456789a|"),
	TAKEN("data that look like chunks",
	      "5\r\n0\r\n\r\n\r\n3\r\n\n\r\0\r\n0\r\n", "0\r\n\r\n|\n\r.|"),

	/* Extensions, RFC 9112 7.1.1. */
	TAKEN("a name", "1;a\r\nx\r\n0\r\n", "x|"),
	TAKEN("a name and a value", "1;a=b\r\nx\r\n0;c=d\r\n", "x|"),
	TAKEN("several", "1;a;b=c;d=\"e\";f\r\nx\r\n0\r\n", "x|"),
	TAKEN("white space where it may be",
	      "1 \t; a = b\t ; c =\"d\" ;e\r\nx\r\n0\r\n", "x|"),
	TAKEN("quoted pairs", "1;a=\"\\\"\\\\ ;=\t\xff\\;\"\r\nx\r\n0\r\n",
	      "x|"),
	TAKEN("an empty quoted string", "1;a=\"\"\r\nx\r\n0\r\n", "x|"),
	TAKEN("all that may be of them",
	      "1" LONG "\r\nx\r\n1" LONG "\r\ny\r\n1" LONG "\r\nz\r\n"
	      "0" LONG ";" TEN("abcdefghi") "abcde\r\n",
	      "x|y|z|"),
	REFUSED("a byte too much of them",
		"1" LONG "\r\nx\r\n1" LONG "\r\ny\r\n1" LONG "\r\nz\r\n"
		"0" LONG ";" TEN("abcdefghi") "abcde",
		"f\r\n", "x|y|z|", CHUNK_EXTENSIONS_LONG),
	REFUSED("an extension without name", "1;", "\r\nx\r\n0\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("an extension without name before one", "1;", ";a\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("no name before the value", "1;", "=b\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("no value", "1;a=", "\r\n", "", CHUNK_EXTENSION),
	REFUSED("two values", "1;a=b", "=c\r\n", "", CHUNK_EXTENSION),
	REFUSED("a word behind a name", "1;a ", "b\r\n", "", CHUNK_EXTENSION),
	REFUSED("a word behind a value", "1;a=b ", "c\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("a word behind a quoted string", "1;a=\"b\"", "c\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("a comma", "1;a", ",b\r\n", "", CHUNK_EXTENSION),
	REFUSED("a quoted string for a name", "1;", "\"a\"\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("space at the end of the size", "1 ", "\r\nx\r\n0\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("tab at the end of the size", "1\t", "\r\nx\r\n0\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("space at the end of the line", "1;a ", "\r\nx\r\n0\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("space behind a value", "1;a=b ", "\r\nx\r\n0\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("space behind a quoted string", "1;a=\"b\" ", "\r\nx\r\n0\r\n",
		"", CHUNK_EXTENSION),
	REFUSED("a word behind the size", "1 ", "x\r\n", "", CHUNK_EXTENSION),
	REFUSED("two sizes", "1 ", "2\r\n", "", CHUNK_EXTENSION),
	REFUSED("the end of the line in a quoted string", "1;a=\"",
		"\r\nx\r\n0\r\n\r\n\"\r\n", "", CHUNK_EXTENSION),
	REFUSED("a quoted end of line", "1;a=\"\\", "\r\nx\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("LF in a quoted string", "1;a=\"", "\nx\r\n", "", BARE_LF),
	REFUSED("NUL in a quoted string", "1;a=\"", "\0\"\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("DEL in a quoted string", "1;a=\"", "\x7f\"\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("NUL in an extension", "1;a", "\0\r\n", "", CHUNK_EXTENSION),
	REFUSED("not ASCII in a name", "1;", "\xc3\xa4\r\n", "",
		CHUNK_EXTENSION),
	REFUSED("LF behind an extension", "1;a", "\nx\r\n0\r\n", "", BARE_LF),
	REFUSED("LF behind a semicolon", "1;", "\nx\r\n0\r\n", "", BARE_LF),
	REFUSED("LF behind white space", "1 ", "\nx\r\n0\r\n", "", BARE_LF),
	REFUSED("LF behind a quoted string", "1;a=\"\"", "\nx\r\n", "",
		BARE_LF),
	REFUSED("CR alone in an extension", "1;a\r", ";b\r\nx\r\n", "",
		BARE_CR),

	/* Sizes. */
	REFUSED("no size", "", "\r\n", "", CHUNK_SIZE),
	REFUSED("no size but an extension", "", ";a\r\n", "", CHUNK_SIZE),
	REFUSED("no size in the second chunk", "1\r\nx\r\n", "\r\n", "x|",
		CHUNK_SIZE),
	REFUSED("plus", "", "+1\r\nx\r\n0\r\n", "", CHUNK_SIZE),
	REFUSED("minus", "", "-1\r\nx\r\n0\r\n", "", CHUNK_SIZE),
	REFUSED("0x", "0", "x1\r\nx\r\n0\r\n", "", CHUNK_SIZE),
	REFUSED("0X", "0", "X1\r\nx\r\n0\r\n", "", CHUNK_SIZE),
	REFUSED("an h behind", "1", "h\r\nx\r\n0\r\n", "", CHUNK_SIZE),
	REFUSED("an underscore", "1", "_0\r\n", "", CHUNK_SIZE),
	REFUSED("a point", "1", ".0\r\n", "", CHUNK_SIZE),
	REFUSED("a comma behind", "1", ",\r\n", "", CHUNK_SIZE),
	REFUSED("a quote", "", "\"1\"\r\n", "", CHUNK_SIZE),
	REFUSED("space before", "", " 1\r\nx\r\n0\r\n", "", CHUNK_SIZE),
	REFUSED("tab before", "", "\t1\r\nx\r\n0\r\n", "", CHUNK_SIZE),
	REFUSED("NUL before", "", "\0001\r\n", "", CHUNK_SIZE),
	REFUSED("NUL behind", "1", "\0\r\n", "", CHUNK_SIZE),
	REFUSED("a vertical tab behind", "1", "\v\r\n", "", CHUNK_SIZE),
	REFUSED("a letter that is no digit", "", "g\r\n", "", CHUNK_SIZE),
	REFUSED("a digit of Unicode", "", "\xef\xbc\x91\r\n", "", CHUNK_SIZE),
	REFUSED("17 digits", "0000000000000001", "0\r\n", "", CHUNK_SIZE),
	REFUSED("17 zeros", "0000000000000000", "0\r\n", "", CHUNK_SIZE),
	REFUSED("2^64 and 5", "1000000000000000", "5\r\nhello\r\n0\r\n", "",
		CHUNK_SIZE),
	REFUSED("2^63", "800000000000000", "0\r\n", "", CHUNK_SIZE),
	REFUSED("2^64 - 1", "fffffffffffffff", "f\r\n", "", CHUNK_SIZE),

	/* Ends of lines. */
	REFUSED("LF behind a size", "1", "\nx\r\n0\r\n", "", BARE_LF),
	REFUSED("LF behind the last size", "1\r\nx\r\n0", "\n\r\n", "x|",
		BARE_LF),
	REFUSED("LF before a size", "", "\n1\r\nx\r\n", "", BARE_LF),
	REFUSED("CR alone behind a size", "1\r", "x\r\n0\r\n", "", BARE_CR),
	REFUSED("CR CR LF behind a size", "1\r", "\r\nx\r\n0\r\n", "", BARE_CR),
	REFUSED("data longer than the size", "1\r\nx", "y\r\n0\r\n", "x|",
		CHUNK_END),
	REFUSED("data shorter than the size", "4\r\nx\r\n0\r\n", "\r\n",
		"x\r\n0|", CHUNK_SIZE),
	REFUSED("LF behind data", "1\r\nx", "\n0\r\n", "x|", BARE_LF),
	REFUSED("CR alone behind data", "1\r\nx\r", "0\r\n", "x|", CHUNK_END),
	REFUSED("CR CR LF behind data", "1\r\nx\r", "\r\n0\r\n", "x|",
		CHUNK_END),
	REFUSED("no end of line behind data", "1\r\nx", "0\r\n\r\n", "x|",
		CHUNK_END),
	REFUSED("an empty line behind data", "1\r\nx\r\n", "\r\n0\r\n", "x|",
		CHUNK_SIZE),
};

#undef TAKEN
#undef REFUSED

/*
 * Taken if @taken is there: name, equals sign, value and a bar of each field that
 * may be passed on. Else refused for @error.
 */
struct trailer_case {
	const char *name;
	const char *text;
	size_t length;
	const char *taken;
	enum sluice_http_error error;
	struct sluice_http_limits limits;
};

#define TAKEN(name, text, taken) { name, TEXT(text "\r\n"), taken, 0, { 0 } }
#define REFUSED(name, text, error) \
	{ name, TEXT(text "\r\n"), NULL, SLUICE_HTTP_ERROR_##error, { 0 } }

static const struct trailer_case trailer_cases[] = {
	TAKEN("none", "", ""),
	TAKEN("some", "grpc-status: 0\r\nGrpc-Message:\r\n",
	      "grpc-status=0|Grpc-Message=|"),
	TAKEN("RFC 9110 6.5.1, kept",
	      "ETag: \"x\"\r\nServer-Timing: a;dur=1\r\n"
	      "Content-Digest: sha-256=:x:\r\n",
	      "ETag=\"x\"|Server-Timing=a;dur=1|Content-Digest=sha-256=:x:|"),
	TAKEN("RFC 9110 6.5.1, framing",
	      "Content-Length: 5\r\nA: b\r\nTransfer-Encoding: chunked\r\n"
	      "Trailer: x\r\n",
	      "A=b|"),
	TAKEN("RFC 9110 6.5.1, routing",
	      "Host: a\r\nMax-Forwards: 1\r\nForwarded: for=x\r\n"
	      "X-Forwarded-For: 10.0.0.1\r\nX-FORWARDED-ANYTHING: y\r\n"
	      "X-Real-IP: z\r\nX-Original-URL: /\r\n",
	      ""),
	TAKEN("RFC 9110 6.5.1, requests",
	      "Expect: 100-continue\r\nIf-Match: a\r\nif-none-match: b\r\n"
	      "Range: bytes=0-\r\nCache-Control: no-store\r\nPragma: x\r\n"
	      "TE: trailers\r\n",
	      ""),
	TAKEN("RFC 9110 6.5.1, authentication",
	      "Authorization: a\r\nProxy-Authorization: b\r\nCookie: c\r\n"
	      "Set-Cookie: d\r\nWWW-Authenticate: e\r\n",
	      ""),
	TAKEN("RFC 9110 6.5.1, responses",
	      "Age: 1\r\nDate: x\r\nExpires: x\r\nLocation: /\r\n"
	      "Retry-After: 5\r\nVary: *\r\n",
	      ""),
	TAKEN("RFC 9110 6.5.1, content",
	      "Content-Encoding: gzip\r\nContent-Type: a/b\r\n"
	      "Content-Range: bytes 0-1/2\r\n",
	      ""),
	TAKEN("RFC 9110 7.6.1, connections",
	      "Connection: close\r\nKeep-Alive: 5\r\nUpgrade: x\r\n"
	      "Proxy-Connection: y\r\n",
	      ""),
	TAKEN("case and underscores make no difference",
	      "x_forwarded_for: a\r\nSET_COOKIE: b\r\nHoSt: c\r\n", ""),
	TAKEN("names that only begin so",
	      "Hosts: a\r\nIffy: b\r\nX-Forwarded: c\r\nTea: d\r\nT: e\r\n",
	      "Hosts=a|Iffy=b|X-Forwarded=c|Tea=d|T=e|"),
	TAKEN("values mean nothing",
	      "Content-Length: x\r\nContent-Length: y\r\nHost: z\r\nHost:\r\n"
	      "Connection: content-length\r\n",
	      ""),
	REFUSED("a folded line", "A: b\r\n c\r\n", FOLDED),
	REFUSED("a space before the first field", " A: b\r\n", LEADING_SPACE),
	REFUSED("a space before the colon", "A : b\r\n", NAME_SPACE),
	REFUSED("no colon", "A\r\n", NAME),
	REFUSED("Content_Length", "Content_Length: 5\r\n", NAME_ALIAS),
	REFUSED("NUL in a value", "A: b\0\r\n", VALUE),
	REFUSED("LF alone", "A: b\n", BARE_LF),
	REFUSED("LF alone for the end", "A: b\r\n\n", BARE_LF),
	REFUSED("CR alone", "A: b\rc\r\n", BARE_CR),
	REFUSED("a request", "GET / HTTP/1.1\r\n", NAME_SPACE),
	{ "a section as long as it may be",
	  TEXT("A: b\r\n\r\n"),
	  "A=b|",
	  0,
	  { 8, 0, 0 } },
	{ "a section that is a byte too long",
	  TEXT("A: bc\r\n\r\n"),
	  NULL,
	  SLUICE_HTTP_ERROR_TRAILERS_LONG,
	  { 8, 0, 0 } },
	REFUSED("too many fields", HUNDRED("a: b\r\n") "a: b\r\n",
		HEADERS_MANY),
	TAKEN("as many fields as there can be", HUNDRED("a:\r\n"),
	      HUNDRED("a=|")),
};

#endif /* TESTS_HTTP_CHUNK_CASES_H */
