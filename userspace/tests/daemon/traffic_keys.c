// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys of TLS 1.3 and the secrets that follow: numbers of RFC 8448 section 3 and of
 * HKDF by OpenSSL; and the table of those that clients of stratum relay have.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdio.h>
#include <string.h>

#include "../ktap.h"
#include "proxy/relay_secrets.h"
#include "proxy/stream_keys.h"

static struct ktap ktap;

/* RFC 8448 section 3: "derive write traffic keys for application data". */
static const uint8_t rfc_secret[] = {
	0x9e, 0x40, 0x64, 0x6c, 0xe7, 0x9a, 0x7f, 0x9d, 0xc0, 0x5a, 0xf8,
	0x88, 0x9b, 0xce, 0x65, 0x52, 0x87, 0x5a, 0xfa, 0x0b, 0x06, 0xdf,
	0x00, 0x87, 0xf7, 0x92, 0xeb, 0xb7, 0xc1, 0x75, 0x04, 0xa5,
};
static const uint8_t rfc_key[] = { 0x17, 0x42, 0x2d, 0xda, 0x59, 0x6e,
				   0xd5, 0xd9, 0xac, 0xd8, 0x90, 0xe3,
				   0xc6, 0x3f, 0x50, 0x51 };
static const uint8_t rfc_iv[] = { 0x5b, 0x78, 0x92, 0x3d, 0xee, 0x08,
				  0x57, 0x90, 0x33, 0xe5, 0x23, 0xd9 };

static const struct {
	uint16_t cipher;
	const char *name;
	const char *digest;
	size_t secret;
	size_t key;
} ciphers[] = {
	{ TLS_CIPHER_AES_GCM_128, "AES-128-GCM", "SHA256", 32, 16 },
	{ TLS_CIPHER_AES_GCM_256, "AES-256-GCM", "SHA384", 48, 32 },
	{ TLS_CIPHER_CHACHA20_POLY1305, "ChaCha20-Poly1305", "SHA256", 32, 32 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check_rfc(void)
{
	union traffic_keys keys;
	bool good;

	good = traffic_keys_make(TLS_CIPHER_AES_GCM_128, rfc_secret, &keys) ==
		       0 &&
	       keys.head.version == TLS_1_3_VERSION &&
	       keys.head.cipher_type == TLS_CIPHER_AES_GCM_128 &&
	       !memcmp(keys.gcm128.key, rfc_key, sizeof(rfc_key)) &&
	       !memcmp(keys.gcm128.salt, rfc_iv, 4) &&
	       !memcmp(keys.gcm128.iv, rfc_iv + 4, 8);
	for (size_t i = 0; i < sizeof(keys.gcm128.rec_seq); i++)
		good = good && !keys.gcm128.rec_seq[i];
	ktap_result(&ktap, good, "keys of RFC 8448");
}

/* HKDF-Expand-Label by OpenSSL's own key schedule. */
static bool expand(const char *digest, uint8_t *secret, size_t secret_size,
		   const char *label, uint8_t *to, size_t size)
{
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
						 (char *)digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret,
						  secret_size),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX,
						  (char *)"tls13 ", 6),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL,
						  (char *)label, strlen(label)),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
	EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
	bool good = EVP_KDF_derive(context, to, size, params) == 1;

	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return good;
}

static void parts_of(const union traffic_keys *keys, uint8_t key[32],
		     uint8_t iv[12])
{
	switch (keys->head.cipher_type) {
	case TLS_CIPHER_AES_GCM_128:
		memcpy(key, keys->gcm128.key, 16);
		memcpy(iv, keys->gcm128.salt, 4);
		memcpy(iv + 4, keys->gcm128.iv, 8);
		break;
	case TLS_CIPHER_AES_GCM_256:
		memcpy(key, keys->gcm256.key, 32);
		memcpy(iv, keys->gcm256.salt, 4);
		memcpy(iv + 4, keys->gcm256.iv, 8);
		break;
	default:
		memcpy(key, keys->chacha.key, 32);
		memcpy(iv, keys->chacha.iv, 12);
	}
}

static void check_next(size_t i)
{
	uint8_t secret[TRAFFIC_SECRET_MAX], wanted[TRAFFIC_SECRET_MAX];
	uint8_t key[32], iv[12], got_key[32], got_iv[12];
	union traffic_keys keys;
	char name[128];
	bool good = traffic_secret_size(ciphers[i].cipher) == ciphers[i].secret;

	for (size_t j = 0; j < sizeof(secret); j++)
		secret[j] = (uint8_t)(7 * j + i);
	for (int round = 0; round < 3; round++) {
		good = good &&
		       expand(ciphers[i].digest, secret, ciphers[i].secret,
			      "traffic upd", wanted, ciphers[i].secret) &&
		       traffic_secret_update(ciphers[i].cipher, secret) == 0 &&
		       !memcmp(secret, wanted, ciphers[i].secret) &&
		       expand(ciphers[i].digest, secret, ciphers[i].secret,
			      "key", key, ciphers[i].key) &&
		       expand(ciphers[i].digest, secret, ciphers[i].secret,
			      "iv", iv, sizeof(iv)) &&
		       traffic_keys_make(ciphers[i].cipher, secret, &keys) == 0;
		if (!good)
			break;
		parts_of(&keys, got_key, got_iv);
		good = !memcmp(got_key, key, ciphers[i].key) &&
		       !memcmp(got_iv, iv, sizeof(iv));
	}
	snprintf(name, sizeof(name), "secrets that follow: %s",
		 ciphers[i].name);
	ktap_result(&ktap, good, name);
}

