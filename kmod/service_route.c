// SPDX-License-Identifier: GPL-2.0
/*
 * Routes of services of strata sniff and relay. Packets find them by a set, see
 * service_route_set.c.
 */

#include <linux/jhash.h>
#include <linux/slab.h>

#include "net.h"
#include "pool.h"
#include "service.h"
#include "service_route_set.h"

static u32 hash_name(const char *name)
{
	return jhash(name, strlen(name), 0);
}

static void route_free_rcu(struct rcu_head *rcu)
{
	struct sluice_service_route *route;

	route = container_of(rcu, struct sluice_service_route, rcu);
	if (!route->replaced)
		free_percpu(route->hits);
	kvfree(route);
}

static struct sluice_route_hits __percpu *alloc_hits(void)
{
	struct sluice_route_hits __percpu *hits;
	int cpu;

	hits = alloc_percpu_gfp(struct sluice_route_hits,
				GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!hits)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(hits, cpu)->syncp);
	return hits;
}

static struct sluice_text copy_text(char **to, struct sluice_text from)
{
	struct sluice_text text = {};

	if (!from.len)
		return text;
	memcpy(*to, from.data, from.len);
	text.data = *to;
	text.len = from.len;
	*to += from.len;
	return text;
}

static size_t text_size(const struct sluice_route_rule *rule)
{
	size_t size = rule->host.len + rule->path.len;
	u32 i;

	for (i = 0; i < rule->condition_count; i++)
		size += rule->conditions[i].name.len +
			rule->conditions[i].value.len;
	return size;
}

/* Pools, conditions, sources and texts follow the route, in this order. */
static struct sluice_service_route *
route_alloc(const char *name, const struct sluice_service_route_params *params)
{
	const struct sluice_route_rule *rule = &params->rule;
	const struct sluice_action *action = &params->action;
	struct sluice_route_condition *conditions;
	struct sluice_action_share *pools;
	struct sluice_service_route *route;
	struct sluice_route_source *sources;
	size_t size = sizeof(*route);
	char *text;
	u32 i;

	size += array_size(action->pool_count, sizeof(*pools));
	size += array_size(rule->condition_count, sizeof(*conditions));
	size += array_size(rule->source_count, sizeof(*sources));
	size += text_size(rule);
	route = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!route)
		return NULL;
	pools = (void *)(route + 1);
	conditions = (void *)(pools + action->pool_count);
	sources = (void *)(conditions + rule->condition_count);
	text = (char *)(sources + rule->source_count);

	strscpy_pad(route->name, name);
	route->name_hash = hash_name(name);
	route->action = *action;
	route->action.pools = pools;
	route->action.weight_sum = 0;
	for (i = 0; i < action->pool_count; i++) {
		pools[i] = action->pools[i];
		route->action.weight_sum += pools[i].weight;
	}
	route->rule = *rule;
	route->rule.conditions = conditions;
	route->rule.sources = sources;
	route->rule.host = copy_text(&text, rule->host);
	route->rule.path = copy_text(&text, rule->path);
	for (i = 0; i < rule->condition_count; i++) {
		conditions[i].what = rule->conditions[i].what;
		conditions[i].how = rule->conditions[i].how;
		conditions[i].name = copy_text(&text, rule->conditions[i].name);
		conditions[i].value = copy_text(&text,
						rule->conditions[i].value);
	}
	if (rule->source_count)
		memcpy(sources, rule->sources,
		       rule->source_count * sizeof(*sources));
	return route;
}

static void hold_pools(struct sluice_net *sn,
		       const struct sluice_service_route *route)
{
	struct sluice_pool *pool;
	u32 i;

	for (i = 0; i < route->action.pool_count; i++) {
		pool = route->action.pools[i].pool;
		sluice_pool_touch(sn, pool);
		pool->now.route_count++;
	}
}

static void put_pools(struct sluice_net *sn,
		      const struct sluice_service_route *route)
{
	struct sluice_pool *pool;
	u32 i;

	for (i = 0; i < route->action.pool_count; i++) {
		pool = route->action.pools[i].pool;
		sluice_pool_touch(sn, pool);
		pool->now.route_count--;
		if (pool->hidden && !pool->now.route_count)
			sluice_pool_del(sn, pool);
	}
}

/*
 * A local process gets a pool of its own, which nobody else sees: what picks
 * servers need not know of it.
 */
