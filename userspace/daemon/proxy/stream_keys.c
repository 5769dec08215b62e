// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "stream_keys.h"

#ifndef SOL_TLS
#define SOL_TLS 282
#endif

/* A record: type, version, length; with GCM in TLS 1.2, a number that is used once. */
#define HEADER 5
#define ONCE 8

/**
 * struct records - where a direction is in its records
 * @header: of the record that passes
 * @once: what it has behind that
 * @at: bytes of the record so far
 * @length: of it, once @header is there
 * @count: whole ones since the keys hold
 * @known: @info holds
 * @lost: they came in the middle of a record: there is no telling which is next
 * @info: keys, with the number of the first record
 */
struct records {
	uint8_t header[HEADER];
	uint8_t once[ONCE];
	size_t at;
	size_t length;
	uint64_t count;
	bool known;
	bool lost;
	union traffic_keys info;
};

/**
 * struct stream_keys - keys of a stream
 * @ways: where each direction is
 * @secrets: what the keys of TLS 1.3 were made of
 * @secret_sizes: bytes of those, 0: not known
 */
struct stream_keys {
	struct records ways[STREAM_KEYS_WAYS];
	uint8_t secrets[STREAM_KEYS_WAYS][TRAFFIC_SECRET_MAX];
	size_t secret_sizes[STREAM_KEYS_WAYS];
};

struct stream_keys *stream_keys_create(void)
{
	return calloc(1, sizeof(struct stream_keys));
}

void stream_keys_free(struct stream_keys *keys)
{
	if (!keys)
		return;
	explicit_bzero(keys, sizeof(*keys));
	free(keys);
}

/* Return: bytes of @data that belong to a part of a record, which are copied. */
static size_t fill(struct records *way, uint8_t *part, size_t begin, size_t end,
		   const uint8_t *data, size_t size)
{
	size_t count = end - way->at;

	if (count > size)
		count = size;
	memcpy(part + (way->at - begin), data, count);
	return count;
}

static size_t pass_some(struct records *way, const uint8_t *data, size_t size)
{
	size_t count = 0;

	if (way->at < HEADER) {
		count = fill(way, way->header, 0, HEADER, data, size);
		way->at += count;
		way->length =
			HEADER + ((size_t)way->header[3] << 8 | way->header[4]);
		if (way->at < HEADER)
			return count;
	} else {
		size_t once = way->length < HEADER + ONCE ? way->length :
							    HEADER + ONCE;

		if (way->at < once) {
			count = fill(way, way->once, HEADER, once, data, size);
		} else {
			count = way->length - way->at;
			count = count < size ? count : size;
		}
		way->at += count;
	}
	if (way->at == way->length) {
		way->at = 0;
		way->count++;
	}
	return count;
}

void stream_keys_pass(struct stream_keys *keys, enum stream_keys_way way,
		      const void *data, size_t size)
{
	for (size_t done = 0; done < size;)
		done += pass_some(&keys->ways[way],
				  (const uint8_t *)data + done, size - done);
}

void stream_keys_note(struct stream_keys *keys, enum stream_keys_way number,
		      const void *offer)
{
	struct records *way = &keys->ways[number];
	struct tls_crypto_info head;

	memcpy(&head, offer, sizeof(head));
	memset(&way->info, 0, sizeof(way->info));
	memcpy(&way->info, offer, traffic_keys_size(head.cipher_type));
	way->known = traffic_keys_size(head.cipher_type) != 0;
	way->lost = way->at;
	way->count = 0;
}

void stream_keys_secret(struct stream_keys *keys, enum stream_keys_way way,
			const uint8_t *secret, size_t size)
{
	if (size > TRAFFIC_SECRET_MAX)
		return;
	memcpy(keys->secrets[way], secret, size);
	keys->secret_sizes[way] = size;
}

void stream_keys_tell(const struct stream_keys *keys,
		      struct traffic_secrets *secrets)
{
	const struct tls_crypto_info *head =
		&keys->ways[STREAM_KEYS_READ].info.head;
	size_t size = traffic_secret_size(head->cipher_type);

	memset(secrets, 0, sizeof(*secrets));
	if (head->version != TLS_1_3_VERSION || !size)
		return;
	for (int i = 0; i < STREAM_KEYS_WAYS; i++)
		if (keys->secret_sizes[i] != size)
			return;
	memcpy(secrets->ways, keys->secrets, sizeof(secrets->ways));
	secrets->cipher = head->cipher_type;
}

static void add_count(uint8_t sequence[8], uint64_t count)
{
	for (int i = 7; i >= 0; i--) {
		count += sequence[i];
		sequence[i] = (uint8_t)count;
		count >>= 8;
	}
}

/*
 * In TLS 1.2 GCM has a number of its own in each record, which may never be used twice
 * with a key: the kernel counts on from the last one that OpenSSL has used.
 */
static void set_once(const struct records *way, uint8_t iv[ONCE],
		     uint16_t version)
{
	if (version != TLS_1_2_VERSION || !way->count)
		return;
	memcpy(iv, way->once, ONCE);
	add_count(iv, 1);
}

static void set_number(struct records *way)
{
	union traffic_keys *info = &way->info;

	switch (info->head.cipher_type) {
	case TLS_CIPHER_AES_GCM_128:
		add_count(info->gcm128.rec_seq, way->count);
		set_once(way, info->gcm128.iv, info->head.version);
		break;
	case TLS_CIPHER_AES_GCM_256:
		add_count(info->gcm256.rec_seq, way->count);
		set_once(way, info->gcm256.iv, info->head.version);
		break;
	default:
		add_count(info->chacha.rec_seq, way->count);
	}
	way->count = 0;
}

static int give(struct records *way, int fd, int option)
{
	set_number(way);
	return setsockopt(fd, SOL_TLS, option, &way->info,
			  (socklen_t)traffic_keys_size(
				  way->info.head.cipher_type)) ?
		       -errno :
		       0;
}

int stream_keys_use(struct stream_keys *keys, int fd)
{
	int err;

	for (int i = 0; i < STREAM_KEYS_WAYS; i++)
		if (!keys->ways[i].known || keys->ways[i].lost ||
		    keys->ways[i].at)
			return -EOPNOTSUPP;
	/* Without keys it passes on what it gets as it is. */
	if (setsockopt(fd, SOL_TCP, TCP_ULP, "tls", sizeof("tls")) ||
	    give(&keys->ways[STREAM_KEYS_READ], fd, TLS_RX))
		return -EOPNOTSUPP;
	err = give(&keys->ways[STREAM_KEYS_WRITE], fd, TLS_TX);
	return err == -EOPNOTSUPP ? -EIO : err;
}
