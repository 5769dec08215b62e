/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Responses as servers send them, and as clients get them. */
#ifndef TESTS_FORWARD_RESPONSE_CASES_H
#define TESTS_FORWARD_RESPONSE_CASES_H

#include "proxy/forward.h"

/* What is so besides what the case says. */
#define CLOSE 0x01    /* the client's connection does not persist */
#define HTTP_1_0 0x02 /* the client's version */
#define UPGRADE 0x04
#define ID 0x08	     /* the request has a number */
#define COOKIE 0x10  /* the client is to stay with the server */
#define NO_DATE 0x20 /* none is to be added */

#define DATE "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

/**
 * struct response_case - a response
 * @name: of the case
 * @http: keys of the service's http
 * @route: keys of the route
 * @in: head as received
 * @out: as written
 * @flags: see above
 * @framing: of what is written
 */
struct response_case {
	const char *name;
	const char *http;
	const char *route;
	const char *in;
	const char *out;
	unsigned int flags;
	enum forward_framing framing;
};

static const struct response_case response_cases[] = {
	{ "a plain response", "", "",
	  "HTTP/1.1 200 Fine\r\nServer: x\r\nContent-Length: 05\r\nA:b\r\n\r\n",
	  "HTTP/1.1 200 Fine\r\nServer: x\r\nA: b\r\n" DATE
	  "Content-Length: 5\r\n\r\n",
	  0, FORWARD_LENGTH },
	{ "HTTP/1.0, without a reason", "", "",
	  "HTTP/1.0 200\r\ndate: x\r\n\r\n",
	  "HTTP/1.1 200 \r\ndate: x\r\nTransfer-Encoding: chunked\r\n\r\n", 0,
	  FORWARD_CHUNKED },
	{ "no date is wanted", "", "", "HTTP/1.1 204 x\r\n\r\n",
	  "HTTP/1.1 204 x\r\n\r\n", NO_DATE, FORWARD_NONE },
	{ "chunks, with trailers", "", "",
	  "HTTP/1.1 200 OK\r\nTrailer: x\r\nTransfer-Encoding: chunked\r\n\r\n",
	  "HTTP/1.1 200 OK\r\nTrailer: x\r\n" DATE
	  "Transfer-Encoding: chunked\r\n\r\n",
	  0, FORWARD_CHUNKED },
	{ "chunks for a client of HTTP/1.0", "", "",
	  "HTTP/1.1 200 OK\r\nTrailer: x\r\nTransfer-Encoding: chunked\r\n\r\n",
	  "HTTP/1.1 200 OK\r\n" DATE "Connection: close\r\n\r\n", HTTP_1_0,
	  FORWARD_CLOSE },
	{ "a client of HTTP/1.0 that stays", "", "",
	  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n",
	  "HTTP/1.1 200 OK\r\n" DATE
	  "Content-Length: 1\r\nConnection: keep-alive\r\n\r\n",
	  HTTP_1_0, FORWARD_LENGTH },
	{ "a connection that ends", "", "",
	  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n",
	  "HTTP/1.1 200 OK\r\n" DATE
	  "Content-Length: 1\r\nConnection: close\r\n\r\n",
	  CLOSE, FORWARD_LENGTH },
	{ "fields of the connection", "", "",
	  "HTTP/1.1 200 OK\r\nConnection: x-a\r\nX-A: 1\r\nX-B: 2\r\nKeep-Alive: 5\r\n"
	  "Proxy-Connection: y\r\nUpgrade: h2\r\nContent-Length: 0\r\n\r\n",
	  "HTTP/1.1 200 OK\r\nX-B: 2\r\n" DATE "Content-Length: 0\r\n\r\n",
	  UPGRADE, FORWARD_LENGTH },
	{ "a length of another response", "", "",
	  "HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n",
	  "HTTP/1.1 304 x\r\n" DATE "Content-Length: 5\r\n\r\n", 0,
	  FORWARD_NONE },
	{ "a response before the response",
	  "request-id: id, headers: {response: {set: {A: b}}}", "",
	  "HTTP/1.1 103 Early Hints\r\nLink: x\r\nConnection: close\r\nA: c\r\n\r\n",
	  "HTTP/1.1 103 Early Hints\r\nLink: x\r\nA: c\r\n\r\n",
	  ID | COOKIE | CLOSE, FORWARD_NONE },
	{ "an upgrade", "headers: {response: {set: {A: b}}}", "",
	  "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nConnection: Upgrade\r\n"
	  "Sec-WebSocket-Accept: x\r\n\r\n",
	  "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\n" DATE
	  "A: b\r\nSet-Cookie: c=d; Path=/\r\nConnection: Upgrade\r\nupgrade: websocket\r\n\r\n",
	  UPGRADE | COOKIE, FORWARD_NONE },
	{ "a number, whatever the server says", "request-id: X-Request-Id", "",
	  "HTTP/1.1 200 OK\r\nx-request-id: 1\r\nContent-Length: 0\r\n\r\n",
	  "HTTP/1.1 200 OK\r\n" DATE
	  "X-Request-Id: 0123\r\nContent-Length: 0\r\n\r\n",
	  ID, FORWARD_LENGTH },
	{ "the server's number", "request-id: X-Request-Id", "",
	  "HTTP/1.1 200 OK\r\nx-request-id: 1\r\nContent-Length: 0\r\n\r\n",
	  "HTTP/1.1 200 OK\r\nx-request-id: 1\r\n" DATE
	  "Content-Length: 0\r\n\r\n",
	  0, FORWARD_LENGTH },
	{ "fields changed by the service, then by the route",
	  "headers: {response: {set: {A: s}, add: {B: t}, remove: [Server, Date]}}",
	  "headers: {response: {set: {B: r}, remove: [set-cookie]}}",
	  "HTTP/1.1 200 OK\r\nSERVER: x\r\na: 1\r\nb: 2\r\nSet-Cookie: a=b\r\nC: 3\r\n"
	  "Content-Length: 0\r\n\r\n",
	  "HTTP/1.1 200 OK\r\nC: 3\r\nA: s\r\nB: r\r\nSet-Cookie: c=d; Path=/\r\n"
	  "Content-Length: 0\r\n\r\n",
	  COOKIE, FORWARD_LENGTH },
};

#endif /* TESTS_FORWARD_RESPONSE_CASES_H */
