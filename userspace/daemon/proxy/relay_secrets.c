// SPDX-License-Identifier: GPL-2.0-or-later
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "relay_secrets.h"
#include "stream_keys.h"

/* Secrets in a block of pages, and blocks: as many as the kernel has clients. */
#define BLOCK_SLOTS 1024
#define BLOCKS_MAX 256

/**
 * struct slot - place for the secrets of a client
 * @number: of the client, 0: free. Its lower half is the place, counted from 1; its
 *	upper half is another one for each client that has the place
 * @secrets: of the client
 * @next: of the free ones, counted from 1; 0: the last
 */
struct slot {
	uint64_t number;
	struct traffic_secrets secrets;
	uint32_t next;
};

/**
 * struct relay_secrets - the table
 * @lock: protects all of it
 * @port: where the kernel asks, 0: nowhere
 * @blocks: of slots, in pages of their own
 * @block_count: how many
 * @free: the first free slot, counted from 1; 0: none
 * @turn: upper half of the number that was given last
 */
struct relay_secrets {
	pthread_mutex_t lock;
	uint32_t port;
	struct slot *blocks[BLOCKS_MAX];
	uint32_t block_count;
	uint32_t free;
	uint32_t turn;
};

#define BLOCK_SIZE (BLOCK_SLOTS * sizeof(struct slot))

struct relay_secrets *relay_secrets_create(void)
{
	struct relay_secrets *table = calloc(1, sizeof(*table));

	if (table)
		pthread_mutex_init(&table->lock, NULL);
	return table;
}

static struct slot *slot_at(struct relay_secrets *table, uint32_t place)
{
	return &table->blocks[(place - 1) / BLOCK_SLOTS]
			     [(place - 1) % BLOCK_SLOTS];
}

static void free_blocks(struct relay_secrets *table)
{
	while (table->block_count) {
		struct slot *block = table->blocks[--table->block_count];

		explicit_bzero(block, BLOCK_SIZE);
		munmap(block, BLOCK_SIZE);
	}
	table->free = 0;
}

void relay_secrets_free(struct relay_secrets *table)
{
	if (!table)
		return;
	free_blocks(table);
	pthread_mutex_destroy(&table->lock);
	free(table);
}

void relay_secrets_listen(struct relay_secrets *table, uint32_t port)
{
	pthread_mutex_lock(&table->lock);
	table->port = port;
	free_blocks(table);
	pthread_mutex_unlock(&table->lock);
}

void relay_secrets_clear(struct relay_secrets *table)
{
	pthread_mutex_lock(&table->lock);
	free_blocks(table);
	pthread_mutex_unlock(&table->lock);
}

static bool add_block(struct relay_secrets *table)
{
	struct slot *block;
	uint32_t first = table->block_count * BLOCK_SLOTS + 1;

	if (table->block_count == BLOCKS_MAX)
		return false;
	block = mmap(NULL, BLOCK_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED)
		return false;
	if (madvise(block, BLOCK_SIZE, MADV_DONTDUMP) != 0 ||
	    madvise(block, BLOCK_SIZE, MADV_WIPEONFORK) != 0) {
		munmap(block, BLOCK_SIZE);
		return false;
	}
	table->blocks[table->block_count++] = block;
	for (uint32_t i = 0; i < BLOCK_SLOTS; i++)
		block[i].next = i + 1 < BLOCK_SLOTS ? first + i + 1 : 0;
	table->free = first;
	return true;
}

uint64_t relay_secrets_add(struct relay_secrets *table,
			   const struct traffic_secrets *secrets,
			   uint32_t *port)
{
	uint64_t number = 0;

	pthread_mutex_lock(&table->lock);
	*port = table->port;
	if (table->port && (table->free || add_block(table))) {
		uint32_t place = table->free;
		struct slot *slot = slot_at(table, place);

		table->free = slot->next;
		number = (uint64_t)++table->turn << 32 | place;
		slot->number = number;
		slot->secrets = *secrets;
	}
	pthread_mutex_unlock(&table->lock);
	return number;
}

/* Return: the slot, NULL: it is another client's by now, or nobody's. */
static struct slot *find(struct relay_secrets *table, uint64_t number)
{
	uint32_t place = (uint32_t)number;
	struct slot *slot;

	if (!place || place > table->block_count * BLOCK_SLOTS)
		return NULL;
	slot = slot_at(table, place);
	return slot->number == number ? slot : NULL;
}

static void drop(struct relay_secrets *table, struct slot *slot)
{
	uint32_t place = (uint32_t)slot->number;

	explicit_bzero(slot, sizeof(*slot));
	slot->next = table->free;
	table->free = place;
}

void relay_secrets_drop(struct relay_secrets *table, uint64_t number)
{
	struct slot *slot;

	pthread_mutex_lock(&table->lock);
	slot = find(table, number);
	if (slot)
		drop(table, slot);
	pthread_mutex_unlock(&table->lock);
}

static bool update(struct traffic_secrets *secrets, enum stream_keys_way way,
		   union traffic_keys *keys)
{
	return !traffic_secret_update(secrets->cipher, secrets->ways[way]) &&
	       !traffic_keys_make(secrets->cipher, secrets->ways[way], keys);
}

size_t relay_secrets_update(struct relay_secrets *table, uint64_t number,
			    union traffic_keys *read, union traffic_keys *write)
{
	struct slot *slot;
	size_t size = 0;

	pthread_mutex_lock(&table->lock);
	slot = find(table, number);
	if (slot && update(&slot->secrets, STREAM_KEYS_READ, read) &&
	    (!write || update(&slot->secrets, STREAM_KEYS_WRITE, write)))
		size = traffic_keys_size(slot->secrets.cipher);
	else if (slot)
		drop(table, slot);
	pthread_mutex_unlock(&table->lock);
	return size;
}
