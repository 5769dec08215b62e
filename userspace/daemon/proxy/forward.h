/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Heads as they are passed on, made from what was parsed: nothing is copied that
 * the parser has not understood. Pure: texts in, text out.
 */
#ifndef PROXY_FORWARD_H
#define PROXY_FORWARD_H

#include <sluice/http_chunk.h>
#include <sluice/http_response.h>
#include <sluice/route_match.h>

#include "config/config.h"

struct forward_pages;

/* The field in which servers get the subject of a client's certificate. */
#define FORWARD_SUBJECT "X-Client-Cert-Subject"

/**
 * struct forward_client - who sends requests
 * @source: address and port, of the PROXY header where there was one
 * @local: where the client connected to, the same way
 * @trusted: a proxy whose X-Forwarded-... and Forwarded are believed
 *	(forward_trusts())
 * @tls: its connection is TLS
 * @tls_subject: of its certificate, or NULL
 */
struct forward_client {
	struct sluice_endpoint source;
	struct sluice_endpoint local;
	bool trusted;
	bool tls;
	const char *tls_subject;
};

/*
 * Whether an address is one of the service's trusted proxies; of mapped IPv6, the
 * IPv4 address. @http may be NULL: nobody is. Once for a connection.
 */
bool forward_trusts(const struct config_http *http,
		    const struct sluice_address *source);

/* How content goes on. */
enum forward_framing {
	FORWARD_NONE,	/* there is none, and nothing says so (GET) */
	FORWARD_LENGTH, /* Content-Length, also of 0 */
	FORWARD_CHUNKED,
	FORWARD_CLOSE, /* of a response: until the connection ends */
};

/**
 * struct forward_request - a request on its way to a server
 * @buf: where @head was parsed from
 * @head: complete
 * @service: where it arrived
 * @route: that it took, NULL: the service's pool
 * @pool: where it goes
 * @client: who sent it
 * @path: normalised, empty for "*"
 * @request_id: 32 hexadecimal digits, used if the service wants a request id and the
 *	client is not trusted or sent none; may be NULL if the service wants none
 * @framing: of the request that is made, not FORWARD_CLOSE; the length is that of
 *	@head, 0 if it has none
 * @keep_alive: the connection shall persist
 * @expect: the server is asked before content is sent, if the client does so
 *	(100-continue): its content has not been asked for by ourselves
 * @upgrade: the protocols that the client offers and @route allows are passed on
 */
struct forward_request {
	const uint8_t *buf;
	const struct sluice_http_head *head;
	const struct config_service *service;
	const struct config_route *route;
	const struct config_pool *pool;
	const struct forward_client *client;
	struct sluice_text path;
	const char *request_id;
	enum forward_framing framing;
	bool keep_alive;
	bool expect;
	bool upgrade;
};

/**
 * forward_request_write() - write the head for a server
 * @to: where to
 * @size: room there
 * @request: all of it filled in
 *
 * Always HTTP/1.1, target in origin form (or "*"), one Host: that of the client, or
 * where it sent none, the address that it connected to. Fields about the client's
 * connection, those that say who the client is, and those that framing depends on
 * are left out and made anew:
 *
 * - of everybody, Connection with all that it names, Keep-Alive, Proxy-Connection,
 *   TE but for trailers, Upgrade but for what is allowed, Proxy (CGI programs take
 *   it for their own setting);
 * - of clients that are not trusted, X-Forwarded-For, -Proto and -Host, Forwarded,
 *   FORWARD_SUBJECT, the field of the request id, and what else programs believe a
 *   proxy in, such as X-Real-IP, X-Original-URL and Client-Cert;
 * - of trusted ones, X-Forwarded-For and Forwarded get the client's address behind
 *   what they have, and of the others what they say holds.
 *
 * Of X-Forwarded-For, -Proto and -Host, and Forwarded, those that http.forwarded does
 * not ask for are passed on of nobody, but that a trusted proxy's Forwarded goes with
 * the others. Via is not added (RFC 9110 7.6.3 leaves that to gateways): it says
 * nothing that servers need, and some compress nothing for whom it names.
 *
 * Changes of the service come first, then the route's; both see what is made here,
 * but for framing, Connection and Host.
 *
 * Return: bytes; -ENOSPC; -EINVAL: CONNECT, or FORWARD_CLOSE.
 */
ssize_t forward_request_write(char *to, size_t size,
			      const struct forward_request *request);

