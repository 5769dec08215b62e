// SPDX-License-Identifier: GPL-2.0
/*
 * Connections that have to leave their servers: those of servers that are down, or
 * past a deadline.
 *
 * No list of a server's connections is kept, which would cost each packet that
 * makes one. Instead all connections are passed over, once for all servers that
 * are concerned at the time, and again as long as ends of connections have to be
 * asked. That takes the processor for a moment at a time only, and no more
 * connections of a second are acted upon than LEAVE_RATE, so that neither packets
 * nor networks suffer however many there are.
 */

#include "conn.h"
#include "leave.h"
#include "net.h"
#include "pool.h"
#include "relay.h"
#include "reset.h"
#include "server.h"
#include "sniff.h"

/* Connections that are acted upon in a second, at most. */
#define LEAVE_RATE 128000
/*
 * Jiffies that are made up for, where a walk does not get the processor all the
 * time, or takes longer than its share of the rate does.
 */
#define LEAVE_CATCH_UP (HZ / 10)
/* Connections acted upon at a time, before others get the processor. */
#define LEAVE_BATCH 32
/* Nodes looked at with bottom halves off. */
#define LEAVE_NODES 64

/* One batch. */
struct batch {
	struct sluice_net *sn;
	u32 done;
};

static bool leave_tcp(struct sluice_net *sn, struct sluice_conn *conn,
		      enum sluice_leave leave)
{
	if (READ_ONCE(conn->state) == SLUICE_STATE_SYN_SENT ||
	    leave == SLUICE_LEAVE_FORGET) {
		sluice_conn_kill(&sn->conns, conn);
		return true;
	}
	return sluice_reset_begin(sn, conn);
}

/* Return whether anything was done, which takes its time. */
static bool leave(struct sluice_net *sn, struct sluice_conn *conn)
{
	enum sluice_leave leave = READ_ONCE(conn->server->leave);
	enum sluice_state state = READ_ONCE(conn->state);

	if (!sluice_conn_is_live(state) || sluice_conn_expired(&sn->conns, conn))
		return false;
	if (sluice_is_resetting(conn)) {
		if (!sluice_reset_is_pending(conn))
			return false;
		sn->leaving.pending = true;
		return sluice_reset_ask(sn, conn);
	}
	if (leave == SLUICE_LEAVE_NOT)
		return false;
	if (state >= SLUICE_STATE_UDP_NEW) {
		if (leave == SLUICE_LEAVE_UNBOUND)
			return false;
		sluice_conn_kill(&sn->conns, conn);
		return true;
	}
	if (sluice_conn_is_held(conn)) {
		sluice_sniff_leave(sn, conn, leave != SLUICE_LEAVE_UNBOUND);
		/* It may be handed over this moment. */
		sn->leaving.pending |= leave != SLUICE_LEAVE_UNBOUND;
		return true;
	}
	if (leave == SLUICE_LEAVE_UNBOUND)
		return false;
	sn->leaving.pending |= leave == SLUICE_LEAVE_RESET;
	return leave_tcp(sn, conn, leave);
}

/* The node of the original direction speaks for the connection. */
static bool visit(struct sluice_table_node *link, void *arg)
{
	struct sluice_conn_node *node;
	struct batch *batch = arg;

	node = container_of(link, struct sluice_conn_node, link);
	if (node->dir != SLUICE_DIR_ORIGINAL)
		return true;
	if (batch->done >= LEAVE_BATCH)
		return false;
	batch->done += leave(batch->sn, sluice_conn_of(node));
	return true;
}

/* Go on a little. Return how many connections were acted upon. */
static u32 step(struct sluice_net *sn)
{
	struct sluice_leaving *l = &sn->leaving;
	struct batch batch = { .sn = sn };
	u64 from = l->position;

	rcu_read_lock();
	local_bh_disable();
	sluice_table_walk(&sn->conns.hash, &l->position, LEAVE_NODES, visit,
			  &batch);
	local_bh_enable();
	rcu_read_unlock();
	l->left -= min(l->left, l->position - from);
	if (l->position >= SLUICE_TABLE_END)
		l->position = 0;
	return batch.done;
}

