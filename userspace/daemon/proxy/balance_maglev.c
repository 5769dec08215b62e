// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Consistent hashing by a Maglev table. With a bound, a server that has more than
 * its part of the load is passed over (Mirrokni, Thorup, Zadimoghaddam, "Consistent
 * Hashing with Bounded Loads", SODA 2018): most it may have is the load of all with
 * this request, times its share of the weights, times the bound, rounded up.
 */
#include <errno.h>
#include <stdlib.h>

#include "balance_parts.h"
#include "maglev_table.h"

/* Entries of the table that are looked at before all servers are. */
#define TRIES 128
/* Servers whose load is looked at anew for each pick, to know the load of all. */
#define LOADS 32

/**
 * struct maglev - state
 * @balance: what every scheduler has
 * @table: for the weights as they are, unless @stale
 * @servers: for making a table
 * @stale: weights have changed, and there was no memory for another table
 * @bound: hundredths of a percent of the mean, 0: none
 * @loads: what servers had to do when they were looked at last; with a bound
 * @load: sum of @loads
 * @next: server whose load is looked at next
 */
struct maglev {
	struct balance balance;
	struct maglev_table *table;
	struct sluice_maglev_server *servers;
	bool stale;
	uint32_t bound;
	uint32_t *loads;
	uint64_t load;
	uint32_t next;
};

static int maglev_init(struct balance *balance)
{
	struct maglev *maglev = (struct maglev *)balance;
	const struct config_hashing *hash = balance->pool->hash;
	size_t count = (size_t)balance->count + 1;

	maglev->servers = calloc(count, sizeof(*maglev->servers));
	if (!maglev->servers)
		return -ENOMEM;
	if (!hash || !hash->bound)
		return 0;
	maglev->bound = hash->bound;
	maglev->loads = calloc(count, sizeof(*maglev->loads));
	return maglev->loads ? 0 : -ENOMEM;
}

static void maglev_exit(struct balance *balance)
{
	struct maglev *maglev = (struct maglev *)balance;

	maglev_table_put(maglev->table);
	free(maglev->servers);
	free(maglev->loads);
}

/*
 * Without memory, the last table goes on to be used, in which those are passed over
 * whose weight has become 0.
 */
static int maglev_weights(struct balance *balance)
{
	struct maglev *maglev = (struct maglev *)balance;
	struct maglev_table *table;

	for (uint32_t i = 0; i < balance->count; i++) {
		maglev->servers[i].key = balance->servers[i]->key;
		maglev->servers[i].weight = balance_weight(balance, i);
	}
	table = maglev_table_get(maglev->servers, balance->count);
	maglev->stale = !table;
	if (!table)
		return -ENOMEM;
	maglev_table_put(maglev->table);
	maglev->table = table;
	return 0;
}

/*
 * What all servers with a weight have to do: of small pools exactly, of larger ones
 * as it was in the course of the last picks.
 */
static void look_at_loads(struct maglev *maglev)
{
	const struct balance *balance = &maglev->balance;
	uint32_t left = balance->count < LOADS ? balance->count : LOADS, i;

	for (; left; left--) {
		i = maglev->next;
		maglev->next = i + 1 < balance->count ? i + 1 : 0;
		maglev->load -= maglev->loads[i];
		maglev->loads[i] = maglev->table->servers[i].weight ?
					   balance_active(balance, i) :
					   0;
		maglev->load += maglev->loads[i];
	}
}

/* active < bound * (load + 1) * weight / weights, in which no product runs over. */
static bool is_within(const struct maglev *maglev, uint32_t i)
{
	const struct maglev_table *table = maglev->table;
	double most = (double)(maglev->load + 1) * maglev->bound / 10000;

	return balance_active(&maglev->balance, i) * (double)table->weights <
	       most * table->servers[i].weight;
}

/* Which of two has less to do for its weight; weights of the table, not 0. */
static bool is_less(const struct maglev *maglev, int a, int b)
{
	const struct sluice_maglev_server *servers = maglev->table->servers;

	return (uint64_t)balance_active(&maglev->balance, (uint32_t)a) *
		       servers[b].weight <
	       (uint64_t)balance_active(&maglev->balance, (uint32_t)b) *
		       servers[a].weight;
}

/*
 * Where hardly any server is usable: the one with the highest number of those that
 * the hash gives them (Thaler and Ravishankar, IEEE/ACM ToN 6(1), 1998), so that
 * this too depends on nothing but the hash and the servers. Weights do not count.
 */
static int pick_of_all(const struct balance *balance,
		       const struct balance_ask *ask)
{
	uint64_t most = 0;
	int best = -1;

	for (uint32_t i = 0; i < balance->count; i++) {
		uint64_t number =
			sluice_mix(ask->hash ^ balance->servers[i]->key);

		if ((best < 0 || number > most) &&
		    balance_may(balance, ask, i)) {
			best = (int)i;
			most = number;
		}
	}
	return best;
}

/*
 * If all that can be taken have as much as they may, since others cannot, the one
 * that has least of those that come first.
 */
static int maglev_pick(struct balance *balance, const struct balance_ask *ask)
{
	struct maglev *maglev = (struct maglev *)balance;
	const struct maglev_table *table;
	__u64 hash = ask->hash;
	uint32_t tries = TRIES;
	int least = -1, i;

	if (maglev->stale)
		(void)maglev_weights(balance);
	table = maglev->table;
	if (!table->live)
		return -1;
	if (maglev->bound)
		look_at_loads(maglev);
	i = sluice_maglev_lookup(table->entries, table->size, hash);
	for (; i != SLUICE_MAGLEV_NONE;
	     i = sluice_maglev_next(table->entries, table->size, &hash,
				    (uint16_t)i, &tries)) {
		if (!balance_may(balance, ask, (uint32_t)i))
			continue;
		if (!maglev->bound || is_within(maglev, (uint32_t)i))
			return i;
		if (least < 0 || is_less(maglev, i, least))
			least = i;
	}
	return least >= 0 ? least : pick_of_all(balance, ask);
}

const struct balance_scheduler balance_maglev = {
	.size = sizeof(struct maglev),
	.init = maglev_init,
	.exit = maglev_exit,
	.weights = maglev_weights,
	.pick = maglev_pick,
};
