// SPDX-License-Identifier: GPL-2.0
/* Services: the addresses that clients connect to. */

#include <linux/slab.h>

#include "net.h"
#include "path.h"
#include "pool.h"
#include "service.h"
#include "service_route.h"

/* Addresses and ports here are chosen by the administrator, not by clients. */
static u32 hash(const union nf_inet_addr *addr, __be16 port, u8 family,
		u8 protocol, u32 seed)
{
	u64 hash = (u64)seed << 32 | protocol << 16 | (__force u16)port;
	int i;

	hash = sluice_mix(hash ^ (__force u32)addr->all[0], SLUICE_MIX);
	if (family == AF_INET6)
		for (i = 1; i < 4; i++)
			hash = sluice_mix(hash ^ (__force u32)addr->all[i],
					  SLUICE_MIX);
	return hash;
}

static u32 hash_service(const void *object, u32 len, u32 seed)
{
	const struct sluice_service_key *key;

	key = &((const struct sluice_service *)object)->key;
	return hash(&key->addr, key->port, key->family, key->protocol, seed);
}

/* The key is the tuple of a client's packet. */
static u32 hash_tuple(const void *data, u32 len, u32 seed)
{
	const struct sluice_tuple *t = data;

	return hash(&t->dst, t->dport, t->family, t->protocol, seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *object)
{
	const struct sluice_service *service = object;
	const struct sluice_tuple *t = arg->key;

	return service->key.port != t->dport ||
	       service->key.protocol != t->protocol ||
	       service->key.family != t->family ||
	       service->key.addr.ip != t->dst.ip ||
	       (t->family == AF_INET6 &&
		!nf_inet_addr_cmp(&service->key.addr, &t->dst));
}

static const struct rhashtable_params service_params = {
	.head_offset = offsetof(struct sluice_service, hash),
	.key_len = sizeof(struct sluice_tuple),
	.hashfn = hash_tuple,
	.obj_hashfn = hash_service,
	.obj_cmpfn = compare,
	.automatic_shrinking = true,
};

static void service_free_rcu(struct rcu_head *rcu)
{
	struct sluice_service *service;

	service = container_of(rcu, struct sluice_service, rcu);
	free_percpu(service->stats);
	kfree(service);
}

/**
 * sluice_services_init() - prepare a namespace's services
 * @sn: namespace
 *
 * Return: 0 or a negative error.
 */
int sluice_services_init(struct sluice_net *sn)
{
	INIT_LIST_HEAD(&sn->service_list);
	return rhashtable_init(&sn->services, &service_params);
}

/**
 * sluice_services_exit() - undo sluice_services_init()
 * @sn: namespace without services
 */
void sluice_services_exit(struct sluice_net *sn)
{
	rhashtable_destroy(&sn->services);
}

/**
 * sluice_service_lookup() - find a service
 * @sn: namespace
 * @key: protocol, address and port
 *
 * Context: RCU read side, or &sluice_net.lock is held.
 * Return: the service, without a reference, or NULL.
 */
struct sluice_service *sluice_service_lookup(struct sluice_net *sn,
					     const struct sluice_service_key *key)
{
	const struct sluice_tuple original = {
		.family = key->family,
		.protocol = key->protocol,
		.dport = key->port,
		.dst = key->addr,
	};

	return rhashtable_lookup_fast(&sn->services, &original, service_params);
}

/**
 * sluice_service_of() - find the service that a client's packet is for
 * @sn: namespace
 * @original: its addresses and ports
 *
 * Context: RCU read side.
 * Return: the service, without a reference, or NULL.
 */
struct sluice_service *sluice_service_of(struct sluice_net *sn,
					 const struct sluice_tuple *original)
{
	return rhashtable_lookup(&sn->services, original, service_params);
}

/* A pool got one more service. */
static void pool_use(const struct sluice_service *service,
		     struct sluice_pool *pool)
{
	pool->service_count++;
	pool->sniff_count += service->stratum == SLUICE_STRATUM_SNIFF;
}

/**
 * sluice_service_add() - make a service
 * @sn: namespace
 * @key: protocol, address and port, valid and not taken
 * @params: what it is besides, valid
 * @pool: a pool of the same family, fit for the stratum
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held.
 * Return: the service, owned by @sn, or ERR_PTR().
 */
struct sluice_service *sluice_service_add(struct sluice_net *sn,
					  const struct sluice_service_key *key,
					  const struct sluice_service_params *params,
					  struct sluice_pool *pool,
					  struct netlink_ext_ack *extack)
{
	struct sluice_service *service;
	int err;

	lockdep_assert_held(&sn->lock);
	if (sn->service_count >= SLUICE_SERVICES_MAX) {
		NL_SET_ERR_MSG(extack, "too many services in this namespace");
		return ERR_PTR(-ENOSPC);
	}
	err = sluice_hooks_register(sn);
	if (err) {
		NL_SET_ERR_MSG(extack, "netfilter hooks could not be registered");
		return ERR_PTR(err);
	}
	service = kzalloc(sizeof(*service), GFP_KERNEL_ACCOUNT);
	if (!service)
		return ERR_PTR(-ENOMEM);
	err = -ENOMEM;
	service->stats = sluice_stats_alloc(GFP_KERNEL_ACCOUNT);
	if (!service->stats)
		goto err_service;
	service->key = *key;
	service->stratum = params->stratum;
	service->parse = params->parse;
	service->id = sn->next_id + 1;
	rcu_assign_pointer(service->pool, pool);
	err = rhashtable_insert_fast(&sn->services, &service->hash,
				     service_params);
	if (err) {
		NL_SET_ERR_MSG(extack, "the table of services cannot grow");
		goto err_stats;
	}
	sn->next_id++;
	pool_use(service, pool);
	list_add_tail(&service->list, &sn->service_list);
	sn->service_count++;
	sn->generation++;
	return service;

err_stats:
	free_percpu(service->stats);
err_service:
	kfree(service);
	return ERR_PTR(err);
}

/**
 * sluice_service_pool() - the pool of a service, for those who configure
 * @sn: namespace
 * @service: the service
 *
 * Context: &sluice_net.lock is held.
 * Return: the pool, never NULL.
 */
struct sluice_pool *sluice_service_pool(struct sluice_net *sn,
					const struct sluice_service *service)
{
	return rcu_dereference_protected(service->pool,
					 lockdep_is_held(&sn->lock));
}

/* A pool lost one of its services. */
static void pool_unuse(struct sluice_net *sn,
		       const struct sluice_service *service,
		       struct sluice_pool *pool)
{
	pool->service_count--;
	pool->sniff_count -= service->stratum == SLUICE_STRATUM_SNIFF;
	if (pool->owned)
		sluice_pool_del(sn, pool);
}

/**
 * sluice_service_set_pool() - give a service another pool
 * @sn: namespace
 * @service: the service; a pool of its own that it had is deleted
 * @pool: a pool of the same family, fit for the stratum
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_service_set_pool(struct sluice_net *sn,
			     struct sluice_service *service,
			     struct sluice_pool *pool)
{
	struct sluice_pool *old = sluice_service_pool(sn, service);

	lockdep_assert_held(&sn->lock);
	if (old == pool)
		return;
	pool_use(service, pool);
	rcu_assign_pointer(service->pool, pool);
	pool_unuse(sn, service, old);
	sn->generation++;
}

/**
 * sluice_service_set_slow_path() - keep a service's packets off the fast path
 * @sn: namespace
 * @service: the service
 * @slow_path: whether all of them are to pass the firewall
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_service_set_slow_path(struct sluice_net *sn,
				  struct sluice_service *service,
				  bool slow_path)
{
	lockdep_assert_held(&sn->lock);
	if (service->slow_path == slow_path)
		return;
	WRITE_ONCE(service->slow_path, slow_path);
	sn->generation++;
	if (!slow_path)
		return;
	/* Whoever has read the old value gives its leases before the flush. */
	synchronize_rcu();
	sluice_paths_flush(sn);
}

