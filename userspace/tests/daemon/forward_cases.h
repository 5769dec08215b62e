/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests as they come, and as servers get them. */
#ifndef TESTS_FORWARD_CASES_H
#define TESTS_FORWARD_CASES_H

#include "proxy/forward.h"

/* What is so besides what the case says. */
#define TLS 0x01   /* the client's connection is TLS */
#define CLOSE 0x02 /* the server's connection is not to persist */
#define UPGRADE 0x04
#define EXPECT 0x08
#define NO_ROUTE 0x10
#define V6 0x20	     /* the client is 2001:db8::7, at [2001:db8::1]:8080 */
#define TRUSTED 0x40 /* it is 10.0.0.9, one of the trusted */
#define MAPPED 0x80  /* the client's address is IPv4 in IPv6 form */

/* The fields that go with each request. */
#define FROM(proto, host)                  \
	"X-Forwarded-For: 192.0.2.7\r\n"   \
	"X-Forwarded-Proto: " proto "\r\n" \
	"X-Forwarded-Host: " host "\r\n"
#define USUAL FROM("http", "a")

/**
 * struct forward_case - a request
 * @name: of the case
 * @http: keys of the service's http
 * @route: keys of the route
 * @in: head as received
 * @out: as written
 * @flags: see above
 * @framing: of what is written
 * @subject: of the client's certificate
 */
struct forward_case {
	const char *name;
	const char *http;
	const char *route;
	const char *in;
	const char *out;
	unsigned int flags;
	enum forward_framing framing;
	const char *subject;
};