/* Of AES-128-GCM. */
static bool is_same(const union traffic_keys *a, const union traffic_keys *b)
{
	return !memcmp(a->gcm128.key, b->gcm128.key, sizeof(a->gcm128.key)) &&
	       !memcmp(a->gcm128.iv, b->gcm128.iv, sizeof(a->gcm128.iv));
}

static void check_table(void)
{
	struct relay_secrets *table = relay_secrets_create();
	struct traffic_secrets secrets = { .cipher = TLS_CIPHER_AES_GCM_128 };
	union traffic_keys read, again, write, wanted;
	uint64_t first, second, third;
	uint32_t port = 1;
	bool good;

	memcpy(secrets.ways[STREAM_KEYS_READ], rfc_secret, sizeof(rfc_secret));
	memset(secrets.ways[STREAM_KEYS_WRITE], 1, 32);
	ktap_result(&ktap, !relay_secrets_add(table, &secrets, &port) && !port,
		    "where nobody listens, nothing is kept");

	relay_secrets_listen(table, 77);
	first = relay_secrets_add(table, &secrets, &port);
	good = first && port == 77;
	second = relay_secrets_add(table, &secrets, &port);
	ktap_result(&ktap, good && second && second != first,
		    "each client has a number");

	good = relay_secrets_update(table, first, &read, NULL) ==
	       sizeof(struct tls12_crypto_info_aes_gcm_128);
	/* The other direction, and the other client, are where they were. */
	good = good && relay_secrets_update(table, first, &again, &write) &&
	       !is_same(&read, &again) &&
	       traffic_secret_update(secrets.cipher,
				     secrets.ways[STREAM_KEYS_WRITE]) == 0 &&
	       traffic_keys_make(secrets.cipher,
				 secrets.ways[STREAM_KEYS_WRITE],
				 &wanted) == 0 &&
	       is_same(&write, &wanted) &&
	       relay_secrets_update(table, second, &again, NULL) &&
	       is_same(&read, &again);
	ktap_result(&ktap, good, "each direction goes on by itself");

	relay_secrets_drop(table, first);
	relay_secrets_drop(table, first);
	good = !relay_secrets_update(table, first, &read, NULL);
	third = relay_secrets_add(table, &secrets, &port);
	relay_secrets_drop(table, first);
	ktap_result(&ktap,
		    good && third != first && third != second &&
			    relay_secrets_update(table, third, &read, NULL) &&
			    relay_secrets_update(table, second, &read, NULL),
		    "who has ended has no keys, and no one else's number");

	relay_secrets_clear(table);
	good = !relay_secrets_update(table, third, &read, NULL) &&
	       !relay_secrets_update(table, 0, &read, NULL) &&
	       !relay_secrets_update(table, UINT64_MAX, &read, NULL);
	first = relay_secrets_add(table, &secrets, &port);
	ktap_result(&ktap, good && first && first != third,
		    "all are forgotten");

	relay_secrets_listen(table, 78);
	ktap_result(&ktap,
		    !relay_secrets_update(table, first, &read, NULL) &&
			    relay_secrets_add(table, &secrets, &port) &&
			    port == 78,
		    "of whom another socket was told, too");
	relay_secrets_free(table);
}

/* As many as the kernel has clients, and no more. */
static void check_full(void)
{
	const struct traffic_secrets secrets = {
		.cipher = TLS_CIPHER_AES_GCM_256
	};
	struct relay_secrets *table = relay_secrets_create();
	uint64_t one = 0, number;
	size_t count = 0;
	uint32_t port;
	bool good;

	relay_secrets_listen(table, 1);
	while ((number = relay_secrets_add(table, &secrets, &port))) {
		if (++count == 12345)
			one = number;
	}
	good = count == 262144;
	relay_secrets_drop(table, one);
	number = relay_secrets_add(table, &secrets, &port);
	ktap_result(&ktap,
		    good && number && number != one &&
			    !relay_secrets_add(table, &secrets, &port),
		    "there is an end to it");
	relay_secrets_free(table);
}

int main(void)
{
	ktap_begin();
	check_rfc();
	for (size_t i = 0; i < COUNT(ciphers); i++)
		check_next(i);
	ktap_result(&ktap,
		    !traffic_secret_size(TLS_CIPHER_AES_CCM_128) &&
			    !traffic_keys_size(TLS_CIPHER_AES_CCM_128),
		    "another cipher");
	check_table();
	check_full();
	return ktap_end(&ktap);
}
