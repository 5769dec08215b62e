// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "traffic_keys.h"

#define PREFIX "tls13 "
#define LABEL_MAX 16
#define IV_SIZE 12

size_t traffic_keys_size(uint16_t cipher)
{
	switch (cipher) {
	case TLS_CIPHER_AES_GCM_128:
		return sizeof(struct tls12_crypto_info_aes_gcm_128);
	case TLS_CIPHER_AES_GCM_256:
		return sizeof(struct tls12_crypto_info_aes_gcm_256);
	case TLS_CIPHER_CHACHA20_POLY1305:
		return sizeof(struct tls12_crypto_info_chacha20_poly1305);
	default:
		return 0;
	}
}

/* Of the suites of RFC 8446 appendix B.4. */
static const EVP_MD *hash_of(uint16_t cipher)
{
	switch (cipher) {
	case TLS_CIPHER_AES_GCM_256:
		return EVP_sha384();
	case TLS_CIPHER_AES_GCM_128:
	case TLS_CIPHER_CHACHA20_POLY1305:
		return EVP_sha256();
	default:
		return NULL;
	}
}

size_t traffic_secret_size(uint16_t cipher)
{
	const EVP_MD *hash = hash_of(cipher);

	return hash ? (size_t)EVP_MD_get_size(hash) : 0;
}

/*
 * HKDF-Expand-Label of RFC 8446 section 7.1 without a context, for what is not longer
 * than the hash: of HKDF-Expand (RFC 5869 section 2.3) that is the first block.
 */
static int expand(const EVP_MD *hash, const uint8_t *secret, const char *label,
		  uint8_t *to, size_t size)
{
	uint8_t info[2 + 1 + sizeof(PREFIX) + LABEL_MAX + 1 + 1];
	uint8_t block[EVP_MAX_MD_SIZE];
	size_t label_size = strlen(label), at = 0;
	unsigned int got = 0;
	int err = 0;

	info[at++] = (uint8_t)(size >> 8);
	info[at++] = (uint8_t)size;
	info[at++] = (uint8_t)(strlen(PREFIX) + label_size);
	memcpy(info + at, PREFIX, strlen(PREFIX));
	at += strlen(PREFIX);
	memcpy(info + at, label, label_size);
	at += label_size;
	info[at++] = 0; /* the context is empty */
	info[at++] = 1; /* the first block */
	if (!HMAC(hash, secret, EVP_MD_get_size(hash), info, at, block, &got) ||
	    got < size) {
		ERR_clear_error();
		err = -EIO;
	} else {
		memcpy(to, block, size);
	}
	explicit_bzero(block, sizeof(block));
	return err;
}

int traffic_secret_update(uint16_t cipher, uint8_t secret[TRAFFIC_SECRET_MAX])
{
	const EVP_MD *hash = hash_of(cipher);

	if (!hash)
		return -EINVAL;
	return expand(hash, secret, "traffic upd", secret,
		      traffic_secret_size(cipher));
}

/* The kernel has an iv of GCM in two parts. */
static void set_iv(const uint8_t iv[IV_SIZE], uint8_t salt[4], uint8_t rest[8])
{
	memcpy(salt, iv, 4);
	memcpy(rest, iv + 4, 8);
}

int traffic_keys_make(uint16_t cipher, const uint8_t *secret,
		      union traffic_keys *keys)
{
	const EVP_MD *hash = hash_of(cipher);
	uint8_t iv[IV_SIZE];
	int err;

	if (!hash)
		return -EINVAL;
	memset(keys, 0, sizeof(*keys));
	keys->head.version = TLS_1_3_VERSION;
	keys->head.cipher_type = cipher;
	err = expand(hash, secret, "iv", iv, sizeof(iv));
	if (err)
		return err;
	switch (cipher) {
	case TLS_CIPHER_AES_GCM_128:
		set_iv(iv, keys->gcm128.salt, keys->gcm128.iv);
		err = expand(hash, secret, "key", keys->gcm128.key,
			     sizeof(keys->gcm128.key));
		break;
	case TLS_CIPHER_AES_GCM_256:
		set_iv(iv, keys->gcm256.salt, keys->gcm256.iv);
		err = expand(hash, secret, "key", keys->gcm256.key,
			     sizeof(keys->gcm256.key));
		break;
	default:
		memcpy(keys->chacha.iv, iv, sizeof(keys->chacha.iv));
		err = expand(hash, secret, "key", keys->chacha.key,
			     sizeof(keys->chacha.key));
	}
	explicit_bzero(iv, sizeof(iv));
	return err;
}
