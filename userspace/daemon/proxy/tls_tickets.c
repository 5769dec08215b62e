// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "log.h"
#include "tls_tickets.h"

/* The one that is used, and three of which tickets are still taken. */
#define KEYS 4
#define NAME_SIZE 16
#define RETRY_MS 10000

static const char magic[8] = "slctkt1";

/**
 * struct ticket_key - a key
 * @name: random, in each ticket in clear
 * @cipher: of AES-256
 * @mac: of HMAC-SHA-256
 */
struct ticket_key {
	uint8_t name[NAME_SIZE];
	uint8_t cipher[32];
	uint8_t mac[32];
};

/* In pages of their own: left out of cores, and of children. */
struct ticket_keys {
	uint64_t count;
	struct ticket_key list[KEYS];
};

/**
 * struct tls_tickets - keys of tickets
 * @lock: protects @keys; held to copy one
 * @keys: newest first
 * @cipher: looked up once
 * @loop: of the main thread, or NULL
 * @timer: of the next rotation
 */
struct tls_tickets {
	pthread_mutex_t lock;
	struct ticket_keys *keys;
	EVP_CIPHER *cipher;
	struct loop *loop;
	struct wheel_timer timer;
};

static struct ticket_keys *keys_alloc(void)
{
	struct ticket_keys *keys = mmap(NULL, sizeof(*keys),
					PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (keys == MAP_FAILED)
		return NULL;
	if (madvise(keys, sizeof(*keys), MADV_DONTDUMP) != 0 ||
	    madvise(keys, sizeof(*keys), MADV_WIPEONFORK) != 0) {
		int err = errno;

		munmap(keys, sizeof(*keys));
		errno = err;
		return NULL;
	}
	return keys;
}

static void keys_free(struct ticket_keys *keys)
{
	if (!keys)
		return;
	explicit_bzero(keys, sizeof(*keys));
	munmap(keys, sizeof(*keys));
}

int tls_tickets_rotate(struct tls_tickets *tickets)
{
	struct ticket_keys *keys = tickets->keys;
	struct ticket_key key;

	if (RAND_priv_bytes((unsigned char *)&key, sizeof(key)) != 1) {
		ERR_clear_error();
		return -EIO;
	}
	pthread_mutex_lock(&tickets->lock);
	memmove(&keys->list[1], &keys->list[0],
		(KEYS - 1) * sizeof(keys->list[0]));
	keys->list[0] = key;
	keys->count += keys->count < KEYS;
	pthread_mutex_unlock(&tickets->lock);
	explicit_bzero(&key, sizeof(key));
	return 0;
}

static void rotate(struct wheel_timer *timer)
{
	struct tls_tickets *tickets =
		loop_owner(timer, struct tls_tickets, timer);
	bool good = tls_tickets_rotate(tickets) == 0;

	if (!good)
		log_error(
			NULL,
			"no random numbers for a new key of session tickets; the old one is used for longer");
	loop_timer_set(tickets->loop, timer,
		       good ? TLS_ROTATE_SECONDS * 1000 : RETRY_MS);
}

struct tls_tickets *tls_tickets_create(struct loop *loop)
{
	struct tls_tickets *tickets = calloc(1, sizeof(*tickets));

	if (!tickets)
		return NULL;
	pthread_mutex_init(&tickets->lock, NULL);
	tickets->timer.expire = rotate;
	tickets->keys = keys_alloc();
	if (!tickets->keys)
		goto err_free;
	tickets->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	errno = tickets->cipher ? -tls_tickets_rotate(tickets) : ENOSYS;
	if (errno)
		goto err_free;
	tickets->loop = loop;
	if (loop)
		loop_timer_set(loop, &tickets->timer,
			       TLS_ROTATE_SECONDS * 1000);
	return tickets;

err_free:
	tls_tickets_free(tickets);
	return NULL;
}

void tls_tickets_free(struct tls_tickets *tickets)
{
	int err = errno;

	if (!tickets)
		return;
	if (tickets->loop)
		loop_timer_del(tickets->loop, &tickets->timer);
	keys_free(tickets->keys);
	EVP_CIPHER_free(tickets->cipher);
	pthread_mutex_destroy(&tickets->lock);
	free(tickets);
	errno = err;
}

/*
 * Copy the key with this name, or the newest one. Return: how old it is, 0: the
 * newest; -1: not known.
 */
static int find_key(struct tls_tickets *tickets, const unsigned char *name,
		    struct ticket_key *key)
{
	const struct ticket_keys *keys = tickets->keys;
	int age = -1;

	pthread_mutex_lock(&tickets->lock);
	for (int i = 0; i < (int)keys->count && age < 0; i++) {
		if (name && memcmp(keys->list[i].name, name, NAME_SIZE) != 0)
			continue;
		*key = keys->list[i];
		age = i;
	}
	pthread_mutex_unlock(&tickets->lock);
	return age;
}

static bool set_mac(EVP_MAC_CTX *mac, struct ticket_key *key)
{
	char hash[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac,
						  sizeof(key->mac)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, hash,
						 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_MAC_CTX_set_params(mac, params) == 1;
}

int tls_tickets_callback(struct tls_tickets *tickets, unsigned char *name,
			 unsigned char *iv, EVP_CIPHER_CTX *cipher,
			 EVP_MAC_CTX *mac, int encrypt)
{
	struct ticket_key key;
	int age = find_key(tickets, encrypt ? NULL : name, &key);
	int result = -1;

	if (age < 0)
		return 0;
	if (encrypt) {
		memcpy(name, key.name, NAME_SIZE);
		if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(tickets->cipher)) !=
		    1)
			goto out;
	}
	if (EVP_CipherInit_ex2(cipher, tickets->cipher, key.cipher, iv, encrypt,
			       NULL) != 1 ||
	    !set_mac(mac, &key))
		goto out;
	/* One of an old key is taken, and a new one given in its place. */
	result = age ? 2 : 1;
out:
	explicit_bzero(&key, sizeof(key));
	return result;
}

ssize_t tls_tickets_save(struct tls_tickets *tickets, void *to, size_t size)
{
	const size_t bytes = sizeof(magic) + sizeof(*tickets->keys);

	_Static_assert(sizeof(magic) + sizeof(struct ticket_keys) <=
			       TLS_TICKETS_SIZE,
		       "keys fit");
	if (size < bytes)
		return -ENOSPC;
	memcpy(to, magic, sizeof(magic));
	pthread_mutex_lock(&tickets->lock);
	memcpy((char *)to + sizeof(magic), tickets->keys,
	       sizeof(*tickets->keys));
	pthread_mutex_unlock(&tickets->lock);
	return (ssize_t)bytes;
}

int tls_tickets_load(struct tls_tickets *tickets, const void *from, size_t size)
{
	uint64_t count;

	if (size != sizeof(magic) + sizeof(*tickets->keys) ||
	    memcmp(from, magic, sizeof(magic)) != 0)
		return -EINVAL;
	memcpy(&count, (const char *)from + sizeof(magic), sizeof(count));
	if (count < 1 || count > KEYS)
		return -EINVAL;
	pthread_mutex_lock(&tickets->lock);
	memcpy(tickets->keys, (const char *)from + sizeof(magic),
	       sizeof(*tickets->keys));
	pthread_mutex_unlock(&tickets->lock);
	return 0;
}
