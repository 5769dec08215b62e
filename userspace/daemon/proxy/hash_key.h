/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a request scheduler maglev spreads by, as a hash. */
#ifndef PROXY_HASH_KEY_H
#define PROXY_HASH_KEY_H

#include <stdint.h>

#include <sluice/http_head.h>
#include <sluice/route_match.h>

#include "config/pool.h"

/**
 * struct hash_key_request - a request
 * @buf: where @head was parsed from
 * @head: complete
 * @path: as it is passed on, normalised: two spellings of one path are the same;
 *	empty: the target has none ("*", CONNECT)
 * @source: the client: of the PROXY header or of X-Forwarded-For where those are
 *	believed
 */
struct hash_key_request {
	const uint8_t *buf;
	const struct sluice_http_head *head;
	struct sluice_text path;
	const struct sluice_address *source;
};

/**
 * hash_key() - the hash of a request
 * @hashing: what is hashed (&config_pool.hash); NULL: the source address
 * @request: nothing of it is changed
 * @key: the same on every node and after every restart, or else clients change
 *	their servers; a secret, if no client shall choose its server
 *
 * On the source: its address, without the port; ::ffff:192.0.2.1 is 192.0.2.1. On
 * the URI: path and query. On a header field, cookie or parameter: the value of the
 * first with this name that is not empty, byte by byte as it was sent; what name a
 * field has is not a matter of upper and lower case. A request that lacks it is
 * hashed on its source, differently from a value of the same bytes.
 *
 * Return: for &balance_ask.hash.
 */
uint64_t hash_key(const struct config_hashing *hashing,
		  const struct hash_key_request *request,
		  const uint64_t key[2]);

#endif /* PROXY_HASH_KEY_H */
