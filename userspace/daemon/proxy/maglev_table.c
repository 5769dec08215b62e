// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables of Maglev hashing, shared by all that have the same servers. */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "maglev_table.h"

/*
 * Where tables begin: a constant, so that all nodes have the same ones. It is no
 * secret, and need not be one: who knows it learns which hash leads to which
 * server, while hashes are keyed.
 */
#define SEED 0x736c756963650001U

/* Protects the list of tables, and their users. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct maglev_table *tables;

static bool is_for(const struct maglev_table *table,
		   const struct sluice_maglev_server *servers, uint32_t count)
{
	if (table->count != count)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (table->servers[i].key != servers[i].key ||
		    table->servers[i].weight != servers[i].weight)
			return false;
	return true;
}

static void table_free(struct maglev_table *table)
{
	free(table->entries);
	free(table);
}

static struct maglev_table *
table_make(const struct sluice_maglev_server *servers, uint32_t count)
{
	struct maglev_table *table =
		calloc(1, sizeof(*table) + count * sizeof(*servers));
	struct sluice_turn *turns = calloc(count + 1U, sizeof(*turns));
	struct sluice_maglev_path *paths = calloc(count + 1U, sizeof(*paths));

	if (!table || !turns || !paths)
		goto err_free;
	table->size = sluice_maglev_size(count);
	table->entries = malloc(table->size * sizeof(*table->entries));
	if (!table->entries)
		goto err_free;
	table->users = 1;
	table->count = count;
	for (uint32_t i = 0; i < count; i++) {
		table->servers[i] = servers[i];
		table->weights += servers[i].weight;
	}
	table->live = sluice_maglev_build(table->entries, table->size, servers,
					  count, SEED, turns, paths);
	free(turns);
	free(paths);
	return table;

err_free:
	free(turns);
	free(paths);
	free(table);
	return NULL;
}

struct maglev_table *
maglev_table_get(const struct sluice_maglev_server *servers, uint32_t count)
{
	struct maglev_table *table;

	pthread_mutex_lock(&lock);
	for (table = tables; table; table = table->next) {
		if (is_for(table, servers, count)) {
			table->users++;
			goto out;
		}
	}
	table = table_make(servers, count);
	if (table) {
		table->next = tables;
		tables = table;
	}
out:
	pthread_mutex_unlock(&lock);
	return table;
}

void maglev_table_put(struct maglev_table *table)
{
	struct maglev_table **link = &tables;

	if (!table)
		return;
	pthread_mutex_lock(&lock);
	if (--table->users) {
		pthread_mutex_unlock(&lock);
		return;
	}
	while (*link != table)
		link = &(*link)->next;
	*link = table->next;
	pthread_mutex_unlock(&lock);
	table_free(table);
}
