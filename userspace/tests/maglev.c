// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables of Maglev hashing: shares, what a change of servers changes, order. */
#include <stdlib.h>
#include <string.h>

#include <sluice/maglev.h>

#include "ktap.h"

#define SEED 7
#define SERVERS_MAX 10000

static struct sluice_maglev_server servers[SERVERS_MAX];
static struct sluice_turn turns[SERVERS_MAX];
static struct sluice_maglev_path paths[SERVERS_MAX];
static u16 table[SLUICE_MAGLEV_SIZE_LARGE], other[SLUICE_MAGLEV_SIZE_LARGE];
static u32 counts[SERVERS_MAX];

static u64 key_of(u32 i)
{
	return sluice_mix(i + 1);
}

static void set_servers(u32 count, u32 weight)
{
	for (u32 i = 0; i < count; i++)
		servers[i] = (struct sluice_maglev_server){ key_of(i), weight };
}

static u32 build(u16 *to, u32 count)
{
	return sluice_maglev_build(to, sluice_maglev_size(count), servers,
				   count, SEED, turns, paths);
}

/* Whether every entry has a server, and how many each has. */
static bool count_entries(u32 count)
{
	u32 size = sluice_maglev_size(count);

	memset(counts, 0, sizeof(counts));
	for (u32 i = 0; i < size; i++) {
		if (table[i] >= count)
			return false;
		counts[table[i]]++;
	}
	return true;
}

/* Entries that the worst server has more or less than its share. */
static double worst(u32 count)
{
	double all = 0, most = 0, error;

	for (u32 i = 0; i < count; i++)
		all += servers[i].weight;
	for (u32 i = 0; i < count; i++) {
		error = counts[i] -
			servers[i].weight / all * sluice_maglev_size(count);
		if (error < 0)
			error = -error;
		if (error > most)
			most = error;
	}
	return most;
}

static bool is_prime(u32 number)
{
	for (u32 i = 2; i <= number / i; i++)
		if (number % i == 0)
			return false;
	return number > 1;
}

static bool sizes_are_prime(void)
{
	return is_prime(SLUICE_MAGLEV_SIZE) &&
	       is_prime(SLUICE_MAGLEV_SIZE_MEDIUM) &&
	       is_prime(SLUICE_MAGLEV_SIZE_LARGE);
}

static bool equal_weights(u32 count)
{
	set_servers(count, 3);
	if (build(table, count) != count || !count_entries(count))
		return false;
	for (u32 i = 0; i < count; i++) {
		u32 share = sluice_maglev_size(count) / count;

		if (counts[i] < share || counts[i] > share + 1) {
			printf("# server %u has %u of %u\n", i, counts[i],
			       share);
			return false;
		}
	}
	return true;
}

/* Weights of all sizes, and some that are 0. */
static bool weighted(u32 count, double error)
{
	u32 live = 0;

	set_servers(count, 0);
	for (u32 i = 0; i < count; i++) {
		servers[i].weight = i % 7 ? sluice_mix(i) % 1000 * (i % 7) : 0;
		live += servers[i].weight > 0;
	}
	if (build(table, count) != live || !count_entries(count))
		return false;
	for (u32 i = 0; i < count; i++)
		if (!servers[i].weight && counts[i])
			return false;
	printf("# worst of %u servers: %.2f entries\n", count, worst(count));
	return worst(count) <= error;
}

/* One has as much as ten thousand others, in few steps. */
static bool one_heavy(void)
{
	set_servers(SERVERS_MAX, 1);
	servers[77].weight = SERVERS_MAX - 1;
	build(table, SERVERS_MAX);
	if (!count_entries(SERVERS_MAX))
		return false;
	printf("# the heavy one has %u of %u\n", counts[77],
	       SLUICE_MAGLEV_SIZE_LARGE);
	return worst(SERVERS_MAX) < 0.002 * SLUICE_MAGLEV_SIZE_LARGE;
}

static bool no_weight(void)
{
	set_servers(5, 0);
	if (build(table, 5) != 0)
		return false;
	for (u32 i = 0; i < SLUICE_MAGLEV_SIZE; i++)
		if (table[i] != SLUICE_MAGLEV_NONE)
			return false;
	return build(table, 0) == 0 && table[0] == SLUICE_MAGLEV_NONE;
}

/* Entries of others that change when one goes, in percent of the table. */
static bool one_goes(u32 count, u32 gone, bool differ, double most)
{
	u32 size = sluice_maglev_size(count), moved = 0, left = 0;

	set_servers(count, 10);
	for (u32 i = 0; differ && i < count; i++)
		servers[i].weight = 1 + i % 20;
	build(table, count);
	servers[gone].weight = 0;
	build(other, count);
	for (u32 i = 0; i < size; i++) {
		if (other[i] == gone)
			return false;
		if (table[i] == gone)
			left++;
		else
			moved += table[i] != other[i];
	}
	printf("# %u of %u gone, its %u entries; others changed: %.3f %%\n",
	       gone, count, left, 100.0 * moved / size);
	return left && 100.0 * moved / size <= most;
}

