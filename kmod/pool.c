// SPDX-License-Identifier: GPL-2.0
/*
 * Pools and which servers are in them.
 *
 * Packets never see the lists here: each commit builds a new set for the scheduler
 * of each pool that it touched, publishes it and lets the old one go after a grace
 * period.
 */

#include <linux/jhash.h>
#include <linux/slab.h>

#include "leave.h"
#include "net.h"
#include "pool.h"
#include "sticky.h"

/**
 * struct wanted - what is looked up
 * @name: name of the pool, padded with zeros
 * @gone: a pool that the commit has deleted
 */
struct wanted {
	char name[SLUICE_NAME_LEN + 1];
	bool gone;
};

static u32 hash_wanted(const void *data, u32 len, u32 seed)
{
	const struct wanted *wanted = data;

	return jhash(wanted->name, sizeof(wanted->name), seed);
}

static u32 hash_pool(const void *object, u32 len, u32 seed)
{
	const struct sluice_pool *pool = object;

	return jhash(pool->name, sizeof(pool->name), seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *object)
{
	const struct wanted *wanted = arg->key;
	const struct sluice_pool *pool = object;

	return pool->change.gone != wanted->gone ||
	       memcmp(pool->name, wanted->name, sizeof(pool->name));
}

static const struct rhashtable_params pool_params = {
	.head_offset = offsetof(struct sluice_pool, hash),
	.key_len = sizeof(struct wanted),
	.hashfn = hash_wanted,
	.obj_hashfn = hash_pool,
	.obj_cmpfn = compare,
	.automatic_shrinking = true,
};

/* The weight with which a server is in the set, 0 where it is not. */
static u32 weight_in_set(const struct sluice_server *server)
{
	const struct sluice_server_params *params = &server->params;

	if (server->change.gone || !sluice_takes_new(params))
		return 0;
	return params->weight;
}

static void free_set(struct sluice_sched_set *set)
{
	sluice_sticky_set_free(set->sticky);
	sluice_sched_set_free(set);
}

static struct sluice_sched_set *build_set(struct sluice_pool *pool,
					  struct netlink_ext_ack *extack)
{
	struct sluice_sched_set *set;
	struct sluice_server *server;
	u32 count = 0, weight, i = 0;

	list_for_each_entry(server, &pool->servers, list)
		count += weight_in_set(server) > 0;
	set = sluice_sched_set_alloc(pool->now.sched, &pool->cursor, count);
	if (!set)
		goto err_memory;
	set->members = pool->now.server_count;
	set->proxy_protocol = pool->now.proxy_protocol;
	list_for_each_entry(server, &pool->servers, list) {
		weight = weight_in_set(server);
		if (!weight)
			continue;
		set->slot[i].server = server;
		set->slot[i].forward = server->params.forward;
		set->slot[i++].weight = weight;
	}
	if (pool->now.sticky) {
		set->sticky = sluice_sticky_set_build(pool);
		if (!set->sticky)
			goto err_set;
	}
	if (sluice_sched_set_prepare(set))
		goto err_set;
	return set;

err_set:
	free_set(set);
err_memory:
	NL_SET_ERR_MSG(extack, "no memory for the pool's servers");
	return NULL;
}

static void free_set_rcu(struct rcu_head *rcu)
{
	free_set(container_of(rcu, struct sluice_sched_set, rcu));
}

static struct sluice_sched_set *set_in(struct sluice_net *sn,
				       struct sluice_pool *pool,
				       unsigned int view)
{
	return rcu_dereference_protected(pool->set[view],
					 lockdep_is_held(&sn->lock));
}

static void pool_free(struct sluice_pool *pool)
{
	sluice_sched_cursor_exit(&pool->cursor);
	sluice_sticky_put(pool->now.sticky);
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

static struct sluice_pool *lookup(struct sluice_net *sn, const char *name,
				  bool gone)
{
	struct wanted wanted = { .gone = gone };

	lockdep_assert_held(&sn->lock);
	strscpy_pad(wanted.name, name);
	return rhashtable_lookup_fast(&sn->pools, &wanted, pool_params);
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
	return lookup(sn, name, false);
}

/* An empty pool that nobody knows of. */
static struct sluice_pool *pool_alloc(struct sluice_net *sn, const char *name,
				      u8 family,
				      const struct sluice_scheduler *sched)
{
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
	pool->now.sched = sched;
	pool->now.on_drain = SLUICE_FATE_RESET;
	INIT_LIST_HEAD(&pool->servers);
	sluice_change_init(&pool->change);
	return pool;
}

/**
 * sluice_pool_touch() - a pool, or what is in it, is to be changed
 * @sn: namespace
 * @pool: the pool
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_pool_touch(struct sluice_net *sn, struct sluice_pool *pool)
{
	lockdep_assert_held(&sn->lock);
	if (sluice_change_touch(&pool->change, &sn->commit.pools)) {
		pool->before = pool->now;
		sluice_sticky_get(pool->before.sticky);
	}
	sn->commit.changed = true;
}

/* A pool that the commit has deleted, empty and of no use, is wanted again. */
static struct sluice_pool *revive(struct sluice_net *sn, const char *name,
				  u8 family, bool owned,
				  const struct sluice_scheduler *sched)
{
	struct sluice_pool *pool = lookup(sn, name, true);

	if (!pool || pool->family != family || pool->owned != owned)
		return NULL;
	sluice_change_revive(&pool->change);
	pool->now.sched = sched;
	pool->now.proxy_protocol = 0;
	pool->now.on_down = SLUICE_FATE_KEEP;
	pool->now.on_drain = SLUICE_FATE_RESET;
	sluice_sticky_put(pool->now.sticky);
	pool->now.sticky = NULL;
	sn->pool_count++;
	return pool;
}

/**
 * sluice_pool_is_changed() - has the commit made a pool, or changed it itself
 * @pool: one that it has touched
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: whether there is anything to tell.
 */
bool sluice_pool_is_changed(const struct sluice_pool *pool)
{
	const struct sluice_pool_config *now = &pool->now;
	const struct sluice_pool_config *before = &pool->before;

	return pool->change.made || now->sched != before->sched ||
	       now->proxy_protocol != before->proxy_protocol ||
	       now->on_down != before->on_down ||
	       now->on_drain != before->on_drain ||
	       !sluice_sticky_same(now->sticky, before->sticky);
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
 * Context: &sluice_net.lock is held, in a commit.
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
	pool = revive(sn, name, family, owned, sched);
	if (pool)
		return pool;
	pool = pool_alloc(sn, name, family, sched);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool->owned = owned;
	err = rhashtable_insert_fast(&sn->pools, &pool->hash, pool_params);
	if (err) {
		NL_SET_ERR_MSG(extack, "the table of pools cannot grow");
		pool_free(pool);
		return ERR_PTR(err);
	}
	sluice_pool_touch(sn, pool);
	pool->change.made = true;
	pool->id = ++sn->next_id;
	list_add_tail(&pool->list, &sn->pool_list);
	sn->pool_count++;
	return pool;
}

/**
 * sluice_pool_add_hidden() - make a pool that is in no list, with one server
 * @sn: namespace
 * @name: what connections show; it is not looked up
 * @family: AF_INET or AF_INET6
 * @key: address and port of the server
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held, in a commit.
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
	pool = pool_alloc(sn, name, family, &sluice_sched_rr);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool->hidden = true;
	sluice_pool_touch(sn, pool);
	pool->change.made = true;
	server = sluice_pool_server_add(sn, pool, key, &params, extack);
	if (!IS_ERR(server))
		return pool;
	sluice_pool_del(sn, pool);
	return ERR_CAST(server);
}

/**
 * sluice_pool_revive_hidden() - a hidden pool is wanted again
 * @sn: namespace
 * @pool: the pool, with its server; deleted by the commit, or not
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_pool_revive_hidden(struct sluice_net *sn, struct sluice_pool *pool)
{
	struct sluice_server *server;

	if (!pool->change.gone)
		return;
	lockdep_assert_held(&sn->lock);
	sluice_change_revive(&pool->change);
	list_for_each_entry(server, &pool->servers, list) {
		sluice_change_revive(&server->change);
		pool->now.server_count++;
	}
}

/**
 * sluice_pool_set_proxy_protocol() - set what servers get in front
 * @sn: namespace
 * @pool: a pool that is fit for it
 * @version: of the PROXY protocol, or 0
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_pool_set_proxy_protocol(struct sluice_net *sn,
				    struct sluice_pool *pool, u8 version)
{
	sluice_pool_touch(sn, pool);
	pool->now.proxy_protocol = version;
}

/**
 * sluice_pool_set_fates() - set what becomes of connections
 * @sn: namespace
 * @pool: the pool
 * @on_down: &enum sluice_fate of those whose server is down
 * @on_drain: of those whose server is past its deadline, not SLUICE_FATE_KEEP
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_pool_set_fates(struct sluice_net *sn, struct sluice_pool *pool,
			   u8 on_down, u8 on_drain)
{
	sluice_pool_touch(sn, pool);
	pool->now.on_down = on_down;
	pool->now.on_drain = on_drain;
}

/**
 * sluice_pool_set_sticky() - say how clients are kept at the servers of a pool
 * @sn: namespace
 * @pool: the pool
 * @sticky: how, with a reference, which is taken over; NULL: they are not
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_pool_set_sticky(struct sluice_net *sn, struct sluice_pool *pool,
			    struct sluice_sticky *sticky)
{
	sluice_pool_touch(sn, pool);
	sluice_sticky_put(pool->now.sticky);
	pool->now.sticky = sticky;
}

/**
 * sluice_pool_set_sched() - give a pool another scheduler
 * @sn: namespace
 * @pool: the pool
 * @sched: its scheduler from now on
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_pool_set_sched(struct sluice_net *sn, struct sluice_pool *pool,
			   const struct sluice_scheduler *sched)
{
	sluice_pool_touch(sn, pool);
	pool->now.sched = sched;
}

/**
 * sluice_pool_del() - delete a pool and its servers
 * @sn: namespace
 * @pool: a pool that no service and no route uses
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_pool_del(struct sluice_net *sn, struct sluice_pool *pool)
{
	struct sluice_server *server;

	sluice_pool_touch(sn, pool);
	WARN_ON_ONCE(pool->now.service_count || pool->now.route_count);
	list_for_each_entry(server, &pool->servers, list)
		if (!server->change.gone)
			sluice_pool_server_del(sn, pool, server);
	cond_resched();
	pool->change.gone = true;
	if (!pool->hidden)
		sn->pool_count--;
}

/**
 * sluice_pool_prepare() - make ready what packets will see of a pool
 * @sn: namespace
 * @pool: one that the commit has touched
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: 0 or -ENOMEM.
 */
int sluice_pool_prepare(struct sluice_net *sn, struct sluice_pool *pool,
			struct netlink_ext_ack *extack)
{
	struct sluice_sched_set *set;

	/* Who finds it by something that is older than the commit goes on. */
	if (pool->change.gone)
		return 0;
	set = build_set(pool, extack);
	if (!set)
		return -ENOMEM;
	rcu_assign_pointer(pool->set[sluice_edit(sn)], set);
	return 0;
}

/**
 * sluice_pool_publish() - let a view of a pool be as the other
 * @sn: namespace
 * @pool: one that the commit has touched
 * @from: view that is right
 * @to: view that becomes the same
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_pool_publish(struct sluice_net *sn, struct sluice_pool *pool,
			 unsigned int from, unsigned int to)
{
	struct sluice_sched_set *right = set_in(sn, pool, from);
	struct sluice_sched_set *old = set_in(sn, pool, to);

	if (old == right)
		return;
	rcu_assign_pointer(pool->set[to], right);
	if (old)
		call_rcu(&old->rcu, free_set_rcu);
}

/**
 * sluice_pool_settle() - end a commit for a pool
 * @sn: namespace
 * @pool: one that the commit has touched, past sluice_pool_publish(); all its
 *	servers are settled
 * @is_done: it was carried out, not aborted
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_pool_settle(struct sluice_net *sn, struct sluice_pool *pool,
			bool is_done)
{
	bool goes = is_done ? pool->change.gone : pool->change.made;
	struct sluice_sched_set *set = set_in(sn, pool, 0);
	struct sluice_server *server;

	lockdep_assert_held(&sn->lock);
	sluice_sticky_put(is_done ? pool->before.sticky : pool->now.sticky);
	if (!is_done)
		pool->now = pool->before;
	pool->before.sticky = NULL;
	sluice_change_settle(&pool->change);
	if (!goes) {
		list_for_each_entry(server, &pool->servers, list)
			sluice_leave_fit(sn, pool, server);
		return;
	}
	RCU_INIT_POINTER(pool->set[0], NULL);
	RCU_INIT_POINTER(pool->set[1], NULL);
	if (set)
		call_rcu(&set->rcu, free_set_rcu);
	if (!pool->hidden) {
		rhashtable_remove_fast(&sn->pools, &pool->hash, pool_params);
		list_del(&pool->list);
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
