// SPDX-License-Identifier: GPL-2.0-or-later
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "counts.h"

#define BUCKETS_FIRST 64

/*
 * @lock protects all of it, but for what workers count. The list of a kind is in the
 * order of making; @ends say where it goes on.
 */
struct counts_table {
	pthread_mutex_t lock;
	unsigned int workers;
	struct counts_object **buckets;
	size_t bucket_count;
	size_t count;
	struct counts_object *lists[COUNTS_KINDS];
	struct counts_object **ends[COUNTS_KINDS];
};

struct counts_table *counts_create(unsigned int workers)
{
	struct counts_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->buckets = calloc(BUCKETS_FIRST, sizeof(*table->buckets));
	if (!table->buckets) {
		free(table);
		return NULL;
	}
	table->bucket_count = BUCKETS_FIRST;
	table->workers = workers;
	pthread_mutex_init(&table->lock, NULL);
	for (int kind = 0; kind < COUNTS_KINDS; kind++)
		table->ends[kind] = &table->lists[kind];
	return table;
}

void counts_free(struct counts_table *table)
{
	if (!table)
		return;
	pthread_mutex_destroy(&table->lock);
	free(table->buckets);
	free(table);
}

/* FNV-1a; names come from the configuration and the resolver, not from clients. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	while (*text++);
	return hash;
}

static struct counts_object **bucket_of(const struct counts_table *table,
					enum counts_kind kind,
					const char *owner, const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ kind;

	hash = hash_text(hash_text(hash, owner), name);
	return &table->buckets[(hash ^ hash >> 32) & (table->bucket_count - 1)];
}

static struct counts_object *find(const struct counts_table *table,
				  enum counts_kind kind, const char *owner,
				  const char *name)
{
	struct counts_object *object;

	for (object = *bucket_of(table, kind, owner, name); object;
	     object = object->next)
		if (object->kind == kind && strcmp(object->owner, owner) == 0 &&
		    strcmp(object->name, name) == 0)
			break;
	return object;
}

static void put_into_bucket(struct counts_table *table,
			    struct counts_object *object)
{
	struct counts_object **bucket =
		bucket_of(table, object->kind, object->owner, object->name);

	object->next = *bucket;
	*bucket = object;
}

/* Where there is no memory for more buckets, chains are longer. */
static void grow(struct counts_table *table)
{
	size_t count = table->bucket_count * 2;
	struct counts_object **buckets;

	if (table->count < table->bucket_count)
		return;
	buckets = calloc(count, sizeof(*buckets));
	if (!buckets)
		return;
	free(table->buckets);
	table->buckets = buckets;
	table->bucket_count = count;
	for (int kind = 0; kind < COUNTS_KINDS; kind++)
		for (struct counts_object *object = table->lists[kind]; object;
		     object = object->following)
			put_into_bucket(table, object);
}

static struct counts_object *make(struct counts_table *table,
				  enum counts_kind kind, const char *owner,
				  const char *name)
{
	size_t counted = table->workers * sizeof(struct counts);
	size_t owner_size = strlen(owner) + 1, name_size = strlen(name) + 1;
	struct counts_object *object;
	size_t size;
	char *texts;

	size = sizeof(*object) + counted + owner_size + name_size;
	/* Whole lines of the cache, so that no worker disturbs another. */
	size = (size + _Alignof(struct counts) - 1) &
	       ~(_Alignof(struct counts) - 1);
	object = aligned_alloc(_Alignof(struct counts), size);
	if (!object)
		return NULL;
	memset(object, 0, size);
	texts = (char *)object->workers + counted;
	object->owner = memcpy(texts, owner, owner_size);
	object->name = memcpy(texts + owner_size, name, name_size);
	object->table = table;
	object->kind = kind;
	grow(table);
	put_into_bucket(table, object);
	table->count++;
	object->previous = table->ends[kind];
	*object->previous = object;
	table->ends[kind] = &object->following;
	return object;
}

struct counts_object *counts_get(struct counts_table *table,
				 enum counts_kind kind, const char *owner,
				 const char *name)
{
	struct counts_object *object;

	if (!name)
		name = "";
	pthread_mutex_lock(&table->lock);
	object = find(table, kind, owner, name);
	if (!object)
		object = make(table, kind, owner, name);
	if (object)
		object->users++;
	pthread_mutex_unlock(&table->lock);
	return object;
}

struct counts_object *counts_get_server(struct counts_table *table,
					const char *pool,
					const struct sluice_endpoint *at)
{
	char name[SLUICE_ENDPOINT_TEXT];

	sluice_endpoint_print(name, sizeof(name), at);
	return counts_get(table, COUNTS_SERVER, pool, name);
}

static void unlink_object(struct counts_table *table,
			  struct counts_object *object)
{
	struct counts_object **link =
		bucket_of(table, object->kind, object->owner, object->name);

	while (*link != object)
		link = &(*link)->next;
	*link = object->next;
	*object->previous = object->following;
	if (object->following)
		object->following->previous = object->previous;
	else
		table->ends[object->kind] = object->previous;
	table->count--;
}

void counts_put(struct counts_object *object)
{
	struct counts_table *table = object ? object->table : NULL;
	bool last;

	if (!object)
		return;
	pthread_mutex_lock(&table->lock);
	last = --object->users == 0;
	if (last)
		unlink_object(table, object);
	pthread_mutex_unlock(&table->lock);
	if (last)
		free(object);
}

void counts_add_untimed(struct counts *counts,
			const struct counts_result *result)
{
	unsigned int class = result->status / 100;

	counter_add(&counts->responses[class < COUNTS_CLASSES ? class : 0], 1);
	counter_add(&counts->ends[result->end], 1);
	counter_add(&counts->received, result->received);
	counter_add(&counts->sent, result->sent);
}

void counts_add(struct counts *counts, const struct counts_result *result)
{
	counts_add_untimed(counts, result);
	histogram_add(&counts->latency, result->us);
}

/* All of it are numbers of one size, the histogram included. */
void counts_sum(const struct counts_object *object, struct counts *sum)
{
	_Static_assert(_Alignof(struct counts) >= _Alignof(uint64_t) &&
			       sizeof(struct counts) % sizeof(uint64_t) == 0,
		       "counts are numbers");
	uint64_t *to = (uint64_t *)sum;

	memset(sum, 0, sizeof(*sum));
	for (unsigned int i = 0; i < object->table->workers; i++) {
		const uint64_t *from = (const uint64_t *)&object->workers[i];

		for (size_t j = 0; j < sizeof(*sum) / sizeof(*to); j++)
			to[j] += counter_read(&from[j]);
	}
}

uint64_t counts_active(const struct counts_object *object)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < object->table->workers; i++)
		sum += counter_read(&object->workers[i].active);
	return sum;
}

void counts_each(struct counts_table *table, enum counts_kind kind,
		 void (*look)(void *arg, const struct counts_object *object,
			      const struct counts *sum),
		 void *arg)
{
	struct counts sum;

	pthread_mutex_lock(&table->lock);
	for (struct counts_object *object = table->lists[kind]; object;
	     object = object->following) {
		counts_sum(object, &sum);
		look(arg, object, &sum);
	}
	pthread_mutex_unlock(&table->lock);
}
