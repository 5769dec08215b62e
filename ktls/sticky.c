// SPDX-License-Identifier: GPL-2.0
/*
 * Cookies that keep clients at their servers: they are read from requests, and put
 * into responses. The same ones as in stratum proxy: what they look like is in
 * lib/sticky.c, and who has the same key knows them.
 */

#include <crypto/sha2.h>
#include <crypto/utils.h>

#include "run.h"
#include "server.h"
#include "sticky.h"

/* Nothing of ours selects it, but what is in kernels of distributions does. */
#if !IS_ENABLED(CONFIG_CRYPTO_LIB_SHA256)
#error "sluice_ktls needs a kernel with CONFIG_CRYPTO_LIB_SHA256"
#endif

/* RFC 2104, of a text that fits one buffer; the key is shorter than a block. */
static void hmac(const u8 key[SLUICE_STICKY_SECRET_SIZE], const u8 *text,
		 u32 length, u8 digest[SHA256_DIGEST_SIZE])
{
	u8 inner[SHA256_BLOCK_SIZE + SLUICE_STICKY_SIGNED_MAX];
	u8 outer[SHA256_BLOCK_SIZE + SHA256_DIGEST_SIZE];
	u32 i;

	memset(inner, 0x36, SHA256_BLOCK_SIZE);
	memset(outer, 0x5c, SHA256_BLOCK_SIZE);
	for (i = 0; i < SLUICE_STICKY_SECRET_SIZE; i++) {
		inner[i] ^= key[i];
		outer[i] ^= key[i];
	}
	memcpy(inner + SHA256_BLOCK_SIZE, text, length);
	sha256(inner, SHA256_BLOCK_SIZE + length, outer + SHA256_BLOCK_SIZE);
	sha256(outer, sizeof(outer), digest);
	memzero_explicit(inner, sizeof(inner));
	memzero_explicit(outer, sizeof(outer));
}

/* Names of pools are of a length that can be signed. */
static void sign(const struct sluice_relay *relay,
		 const struct sluice_sticky *sticky,
		 struct sluice_sticky_mark *mark)
{
	u8 key[SLUICE_STICKY_SECRET_SIZE], digest[SHA256_DIGEST_SIZE];
	u8 text[SLUICE_STICKY_SIGNED_MAX];
	u32 length;

	sluice_relay_config_key(relay->rn, &relay->service, key);
	length = sluice_sticky_signed(text, sticky->pool, mark->server);
	hmac(key, text, length, digest);
	memcpy(mark->signature, digest, sizeof(mark->signature));
	memzero_explicit(key, sizeof(key));
}

/**
 * sluice_sticky_kept() - which server a request's cookie says
 * @relay: the client, whose request's head is there
 * @sticky: how the pool wants it
 * @server: set to the number of the server
 *
 * The first cookie of the name counts.
 *
 * Context: any.
 * Return: whether there is one, and we have made it.
 */
bool sluice_sticky_kept(const struct sluice_relay *relay,
			const struct sluice_sticky *sticky, u64 *server)
{
	const u8 *data = relay->client.data + relay->client.start;
	struct sluice_sticky_mark mark, right;
	struct sluice_http_slice value;

	if (!sluice_http_cookie_find(&relay->exchange->head, data,
				     sticky->cookie, strlen(sticky->cookie),
				     &value) ||
	    !sluice_sticky_read(&mark, (const char *)data + value.offset,
				value.length))
		return false;
	right.server = mark.server;
	sign(relay, sticky, &right);
	if (crypto_memneq(right.signature, mark.signature,
			  sizeof(right.signature)))
		return false;
	*server = mark.server;
	return true;
}

/**
 * sluice_sticky_cookie() - the cookie that a response is to have
 * @relay: the client, whose request is with a server
 * @to: room for it
 *
 * Return: the value of Set-Cookie, or no text: the client is not to be kept, or has
 * the cookie.
 */
struct sluice_text sluice_sticky_cookie(const struct sluice_relay *relay,
					char to[SLUICE_STICKY_TEXT_MAX])
{
	const struct sluice_exchange *x = relay->exchange;
	struct sluice_sticky_mark mark;
	u32 length;

	if (!x->sticky)
		return (struct sluice_text){};
	mark.server = sluice_sticky_number(x->server->server, x->server->family);
	sign(relay, x->sticky, &mark);
	length = sluice_sticky_write(to, SLUICE_STICKY_TEXT_MAX,
				     x->sticky->cookie, &mark,
				     relay->client.tls);
	return (struct sluice_text){ to, length };
}
