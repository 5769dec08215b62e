/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of Maglev hashing, each of which all workers and pools share that have the
 * same servers and weights: it is made once, by the first that asks.
 */
#ifndef PROXY_MAGLEV_TABLE_H
#define PROXY_MAGLEV_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include <sluice/maglev.h>

/**
 * struct maglev_table - a table; never changed
 * @users: references
 * @next: in the list of all
 * @entries: indices into @servers
 * @size: number of @entries
 * @live: servers with a weight; 0: no entry has one
 * @count: number of @servers
 * @weights: sum of all
 * @servers: as they were given
 */
struct maglev_table {
	size_t users;
	struct maglev_table *next;
	uint16_t *entries;
	uint32_t size;
	uint32_t live;
	uint32_t count;
	uint64_t weights;
	struct sluice_maglev_server servers[];
};

/**
 * maglev_table_get() - take the table for servers
 * @servers: array, not needed afterwards
 * @count: its length, at most SLUICE_MAGLEV_SERVERS_MAX
 *
 * Context: any thread. If nobody has it, it is made, which takes some milliseconds
 * (a hundred for ten thousand servers); who asks for a table meanwhile waits.
 *
 * Return: with a reference, for maglev_table_put(); NULL: no memory.
 */
struct maglev_table *
maglev_table_get(const struct sluice_maglev_server *servers, uint32_t count);

/* Give back a reference. @table: or NULL. Context: any thread. */
void maglev_table_put(struct maglev_table *table);

#endif /* PROXY_MAGLEV_TABLE_H */
