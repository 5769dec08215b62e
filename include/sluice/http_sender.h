/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who sends a request, for servers: X-Forwarded-For, -Proto and -Host, Forwarded
 * (RFC 7239), the number of the request.
 *
 * What a proxy says that is trusted is believed and continued. What anybody else
 * says is left out, in whatever field programs look for it (http_claim.h), so that a
 * server may rely on these. X-Real-IP and its like are not made: they can hold one
 * address, and X-Forwarded-For has it.
 */
#ifndef SLUICE_HTTP_SENDER_H
#define SLUICE_HTTP_SENDER_H

#include "http_claim.h"
#include "http_head.h"
#include "http_out.h"
#include "route_match.h"

/* Longest number of a request that is taken over. */
#define SLUICE_HTTP_REQUEST_ID_MAX 128

/**
 * struct sluice_http_sender - who sends a request, and what it said of that itself
 * @head: the request, complete
 * @buf: the buffer it is in
 * @client: address as text (RFC 5952), IPv6 without brackets; or "unknown"
 * @local: address and port that it connected to, as in a URL: the host where @head
 *	names none; may be no text where it does
 * @tls: the client spoke TLS
 * @trusted: it is a proxy that is believed
 * @last: by &enum sluice_http_claim, the last field that may be believed and has a
 *	value, or NULL: filled in by sluice_http_sender_keep()
 */
struct sluice_http_sender {
	const struct sluice_http_head *head;
	const u8 *buf;
	struct sluice_text client;
	struct sluice_text local;
	bool tls;
	bool trusted;
	const struct sluice_http_header *last[SLUICE_HTTP_CLAIM_SUBJECT + 1];
};

bool sluice_http_sender_keep(struct sluice_http_sender *sender,
			     const struct sluice_http_header *header,
			     enum sluice_http_claim claim);
void sluice_http_sender_host(const struct sluice_http_sender *sender,
			     struct sluice_http_out *out);
void sluice_http_sender_write(const struct sluice_http_sender *sender,
			      enum sluice_http_claim claim,
			      struct sluice_http_out *out);
struct sluice_text
sluice_http_sender_id(const struct sluice_http_sender *sender, const char *name,
		      u32 len);

#endif /* SLUICE_HTTP_SENDER_H */
