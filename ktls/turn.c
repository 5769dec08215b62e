// SPDX-License-Identifier: GPL-2.0
/*
 * Who is served next. With a work item for each client, the kernel's queues would take
 * as much as half of what is done for a request. So clients that wait on a CPU are in a
 * list, and one work item runs all that came while others were run.
 *
 * A turn may sleep for memory, which may take long where the cgroup of a socket has none
 * left. Nobody but us locks a socket that turns touch, see take_out() and
 * sluice_rekey_look(). While it sleeps it is alone with its work item: another one goes
 * on with the list, at the latest a tick later.
 */

#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "turn.h"

/* What a turn does, bits of &sluice_turn.state. At rest it is 0. */
#define WAITS 1
#define RUNS 2

/* Turns that a work item runs before other work gets its own. */
#define TURNS_MAX 32

/* Work items of a CPU: as many turns may sleep at a time. */
#define SLOTS 256

struct turns;

/**
 * struct slot - a work item
 * @work: the work item
 * @turns: those of its CPU
 * @busy: it is running turns, and may sleep in one
 */
struct slot {
	struct work_struct work;
	struct turns *turns;
	bool busy;
};

/**
 * struct turns - those of a CPU
 * @asked: turns that were asked for since work items looked last, the newest first; who
 *	finds none there has a work item look
 * @lock: protects @first; work items take it, nobody else
 * @first: others, in their order
 * @watch: has another work item go on where one sleeps
 * @slot: the work items
 * @cpu: its number
 */
struct turns {
	struct llist_head asked;
	spinlock_t lock;	/* see above */
	struct llist_node *first;
	struct timer_list watch;
	struct slot *slot;
	int cpu;
};

static DEFINE_PER_CPU(struct turns, all_turns);
static struct workqueue_struct *queue;
static void (*run_turn)(struct sluice_turn *turn);

/* Have a work item look that does not sleep in a turn, if there is one. */
static void look(struct turns *turns)
{
	int i;

	for (i = 0; i < SLOTS - 1; i++)
		if (!READ_ONCE(turns->slot[i].busy))
			break;
	queue_work_on(turns->cpu, queue, &turns->slot[i].work);
}

static void wait(struct sluice_turn *turn)
{
	struct turns *turns = get_cpu_ptr(&all_turns);

	if (llist_add(&turn->node, &turns->asked))
		look(turns);
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

static bool any_waits(struct turns *turns)
{
	return READ_ONCE(turns->first) || !llist_empty(&turns->asked);
}

static void watch(struct timer_list *timer)
{
	struct turns *turns = container_of(timer, struct turns, watch);

	if (!any_waits(turns))
		return;
	look(turns);
	mod_timer(&turns->watch, jiffies + 1);
}

/* The turn that has waited longest, or NULL. */
static struct sluice_turn *next_turn(struct turns *turns)
{
	struct llist_node *node;

	spin_lock(&turns->lock);
	node = turns->first;
	if (!node)
		node = llist_reverse_order(llist_del_all(&turns->asked));
	if (node)
		WRITE_ONCE(turns->first, node->next);
	spin_unlock(&turns->lock);
	return node ? llist_entry(node, struct sluice_turn, node) : NULL;
}

static void work(struct work_struct *work)
{
	struct slot *slot = container_of(work, struct slot, work);
	struct turns *turns = slot->turns;
	unsigned long began = jiffies;
	struct sluice_turn *turn;
	int i;

	WRITE_ONCE(slot->busy, true);
	for (i = 0; i < TURNS_MAX && !time_after(jiffies, began); i++) {
		turn = next_turn(turns);
		if (!turn)
			break;
		if (READ_ONCE(turns->first) && !timer_pending(&turns->watch))
			mod_timer(&turns->watch, jiffies + 1);
		/* What was written before it was asked for is seen from here on. */
		atomic_xchg(&turn->state, RUNS);
		run_turn(turn);
	}
	WRITE_ONCE(slot->busy, false);
	if (any_waits(turns))
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

static void free_slots(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kfree(per_cpu_ptr(&all_turns, cpu)->slot);
}

static int init_turns(struct turns *turns, int cpu)
{
	int i;

	turns->slot = kcalloc_node(SLOTS, sizeof(*turns->slot), GFP_KERNEL,
				   cpu_to_node(cpu));
	if (!turns->slot)
		return -ENOMEM;
	for (i = 0; i < SLOTS; i++) {
		turns->slot[i].turns = turns;
		INIT_WORK(&turns->slot[i].work, work);
	}
	turns->cpu = cpu;
	init_llist_head(&turns->asked);
	spin_lock_init(&turns->lock);
	timer_setup(&turns->watch, watch, TIMER_PINNED);
	return 0;
}

/**
 * sluice_turns_init() - prepare for turns
 * @wq: where they run, on the CPU where they were asked for
 * @run: runs a turn that was asked for, never twice at a time; may sleep, and calls
 *	sluice_turn_over()
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_turns_init(struct workqueue_struct *wq,
		      void (*run)(struct sluice_turn *turn))
{
	int cpu, err;

	queue = wq;
	run_turn = run;
	for_each_possible_cpu(cpu) {
		err = init_turns(per_cpu_ptr(&all_turns, cpu), cpu);
		if (err) {
			free_slots();
			return err;
		}
	}
	return 0;
}

/**
 * sluice_turns_exit() - undo sluice_turns_init(), and destroy its queue
 *
 * Nobody asks any more; turns that wait are run before.
 */
void sluice_turns_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		timer_shutdown_sync(&per_cpu_ptr(&all_turns, cpu)->watch);
	destroy_workqueue(queue);
	free_slots();
}
