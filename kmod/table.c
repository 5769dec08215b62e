// SPDX-License-Identifier: GPL-2.0
/*
 * A hash table that changes its size without moving a node.
 *
 * The number of a bucket is the high bits of the hash, so a bucket has the nodes
 * of one range of hashes, and its chain is sorted by hash. A table twice as large
 * then needs no more than a pointer into the middle of each chain, and a table
 * half as large no more than two chains tied together: nodes keep their order
 * and stay where they are. While the size changes there are two arrays of
 * buckets, the coarse and the fine one.
 *
 * 1. Every hash has one owner, a bucket, whose lock is held for each change
 *    of the chain. It is in the array &sluice_table.write names, or, where
 *    that bucket has the flag MOVED, in the other array. The flag is set
 *    under the bucket's own lock (when growing), or under that and the lock
 *    of the new owner (when shrinking), so no two CPUs have different
 *    owners locked, and two insertions of one key always meet.
 * 2. The chain of an owner has all nodes of its range and no others, sorted,
 *    those of equal hash in the order they were inserted.
 * 3. Each head of the array &sluice_table.read names leads to the first node
 *    of its range in the owner's chain, or is NULL where there is none. Where
 *    the owners are coarse and lookups fine (coarse->shared), whoever has the
 *    owner locked keeps this up.
 *
 * By 2 and 3, all nodes of a range follow its head, before any of a later range.
 * A lookup compares keys, so it does not matter that a shared chain goes on
 * behind the range. Links only ever lead forward in the order of rule 2, so a
 * lookup ends. It may stand on a node that is removed under it: that one still
 * points to the node that came next then, and each later node that was there then
 * and still is comes after that one, by the same argument if it goes too. What
 * was inserted since the lookup began, it may miss.
 *
 * Growing keeps the rules by these steps:
 *
 *    old is coarse, owner, and read; nobody knows new, which is empty
 *    old->shared = true
 *    for each old bucket, locked: point the heads in new to the first nodes of
 *	their ranges. Who locks it afterwards sees shared, and who had it before
 *	has released what is to be pointed to. Now rule 3 holds for new too.
 *    read = new
 *    grace period: no lookup is left that began with old
 *    for each old bucket, locked: cut the chain at the ends of new ranges, MOVED
 *    write = new
 *    grace period: nobody is left who knows old; it is freed
 *
 * A cut can only be met by a lookup that began with a head of new: for its range
 * the chain ends there anyway. And shrinking by these:
 *
 *    old is fine, owner, and read; nobody knows new, which is empty
 *    new->shared = true
 *    for each new bucket, locked: lock each old bucket of its range, set MOVED
 *	and unlock; then tie the chains together. Rule 3 holds for old by
 *	shared, and for new.
 *    read = new, write = new
 *    grace period: no lookup is left that began with old
 *    new->shared = false
 *    grace period: nobody is left who keeps old up; it is freed
 *
 * Stores that make a node reachable on a new way are releases, since a lookup
 * orders its reads by nothing but their dependencies.
 */

#include <linux/bottom_half.h>
#include <linux/log2.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <kunit/visibility.h>

#include "line.h"
#include "table.h"

/* What lookups and insertions read; nothing of it is written but for the size. */
static_assert(SLUICE_IN_FIRST_LINE(struct sluice_table, ops));

/* An insertion that passes more nodes than this may ask for a larger table. */
#define LONG_CHAIN 4
/*
 * Fewest buckets a node. A lookup passes at most a quarter of a node that it does not
 * look for then; with one bucket a node half of one, a tenth of a packet's time more.
 */
#define NODE_BUCKETS 2
/* Shrink when there are more buckets than wanted by this factor, as a power of two. */
#define SPARSE_BITS 3
/* Chains tied together at once, as a power of two, when there is a node in about half. */
#define SHRINK_BITS SPARSE_BITS
/* Buckets handled between two offers to give the processor away. */
#define BATCH 256
/* Most buckets that one call of a walk looks at. */
#define WALK_BUCKETS 4096

static unsigned long *head_of(const struct sluice_table_buckets *b, u32 hash)
{
	return &b->head[hash >> b->shift];
}

static u32 size_of(const struct sluice_table_buckets *b)
{
	return 1U << (32 - b->shift);
}

static struct sluice_table_buckets *
other(struct sluice_table *t, const struct sluice_table_buckets *b)
{
	return b == &t->buckets[0] ? &t->buckets[1] : &t->buckets[0];
}

static struct sluice_table_node *next_of(const struct sluice_table *t,
					 const struct sluice_table_node *node)
{
	return rcu_dereference_protected(node->next, lock_is_held(&t->dep_map));
}

