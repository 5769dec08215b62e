/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heads as they come, and as stratum relay passes them on. */
#ifndef TESTS_HTTP_RELAY_CASES_H
#define TESTS_HTTP_RELAY_CASES_H

#include <sluice/http_relay.h>

#define X SLUICE_HTTP_RELAY_X_FORWARDED
#define FORWARDED SLUICE_HTTP_RELAY_FORWARDED
#define ID SLUICE_HTTP_RELAY_REQUEST_ID
#define TRUST SLUICE_HTTP_RELAY_TRUST
#define V6 0x10	   /* the client is 2001:db8::7 */
#define TLS 0x20   /* it speaks TLS */
#define OTHER 0x40 /* numbers of requests are in another field */

#define GET(fields) "GET / HTTP/1.1\r\nHost: a\r\n" fields "\r\n"
#define FROM(proto, host)                  \
	"X-Forwarded-For: 192.0.2.7\r\n"   \
	"X-Forwarded-Proto: " proto "\r\n" \
	"X-Forwarded-Host: " host "\r\n"

/* @out is NULL where it is not passed on. */
struct relay_request_case {
	const char *name;
	unsigned int flags;
	const char *in;
	const char *out;
};

static const struct relay_request_case request_cases[] = {
	{ "fields as they came", 0,
	  "GET /x?y=1 HTTP/1.1\r\nHost: a:81\r\nAccept: */*\r\nCookie: b=c\r\n\r\n",
	  "GET /x?y=1 HTTP/1.1\r\nHost: a:81\r\nAccept: */*\r\nCookie: b=c\r\n\r\n" },
	{ "white space around values", 0,
	  GET("A:b\r\nC:\t d \t\r\nE:  f\r\nG:\r\nH: \r\nI: j \r\n"),
	  GET("A: b\r\nC: d\r\nE: f\r\nG: \r\nH: \r\nI: j\r\n") },
	{ "a path in its normal form, a query as it is", 0,
	  "GET /a/./b/../%7ec%2f?%7e HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET /a/~c%2F?%7e HTTP/1.1\r\nHost: a\r\n\r\n" },
	{ "absolute form without a path", X,
	  "GET http://A:8080?b HTTP/1.1\r\nHost: a:8080\r\n\r\n",
	  "GET /?b HTTP/1.1\r\nHost: A:8080\r\n" FROM("http",
						      "A:8080") "\r\n" },
	{ "OPTIONS *", 0, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	  "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" },
	{ "OPTIONS * in absolute form", 0,
	  "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n",
	  "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" },
	{ "CONNECT", 0, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", NULL },
	{ "an empty Host", X, "GET / HTTP/1.1\r\nHost:\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: 192.0.2.1:8080\r\n" FROM(
		  "http", "192.0.2.1:8080") "\r\n" },
	{ "content with a length", 0,
	  "POST / HTTP/1.1\r\ncontent-length: 007\r\nHost: a\r\n\r\n",
	  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n" },
	{ "the longest length", 0,
	  GET("Content-Length: 9223372036854775807\r\n"),
	  GET("Content-Length: 9223372036854775807\r\n") },
	{ "content in chunks, and Trailer", 0,
	  GET("Trailer: x\r\ntransfer-encoding: Chunked\r\n"),
	  GET("Trailer: x\r\nTransfer-Encoding: chunked\r\n") },
	{ "Trailer without chunks", 0, GET("Trailer: x\r\n"), GET("") },
	{ "Expect", 0, GET("Expect: 100-Continue\r\nContent-Length: 1\r\n"),
	  GET("Expect: 100-Continue\r\nContent-Length: 1\r\n") },
	{ "fields of the connection", 0,
	  GET("Connection: X-A, close, Cookie\r\nx-a: b\r\nKeep-Alive: 5\r\nCookie: c\r\n"
	      "Proxy-Connection: x\r\nUpgrade: h2c\r\nTE: gzip\r\nX-B: c\r\nProxy: p\r\n"),
	  GET("X-B: c\r\n") },
	{ "trailers are asked for", 0,
	  GET("TE: gzip;q=0.5, Trailers\r\nConnection: te\r\n"),
	  GET("TE: trailers\r\nConnection: TE\r\n") },
	{ "WebSocket", 0,
	  GET("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: k\r\n"),
	  GET("Sec-WebSocket-Key: k\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n") },
	{ "WebSocket and trailers", 0,
	  GET("Connection: Upgrade, TE\r\nUpgrade: websocket\r\nTE: trailers\r\n"),
	  GET("Upgrade: websocket\r\nTE: trailers\r\nConnection: TE, Upgrade\r\n") },
	{ "WebSocket or another", 0,
	  GET("Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n"), GET("") },
	{ "what a client says of itself, and nothing is written", 0,
	  GET("X-Forwarded-For: 1\r\nx_forwarded_PROTO: 2\r\nX-Forwarded-Host: 3\r\n"
	      "X-FORWARDED-FOR: 4\r\nForwarded: for=5\r\nX-Real-IP: 6\r\nX-Forwarded-Port: 7\r\n"
	      "X-Client-Cert-Subject: 8\r\nCf-Connecting-IPv6: 9\r\nX-Request-Id: 10\r\n"
	      "X-Forward: 11\r\n"),
	  GET("X-Request-Id: 10\r\nX-Forward: 11\r\n") },
	{ "and all is written", X | FORWARDED | ID | TLS,
	  GET("X-Forwarded-For: 1\r\nx_forwarded_PROTO: 2\r\nX-Forwarded-Host: 3\r\n"
	      "Forwarded: for=5\r\nx-request_id: 10\r\nX-Request-ID: 11\r\nA: b\r\n"),
	  GET("A: b\r\n" FROM("https", "a") //
	      "Forwarded: for=192.0.2.7;host=\"a\";proto=https\r\nX-Request-Id: ours\r\n") },
	{ "a number in another field", ID | OTHER,
	  GET("X-Request-Id: 10\r\nCookie: a=b\r\ncookie: c=d\r\nCookies: e\r\n"),
	  GET("X-Request-Id: 10\r\nCookies: e\r\nCookie: ours\r\n") },
	{ "which a trusted proxy has given", ID | OTHER | TRUST,
	  GET("X-Request-Id: 10\r\nCookie: theirs\r\n"),
	  GET("X-Request-Id: 10\r\nCookie: theirs\r\n") },
	{ "and none is written", OTHER, GET("Cookie: a=b\r\n"),
	  GET("Cookie: a=b\r\n") },
	{ "IPv6", X | FORWARDED | V6, GET(""),
	  GET("X-Forwarded-For: 2001:db8::7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a\r\n"
	      "Forwarded: for=\"[2001:db8::7]\";host=\"a\";proto=http\r\n") },
	{ "a trusted client", X | ID | TRUST,
	  GET("X-Forwarded-For: 1,2\r\nX-Forwarded-For:\r\nX_Forwarded-For: 3\r\nProxy: x\r\n"
	      "X-Forwarded-Proto: https\r\nX-Forwarded-Host: b\r\nX-Real-IP: 1\r\n"
	      "Forwarded: for=1\r\nForwarded: for=\"2\r\nX-Client-Cert-Subject: CN=b\r\n"
	      "X-Request-ID: theirs\r\n"),
	  GET("X-Real-IP: 1\r\nX-Forwarded-For: 1,2, 3, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n"
	      "X-Forwarded-Host: b\r\n"
	      "Forwarded: for=1, for=192.0.2.7;host=\"a\";proto=http\r\n"
	      "X-Client-Cert-Subject: CN=b\r\nX-Request-Id: theirs\r\n") },
	{ "a trusted client, and only Forwarded is written", FORWARDED | TRUST,
	  GET("X-Forwarded-For: 1\r\nForwarded: for=1\r\n"),
	  GET("Forwarded: for=1, for=192.0.2.7;host=\"a\";proto=http\r\n") },
	{ "a trusted client, and nothing is written", TRUST,
	  GET("X-Forwarded-For: 1\r\nForwarded: for=1\r\nX-Request-Id: x\r\n"),
	  GET("X-Request-Id: x\r\n") },
	{ "a trusted client whose client would be left out", X | TRUST,
	  GET("Connection: X-Forwarded-For\r\nX-Forwarded-For: 1\r\n"),
	  GET("X-Forwarded-For: 1, 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a\r\n") },
	{ "a number that could end a line of a log", ID | TRUST,
	  GET("X-Request-Id: a\"b\r\n"), GET("X-Request-Id: ours\r\n") },
};

#define CLOSE 0x01    /* the client is told that the connection ends */
#define UPGRADED 0x02 /* 101 is let through */
#define COOKIE 0x04   /* Set-Cookie is added */
#define NAMED 0x08    /* the number of the request, and the date */
#define HEAD 0x10     /* it answers HEAD */

struct relay_response_case {
	const char *name;
	unsigned int flags;
	const char *in;
	const char *out;
};

#define OK(fields) "HTTP/1.1 200 OK\r\n" fields "\r\n"
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static const struct relay_response_case response_cases[] = {
	{ "fields as they came", 0,
	  OK("Server: s\r\nContent-Length: 5\r\nETag: \"x\"\r\nSet-Cookie: a=b\r\n"),
	  OK("Server: s\r\nETag: \"x\"\r\nSet-Cookie: a=b\r\nContent-Length: 5\r\n") },
	{ "HTTP/1.0, and no reason", 0,
	  "HTTP/1.0 200\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n",
	  "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n" },
	{ "fields of the connection", 0,
	  OK("Connection: close, X\r\nX: y\r\nKeep-Alive: 5\r\nTransfer-Encoding: chunked\r\nTrailer: z\r\n"),
	  OK("Trailer: z\r\nTransfer-Encoding: chunked\r\n") },
	{ "the connection ends", CLOSE, OK("Content-Length: 0\r\n"),
	  OK("Content-Length: 0\r\nConnection: close\r\n") },
	{ "content ends with it", 0, OK("Trailer: x\r\n"),
	  OK("Connection: close\r\n") },
	{ "ours", COOKIE | NAMED,
	  OK("x-request_id: theirs\r\nContent-Length: 0\r\n"),
	  OK("Date: " DATE
	     "\r\nX-Request-Id: ours\r\nSet-Cookie: s=1\r\nContent-Length: 0\r\n") },
	{ "in another field", NAMED | OTHER,
	  OK("X-Request-Id: 1\r\nx-other: 2\r\nContent-Length: 0\r\n"),
	  OK("X-Request-Id: 1\r\nDate: " DATE
	     "\r\nX-Other: ours\r\nContent-Length: 0\r\n") },
	{ "a date that there is", NAMED, OK("date: x\r\nContent-Length: 0\r\n"),
	  OK("date: x\r\nX-Request-Id: ours\r\nContent-Length: 0\r\n") },
	{ "the length of what HEAD did not get", HEAD,
	  OK("Content-Length: 5\r\n"), OK("Content-Length: 5\r\n") },
	{ "the chunks of what HEAD did not get", HEAD,
	  OK("Transfer-Encoding: chunked\r\nTrailer: x\r\n"), OK("") },
	{ "304", 0, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
	  "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n" },
	{ "204 with a length of nothing", 0,
	  "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
	  "HTTP/1.1 204 No Content\r\n\r\n" },
	{ "100 gets nothing of ours", CLOSE | COOKIE | NAMED,
	  "HTTP/1.1 100 Continue\r\nConnection: x\r\nX: y\r\nX-Request-Id: z\r\n\r\n",
	  "HTTP/1.1 100 Continue\r\nX-Request-Id: z\r\n\r\n" },
	{ "101", UPGRADED | NAMED | CLOSE,
	  "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nDate: x\r\nConnection: Upgrade\r\n\r\n",
	  "HTTP/1.1 101 Go\r\nDate: x\r\nX-Request-Id: ours\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" },
	{ "101 that nobody has allowed", 0,
	  "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
	  NULL },
};

#endif /* TESTS_HTTP_RELAY_CASES_H */
