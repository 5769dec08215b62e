// SPDX-License-Identifier: GPL-2.0
/*
 * Pools and which servers are in them.
 *
 * Packets never see the lists here: each change builds a new set for the
 * scheduler, publishes it and lets the old one go after a grace period. What
 * can fail is done before anything is changed.
 */

#include <linux/slab.h>

#include "net.h"
#include "pool.h"

static const struct rhashtable_params pool_params = {
	.head_offset = offsetof(struct sluice_pool, hash),
	.key_offset = offsetof(struct sluice_pool, name),
	.key_len = sizeof_field(struct sluice_pool, name),
	.automatic_shrinking = true,
};

/**
 * struct set_change - a change of a pool that is not made yet
 * @sched: scheduler from now on
 * @except: server to be deleted, or NULL
 * @changed: server to be changed, or NULL
 * @params: what @changed will be
 */
struct set_change {
	const struct sluice_scheduler *sched;
	const struct sluice_server *except;
	const struct sluice_server *changed;
	const struct sluice_server_params *params;
};

/* The weight with which a server will be in the set, 0 where it will not. */
static u32 weight_after(const struct sluice_server *server,
			const struct set_change *change)
{
	u32 weight = server->weight;
	u8 state = server->state;

	if (server == change->except)
		return 0;
	if (server == change->changed) {
		weight = change->params->weight;
		state = change->params->state;
	}
	return sluice_takes_new(state, weight) ? weight : 0;
}

static struct sluice_sched_set *build_set(struct sluice_pool *pool,
					  const struct set_change *change,
					  struct netlink_ext_ack *extack)
{
	struct sluice_sched_set *set;
	struct sluice_server *server;
	u32 count = 0, weight, i = 0;

	list_for_each_entry(server, &pool->servers, list)
		count += weight_after(server, change) > 0;
	set = sluice_sched_set_alloc(change->sched, &pool->cursor, count);
	if (!set)
		goto err_memory;
	list_for_each_entry(server, &pool->servers, list) {
		weight = weight_after(server, change);
		if (!weight)
			continue;
		set->slot[i].server = server;
		set->slot[i++].weight = weight;
	}
	if (sluice_sched_set_prepare(set))
		goto err_set;
	return set;

err_set:
	sluice_sched_set_free(set);
err_memory:
	NL_SET_ERR_MSG(extack, "no memory for the pool's servers");
	return NULL;
}

static void free_set_rcu(struct rcu_head *rcu)
{
	sluice_sched_set_free(container_of(rcu, struct sluice_sched_set, rcu));
}

static void publish_set(struct sluice_net *sn, struct sluice_pool *pool,
			struct sluice_sched_set *set)
{
	struct sluice_sched_set *old;

	old = rcu_replace_pointer(pool->set, set, lockdep_is_held(&sn->lock));
	if (old)
		call_rcu(&old->rcu, free_set_rcu);
}

static void pool_free(struct sluice_pool *pool)
{
	sluice_sched_cursor_exit(&pool->cursor);
	kfree(pool);
}

static void pool_free_rcu(struct rcu_head *rcu)
{
	pool_free(container_of(rcu, struct sluice_pool, rcu));
}

/**
 * sluice_pools_init() - prepare a namespace's pools
 * @sn: namespace
 *
 * Return: 0 or a negative error.
 */
int sluice_pools_init(struct sluice_net *sn)
{
	INIT_LIST_HEAD(&sn->pool_list);
	return rhashtable_init(&sn->pools, &pool_params);
}

/**
 * sluice_pools_exit() - undo sluice_pools_init()
 * @sn: namespace without pools
 */
void sluice_pools_exit(struct sluice_net *sn)
{
	rhashtable_destroy(&sn->pools);
}

/**
 * sluice_pool_lookup() - find a pool
 * @sn: namespace
 * @name: its name, at most SLUICE_NAME_LEN bytes
 *
 * Context: &sluice_net.lock is held.
 * Return: the pool or NULL.
 */