/*
 * Lock a bucket. Bottom halves are off, which on PREEMPT_RT does not keep the
 * holder from being preempted.
 *
 * Return false, unlocked, where it is no owner any more.
 */
static bool head_lock(unsigned long *head)
{
	unsigned long word;

	preempt_disable();
	for (;;) {
		word = READ_ONCE(*head);
		if (unlikely(word & SLUICE_TABLE_MOVED))
			break;
		if (likely(!(word & SLUICE_TABLE_LOCKED)) &&
		    try_cmpxchg_acquire(head, &word,
					word | SLUICE_TABLE_LOCKED))
			return true;
		cpu_relax();
	}
	preempt_enable();
	/* Pairs with head_unlock(), for all that went before MOVED was set. */
	smp_acquire__after_ctrl_dep();
	return false;
}

/* Unlock a bucket, whose head is from now on @node with @flags. */
static void head_unlock(unsigned long *head,
			const struct sluice_table_node *node,
			unsigned long flags)
{
	/* Pairs with head_lock() and with the dependency in lookups. */
	smp_store_release(head, (unsigned long)node | flags);
	preempt_enable();
}

/* Lock the owner of a hash. Return the array it is in. */
static struct sluice_table_buckets *owner_lock(struct sluice_table *t, u32 hash)
{
	struct sluice_table_buckets *b = rcu_dereference_bh(t->write);

	lockdep_assert_in_softirq();
	lock_map_acquire(&t->dep_map);
	while (!head_lock(head_of(b, hash)))
		b = other(t, b);
	return b;
}

static void owner_unlock(struct sluice_table *t, unsigned long *head,
			 const struct sluice_table_node *first)
{
	lock_map_release(&t->dep_map);
	head_unlock(head, first, 0);
}

/* Let a head in the array that only lookups use lead to another node. */
static void fine_set(unsigned long *head, const struct sluice_table_node *node)
{
	unsigned long moved = READ_ONCE(*head) & SLUICE_TABLE_MOVED;

	/*
	 * Nobody locks it: none has come to it yet when growing, and it is MOVED
	 * when shrinking. Pairs with the dependency in lookups.
	 */
	smp_store_release(head, (unsigned long)node | moved);
}

static void fine_remove(struct sluice_table *t,
			const struct sluice_table_buckets *fine,
			const struct sluice_table_node *node, u32 hash)
{
	unsigned long *head = head_of(fine, hash);
	const struct sluice_table_node *next = next_of(t, node);

	if (sluice_table_first(head) != node)
		return;
	if (next && head_of(fine, t->ops->hash(next, t)) != head)
		next = NULL;
	fine_set(head, next);
}

/*
 * A chain is long: have the table grow. It may be that it need not, when chance
 * or an attacker has made this one chain long, or cannot, when memory is short:
 * until it has grown, or until the owner's next resize, only a chain of twice the
 * length is another reason.
 */
static noinline void hint(struct sluice_table *t, u32 passed)
{
	if (passed <= READ_ONCE(t->long_chain))
		return;
	WRITE_ONCE(t->long_chain, 2 * passed);
	queue_work(t->wq, &t->work);
}

/**
 * sluice_table_insert() - insert a node unless there is an equal one
 * @t: the table
 * @node: never inserted before, or removed more than a grace period ago
 * @hash: its hash
 * @match: has a node this key; called only for nodes of the same hash
 * @key: the key of @node
 *
 * This needs no memory and cannot fail. Where two CPUs insert equal nodes, one
 * gets the other's.
 *
 * Context: RCU read side, bottom halves off.
 * Return: NULL when @node was inserted, or the equal node that was there.
 */
struct sluice_table_node *
sluice_table_insert(struct sluice_table *t, struct sluice_table_node *node,
		    u32 hash,
		    bool (*match)(const struct sluice_table_node *node,
				  const void *key),
		    const void *key)
{
	struct sluice_table_buckets *b = owner_lock(t, hash), *fine;
	struct sluice_table_node *first, *next, *prev = NULL;
	unsigned long *head = head_of(b, hash);
	unsigned int passed = 0;
	u32 next_hash, prev_hash = 0;

	first = sluice_table_first(head);
	for (next = first; next; next = next_of(t, next)) {
		next_hash = t->ops->hash(next, t);
		if (next_hash > hash)
			break;
		if (next_hash == hash && match(next, key)) {
			owner_unlock(t, head, first);
			return next;
		}
		prev = next;
		prev_hash = next_hash;
		passed++;
	}
	RCU_INIT_POINTER(node->next, next);
	/* Pairs with the release in table_grow(). */
	if (unlikely(smp_load_acquire(&b->shared))) {
		fine = other(t, b);
		if (!prev || head_of(fine, prev_hash) != head_of(fine, hash))
			fine_set(head_of(fine, hash), node);
	}
	if (prev)
		rcu_assign_pointer(prev->next, node);
	else
		first = node;
	owner_unlock(t, head, first);
	if (unlikely(passed > LONG_CHAIN))
		hint(t, passed);
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_table_insert);

