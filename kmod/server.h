/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SERVER_H
#define _SLUICE_SERVER_H

#include <linux/netfilter.h>
#include <linux/percpu-refcount.h>

#include <uapi/linux/sluice.h>

#include "stats.h"
#include "tcp.h"

struct sluice_pool;

/**
 * struct sluice_server_key - what tells the servers of a pool apart
 * @addr: address, bytes past the family's are zero
 * @port: port, network byte order
 */
struct sluice_server_key {
	union nf_inet_addr addr;
	__be16 port;
};

/**
 * struct sluice_server_params - what can be changed of a server
 * @weight: share of new connections, 0 to SLUICE_WEIGHT_MAX
 * @state: &enum sluice_server_state
 * @forward: &enum sluice_forward
 */
struct sluice_server_params {
	u32 weight;
	u8 state;
	u8 forward;
};

/**
 * struct sluice_server - one server of a pool
 * @addr: address; never changes
 * @port: port, network byte order; never changes
 * @forward: &enum sluice_forward; written under &sluice_net.lock, read with
 *	READ_ONCE()
 * @state: &enum sluice_server_state, likewise
 * @weight: share of new connections, likewise
 * @path: &sluice_path.id of the way that all packets to it take, if there is
 *	only one, or one that was; written by packets
 * @stats: counters
 * @active: connections in an active state, see sluice_state_is_active()
 * @inactive: connections in the other states
 * @ref: held by the pool until the server is deleted, and by each connection
 * @pool: NULL once the server is deleted; read under RCU
 * @list: in &sluice_pool.servers, under &sluice_net.lock
 * @id: number of the server
 * @zero: reading of @stats at the last reset, under &sluice_net.lock
 * @rcu: frees it after the last reader
 */
struct sluice_server {
	union nf_inet_addr addr;
	__be16 port;
	u8 forward;
	u8 state;
	u32 weight;
	u64 path;
	struct sluice_stats_cpu __percpu *stats;
	atomic_t active;
	atomic_t inactive;
	struct percpu_ref ref;
	struct sluice_pool __rcu *pool;
	struct list_head list;
	u64 id;
	struct sluice_stats zero;
	struct rcu_head rcu;
};

struct sluice_server *
sluice_server_alloc(const struct sluice_server_key *key,
		    const struct sluice_server_params *params);
void sluice_server_free(struct sluice_server *server);
void sluice_server_release(struct sluice_server *server);
void sluice_server_read_stats(const struct sluice_server *server,
			      struct sluice_stats *stats);

/**
 * sluice_server_tryget() - take a reference for a connection
 * @server: found under RCU
 *
 * Return: false where the server has been deleted.
 */
static inline bool sluice_server_tryget(struct sluice_server *server)
{
	return percpu_ref_tryget_live_rcu(&server->ref);
}

/**
 * sluice_server_hold() - take a reference where the server is known to live
 * @server: a server in its pool, under &sluice_net.lock
 */
static inline void sluice_server_hold(struct sluice_server *server)
{
	percpu_ref_get(&server->ref);
}

/**
 * sluice_server_put() - give a reference back
 * @server: the server
 */
static inline void sluice_server_put(struct sluice_server *server)
{
	percpu_ref_put(&server->ref);
}

/**
 * sluice_server_count_read() - read a count of connections
 * @count: &sluice_server.active or @inactive
 *
 * Two CPUs that settle changes of one connection may do so in the other order,
 * and bring a count below zero for an instant.
 *
 * Return: the count, 0 at least.
 */
static inline u32 sluice_server_count_read(const atomic_t *count)
{
	return max(atomic_read(count), 0);
}

/**
 * sluice_takes_new() - may a server of these parameters get new connections
 * @state: &enum sluice_server_state
 * @weight: its weight
 *
 * Return: whether it is up with a weight above 0.
 */
static inline bool sluice_takes_new(u8 state, u32 weight)
{
	return state == SLUICE_SERVER_STATE_UP && weight;
}

/**
 * sluice_server_takes_new() - may a new connection go to this server
 * @server: the server
 *
 * Return: whether it is up with a weight above 0, and not deleted.
 */
static inline bool sluice_server_takes_new(const struct sluice_server *server)
{
	return sluice_takes_new(READ_ONCE(server->state),
				READ_ONCE(server->weight)) &&
	       rcu_access_pointer(server->pool);
}

/**
 * sluice_server_is_gone() - should flows without a connection of their own
 *	leave this server
 * @server: the server
 *
 * Return: whether it is down or deleted.
 */
static inline bool sluice_server_is_gone(const struct sluice_server *server)
{
	return READ_ONCE(server->state) == SLUICE_SERVER_STATE_DOWN ||
	       !rcu_access_pointer(server->pool);
}

void sluice_server_count(struct sluice_server *server, enum sluice_state from,
			 enum sluice_state to);

#endif /* _SLUICE_SERVER_H */
