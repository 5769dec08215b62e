/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys of TLS 1.3 and the secrets that they are made of: the part of the key schedule
 * of RFC 8446 section 7 that goes on after a handshake. It is for the kernel, which
 * knows keys only and cannot make the next ones of a client that changes its own.
 */
#ifndef PROXY_TRAFFIC_KEYS_H
#define PROXY_TRAFFIC_KEYS_H

#include <linux/tls.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a secret: as many as its hash has. */
#define TRAFFIC_SECRET_MAX 48

/**
 * union traffic_keys - keys of one direction as the kernel takes them
 * @head: what all begin with
 * @gcm128: for TLS_CIPHER_AES_GCM_128
 * @gcm256: for TLS_CIPHER_AES_GCM_256
 * @chacha: for TLS_CIPHER_CHACHA20_POLY1305
 */
union traffic_keys {
	struct tls_crypto_info head;
	struct tls12_crypto_info_aes_gcm_128 gcm128;
	struct tls12_crypto_info_aes_gcm_256 gcm256;
	struct tls12_crypto_info_chacha20_poly1305 chacha;
};

/**
 * struct traffic_secrets - what the next keys of a connection are made of
 * @cipher: TLS_CIPHER_... of linux/tls.h, one that traffic_keys_size() knows; 0: there
 *	are none
 * @ways: application traffic secrets, by enum stream_keys_way; as many bytes as
 *	traffic_secret_size() says
 *
 * To be wiped by whoever has one.
 */
struct traffic_secrets {
	uint16_t cipher;
	uint8_t ways[2][TRAFFIC_SECRET_MAX];
};

/* Return: bytes that the kernel takes for a cipher; 0: it does not know that. */
size_t traffic_keys_size(uint16_t cipher);

/* Return: bytes of a secret in TLS 1.3; 0: another cipher. */
size_t traffic_secret_size(uint16_t cipher);

/**
 * traffic_secret_update() - the secret that follows (RFC 8446 section 7.2)
 * @cipher: of the connection
 * @secret: replaced by it
 *
 * Return: 0, or a negative errno: @secret is as it was.
 */
int traffic_secret_update(uint16_t cipher, uint8_t secret[TRAFFIC_SECRET_MAX]);

/**
 * traffic_keys_make() - the keys of a secret (RFC 8446 section 7.3)
 * @cipher: of the connection
 * @secret: of a direction
 * @keys: filled in, for the first record; to be wiped by the caller
 *
 * Return: 0 or a negative errno.
 */
int traffic_keys_make(uint16_t cipher, const uint8_t *secret,
		      union traffic_keys *keys);

#endif /* PROXY_TRAFFIC_KEYS_H */