/**
 * sluice_table_remove() - remove a node
 * @t: the table
 * @node: may be removed by several at once, or never have been inserted; valid
 *	as memory, and freed not before a grace period has passed
 * @hash: its hash
 *
 * Context: RCU read side, bottom halves off.
 * Return: whether it was in the table and this call removed it.
 */
bool sluice_table_remove(struct sluice_table *t, struct sluice_table_node *node,
			 u32 hash)
{
	struct sluice_table_buckets *b = owner_lock(t, hash);
	struct sluice_table_node *first, *at, *prev = NULL;
	unsigned long *head = head_of(b, hash);

	first = sluice_table_first(head);
	for (at = first; at && at != node; at = next_of(t, at))
		prev = at;
	if (at) {
		/* Pairs with the release in table_grow(). */
		if (unlikely(smp_load_acquire(&b->shared)))
			fine_remove(t, other(t, b), node, hash);
		if (prev)
			rcu_assign_pointer(prev->next, next_of(t, node));
		else
			first = next_of(t, node);
	}
	owner_unlock(t, head, first);
	return at;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_table_remove);

/**
 * sluice_table_walk() - visit nodes in the order of their hash
 * @t: the table
 * @position: where to go on: 0 at first, then what the last call left here, and
 *	SLUICE_TABLE_END once the walk is complete. A plain number, which
 *	stays right whatever happens to the table between two calls.
 * @limit: nodes to visit, at least 1; more only where they have one hash
 * @visit: called for each node; it may remove the node. It returns false to
 *	stop before this node, which the next call then begins with.
 * @arg: for @visit
 *
 * A node that is in the table from the first call to the last is visited, once:
 * twice only where @visit stopped between two nodes of the same 32-bit hash.
 * One call looks at 4096 buckets at most, so it may visit no node and be far
 * from the end.
 *
 * Context: RCU read side; the nodes are valid until its end.
 * Return: how many nodes were visited.
 */
unsigned int sluice_table_walk(const struct sluice_table *t, u64 *position,
			       unsigned int limit,
			       bool (*visit)(struct sluice_table_node *node,
					     void *arg),
			       void *arg)
{
	const struct sluice_table_buckets *b;
	u64 at = *position, end, last = SLUICE_TABLE_END;
	unsigned int visited = 0, i;
	struct sluice_table_node *node;
	u32 hash;

	b = rcu_dereference_check(t->read, rcu_read_lock_bh_held());
	for (i = 0; i < WALK_BUCKETS && visited < limit &&
	     at < SLUICE_TABLE_END; i++, at = end) {
		end = ((u64)((u32)at >> b->shift) + 1) << b->shift;
		node = sluice_table_first(head_of(b, at));
		for (; node; node = sluice_table_next(node)) {
			hash = t->ops->hash(node, t);
			if (hash >= end)
				break;
			if (hash < at)
				continue;
			if ((visited >= limit && hash != last) ||
			    !visit(node, arg)) {
				*position = hash;
				return visited;
			}
			visited++;
			last = hash;
		}
	}
	*position = at;
	return visited;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_table_walk);

/* The arrays of a table, under its resize_lock. */
static struct sluice_table_buckets *current_buckets(struct sluice_table *t)
{
	return rcu_dereference_protected(t->write,
					 lockdep_is_held(&t->resize_lock));
}

static int buckets_alloc(struct sluice_table_buckets *b, unsigned int bits)
{
	unsigned long *head;

	head = kvcalloc(1UL << bits, sizeof(*head),
			GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!head)
		return -ENOMEM;
	b->head = head;
	b->shift = 32 - bits;
	b->shared = false;
	return 0;
}

static void buckets_free(struct sluice_table_buckets *b)
{
	kvfree(b->head);
	b->head = NULL;
}

