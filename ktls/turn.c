// SPDX-License-Identifier: GPL-2.0
/*
 * Who is served next. With a work item for each client, the kernel's queues would take
 * as much as half of what is done for a request. So clients that wait on a CPU are in a
 * list, and one work item runs all that came while others were run.
 *
 * A turn may sleep. Those that were taken with it wait meanwhile; who comes later is for
 * another work item, of which each CPU has some.
 */

#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/workqueue.h>

#include "turn.h"

/* What a turn does, bits of &sluice_turn.state. At rest it is 0. */
#define WAITS 1
#define RUNS 2

/* Work items of a CPU, and turns that one runs before other work gets its own. */
#define SLOTS 4
#define TURNS_MAX 32

struct turns;

/**
 * struct slot - a work item
 * @work: the work item
 * @first: turns that it has taken and not run yet, in their order; its own alone
 * @home: the CPU's
 * @busy: it is running turns, and may sleep in one
 */
struct slot {
	struct work_struct work;
	struct llist_node *first;
	struct turns *home;
	bool busy;
};

/**
 * struct turns - those of a CPU
 * @waiting: turns that no work item has taken, the newest first; where there are any, a
 *	work item will look for them
 * @slot: the work items
 * @cpu: its number
 */
struct turns {
	struct llist_head waiting;
	struct slot slot[SLOTS];
	int cpu;
};

static DEFINE_PER_CPU(struct turns, all_turns);
static struct workqueue_struct *queue;
static void (*run_turn)(struct sluice_turn *turn);

/* A work item that sleeps in none of its turns, if there is one. */
static struct slot *free_slot(struct turns *turns)
{
	int i;

	for (i = 0; i < SLOTS - 1; i++)
		if (!READ_ONCE(turns->slot[i].busy))
			break;
	return &turns->slot[i];
}

static void wait(struct sluice_turn *turn)
{
	struct turns *turns = get_cpu_ptr(&all_turns);

	/* Whoever found none there has the work done for all that follow. */
	if (llist_add(&turn->node, &turns->waiting))
		queue_work_on(turns->cpu, queue, &free_slot(turns)->work);
	put_cpu_ptr(&all_turns);
}

/**
 * sluice_turn_ask() - have a turn run soon, on this CPU
 * @turn: what; it has to be there until it has run. Where it is running, it runs once
 *	more, wherever it does
 *
 * What was written before is seen by what runs then.
 *
 * Context: any.
 * Return: false where it waited already: then it runs once for both.
 */
bool sluice_turn_ask(struct sluice_turn *turn)
{
	int old = atomic_fetch_or(WAITS, &turn->state);

	if (!old)
		wait(turn);
	return !(old & WAITS);
}

/**
 * sluice_turn_over() - say that a turn has done what it was asked for so far
 * @turn: the one that is running
 *
 * Afterwards it can run elsewhere at once.
 */
void sluice_turn_over(struct sluice_turn *turn)
{
	if (atomic_cmpxchg(&turn->state, RUNS, 0) == RUNS)
		return;
	atomic_xchg(&turn->state, WAITS);
	wait(turn);
}

static void work(struct work_struct *work)
{
	struct slot *slot = container_of(work, struct slot, work);
	struct turns *turns = slot->home;
	unsigned long began = jiffies;
	struct sluice_turn *turn;
	int i;

	WRITE_ONCE(slot->busy, true);
	for (i = 0; i < TURNS_MAX && !time_after(jiffies, began); i++) {
		if (!slot->first)
			slot->first = llist_reverse_order(llist_del_all(&turns->waiting));
		if (!slot->first)
			break;
		turn = llist_entry(slot->first, struct sluice_turn, node);
		slot->first = slot->first->next;
		/* What was written before it was asked for is seen from here on. */
		atomic_xchg(&turn->state, RUNS);
		run_turn(turn);
	}
	WRITE_ONCE(slot->busy, false);
	if (slot->first || !llist_empty(&turns->waiting))
		queue_work_on(turns->cpu, queue, &slot->work);
}

/**
 * sluice_turn_init() - set up a turn that nobody has asked for
 * @turn: what to set up
 */
void sluice_turn_init(struct sluice_turn *turn)
{
	atomic_set(&turn->state, 0);
}

/**
 * sluice_turns_init() - prepare for turns
 * @wq: where they run, on the CPU where they were asked for; whoever destroys it waits
 *	for those that were
 * @run: runs a turn that was asked for, never twice at a time; may sleep, and calls
 *	sluice_turn_over()
 */
void sluice_turns_init(struct workqueue_struct *wq,
		       void (*run)(struct sluice_turn *turn))
{
	struct turns *turns;
	int cpu, i;

	queue = wq;
	run_turn = run;
	for_each_possible_cpu(cpu) {
		turns = per_cpu_ptr(&all_turns, cpu);
		turns->cpu = cpu;
		for (i = 0; i < SLOTS; i++) {
			turns->slot[i].home = turns;
			INIT_WORK(&turns->slot[i].work, work);
		}
	}
}
