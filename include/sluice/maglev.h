/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of Maglev hashing (Eisenbud et al., "Maglev: A Fast and Reliable
 * Software Network Load Balancer", NSDI 2016, section 3.4), with weights.
 *
 * Each server has an order of its own in which it likes the entries of the table,
 * and in turns takes the first of them that is free. Who has the same servers has
 * the same table, in whatever order they are given; and if a server comes or goes,
 * few entries change but those that it gains or leaves.
 *
 * A server of a larger weight has its turn more often: the share of entries is
 * right within one or two of them.
 */
#ifndef SLUICE_MAGLEV_H
#define SLUICE_MAGLEV_H

#include <sluice/mix.h>
#include <sluice/turns.h>
#include <sluice/types.h>

#define SLUICE_MAGLEV_SERVERS_MAX 65535
/* No server: in a table if all weights are 0. */
#define SLUICE_MAGLEV_NONE 0xffff

/* Sizes, all prime: 100 entries for each server of 655, of 2,621, and of 10,485. */
#define SLUICE_MAGLEV_SIZE 65537
#define SLUICE_MAGLEV_SIZE_MEDIUM 262147
#define SLUICE_MAGLEV_SIZE_LARGE 1048583

/**
 * struct sluice_maglev_server - A server that is to have a share.
 * @key: Which one it is: no two have the same.
 * @weight: Its share; 0: none.
 */
struct sluice_maglev_server {
	u64 key;
	u32 weight;
};

/**
 * struct sluice_maglev_path - How a server goes through a table that is made.
 * @place: The entry that it likes next.
 * @skip: From there to the one after it.
 */
struct sluice_maglev_path {
	u32 place;
	u32 skip;
};

/**
 * sluice_maglev_size() - How large a table should be.
 * @count: Servers, those of weight 0, too: a server that goes for a while does
 *	not change the size, for then all entries would change.
 *
 * Return: Number of entries.
 */
static inline u32 sluice_maglev_size(u32 count)
{
	if (count <= SLUICE_MAGLEV_SIZE / 100)
		return SLUICE_MAGLEV_SIZE;
	if (count <= SLUICE_MAGLEV_SIZE_MEDIUM / 100)
		return SLUICE_MAGLEV_SIZE_MEDIUM;
	return SLUICE_MAGLEV_SIZE_LARGE;
}

/**
 * sluice_maglev_build() - Make a table.
 * @table: Its entries, to be filled in with indices into @servers, or with
 *	SLUICE_MAGLEV_NONE if there is no server with a weight.
 * @size: Their number, a prime of at most 2^31. A server whose share is less
 *	than half an entry may have none.
 * @servers: Array.
 * @count: Its length, at most SLUICE_MAGLEV_SERVERS_MAX.
 * @seed: Where tables are to be the same, this is the same.
 * @turns: Array of @count, not needed afterwards.
 * @paths: Array of @count, not needed afterwards.
 *
 * Takes about @size times the logarithm of @size steps.
 *
 * Context: Any; not where time is short.
 * Return: How many of the servers have a weight.
 */
u32 sluice_maglev_build(u16 *table, u32 size,
			const struct sluice_maglev_server *servers, u32 count,
			u64 seed, struct sluice_turn *turns,
			struct sluice_maglev_path *paths);

/**
 * sluice_maglev_lookup() - Find the server for a hash.
 * @table: Entries.
 * @size: Their number.
 * @hash: All bits random.
 *
 * Return: The index of the server, or SLUICE_MAGLEV_NONE.
 */
static inline u16 sluice_maglev_lookup(const u16 *table, u32 size, u64 hash)
{
	return table[sluice_scale(hash, size)];
}

/**
 * sluice_maglev_next() - Find another server, if one is not to be taken.
 * @table: Entries.
 * @size: Their number.
 * @hash: With which that server was found; becomes the one of the next.
 * @server: That server.
 * @tries: How many entries may be looked at; becomes less by those that were.
 *
 * Goes on at an entry that the hash alone says, so that each of the others comes
 * next by its weight. The entries behind one would not do: that servers go through
 * the table in steps makes some of them neighbours of others more often.
 *
 * Return: The index of the other server, or SLUICE_MAGLEV_NONE.
 */
static inline u16 sluice_maglev_next(const u16 *table, u32 size, u64 *hash,
				     u16 server, u32 *tries)
{
	u16 next;

	while (*tries) {
		--*tries;
		*hash = sluice_mix(*hash + 0x9e3779b97f4a7c15ULL);
		next = sluice_maglev_lookup(table, size, *hash);
		if (next != server)
			return next;
	}
	return SLUICE_MAGLEV_NONE;
}

#endif /* SLUICE_MAGLEV_H */