static const struct forward_case forward_cases[] = {
	{ "a plain request", "", "",
	  "GET /x?y=1 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
	  "GET /x?y=1 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n" USUAL "\r\n", 0,
	  FORWARD_NONE, NULL },
	{ "without a route", "", "", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", NO_ROUTE, FORWARD_NONE,
	  NULL },
	{ "white space around values", "", "",
	  "GET / HTTP/1.1\r\nHost:a\r\nA:b\r\nC:\t d \t\r\nE:  f\r\nG:\r\nH: \r\nI: j \r\nK:\tl\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\nE: f\r\nG: \r\nH: \r\nI: j\r\nK: l\r\n" USUAL
	  "\r\n",
	  0, FORWARD_NONE, NULL },
	{ "a path that is normalised, a query that is not", "", "",
	  "GET /a/./b/../%7ec%2f%c3?%7e HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET /a/~c%2F%C3?%7e HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0,
	  FORWARD_NONE, NULL },
	{ "an empty query", "", "", "GET /? HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET /? HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0, FORWARD_NONE,
	  NULL },
	{ "a target in absolute form", "", "",
	  "GET http://a:8080?b HTTP/1.1\r\nHost: a:8080\r\n\r\n",
	  "GET /?b HTTP/1.1\r\nHost: a:8080\r\n" FROM("http", "a:8080") "\r\n",
	  0, FORWARD_NONE, NULL },
	{ "OPTIONS *", "", "", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	  "OPTIONS * HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0, FORWARD_NONE,
	  NULL },
	{ "OPTIONS * in absolute form", "", "strip-prefix: /x",
	  "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n",
	  "OPTIONS * HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0, FORWARD_NONE,
	  NULL },
	{ "HTTP/1.0 without a host", "", "",
	  "GET / HTTP/1.0\r\nExpect: 100-continue\r\nTE: trailers\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: 192.0.2.1:8080\r\n" FROM(
		  "http", "192.0.2.1:8080") "\r\n",
	  EXPECT, FORWARD_NONE, NULL },
	{ "HTTP/1.0 without a host, IPv6", "", "", "GET / HTTP/1.0\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n"
	  "X-Forwarded-For: 2001:db8::7\r\nX-Forwarded-Proto: http\r\n"
	  "X-Forwarded-Host: [2001:db8::1]:8080\r\n\r\n",
	  V6, FORWARD_NONE, NULL },
	{ "fields of the connection", "", "",
	  "GET / HTTP/1.1\r\nConnection: X-A, close\r\nHost: a\r\nx-a: b\r\nKeep-Alive: 5\r\n"
	  "Proxy-Connection: x\r\nUpgrade: h2c\r\nTE: gzip\r\nX-B: c\r\nConnection: x-c\r\n"
	  "X-C: d\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-B: c\r\n" USUAL "\r\n", 0,
	  FORWARD_NONE, NULL },
	{ "trailers are asked for", "", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nTE: gzip;q=0.5, Trailers\r\nConnection: te\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" USUAL
	  "TE: trailers\r\nConnection: TE\r\n\r\n",
	  0, FORWARD_NONE, NULL },
	{ "a connection that ends", "", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" USUAL
	  "TE: trailers\r\nConnection: close, TE\r\n\r\n",
	  CLOSE, FORWARD_NONE, NULL },
	{ "content with a length", "", "",
	  "POST / HTTP/1.1\r\nContent-Length: 0012\r\nHost: a\r\nTrailer: x\r\n\r\n",
	  "POST / HTTP/1.1\r\nHost: a\r\n" USUAL "Content-Length: 12\r\n\r\n",
	  0, FORWARD_LENGTH, NULL },
	{ "content of no length", "", "", "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
	  "POST / HTTP/1.1\r\nHost: a\r\n" USUAL "Content-Length: 0\r\n\r\n", 0,
	  FORWARD_LENGTH, NULL },
	{ "content in chunks", "", "",
	  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nTrailer: x\r\n\r\n",
	  "POST / HTTP/1.1\r\nHost: a\r\nTrailer: x\r\n" USUAL
	  "Transfer-Encoding: chunked\r\n\r\n",
	  0, FORWARD_CHUNKED, NULL },
	{ "an expectation", "", "",
	  "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n",
	  "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n" USUAL
	  "Content-Length: 1\r\n\r\n",
	  EXPECT, FORWARD_LENGTH, NULL },
	{ "an expectation that was met", "", "",
	  "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n",
	  "POST / HTTP/1.1\r\nHost: a\r\n" USUAL "Content-Length: 1\r\n\r\n", 0,
	  FORWARD_LENGTH, NULL },
	{ "an upgrade", "", "upgrade: websocket",
	  "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
	  "Sec-WebSocket-Key: k\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: k\r\n" USUAL
	  "Upgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n",
	  UPGRADE, FORWARD_NONE, NULL },
	{ "an upgrade to something else, too", "", "upgrade: [chat, websocket]",
	  "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x\r\n"
	  "Upgrade: h2c, websocket\r\nUpgrade: chat/2, chatter\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" USUAL
	  "Upgrade: websocket, chat/2\r\nConnection: Upgrade\r\n\r\n",
	  UPGRADE, FORWARD_NONE, NULL },
	{ "an upgrade that no route allows", "", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", UPGRADE, FORWARD_NONE,
	  NULL },
	{ "an upgrade that is not asked for", "", "upgrade: websocket",
	  "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", UPGRADE, FORWARD_NONE,
	  NULL },

	{ "TLS", "", "", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" FROM("https", "a") "\r\n", TLS,
	  FORWARD_NONE, NULL },
	{ "IPv4 in IPv6 form", "", "", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", MAPPED, FORWARD_NONE,
	  NULL },
	{ "what anybody says of itself", "request-id: X-Request-Id", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nx-forwarded-proto: https\r\n"
	  "X_Forwarded_For: 1.1.1.1\r\nX-Forwarded-Host: b\r\nX-Forwarded-Port: 1\r\n"
	  "Forwarded: for=1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\nX_Real-Ip: 1.1.1.1\r\n"
	  "X-Client-Cert-Subject: CN=root\r\nClient-Cert: :x:\r\nX-SSL-Client-S-DN: CN=root\r\n"
	  "X-Original-URL: /admin\r\nTrue-Client-IP: 1.1.1.1\r\nProxy: http://b\r\n"
	  "X-Request-ID: mine\r\nX_request_id: mine\r\nX-Other: stays\r\nCache-Control: x\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-Other: stays\r\nCache-Control: x\r\n" USUAL
	  "X-Request-Id: 0123456789abcdef0123456789abcdef\r\n\r\n",
	  0, FORWARD_NONE, NULL },
	{ "what a trusted proxy says", "request-id: X-Request-Id", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1,2.2.2.2\r\nX-Forwarded-For:\r\n"
	  "x-forwarded-proto: https\r\nX-Forwarded-For: 3.3.3.3\r\nX-Forwarded-Host: b\r\n"
	  "X-Forwarded-Port: 1\r\nX-Real-IP: 1.1.1.1\r\nX-Client-Cert-Subject: CN=b\r\nProxy: x\r\n"
	  "X-Request-ID: theirs\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Port: 1\r\nX-Real-IP: 1.1.1.1\r\n"
	  "X-Forwarded-For: 1.1.1.1,2.2.2.2, 3.3.3.3, 10.0.0.9\r\nX-Forwarded-Proto: https\r\n"
	  "X-Forwarded-Host: b\r\nX-Client-Cert-Subject: CN=b\r\nX-Request-Id: theirs\r\n\r\n",
	  TRUSTED, FORWARD_NONE, "CN=proxy" },
	{ "the last of what is said twice", "", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n"
	  "X-Forwarded-Host: b\r\nX-Forwarded-Host:\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: http\r\n"
	  "X-Forwarded-Host: b\r\n\r\n",
	  TRUSTED, FORWARD_NONE, NULL },
	{ "Forwarded is continued", "", "",
	  "GET / HTTP/1.1\r\nHost: a:81\r\nForwarded: for=1.1.1.1;by=\"_\\\"b\"\r\n"
	  "Forwarded: for=2.2.2.2;by=\"open\r\nForwarded: for=3.3.3.3\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a:81\r\nX-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: https\r\n"
	  "X-Forwarded-Host: a:81\r\n"
	  "Forwarded: for=1.1.1.1;by=\"_\\\"b\", for=3.3.3.3, for=10.0.0.9;host=\"a:81\";proto=https\r\n"
	  "\r\n",
	  TRUSTED | TLS, FORWARD_NONE, NULL },
	{ "Forwarded in IPv6", "trusted: '2001:db8::/64'", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nForwarded: for=x\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 2001:db8::7\r\nX-Forwarded-Proto: http\r\n"
	  "X-Forwarded-Host: a\r\n"
	  "Forwarded: for=x, for=\"[2001:db8::7]\";host=\"a\";proto=http\r\n\r\n",
	  V6, FORWARD_NONE, NULL },
	{ "nothing is passed on", "forwarded: false", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nForwarded: for=x\r\nX-Forwarded-For: x\r\n"
	  "X-Forwarded-Port: 1\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Port: 1\r\n\r\n", TRUSTED,
	  FORWARD_NONE, NULL },
	{ "Forwarded of our own, whatever the client says",
	  "forwarded: rfc7239", "",
	  "GET / HTTP/1.1\r\nHost: a:81\r\nForwarded: for=x\r\nX-Forwarded-For: x\r\n"
	  "FORWARDED: for=y;proto=https\r\nX-Forwarded-Proto: https\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a:81\r\n"
	  "Forwarded: for=192.0.2.7;host=\"a:81\";proto=http\r\n\r\n",
	  0, FORWARD_NONE, NULL },
	{ "Forwarded of our own, of IPv6", "forwarded: rfc7239", "",
	  "GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\nForwarded: for=x\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n"
	  "Forwarded: for=\"[2001:db8::7]\";host=\"[2001:db8::1]:8080\";proto=https\r\n\r\n",
	  V6 | TLS, FORWARD_NONE, NULL },
	{ "Forwarded of our own, behind a proxy's", "forwarded: rfc7239", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nForwarded: for=x\r\nX-Forwarded-For: y\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n"
	  "Forwarded: for=x, for=10.0.0.9;host=\"a\";proto=http\r\n\r\n",
	  TRUSTED, FORWARD_NONE, NULL },
	{ "all fields that say who the client is", "forwarded: both", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nForwarded: for=x\r\nX-Forwarded-For: x\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" USUAL
	  "Forwarded: for=192.0.2.7;host=\"a\";proto=http\r\n\r\n",
	  MAPPED, FORWARD_NONE, NULL },
	{ "Forwarded that a route takes out", "forwarded: both",
	  "headers: {request: {remove: [forwarded]}}",
	  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0, FORWARD_NONE, NULL },
	{ "a client's certificate", "", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nx-client-cert-subject: CN=root\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" FROM(
		  "https",
		  "a") "X-Client-Cert-Subject: CN=a\\0D\\0Ab\\C3\\A4,O=c\r\n\r\n",
	  TLS, FORWARD_NONE, "CN=a\r\nb\xc3\xa4,O=c" },
	{ "a number that is too long, or has blanks", "request-id: id", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nID: a b\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: http\r\n"
	  "X-Forwarded-Host: a\r\nid: 0123456789abcdef0123456789abcdef\r\n\r\n",
	  TRUSTED, FORWARD_NONE, NULL },

	{ "a prefix taken off", "", "strip-prefix: /api",
	  "GET /api/v1?x HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET /v1?x HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0, FORWARD_NONE,
	  NULL },
	{ "a prefix that is all", "", "strip-prefix: /api/",
	  "GET /api?x HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET /?x HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0, FORWARD_NONE,
	  NULL },
	{ "a prefix that is part of a segment", "", "strip-prefix: /api",
	  "GET /apix HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET /apix HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0, FORWARD_NONE,
	  NULL },
	{ "a prefix that is encoded", "", "strip-prefix: /a%20b",
	  "GET /%61%20b/%2e%2e/a%20b/%2F HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET /%2F HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0, FORWARD_NONE,
	  NULL },
	{ "a prefix replaced", "", "strip-prefix: /api, replace-prefix: /v1/x/",
	  "GET /api/y HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET /v1/x/y HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0, FORWARD_NONE,
	  NULL },
	{ "a prefix replaced that is all", "",
	  "strip-prefix: /api, replace-prefix: /v1",
	  "GET /api HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET /v1 HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0, FORWARD_NONE,
	  NULL },
	{ "every path gets a prefix", "",
	  "strip-prefix: /, replace-prefix: /v1",
	  "GET /x HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET /v1/x HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0, FORWARD_NONE,
	  NULL },
	{ "a prefix replaced by nothing", "",
	  "strip-prefix: /api, replace-prefix: /",
	  "GET /api/ HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" USUAL "\r\n", 0, FORWARD_NONE, NULL },

	{ "a client that has a proxy leave out who it is", "", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Forwarded-For\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1, 10.0.0.9\r\n"
	  "X-Forwarded-Proto: http\r\nX-Forwarded-Host: a\r\n\r\n",
	  TRUSTED, FORWARD_NONE, NULL },
	{ "a field that is called close", "", "",
	  "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nClose: x\r\nKeep: y\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nKeep: y\r\n" USUAL "\r\n", 0,
	  FORWARD_NONE, NULL },
	{ "fields changed by the service",
	  "headers: {request: {set: {X-A: s}, add: {X-B: t}, remove: [X-C]}}",
	  "",
	  "GET / HTTP/1.1\r\nHost: a\r\nx-a: 1\r\nX-B: 2\r\nX-C: 3\r\nX-A: 4\r\nX-CC: 5\r\nX: 6\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-B: 2\r\nX-CC: 5\r\nX: 6\r\n" USUAL
	  "X-A: s\r\nX-B: t\r\n\r\n",
	  0, FORWARD_NONE, NULL },
	{ "then by the route",
	  "headers: {request: {set: {X-A: s, X-D: u}, add: {X-B: t}, remove: [X-C]}}",
	  "headers: {request: {set: {x-b: r}, add: {X-C: q, X-A: p}, remove: [x-d]}}",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-B: 2\r\nX-C: 3\r\nX-D: 4\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\n" USUAL
	  "X-A: s\r\nx-b: r\r\nX-C: q\r\nX-A: p\r\n\r\n",
	  0, FORWARD_NONE, NULL },
	{ "what is ours is changed, too", "request-id: X-Request-Id",
	  "headers: {request: {set: {X-Forwarded-Proto: gopher}, remove: [x-forwarded-for, x-request-id, x-client-cert-subject]}}",
	  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Host: a\r\nX-Forwarded-Proto: gopher\r\n\r\n",
	  0, FORWARD_NONE, "CN=a" },
};

#endif /* TESTS_FORWARD_CASES_H */
