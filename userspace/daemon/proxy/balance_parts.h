/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of schedulers have from each other. See balance.h. */
#ifndef PROXY_BALANCE_PARTS_H
#define PROXY_BALANCE_PARTS_H

#include <sluice/mix.h>

#include "balance.h"

/**
 * struct balance - what every scheduler has; it is first in what it has besides
 * @scheduler: which one
 * @pool: scheduler and hash
 * @servers: array of pointers
 * @count: its length
 * @random: state of balance_number()
 */
struct balance {
	const struct balance_scheduler *scheduler;
	const struct config_pool *pool;
	struct balance_load *const *servers;
	uint32_t count;
	uint64_t random;
};

/**
 * struct balance_scheduler - a way to choose
 * @size: of what a balance has; all zero before @init
 * @init: takes memory, or NULL. Return: 0, or a negative errno after which @exit
 *	is called, too
 * @exit: gives it back, or NULL
 * @weights: called after @init, and when weights have changed; or NULL. Return: 0,
 *	or a negative errno: what was there before is used, and @pick tries again
 * @pick: see balance_pick()
 */
struct balance_scheduler {
	size_t size;
	int (*init)(struct balance *balance);
	void (*exit)(struct balance *balance);
	int (*weights)(struct balance *balance);
	int (*pick)(struct balance *balance, const struct balance_ask *ask);
};

extern const struct balance_scheduler balance_rr;
extern const struct balance_scheduler balance_wrr;
extern const struct balance_scheduler balance_lc;
extern const struct balance_scheduler balance_wlc;
extern const struct balance_scheduler balance_p2c;
extern const struct balance_scheduler balance_random;
extern const struct balance_scheduler balance_maglev;

/* The weight as it is now, at most what is allowed: products of it fit. */
static inline uint32_t balance_weight(const struct balance *balance, uint32_t i)
{
	uint32_t weight =
		__atomic_load_n(&balance->servers[i]->weight, __ATOMIC_RELAXED);

	return weight < SLUICE_WEIGHT_MAX ? weight : SLUICE_WEIGHT_MAX;
}

static inline uint32_t balance_active(const struct balance *balance, uint32_t i)
{
	return __atomic_load_n(&balance->servers[i]->active, __ATOMIC_RELAXED);
}

/*
 * Whether a server may be taken. Tables may be older than its weight, which is
 * looked at, too.
 */
static inline bool balance_may(const struct balance *balance,
			       const struct balance_ask *ask, uint32_t i)
{
	return balance_weight(balance, i) &&
	       (!ask->usable || ask->usable(ask->arg, i));
}

/* A random number of 64 bits (SplitMix64). */
static inline uint64_t balance_number(struct balance *balance)
{
	balance->random += 0x9e3779b97f4a7c15U;
	return sluice_mix(balance->random);
}

#endif /* PROXY_BALANCE_PARTS_H */
