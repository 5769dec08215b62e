// SPDX-License-Identifier: GPL-2.0
/* A server: its lifetime and its counts. Which pool it is in is pool.c's. */

#include <linux/slab.h>

#include "conn.h"
#include "server.h"

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
	if (percpu_ref_init(&server->ref, server_unused, 0, GFP_KERNEL_ACCOUNT))
		goto err_stats;
	server->addr = key->addr;
	server->port = key->port;
	server->weight = params->weight;
	server->state = params->state;
	server->forward = params->forward;
	INIT_LIST_HEAD(&server->list);
	return server;

err_stats:
	free_percpu(server->stats);
err_server:
	kfree(server);
	return NULL;
}

/**
 * sluice_server_free() - free a server at once
 * @server: never published, or past its grace period
 */
void sluice_server_free(struct sluice_server *server)
{
	percpu_ref_exit(&server->ref);
	free_percpu(server->stats);
	kfree(server);
}

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
 * sluice_server_count() - settle the counts for a change of state
 * @server: server of the connection
 * @from: state before, SLUICE_STATE_DEAD for a new connection
 * @to: state after, SLUICE_STATE_DEAD for one that ends
 */
void sluice_server_count(struct sluice_server *server, enum sluice_state from,
			 enum sluice_state to)
{
	atomic_t *minus = NULL, *plus = NULL;

	if (from != SLUICE_STATE_DEAD)
		minus = sluice_state_is_active(from) ? &server->active :
						       &server->inactive;
	if (to != SLUICE_STATE_DEAD)
		plus = sluice_state_is_active(to) ? &server->active :
						    &server->inactive;
	if (minus == plus)
		return;
	if (minus)
		atomic_dec(minus);
	if (plus)
		atomic_inc(plus);
}

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
