// SPDX-License-Identifier: GPL-2.0
/* Weighted least connections: the server with the fewest for its weight. */

#include "load.h"
#include "sched.h"

static u32 wlc_pick(struct sluice_sched_set *set)
{
	const struct sluice_sched_slot *best, *slot;
	u64 least, load;
	u32 first, i;

	first = sluice_load_first(set);
	best = &set->slot[first];
	least = sluice_load(best->server);
	for (i = 1; i < set->count; i++) {
		slot = &set->slot[sluice_load_slot(set, first, i)];
		load = sluice_load(slot->server);
		/* load / slot->weight < least / best->weight */
		if (load * best->weight < least * slot->weight) {
			best = slot;
			least = load;
		}
	}
	return best - set->slot;
}

const struct sluice_scheduler sluice_sched_wlc = {
	.name = "wlc",
	.pick = wlc_pick,
};
