// SPDX-License-Identifier: GPL-2.0
/*
 * Clients that stay with a server of their pool. Stratum relay reads and makes the
 * cookies that say so; here is how a pool wants it, and which servers there are.
 */

#include <linux/bsearch.h>
#include <linux/overflow.h>
#include <linux/sort.h>

#include "pool.h"
#include "sticky.h"

/**
 * sluice_sticky_alloc() - say how clients are kept
 * @cookie: name of the cookie, valid
 * @pool: what stands for the pool
 *
 * Return: with one reference, or NULL.
 */
struct sluice_sticky *sluice_sticky_alloc(const char *cookie, const char *pool)
{
	struct sluice_sticky *sticky;

	sticky = kzalloc(sizeof(*sticky), GFP_KERNEL_ACCOUNT);
	if (!sticky)
		return NULL;
	refcount_set(&sticky->ref, 1);
	strscpy(sticky->cookie, cookie);
	strscpy(sticky->pool, pool);
	return sticky;
}

/**
 * sluice_sticky_is() - are clients kept like this
 * @sticky: how they are, or NULL
 * @cookie: name of a cookie
 * @pool: what stands for the pool
 *
 * Return: whether it says the same.
 */
bool sluice_sticky_is(const struct sluice_sticky *sticky, const char *cookie,
		      const char *pool)
{
	return sticky && !strcmp(sticky->cookie, cookie) &&
	       !strcmp(sticky->pool, pool);
}

/**
 * sluice_sticky_same() - do two say the same
 * @a: one, or NULL
 * @b: another one, or NULL
 *
 * Return: whether they do.
 */
bool sluice_sticky_same(const struct sluice_sticky *a,
			const struct sluice_sticky *b)
{
	return a == b || (b && sluice_sticky_is(a, b->cookie, b->pool));
}

/* Those that cannot be passed on to by stratum relay are of no use to it. */
static bool keeps(const struct sluice_server *server)
{
	const struct sluice_server_params *params = &server->params;

	return !server->change.gone && !params->drained &&
	       params->state != SLUICE_SERVER_STATE_DOWN &&
	       params->forward == SLUICE_FORWARD_NAT;
}

static int compare(const void *a, const void *b)
{
	u64 one = ((const struct sluice_sticky_slot *)a)->number;
	u64 other = ((const struct sluice_sticky_slot *)b)->number;

	return one < other ? -1 : one > other;
}

/**
 * sluice_sticky_set_build() - the servers of a pool that clients may be kept at
 * @pool: the pool, with &sluice_pool_config.sticky
 *
 * Context: &sluice_net.lock is held.
 * Return: for sluice_sticky_set_free(), or NULL.
 */
struct sluice_sticky_set *sluice_sticky_set_build(const struct sluice_pool *pool)
{
	struct sluice_sticky_set *set;
	struct sluice_server *server;
	u32 count = 0, i = 0;

	list_for_each_entry(server, &pool->servers, list)
		count += keeps(server);
	set = kvzalloc(struct_size(set, slot, count), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;
	set->count = count;
	set->sticky = sluice_sticky_get(pool->now.sticky);
	list_for_each_entry(server, &pool->servers, list) {
		if (!keeps(server))
			continue;
		set->slot[i].server = server;
		set->slot[i++].number = sluice_sticky_number(server, pool->family);
	}
	sort(set->slot, count, sizeof(set->slot[0]), compare, NULL);
	return set;
}

/**
 * sluice_sticky_set_free() - undo sluice_sticky_set_build()
 * @set: never published, or past its grace period; or NULL
 */
void sluice_sticky_set_free(struct sluice_sticky_set *set)
{
	if (!set)
		return;
	sluice_sticky_put(set->sticky);
	kvfree(set);
}

/**
 * sluice_sticky_find() - the server that a client says it is kept at
 * @set: servers of its pool
 * @number: of its server
 *
 * Context: RCU read side.
 * Return: the server with a reference, or NULL: it is not in the pool any more, or
 * has gone down.
 */
struct sluice_server *sluice_sticky_find(const struct sluice_sticky_set *set,
					 u64 number)
{
	const struct sluice_sticky_slot key = { .number = number }, *slot;

	slot = bsearch(&key, set->slot, set->count, sizeof(key), compare);
	if (!slot || sluice_server_is_gone(slot->server) ||
	    !sluice_server_tryget(slot->server))
		return NULL;
	return slot->server;
}
