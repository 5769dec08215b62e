// SPDX-License-Identifier: GPL-2.0
/* Services: the addresses that clients connect to. */

#include <linux/slab.h>

#include "line.h"
#include "net.h"
#include "path.h"
#include "pool.h"
#include "relay.h"
#include "service.h"
#include "service_route.h"

/* What new connections read is not where refusals are counted. */
static_assert(SLUICE_APART(struct sluice_service, stats, refusals));

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

/**
 * struct wanted - what is looked up
 * @tuple: of a client's packet
 * @view: a service that is present in this view
 */
struct wanted {
	const struct sluice_tuple *tuple;
	unsigned int view;
};

static u32 hash_wanted(const void *data, u32 len, u32 seed)
{
	const struct sluice_tuple *t = ((const struct wanted *)data)->tuple;

	return hash(&t->dst, t->dport, t->family, t->protocol, seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *object)
{
	const struct sluice_service *service = object;
	const struct wanted *wanted = arg->key;
	const struct sluice_tuple *t = wanted->tuple;

	return !READ_ONCE(service->view[wanted->view].present) ||
	       service->key.port != t->dport ||
	       service->key.protocol != t->protocol ||
	       service->key.family != t->family ||
	       service->key.addr.ip != t->dst.ip ||
	       (t->family == AF_INET6 &&
		!nf_inet_addr_cmp(&service->key.addr, &t->dst));
}

static const struct rhashtable_params service_params = {
	.head_offset = offsetof(struct sluice_service, hash),
	.key_len = sizeof(struct wanted),
	.hashfn = hash_wanted,
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

static struct sluice_service *lookup(struct sluice_net *sn,
				     const struct sluice_service_key *key,
				     unsigned int view)
{
	const struct sluice_tuple original = {
		.family = key->family,
		.protocol = key->protocol,
		.dport = key->port,
		.dst = key->addr,
	};
	const struct wanted wanted = { .tuple = &original, .view = view };

	return rhashtable_lookup_fast(&sn->services, &wanted, service_params);
}

/**
 * sluice_service_lookup() - find a service, for those who configure
 * @sn: namespace
 * @key: protocol, address and port
 *
 * Context: &sluice_net.lock is held.
 * Return: the service, without a reference, or NULL.
 */
struct sluice_service *sluice_service_lookup(struct sluice_net *sn,
					     const struct sluice_service_key *key)
{
	return lookup(sn, key, sluice_edit(sn));
}

/**
 * sluice_service_in() - find the service that a client's packet is for
 * @sn: namespace
 * @original: its addresses and ports
 * @view: what the packet goes by, of sluice_view()
 *
 * Packets to services of stratum relay are nothing to us: they are for the host's
 * own sockets.
 *
 * Context: RCU read side.
 * Return: the service, without a reference, or NULL.
 */
struct sluice_service *sluice_service_in(struct sluice_net *sn,
					 const struct sluice_tuple *original,
					 unsigned int view)
{
	const struct wanted wanted = { .tuple = original, .view = view };
	struct sluice_service *service;

	service = rhashtable_lookup(&sn->services, &wanted, service_params);
	if (!service || service->stratum == SLUICE_STRATUM_RELAY)
		return NULL;
	return service;
}

/**
 * sluice_service_relayed() - find a service of stratum relay
 * @sn: namespace
 * @key: protocol, address and port
 * @view: what its caller goes by, of sluice_view()
 *
 * Context: RCU read side.
 * Return: the service, without a reference, or NULL.
 */
struct sluice_service *sluice_service_relayed(struct sluice_net *sn,
					      const struct sluice_service_key *key,
					      unsigned int view)
{
	struct sluice_service *service = lookup(sn, key, view);

	if (!service || service->stratum != SLUICE_STRATUM_RELAY)
		return NULL;
	return service;
}

/**
 * sluice_service_rest() - the pool for what no route of a service fits
 * @service: the service
 * @view: what the packet or request goes by, of sluice_view()
 *
 * Context: RCU read side.
 * Return: the service's own pool if it has servers, or NULL.
 */
struct sluice_pool *sluice_service_rest(const struct sluice_service *service,
					unsigned int view)
{
	struct sluice_pool *pool = rcu_dereference(service->view[view].pool);
	const struct sluice_sched_set *set = rcu_dereference(pool->set[view]);

	return set && set->members ? pool : NULL;
}

/**
 * sluice_service_of() - find a service of which nothing else is to be known
 * @sn: namespace
 * @original: addresses and ports of a client's packet
 *
 * Context: RCU read side.
 * Return: the service, without a reference, or NULL.
 */
struct sluice_service *sluice_service_of(struct sluice_net *sn,
					 const struct sluice_tuple *original)
{
	return sluice_service_in(sn, original, sluice_view(sn));
}

/**
 * sluice_service_touch() - a service is to be changed
 * @sn: namespace
 * @service: the service
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_service_touch(struct sluice_net *sn, struct sluice_service *service)
{
	lockdep_assert_held(&sn->lock);
	sluice_change_touch(&service->change, &sn->commit.services);
	sn->commit.changed = true;
}

/* What those who configure are to change. */
static struct sluice_service_view *edit(struct sluice_net *sn,
					struct sluice_service *service)
{
	sluice_service_touch(sn, service);
	return &service->view[sluice_edit(sn)];
}

/* A pool got one more service. */
static void pool_use(struct sluice_net *sn,
		     const struct sluice_service *service,
		     struct sluice_pool *pool)
{
	sluice_pool_touch(sn, pool);
	pool->now.service_count++;
	pool->now.routed_count += sluice_stratum_has_routes(service->stratum);
}

/* A service that the commit has deleted is wanted again. */
static struct sluice_service *revive(struct sluice_net *sn,
				     const struct sluice_service_key *key,
				     const struct sluice_service_params *params,
				     struct sluice_pool *pool)
{
	struct sluice_service *service = lookup(sn, key, sn->view);
	struct sluice_service_view *view;

	if (!service || service->stratum != params->stratum)
		return NULL;
	view = edit(sn, service);
	rcu_assign_pointer(view->pool, pool);
	WRITE_ONCE(view->slow_path, false);
	view->parse = params->parse;
	view->present = true;
	sluice_change_revive(&service->change);
	return service;
}

/**
 * sluice_service_is_changed() - has the commit made a service, or changed it itself
 * @sn: namespace
 * @service: one that it has touched
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: whether there is anything to tell.
 */
bool sluice_service_is_changed(struct sluice_net *sn,
			       const struct sluice_service *service)
{
	const struct sluice_service_view *before = &service->view[sn->view];
	const struct sluice_service_view *view = &service->view[!sn->view];
	const struct sluice_pool *pool = sluice_service_pool(sn, service);

	return service->change.made || view->slow_path != before->slow_path ||
	       view->parse != before->parse ||
	       pool != rcu_access_pointer(before->pool) ||
	       (pool->owned && sluice_pool_is_changed(pool));
}

/**
 * sluice_service_add() - make a service
 * @sn: namespace
 * @key: protocol, address and port, valid and not taken
 * @params: what it is besides, valid
 * @pool: a pool of the same family, fit for the stratum
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: the service, owned by @sn, or ERR_PTR().
 */
struct sluice_service *sluice_service_add(struct sluice_net *sn,
					  const struct sluice_service_key *key,
					  const struct sluice_service_params *params,
					  struct sluice_pool *pool,
					  struct netlink_ext_ack *extack)
{
	struct sluice_service *service;
	int err, i;

	lockdep_assert_held(&sn->lock);
	if (sn->service_count >= SLUICE_SERVICES_MAX) {
		NL_SET_ERR_MSG(extack, "too many services in this namespace");
		return ERR_PTR(-ENOSPC);
	}
	if (params->stratum != SLUICE_STRATUM_RELAY) {
		err = sluice_hooks_register(sn);
		if (err) {
			NL_SET_ERR_MSG(extack,
				       "netfilter hooks could not be registered");
			return ERR_PTR(err);
		}
	}
	service = revive(sn, key, params, pool);
	if (service)
		goto added;
	service = kzalloc(sizeof(*service), GFP_KERNEL_ACCOUNT);
	if (!service)
		return ERR_PTR(-ENOMEM);
	err = -ENOMEM;
	service->stats = sluice_stats_alloc(GFP_KERNEL_ACCOUNT);
	if (!service->stats)
		goto err_service;
	service->key = *key;
	service->stratum = params->stratum;
	for (i = 0; i < ARRAY_SIZE(service->view); i++) {
		service->view[i].parse = params->parse;
		rcu_assign_pointer(service->view[i].pool, pool);
	}
	service->view[sluice_edit(sn)].present = true;
	sluice_change_init(&service->change);
	err = rhashtable_insert_fast(&sn->services, &service->hash,
				     service_params);
	if (err) {
		NL_SET_ERR_MSG(extack, "the table of services cannot grow");
		goto err_stats;
	}
	edit(sn, service);
	service->change.made = true;
	service->id = ++sn->next_id;
	list_add_tail(&service->list, &sn->service_list);
added:
	pool_use(sn, service, pool);
	sn->service_count++;
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
	return rcu_dereference_protected(service->view[sluice_edit(sn)].pool,
					 lockdep_is_held(&sn->lock));
}

/**
 * sluice_service_parse() - which first bytes a service reads, for those who
 *	configure
 * @sn: namespace
 * @service: the service
 *
 * Context: &sluice_net.lock is held.
 * Return: &enum sluice_parse.
 */
u8 sluice_service_parse(struct sluice_net *sn,
			const struct sluice_service *service)
{
	return service->view[sluice_edit(sn)].parse;
}

/* A pool lost one of its services. */
static void pool_unuse(struct sluice_net *sn,
		       const struct sluice_service *service,
		       struct sluice_pool *pool)
{
	sluice_pool_touch(sn, pool);
	pool->now.service_count--;
	pool->now.routed_count -= sluice_stratum_has_routes(service->stratum);
	if (pool->owned)
		sluice_pool_del(sn, pool);
}

/**
 * sluice_service_set_pool() - give a service another pool
 * @sn: namespace
 * @service: the service; a pool of its own that it had is deleted
 * @pool: a pool of the same family, fit for the stratum
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_service_set_pool(struct sluice_net *sn,
			     struct sluice_service *service,
			     struct sluice_pool *pool)
{
	struct sluice_pool *old = sluice_service_pool(sn, service);

	if (old == pool)
		return;
	pool_use(sn, service, pool);
	rcu_assign_pointer(edit(sn, service)->pool, pool);
	pool_unuse(sn, service, old);
}

/**
 * sluice_service_is_slow() - are a service's packets kept off the fast path
 * @service: the service
 *
 * While a commit changes that, they are.
 *
 * Context: RCU read side.
 * Return: whether all of them are to pass the firewall.
 */
bool sluice_service_is_slow(const struct sluice_service *service)
{
	return READ_ONCE(service->view[0].slow_path) ||
	       READ_ONCE(service->view[1].slow_path);
}

/**
 * sluice_service_set_slow_path() - keep a service's packets off the fast path
 * @sn: namespace
 * @service: the service
 * @slow_path: whether all of them are to pass the firewall
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_service_set_slow_path(struct sluice_net *sn,
				  struct sluice_service *service,
				  bool slow_path)
{
	struct sluice_service_view *view = edit(sn, service);

	if (view->slow_path == slow_path)
		return;
	if (slow_path)
		WRITE_ONCE(sn->keeps_slow, true);
	WRITE_ONCE(view->slow_path, slow_path);
	sn->commit.keeps_slow |= slow_path;
}

/**
 * sluice_service_set_parse() - let a service read other first bytes
 * @sn: namespace
 * @service: a service of stratum sniff without routes
 * @parse: &enum sluice_parse, not none
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_service_set_parse(struct sluice_net *sn,
			      struct sluice_service *service, u8 parse)
{
	edit(sn, service)->parse = parse;
}

/**
 * sluice_service_del() - delete a service
 * @sn: namespace
 * @service: the service; its routes and a pool of its own are deleted with it
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_service_del(struct sluice_net *sn, struct sluice_service *service)
{
	struct sluice_pool *pool = sluice_service_pool(sn, service);

	edit(sn, service)->present = false;
	service->change.gone = true;
	sn->service_count--;
	sluice_service_routes_del(sn, service);
	pool_unuse(sn, service, pool);
}

/**
 * sluice_service_settle() - end a commit for a service
 * @sn: namespace
 * @service: one that the commit has touched
 * @from: view that is right
 * @to: view that becomes the same
 *
 * What is not present then goes.
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_service_settle(struct sluice_net *sn,
			   struct sluice_service *service, unsigned int from,
			   unsigned int to)
{
	struct sluice_service_view *right = &service->view[from];
	struct sluice_service_view *view = &service->view[to];

	lockdep_assert_held(&sn->lock);
	sluice_service_routes_settle(sn, right, view);
	rcu_assign_pointer(view->pool,
			   rcu_dereference_protected(right->pool,
						     lockdep_is_held(&sn->lock)));
	WRITE_ONCE(view->slow_path, right->slow_path);
	WRITE_ONCE(view->parse, right->parse);
	WRITE_ONCE(view->present, right->present);
	sluice_change_settle(&service->change);
	if (right->present)
		return;
	rhashtable_remove_fast(&sn->services, &service->hash, service_params);
	list_del(&service->list);
	if (service->stratum == SLUICE_STRATUM_RELAY &&
	    !READ_ONCE(sn->holds.closing))
		sluice_relay_gone(sn->net, &service->key);
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
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_flush(struct sluice_net *sn)
{
	struct sluice_service *service;
	struct sluice_pool *pool;

	lockdep_assert_held(&sn->lock);
	list_for_each_entry(service, &sn->service_list, list) {
		if (service->change.gone)
			continue;
		sluice_service_del(sn, service);
		service->change.flushed = true;
		cond_resched();
	}
	list_for_each_entry(pool, &sn->pool_list, list) {
		if (pool->change.gone)
			continue;
		sluice_pool_del(sn, pool);
		pool->change.flushed = true;
	}
}
