// SPDX-License-Identifier: GPL-2.0
/* The garbage collector: takes expired connections out of the table. */

#include "conn.h"
#include "net.h"
#include "path.h"

/* A pass over the whole table takes this many runs, one a second. */
#define GC_RUNS 8
/* Nodes looked at in one RCU read side section. */
#define GC_BATCH 512
/* Nodes looked at in one run, at least. */
#define GC_MIN 8192

/* Unbound: a pass must not hold up the work of the CPU it was started on. */
static struct workqueue_struct *gc_queue;

/*
 * Look at one batch. Return how many nodes were seen, 0 at the end of the
 * table.
 */
static unsigned int gc_batch(struct sluice_conn_table *table)
{
	struct sluice_conn_node *node;
	struct sluice_conn *conn;
	unsigned int seen = 0;

	/* -EAGAIN tells of a resize: some nodes come twice, none is harmed. */
	rhashtable_walk_start(&table->walk);
	while (seen < GC_BATCH) {
		node = rhashtable_walk_next(&table->walk);
		if (!node) {
			seen = 0;
			break;
		}
		seen++;
		if (IS_ERR(node))
			continue;
		conn = sluice_conn_of(node);
		if (node->dir == SLUICE_DIR_ORIGINAL &&
		    sluice_conn_is_live(READ_ONCE(conn->state)) &&
		    sluice_conn_expired(table, conn))
			sluice_conn_kill(table, conn);
	}
	rhashtable_walk_stop(&table->walk);
	return seen;
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
	unsigned int seen;
	s64 budget;

	table = container_of(to_delayed_work(work), struct sluice_conn_table, gc);
	budget = percpu_counter_read_positive(&table->count) *
		 SLUICE_DIR_COUNT / GC_RUNS;
	budget = max_t(s64, budget, GC_MIN);
	do {
		seen = gc_batch(table);
		if (!seen) {
			rhashtable_walk_exit(&table->walk);
			rhashtable_walk_enter(&table->hash, &table->walk);
		}
		budget -= seen;
		cond_resched();
	} while (seen && budget > 0);
	sluice_paths_gc(container_of(table, struct sluice_net, conns));
	sluice_conn_gc_start(table);
}

/**
 * sluice_conn_gc_start() - have the collector run in a second
 * @table: table to be collected, from then on once a second
 */
void sluice_conn_gc_start(struct sluice_conn_table *table)
{
	queue_delayed_work(gc_queue, &table->gc, HZ);
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
	gc_queue = alloc_workqueue("sluice_gc", WQ_UNBOUND, 0);
	return gc_queue ? 0 : -ENOMEM;
}

/**
 * sluice_conn_gc_exit() - undo sluice_conn_gc_init()
 */
void sluice_conn_gc_exit(void)
{
	destroy_workqueue(gc_queue);
}
