/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_POOL_H
#define _SLUICE_POOL_H

#include <linux/netlink.h>
#include <linux/rhashtable.h>

#include <uapi/linux/sluice.h>

#include "sched.h"
#include "server.h"

struct sluice_net;

/* Most servers of one pool; with the largest weights their sum fits 32 bits. */
#define SLUICE_POOL_SERVERS_MAX 16384

/**
 * struct sluice_pool - a named set of servers with one scheduler
 * @name: its name, padded with zeros
 * @hash: in &sluice_net.pools
 * @list: in &sluice_net.pool_list
 * @id: number of the pool
 * @family: AF_INET or AF_INET6
 * @owned: belongs to one service and goes with it
 * @hidden: belongs to one route of action proxy: in no list, counted nowhere
 * @proxy_protocol: version of the PROXY protocol that its servers get, or 0;
 *	read with READ_ONCE()
 * @service_count: services that use it
 * @sniff_count: those of them that are of stratum sniff
 * @route_count: routes that use it
 * @server_count: length of @servers; read with READ_ONCE(), also by packets
 * @direct_count: those of them that do not get packets by NAT
 * @servers: its servers, in the order they were added
 * @sched: its scheduler
 * @set: what packets choose from
 * @gone: counters of servers that have been deleted
 * @rcu: frees it after the last reader
 * @cursor: numbers the scheduler's picks; the last field, since it is written
 *	by packets
 *
 * All fields but @cursor and @set are protected by &sluice_net.lock; @name and
 * @family never change and may be read under RCU.
 *
 * What stratum sniff uses has only servers of forwarding method nat: it rewrites
 * what servers send, which has to come back through this host.
 */
struct sluice_pool {
	char name[SLUICE_NAME_LEN + 1];
	struct rhash_head hash;
	struct list_head list;
	u64 id;
	u8 family;
	bool owned;
	bool hidden;
	u8 proxy_protocol;
	u32 service_count;
	u32 sniff_count;
	u32 route_count;
	u32 server_count;
	u32 direct_count;
	struct list_head servers;
	const struct sluice_scheduler *sched;
	struct sluice_sched_set __rcu *set;
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
int sluice_pool_set_sched(struct sluice_net *sn, struct sluice_pool *pool,
			  const struct sluice_scheduler *sched,
			  struct netlink_ext_ack *extack);
void sluice_pool_del(struct sluice_net *sn, struct sluice_pool *pool);
void sluice_pool_read_stats(const struct sluice_pool *pool,
			    struct sluice_stats *stats);
void sluice_pool_reset_stats(struct sluice_pool *pool);

/**
 * sluice_pool_is_for_sniff() - is a pool one that stratum sniff uses
 * @pool: the pool
 *
 * Context: &sluice_net.lock is held.
 * Return: whether it may have servers of forwarding method nat only.
 */
static inline bool sluice_pool_is_for_sniff(const struct sluice_pool *pool)
{
	return pool->sniff_count || pool->route_count || pool->proxy_protocol;
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
	return pool->service_count > pool->sniff_count;
}

struct sluice_server *
sluice_pool_server_lookup(const struct sluice_pool *pool,
			  const struct sluice_server_key *key);
struct sluice_server *
sluice_pool_server_add(struct sluice_net *sn, struct sluice_pool *pool,
		       const struct sluice_server_key *key,
		       const struct sluice_server_params *params,
		       struct netlink_ext_ack *extack);
int sluice_pool_server_set(struct sluice_net *sn, struct sluice_pool *pool,
			   struct sluice_server *server,
			   const struct sluice_server_params *params,
			   struct netlink_ext_ack *extack);
int sluice_pool_server_del(struct sluice_net *sn, struct sluice_pool *pool,
			   struct sluice_server *server,
			   struct netlink_ext_ack *extack);

#endif /* _SLUICE_POOL_H */
