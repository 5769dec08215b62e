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
 * @service_count: services that use it
 * @server_count: length of @servers
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
 */
struct sluice_pool {
	char name[SLUICE_NAME_LEN + 1];
	struct rhash_head hash;
	struct list_head list;
	u64 id;
	u8 family;
	bool owned;
	u32 service_count;
	u32 server_count;
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
int sluice_pool_set_sched(struct sluice_net *sn, struct sluice_pool *pool,
			  const struct sluice_scheduler *sched,
			  struct netlink_ext_ack *extack);
void sluice_pool_del(struct sluice_net *sn, struct sluice_pool *pool);
void sluice_pool_read_stats(const struct sluice_pool *pool,
			    struct sluice_stats *stats);
void sluice_pool_reset_stats(struct sluice_pool *pool);

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
