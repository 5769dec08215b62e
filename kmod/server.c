// SPDX-License-Identifier: GPL-2.0
/* A server: its lifetime and its counts. Which pool it is in is pool_server.c's. */

#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <kunit/visibility.h>

#include "conn.h"
#include "line.h"
#include "server.h"

/* What each packet reads, and apart from it what new connections write. */
static_assert(SLUICE_IN_FIRST_LINE(struct sluice_server, ref));
static_assert(SLUICE_APART(struct sluice_server, deltas, active));
static_assert(offsetofend(struct sluice_server, inactive) -
		      offsetof(struct sluice_server, active) <= 64);

/* CPUs keep back one part in so many of a count, as a power of two. */
#define TALLY_SHIFT 6

static void server_free_rcu(struct rcu_head *rcu)
{
	sluice_server_free(container_of(rcu, struct sluice_server, rcu));
}

/* The last connection of a deleted server is gone. */
static void server_unused(struct percpu_ref *ref)
{
	struct sluice_server *server;

	server = container_of(ref, struct sluice_server, ref);
	call_rcu(&server->rcu, server_free_rcu);
}

static enum sluice_serves serves(const struct sluice_server_params *params)
{
	if (params->state == SLUICE_SERVER_STATE_DOWN || params->drained)
		return SLUICE_SERVES_NONE;
	return sluice_takes_new(params) ? SLUICE_SERVES_NEW : SLUICE_SERVES_OLD;
}

/**
 * sluice_server_alloc() - make a server that is in no pool yet
 * @key: address and port
 * @params: weight, state and forwarding method, valid
 *
 * Return: the server, with one reference for the pool, or NULL.
 */
struct sluice_server *
sluice_server_alloc(const struct sluice_server_key *key,
		    const struct sluice_server_params *params)
{
	struct sluice_server *server;

	server = kzalloc(sizeof(*server), GFP_KERNEL_ACCOUNT);
	if (!server)
		return NULL;
	server->stats = sluice_stats_alloc(GFP_KERNEL_ACCOUNT);
	if (!server->stats)
		goto err_server;
	server->deltas = alloc_percpu_gfp(struct sluice_server_deltas,
					  GFP_KERNEL_ACCOUNT);
	if (!server->deltas)
		goto err_stats;
	server->active.delta = &server->deltas->active;
	server->inactive.delta = &server->deltas->inactive;
	if (percpu_ref_init(&server->ref, server_unused, 0, GFP_KERNEL_ACCOUNT))
		goto err_deltas;
	server->addr = key->addr;
	server->port = key->port;
	server->params = *params;
	server->serves = serves(params);
	INIT_LIST_HEAD(&server->list);
	INIT_LIST_HEAD(&server->deadline_list);
	sluice_change_init(&server->change);
	return server;

err_deltas:
	free_percpu(server->deltas);
err_stats:
	free_percpu(server->stats);
err_server:
	kfree(server);
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_server_alloc);

/**
 * sluice_server_free() - free a server at once
 * @server: never published, or past its grace period
 */
void sluice_server_free(struct sluice_server *server)
{
	percpu_ref_exit(&server->ref);
	free_percpu(server->deltas);
	free_percpu(server->stats);
	kfree(server);
}
EXPORT_SYMBOL_IF_KUNIT(sluice_server_free);

/**
 * sluice_server_release() - give the pool's reference back
 * @server: no longer in its pool nor in any set that a packet can find
 *
 * The server is freed when its last connection is.
 */
void sluice_server_release(struct sluice_server *server)
{
	percpu_ref_kill(&server->ref);
}

/**
 * sluice_server_raise() - let packets know of what a server will be used for, too
 * @server: one that a commit has touched
 *
 * Packets that find it by the sets to come must not leave it at once.
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_server_raise(struct sluice_server *server)
{
	WRITE_ONCE(server->serves, max(server->serves, serves(&server->params)));
}

/**
 * sluice_server_fit() - let packets know what a server is used for
 * @server: a server that is not deleted
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_server_fit(struct sluice_server *server)
{
	WRITE_ONCE(server->serves, serves(&server->params));
}

/*
 * The batch for a count. It is kept while it is between a quarter and the whole
 * of what a CPU may keep back, so that it does not change often.
 */