/**
 * sluice_service_set_parse() - let a service read other first bytes
 * @sn: namespace
 * @service: a service of stratum sniff without routes
 * @parse: &enum sluice_parse, not none
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_service_set_parse(struct sluice_net *sn,
			      struct sluice_service *service, u8 parse)
{
	lockdep_assert_held(&sn->lock);
	WRITE_ONCE(service->parse, parse);
	sn->generation++;
}

/**
 * sluice_service_del() - delete a service
 * @sn: namespace
 * @service: the service; its routes and a pool of its own are deleted with it
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_service_del(struct sluice_net *sn, struct sluice_service *service)
{
	struct sluice_pool *pool = sluice_service_pool(sn, service);

	lockdep_assert_held(&sn->lock);
	rhashtable_remove_fast(&sn->services, &service->hash, service_params);
	list_del(&service->list);
	sn->service_count--;
	sn->generation++;
	sluice_service_routes_del(sn, service);
	pool_unuse(sn, service, pool);
	call_rcu(&service->rcu, service_free_rcu);
}

/**
 * sluice_service_read_stats() - counters of a service since the last reset
 * @sn: namespace
 * @service: the service
 * @stats: overwritten
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_service_read_stats(struct sluice_net *sn,
			       const struct sluice_service *service,
			       struct sluice_stats *stats)
{
	struct sluice_stats own;

	sluice_stats_read(service->stats, &own);
	sluice_stats_sub(&own, &service->zero);
	sluice_pool_read_stats(sluice_service_pool(sn, service), stats);
	stats->connections = own.connections;
}

/**
 * sluice_service_reset_stats() - let a service's own counters begin at zero
 * @sn: namespace
 * @service: the service; its routes', not those of its pool
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_service_reset_stats(struct sluice_net *sn,
				struct sluice_service *service)
{
	int i;

	sluice_stats_read(service->stats, &service->zero);
	for (i = 0; i < SLUICE_REFUSAL_COUNT; i++)
		atomic64_set(&service->refusals.count[i], 0);
	sluice_service_routes_reset_stats(sn, service);
}

/**
 * sluice_refused() - count a refused connection
 * @sn: namespace
 * @service: service that it was for, or NULL
 * @reason: why
 *
 * Context: any.
 */
void sluice_refused(struct sluice_net *sn, struct sluice_service *service,
		    enum sluice_refusal reason)
{
	atomic64_inc(&sn->refusals.count[reason]);
	if (service)
		atomic64_inc(&service->refusals.count[reason]);
}

/**
 * sluice_flush() - delete all services, routes and pools
 * @sn: namespace
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_flush(struct sluice_net *sn)
{
	struct sluice_service *service, *next_service;
	struct sluice_pool *pool, *next_pool;

	lockdep_assert_held(&sn->lock);
	list_for_each_entry_safe(service, next_service, &sn->service_list, list) {
		sluice_service_del(sn, service);
		cond_resched();
	}
	list_for_each_entry_safe(pool, next_pool, &sn->pool_list, list)
		sluice_pool_del(sn, pool);
}
