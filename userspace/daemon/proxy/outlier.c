// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Servers that are left out because of what they answer.
 *
 * The floor is exact at any time: &outlier.out is raised before a server goes, and
 * lowered after it is back, each by whoever changed &outlier_server.until from 0 or
 * to it. So no more servers have an @until than @out says.
 */
#include <stdlib.h>

#include "outlier.h"

#define NS_PER_MS 1000000U
#define US_PER_MS 1000U
#define SHARE_ALL 10000U

/* Numbers that decide nothing, or by which it does not matter who is first. */
#define LOAD(where) __atomic_load_n(where, __ATOMIC_RELAXED)
#define STORE(where, value) __atomic_store_n(where, value, __ATOMIC_RELAXED)
#define COUNT(where) __atomic_add_fetch(where, 1, __ATOMIC_RELAXED)

struct outlier *outlier_create(const struct config_outlier *config,
			       size_t count)
{
	struct outlier *outlier = calloc(
		1, sizeof(*outlier) + count * sizeof(outlier->servers[0]));

	if (!outlier)
		return NULL;
	outlier->errors = config->errors;
	outlier->latency_us = (uint64_t)config->latency * US_PER_MS;
	outlier->time = (uint64_t)config->time * NS_PER_MS;
	outlier->share_max = config->share_max;
	outlier->count = count;
	for (size_t i = 0; i < count; i++)
		outlier->servers[i].pool = outlier;
	outlier_set_up(outlier, count);
	return outlier;
}

void outlier_free(struct outlier *outlier)
{
	free(outlier);
}

void outlier_set_up(struct outlier *outlier, size_t up)
{
	size_t most = up * outlier->share_max / SHARE_ALL;

	if (!most && outlier->share_max)
		most = 1;
	if (most >= up)
		most = up ? up - 1 : 0;
	STORE(&outlier->most, (uint32_t)most);
}

static bool change_until(struct outlier_server *server, uint64_t from,
			 uint64_t to)
{
	return __atomic_compare_exchange_n(&server->until, &from, to, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

static void lower_out(struct outlier *pool)
{
	__atomic_sub_fetch(&pool->out, 1, __ATOMIC_SEQ_CST);
}

bool outlier_still_out(struct outlier_server *server, uint64_t now)
{
	uint64_t until = LOAD(&server->until);

	if (until > now)
		return true;
	if (until && change_until(server, until, 0))
		lower_out(server->pool);
	return false;
}

static bool raise_out(struct outlier *pool)
{
	uint32_t out = LOAD(&pool->out);

	while (out < LOAD(&pool->most))
		if (__atomic_compare_exchange_n(&pool->out, &out, out + 1,
						false, __ATOMIC_SEQ_CST,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

/* Make room for one more that is out: by those whose time is over, if need be. */
static bool make_room(struct outlier *pool, uint64_t now)
{
	if (raise_out(pool))
		return true;
	for (size_t i = 0; i < pool->count; i++)
		outlier_ejected(&pool->servers[i], now);
	return raise_out(pool);
}

static uint64_t eject(struct outlier_server *server, uint64_t now)
{
	struct outlier *pool = server->pool;
	uint64_t span = LOAD(&server->span);
	uint32_t row = LOAD(&server->row);

	if (!make_room(pool, now)) {
		COUNT(&pool->kept);
		return 0;
	}
	if (!row || now > LOAD(&server->back) + span)
		row = 1;
	else if (row < OUTLIER_ROW_MAX)
		row++;
	span = pool->time * row;
	/* Another worker may have done it, as many failures before. */
	if (!change_until(server, 0, now + span)) {
		lower_out(pool);
		return 0;
	}
	STORE(&server->row, row);
	STORE(&server->span, span);
	STORE(&server->back, now + span);
	STORE(&server->errors, 0);
	COUNT(&server->ejections);
	return span;
}

uint64_t outlier_report(struct outlier_server *server, bool failed,
			uint64_t latency_us, uint64_t now)
{
	const struct outlier *pool = server->pool;

	if (!failed && (!pool->latency_us || latency_us <= pool->latency_us)) {
		if (LOAD(&server->errors))
			STORE(&server->errors, 0);
		return 0;
	}
	if (outlier_ejected(server, now))
		return 0;
	/* Where it stays in because others are out, it is tried again and again. */
	if (COUNT(&server->errors) % pool->errors)
		return 0;
	return eject(server, now);
}

void outlier_inherit(struct outlier_server *to,
		     const struct outlier_server *from, uint64_t now)
{
	uint64_t until = LOAD(&from->until);

	STORE(&to->errors, LOAD(&from->errors));
	STORE(&to->row, LOAD(&from->row));
	STORE(&to->span, LOAD(&from->span));
	STORE(&to->back, LOAD(&from->back));
	STORE(&to->ejections, LOAD(&from->ejections));
	if (until > now && raise_out(to->pool))
		STORE(&to->until, until);
}
