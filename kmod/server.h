/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SERVER_H
#define _SLUICE_SERVER_H

#include <linux/netfilter.h>
#include <linux/percpu-refcount.h>

#include <uapi/linux/sluice.h>

#include "commit.h"
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
 * @has_deadline: there is a deadline; only in state draining
 * @drained: it is over
 * @deadline: when it is, of get_jiffies_64()
 * @reason: of @state, for those who read it; padded with zeros
 */
struct sluice_server_params {
	u32 weight;
	u8 state;
	u8 forward;
	bool has_deadline;
	bool drained;
	u64 deadline;
	char reason[SLUICE_REASON_LEN + 1];
};

/**
 * enum sluice_serves - what a server may be used for
 * @SLUICE_SERVES_NONE: nothing new; flows without a connection of their own leave
 *	it, too: it is down, past its deadline or deleted
 * @SLUICE_SERVES_OLD: what has been with it before
 * @SLUICE_SERVES_NEW: new connections, too
 */
enum sluice_serves {
	SLUICE_SERVES_NONE,
	SLUICE_SERVES_OLD,
	SLUICE_SERVES_NEW,
};

/**
 * enum sluice_leave - what becomes of the connections that a server has
 * @SLUICE_LEAVE_NOT: they stay
 * @SLUICE_LEAVE_UNBOUND: of TCP, those that it has not answered yet leave it
 * @SLUICE_LEAVE_RESET: all leave it; both ends of a TCP connection are reset
 * @SLUICE_LEAVE_FORGET: all leave it, and nobody is told
 */
enum sluice_leave {
	SLUICE_LEAVE_NOT,
	SLUICE_LEAVE_UNBOUND,
	SLUICE_LEAVE_RESET,
	SLUICE_LEAVE_FORGET,
};

/**
 * struct sluice_tally - a count of connections that all CPUs change
 * @sum: the count, but for what CPUs keep back
 * @batch: how much each CPU may keep back in @delta, up or down
 * @delta: by CPU: what it has not added to @sum
 *
 * The count is @sum and all of @delta. While it is small @batch is 0, so @sum
 * alone is exact. Above 64 connections for each CPU online (their number
 * rounded up to a power of two) @batch may be the count divided by those 64
 * and by the CPUs, at most: so @sum is never off by more than one part in 64,
 * and a CPU writes it once in many changes. It is set to 0 again at that limit,
 * and is not set before twice as many; changes under way on other CPUs meanwhile
 * come on top.
 */
struct sluice_tally {
	atomic_t sum;
	u32 batch;
	atomic_t __percpu *delta;
};

/**
 * struct sluice_server_deltas - what one CPU keeps back of a server's counts
 * @active: of &sluice_server.active
 * @inactive: of &sluice_server.inactive
 */
struct sluice_server_deltas {
	atomic_t active;
	atomic_t inactive;
};

/**
 * struct sluice_server - one server of a pool
 * @addr: address; never changes
 * @port: port, network byte order; never changes
 * @serves: &enum sluice_serves, for packets; read with READ_ONCE(). While a
 *	commit changes it, it is the more of what was and what will be.
 * @leave: &enum sluice_leave; read with READ_ONCE(), written under
 *	&sluice_net.lock
 * @params: what it is, under &sluice_net.lock
 * @before: @params before the commit that has touched the server
 * @path: &sluice_path.id of the way that all packets to it take, if there is
 *	only one, or one that was; written by packets
 * @stats: counters
 * @ref: held by the pool until the server is deleted, and by each connection
 * @pool: NULL once the server is deleted; read under RCU
 * @list: in &sluice_pool.servers, under &sluice_net.lock
 * @deadline_list: in &sluice_deadlines.list, or empty; under &sluice_net.lock
 * @change: what a commit does to it
 * @id: number of the server
 * @zero: reading of @stats at the last reset, under &sluice_net.lock
 * @rcu: frees it after the last reader
 * @deltas: what CPUs keep back of the counts
 * @active: connections in an active state, see sluice_state_is_active()
 * @inactive: connections in the other states
 *
 * The counts, which packets write, have a cache line of their own.
 */
struct sluice_server {
	union nf_inet_addr addr;
	__be16 port;
	u8 serves;
	u8 leave;
	u64 path;
	struct sluice_stats_cpu __percpu *stats;
	struct percpu_ref ref;
	struct sluice_pool __rcu *pool;
	struct list_head list;
	struct list_head deadline_list;
	struct sluice_server_params params;
	struct sluice_server_params before;
	struct sluice_change change;
	u64 id;
	struct sluice_stats zero;
	struct rcu_head rcu;
	struct sluice_server_deltas __percpu *deltas;
	struct sluice_tally active ____cacheline_aligned_in_smp;
	struct sluice_tally inactive;
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
 * sluice_server_put() - give a reference back
 * @server: the server
 */
static inline void sluice_server_put(struct sluice_server *server)
{
	percpu_ref_put(&server->ref);
}

/**
 * sluice_server_count_estimate() - what a count is, nearly
 * @tally: &sluice_server.active or @inactive
 *
 * What this CPU has done is in it; for the rest see &struct sluice_tally. Two
 * CPUs that settle changes of one connection may do so in the other order, and
 * bring a count below zero for an instant.
 *
 * Context: bottom halves are off.
 * Return: the count, 0 at least.
 */
static inline u32 sluice_server_count_estimate(const struct sluice_tally *tally)
{
	int sum = atomic_read(&tally->sum);

	if (READ_ONCE(tally->batch))
		sum += atomic_read(this_cpu_ptr(tally->delta));
	return max(sum, 0);
}

/**
 * sluice_takes_new() - may a server of these parameters get new connections
 * @params: what it is
 *
 * Return: whether it is up with a weight above 0.
 */
static inline bool sluice_takes_new(const struct sluice_server_params *params)
{
	return params->state == SLUICE_SERVER_STATE_UP && params->weight;
}

/**
 * sluice_server_takes_new() - may a new connection go to this server
 * @server: the server
 *
 * Return: whether it is up with a weight above 0, and not deleted.
 */
static inline bool sluice_server_takes_new(const struct sluice_server *server)
{
	return READ_ONCE(server->serves) == SLUICE_SERVES_NEW;
}

/**
 * sluice_server_is_gone() - should flows without a connection of their own
 *	leave this server
 * @server: the server
 *
 * Return: whether it is down, past its deadline or deleted.
 */
static inline bool sluice_server_is_gone(const struct sluice_server *server)
{
	return READ_ONCE(server->serves) == SLUICE_SERVES_NONE;
}

void sluice_server_raise(struct sluice_server *server);
void sluice_server_fit(struct sluice_server *server);
void sluice_server_count(struct sluice_server *server, enum sluice_state from,
			 enum sluice_state to);
u32 sluice_server_count_read(const struct sluice_tally *tally);

#endif /* _SLUICE_SERVER_H */