/* How many connections may be acted upon, now that the walk goes on. */
static u32 budget_get(struct sluice_leaving *l)
{
	unsigned long now = jiffies;
	unsigned long share = clamp(now - l->went_on, 1, LEAVE_CATCH_UP);

	l->went_on = now;
	return share * LEAVE_RATE / HZ;
}

/* Those of stratum relay are not in the table: their own module sees to them. */
static void begin_pass(struct sluice_net *sn)
{
	struct sluice_leaving *l = &sn->leaving;

	l->again = false;
	/* Pairs with smp_store_release() in sluice_conn_table_start(). */
	if (smp_load_acquire(&sn->conns.started))
		l->left = SLUICE_TABLE_END;
	l->pending |= sluice_relay_leave(sn->net);
}

static void pass_on(struct work_struct *work)
{
	struct sluice_leaving *l = container_of(to_delayed_work(work),
						struct sluice_leaving, walk);
	struct sluice_net *sn = container_of(l, struct sluice_net, leaving);
	u32 budget = budget_get(l), done = 0;
	bool wanted;

	while (done < budget) {
		if (READ_ONCE(sn->holds.closing))
			return;
		wanted = xchg(&l->wanted, false);
		/* What was given to a server by an older set is there then. */
		if (wanted)
			synchronize_rcu();
		if (wanted || l->again)
			begin_pass(sn);
		if (!l->left)
			break;
		done += step(sn);
		cond_resched();
	}
	if (l->left) {
		queue_delayed_work(sluice_conn_queue, &l->walk, 1);
	} else if (l->pending) {
		l->pending = false;
		l->again = true;
		queue_delayed_work(sluice_conn_queue, &l->walk,
				   SLUICE_ASKED_INTERVAL);
	}
}

static enum sluice_leave leave_by(u8 fate)
{
	switch (fate) {
	case SLUICE_FATE_RESET:
		return SLUICE_LEAVE_RESET;
	case SLUICE_FATE_REBALANCE:
		return SLUICE_LEAVE_FORGET;
	default:
		return SLUICE_LEAVE_UNBOUND;
	}
}

static enum sluice_leave fitting(const struct sluice_pool *pool,
				 const struct sluice_server *server)
{
	if (server->params.state == SLUICE_SERVER_STATE_DOWN)
		return leave_by(pool->now.on_down);
	if (server->params.drained)
		return leave_by(pool->now.on_drain);
	return SLUICE_LEAVE_NOT;
}

/**
 * sluice_leave_fit() - have connections leave a server that is not to have them
 * @sn: namespace
 * @pool: its pool
 * @server: the server; it, or the pool, may have changed
 *
 * Context: &sluice_net.lock is held; no packet finds a set any more that is older,
 * but those that have found it.
 */
void sluice_leave_fit(struct sluice_net *sn, const struct sluice_pool *pool,
		      struct sluice_server *server)
{
	enum sluice_leave leave = fitting(pool, server);

	lockdep_assert_held(&sn->lock);
	if (server->leave == leave)
		return;
	WRITE_ONCE(server->leave, leave);
	if (leave == SLUICE_LEAVE_NOT ||
	    !(sn->conns.started || sluice_relay_is_there()))
		return;
	if (!xchg(&sn->leaving.wanted, true))
		mod_delayed_work(sluice_conn_queue, &sn->leaving.walk, 0);
}

/**
 * sluice_leave_init() - prepare a namespace
 * @sn: namespace
 */
void sluice_leave_init(struct sluice_net *sn)
{
	struct sluice_leaving *l = &sn->leaving;

	INIT_DELAYED_WORK(&l->walk, pass_on);
	l->number = get_random_u32();
}

/**
 * sluice_leave_stop() - nothing leaves any more
 * @sn: namespace that goes: &sluice_hold_table.closing is set, and nobody
 *	configures it
 *
 * Context: process context; waits for what is under way.
 */
void sluice_leave_stop(struct sluice_net *sn)
{
	cancel_delayed_work_sync(&sn->leaving.walk);
}
