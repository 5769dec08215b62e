// SPDX-License-Identifier: GPL-2.0
/*
 * What sluice_ktls.ko is given: where requests of stratum relay go, by the same
 * services, routes, pools and servers that packets go by.
 */

#include <linux/random.h>
#include <linux/rwsem.h>

#include "compat.h"
#include "net.h"
#include "pool.h"
#include "relay.h"
#include "service_route.h"
#include "sticky.h"

/* Servers that are looked at for one request. */
#define RELAY_TRIES 16

/* Protects the pointer, and keeps what it points to for those who call it. */
static DECLARE_RWSEM(relay_sem);
static const struct sluice_relay_ops *relay;

/**
 * sluice_relay_register() - there is a stratum relay
 * @ops: what it is told, valid until sluice_relay_unregister() has returned
 *
 * Context: process context.
 * Return: 0, or -EBUSY where there is one.
 */
int sluice_relay_register(const struct sluice_relay_ops *ops)
{
	int err = 0;

	down_write(&relay_sem);
	if (relay)
		err = -EBUSY;
	else
		WRITE_ONCE(relay, ops);
	up_write(&relay_sem);
	return err;
}
EXPORT_SYMBOL_SLUICE(sluice_relay_register);

/**
 * sluice_relay_unregister() - stratum relay goes
 * @ops: as registered; nobody calls them any more on return
 *
 * Context: process context; nothing is held that they wait for.
 */
void sluice_relay_unregister(const struct sluice_relay_ops *ops)
{
	down_write(&relay_sem);
	if (!WARN_ON_ONCE(relay != ops))
		WRITE_ONCE(relay, NULL);
	up_write(&relay_sem);
}
EXPORT_SYMBOL_SLUICE(sluice_relay_unregister);

/**
 * sluice_relay_is_there() - is sluice_ktls.ko loaded
 *
 * Context: any.
 * Return: whether it has registered.
 */
bool sluice_relay_is_there(void)
{
	return READ_ONCE(relay);
}

/**
 * sluice_relay_leave() - let connections go that have to leave their servers
 * @net: namespace
 *
 * Context: process context, of leave.c.
 * Return: whether some are left.
 */
bool sluice_relay_leave(struct net *net)
{
	bool left = false;

	/* Pairs with the one in sluice_relay_leaves(). */
	smp_mb();
	down_read(&relay_sem);
	if (relay)
		left = relay->leave(net);
	up_read(&relay_sem);
	return left;
}

/**
 * sluice_relay_gone() - tell that a service of stratum relay was deleted
 * @net: namespace, which does not go itself
 * @key: the service
 *
 * Context: process context, &sluice_net.lock is held.
 */
void sluice_relay_gone(struct net *net, const struct sluice_service_key *key)
{
	down_read(&relay_sem);
	if (relay && relay->gone)
		relay->gone(net, key);
	up_read(&relay_sem);
}

/**
 * sluice_relay_serves() - is there a service of stratum relay
 * @net: namespace
 * @key: protocol, address and port
 *
 * Context: any but hard interrupts.
 * Return: whether there is.
 */
bool sluice_relay_serves(struct net *net, const struct sluice_service_key *key)
{
	struct sluice_net *sn = sluice_net(net);
	bool serves;

	rcu_read_lock();
	serves = sluice_service_relayed(sn, key, sluice_view(sn));
	rcu_read_unlock();
	return serves;
}
EXPORT_SYMBOL_SLUICE(sluice_relay_serves);

/**
 * sluice_relay_clients_max() - how many clients there may be at once
 * @net: namespace
 *
 * Context: any.
 * Return: the number, at least 1.
 */
u32 sluice_relay_clients_max(struct net *net)
{
	return READ_ONCE(sluice_net(net)->relay_clients_max);
}
EXPORT_SYMBOL_SLUICE(sluice_relay_clients_max);

