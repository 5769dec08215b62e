// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values of applications' cookies, and the servers that set them.
 *
 * The table is in parts with a lock each, by the first bits of a value's hash. A
 * part has all its memory from the begin: no value allocates, and the one that was
 * used least recently gives way. Values themselves are not kept, for they are who
 * somebody is to an application; a hash of 128 bits with a secret key stands for
 * them, by which nobody can make two that meet.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "sip_hash.h"
#include "sticky.h"

/* A part is worth it from so many values on. */
#define PART_MIN ((size_t)1024)
#define PARTS_MAX 64

/* No entry; the end of a chain. */
#define NONE UINT32_MAX

/**
 * struct entry - a value
 * @hash: of it
 * @key: of its server
 * @chain: the next one in its bucket
 * @newer: used next after this, NONE: this is the newest
 * @older: used before this, NONE: this is the oldest
 */
struct entry {
	uint64_t hash[2];
	uint64_t key;
	uint32_t chain;
	uint32_t newer;
	uint32_t older;
};

/**
 * struct part - a part of the table
 * @lock: protects all that follows
 * @entries: &max of them, the first &used in use
 * @buckets: heads of chains, a power of two of them
 * @mask: their number less one
 * @max: entries
 * @used: so many are in use
 * @newest: NONE: there is none
 * @oldest: the same
 *
 * On lines of cache of its own.
 */
struct part {
	_Alignas(64) pthread_mutex_t lock;
	struct entry *entries;
	uint32_t *buckets;
	uint32_t mask;
	uint32_t max;
	uint32_t used;
	uint32_t newest;
	uint32_t oldest;
};

/**
 * struct sticky_table - see sticky.h
 * @key: of the hash
 * @count: of @parts, a power of two
 * @parts: by the first bits of the hash
 */
struct sticky_table {
	struct sip_key key;
	uint32_t count;
	struct part *parts;
};

static int init_part(struct part *part, uint32_t max)
{
	uint32_t buckets = 1;

	while (buckets < max)
		buckets *= 2;
	part->mask = buckets - 1;
	part->max = max;
	part->newest = NONE;
	part->oldest = NONE;
	/* Touched as it is used. */
	part->entries = calloc(max, sizeof(*part->entries));
	part->buckets = malloc(buckets * sizeof(*part->buckets));
	if (!part->entries || !part->buckets)
		return -ENOMEM;
	memset(part->buckets, 0xff, buckets * sizeof(*part->buckets));
	return 0;
}

static int init_parts(struct sticky_table *table, size_t max)
{
	int error = 0;

	for (uint32_t i = 0; i < table->count && !error; i++) {
		/* They add up to what may be there, not to more. */
		size_t share = max / table->count + (i < max % table->count);

		error = init_part(&table->parts[i], (uint32_t)share);
	}
	return error;
}

struct sticky_table *sticky_table_create(size_t max)
{
	struct sticky_table *table;
	ssize_t got;

	if (!max || max >= UINT32_MAX / 2) {
		errno = EINVAL;
		return NULL;
	}
	table = calloc(1, sizeof(*table));
	if (!table)
		return NULL;
	do
		got = getrandom(&table->key, sizeof(table->key), 0);
	while (got < 0 && errno == EINTR);
	if (got != sizeof(table->key))
		goto err_free;
	table->count = 1;
	while (table->count < PARTS_MAX && max / table->count >= 2 * PART_MIN)
		table->count *= 2;
	table->parts = aligned_alloc(_Alignof(struct part),
				     table->count * sizeof(*table->parts));
	if (!table->parts)
		goto err_free;
	memset(table->parts, 0, table->count * sizeof(*table->parts));
	for (uint32_t i = 0; i < table->count; i++)
		pthread_mutex_init(&table->parts[i].lock, NULL);
	if (init_parts(table, max) == 0)
		return table;
	sticky_table_free(table);
	errno = ENOMEM;
	return NULL;

err_free:
	free(table);
	return NULL;
}

void sticky_table_free(struct sticky_table *table)
{
	if (!table)
		return;
	for (uint32_t i = 0; i < table->count; i++) {
		pthread_mutex_destroy(&table->parts[i].lock);
		free(table->parts[i].entries);
		free(table->parts[i].buckets);
	}
	free(table->parts);
	free(table);
}

static struct part *part_of(const struct sticky_table *table,
			    const uint64_t hash[2])
{
	return &table->parts[hash[1] >> 32 & (table->count - 1)];
}

static uint32_t *bucket_of(const struct part *part, const uint64_t hash[2])
{
	return &part->buckets[hash[0] & part->mask];
}

static uint32_t lookup(const struct part *part, const uint64_t hash[2])
{
	uint32_t i = *bucket_of(part, hash);

	while (i != NONE && (part->entries[i].hash[0] != hash[0] ||
			     part->entries[i].hash[1] != hash[1]))
		i = part->entries[i].chain;
	return i;
}

static void unlink_use(struct part *part, uint32_t i)
{
	struct entry *entry = &part->entries[i];

	if (entry->newer == NONE)
		part->newest = entry->older;
	else
		part->entries[entry->newer].older = entry->older;
	if (entry->older == NONE)
		part->oldest = entry->newer;
	else
		part->entries[entry->older].newer = entry->newer;
}

static void link_newest(struct part *part, uint32_t i)
{
	struct entry *entry = &part->entries[i];

	entry->newer = NONE;
	entry->older = part->newest;
	if (part->newest == NONE)
		part->oldest = i;
	else
		part->entries[part->newest].newer = i;
	part->newest = i;
}

static void touch(struct part *part, uint32_t i)
{
	if (part->newest == i)
		return;
	unlink_use(part, i);
	link_newest(part, i);
}

static void unchain(struct part *part, uint32_t i)
{
	uint32_t *at = bucket_of(part, part->entries[i].hash);

	while (*at != i)
		at = &part->entries[*at].chain;
	*at = part->entries[i].chain;
}

/* An entry that is in no list: one that was never used, or the oldest. */
static uint32_t take(struct part *part)
{
	uint32_t i = part->oldest;

	if (part->used < part->max)
		return part->used++;
	unlink_use(part, i);
	unchain(part, i);
	return i;
}

static void insert(struct part *part, const uint64_t hash[2], uint64_t key)
{
	uint32_t *bucket = bucket_of(part, hash), i = take(part);
	struct entry *entry = &part->entries[i];

	entry->hash[0] = hash[0];
	entry->hash[1] = hash[1];
	entry->key = key;
	entry->chain = *bucket;
	*bucket = i;
	link_newest(part, i);
}

bool sticky_table_find(struct sticky_table *table, const char *value,
		       size_t length, uint64_t *key)
{
	uint64_t hash[2];
	struct part *part;
	uint32_t i;

	sip_hash(&table->key, value, length, hash);
	part = part_of(table, hash);
	pthread_mutex_lock(&part->lock);
	i = lookup(part, hash);
	if (i != NONE) {
		touch(part, i);
		*key = part->entries[i].key;
	}
	pthread_mutex_unlock(&part->lock);
	return i != NONE;
}

void sticky_table_set(struct sticky_table *table, const char *value,
		      size_t length, uint64_t key)
{
	uint64_t hash[2];
	struct part *part;
	uint32_t i;

	sip_hash(&table->key, value, length, hash);
	part = part_of(table, hash);
	pthread_mutex_lock(&part->lock);
	i = lookup(part, hash);
	if (i == NONE) {
		insert(part, hash, key);
	} else {
		part->entries[i].key = key;
		touch(part, i);
	}
	pthread_mutex_unlock(&part->lock);
}
