/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of routes in memory. All arrays follow struct sluice_routes in one
 * block; what names an array, a host or a text is an offset from the start of
 * the block. It is laid out for few lines of cache a match: with 10,000 hosts,
 * those are what a match costs more than with 10.
 */
#ifndef SLUICE_ROUTE_INDEX_H
#define SLUICE_ROUTE_INDEX_H

#include <sluice/route_match.h>

/* No rule. */
#define ROUTE_NONE ((u32)-1)

struct route_text {
	u32 offset;
	u32 len;
};

/*
 * Numbers of rules in ascending order: a piece of the array of lists, where the
 * first of it is at @at; of a single one, @at is the number itself.
 */
struct route_list {
	u32 at;
	u32 count;
};

struct route_host {
	u32 hash;
	/* The next of the chain, or 0. */
	u32 next;
	/* Rules with this host, and with all hosts below it. */
	struct route_list exact;
	struct route_list below;
	u32 len;
	/* In lower case. */
	char name[];
};

struct route_condition {
	u8 what;
	u8 how;
	struct route_text name;
	struct route_text value;
};

struct route_rule {
	struct route_text path;
	u32 conditions;
	u32 condition_count;
	u32 sources;
	u32 source_count;
	u32 salt;
	u16 share;
	u16 port;
	u8 path_how;
};

struct sluice_routes {
	u32 count;
	u32 seed;
	/* Heads of chains of hosts; the mask is a power of two less one. */
	u32 bucket_mask;
	u32 host_count;
	/* Rules without a host. */
	struct route_list any;
	/* A bit for each length of a host that has rules for those below it. */
	u32 below_lengths[SLUICE_ROUTE_HOST_MAX / 32 + 1];
	u32 buckets;
	u32 rules;
	u32 conditions;
	u32 sources;
	u32 lists;
};

static inline const void *route_at(const struct sluice_routes *routes,
				   u32 offset)
{
	return (const char *)routes + offset;
}

static inline char route_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* Each bit of the result depends on all of @x: two rounds of xor and multiply. */
static inline u32 route_mix(u32 x)
{
	x ^= x >> 16;
	x *= 0x7feb352dU;
	x ^= x >> 15;
	x *= 0x846ca68bU;
	return x ^ x >> 16;
}

/*
 * Hosts are hashed from their end, so that one pass over a name gives the hashes
 * of all its suffixes. FNV-1a, whose low bits are mixed before they are used.
 */
static inline u32 route_hash_add(u32 hash, char c)
{
	return (hash ^ (u8)route_lower(c)) * 16777619U;
}

static inline u32 route_hash_end(u32 hash)
{
	return route_mix(hash);
}

/* Return: the host that is @len bytes at @name, or NULL. */
const struct route_host *sluice_route_host(const struct sluice_routes *routes,
					   const char *name, u32 len, u32 hash,
					   struct sluice_route_cost *cost);

#endif /* SLUICE_ROUTE_INDEX_H */
