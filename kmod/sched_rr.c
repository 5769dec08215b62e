// SPDX-License-Identifier: GPL-2.0
/* Round robin: one server after the other, whatever their weights. */

#include <linux/math64.h>

#include "sched.h"

static u32 rr_pick(struct sluice_sched_set *set)
{
	u32 slot;

	div_u64_rem(sluice_sched_next_pick(set), set->count, &slot);
	return slot;
}

const struct sluice_scheduler sluice_sched_rr = {
	.name = "rr",
	.pick = rr_pick,
};
