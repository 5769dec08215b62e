/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SipHash-2-4 with 128 bits (Aumasson and Bernstein): a hash that nobody who does
 * not know the key can foresee, fast for short texts.
 */
#ifndef PROXY_SIP_HASH_H
#define PROXY_SIP_HASH_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct sip_key - a key
 * @words: random
 */
struct sip_key {
	uint64_t words[2];
};

/**
 * sip_hash() - hash bytes
 * @key: secret
 * @data: bytes
 * @size: how many
 * @hash: filled in
 */
void sip_hash(const struct sip_key *key, const void *data, size_t size,
	      uint64_t hash[2]);

#endif /* PROXY_SIP_HASH_H */