static struct sluice_pool *make_proxy_pool(struct sluice_net *sn,
					   const struct sluice_service *service,
					   __be16 port,
					   struct netlink_ext_ack *extack)
{
	const struct sluice_server_key key = {
		.addr = service->key.addr,
		.port = port,
	};
	char name[SLUICE_NAME_LEN + 1];

	snprintf(name, sizeof(name), "proxy/%u", ntohs(port));
	return sluice_pool_add_hidden(sn, name, service->key.family, &key,
				      extack);
}

/* A route that no packet finds yet, with its pools held, without a counter. */
static struct sluice_service_route *
route_make(struct sluice_net *sn, const struct sluice_service *service,
	   const char *name, const struct sluice_service_route_params *params,
	   struct netlink_ext_ack *extack)
{
	struct sluice_action_share proxy = { .weight = 1 };
	struct sluice_service_route_params to = *params;
	struct sluice_service_route *route;

	/* A route that is kept in part has its pool already. */
	if (to.action.port && !to.action.pool_count) {
		proxy.pool = make_proxy_pool(sn, service, to.action.port,
					     extack);
		if (IS_ERR(proxy.pool))
			return ERR_CAST(proxy.pool);
		to.action.pools = &proxy;
		to.action.pool_count = 1;
	}
	route = route_alloc(name, &to);
	if (!route)
		goto err_pool;
	sluice_change_init(&route->change);
	hold_pools(sn, route);
	return route;

err_pool:
	if (proxy.pool)
		sluice_pool_del(sn, proxy.pool);
	NL_SET_ERR_MSG(extack, "no memory for the route");
	return ERR_PTR(-ENOMEM);
}

/* Of a route that is in no set and in no commit; its counter is the caller's. */
static void route_unmake(struct sluice_net *sn,
			 struct sluice_service_route *route)
{
	put_pools(sn, route);
	kvfree(route);
}

/* A route becomes what another one was, whose counter it goes on with. */
static void take_over(struct sluice_service_route *route,
		      const struct sluice_service_route *old)
{
	route->id = old->id;
	route->hits = old->hits;
	route->zero = old->zero;
	route->took = true;
}

/* The commit has brought a route. */
static void route_came(struct sluice_net *sn,
		       struct sluice_service_route *route)
{
	sluice_change_touch(&route->change, &sn->commit.routes);
	route->change.made = true;
}

/* The commit has taken a route out of the set. */
static void route_went(struct sluice_net *sn,
		       struct sluice_service_route *route)
{
	put_pools(sn, route);
	sluice_change_touch(&route->change, &sn->commit.routes);
	route->change.gone = true;
}

/**
 * sluice_service_route_settle() - end a commit for a route
 * @sn: namespace
 * @route: one that the commit has touched; if it goes, it is in no set that a packet
 *	can find
 * @is_done: it was carried out, not aborted
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_service_route_settle(struct sluice_net *sn,
				 struct sluice_service_route *route,
				 bool is_done)
{
	bool goes = is_done ? route->change.gone : route->change.made;

	lockdep_assert_held(&sn->lock);
	/* What it had taken over goes back. */
	if (!is_done)
		route->replaced = route->took;
	route->took = false;
	sluice_change_settle(&route->change);
	if (goes)
		call_rcu(&route->rcu, route_free_rcu);
}

/* Its place; NULL is the set of no routes. */
static int find_name(const struct sluice_route_set *set, const char *name)
{
	u32 hash = hash_name(name), i;

	for (i = 0; set && i < set->count; i++)
		if (set->slot[i].name_hash == hash &&
		    !strcmp(set->slot[i].route->name, name))
			return i;
	return -ENOENT;
}

/**
 * sluice_service_route_lookup() - find a route by its name
 * @sn: namespace
 * @service: the service
 * @name: its name
 *
 * Context: &sluice_net.lock is held.
 * Return: its place, from 0, or -ENOENT.
 */
int sluice_service_route_lookup(struct sluice_net *sn,
				const struct sluice_service *service,
				const char *name)
{
	return find_name(sluice_service_routes(sn, service), name);
}

/* The route of this name that packets find, if the commit has deleted it. */
static struct sluice_service_route *
find_gone(struct sluice_net *sn, const struct sluice_service *service,
	  const char *name)
{
	const struct sluice_route_set *set = sluice_routes_before(sn, service);
	struct sluice_service_route *route;
	int at;

	/* Then it has deleted none. */
	if (set == sluice_service_routes(sn, service))
		return NULL;
	at = find_name(set, name);
	if (at < 0)
		return NULL;
	route = set->slot[at].route;
	return route->change.gone && !route->replaced ? route : NULL;
}

