// SPDX-License-Identifier: GPL-2.0
/* Counters kept per CPU and summed when they are read. */

#include <linux/cpumask.h>

#include "stats.h"

/**
 * sluice_stats_alloc() - allocate counters, all zero
 * @gfp: GFP_KERNEL_ACCOUNT where user space asked for the object
 *
 * Return: per-CPU memory that the caller frees with free_percpu(), or NULL.
 */
struct sluice_stats_cpu __percpu *sluice_stats_alloc(gfp_t gfp)
{
	struct sluice_stats_cpu __percpu *cpu_stats;
	int cpu;

	cpu_stats = alloc_percpu_gfp(struct sluice_stats_cpu, gfp | __GFP_ZERO);
	if (!cpu_stats)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(cpu_stats, cpu)->syncp);
	return cpu_stats;
}

/**
 * sluice_stats_read() - sum the counters of all CPUs
 * @cpu_stats: counters
 * @sum: overwritten with the sum
 */
void sluice_stats_read(const struct sluice_stats_cpu __percpu *cpu_stats,
		       struct sluice_stats *sum)
{
	int cpu, dir;

	*sum = (struct sluice_stats){};
	for_each_possible_cpu(cpu) {
		const struct sluice_stats_cpu *s = per_cpu_ptr(cpu_stats, cpu);
		struct sluice_stats one;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&s->syncp);
			one.connections = u64_stats_read(&s->connections);
			for (dir = 0; dir < SLUICE_DIR_COUNT; dir++) {
				one.packets[dir] = u64_stats_read(&s->packets[dir]);
				one.bytes[dir] = u64_stats_read(&s->bytes[dir]);
			}
		} while (u64_stats_fetch_retry(&s->syncp, start));
		sluice_stats_add(sum, &one);
	}
}

/**
 * sluice_stats_add() - add to a sum
 * @to: the sum
 * @more: what is added
 */
void sluice_stats_add(struct sluice_stats *to, const struct sluice_stats *more)
{
	int dir;

	to->connections += more->connections;
	for (dir = 0; dir < SLUICE_DIR_COUNT; dir++) {
		to->packets[dir] += more->packets[dir];
		to->bytes[dir] += more->bytes[dir];
	}
}

/**
 * sluice_stats_sub() - take from a sum what was there at the last reset
 * @from: the sum
 * @less: an earlier reading of the same counters
 */
void sluice_stats_sub(struct sluice_stats *from, const struct sluice_stats *less)
{
	int dir;

	from->connections -= less->connections;
	for (dir = 0; dir < SLUICE_DIR_COUNT; dir++) {
		from->packets[dir] -= less->packets[dir];
		from->bytes[dir] -= less->bytes[dir];
	}
}
