/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_POOL_H
#define _SLUICE_POOL_H

#include <linux/netlink.h>
#include <linux/rhashtable.h>

#include <uapi/linux/sluice.h>

#include "commit.h"
#include "sched.h"
#include "server.h"

struct sluice_net;
struct sluice_sticky;

/* Most servers of one pool; with the largest weights their sum fits 32 bits. */
#define SLUICE_POOL_SERVERS_MAX 16384

/**
 * struct sluice_pool_config - what can change of a pool
 * @sched: its scheduler
 * @proxy_protocol: version of the PROXY protocol that its servers get, or 0
 * @on_down: &enum sluice_fate of connections whose server is down
 * @on_drain: the same at the end of draining, never SLUICE_FATE_KEEP
 * @service_count: services that use it
 * @routed_count: those of them that are of stratum sniff or relay
 * @route_count: routes that use it
 * @server_count: its servers, without those that the commit deletes
 * @direct_count: those of them that do not get packets by NAT
 * @sticky: how clients are kept at its servers, with a reference, or NULL
 *
 * Packets see of this only what &struct sluice_sched_set tells.
 */
struct sluice_pool_config {
	const struct sluice_scheduler *sched;
	u8 proxy_protocol;
	u8 on_down;
	u8 on_drain;
	u32 service_count;
	u32 routed_count;
	u32 route_count;
	u32 server_count;
	u32 direct_count;
	struct sluice_sticky *sticky;
};

/**
 * struct sluice_pool - a named set of servers with one scheduler
 * @name: its name, padded with zeros
 * @hash: in &sluice_net.pools; there may be two of one name in it, of which only
 *	one is not gone
 * @list: in &sluice_net.pool_list
 * @change: what a commit does to it
 * @id: number of the pool
 * @family: AF_INET or AF_INET6
 * @owned: belongs to one service and goes with it
 * @hidden: belongs to one route of action proxy: in no list, counted nowhere
 * @now: what can change of it
 * @before: @now before the commit that has touched the pool
 * @servers: its servers, in the order they were added
 * @set: what packets choose from, by sluice_view(); NULL once the pool is deleted
 * @gone: counters of servers that have been deleted
 * @rcu: frees it after the last reader
 * @cursor: numbers the scheduler's picks; the last field, since it is written
 *	by packets
 *
 * All fields but @cursor and @set are protected by &sluice_net.lock; @name and
 * @family never change and may be read under RCU.
 *
 * What strata sniff and relay use has only servers of forwarding method nat: what
 * servers send is rewritten, or passed on, and has to come back to this host.
 */
struct sluice_pool {
	char name[SLUICE_NAME_LEN + 1];
	struct rhash_head hash;
	struct list_head list;
	struct sluice_change change;
	u64 id;
	u8 family;
	bool owned;
	bool hidden;
	struct sluice_pool_config now;
	struct sluice_pool_config before;
	struct list_head servers;
	struct sluice_sched_set __rcu *set[2];
	struct sluice_stats gone;
	struct rcu_head rcu;
	struct sluice_sched_cursor cursor;
};

int sluice_pools_init(struct sluice_net *sn);
void sluice_pools_exit(struct sluice_net *sn);
struct sluice_pool *sluice_pool_lookup(struct sluice_net *sn, const char *name);
struct sluice_pool *sluice_pool_add(struct sluice_net *sn, const char *name,
				    u8 family, bool owned,
				    const struct sluice_scheduler *sched,
				    struct netlink_ext_ack *extack);
struct sluice_pool *sluice_pool_add_hidden(struct sluice_net *sn,
					   const char *name, u8 family,
					   const struct sluice_server_key *key,
					   struct netlink_ext_ack *extack);
void sluice_pool_set_proxy_protocol(struct sluice_net *sn,
				    struct sluice_pool *pool, u8 version);
void sluice_pool_set_fates(struct sluice_net *sn, struct sluice_pool *pool,
			   u8 on_down, u8 on_drain);
void sluice_pool_set_sticky(struct sluice_net *sn, struct sluice_pool *pool,
			    struct sluice_sticky *sticky);
void sluice_pool_set_sched(struct sluice_net *sn, struct sluice_pool *pool,
			   const struct sluice_scheduler *sched);
void sluice_pool_del(struct sluice_net *sn, struct sluice_pool *pool);
void sluice_pool_revive_hidden(struct sluice_net *sn, struct sluice_pool *pool);
bool sluice_pool_is_changed(const struct sluice_pool *pool);
void sluice_pool_touch(struct sluice_net *sn, struct sluice_pool *pool);
int sluice_pool_prepare(struct sluice_net *sn, struct sluice_pool *pool,
			struct netlink_ext_ack *extack);
void sluice_pool_publish(struct sluice_net *sn, struct sluice_pool *pool,
			 unsigned int from, unsigned int to);
void sluice_pool_settle(struct sluice_net *sn, struct sluice_pool *pool,
			bool is_done);
void sluice_pool_read_stats(const struct sluice_pool *pool,
			    struct sluice_stats *stats);
void sluice_pool_reset_stats(struct sluice_pool *pool);

/**
 * sluice_pool_proxy_protocol() - what the servers of a pool get in front
 * @pool: the pool
 * @view: what the packet goes by, of sluice_view()
 *
 * Context: RCU read side.
 * Return: version of the PROXY protocol, or 0.
 */
static inline u8 sluice_pool_proxy_protocol(const struct sluice_pool *pool,
					    unsigned int view)
{
	const struct sluice_sched_set *set = rcu_dereference(pool->set[view]);

	return set ? set->proxy_protocol : 0;
}

/**
 * sluice_pool_is_routed() - is a pool one that strata sniff or relay use
 * @pool: the pool
 *
 * Context: &sluice_net.lock is held.
 * Return: whether it may have servers of forwarding method nat only.
 */
static inline bool sluice_pool_is_routed(const struct sluice_pool *pool)
{
	return pool->now.routed_count || pool->now.route_count || pool->now.proxy_protocol;
}

/**
 * sluice_pool_is_for_flow() - is a pool one that stratum flow uses
 * @pool: the pool
 *
 * Context: &sluice_net.lock is held.
 * Return: whether a service of stratum flow uses it.
 */
static inline bool sluice_pool_is_for_flow(const struct sluice_pool *pool)
{
	return pool->now.service_count > pool->now.routed_count;
}

struct sluice_server *
sluice_pool_server_lookup(const struct sluice_pool *pool,
			  const struct sluice_server_key *key);
bool sluice_server_is_changed(const struct sluice_server *server);
struct sluice_server *
sluice_pool_server_add(struct sluice_net *sn, struct sluice_pool *pool,
		       const struct sluice_server_key *key,
		       const struct sluice_server_params *params,
		       struct netlink_ext_ack *extack);
void sluice_pool_server_set(struct sluice_net *sn, struct sluice_pool *pool,
			    struct sluice_server *server,
			    const struct sluice_server_params *params);
void sluice_pool_server_del(struct sluice_net *sn, struct sluice_pool *pool,
			    struct sluice_server *server);
void sluice_pool_server_settle(struct sluice_net *sn,
			       struct sluice_server *server, bool is_done);

#endif /* _SLUICE_POOL_H */
