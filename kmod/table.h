/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_TABLE_H
#define _SLUICE_TABLE_H

#include <linux/bits.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

struct sluice_table;

/* Most buckets, as a power of two: a gigabyte. */
#define SLUICE_TABLE_BITS_MAX 27

/* Position of a walk that has seen everything. */
#define SLUICE_TABLE_END BIT_ULL(32)

/* Low bits of a bucket's head; see table.c. The rest is the first node. */
#define SLUICE_TABLE_LOCKED 1UL
#define SLUICE_TABLE_MOVED 2UL
#define SLUICE_TABLE_FLAGS (SLUICE_TABLE_LOCKED | SLUICE_TABLE_MOVED)

/**
 * struct sluice_table_node - what an object in a table embeds
 * @next: the table's; not to be touched by others until a grace period has
 *	passed since the node was removed
 */
struct sluice_table_node {
	struct sluice_table_node __rcu *next;
};

/**
 * struct sluice_table_ops - what a table has to know of its nodes
 * @hash: the hash of a node, the same as long as the node is in the table and
 *	keyed by &sluice_table.seed; called under RCU and in atomic context,
 *	also for nodes that have just been removed
 * @count: how many nodes there are, about; called in process context
 */
struct sluice_table_ops {
	u32 (*hash)(const struct sluice_table_node *node,
		    const struct sluice_table *t);
	u64 (*count)(struct sluice_table *t);
};

/**
 * struct sluice_table_buckets - one array of buckets
 * @head: by the high bits of the hash: first node of the chain, and flags
 * @shift: 32 less the number of those bits
 * @shared: the other array's heads point into the chains of this one, and
 *	whoever changes a chain keeps them up
 */
struct sluice_table_buckets {
	unsigned long *head;
	u32 shift;
	bool shared;
};

/**
 * struct sluice_table - a hash table whose lookups take no lock
 * @read: what lookups and walks begin with; RCU
 * @buckets: two arrays, of which one is unused but while the size changes
 * @seed: secret, for &sluice_table_ops.hash
 * @long_chain: an insertion that passes more nodes than this queues @work
 * @write: what insertions and removals begin with; RCU
 * @ops: the owner's functions
 * @bits_min: fewest buckets, as a power of two
 * @resize_lock: protects the size: @read, @write and which of @buckets is used
 * @work: grows the table at once when chains get long
 * @wq: runs @work
 * @dep_map: all locks of buckets, for lockdep
 *
 * What a lookup reads is in the first 48 bytes (28 on 32-bit machines), which
 * are written only when the size changes.
 */
struct sluice_table {
	struct sluice_table_buckets __rcu *read;
	struct sluice_table_buckets buckets[2];
	u32 seed;
	u32 long_chain;
	struct sluice_table_buckets __rcu *write;
	const struct sluice_table_ops *ops;
	u32 bits_min;
	struct mutex resize_lock;	/* see above */
	struct work_struct work;
	struct workqueue_struct *wq;
	struct lockdep_map dep_map;
};

int sluice_table_init(struct sluice_table *t,
		      const struct sluice_table_ops *ops,
		      struct workqueue_struct *wq, u32 bits_min);
void sluice_table_exit(struct sluice_table *t,
		       void (*free)(struct sluice_table_node *node, void *arg),
		       void *arg);
struct sluice_table_node *
sluice_table_insert(struct sluice_table *t, struct sluice_table_node *node,
		    u32 hash,
		    bool (*match)(const struct sluice_table_node *node,
				  const void *key),
		    const void *key);
bool sluice_table_remove(struct sluice_table *t, struct sluice_table_node *node,
			 u32 hash);
int sluice_table_resize(struct sluice_table *t, u64 elements);
u32 sluice_table_size(const struct sluice_table *t);
unsigned int sluice_table_walk(const struct sluice_table *t, u64 *position,
			       unsigned int limit,
			       bool (*visit)(struct sluice_table_node *node,
					     void *arg),
			       void *arg);

/**
 * sluice_table_first() - the first node of a bucket
 * @head: the bucket
 *
 * Context: RCU read side, or the bucket's lock is held.
 * Return: the node or NULL.
 */
static __always_inline struct sluice_table_node *
sluice_table_first(const unsigned long *head)
{
	return (void *)(READ_ONCE(*head) & ~SLUICE_TABLE_FLAGS);
}

/**
 * sluice_table_next() - the next node of a chain
 * @node: a node
 *
 * Context: RCU read side.
 * Return: the node or NULL.
 */
static __always_inline struct sluice_table_node *
sluice_table_next(const struct sluice_table_node *node)
{
	return rcu_dereference_check(node->next, rcu_read_lock_bh_held());
}

/**
 * sluice_table_lookup() - find a node
 * @t: the table
 * @hash: the hash of @key
 * @match: has a node this key; a constant, so that it is inlined
 * @key: what to look for
 *
 * A node that was inserted before and is not removed meanwhile is always found,
 * also while the size changes.
 *
 * Context: RCU read side; the node is valid until its end.
 * Return: the node or NULL.
 */
static __always_inline struct sluice_table_node *
sluice_table_lookup(const struct sluice_table *t, u32 hash,
		    bool (*match)(const struct sluice_table_node *node,
				  const void *key),
		    const void *key)
{
	const struct sluice_table_buckets *b;
	struct sluice_table_node *node;

	b = rcu_dereference_check(t->read, rcu_read_lock_bh_held());
	node = sluice_table_first(&b->head[hash >> b->shift]);
	while (node && !match(node, key))
		node = sluice_table_next(node);
	return node;
}

#endif /* _SLUICE_TABLE_H */