/* A request, and who looks for its server. */
struct seeker {
	struct sluice_net *sn;
	struct sluice_service *service;
	unsigned int view;
	const struct sluice_relay_ask *ask;
	struct sluice_relay_way *way;
};

static void refuse(const struct seeker *seeker,
		   enum sluice_relay_verdict verdict,
		   enum sluice_refusal reason)
{
	seeker->way->verdict = verdict;
	sluice_refused(seeker->sn, seeker->service, reason);
}

/* The scheduler's choice, or who comes after it. */
static struct sluice_server *pick(const struct seeker *seeker,
				  struct sluice_sched_set *set)
{
	const struct sluice_sched_slot *slot;
	u32 first = sluice_sched_pick(set), i;

	for (i = 0; i < min(set->count, RELAY_TRIES); i++) {
		slot = &set->slot[(first + i) % set->count];
		if (slot->server->id == seeker->ask->avoid && set->count > 1)
			continue;
		/* The pool may have become one for stratum flow meanwhile. */
		if (slot->forward == SLUICE_FORWARD_NAT &&
		    sluice_server_tryget(slot->server))
			return slot->server;
	}
	return NULL;
}

/* Who was tried in vain, or could not be, is not the client's server any more. */
static struct sluice_server *find_kept(const struct seeker *seeker,
				       const struct sluice_sticky_set *set)
{
	const struct sluice_relay_ask *ask = seeker->ask;
	u64 number;

	if (ask->avoid || !ask->kept(ask, set->sticky, &number))
		return NULL;
	return sluice_sticky_find(set, number);
}

static void choose(const struct seeker *seeker, struct sluice_sched_set *set)
{
	struct sluice_relay_way *way = seeker->way;

	if (set->sticky)
		way->server = find_kept(seeker, set->sticky);
	if (way->server || !set->count)
		return;
	way->server = pick(seeker, set);
	if (way->server && set->sticky)
		way->sticky = sluice_sticky_get(set->sticky->sticky);
}

static void go_to_pool(const struct seeker *seeker, struct sluice_pool *pool)
{
	struct sluice_sched_set *set = rcu_dereference(pool->set[seeker->view]);
	struct sluice_relay_way *way = seeker->way;

	if (set)
		choose(seeker, set);
	if (!way->server) {
		refuse(seeker, SLUICE_RELAY_NO_SERVER,
		       SLUICE_REFUSAL_NO_SERVER);
		return;
	}
	way->verdict = SLUICE_RELAY_SERVER;
	way->family = pool->family;
	way->proxy_protocol = set->proxy_protocol;
}

static void act(const struct seeker *seeker, const struct sluice_action *action)
{
	seeker->way->status = action->status;
	switch (action->kind) {
	case SLUICE_ROUTE_ACTION_REJECT:
		refuse(seeker, SLUICE_RELAY_REJECT, SLUICE_REFUSAL_REJECTED);
		break;
	case SLUICE_ROUTE_ACTION_REDIRECT:
		seeker->way->verdict = SLUICE_RELAY_REDIRECT;
		break;
	case SLUICE_ROUTE_ACTION_PROXY:
		seeker->way->verdict = SLUICE_RELAY_PROXY;
		break;
	default:
		go_to_pool(seeker, sluice_action_pool(action, get_random_u32()));
	}
}

static void find_way(const struct seeker *seeker,
		     const struct sluice_request *req)
{
	const struct sluice_service_route *route;
	struct sluice_pool *pool;

	route = sluice_service_route_find(seeker->service, req, seeker->view);
	if (route) {
		/* A request that is tried again was counted. */
		if (!seeker->ask->avoid)
			sluice_service_route_count(route);
		act(seeker, sluice_service_route_action(route));
		return;
	}
	pool = sluice_service_rest(seeker->service, seeker->view);
	if (pool)
		go_to_pool(seeker, pool);
	else
		refuse(seeker, SLUICE_RELAY_NO_ROUTE, SLUICE_REFUSAL_NO_ROUTE);
}

