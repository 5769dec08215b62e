/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SERVICE_ROUTE_H
#define _SLUICE_SERVICE_ROUTE_H

#include <linux/netlink.h>
#include <linux/refcount.h>
#include <linux/u64_stats_sync.h>

#include <sluice/route_match.h>
#include <uapi/linux/sluice.h>

#include "commit.h"

struct sluice_net;
struct sluice_pool;
struct sluice_service;
struct sluice_service_view;

/* Most routes of one service and of one namespace, and pools of one route. */
#define SLUICE_SERVICE_ROUTES_MAX 65536
#define SLUICE_NET_ROUTES_MAX 1048576
#define SLUICE_ROUTE_POOLS_MAX 256

/**
 * struct sluice_action_share - one pool of an action
 * @pool: the pool; its route keeps it from being deleted
 * @weight: its share of the connections, 1 to SLUICE_WEIGHT_MAX
 */
struct sluice_action_share {
	struct sluice_pool *pool;
	u32 weight;
};

/**
 * struct sluice_action - what is done with a connection that takes a route
 * @kind: &enum sluice_route_action
 * @status: HTTP status of reject (0 is a reset) and redirect
 * @port: port of the local process of proxy; 0 with stratum relay
 * @pool_count: length of @pools: 0 for reject and redirect, 1 for proxy with a @port
 * @weight_sum: of all @pools
 * @pools: pools to choose from
 */
struct sluice_action {
	u8 kind;
	u16 status;
	__be16 port;
	u32 pool_count;
	u32 weight_sum;
	const struct sluice_action_share *pools;
};

/**
 * struct sluice_route_hits - one CPU's share of a route's counter
 * @count: connections
 * @syncp: makes it readable from another CPU on 32-bit machines
 */
struct sluice_route_hits {
	u64_stats_t count;
	struct u64_stats_sync syncp;
};

/**
 * struct sluice_service_route - one route of a service
 * @action: what is done with a connection that takes it
 * @hits: connections that took it
 * @id: number of the route
 * @zero: reading of @hits at the last reset, under &sluice_net.lock
 * @rcu: frees it after the last reader
 * @rule: what a connection must have
 * @change: what a commit does to it
 * @replaced: another route has taken over @hits, under &sluice_net.lock
 * @took: it has taken over @hits from another one in this commit, likewise
 * @name_hash: of @name, to find it by
 * @name: its name, one of its kind in its service
 *
 * A route that is changed is replaced by another one, which takes over @hits;
 * nothing else of it changes while packets can find it. What @rule and @action
 * point to follows it in the same block of memory.
 */
struct sluice_service_route {
	struct sluice_action action;
	struct sluice_route_hits __percpu *hits;
	u64 id;
	u64 zero;
	struct rcu_head rcu;
	struct sluice_route_rule rule;
	struct sluice_change change;
	bool replaced;
	bool took;
	u32 name_hash;
	char name[SLUICE_NAME_LEN + 1];
};

/**
 * struct sluice_route_slot - a route in the order of its service
 * @route: the route
 * @name_hash: of its name
 */
struct sluice_route_slot {
	struct sluice_service_route *route;
	u32 name_hash;
};

/**
 * struct sluice_route_head - the index of the first routes of a service
 * @users: sets that have it
 * @count: how many routes are in it
 * @index: what a request is compared with, in the same block of memory
 */
struct sluice_route_head {
	refcount_t users;
	u32 count;
	const struct sluice_routes *index;
};

/**
 * struct sluice_route_set - all routes of a service, as packets find them
 * @rcu: frees it after the last reader
 * @head: index of the first routes, which sets share that differ in the rest
 * @tail: index of the rest, in the same block of memory; NULL if there is none
 * @count: length of @slot
 * @slot: the routes, in their order
 *
 * Never changed: each change of a route makes a new one. A commit that changes
 * many routes of a service makes as many, of which packets see the last.
 */
struct sluice_route_set {
	struct rcu_head rcu;
	struct sluice_route_head *head;
	const struct sluice_routes *tail;
	u32 count;
	struct sluice_route_slot slot[] __counted_by(count);
};

/**
 * struct sluice_service_route_params - what a route is to be
 * @rule: what a connection must have, checked
 * @action: what is done with it; of proxy without @pools, to be made
 *
 * All that they point to is copied.
 */
struct sluice_service_route_params {
	struct sluice_route_rule rule;
	struct sluice_action action;
};

/* For packets. */
const struct sluice_service_route *
sluice_service_route_find(const struct sluice_service *service,
			  const struct sluice_request *req, unsigned int view);
void sluice_service_route_count(const struct sluice_service_route *route);
struct sluice_pool *sluice_action_pool(const struct sluice_action *action,
				       u32 random);

/**
 * sluice_service_route_action() - what is done with a connection
 * @route: the route that it took
 *
 * Context: RCU read side.
 * Return: the action, valid as long as @route.
 */
static inline const struct sluice_action *
sluice_service_route_action(const struct sluice_service_route *route)
{
	return &route->action;
}

/* For those who configure. */
bool sluice_route_rule_same(const struct sluice_route_rule *a,
			    const struct sluice_route_rule *b);
bool sluice_action_same(const struct sluice_action *a,
			const struct sluice_action *b);
const struct sluice_route_set *
sluice_service_routes(struct sluice_net *sn,
		      const struct sluice_service *service);
int sluice_service_route_lookup(struct sluice_net *sn,
				const struct sluice_service *service,
				const char *name);
int sluice_service_route_add(struct sluice_net *sn,
			     struct sluice_service *service, const char *name,
			     u32 at,
			     const struct sluice_service_route_params *params,
			     struct netlink_ext_ack *extack);
int sluice_service_route_set(struct sluice_net *sn,
			     struct sluice_service *service, u32 at,
			     const struct sluice_service_route_params *params,
			     struct netlink_ext_ack *extack);
int sluice_service_route_move(struct sluice_net *sn,
			      struct sluice_service *service, u32 from, u32 to,
			      struct netlink_ext_ack *extack);
int sluice_service_route_del(struct sluice_net *sn,
			     struct sluice_service *service, u32 at,
			     struct netlink_ext_ack *extack);
void sluice_service_route_settle(struct sluice_net *sn,
				 struct sluice_service_route *route,
				 bool is_done);
void sluice_service_routes_settle(struct sluice_net *sn,
				  struct sluice_service_view *from,
				  struct sluice_service_view *to);
void sluice_service_routes_del(struct sluice_net *sn,
			       struct sluice_service *service);
u64 sluice_service_route_hits(const struct sluice_service_route *route);
void sluice_service_routes_reset_stats(struct sluice_net *sn,
				       const struct sluice_service *service);

#endif /* _SLUICE_SERVICE_ROUTE_H */