/* A route that the commit has deleted is there again. */
static int route_again(struct sluice_net *sn, struct sluice_service *service,
		       struct sluice_service_route *route, u32 at,
		       struct netlink_ext_ack *extack)
{
	const struct sluice_routes_change change = {
		.from = SLUICE_ROUTE_NOWHERE,
		.to = at,
		.route = route,
	};
	u32 i;
	int err;

	err = sluice_routes_change(sn, service, &change, extack);
	if (err)
		return err;
	for (i = 0; i < route->action.pool_count; i++)
		if (route->action.pools[i].pool->hidden)
			sluice_pool_revive_hidden(sn, route->action.pools[i].pool);
	hold_pools(sn, route);
	sluice_change_revive(&route->change);
	sn->route_count++;
	return 0;
}

/**
 * sluice_service_route_add() - add a route to a service
 * @sn: namespace
 * @service: a service of stratum sniff or relay
 * @name: name of the route, valid and not taken
 * @at: its place, from 0 to the number of routes
 * @params: what it is to be; its pools are fit for it
 * @extack: gets the reason of a failure
 *
 * If the commit has deleted one of this name, it keeps that one's number and counter;
 * if that was the same in all, it is that one.
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: 0, -ENOSPC, -E2BIG or -ENOMEM.
 */
int sluice_service_route_add(struct sluice_net *sn,
			     struct sluice_service *service, const char *name,
			     u32 at,
			     const struct sluice_service_route_params *params,
			     struct netlink_ext_ack *extack)
{
	const struct sluice_route_set *set = sluice_service_routes(sn, service);
	struct sluice_routes_change change = { .from = SLUICE_ROUTE_NOWHERE, .to = at };
	struct sluice_service_route *old;
	int err;

	lockdep_assert_held(&sn->lock);
	if (set && set->count >= SLUICE_SERVICE_ROUTES_MAX) {
		NL_SET_ERR_MSG(extack, "too many routes in this service");
		return -ENOSPC;
	}
	if (sn->route_count >= SLUICE_NET_ROUTES_MAX) {
		NL_SET_ERR_MSG(extack, "too many routes in this namespace");
		return -ENOSPC;
	}
	old = find_gone(sn, service, name);
	if (old && sluice_route_rule_same(&old->rule, &params->rule) &&
	    sluice_action_same(&old->action, &params->action))
		return route_again(sn, service, old, at, extack);
	change.route = route_make(sn, service, name, params, extack);
	if (IS_ERR(change.route))
		return PTR_ERR(change.route);
	if (old) {
		take_over(change.route, old);
	} else {
		err = -ENOMEM;
		change.route->hits = alloc_hits();
		if (!change.route->hits)
			goto err_route;
		change.route->id = sn->next_id + 1;
	}
	err = sluice_routes_change(sn, service, &change, extack);
	if (err)
		goto err_hits;
	if (old)
		old->replaced = true;
	else
		sn->next_id++;
	route_came(sn, change.route);
	sn->route_count++;
	return 0;

err_hits:
	if (!old)
		free_percpu(change.route->hits);
err_route:
	route_unmake(sn, change.route);
	return err;
}

/**
 * sluice_service_route_set() - change a route
 * @sn: namespace
 * @service: its service
 * @at: its place
 * @params: what it is from now on; may point to what it was
 * @extack: gets the reason of a failure
 *
 * Its name, number, place and counter stay.
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: 0, -E2BIG or -ENOMEM.
 */
int sluice_service_route_set(struct sluice_net *sn,
			     struct sluice_service *service, u32 at,
			     const struct sluice_service_route_params *params,
			     struct netlink_ext_ack *extack)
{
	struct sluice_service_route *old = sluice_service_routes(sn, service)->slot[at].route;
	struct sluice_routes_change change = { .from = at, .to = at };
	int err;

	lockdep_assert_held(&sn->lock);
	change.route = route_make(sn, service, old->name, params, extack);
	if (IS_ERR(change.route))
		return PTR_ERR(change.route);
	take_over(change.route, old);
	err = sluice_routes_change(sn, service, &change, extack);
	if (err) {
		route_unmake(sn, change.route);
		return err;
	}
	/* Who has found the old one goes on counting there until it is freed. */
	old->replaced = true;
	route_came(sn, change.route);
	route_went(sn, old);
	return 0;
}