static bool any_order(u32 count)
{
	u32 size = sluice_maglev_size(count);

	set_servers(count, 0);
	for (u32 i = 0; i < count; i++)
		servers[i].weight = 1 + i % 5;
	build(table, count);
	for (u32 i = 0; i < count / 2; i++) {
		struct sluice_maglev_server first = servers[i];

		servers[i] = servers[count - 1 - i];
		servers[count - 1 - i] = first;
	}
	build(other, count);
	for (u32 i = 0; i < size; i++)
		if (table[i] != count - 1 - other[i])
			return false;
	return true;
}

/* The table is the same on every machine: these are nodes of one cluster. */
static bool never_changes(void)
{
	u64 sum = 0;

	set_servers(10, 1);
	for (u32 i = 0; i < 10; i++)
		servers[i].weight = 1 + i;
	build(table, 10);
	for (u32 i = 0; i < SLUICE_MAGLEV_SIZE; i++)
		sum = sluice_mix(sum + 1 + table[i]);
	printf("# sum %#llx\n", (unsigned long long)sum);
	return sum == 0x5e585e256a21d459ULL;
}

static bool next_server(void)
{
	static const u16 small[] = { 1, 1, 2, 1, 1 };
	u64 hash = 5, again = 5;
	u32 tries = 1000, left = 1000;

	if (sluice_maglev_next(small, 5, &hash, 1, &tries) != 2 ||
	    sluice_maglev_next(small, 5, &again, 1, &left) != 2 ||
	    hash != again || tries != left || tries == 1000)
		return false;
	tries = 3;
	return sluice_maglev_next(small, 2, &hash, 1, &tries) ==
		       SLUICE_MAGLEV_NONE &&
	       tries == 0;
}

/* Where those go whose server is out: to all others alike. */
static bool next_by_weight(void)
{
	u32 count = 10, taken = 0, tries;
	u64 hash;

	set_servers(count, 4);
	servers[1].weight = 8;
	build(table, count);
	memset(counts, 0, sizeof(counts));
	for (u32 i = 0; i < 100000; i++) {
		hash = sluice_mix(i);
		if (sluice_maglev_lookup(table, SLUICE_MAGLEV_SIZE, hash) != 0)
			continue;
		tries = 1000;
		counts[sluice_maglev_next(table, SLUICE_MAGLEV_SIZE, &hash, 0,
					  &tries)]++;
		taken++;
	}
	for (u32 i = 1; i < count; i++) {
		double part = (i == 1 ? 8.0 : 4.0) / 40;

		if (counts[i] < 0.85 * part * taken ||
		    counts[i] > 1.15 * part * taken) {
			printf("# server %u has %u of %u\n", i, counts[i],
			       taken);
			return false;
		}
	}
	return counts[0] == 0;
}

static bool scaled(void)
{
	return sluice_scale(0, 7) == 0 && sluice_scale(~0ULL, 7) == 6 &&
	       sluice_scale(1ULL << 63, 7) == 3 &&
	       sluice_scale(1ULL << 63, 0) == 0 &&
	       sluice_scale(~0ULL, ~0U) == ~0U - 1;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	ktap_result(&ktap, sizes_are_prime(), "sizes are prime");
	ktap_result(&ktap, scaled(), "a number in a range");
	ktap_result(&ktap,
		    equal_weights(1) && equal_weights(2) && equal_weights(3) &&
			    equal_weights(100) && equal_weights(655) &&
			    equal_weights(656) && equal_weights(2622),
		    "equal servers have the same share, but for one entry");
	ktap_result(&ktap, equal_weights(SERVERS_MAX), "10,000 servers");
	ktap_result(&ktap,
		    weighted(9, 2) && weighted(100, 3) && weighted(655, 3) &&
			    weighted(SERVERS_MAX, 10),
		    "shares by weight, none for weight 0");
	ktap_result(&ktap, one_heavy(), "one has as much as all others");
	ktap_result(&ktap, no_weight(), "no server, or none with a weight");
	ktap_result(&ktap,
		    one_goes(3, 1, false, 3) && one_goes(10, 4, false, 3) &&
			    one_goes(100, 99, false, 3) &&
			    one_goes(655, 0, false, 3),
		    "a server goes: others keep what they have");
	ktap_result(&ktap,
		    one_goes(10, 9, true, 3) && one_goes(100, 19, true, 3) &&
			    one_goes(655, 600, true, 3),
		    "a server goes, with different weights");
	ktap_result(&ktap, any_order(10) && any_order(655),
		    "the order of servers makes no difference");
	ktap_result(&ktap, never_changes(), "one table for all nodes");
	ktap_result(&ktap, next_server(), "the next entry of another server");
	ktap_result(&ktap, next_by_weight(),
		    "what is next of a server belongs to all others");
	return ktap_end(&ktap);
}
