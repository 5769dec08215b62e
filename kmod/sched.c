// SPDX-License-Identifier: GPL-2.0
/* Registry of the schedulers, and the sets of servers they choose from. */

#include <linux/jiffies.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <kunit/visibility.h>

#include "line.h"
#include "sched.h"

/* A CPU that has numbers in stock does not wait for one that draws. */
static_assert(SLUICE_APART(struct sluice_sched_cursor, cpu, drawn));

/* Numbers a CPU draws one by one in a jiffy, at 25,000 in a second. */
#define DRAWS_MAX DIV_ROUND_UP(25000, HZ)

const struct sluice_scheduler *const sluice_schedulers[] = {
	&sluice_sched_rr,
	&sluice_sched_wrr,
	&sluice_sched_lc,
	&sluice_sched_wlc,
};

const unsigned int sluice_scheduler_count = ARRAY_SIZE(sluice_schedulers);

/**
 * sluice_sched_lookup() - find a scheduler
 * @name: its name
 *
 * Return: the scheduler, or NULL.
 */
const struct sluice_scheduler *sluice_sched_lookup(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sluice_schedulers); i++)
		if (!strcmp(sluice_schedulers[i]->name, name))
			return sluice_schedulers[i];
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_sched_lookup);

/**
 * sluice_sched_set_alloc() - make a set whose slots are still to be filled
 * @sched: scheduler
 * @cursor: the pool's, which outlives the set
 * @count: number of slots
 *
 * Return: a set to be freed with sluice_sched_set_free(), or NULL.
 */
struct sluice_sched_set *sluice_sched_set_alloc(const struct sluice_scheduler *sched,
						struct sluice_sched_cursor *cursor,
						u32 count)
{
	struct sluice_sched_set *set;

	/* Not so small that it shares a cache line with what others write. */
	set = kvzalloc(max_t(size_t, struct_size(set, slot, count),
			     2 * SMP_CACHE_BYTES), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;
	set->sched = sched;
	set->cursor = cursor;
	set->count = count;
	return set;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_sched_set_alloc);

/**
 * sluice_sched_set_prepare() - make a set ready once its slots are filled
 * @set: the set
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_sched_set_prepare(struct sluice_sched_set *set)
{
	if (!set->count || !set->sched->prepare)
		return 0;
	return set->sched->prepare(set);
}
EXPORT_SYMBOL_IF_KUNIT(sluice_sched_set_prepare);

/**
 * sluice_sched_set_free() - free a set
 * @set: never published, or past its grace period
 */
void sluice_sched_set_free(struct sluice_sched_set *set)
{
	kvfree(set->order);
	kvfree(set);
}
EXPORT_SYMBOL_IF_KUNIT(sluice_sched_set_free);

/**
 * sluice_sched_pick() - choose the server of a new connection
 * @set: a set with at least one slot
 *
 * Context: RCU read side, bottom halves off.
 * Return: index of the slot.
 */
u32 sluice_sched_pick(struct sluice_sched_set *set)
{
	return set->count == 1 ? 0 : set->sched->pick(set);
}
EXPORT_SYMBOL_IF_KUNIT(sluice_sched_pick);

/**
 * sluice_sched_cursor_init() - begin to number picks at 0
 * @cursor: the cursor
 * @gfp: GFP_KERNEL_ACCOUNT where user space asked for the pool
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_sched_cursor_init(struct sluice_sched_cursor *cursor, gfp_t gfp)
{
	cursor->cpu = alloc_percpu_gfp(struct sluice_sched_draw, gfp);
	if (!cursor->cpu)
		return -ENOMEM;
	atomic64_set(&cursor->drawn, 0);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_sched_cursor_init);

/**
 * sluice_sched_cursor_exit() - undo sluice_sched_cursor_init()
 * @cursor: past a grace period since the last set that uses it was published
 */
void sluice_sched_cursor_exit(struct sluice_sched_cursor *cursor)
{
	free_percpu(cursor->cpu);
}
EXPORT_SYMBOL_IF_KUNIT(sluice_sched_cursor_exit);

/**
 * sluice_sched_draw() - draw new numbers, and use one
 * @cursor: the cursor
 * @draw: this CPU's part of it, with nothing left
 *
 * Context: bottom halves are off.
 * Return: the number.
 */
u64 sluice_sched_draw(struct sluice_sched_cursor *cursor,
		      struct sluice_sched_draw *draw)
{
	u32 now = (u32)jiffies, count = 1;

	if (draw->when != now) {
		draw->when = now;
		draw->draws = 0;
	}
	if (++draw->draws > DRAWS_MAX)
		count = SLUICE_SCHED_STOCK;
	draw->next = atomic64_add_return(count, &cursor->drawn) - count;
	draw->left = count - 1;
	return draw->next++;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_sched_draw);
