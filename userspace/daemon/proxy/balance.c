// SPDX-License-Identifier: GPL-2.0-or-later
/* Which server of a pool takes a request: the table of schedulers. */
#include <errno.h>
#include <stdlib.h>

#include "balance_parts.h"

static const struct balance_scheduler *const schedulers[] = {
	[CONFIG_RR] = &balance_rr,	   [CONFIG_WRR] = &balance_wrr,
	[CONFIG_LC] = &balance_lc,	   [CONFIG_WLC] = &balance_wlc,
	[CONFIG_P2C] = &balance_p2c,	   [CONFIG_RANDOM] = &balance_random,
	[CONFIG_MAGLEV] = &balance_maglev,
};

struct balance *balance_create(const struct config_pool *pool,
			       struct balance_load *const *servers,
			       size_t count, uint64_t seed)
{
	const struct balance_scheduler *scheduler = schedulers[pool->scheduler];
	struct balance *balance;
	int err;

	if (count > BALANCE_SERVERS_MAX) {
		errno = E2BIG;
		return NULL;
	}
	balance = calloc(1, scheduler->size);
	if (!balance)
		return NULL;
	balance->scheduler = scheduler;
	balance->pool = pool;
	balance->servers = servers;
	balance->count = (uint32_t)count;
	balance->random = seed;
	err = scheduler->init ? scheduler->init(balance) : 0;
	if (!err && scheduler->weights)
		err = scheduler->weights(balance);
	if (err) {
		balance_free(balance);
		errno = -err;
		return NULL;
	}
	return balance;
}

void balance_free(struct balance *balance)
{
	if (!balance)
		return;
	if (balance->scheduler->exit)
		balance->scheduler->exit(balance);
	free(balance);
}

void balance_weights(struct balance *balance)
{
	if (balance->scheduler->weights)
		(void)balance->scheduler->weights(balance);
}

int balance_pick(struct balance *balance, const struct balance_ask *ask)
{
	return balance->scheduler->pick(balance, ask);
}
