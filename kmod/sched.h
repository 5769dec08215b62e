/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SCHED_H
#define _SLUICE_SCHED_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/percpu.h>
#include <linux/types.h>

struct sluice_sched_set;
struct sluice_server;
struct sluice_sticky_set;

/**
 * struct sluice_scheduler - a way to choose the server of a new connection
 * @name: as users write it
 * @prepare: optional: called once for each new set, before packets see it, to
 *	compute what @pick needs; 0 or -ENOMEM
 * @pick: choose a slot of a set that has at least one; called under RCU with
 *	bottom halves off, on several CPUs at once
 */
struct sluice_scheduler {
	const char *name;
	int (*prepare)(struct sluice_sched_set *set);
	u32 (*pick)(struct sluice_sched_set *set);
};

/**
 * struct sluice_sched_draw - the numbers a CPU has drawn from a cursor
 * @next: the next one to be used
 * @left: how many there are
 * @draws: how often it drew in the jiffy @when
 * @when: low 32 bits of jiffies
 *
 * Touched only by its CPU, with bottom halves off.
 */
struct sluice_sched_draw {
	u64 next;
	u32 left;
	u32 draws;
	u32 when;
};

/**
 * struct sluice_sched_cursor - numbers the picks of a pool
 * @cpu: numbers that CPUs have in stock
 * @drawn: how many have been drawn
 *
 * A CPU with few picks draws one number for each, so that the picks of all CPUs
 * are numbered in their order. One with many draws SLUICE_SCHED_STOCK at once, so
 * that the CPUs do not wait for each other's cache line.
 */
struct sluice_sched_cursor {
	struct sluice_sched_draw __percpu *cpu;
	atomic64_t drawn ____cacheline_aligned_in_smp;
};

/* Numbers drawn at once by a CPU with many picks. */
#define SLUICE_SCHED_STOCK 64

/**
 * struct sluice_sched_slot - one server that takes new connections
 * @server: valid as long as the set is
 * @weight: its weight when the set was made, at least 1
 * @forward: &enum sluice_forward, as it was then
 * @end: sum of the shares of this slot and all before it (wrr)
 * @credit: what the slot is owed, while an order is computed (wrr)
 */
struct sluice_sched_slot {
	struct sluice_server *server;
	u16 weight;
	u8 forward;
	union {
		u32 end;
		s32 credit;
	};
};

/**
 * struct sluice_sched_set - the servers a pool may choose from
 * @rcu: frees it after the last reader
 * @sched: scheduler of the pool
 * @cursor: the pool's, which numbers picks; kept when the set is replaced
 * @count: number of @slot
 * @members: servers of the pool, whatever their state
 * @proxy_protocol: version of the PROXY protocol that they get, or 0
 * @cycle: picks after which a weighted order repeats (wrr)
 * @stride: step through that cycle (wrr)
 * @order: indices of slots for each pick of a short cycle, or NULL (wrr)
 * @sticky: servers that clients may be kept at, or NULL where they are not
 * @slot: servers that are up with a weight above 0, in the order of the pool
 *
 * A set is never changed: a change of a server makes a new one.
 */
struct sluice_sched_set {
	struct rcu_head rcu;
	const struct sluice_scheduler *sched;
	struct sluice_sched_cursor *cursor;
	u32 count;
	u32 members;
	u8 proxy_protocol;
	u32 cycle;
	u32 stride;
	u16 *order;
	struct sluice_sticky_set *sticky;
	struct sluice_sched_slot slot[] __counted_by(count);
};

extern const struct sluice_scheduler sluice_sched_rr;
extern const struct sluice_scheduler sluice_sched_wrr;
extern const struct sluice_scheduler sluice_sched_lc;
extern const struct sluice_scheduler sluice_sched_wlc;

/* Every scheduler there is; a new one is one file and one line in sched.c. */
extern const struct sluice_scheduler *const sluice_schedulers[];
extern const unsigned int sluice_scheduler_count;

const struct sluice_scheduler *sluice_sched_lookup(const char *name);
struct sluice_sched_set *sluice_sched_set_alloc(const struct sluice_scheduler *sched,
						struct sluice_sched_cursor *cursor,
						u32 count);
int sluice_sched_set_prepare(struct sluice_sched_set *set);
void sluice_sched_set_free(struct sluice_sched_set *set);
u32 sluice_sched_pick(struct sluice_sched_set *set);
int sluice_sched_cursor_init(struct sluice_sched_cursor *cursor, gfp_t gfp);
void sluice_sched_cursor_exit(struct sluice_sched_cursor *cursor);
u64 sluice_sched_draw(struct sluice_sched_cursor *cursor,
		      struct sluice_sched_draw *draw);

/**
 * sluice_sched_next_pick() - the next number of a pool
 * @set: the pool's set
 *
 * With few picks the numbers come in the order of the picks. With many, each CPU
 * has some of its own that others pass over until it comes to use them: so of
 * the numbers up to any point, each has been used but for a row of less than
 * SLUICE_SCHED_STOCK for each CPU. A scheduler that spreads every row of numbers
 * evenly is thus exact on one CPU, and else off by what one unfinished row can be
 * off, for each CPU: for rr, by one connection.
 *
 * Context: bottom halves are off.
 * Return: a number from 0 on, each once among all CPUs.
 */
static inline u64 sluice_sched_next_pick(struct sluice_sched_set *set)
{
	struct sluice_sched_draw *draw = this_cpu_ptr(set->cursor->cpu);

	if (!draw->left)
		return sluice_sched_draw(set->cursor, draw);
	draw->left--;
	return draw->next++;
}

#endif /* _SLUICE_SCHED_H */