/* Point fine heads into a coarse chain. */
static void chain_enter(struct sluice_table *t,
			const struct sluice_table_buckets *coarse,
			const struct sluice_table_buckets *fine, u32 i)
{
	struct sluice_table_node *first, *node;
	unsigned long *at, *last = NULL;

	first = sluice_table_first(&coarse->head[i]);
	for (node = first; node; node = next_of(t, node)) {
		at = head_of(fine, t->ops->hash(node, t));
		if (at != last)
			fine_set(at, node);
		last = at;
	}
	head_unlock(&coarse->head[i], first, 0);
}

/* Cut a coarse chain at the ends of fine ranges, and leave it to them. */
static void chain_cut(struct sluice_table *t,
		      const struct sluice_table_buckets *coarse,
		      const struct sluice_table_buckets *fine, u32 i)
{
	struct sluice_table_node *node, *prev = NULL;
	unsigned long *at, *last = NULL;

	node = sluice_table_first(&coarse->head[i]);
	for (; node; node = next_of(t, node)) {
		at = head_of(fine, t->ops->hash(node, t));
		if (prev && at != last)
			RCU_INIT_POINTER(prev->next, NULL);
		last = at;
		prev = node;
	}
	head_unlock(&coarse->head[i], NULL, SLUICE_TABLE_MOVED);
}

/* Tie the chains of fine buckets together to that of a coarse one. */
static void chain_join(struct sluice_table *t,
		       const struct sluice_table_buckets *coarse,
		       const struct sluice_table_buckets *fine, u32 i)
{
	struct sluice_table_node *first = NULL, *last = NULL, *node, *next;
	u32 count = size_of(fine) / size_of(coarse), j;
	unsigned long *head;

	for (j = 0; j < count; j++) {
		head = &fine->head[i * count + j];
		/* To lockdep all this is one lock, which is held. */
		if (WARN_ON_ONCE(!head_lock(head)))
			continue;
		node = sluice_table_first(head);
		head_unlock(head, node, SLUICE_TABLE_MOVED);
		if (!node)
			continue;
		if (last)
			rcu_assign_pointer(last->next, node);
		else
			first = node;
		for (next = node; next; next = next_of(t, next))
			last = next;
	}
	head_unlock(&coarse->head[i], first, 0);
}

/* Call one of these for each coarse bucket, which it gets locked and unlocks. */
static void each_chain(struct sluice_table *t,
		       const struct sluice_table_buckets *coarse,
		       const struct sluice_table_buckets *fine,
		       void (*change)(struct sluice_table *t,
				      const struct sluice_table_buckets *coarse,
				      const struct sluice_table_buckets *fine,
				      u32 i))
{
	u32 i;

	for (i = 0; i < size_of(coarse); i++) {
		local_bh_disable();
		lock_map_acquire(&t->dep_map);
		/* Nobody else sets MOVED. */
		if (!WARN_ON_ONCE(!head_lock(&coarse->head[i])))
			change(t, coarse, fine, i);
		lock_map_release(&t->dep_map);
		local_bh_enable();
		if (i % BATCH == BATCH - 1)
			cond_resched();
	}
}

static int table_grow(struct sluice_table *t, struct sluice_table_buckets *old,
		      unsigned int bits)
{
	struct sluice_table_buckets *new = other(t, old);

	if (buckets_alloc(new, bits))
		return -ENOMEM;
	/* Pairs with the acquires in insertion and removal. */
	smp_store_release(&old->shared, true);
	each_chain(t, old, new, chain_enter);
	rcu_assign_pointer(t->read, new);
	synchronize_rcu();
	each_chain(t, old, new, chain_cut);
	rcu_assign_pointer(t->write, new);
	synchronize_rcu();
	buckets_free(old);
	return 0;
}

static int table_shrink(struct sluice_table *t,
			struct sluice_table_buckets *old, unsigned int bits)
{
	struct sluice_table_buckets *new = other(t, old);

	if (buckets_alloc(new, bits))
		return -ENOMEM;
	/* Who finds the way here does so by MOVED, which is set by a release. */
	new->shared = true;
	each_chain(t, new, old, chain_join);
	rcu_assign_pointer(t->read, new);
	rcu_assign_pointer(t->write, new);
	synchronize_rcu();
	WRITE_ONCE(new->shared, false);
	synchronize_rcu();
	buckets_free(old);
	return 0;
}

/* How large the table should be, as a power of two. */
static unsigned int fitting_bits(const struct sluice_table *t,
				 unsigned int bits, u64 elements)
{
	u32 want = min_t(u64, NODE_BUCKETS * elements,
			 1U << SLUICE_TABLE_BITS_MAX);

	if (want > 1U << bits)
		return order_base_2(want);
	if (want >= 1U << (bits - SPARSE_BITS))
		return bits;
	/* With room for twice as many, lest it should grow again soon. */
	return max3(order_base_2(2 * want), (int)t->bits_min,
		    (int)bits - SHRINK_BITS);
}

