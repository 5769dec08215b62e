// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cookie that keeps a client at its server: number of the server and the first
 * half of a HMAC-SHA256 of pool and number, in base64url. Nobody can make one, and
 * one of another pool is none. It says nothing of the server's address, and lasts
 * as long as the client's session.
 */
#include "sticky.h"

#include <endian.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

/* 128 bits: as hard to guess as a key of that length. */
#define SIGNATURE_SIZE 16
#define SIGNED_SIZE (sizeof(uint64_t) + SIGNATURE_SIZE)
/* In base64, without bits that are not used: one text for one value. */
#define VALUE_LENGTH (SIGNED_SIZE / 3 * 4)

/* Signatures for something else by the same secret are none for this. */
static const char purpose[] = "sluice sticky cookie 1";

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
		 const struct config_pool *pool,
		 const uint8_t key[sizeof(uint64_t)],
		 uint8_t signature[SIGNATURE_SIZE])
{
	struct signer *signer = get_signer();
	uint8_t whole[EVP_MAX_MD_SIZE];
	size_t length = 0;

	/* The 0 behind the name ends it. */
	if (!signer || !begin(signer, secret) ||
	    EVP_MAC_update(signer->context, (const uint8_t *)purpose,
			   sizeof(purpose)) != 1 ||
	    EVP_MAC_update(signer->context, (const uint8_t *)pool->name,
			   strlen(pool->name) + 1) != 1 ||
	    EVP_MAC_update(signer->context, key, sizeof(uint64_t)) != 1 ||
	    EVP_MAC_final(signer->context, whole, &length, sizeof(whole)) != 1)
		return false;
	memcpy(signature, whole, SIGNATURE_SIZE);
	return true;
}

static void encode(char *to, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";

	for (size_t i = 0; i < size; i += 3) {
		uint32_t word = (uint32_t)bytes[i] << 16 |
				(uint32_t)bytes[i + 1] << 8 | bytes[i + 2];

		*to++ = digits[word >> 18];
		*to++ = digits[word >> 12 & 63];
		*to++ = digits[word >> 6 & 63];
		*to++ = digits[word & 63];
	}
}

/* Return: 0 to 63, or -1. */
static int decode_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static bool decode(uint8_t *to, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i += 4) {
		uint32_t word = 0;

		for (size_t k = 0; k < 4; k++) {
			int digit = decode_digit(text[i + k]);

			if (digit < 0)
				return false;
			word = word << 6 | (uint32_t)digit;
		}
		*to++ = (uint8_t)(word >> 16);
		*to++ = (uint8_t)(word >> 8);
		*to++ = (uint8_t)word;
	}
	return true;
}

bool sticky_server(const uint8_t secret[STICKY_SECRET_SIZE],
		   const struct config_pool *pool, const char *value,
		   size_t length, uint64_t *key)
{
	uint8_t bytes[SIGNED_SIZE], signature[SIGNATURE_SIZE];

	/* A client may have put it in quotes. */
	if (length == VALUE_LENGTH + 2 && value[0] == '"' &&
	    value[length - 1] == '"') {
		value++;
		length -= 2;
	}
	if (length != VALUE_LENGTH || !decode(bytes, value, length) ||
	    !sign(secret, pool, bytes, signature) ||
	    CRYPTO_memcmp(signature, bytes + sizeof(*key), SIGNATURE_SIZE) != 0)
		return false;
	memcpy(key, bytes, sizeof(*key));
	*key = be64toh(*key);
	return true;
}

int sticky_cookie(char *to, size_t size,
		  const uint8_t secret[STICKY_SECRET_SIZE],
		  const struct config_pool *pool, uint64_t key, bool secure)
{
	static const char attributes[] = "; Path=/; HttpOnly; SameSite=Lax";
	static const char only_tls[] = "; Secure";
	const char *name = pool->sticky->cookie;
	size_t length = strlen(name), whole;
	uint8_t bytes[SIGNED_SIZE];
	uint64_t big = htobe64(key);

	whole = length + 1 + VALUE_LENGTH + sizeof(attributes) - 1 +
		(secure ? sizeof(only_tls) - 1 : 0);
	if (whole >= size)
		return -ENOSPC;
	memcpy(bytes, &big, sizeof(big));
	if (!sign(secret, pool, bytes, bytes + sizeof(big)))
		return -ENOMEM;
	to = stpcpy(to, name);
	*to++ = '=';
	encode(to, bytes, sizeof(bytes));
	to += VALUE_LENGTH;
	memcpy(to, attributes, sizeof(attributes));
	if (secure)
		memcpy(to + sizeof(attributes) - 1, only_tls, sizeof(only_tls));
	return (int)whole;
}
