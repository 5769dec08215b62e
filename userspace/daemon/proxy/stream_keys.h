/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys of a session of TLS, so that the kernel can go on with it (kTLS).
 *
 * OpenSSL offers them to the BIO of a stream as to a socket that might take over.
 * They are noted, and the offer declined: OpenSSL makes the whole handshake itself, with
 * tickets, and only when all of that is done and sent the kernel is told, once, for
 * both directions. So a kernel that cannot do it is found out while nothing has
 * changed. Which record is the next is known by counting those that pass.
 */
#ifndef PROXY_STREAM_KEYS_H
#define PROXY_STREAM_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "traffic_keys.h"

struct stream_keys;

/* Directions, as OpenSSL numbers them. */
enum stream_keys_way {
	STREAM_KEYS_READ,
	STREAM_KEYS_WRITE,
	STREAM_KEYS_WAYS,
};

/* Return: for stream_keys_free(), or NULL with errno. */
struct stream_keys *stream_keys_create(void);
/* They are wiped. @keys may be NULL. */
void stream_keys_free(struct stream_keys *keys);

/**
 * stream_keys_pass() - bytes of records are read or written
 * @keys: of this stream; from its first byte
 * @way: which of both
 * @data: what passes
 * @size: bytes
 */
void stream_keys_pass(struct stream_keys *keys, enum stream_keys_way way,
		      const void *data, size_t size);

/**
 * stream_keys_note() - these keys hold from the next record on
 * @keys: of this stream
 * @way: for which of both
 * @offer: what OpenSSL offers: one of the structs tls12_crypto_info_... of the kernel
 */
void stream_keys_note(struct stream_keys *keys, enum stream_keys_way way,
		      const void *offer);

/**
 * stream_keys_secret() - what keys of TLS 1.3 are made of
 * @keys: of this stream
 * @way: for which of both
 * @secret: application traffic secret (RFC 8446 section 7.1)
 * @size: bytes
 */
void stream_keys_secret(struct stream_keys *keys, enum stream_keys_way way,
			const uint8_t *secret, size_t size);

/**
 * stream_keys_tell() - say what the next keys are made of
 * @keys: of this stream
 * @secrets: filled in; without a cipher where there are no next keys, as in TLS 1.2
 */
void stream_keys_tell(const struct stream_keys *keys,
		      struct traffic_secrets *secrets);

/**
 * stream_keys_use() - have the kernel go on
 * @keys: of this stream; whole records were read and written so far
 * @fd: its socket
 *
 * Return: 0; -EOPNOTSUPP: not with this kernel, cipher or state: nothing has
 * changed; or another negative errno: the connection cannot go on at all.
 */
int stream_keys_use(struct stream_keys *keys, int fd);

#endif /* PROXY_STREAM_KEYS_H */
