/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Heads of HTTP/1.x responses and what they mean. Those of an RFC have its section
 * in their name.
 */
#ifndef TESTS_HTTP_RESPONSE_CASES_H
#define TESTS_HTTP_RESPONSE_CASES_H

#include <sluice/http_response.h>

/*
 * Taken if @taken is there: status, reason in brackets, version, what is set of
 * keep, length=, chunked, upgrade, websocket, and how content ends for GET, for HEAD
 * and for CONNECT. Else refused for @error.
 */
struct response_case {
	const char *name;
	const char *text;
	size_t length;
	const char *taken;
	enum sluice_http_error error;
	struct sluice_http_limits limits;
};

#define TEXT(text) text, sizeof(text) - 1
#define TAKEN(name, text, taken) { name, TEXT(text), taken, 0, { 0 } }
#define REFUSED(name, text, error) \
	{ name, TEXT(text), NULL, SLUICE_HTTP_ERROR_##error, { 0 } }
#define LIMITED(name, text, head, headers, error)                  \
	{                                                          \
		name, TEXT(text), NULL, SLUICE_HTTP_ERROR_##error, \
		{                                                  \
			head, 0, headers                           \
		}                                                  \
	}
#define FITS(name, text, head, headers, taken) \
	{                                      \
		name, TEXT(text), taken, 0,    \
		{                              \
			head, 0, headers       \
		}                              \
	}

/* Where only one thing matters. */
#define LINE(line) line "\r\nContent-Length: 0\r\n\r\n"
#define OK(fields) "HTTP/1.1 200 OK\r\n" fields "\r\n"
#define STATUS(status, fields) "HTTP/1.1 " status "\r\n" fields "\r\n"
#define EMPTY " length=0 length/none/tunnel"

static const struct response_case response_cases[] = {
	/* Examples of RFCs. */
	TAKEN("RFC 9110 3.9",
	      "HTTP/1.1 200 OK\r\n"
	      "Date: Mon, 27 Jul 2009 12:28:53 GMT\r\n"
	      "Server: Apache\r\n"
	      "Last-Modified: Wed, 22 Jul 2009 19:15:56 GMT\r\n"
	      "ETag: \"34aa387-d-1568eb00\"\r\n"
	      "Accept-Ranges: bytes\r\n"
	      "Content-Length: 51\r\n"
	      "Vary: Accept-Encoding\r\n"
	      "Content-Type: text/plain\r\n\r\n",
	      "200 [OK] 1.1 keep length=51 length/none/tunnel"),
	TAKEN("RFC 9110 7.8",
	      "HTTP/1.1 101 Switching Protocols\r\n"
	      "Connection: upgrade\r\n"
	      "Upgrade: websocket\r\n\r\n",
	      "101 [Switching Protocols] 1.1 keep upgrade websocket "
	      "tunnel/tunnel/tunnel"),
	TAKEN("RFC 9110 15.2.1", STATUS("100 Continue", ""),
	      "100 [Continue] 1.1 keep none/none/none"),
	TAKEN("RFC 8297 2",
	      STATUS("103 Early Hints",
		     "Link: </style.css>; rel=preload; as=style\r\n"
		     "Link: </script.js>; rel=preload; as=script\r\n"),
	      "103 [Early Hints] 1.1 keep none/none/none"),
	TAKEN("RFC 9110 15.5.22, an offer to upgrade",
	      STATUS("426 Upgrade Required", "Upgrade: HTTP/3.0\r\n"
					     "Connection: Upgrade\r\n"
					     "Content-Length: 53\r\n"),
	      "426 [Upgrade Required] 1.1 keep length=53 upgrade "
	      "length/none/length"),
	TAKEN("RFC 9112 7.1.3, chunks", OK("Transfer-Encoding: chunked\r\n"),
	      "200 [OK] 1.1 keep chunked chunked/none/tunnel"),
	TAKEN("RFC 9112 9.3, close", OK("Connection: close\r\n"),
	      "200 [OK] 1.1 close/none/tunnel"),
	TAKEN("RFC 9112 6.3, no length", OK(""),
	      "200 [OK] 1.1 keep close/none/tunnel"),
	TAKEN("RFC 9112 6.3, no length in 1.0", "HTTP/1.0 200 OK\r\n\r\n",
	      "200 [OK] 1.0 close/none/tunnel"),

	/* The status line. */
	TAKEN("no reason", LINE("HTTP/1.1 200 "), "200 [] 1.1 keep" EMPTY),
	TAKEN("no reason and no space", LINE("HTTP/1.1 200"),
	      "200 [] 1.1 keep" EMPTY),
	TAKEN("a reason with everything",
	      LINE("HTTP/1.1 200 \t a: \"b\" \xc3\xa4\xff HTTP/1.1 404 "),
	      "200 [\t a: \"b\" \xc3\xa4\xff HTTP/1.1 404 ] 1.1 keep" EMPTY),
	TAKEN("the greatest status", LINE("HTTP/1.1 999 x"),
	      "999 [x] 1.1 keep length=0 length/none/length"),
	TAKEN("1.0", LINE("HTTP/1.0 200 OK"), "200 [OK] 1.0" EMPTY),
	REFUSED("an empty line before the head", "\r\n" OK(""), VERSION_SYNTAX),
	REFUSED("LF before the head", "\n" OK(""), BARE_LF),
	REFUSED("a space before the version", " " OK(""), VERSION_SYNTAX),
	REFUSED("content where a head should be", "<html>", VERSION_SYNTAX),
	REFUSED("a request", "GET / HTTP/1.1\r\n\r\n", VERSION_SYNTAX),
	REFUSED("a TLS record", "\x15\x03\x01", VERSION_SYNTAX),
	REFUSED("NUL", "\0", VERSION_SYNTAX),
	REFUSED("another protocol", LINE("ICY 200 OK"), VERSION_SYNTAX),
	REFUSED("lower case", LINE("http/1.1 200 OK"), VERSION_SYNTAX),
	REFUSED("HTTP/2", LINE("HTTP/2 200 OK"), VERSION_SYNTAX),
	REFUSED("HTTP/2.0", LINE("HTTP/2.0 200 OK"), VERSION),
	REFUSED("HTTP/1.2", LINE("HTTP/1.2 200 OK"), VERSION),
	REFUSED("HTTP/0.9", LINE("HTTP/0.9 200 OK"), VERSION),
	REFUSED("HTTP/1.10", LINE("HTTP/1.10 200 OK"), VERSION_SYNTAX),
	REFUSED("a tab behind the version", LINE("HTTP/1.1\t200 OK"),
		VERSION_SYNTAX),
	REFUSED("no status", LINE("HTTP/1.1"), VERSION_SYNTAX),
	REFUSED("no status but its space", LINE("HTTP/1.1 "), STATUS),
	REFUSED("two spaces before the status", LINE("HTTP/1.1  200 OK"),
		STATUS),
	REFUSED("one digit", LINE("HTTP/1.1 2 OK"), STATUS),
	REFUSED("two digits", LINE("HTTP/1.1 20 OK"), STATUS),
	REFUSED("two digits and the end", LINE("HTTP/1.1 20"), STATUS),
	REFUSED("four digits", LINE("HTTP/1.1 2000 OK"), STATUS),
	REFUSED("a status of 0", LINE("HTTP/1.1 000 OK"), STATUS),
	REFUSED("a status below 100", LINE("HTTP/1.1 099 OK"), STATUS),
	REFUSED("a status with a sign", LINE("HTTP/1.1 +20 OK"), STATUS),
	REFUSED("a negative status", LINE("HTTP/1.1 -20 OK"), STATUS),
	REFUSED("a hexadecimal status", LINE("HTTP/1.1 2f0 OK"), STATUS),
	REFUSED("a fraction", LINE("HTTP/1.1 403.6 x"), STATUS),
	REFUSED("a tab behind the status", LINE("HTTP/1.1 200\tOK"), STATUS),
	REFUSED("no space behind the status", LINE("HTTP/1.1 200OK"), STATUS),
	REFUSED("NUL in the status", LINE("HTTP/1.1 2\0000 OK"), STATUS),
	REFUSED("NUL in the reason", LINE("HTTP/1.1 200 O\0K"), STATUS),
	REFUSED("a control character in the reason",
		LINE("HTTP/1.1 200 O\x1bK"), STATUS),
	REFUSED("DEL in the reason", LINE("HTTP/1.1 200 O\x7fK"), STATUS),
	REFUSED("CR alone in the reason", LINE("HTTP/1.1 200 O\rK"), BARE_CR),
	REFUSED("CR alone behind the status", LINE("HTTP/1.1 200\rOK"),
		BARE_CR),
	REFUSED("CR CR LF behind the reason", LINE("HTTP/1.1 200 OK\r"),
		BARE_CR),
	REFUSED("LF alone behind the reason",
		"HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", BARE_LF),
	REFUSED("LF alone behind the status",
		"HTTP/1.1 200\nContent-Length: 0\r\n\r\n", BARE_LF),
	REFUSED("LF alone behind two digits", "HTTP/1.1 20\n\r\n", BARE_LF),
	REFUSED("LF alone behind the version", "HTTP/1.1\n\r\n", BARE_LF),

	/* Lines. */
	REFUSED("LF alone behind a field", OK("A: b\nC: d\r\n"), BARE_LF),
	REFUSED("CR alone in a value", OK("A: b\rC: d\r\n"), BARE_CR),
	REFUSED("CR alone at the end", "HTTP/1.1 200 OK\r\n\rX", BARE_CR),
	REFUSED("LF alone at the end", "HTTP/1.1 200 OK\r\n\n", BARE_LF),
	REFUSED("NUL in a value", OK("A: b\0c\r\n"), VALUE),
	REFUSED("NUL in a name", OK("A\0: b\r\n"), NAME),
	REFUSED("a control character in a value", OK("A: \x01\r\n"), VALUE),
	REFUSED("a folded line", OK("A: b\r\n c\r\n"), FOLDED),
	REFUSED("a line folded with a tab", OK("A: b\r\n\tc\r\n"), FOLDED),
	REFUSED("a space before the first field", OK(" A: b\r\n"),
		LEADING_SPACE),
	REFUSED("a space before the colon", OK("A : b\r\n"), NAME_SPACE),
	REFUSED("a space before the colon of a length",
		OK("Content-Length : 5\r\n"), NAME_SPACE),
	REFUSED("a tab before the colon of a coding",
		OK("Transfer-Encoding\t: chunked\r\n"), NAME_SPACE),
	REFUSED("no colon", OK("A\r\n"), NAME),
	REFUSED("no name", OK(": b\r\n"), NAME),
	REFUSED("no token for a name", OK("A(: b\r\n"), NAME),
	REFUSED("not ASCII in a name", OK("\xc3\xa4: b\r\n"), NAME),
	TAKEN("values of all kinds",
	      OK("Content-Length:\t 5 \r\nA:\r\nB:b\r\nC: \xff \tc\t\r\n"),
	      "200 [OK] 1.1 keep length=5 length/none/tunnel"),

	/* Where content ends: nobody may see another end. */
	TAKEN("the greatest length",
	      OK("Content-Length: 9223372036854775807\r\n"),
	      "200 [OK] 1.1 keep length=9223372036854775807 "
	      "length/none/tunnel"),
	TAKEN("a length in 1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n",
	      "200 [OK] 1.0 length=5 length/none/tunnel"),
	REFUSED("two lengths", OK("Content-Length: 5\r\nContent-Length: 6\r\n"),
		LENGTH_REPEATED),
	REFUSED("the same length twice",
		OK("Content-Length: 5\r\ncontent-length: 5\r\n"),
		LENGTH_REPEATED),
	REFUSED("a list of equal lengths", OK("Content-Length: 5, 5\r\n"),
		LENGTH),
	REFUSED("no length in the field", OK("Content-Length:\r\n"), LENGTH),
	REFUSED("a length with plus", OK("Content-Length: +5\r\n"), LENGTH),
	REFUSED("a negative length", OK("Content-Length: -1\r\n"), LENGTH),
	REFUSED("a hexadecimal length", OK("Content-Length: 0x5\r\n"), LENGTH),
	REFUSED("a length of 2^63",
		OK("Content-Length: 9223372036854775808\r\n"), LENGTH),
	REFUSED("a length of 2^64 and more",
		OK("Content-Length: 18446744073709551621\r\n"), LENGTH),
	REFUSED("length and coding",
		OK("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
		LENGTH_AND_CODING),
	REFUSED("coding and length",
		OK("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"),
		LENGTH_AND_CODING),
	REFUSED("length and coding with 304",
		STATUS("304 x", "Transfer-Encoding: chunked\r\n"
				"Content-Length: 0\r\n"),
		LENGTH_AND_CODING),
	REFUSED("chunked in 1.0",
		"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		CODING_VERSION),
	REFUSED("gzip, then chunked",
		OK("Transfer-Encoding: gzip, chunked\r\n"), CODING_UNKNOWN),
	REFUSED("gzip until the server closes",
		OK("Transfer-Encoding: gzip\r\n"), CODING),
	REFUSED("identity", OK("Transfer-Encoding: identity\r\n"), CODING),
	REFUSED("chunked, then gzip",
		OK("Transfer-Encoding: chunked, gzip\r\n"), CODING),
	REFUSED("chunked twice", OK("Transfer-Encoding: chunked, chunked\r\n"),
		CODING),
	REFUSED("chunked, then another field",
		OK("Transfer-Encoding: chunked\r\n"
		   "Transfer-Encoding: identity\r\n"),
		CODING),
	REFUSED("no coding", OK("Transfer-Encoding:\r\n"), CODING),
	REFUSED("a coding in quotes", OK("Transfer-Encoding: \"chunked\"\r\n"),
		CODING),
	REFUSED("xchunked", OK("Transfer-Encoding: xchunked\r\n"), CODING),
	REFUSED("chunked behind a vertical tab",
		OK("Transfer-Encoding: \vchunked\r\n"), VALUE),
	TAKEN("CHUNKED", OK("transfer-encoding:CHUNKED\r\n"),
	      "200 [OK] 1.1 keep chunked chunked/none/tunnel"),
	REFUSED("Content_Length", OK("Content_Length: 5\r\n"), NAME_ALIAS),
	REFUSED("Transfer_Encoding", OK("Transfer_Encoding: chunked\r\n"),
		NAME_ALIAS),
	REFUSED("Connection removes Content-Length",
		OK("Content-Length: 5\r\nConnection: Content-Length\r\n"),
		CONNECTION),
	REFUSED("Connection removes Transfer-Encoding",
		OK("Connection: close, transfer-encoding\r\n"), CONNECTION),
	REFUSED("no token in Connection", OK("Connection: clo se\r\n"),
		CONNECTION),

	/* Responses that have no content whatever they say. */
	TAKEN("204", STATUS("204 No Content", ""),
	      "204 [No Content] 1.1 keep none/none/none"),
	TAKEN("204 with a length of nothing",
	      STATUS("204 x", "Content-Length: 0\r\n"),
	      "204 [x] 1.1 keep none/none/none"),
	REFUSED("204 with a length", STATUS("204 x", "Content-Length: 5\r\n"),
		STATUS_CONTENT),
	REFUSED("204 with chunks",
		STATUS("204 x", "Transfer-Encoding: chunked\r\n"),
		STATUS_CONTENT),
	TAKEN("204 in 1.0", "HTTP/1.0 204 x\r\n\r\n",
	      "204 [x] 1.0 none/none/none"),
	REFUSED("100 with a length", STATUS("100 x", "Content-Length: 5\r\n"),
		STATUS_CONTENT),
	REFUSED("199 with chunks",
		STATUS("199 x", "Transfer-Encoding: chunked\r\n"),
		STATUS_CONTENT),
	TAKEN("205 may have a length", STATUS("205 x", "Content-Length: 0\r\n"),
	      "205 [x] 1.1 keep length=0 length/none/tunnel"),
	TAKEN("304", STATUS("304 Not Modified", ""),
	      "304 [Not Modified] 1.1 keep none/none/none"),
	TAKEN("304 with the length of what it is about",
	      STATUS("304 x", "Content-Length: 51\r\n"),
	      "304 [x] 1.1 keep length=51 none/none/none"),
	TAKEN("304 with the coding of what it is about",
	      STATUS("304 x", "Transfer-Encoding: chunked\r\n"),
	      "304 [x] 1.1 keep chunked none/none/none"),
	TAKEN("an error has content",
	      STATUS("500 x", "Transfer-Encoding: chunked\r\n"),
	      "500 [x] 1.1 keep chunked chunked/none/chunked"),

	/* Other protocols. */
	REFUSED("101 alone", STATUS("101 x", ""), SWITCH),
	REFUSED("101 without Connection",
		STATUS("101 x", "Upgrade: websocket\r\n"), SWITCH),
	REFUSED("101 without Upgrade",
		STATUS("101 x", "Connection: upgrade\r\n"), SWITCH),
	REFUSED("101 with an empty Upgrade",
		STATUS("101 x", "Connection: upgrade\r\nUpgrade: ,\r\n"),
		SWITCH),
	REFUSED("101 in 1.0",
		"HTTP/1.0 101 x\r\nConnection: upgrade\r\n"
		"Upgrade: websocket\r\n\r\n",
		SWITCH),
	REFUSED("101 with a length",
		STATUS("101 x", "Connection: upgrade\r\nUpgrade: websocket\r\n"
				"Content-Length: 5\r\n"),
		STATUS_CONTENT),
	TAKEN("101 with a length of nothing",
	      STATUS("101 x", "Connection: upgrade\r\nUpgrade: websocket\r\n"
			      "Content-Length: 0\r\n"),
	      "101 [x] 1.1 keep upgrade websocket tunnel/tunnel/tunnel"),
	TAKEN("101 to two protocols",
	      STATUS("101 x",
		     "Connection: Upgrade\r\nUpgrade: a/1, websocket\r\n"),
	      "101 [x] 1.1 keep upgrade tunnel/tunnel/tunnel"),
	TAKEN("Upgrade without Connection",
	      OK("Upgrade: h2c\r\nContent-Length: 0\r\n"),
	      "200 [OK] 1.1 keep" EMPTY),

	/* What becomes of the connection. */
	TAKEN("1.0 persists if it says so",
	      "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n"
	      "Content-Length: 0\r\n\r\n",
	      "200 [OK] 1.0 keep" EMPTY),
	TAKEN("close wins",
	      OK("Connection: keep-alive, , CLOSE\r\nContent-Length: 0\r\n"),
	      "200 [OK] 1.1" EMPTY),
	TAKEN("close in another field",
	      OK("Connection: x\r\nConnection: close\r\nContent-Length: 0\r\n"),
	      "200 [OK] 1.1" EMPTY),
	TAKEN("what is for requests alone means nothing",
	      OK("Host: a b\r\nHost:\r\nExpect: x\r\nContent-Length: 0\r\n"),
	      "200 [OK] 1.1 keep" EMPTY),

	/* Limits. */
	FITS("a head as long as it may be", OK("Content-Length: 0\r\n"), 38, 0,
	     "200 [OK] 1.1 keep" EMPTY),
	LIMITED("a head that is a byte too long", OK("Content-Length: 0\r\n"),
		37, 0, HEAD_LONG),
	LIMITED("a reason that is too long", OK(""), 16, 0, HEAD_LONG),
	FITS("as many fields as there may be", OK("A: b\r\nC: d\r\n"), 0, 2,
	     "200 [OK] 1.1 keep close/none/tunnel"),
	LIMITED("a field too many", OK("A: b\r\nC: d\r\nE: f\r\n"), 0, 2,
		HEADERS_MANY),
};

#endif /* TESTS_HTTP_RESPONSE_CASES_H */
