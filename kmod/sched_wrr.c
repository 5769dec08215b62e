// SPDX-License-Identifier: GPL-2.0
/*
 * Weighted round robin without a lock.
 *
 * With the weights divided by their greatest common divisor, a cycle is as many
 * picks as their sum, and each server owns as many numbers of the cycle as its
 * weight. Pick k takes number k * stride modulo the cycle. The stride has no
 * divisor in common with the cycle, so a cycle meets each number exactly once:
 * the shares are exact. The stride is near the golden ratio of the cycle, which
 * spreads the picks of one server over the cycle (three-distance theorem), in
 * place of a burst to each.
 */

#include <linux/gcd.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "sched.h"

static void wrr_prepare(struct sluice_sched_set *set)
{
	unsigned long divisor = 0;
	u32 sum = 0, i;

	for (i = 0; i < set->count; i++)
		divisor = gcd(divisor, set->slot[i].weight);
	for (i = 0; i < set->count; i++) {
		/* SLUICE_POOL_SERVERS_MAX times SLUICE_WEIGHT_MAX fits. */
		sum += set->slot[i].weight / divisor;
		set->slot[i].end = sum;
	}
	set->cycle = sum;
	set->stride = max_t(u32, div_u64((u64)sum * 618034, 1000000), 1);
	while (gcd(set->stride, set->cycle) != 1)
		set->stride++;
}

static u32 wrr_pick(struct sluice_sched_set *set)
{
	u32 low = 0, high = set->count - 1, number;

	div_u64_rem(sluice_sched_next_pick(set), set->cycle, &number);
	div_u64_rem((u64)number * set->stride, set->cycle, &number);
	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (number < set->slot[middle].end)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct sluice_scheduler sluice_sched_wrr = {
	.name = "wrr",
	.prepare = wrr_prepare,
	.pick = wrr_pick,
};