/**
 * sluice_relay_route() - where does a request go
 * @net: namespace
 * @key: service that it came to
 * @ask: the request
 * @way: overwritten
 *
 * A request that is refused for want of a route or a server, or by a route, is
 * counted as such; one that takes a route is counted there, the first time.
 *
 * Context: any but hard interrupts; functions of @ask are called in an RCU read
 * side section with bottom halves off.
 */
void sluice_relay_route(struct net *net, const struct sluice_service_key *key,
			const struct sluice_relay_ask *ask,
			struct sluice_relay_way *way)
{
	struct seeker seeker = {
		.sn = sluice_net(net),
		.ask = ask,
		.way = way,
	};

	*way = (struct sluice_relay_way){ .verdict = SLUICE_RELAY_NO_SERVICE };
	rcu_read_lock();
	local_bh_disable();
	seeker.view = sluice_view(seeker.sn);
	seeker.service = sluice_service_relayed(seeker.sn, key, seeker.view);
	if (seeker.service)
		find_way(&seeker, ask->req);
	local_bh_enable();
	rcu_read_unlock();
}
EXPORT_SYMBOL_SLUICE(sluice_relay_route);

/**
 * sluice_relay_refused() - count a client or request that was refused for another reason
 * @net: namespace
 * @key: service that it came to
 * @reason: why; not what sluice_relay_route() has counted
 *
 * Context: any but hard interrupts.
 */
void sluice_relay_refused(struct net *net, const struct sluice_service_key *key,
			  enum sluice_refusal reason)
{
	struct sluice_net *sn = sluice_net(net);

	rcu_read_lock();
	sluice_refused(sn, sluice_service_relayed(sn, key, sluice_view(sn)),
		       reason);
	rcu_read_unlock();
}
EXPORT_SYMBOL_SLUICE(sluice_relay_refused);

/**
 * sluice_relay_begin() - a connection to a server begins
 * @net: namespace
 * @key: service that it is made for, which may be gone by now
 * @server: of sluice_relay_route(), with a reference
 *
 * It is one of the active connections of @server, by which lc and wlc choose, from
 * when it is tried until sluice_relay_end().
 *
 * Context: any but hard interrupts.
 */
void sluice_relay_begin(struct net *net, const struct sluice_service_key *key,
			struct sluice_server *server)
{
	struct sluice_net *sn = sluice_net(net);
	struct sluice_service *service;

	rcu_read_lock();
	local_bh_disable();
	sluice_server_count(server, SLUICE_STATE_DEAD, SLUICE_STATE_ESTABLISHED);
	sluice_stats_connection(server->stats);
	service = sluice_service_relayed(sn, key, sluice_view(sn));
	if (service)
		sluice_stats_connection(service->stats);
	local_bh_enable();
	rcu_read_unlock();
}
EXPORT_SYMBOL_SLUICE(sluice_relay_begin);

/**
 * sluice_relay_end() - a connection to a server has ended
 * @server: of sluice_relay_begin(), whose reference stays the caller's
 *
 * Context: any but hard interrupts.
 */
void sluice_relay_end(struct sluice_server *server)
{
	local_bh_disable();
	sluice_server_count(server, SLUICE_STATE_ESTABLISHED, SLUICE_STATE_DEAD);
	local_bh_enable();
}
EXPORT_SYMBOL_SLUICE(sluice_relay_end);

/**
 * sluice_relay_count() - count what went through a connection
 * @server: its server, with a reference
 * @from_client: bytes of heads and bodies that were sent to the server
 * @from_server: bytes that came from it
 *
 * Packets are not counted: here are none.
 *
 * Context: any but hard interrupts.
 */
void sluice_relay_count(struct sluice_server *server, u64 from_client,
			u64 from_server)
{
	local_bh_disable();
	sluice_stats_bytes(server->stats, from_client, from_server);
	local_bh_enable();
}
EXPORT_SYMBOL_SLUICE(sluice_relay_count);