static int table_fit(struct sluice_table *t, u64 elements)
{
	struct sluice_table_buckets *old = current_buckets(t);
	unsigned int bits = 32 - old->shift, fitting;
	int err = 0;

	fitting = fitting_bits(t, bits, elements);
	if (fitting > bits)
		err = table_grow(t, old, fitting);
	else if (fitting < bits)
		err = table_shrink(t, old, fitting);
	return err ?: fitting != bits;
}

static void table_work(struct work_struct *work)
{
	struct sluice_table *t = container_of(work, struct sluice_table, work);

	mutex_lock(&t->resize_lock);
	if (table_fit(t, t->ops->count(t)) > 0)
		WRITE_ONCE(t->long_chain, LONG_CHAIN);
	mutex_unlock(&t->resize_lock);
}

/**
 * sluice_table_resize() - fit the size to the number of nodes
 * @t: the table
 * @elements: how many nodes there are
 *
 * To be called once a second or so. With fewer than two buckets a node the table
 * grows, to between two and four: 16 to 32 bytes. With more than sixteen it
 * shrinks, by a factor of eight at most, and to no less than four. Packets go on
 * meanwhile: bottom halves are off for the time of one chain. Between two calls the
 * table grows by itself, at once, when an insertion meets a long chain.
 *
 * Context: process context; waits for two grace periods when it changes the size.
 * Return: 1 when the size was changed, 0 when it was right, or -ENOMEM, where
 * the table stays as it was.
 */
int sluice_table_resize(struct sluice_table *t, u64 elements)
{
	int changed;

	if (READ_ONCE(t->long_chain) != LONG_CHAIN)
		WRITE_ONCE(t->long_chain, LONG_CHAIN);
	mutex_lock(&t->resize_lock);
	changed = table_fit(t, elements);
	mutex_unlock(&t->resize_lock);
	return changed;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_table_resize);

/**
 * sluice_table_size() - how many buckets there are
 * @t: the table
 *
 * Context: any.
 * Return: the number lookups see now.
 */
u32 sluice_table_size(const struct sluice_table *t)
{
	u32 size;

	rcu_read_lock();
	size = size_of(rcu_dereference(t->read));
	rcu_read_unlock();
	return size;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_table_size);

/**
 * sluice_table_init() - make an empty table of the least size
 * @t: the table
 * @ops: the owner's functions
 * @wq: where the table grows by itself; unbound, and there until
 *	sluice_table_exit()
 * @bits_min: fewest buckets, as a power of two
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int sluice_table_init(struct sluice_table *t,
		      const struct sluice_table_ops *ops,
		      struct workqueue_struct *wq, u32 bits_min)
{
	static struct lock_class_key key;

	BUILD_BUG_ON(__alignof__(struct sluice_table_node) <=
		     SLUICE_TABLE_FLAGS);
	*t = (struct sluice_table){
		.ops = ops,
		.wq = wq,
		.bits_min = bits_min,
		.long_chain = LONG_CHAIN,
	};
	if (buckets_alloc(&t->buckets[0], bits_min))
		return -ENOMEM;
	RCU_INIT_POINTER(t->read, &t->buckets[0]);
	RCU_INIT_POINTER(t->write, &t->buckets[0]);
	t->seed = get_random_u32();
	mutex_init(&t->resize_lock);
	INIT_WORK(&t->work, table_work);
	lockdep_init_map(&t->dep_map, "sluice_table", &key, 0);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_table_init);

/**
 * sluice_table_exit() - free a table
 * @t: nobody looks anything up any more, nor inserts, removes or resizes
 * @free: called for each node that is left; it may free the node at once
 * @arg: for @free
 *
 * Context: process context.
 */
void sluice_table_exit(struct sluice_table *t,
		       void (*free)(struct sluice_table_node *node, void *arg),
		       void *arg)
{
	struct sluice_table_node *node, *next;
	struct sluice_table_buckets *b;
	u32 i;

	cancel_work_sync(&t->work);
	b = rcu_dereference_protected(t->write, true);
	for (i = 0; i < size_of(b); i++) {
		for (node = sluice_table_first(&b->head[i]); node; node = next) {
			next = rcu_dereference_protected(node->next, true);
			free(node, arg);
		}
		if (i % BATCH == BATCH - 1)
			cond_resched();
	}
	buckets_free(b);
	mutex_destroy(&t->resize_lock);
}
EXPORT_SYMBOL_IF_KUNIT(sluice_table_exit);