/**
 * sluice_service_route_move() - move a route
 * @sn: namespace
 * @service: its service
 * @from: its place
 * @to: its place from now on, counted without it
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or -ENOMEM.
 */
int sluice_service_route_move(struct sluice_net *sn,
			      struct sluice_service *service, u32 from, u32 to,
			      struct netlink_ext_ack *extack)
{
	const struct sluice_routes_change change = {
		.from = from,
		.to = to,
		.route = sluice_service_routes(sn, service)->slot[from].route,
	};

	lockdep_assert_held(&sn->lock);
	return sluice_routes_change(sn, service, &change, extack);
}

/**
 * sluice_service_route_del() - delete a route
 * @sn: namespace
 * @service: its service
 * @at: its place
 * @extack: gets the reason of a failure
 *
 * The route itself stays valid until the end of the commit.
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: 0 or -ENOMEM.
 */
int sluice_service_route_del(struct sluice_net *sn,
			     struct sluice_service *service, u32 at,
			     struct netlink_ext_ack *extack)
{
	struct sluice_service_route *old = sluice_service_routes(sn, service)->slot[at].route;
	const struct sluice_routes_change change = { .from = at, .to = SLUICE_ROUTE_NOWHERE };
	int err;

	lockdep_assert_held(&sn->lock);
	err = sluice_routes_change(sn, service, &change, extack);
	if (err)
		return err;
	sn->route_count--;
	route_went(sn, old);
	return 0;
}

/**
 * sluice_service_routes_del() - delete all routes of a service
 * @sn: namespace
 * @service: the service
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_service_routes_del(struct sluice_net *sn,
			       struct sluice_service *service)
{
	const struct sluice_route_set *set = sluice_service_routes(sn, service);
	u32 i;

	lockdep_assert_held(&sn->lock);
	if (!set)
		return;
	for (i = 0; i < set->count; i++) {
		route_went(sn, set->slot[i].route);
		cond_resched();
	}
	sn->route_count -= set->count;
	sluice_routes_clear(sn, service);
}

/**
 * sluice_service_route_count() - count a connection, or a request
 * @route: the route that it takes
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_service_route_count(const struct sluice_service_route *route)
{
	struct sluice_route_hits *hits = this_cpu_ptr(route->hits);

	u64_stats_update_begin(&hits->syncp);
	u64_stats_inc(&hits->count);
	u64_stats_update_end(&hits->syncp);
}

/**
 * sluice_action_pool() - choose a pool of an action by weight
 * @action: the action
 * @random: any number, of all 32 bits
 *
 * Context: RCU read side.
 * Return: a pool, never NULL where the action is pool or proxy; NULL otherwise.
 */
struct sluice_pool *sluice_action_pool(const struct sluice_action *action,
				       u32 random)
{
	u32 at = (u64)random * action->weight_sum >> 32, i;

	for (i = 0; i < action->pool_count; i++) {
		if (at < action->pools[i].weight)
			return action->pools[i].pool;
		at -= action->pools[i].weight;
	}
	return NULL;
}

static u64 read_hits(const struct sluice_route_hits __percpu *cpu_hits)
{
	u64 sum = 0, one;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct sluice_route_hits *hits = per_cpu_ptr(cpu_hits, cpu);
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&hits->syncp);
			one = u64_stats_read(&hits->count);
		} while (u64_stats_fetch_retry(&hits->syncp, start));
		sum += one;
	}
	return sum;
}

/**
 * sluice_service_route_hits() - connections that took a route
 * @route: the route
 *
 * Context: &sluice_net.lock is held.
 * Return: how many, since the last reset.
 */
u64 sluice_service_route_hits(const struct sluice_service_route *route)
{
	return read_hits(route->hits) - route->zero;
}

/**
 * sluice_service_routes_reset_stats() - let the counters of routes begin at zero
 * @sn: namespace
 * @service: their service
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_service_routes_reset_stats(struct sluice_net *sn,
				       const struct sluice_service *service)
{
	const struct sluice_route_set *set = sluice_service_routes(sn, service);
	u32 i;

	for (i = 0; set && i < set->count; i++) {
		set->slot[i].route->zero = read_hits(set->slot[i].route->hits);
		cond_resched();
	}
}
