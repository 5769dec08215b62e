/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SCHED_H
#define _SLUICE_SCHED_H

#include <linux/atomic.h>
#include <linux/types.h>

struct sluice_sched_set;
struct sluice_server;

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
 * struct sluice_sched_slot - one server that takes new connections
 * @server: valid as long as the set is
 * @weight: its weight when the set was made, at least 1
 * @end: sum of the shares of this slot and all before it (wrr)
 * @credit: what the slot is owed, while an order is computed (wrr)
 */
struct sluice_sched_slot {
	struct sluice_server *server;
	u32 weight;
	union {
		u32 end;
		s32 credit;
	};
};

/**
 * struct sluice_sched_set - the servers a pool may choose from
 * @rcu: frees it after the last reader
 * @sched: scheduler of the pool
 * @cursor: how many picks the pool has made; kept when the set is replaced
 * @count: number of @slot
 * @cycle: picks after which a weighted order repeats (wrr)
 * @stride: step through that cycle (wrr)
 * @order: indices of slots for each pick of a short cycle, or NULL (wrr)
 * @slot: servers that are up with a weight above 0, in the order of the pool
 *
 * A set is never changed: a change of a server makes a new one.
 */
struct sluice_sched_set {
	struct rcu_head rcu;
	const struct sluice_scheduler *sched;
	atomic64_t *cursor;
	u32 count;
	u32 cycle;
	u32 stride;
	u16 *order;
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
						atomic64_t *cursor, u32 count);
int sluice_sched_set_prepare(struct sluice_sched_set *set);
void sluice_sched_set_free(struct sluice_sched_set *set);
u32 sluice_sched_pick(struct sluice_sched_set *set);

/**
 * sluice_sched_next_pick() - draw the next number of a pool
 * @set: the pool's set
 *
 * Return: 0, 1, 2 and so on, each once among all CPUs.
 */
static inline u64 sluice_sched_next_pick(struct sluice_sched_set *set)
{
	return atomic64_inc_return(set->cursor) - 1;
}

#endif /* _SLUICE_SCHED_H */