struct sluice_pool *sluice_pool_lookup(struct sluice_net *sn, const char *name)
{
	char key[SLUICE_NAME_LEN + 1];

	lockdep_assert_held(&sn->lock);
	strscpy_pad(key, name);
	return rhashtable_lookup_fast(&sn->pools, key, pool_params);
}

/* An empty pool that nobody knows of. */
static struct sluice_pool *pool_alloc(struct sluice_net *sn, const char *name,
				      u8 family,
				      const struct sluice_scheduler *sched,
				      struct netlink_ext_ack *extack)
{
	struct set_change change = { .sched = sched };
	struct sluice_sched_set *set;
	struct sluice_pool *pool;

	pool = kzalloc(sizeof(*pool), GFP_KERNEL_ACCOUNT);
	if (!pool)
		return NULL;
	if (sluice_sched_cursor_init(&pool->cursor, GFP_KERNEL_ACCOUNT)) {
		kfree(pool);
		return NULL;
	}
	strscpy_pad(pool->name, name);
	pool->family = family;
	pool->sched = sched;
	INIT_LIST_HEAD(&pool->servers);
	set = build_set(pool, &change, extack);
	if (!set) {
		pool_free(pool);
		return NULL;
	}
	publish_set(sn, pool, set);
	return pool;
}

/**
 * sluice_pool_add() - make an empty pool
 * @sn: namespace
 * @name: its name, valid and not taken
 * @family: AF_INET or AF_INET6
 * @owned: it belongs to one service
 * @sched: its scheduler
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held.
 * Return: the pool, owned by @sn, or ERR_PTR().
 */
struct sluice_pool *sluice_pool_add(struct sluice_net *sn, const char *name,
				    u8 family, bool owned,
				    const struct sluice_scheduler *sched,
				    struct netlink_ext_ack *extack)
{
	struct sluice_pool *pool;
	int err;

	lockdep_assert_held(&sn->lock);
	if (sn->pool_count >= SLUICE_POOLS_MAX) {
		NL_SET_ERR_MSG(extack, "too many pools in this namespace");
		return ERR_PTR(-ENOSPC);
	}
	pool = pool_alloc(sn, name, family, sched, extack);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool->owned = owned;
	err = rhashtable_insert_fast(&sn->pools, &pool->hash, pool_params);
	if (err) {
		NL_SET_ERR_MSG(extack, "the table of pools cannot grow");
		goto err_pool;
	}
	pool->id = ++sn->next_id;
	list_add_tail(&pool->list, &sn->pool_list);
	sn->pool_count++;
	sn->generation++;
	return pool;

err_pool:
	publish_set(sn, pool, NULL);
	pool_free(pool);
	return ERR_PTR(err);
}

/**
 * sluice_pool_add_hidden() - make a pool that is in no list, with one server
 * @sn: namespace
 * @name: what connections show; it is not looked up
 * @family: AF_INET or AF_INET6
 * @key: address and port of the server
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held.
 * Return: the pool, owned by the caller, or ERR_PTR(-ENOMEM).
 */
struct sluice_pool *sluice_pool_add_hidden(struct sluice_net *sn,
					   const char *name, u8 family,
					   const struct sluice_server_key *key,
					   struct netlink_ext_ack *extack)
{
	static const struct sluice_server_params params = {
		.weight = 1,
		.state = SLUICE_SERVER_STATE_UP,
		.forward = SLUICE_FORWARD_NAT,
	};
	struct sluice_server *server;
	struct sluice_pool *pool;

	lockdep_assert_held(&sn->lock);
	pool = pool_alloc(sn, name, family, &sluice_sched_rr, extack);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool->hidden = true;
	server = sluice_pool_server_add(sn, pool, key, &params, extack);
	if (!IS_ERR(server))
		return pool;
	publish_set(sn, pool, NULL);
	pool_free(pool);
	return ERR_CAST(server);
}

