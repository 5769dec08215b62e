// SPDX-License-Identifier: GPL-2.0
/* Least connections: the server with the fewest, whatever their weights. */

#include "load.h"
#include "sched.h"

static u32 lc_pick(struct sluice_sched_set *set)
{
	u64 load, least = U64_MAX;
	u32 first, i, best = 0;

	/* Begin at another server each time, so that equals take turns. */
	first = sluice_load_first(set);
	for (i = 0; i < set->count && least; i++) {
		u32 slot = sluice_load_slot(set, first, i);

		load = sluice_load(set->slot[slot].server);
		if (load < least) {
			least = load;
			best = slot;
		}
	}
	return best;
}

const struct sluice_scheduler sluice_sched_lc = {
	.name = "lc",
	.pick = lc_pick,
};
