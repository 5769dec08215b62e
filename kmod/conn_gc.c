// SPDX-License-Identifier: GPL-2.0
/* The garbage collector: takes expired connections out of the table. */

#include <linux/math64.h>

#include "conn.h"
#include "hold.h"
#include "net.h"
#include "path.h"

/* A pass over the whole table takes this many runs, one a second, at least. */
#define GC_RUNS 8
/* Nodes looked at in one run, at most: a small part of one processor's second. */
#define GC_NODES 262144
/* Nodes looked at in one RCU read side section. */
#define GC_BATCH 512

/*
 * For collecting and for resizing. Unbound: neither is to hold up the work of
 * the CPU it was started on.
 */
struct workqueue_struct *sluice_conn_queue;

/* One run; what it has taken out of the table is its own. */
struct run {
	struct sluice_conn_table *table;
	struct sluice_conn *dead;
};

/* The node of the original direction speaks for the connection. */
static bool visit(struct sluice_table_node *link, void *arg)
{
	struct run *run = arg;
	struct sluice_conn_node *node;
	struct sluice_conn *conn;

	node = container_of(link, struct sluice_conn_node, link);
	conn = sluice_conn_of(node);
	/* Lest it should look valid again when the clock has gone round. */
	if (READ_ONCE(conn->lease[node->dir].path) &&
	    (s32)(READ_ONCE(conn->lease[node->dir].end) - (u32)jiffies) <= 0)
		WRITE_ONCE(conn->lease[node->dir].path, 0);
	if (node->dir == SLUICE_DIR_ORIGINAL &&
	    sluice_conn_is_live(READ_ONCE(conn->state)) &&
	    sluice_conn_expired(run->table, conn) &&
	    sluice_conn_take_out(run->table, conn)) {
		conn->next_dead = run->dead;
		run->dead = conn;
	}
	return true;
}

/*
 * Here and not by call_rcu(), whose callbacks are many at once in a softirq,
 * which packets wait for.
 */
static void free_dead(struct sluice_conn *conn)
{
	struct sluice_conn *next;
	unsigned int i;

	if (!conn)
		return;
	synchronize_rcu();
	for (i = 1; conn; conn = next, i++) {
		next = conn->next_dead;
		sluice_conn_free(conn);
		if (i % GC_BATCH == 0)
			cond_resched();
	}
}

/**
 * sluice_conn_gc() - one run of the collector
 * @work: &sluice_conn_table.gc
 *
 * A run looks at a part of the table and gives the processor away between
 * batches, so that neither packets nor other work wait for it, however many
 * connections there are.
 */
void sluice_conn_gc(struct work_struct *work)
{
	struct sluice_conn_table *table;
	struct run run = {};
	u64 nodes, runs, end;

	table = container_of(to_delayed_work(work), struct sluice_conn_table, gc);
	run.table = table;
	nodes = percpu_counter_sum_positive(&table->count) * SLUICE_DIR_COUNT;
	runs = max_t(u64, GC_RUNS, nodes / GC_NODES);
	end = table->walk + div64_u64(SLUICE_TABLE_END, runs);
	while (table->walk < min(end, SLUICE_TABLE_END)) {
		rcu_read_lock();
		sluice_table_walk(&table->hash, &table->walk, GC_BATCH, visit,
				  &run);
		rcu_read_unlock();
		cond_resched();
	}
	if (table->walk >= SLUICE_TABLE_END)
		table->walk = 0;
	free_dead(run.dead);
	sluice_table_resize(&table->hash, nodes);
	sluice_hold_table_fit(container_of(table, struct sluice_net, conns));
	sluice_paths_gc(container_of(table, struct sluice_net, conns));
	sluice_conn_gc_start(table);
}

/**
 * sluice_conn_gc_start() - have the collector run in a second
 * @table: table to be collected, from then on once a second
 */
void sluice_conn_gc_start(struct sluice_conn_table *table)
{
	queue_delayed_work(sluice_conn_queue, &table->gc, HZ);
}

/**
 * sluice_conn_gc_stop() - end the collector
 * @table: table to be collected no more
 *
 * Context: process context; waits for a run that is under way.
 */
void sluice_conn_gc_stop(struct sluice_conn_table *table)
{
	cancel_delayed_work_sync(&table->gc);
}

/**
 * sluice_conn_gc_init() - allocate what all collectors share
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_conn_gc_init(void)
{
	sluice_conn_queue = alloc_workqueue("sluice_gc", WQ_UNBOUND, 0);
	return sluice_conn_queue ? 0 : -ENOMEM;
}

/**
 * sluice_conn_gc_exit() - undo sluice_conn_gc_init()
 */
void sluice_conn_gc_exit(void)
{
	destroy_workqueue(sluice_conn_queue);
}