/**
 * sluice_pool_set_proxy_protocol() - set what servers get in front
 * @sn: namespace
 * @pool: a pool that is fit for it
 * @version: of the PROXY protocol, or 0
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_pool_set_proxy_protocol(struct sluice_net *sn,
				    struct sluice_pool *pool, u8 version)
{
	lockdep_assert_held(&sn->lock);
	WRITE_ONCE(pool->proxy_protocol, version);
	sn->generation++;
}

/**
 * sluice_pool_set_sched() - give a pool another scheduler
 * @sn: namespace
 * @pool: the pool
 * @sched: its scheduler from now on
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or -ENOMEM.
 */
int sluice_pool_set_sched(struct sluice_net *sn, struct sluice_pool *pool,
			  const struct sluice_scheduler *sched,
			  struct netlink_ext_ack *extack)
{
	struct set_change change = { .sched = sched };
	struct sluice_sched_set *set;

	lockdep_assert_held(&sn->lock);
	set = build_set(pool, &change, extack);
	if (!set)
		return -ENOMEM;
	pool->sched = sched;
	publish_set(sn, pool, set);
	sn->generation++;
	return 0;
}

static void count_direct(struct sluice_pool *pool, u8 forward, int n)
{
	if (forward != SLUICE_FORWARD_NAT)
		pool->direct_count += n;
}

/* Out of the pool for good. Packets must not find it in the set any more. */
static void server_unlink(struct sluice_net *sn, struct sluice_pool *pool,
			  struct sluice_server *server)
{
	struct sluice_stats stats;

	sluice_server_read_stats(server, &stats);
	sluice_stats_add(&pool->gone, &stats);
	list_del(&server->list);
	WRITE_ONCE(pool->server_count, pool->server_count - 1);
	if (!pool->hidden)
		sn->server_count--;
	count_direct(pool, server->forward, -1);
	RCU_INIT_POINTER(server->pool, NULL);
	sluice_server_release(server);
}

/**
 * sluice_pool_del() - delete a pool and its servers
 * @sn: namespace
 * @pool: a pool that no service and no route uses
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_pool_del(struct sluice_net *sn, struct sluice_pool *pool)
{
	struct sluice_server *server, *next;

	lockdep_assert_held(&sn->lock);
	WARN_ON_ONCE(pool->service_count || pool->route_count);
	publish_set(sn, pool, NULL);
	list_for_each_entry_safe(server, next, &pool->servers, list)
		server_unlink(sn, pool, server);
	cond_resched();
	if (!pool->hidden) {
		rhashtable_remove_fast(&sn->pools, &pool->hash, pool_params);
		list_del(&pool->list);
		sn->pool_count--;
		sn->generation++;
	}
	call_rcu(&pool->rcu, pool_free_rcu);
}

/**
 * sluice_pool_read_stats() - counters of all servers that are or were in a pool
 * @pool: the pool
 * @stats: overwritten
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_pool_read_stats(const struct sluice_pool *pool,
			    struct sluice_stats *stats)
{
	struct sluice_server *server;
	struct sluice_stats one;

	*stats = pool->gone;
	list_for_each_entry(server, &pool->servers, list) {
		sluice_server_read_stats(server, &one);
		sluice_stats_add(stats, &one);
	}
}

/**
 * sluice_pool_reset_stats() - let the counters of a pool begin at zero
 * @pool: the pool
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_pool_reset_stats(struct sluice_pool *pool)
{
	struct sluice_server *server;

	pool->gone = (struct sluice_stats){};
	list_for_each_entry(server, &pool->servers, list)
		sluice_stats_read(server->stats, &server->zero);
}

/**
 * sluice_pool_server_lookup() - find a server of a pool
 * @pool: the pool
 * @key: address and port
 *
 * Context: &sluice_net.lock is held.
 * Return: the server or NULL.
 */
