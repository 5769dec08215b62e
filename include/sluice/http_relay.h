/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Heads as stratum relay passes them on: written anew from what was parsed, so that
 * nothing reaches the other side that the parser did not understand. Header fields
 * keep their order and their bytes; what is about one connection is left out (RFC
 * 9110 7.6.1), and what the client must not say of itself is replaced.
 */
#ifndef SLUICE_HTTP_RELAY_H
#define SLUICE_HTTP_RELAY_H

#include "http_chunk.h"
#include "http_head.h"
#include "http_response.h"
#include "route_match.h"

/**
 * enum sluice_http_relay_add - header fields that are written into requests
 * @SLUICE_HTTP_RELAY_X_FORWARDED: X-Forwarded-For, -Proto and -Host
 * @SLUICE_HTTP_RELAY_FORWARDED: Forwarded, RFC 7239
 * @SLUICE_HTTP_RELAY_REQUEST_ID: X-Request-Id, or what is said in its place
 * @SLUICE_HTTP_RELAY_TRUST: the client is a proxy that is believed: what it says
 *	in these fields stays, and is continued
 *
 * X-Forwarded-... and Forwarded of a client that is not trusted are removed whether
 * or not others are written; so are all others that programs believe a proxy in, such
 * as X-Real-IP (http_claim.h). Of one that is trusted, Forwarded is continued with
 * either of the first two, and X-Forwarded-... with the first. The number of the
 * request goes on as it is where none is written, and where the trusted client's is
 * sound.
 */
enum sluice_http_relay_add {
	SLUICE_HTTP_RELAY_X_FORWARDED = 1,
	SLUICE_HTTP_RELAY_FORWARDED = 2,
	SLUICE_HTTP_RELAY_REQUEST_ID = 4,
	SLUICE_HTTP_RELAY_TRUST = 8,
};

/**
 * struct sluice_http_relay - what is said of a request on its way
 * @client: address of the client, as text (RFC 5952), IPv6 without brackets
 * @local: address and port that it connected to, as in a URL: what Host says where
 *	the client has left it empty; no text: such a request is not written
 * @request_id: number of the request, where the client's is not taken
 * @request_id_name: field that has it, a token and none of
 *	sluice_http_name_is_ours(); NULL: X-Request-Id
 * @tls: the client spoke TLS
 * @add: &enum sluice_http_relay_add
 */
struct sluice_http_relay {
	struct sluice_text client;
	struct sluice_text local;
	struct sluice_text request_id;
	const char *request_id_name;
	bool tls;
	u8 add;
};

/**
 * struct sluice_http_relay_reply - what is said of a response on its way
 * @set_cookie: value of a Set-Cookie field that is added, or no text
 * @request_id: takes the place of what the server says in its field, or no text
 * @request_id_name: that field; NULL: X-Request-Id
 * @date: for a response without Date (RFC 9110 6.6.1), or no text
 * @close: the client is told that the connection ends
 * @upgraded: 101 goes through: Connection: upgrade and Upgrade stay
 */
struct sluice_http_relay_reply {
	struct sluice_text set_cookie;
	struct sluice_text request_id;
	const char *request_id_name;
	struct sluice_text date;
	bool close;
	bool upgraded;
};

/**
 * sluice_http_relay_id_name() - the field that has the number of a request
 * @name: what was said, or NULL
 *
 * Return: its name.
 */
static inline const char *sluice_http_relay_id_name(const char *name)
{
	return name ? name : "X-Request-Id";
}

u32 sluice_http_relay_request(const struct sluice_http_head *head,
			      const u8 *buf,
			      const struct sluice_http_relay *relay, u8 *out,
			      u32 size);
u32 sluice_http_relay_response(const struct sluice_http_response *response,
			       const u8 *buf, enum sluice_http_framing framing,
			       const struct sluice_http_relay_reply *reply,
			       u8 *out, u32 size);
u32 sluice_http_relay_trailers(const struct sluice_http_trailers *trailers,
			       const u8 *buf, u8 *out, u32 size);

#endif /* SLUICE_HTTP_RELAY_H */
