// SPDX-License-Identifier: GPL-2.0
/* Registry of the schedulers, and the sets of servers they choose from. */

#include <linux/overflow.h>
#include <linux/slab.h>
#include <kunit/visibility.h>

#include "sched.h"

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
 * @cursor: the pool's count of picks, which outlives the set
 * @count: number of slots
 *
 * Return: a set to be freed with sluice_sched_set_free(), or NULL.
 */
struct sluice_sched_set *sluice_sched_set_alloc(const struct sluice_scheduler *sched,
						atomic64_t *cursor, u32 count)
{
	struct sluice_sched_set *set;

	set = kvzalloc(struct_size(set, slot, count), GFP_KERNEL_ACCOUNT);
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