struct sluice_server *
sluice_pool_server_lookup(const struct sluice_pool *pool,
			  const struct sluice_server_key *key)
{
	struct sluice_server *server;

	list_for_each_entry(server, &pool->servers, list)
		if (server->port == key->port &&
		    nf_inet_addr_cmp(&server->addr, &key->addr))
			return server;
	return NULL;
}

/**
 * sluice_pool_server_add() - add a server to a pool
 * @sn: namespace
 * @pool: the pool
 * @key: address and port, of the pool's family and not in it yet
 * @params: weight, state and forwarding method, valid
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held.
 * Return: the server, owned by @pool, or ERR_PTR().
 */
struct sluice_server *
sluice_pool_server_add(struct sluice_net *sn, struct sluice_pool *pool,
		       const struct sluice_server_key *key,
		       const struct sluice_server_params *params,
		       struct netlink_ext_ack *extack)
{
	struct set_change change = { .sched = pool->sched };
	struct sluice_sched_set *set;
	struct sluice_server *server;

	lockdep_assert_held(&sn->lock);
	if (pool->server_count >= SLUICE_POOL_SERVERS_MAX) {
		NL_SET_ERR_MSG(extack, "too many servers in this pool");
		return ERR_PTR(-ENOSPC);
	}
	if (sn->server_count >= SLUICE_SERVERS_MAX && !pool->hidden) {
		NL_SET_ERR_MSG(extack, "too many servers in this namespace");
		return ERR_PTR(-ENOSPC);
	}
	server = sluice_server_alloc(key, params);
	if (!server)
		return ERR_PTR(-ENOMEM);
	rcu_assign_pointer(server->pool, pool);
	list_add_tail(&server->list, &pool->servers);
	set = build_set(pool, &change, extack);
	if (!set)
		goto err_list;
	server->id = ++sn->next_id;
	WRITE_ONCE(pool->server_count, pool->server_count + 1);
	if (!pool->hidden)
		sn->server_count++;
	count_direct(pool, params->forward, 1);
	publish_set(sn, pool, set);
	sn->generation++;
	return server;

err_list:
	list_del(&server->list);
	sluice_server_free(server);
	return ERR_PTR(-ENOMEM);
}

/**
 * sluice_pool_server_set() - change a server
 * @sn: namespace
 * @pool: its pool
 * @server: the server
 * @params: what it is from now on, valid
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or -ENOMEM.
 */
int sluice_pool_server_set(struct sluice_net *sn, struct sluice_pool *pool,
			   struct sluice_server *server,
			   const struct sluice_server_params *params,
			   struct netlink_ext_ack *extack)
{
	struct set_change change = {
		.sched = pool->sched,
		.changed = server,
		.params = params,
	};
	struct sluice_sched_set *set;

	lockdep_assert_held(&sn->lock);
	set = build_set(pool, &change, extack);
	if (!set)
		return -ENOMEM;
	WRITE_ONCE(server->weight, params->weight);
	WRITE_ONCE(server->state, params->state);
	count_direct(pool, server->forward, -1);
	count_direct(pool, params->forward, 1);
	WRITE_ONCE(server->forward, params->forward);
	publish_set(sn, pool, set);
	sn->generation++;
	return 0;
}

/**
 * sluice_pool_server_del() - take a server out of its pool
 * @sn: namespace
 * @pool: its pool
 * @server: the server; freed when its last connection is
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or -ENOMEM.
 */
int sluice_pool_server_del(struct sluice_net *sn, struct sluice_pool *pool,
			   struct sluice_server *server,
			   struct netlink_ext_ack *extack)
{
	struct set_change change = {
		.sched = pool->sched,
		.except = server,
	};
	struct sluice_sched_set *set;

	lockdep_assert_held(&sn->lock);
	set = build_set(pool, &change, extack);
	if (!set)
		return -ENOMEM;
	publish_set(sn, pool, set);
	server_unlink(sn, pool, server);
	sn->generation++;
	return 0;
}
