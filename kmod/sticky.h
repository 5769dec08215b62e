/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_STICKY_H
#define _SLUICE_STICKY_H

#include <linux/netlink.h>
#include <linux/refcount.h>
#include <linux/slab.h>

#include <uapi/linux/sluice.h>

#include <sluice/sticky.h>

#include "server.h"

struct sluice_pool;

/**
 * struct sluice_sticky - how clients are kept at the servers of a pool
 * @ref: held by the pool, by each set of its servers, and by each request whose
 *	response is to have a cookie
 * @cookie: name of the cookie
 * @pool: what stands for the pool in its signature
 *
 * It never changes.
 */
struct sluice_sticky {
	refcount_t ref;
	char cookie[SLUICE_STICKY_COOKIE_LEN + 1];
	char pool[SLUICE_STICKY_POOL_LEN + 1];
};

/**
 * struct sluice_sticky_slot - a server that clients may be kept at
 * @number: of sluice_sticky_server()
 * @server: valid as long as the set is
 */
struct sluice_sticky_slot {
	u64 number;
	struct sluice_server *server;
};

/**
 * struct sluice_sticky_set - all of them of a pool
 * @sticky: how, with a reference
 * @count: number of @slot
 * @slot: by their numbers: servers that are not down, draining ones too
 *
 * Part of a set of servers, &struct sluice_sched_set, and like that never changed.
 */
struct sluice_sticky_set {
	struct sluice_sticky *sticky;
	u32 count;
	struct sluice_sticky_slot slot[] __counted_by(count);
};

struct sluice_sticky *sluice_sticky_alloc(const char *cookie, const char *pool);
bool sluice_sticky_is(const struct sluice_sticky *sticky, const char *cookie,
		      const char *pool);
bool sluice_sticky_same(const struct sluice_sticky *a,
			const struct sluice_sticky *b);
struct sluice_sticky_set *sluice_sticky_set_build(const struct sluice_pool *pool);
void sluice_sticky_set_free(struct sluice_sticky_set *set);
struct sluice_server *sluice_sticky_find(const struct sluice_sticky_set *set,
					 u64 number);

/**
 * sluice_sticky_number() - the number of a server in cookies
 * @server: the server
 * @family: of its address
 *
 * Return: see sluice_sticky_server().
 */
static inline u64 sluice_sticky_number(const struct sluice_server *server,
				       u8 family)
{
	return sluice_sticky_server(&server->addr, family == AF_INET ? 4 : 16,
				    ntohs(server->port));
}

/**
 * sluice_sticky_get() - take a reference
 * @sticky: one that somebody has a reference to, or NULL
 *
 * Return: @sticky.
 */
static inline struct sluice_sticky *sluice_sticky_get(struct sluice_sticky *sticky)
{
	if (sticky)
		refcount_inc(&sticky->ref);
	return sticky;
}

/**
 * sluice_sticky_put() - give a reference back
 * @sticky: or NULL
 *
 * Nobody finds it under RCU but by what has a reference past a grace period.
 *
 * Context: any.
 */
static inline void sluice_sticky_put(struct sluice_sticky *sticky)
{
	if (sticky && refcount_dec_and_test(&sticky->ref))
		kfree(sticky);
}

#endif /* _SLUICE_STICKY_H */
