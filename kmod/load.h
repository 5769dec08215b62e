/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_LOAD_H
#define _SLUICE_LOAD_H

#include <linux/math64.h>

#include "sched.h"
#include "server.h"

/* An active connection weighs as much as this many inactive ones (as IPVS). */
#define SLUICE_LOAD_ACTIVE 256

/**
 * sluice_load() - what a server has to do, by its connections
 * @server: the server
 *
 * Context: bottom halves are off.
 * Return: active connections times SLUICE_LOAD_ACTIVE plus inactive ones, less
 * than 2^41, so that it can be multiplied by a weight. The counts are exact while
 * they are small, and else right within one part in 64; see
 * &struct sluice_tally.
 */
static inline u64 sluice_load(const struct sluice_server *server)
{
	return (u64)sluice_server_count_estimate(&server->active) *
		       SLUICE_LOAD_ACTIVE +
	       sluice_server_count_estimate(&server->inactive);
}

/**
 * sluice_load_first() - the slot where a search begins
 * @set: servers to choose from
 *
 * Return: another slot with each pick, in turns.
 */
static inline u32 sluice_load_first(struct sluice_sched_set *set)
{
	u32 slot;

	div_u64_rem(sluice_sched_next_pick(set), set->count, &slot);
	return slot;
}

/**
 * sluice_load_slot() - a slot of a search
 * @set: servers to choose from
 * @first: where it began
 * @step: how many slots were looked at before, less than the set's count
 *
 * Return: index of the slot.
 */
static inline u32 sluice_load_slot(const struct sluice_sched_set *set,
				   u32 first, u32 step)
{
	u32 slot = first + step;

	return slot < set->count ? slot : slot - set->count;
}

#endif /* _SLUICE_LOAD_H */
