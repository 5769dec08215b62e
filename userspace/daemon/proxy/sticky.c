// SPDX-License-Identifier: GPL-2.0-or-later
/* Cookies of our own: their signatures. What they look like is in lib/sticky.c. */
#include "sticky.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

/**
 * struct signer - a thread's state of HMAC, made once for a secret
 * @context: with the secret
 * @secret: which one
 * @ready: @context has it
 */
struct signer {
	EVP_MAC_CTX *context;
	uint8_t secret[STICKY_SECRET_SIZE];
	bool ready;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t signers;
static bool has_signers;

static void free_signer(void *data)
{
	struct signer *signer = data;

	EVP_MAC_CTX_free(signer->context);
	OPENSSL_clear_free(signer, sizeof(*signer));
}

static void make_key(void)
{
	has_signers = pthread_key_create(&signers, free_signer) == 0;
}

static struct signer *create_signer(void)
{
	struct signer *signer = OPENSSL_zalloc(sizeof(*signer));
	EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);

	if (signer && mac)
		signer->context = EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac);
	if (signer &&
	    (!signer->context || pthread_setspecific(signers, signer) != 0)) {
		free_signer(signer);
		return NULL;
	}
	return signer;
}

/* The calling thread's, or NULL: no memory. */
static struct signer *get_signer(void)
{
	struct signer *signer;

	pthread_once(&once, make_key);
	if (!has_signers)
		return NULL;
	signer = pthread_getspecific(signers);
	return signer ? signer : create_signer();
}

/* The secret is taken in once; after that, its state is what is begun with. */
static bool begin(struct signer *signer,
		  const uint8_t secret[STICKY_SECRET_SIZE])
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
						 0),
		OSSL_PARAM_construct_end(),
	};

	if (signer->ready &&
	    CRYPTO_memcmp(signer->secret, secret, STICKY_SECRET_SIZE) == 0)
		return EVP_MAC_init(signer->context, NULL, 0, NULL) == 1;
	signer->ready = EVP_MAC_init(signer->context, secret,
				     STICKY_SECRET_SIZE, params) == 1;
	memcpy(signer->secret, secret, STICKY_SECRET_SIZE);
	return signer->ready;
}

static bool sign(const uint8_t secret[STICKY_SECRET_SIZE],
		 const struct config_pool *pool, uint64_t key,
		 uint8_t signature[SLUICE_STICKY_SIGNATURE_SIZE])
{
	struct signer *signer = get_signer();
	uint8_t text[SLUICE_STICKY_SIGNED_MAX], whole[EVP_MAX_MD_SIZE];
	uint32_t size = sluice_sticky_signed(text, pool->name, key);
	size_t length = 0;

	if (!size || !signer || !begin(signer, secret) ||
	    EVP_MAC_update(signer->context, text, size) != 1 ||
	    EVP_MAC_final(signer->context, whole, &length, sizeof(whole)) != 1)
		return false;
	memcpy(signature, whole, SLUICE_STICKY_SIGNATURE_SIZE);
	return true;
}

bool sticky_server(const uint8_t secret[STICKY_SECRET_SIZE],
		   const struct config_pool *pool, const char *value,
		   size_t length, uint64_t *key)
{
	uint8_t signature[SLUICE_STICKY_SIGNATURE_SIZE];
	struct sluice_sticky_mark mark;

	if (length > UINT32_MAX ||
	    !sluice_sticky_read(&mark, value, (uint32_t)length) ||
	    !sign(secret, pool, mark.server, signature) ||
	    CRYPTO_memcmp(signature, mark.signature, sizeof(signature)) != 0)
		return false;
	*key = mark.server;
	return true;
}

int sticky_cookie(char *to, size_t size,
		  const uint8_t secret[STICKY_SECRET_SIZE],
		  const struct config_pool *pool, uint64_t key, bool secure)
{
	struct sluice_sticky_mark mark = { .server = key };
	uint32_t length;

	if (!sign(secret, pool, key, mark.signature))
		return -ENOMEM;
	length = sluice_sticky_write(to, (uint32_t)size, pool->sticky->cookie,
				     &mark, secure);
	return length ? (int)length : -ENOSPC;
}