static u32 fitting_batch(u32 batch, int sum)
{
	unsigned int shift = TALLY_SHIFT + order_base_2(num_online_cpus());
	u32 most = max(sum, 0) >> shift;

	while (batch > most)
		batch /= 2;
	while (most >= (batch ? 4 * batch : 2))
		batch = batch ? 2 * batch : 1;
	return batch;
}

/* Add what all CPUs keep back. Return the sum. */
static int tally_drain(struct sluice_tally *tally)
{
	int cpu, delta = 0;

	for_each_possible_cpu(cpu)
		delta += atomic_xchg(per_cpu_ptr(tally->delta, cpu), 0);
	return atomic_add_return(delta, &tally->sum);
}

/* Fit the batch to a new sum. A smaller one holds at once, for every CPU. */
static void tally_fit(struct sluice_tally *tally, int sum)
{
	u32 old, new;

	for (;;) {
		old = READ_ONCE(tally->batch);
		new = fitting_batch(old, sum);
		if (likely(new == old))
			return;
		/* Where another CPU changes it, that one sees to the rest. */
		if (cmpxchg(&tally->batch, old, new) != old || new > old)
			return;
		sum = tally_drain(tally);
	}
}

static void tally_add(struct sluice_tally *tally, int n)
{
	atomic_t *mine;
	int delta;

	if (READ_ONCE(tally->batch)) {
		mine = this_cpu_ptr(tally->delta);
		delta = atomic_add_return(n, mine);
		/*
		 * Both sides are fully ordered: either this sees the batch that
		 * tally_fit() has set, or tally_drain() sees the delta.
		 */
		if (abs(delta) <= READ_ONCE(tally->batch))
			return;
		n = atomic_xchg(mine, 0);
	}
	tally_fit(tally, atomic_add_return(n, &tally->sum));
}

/**
 * sluice_server_count() - settle the counts for a change of state
 * @server: server of the connection
 * @from: state before, SLUICE_STATE_DEAD for a new connection
 * @to: state after, SLUICE_STATE_DEAD for one that ends
 *
 * Context: bottom halves are off.
 */
void sluice_server_count(struct sluice_server *server, enum sluice_state from,
			 enum sluice_state to)
{
	struct sluice_tally *minus = NULL, *plus = NULL;

	if (from != SLUICE_STATE_DEAD)
		minus = sluice_state_is_active(from) ? &server->active :
						       &server->inactive;
	if (to != SLUICE_STATE_DEAD)
		plus = sluice_state_is_active(to) ? &server->active :
						    &server->inactive;
	if (minus == plus)
		return;
	if (minus)
		tally_add(minus, -1);
	if (plus)
		tally_add(plus, 1);
}
EXPORT_SYMBOL_IF_KUNIT(sluice_server_count);

/**
 * sluice_server_count_read() - what a count is, to the last connection
 * @tally: &sluice_server.active or @inactive
 *
 * It reads a cache line of every CPU, so it is not for packets. What changes
 * meanwhile may be in the result or not.
 *
 * Return: the count, 0 at least.
 */
u32 sluice_server_count_read(const struct sluice_tally *tally)
{
	int sum = atomic_read(&tally->sum), cpu;

	for_each_possible_cpu(cpu)
		sum += atomic_read(per_cpu_ptr(tally->delta, cpu));
	return max(sum, 0);
}
EXPORT_SYMBOL_IF_KUNIT(sluice_server_count_read);

/**
 * sluice_server_read_stats() - counters since the last reset
 * @server: the server
 * @stats: overwritten
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_server_read_stats(const struct sluice_server *server,
			      struct sluice_stats *stats)
{
	sluice_stats_read(server->stats, stats);
	sluice_stats_sub(stats, &server->zero);
}
