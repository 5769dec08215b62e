// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Weights of servers: as configured, as their records and agents say, and growing in
 * slow start. The kernel has 16 bits for them: those of a pool are made to fit
 * together, so that the ratio of any two stays what it is.
 */
#include "site_parts.h"

/* How finely a share of a weight can be told. */
#define SHARES 100
#define PERCENT 100U
#define NS_PER_MS 1000000U

/* Before it is made to fit: less than 2^32. */
static uint64_t asked_weight(const struct site_server *server,
			     const struct change *change)
{
	uint64_t weight = 1;

	if (change && change->has_weight)
		weight = change->weight;
	else if (server->config)
		weight = server->config->weight;
	return server->name_weight ? weight * server->name_weight : weight;
}

/* Shares of a weight are told where something asks for them. */
static uint64_t shares_of(const struct config_pool *pool)
{
	return pool->slow_start || (pool->check &&
				    pool->check->spec.kind == CHECK_AGENT) ?
		       SHARES :
		       1;
}

static bool fits(const struct site_pool *pool)
{
	return pool->heaviest * shares_of(pool->config) <= SLUICE_WEIGHT_MAX;
}

static uint32_t full_weight(const struct site_server *server,
			    const struct change *change)
{
	const struct site_pool *pool = server->pool;
	uint64_t asked = asked_weight(server, change), weight;
	int percent = server->health.weight_percent;

	/* One that came since the others were looked at may be heavier. */
	if (!fits(pool) && asked > pool->heaviest)
		asked = pool->heaviest;
	weight = fits(pool) ?
			 asked * shares_of(pool->config) * PERCENT :
			 asked * SLUICE_WEIGHT_MAX * PERCENT / pool->heaviest;
	weight =
		weight *
		(percent == CHECK_NO_WEIGHT ? PERCENT : (unsigned int)percent) /
		((uint64_t)PERCENT * PERCENT);
	if (!weight && asked && percent)
		weight = 1;
	return weight > SLUICE_WEIGHT_MAX ? SLUICE_WEIGHT_MAX :
					    (uint32_t)weight;
}

uint32_t site_weight_now(const struct site_server *server,
			 const struct change *change)
{
	uint64_t whole = server->pool->config->slow_start;
	uint32_t full = full_weight(server, change), weight;
	uint64_t passed;

	if (!server->slow_since || !full)
		return full;
	/* In slow start the share grows with time. */
	passed = (loop_now(server->pool->site->host->loop) -
		  server->slow_since) /
		 NS_PER_MS;
	if (passed >= whole)
		return full;
	weight = (uint32_t)(full * passed / whole);
	return weight ? weight : 1;
}

uint32_t site_pool_scale(const struct site_pool *pool)
{
	return (uint32_t)(fits(pool) ? shares_of(pool->config) :
				       SLUICE_WEIGHT_MAX / pool->heaviest);
}

void site_pool_weigh(struct site_pool *pool)
{
	const struct changes *changes = pool->site->host->changes;
	struct site_server *server;
	uint64_t heaviest = 1;

	TAILQ_FOREACH(server, &pool->servers, of_pool)
	{
		uint64_t weight = asked_weight(
			server,
			changes_find(changes, pool->config->name, &server->at));

		if (weight > heaviest)
			heaviest = weight;
	}
	if (pool->heaviest == heaviest)
		return;
	pool->heaviest = heaviest;
	TAILQ_FOREACH(server, &pool->servers, of_pool)
	site_server_touch(server);
}