/**
 * forward_request_id() - the number that a request is passed on with
 * @request: @buf, @head, @service, @client and @request_id filled in
 *
 * Return: that of a trusted client (1 to 128 visible characters, in @buf), or
 * &forward_request.request_id; without data: the service wants none.
 */
struct sluice_text forward_request_id(const struct forward_request *request);

/**
 * struct forward_response - a response on its way to a client
 * @buf: where @head was parsed from
 * @head: complete; also of 1xx
 * @service: where the request arrived
 * @route: that it took, or NULL
 * @cookie: a whole value of Set-Cookie to be added (sticky_cookie()), or NULL; no
 *	change of the configuration takes it out
 * @request_id: as it was passed on, takes the place of the server's; NULL: not wanted
 * @date: for a response without one (forward_clock_date()); NULL: it gets none
 * @framing: of the response that is made; the length is that of @head. With
 *	FORWARD_NONE a length that bounds nothing (HEAD, 304) is passed on.
 * @keep_alive: the connection will persist; never with FORWARD_CLOSE
 * @minor: of the client's HTTP/1.x: Connection is written for 1.0 with keep-alive
 * @upgrade: Upgrade and Connection are passed on (101)
 */
struct forward_response {
	const uint8_t *buf;
	const struct sluice_http_response *head;
	const struct config_service *service;
	const struct config_route *route;
	const char *cookie;
	const char *request_id;
	const char *date;
	enum forward_framing framing;
	bool keep_alive;
	uint8_t minor;
	bool upgrade;
};

/**
 * forward_response_write() - write the head for a client
 * @to: where to
 * @size: room there
 * @response: all of it filled in
 *
 * Always HTTP/1.1, status and reason as they came. What is about the server's
 * connection is left out. Interim responses (1xx but 101) get nothing of ours and no
 * changes. Server is left as it is, and Via is not added.
 *
 * Return: bytes, or -ENOSPC.
 */
ssize_t forward_response_write(char *to, size_t size,
			       const struct forward_response *response);

/*
 * Trailers that may be passed on, with the empty line; none that says who the client
 * is. Return: bytes or -ENOSPC.
 */
ssize_t forward_trailers_write(char *to, size_t size, const uint8_t *buf,
			       const struct sluice_http_trailers *trailers);

/**
 * struct forward_answer - a response of our own
 * @service: its changes of responses
 * @route: that decided, or NULL
 * @pages: of the service, or NULL
 * @status: 200 to 599
 * @location: for a redirect; without data: none
 * @headers: more fields, or NULL; they win over what is written otherwise
 * @request_id: as it was or would have been passed on, or NULL
 * @date: forward_clock_date(), or NULL
 * @type: of @body, NULL: text/plain; charset=utf-8
 * @body: its content; without data: the error page of the status or, where there
 *	is none, one line that says the status
 * @head_only: the request was HEAD
 * @keep_alive: the connection will persist
 * @minor: of the client's HTTP/1.x
 */
struct forward_answer {
	const struct config_service *service;
	const struct config_route *route;
	const struct forward_pages *pages;
	unsigned int status;
	struct sluice_text location;
	const struct config_pairs *headers;
	const char *request_id;
	const char *date;
	const char *type;
	struct sluice_text body;
	bool head_only;
	bool keep_alive;
	uint8_t minor;
};

/**
 * forward_answer_write() - write head and a small body
 * @to: where to
 * @size: room there
 * @answer: all of it filled in
 * @left: set to the body if it does not fit behind the head, for the caller to send;
 *	without data: everything is written. Its bytes are of @answer or of the pages.
 *
 * Return: bytes, or -ENOSPC: even the head, or the line, does not fit.
 */
ssize_t forward_answer_write(char *to, size_t size,
			     const struct forward_answer *answer,
			     struct sluice_text *left);

/**
 * forward_location() - where a redirect sends the client
 * @to: text for Location
 * @size: room there
 * @redirect: of the route
 * @request: what was asked for: @buf, @head, @client and @path
 *
 * "https" is the same host, path and query there, on its usual port; everything else
 * is taken as it is written.
 *
 * Return: bytes, without a 0, or -ENOSPC.
 */
ssize_t forward_location(char *to, size_t size,
			 const struct config_redirect *redirect,
			 const struct forward_request *request);

/* The reason phrase of a status, or "". */
const char *forward_reason(unsigned int status);

#endif /* PROXY_FORWARD_H */
