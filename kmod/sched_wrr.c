// SPDX-License-Identifier: GPL-2.0
/*
 * Weighted round robin without a lock.
 *
 * With the weights divided by their greatest common divisor, a cycle is as many
 * picks as their sum, and in each cycle every server is picked exactly as often
 * as its weight says. A pick takes the next number of the pool, modulo the
 * cycle, and finds the server of that number:
 *
 * In a short cycle by an order computed beforehand: each pick credits every
 * server with its weight, then goes to the one with the most credit and takes
 * the sum of the weights from it, which spreads each server's picks evenly.
 *
 * In a long cycle, where each server owns as many consecutive numbers as its
 * weight, by a stride: pick k takes number k * stride modulo the cycle. The
 * stride has no divisor in common with the cycle, so a cycle meets each number
 * once, and is near the golden ratio of the cycle, which spreads the picks
 * (three-distance theorem).
 */

#include <linux/gcd.h>
#include <linux/math64.h>
#include <linux/slab.h>

#include "sched.h"

/* Longest cycle whose order is computed beforehand. */
#define WRR_ORDER_MAX 1024

static int prepare_order(struct sluice_sched_set *set, unsigned long divisor)
{
	u32 k, i, best;

	set->order = kvcalloc(set->cycle, sizeof(*set->order),
			      GFP_KERNEL_ACCOUNT);
	if (!set->order)
		return -ENOMEM;
	for (i = 0; i < set->count; i++)
		set->slot[i].credit = 0;
	for (k = 0; k < set->cycle; k++) {
		best = 0;
		for (i = 0; i < set->count; i++) {
			set->slot[i].credit += set->slot[i].weight / divisor;
			if (set->slot[i].credit > set->slot[best].credit)
				best = i;
		}
		set->slot[best].credit -= set->cycle;
		set->order[k] = best;
	}
	return 0;
}

static void prepare_stride(struct sluice_sched_set *set, unsigned long divisor)
{
	u32 end = 0, i;

	for (i = 0; i < set->count; i++) {
		end += set->slot[i].weight / divisor;
		set->slot[i].end = end;
	}
	set->stride = div_u64((u64)set->cycle * 618034, 1000000);
	while (gcd(set->stride, set->cycle) != 1)
		set->stride++;
}

static int wrr_prepare(struct sluice_sched_set *set)
{
	unsigned long divisor = 0;
	u32 i;

	for (i = 0; i < set->count; i++)
		divisor = gcd(divisor, set->slot[i].weight);
	/* SLUICE_POOL_SERVERS_MAX times SLUICE_WEIGHT_MAX fits. */
	for (i = 0; i < set->count; i++)
		set->cycle += set->slot[i].weight / divisor;
	if (set->cycle <= WRR_ORDER_MAX)
		return prepare_order(set, divisor);
	prepare_stride(set, divisor);
	return 0;
}

/* The slot that owns a number of a long cycle. */
static u32 find_owner(const struct sluice_sched_set *set, u32 number)
{
	u32 low = 0, high = set->count - 1, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (number < set->slot[middle].end)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static u32 wrr_pick(struct sluice_sched_set *set)
{
	u32 number;

	div_u64_rem(sluice_sched_next_pick(set), set->cycle, &number);
	if (set->order)
		return set->order[number];
	div_u64_rem((u64)number * set->stride, set->cycle, &number);
	return find_owner(set, number);
}

const struct sluice_scheduler sluice_sched_wrr = {
	.name = "wrr",
	.prepare = wrr_prepare,
	.pick = wrr_pick,
};
