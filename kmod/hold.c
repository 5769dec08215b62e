// SPDX-License-Identifier: GPL-2.0
/*
 * Clients that have no server yet: the table of them, the memory that they take
 * and the bytes that they have sent. What is done with them is in client.c and bind.c.
 */

#include <linux/random.h>
#include <linux/slab.h>

#include "hold.h"
#include "net.h"

/* The smallest table, as a power of two. */
#define TABLE_BITS_MIN 9
/* The first piece of memory for the bytes of a client. */
#define DATA_MIN 1024

static struct kmem_cache *hold_cache;

static u32 hash_tuple(const struct sluice_tuple *t, u32 seed)
{
	union {
		__be32 each[2];
		u64 both;
	} addrs = { .each = { t->src.ip, t->dst.ip } };

	if (t->family == AF_INET6)
		return sluice_hash6(t->flow, &t->src.in6, &t->dst.in6, seed);
	return sluice_hash4(t->flow, addrs.both, seed);
}

static struct sluice_hold *hold_of(const struct sluice_table_node *link)
{
	return container_of((struct sluice_table_node *)link, struct sluice_hold,
			    link);
}

static u32 node_hash(const struct sluice_table_node *link,
		     const struct sluice_table *table)
{
	return hash_tuple(&hold_of(link)->tuple, table->seed);
}

static u64 node_count(struct sluice_table *hash)
{
	struct sluice_hold_table *table;

	table = container_of(hash, struct sluice_hold_table, hash);
	return percpu_counter_read_positive(&table->count);
}

static const struct sluice_table_ops table_ops = {
	.hash = node_hash,
	.count = node_count,
};

static bool node_match(const struct sluice_table_node *link, const void *key)
{
	return sluice_tuple_equal(&hold_of(link)->tuple, key);
}

/* Bytes that a CPU counts for itself before it tells the others. */
#define BYTES_BATCH 65536

static void charge(struct sluice_hold *hold, s64 bytes)
{
	percpu_counter_add_batch(&hold->sn->holds.bytes, bytes, BYTES_BATCH);
}

static bool holds_more_than(struct sluice_net *sn, u64 bytes)
{
	return __percpu_counter_compare(&sn->holds.bytes, bytes, BYTES_BATCH) >= 0;
}

/**
 * sluice_hold_alloc() - get memory that counts as held for a client
 * @hold: the client
 * @size: bytes
 *
 * Context: any.
 * Return: the memory, for sluice_hold_free(), or NULL.
 */
void *sluice_hold_alloc(struct sluice_hold *hold, size_t size)
{
	u64 most = READ_ONCE(hold->sn->sniff.held_max);
	void *memory;

	/* Others are given up before; this is for all that come at once. */
	if (holds_more_than(hold->sn, most + most / 8))
		return NULL;
	memory = kmalloc(size, GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (memory)
		charge(hold, ksize(memory));
	return memory;
}

/**
 * sluice_hold_free() - give it back
 * @hold: the client
 * @memory: from sluice_hold_alloc(), or NULL
 */
void sluice_hold_free(struct sluice_hold *hold, void *memory)
{
	if (!memory)
		return;
	charge(hold, -(s64)ksize(memory));
	kfree(memory);
}

static void free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(hold_cache, container_of(rcu, struct sluice_hold, rcu));
}

/**
 * sluice_hold_put() - give a reference back
 * @hold: the client
 */
void sluice_hold_put(struct sluice_hold *hold)
{
	if (!refcount_dec_and_test(&hold->ref))
		return;
	call_rcu(&hold->rcu, free_rcu);
}

/**
 * sluice_hold_lookup() - find a client
 * @sn: namespace
 * @tuple: client to service
 *
 * Context: RCU read side.
 * Return: the client, valid until the end of the read side section, or NULL.
 */
struct sluice_hold *sluice_hold_lookup(struct sluice_net *sn,
				       const struct sluice_tuple *tuple)
{
	struct sluice_table *hash = &sn->holds.hash;
	struct sluice_table_node *link;

	link = sluice_table_lookup(hash, hash_tuple(tuple, hash->seed),
				   node_match, tuple);
	return link ? hold_of(link) : NULL;
}

/**
 * sluice_hold_is_full() - is as much held as may be
 * @sn: namespace
 *
 * Return: whether somebody has to be given up before more is held.
 */
bool sluice_hold_is_full(struct sluice_net *sn)
{
	return holds_more_than(sn, READ_ONCE(sn->sniff.held_max));
}

/**
 * sluice_hold_new() - make a client that nobody knows yet
 * @sn: namespace
 * @tuple: client to service
 * @timer: called in softirq context when the time has come that
 *	sluice_hold_arm() sets, with the timer's reference
 *
 * Context: any.
 * Return: the client, for the caller to fill in and sluice_hold_add(), or NULL.
 */
struct sluice_hold *sluice_hold_new(struct sluice_net *sn,
				    const struct sluice_tuple *tuple,
				    void (*timer)(struct timer_list *timer))
{
	struct sluice_hold *hold;

	hold = kmem_cache_zalloc(hold_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!hold)
		return NULL;
	hold->tuple = *tuple;
	hold->tuple.dir = 0;
	hold->sn = sn;
	hold->fin = U32_MAX;
	hold->begun = jiffies;
	refcount_set(&hold->ref, 1);
	timer_setup(&hold->timer, timer, 0);
	spin_lock_init(&hold->lock);
	return hold;
}

/**
 * sluice_hold_add() - hold a client
 * @hold: from sluice_hold_new(), with its deadline; the table owns it from now on
 *
 * Context: RCU read side, bottom halves off.
 * Return: 0, or -EEXIST where another CPU has entered the same one; then @hold is
 * freed.
 */
int sluice_hold_add(struct sluice_hold *hold)
{
	struct sluice_hold_table *table = &hold->sn->holds;
	struct sluice_table_node *other;
	struct sluice_tuple *tuple = &hold->tuple;

	/* Who finds it waits until it is complete. */
	spin_lock(&hold->lock);
	other = sluice_table_insert(&table->hash, &hold->link,
				    hash_tuple(tuple, table->hash.seed),
				    node_match, tuple);
	if (!other) {
		hold->home = this_cpu_ptr(table->lists);
		spin_lock(&hold->home->lock);
		list_add_tail(&hold->list, &hold->home->list);
		spin_unlock(&hold->home->lock);
		percpu_counter_inc(&table->count);
		charge(hold, sizeof(*hold));
		sluice_hold_arm(hold, hold->deadline);
	}
	spin_unlock(&hold->lock);
	if (!other)
		return 0;
	kmem_cache_free(hold_cache, hold);
	return -EEXIST;
}

/**
 * sluice_hold_end() - hold a client no longer
 * @hold: the client, locked, and not over
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_hold_end(struct sluice_hold *hold)
{
	struct sluice_table *hash = &hold->sn->holds.hash;

	hold->phase = SLUICE_PHASE_OVER;
	sluice_table_remove(hash, &hold->link,
			    hash_tuple(&hold->tuple, hash->seed));
	spin_lock(&hold->home->lock);
	list_del(&hold->list);
	spin_unlock(&hold->home->lock);
	sluice_hold_free(hold, hold->data);
	sluice_hold_free(hold, hold->parser);
	hold->data = NULL;
	hold->parser = NULL;
	percpu_counter_dec(&hold->sn->holds.count);
	charge(hold, -(s64)sizeof(*hold));
	/* Where it runs it waits for the lock, and gives its reference back. */
	if (timer_delete(&hold->timer))
		sluice_hold_put(hold);
	sluice_hold_put(hold);
}

/**
 * sluice_hold_arm() - have a client's timer run
 * @hold: the client, locked, and not over
 * @when: jiffies; no later than its deadline
 */
void sluice_hold_arm(struct sluice_hold *hold, unsigned long when)
{
	if (time_after(when, hold->deadline))
		when = hold->deadline;
	if (!mod_timer(&hold->timer, when))
		refcount_inc(&hold->ref);
}

/* The oldest of those that a CPU began to hold, or where it holds none, the next. */
static struct sluice_hold *oldest_from(struct sluice_net *sn, unsigned int cpu)
{
	struct sluice_hold *hold = NULL;
	struct sluice_hold_list *list;
	unsigned int i;

	for (i = 0; i < nr_cpu_ids && !hold; i++, cpu = (cpu + 1) % nr_cpu_ids) {
		if (!cpu_possible(cpu))
			continue;
		list = per_cpu_ptr(sn->holds.lists, cpu);
		spin_lock(&list->lock);
		hold = list_first_entry_or_null(&list->list, struct sluice_hold,
						list);
		/* While it is in the list, the table has a reference. */
		if (hold)
			refcount_inc(&hold->ref);
		spin_unlock(&list->lock);
	}
	return hold;
}

/**
 * sluice_hold_oldest() - find who has been held for long
 * @sn: namespace
 *
 * The older of two: this CPU's oldest, and that of another taken at random. To ask
 * all of them would cost the most while there is an attack; to ask this one alone
 * would give up a client that has just come to a CPU that holds few, for others
 * that wait on its neighbours.
 *
 * Context: RCU read side, bottom halves off; no client is locked.
 * Return: a client, with a reference, or NULL.
 */
struct sluice_hold *sluice_hold_oldest(struct sluice_net *sn)
{
	unsigned int cpu = raw_smp_processor_id();
	struct sluice_hold *hold, *other;

	hold = oldest_from(sn, cpu);
	if (!hold || nr_cpu_ids == 1)
		return hold;
	cpu += 1 + get_random_u32_below(nr_cpu_ids - 1);
	other = oldest_from(sn, cpu % nr_cpu_ids);
	if (other && time_before(other->begun, hold->begun))
		swap(hold, other);
	if (other)
		sluice_hold_put(other);
	return hold;
}

static bool grow(struct sluice_hold *hold, u32 size)
{
	u8 *data;

	if (size <= hold->size)
		return true;
	size = clamp_t(u32, roundup_pow_of_two(size), DATA_MIN, SLUICE_HELD_MAX);
	data = sluice_hold_alloc(hold, size);
	if (!data)
		return false;
	if (hold->data)
		memcpy(data, hold->data, hold->size);
	sluice_hold_free(hold, hold->data);
	hold->data = data;
	hold->size = size;
	return true;
}

/* Copy what is not there yet: what came first stays. */
static bool copy(struct sluice_hold *hold, u32 start, u32 end, u32 base,
		 const struct sk_buff *skb, unsigned int offset)
{
	return start >= end ||
	       !skb_copy_bits(skb, offset + (start - base), hold->data + start,
			      end - start);
}

/* Enter a range behind a gap. Return false where there are too many gaps. */
static bool enter_range(struct sluice_hold *hold, u32 start, u32 end)
{
	struct sluice_range *gap = hold->gap;
	struct sluice_range merged = { start, end };
	struct sluice_range out[SLUICE_HELD_GAPS + 1];
	bool entered = false;
	int i, n = 0;

	for (i = 0; i < SLUICE_HELD_GAPS && gap[i].end; i++) {
		if (gap[i].end < merged.start) {
			out[n++] = gap[i];
		} else if (gap[i].start > merged.end) {
			if (!entered)
				out[n++] = merged;
			entered = true;
			out[n++] = gap[i];
		} else {
			merged.start = min(merged.start, gap[i].start);
			merged.end = max(merged.end, gap[i].end);
		}
	}
	if (!entered)
		out[n++] = merged;
	if (n > SLUICE_HELD_GAPS)
		return false;
	memset(gap, 0, sizeof(hold->gap));
	memcpy(gap, out, n * sizeof(*out));
	return true;
}

/* What was behind a gap that is closed is there. */
static void close_gaps(struct sluice_hold *hold)
{
	struct sluice_range *gap = hold->gap;

	while (gap[0].end && gap[0].start <= hold->have) {
		hold->have = max(hold->have, gap[0].end);
		memmove(gap, gap + 1, (SLUICE_HELD_GAPS - 1) * sizeof(*gap));
		gap[SLUICE_HELD_GAPS - 1] = (struct sluice_range){};
	}
}

/**
 * sluice_hold_store() - keep bytes of a client
 * @hold: the client, locked
 * @start: their place in its stream
 * @skb: a packet with them
 * @offset: where in the packet
 * @length: how many; those past SLUICE_HELD_MAX are left
 *
 * Of bytes that come twice the first stay, so that nobody is sent others than
 * were judged.
 *
 * Return: whether they were kept; false where memory is short or there are too
 * many gaps.
 */
bool sluice_hold_store(struct sluice_hold *hold, u32 start, const struct sk_buff *skb,
		       unsigned int offset, u32 length)
{
	u32 end = min(start + length, SLUICE_HELD_MAX), at;
	int i;

	at = max(start, hold->have);
	if (start >= SLUICE_HELD_MAX || at >= end)
		return true;
	if (!grow(hold, end))
		return false;
	if (at > hold->have) {
		struct sluice_range before[SLUICE_HELD_GAPS];

		memcpy(before, hold->gap, sizeof(before));
		if (!enter_range(hold, at, end))
			return false;
		for (i = 0; i < SLUICE_HELD_GAPS && before[i].end && at < end; i++) {
			if (before[i].end <= at)
				continue;
			if (!copy(hold, at, min(end, before[i].start), start, skb,
				  offset))
				return false;
			at = max(at, before[i].end);
		}
		return copy(hold, at, end, start, skb, offset);
	}
	for (i = 0; i < SLUICE_HELD_GAPS && hold->gap[i].end && at < end; i++) {
		if (!copy(hold, at, min(end, hold->gap[i].start), start, skb, offset))
			return false;
		at = max(at, hold->gap[i].end);
	}
	if (!copy(hold, at, end, start, skb, offset))
		return false;
	hold->have = end;
	close_gaps(hold);
	return true;
}

/**
 * sluice_hold_table_start() - get ready to hold clients
 * @sn: namespace; nothing is done where this has been done before
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or -ENOMEM.
 */
int sluice_hold_table_start(struct sluice_net *sn)
{
	struct sluice_hold_table *table = &sn->holds;
	struct sluice_hold_list *list;
	int cpu;

	if (table->started)
		return 0;
	table->lists = alloc_percpu_gfp(struct sluice_hold_list,
					GFP_KERNEL_ACCOUNT);
	if (!table->lists)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		list = per_cpu_ptr(table->lists, cpu);
		spin_lock_init(&list->lock);
		INIT_LIST_HEAD(&list->list);
	}
	if (percpu_counter_init(&table->bytes, 0, GFP_KERNEL_ACCOUNT))
		goto err_lists;
	if (percpu_counter_init(&table->count, 0, GFP_KERNEL_ACCOUNT))
		goto err_bytes;
	if (sluice_table_init(&table->hash, &table_ops, sluice_conn_queue,
			      TABLE_BITS_MIN))
		goto err_count;
	/* Pairs with smp_load_acquire() in the collector. */
	smp_store_release(&table->started, true);
	return 0;

err_count:
	percpu_counter_destroy(&table->count);
err_bytes:
	percpu_counter_destroy(&table->bytes);
err_lists:
	free_percpu(table->lists);
	return -ENOMEM;
}

/**
 * sluice_hold_table_fit() - fit the table to the number of clients
 * @sn: namespace
 *
 * Context: process context, once a second or so.
 */
void sluice_hold_table_fit(struct sluice_net *sn)
{
	/* Pairs with smp_store_release() in sluice_hold_table_start(). */
	if (smp_load_acquire(&sn->holds.started))
		sluice_table_resize(&sn->holds.hash,
				    percpu_counter_sum_positive(&sn->holds.count));
}

/**
 * sluice_hold_table_stop() - hold nobody any more
 * @sn: namespace; no packet can come here, timers may still run
 *
 * Context: process context.
 */
void sluice_hold_table_stop(struct sluice_net *sn)
{
	struct sluice_hold *hold;

	if (!sn->holds.started)
		return;
	for (;;) {
		rcu_read_lock();
		local_bh_disable();
		hold = sluice_hold_oldest(sn);
		if (hold) {
			spin_lock(&hold->lock);
			if (hold->phase != SLUICE_PHASE_OVER)
				sluice_hold_end(hold);
			spin_unlock(&hold->lock);
			sluice_hold_put(hold);
		}
		local_bh_enable();
		rcu_read_unlock();
		if (!hold)
			break;
		cond_resched();
	}
	/* A timer that runs is a reader. */
	synchronize_rcu();
}

static void free_none(struct sluice_table_node *link, void *arg)
{
	WARN_ON_ONCE(1);
}

/**
 * sluice_hold_table_exit() - free the table
 * @sn: namespace, after sluice_hold_table_stop()
 */
void sluice_hold_table_exit(struct sluice_net *sn)
{
	struct sluice_hold_table *table = &sn->holds;

	if (!table->started)
		return;
	sluice_table_exit(&table->hash, free_none, NULL);
	percpu_counter_destroy(&table->count);
	percpu_counter_destroy(&table->bytes);
	free_percpu(table->lists);
}

/**
 * sluice_holds_init() - allocate what all namespaces share
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_holds_init(void)
{
	hold_cache = KMEM_CACHE(sluice_hold, SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT);
	return hold_cache ? 0 : -ENOMEM;
}

/**
 * sluice_holds_exit() - undo sluice_holds_init()
 *
 * Context: after rcu_barrier().
 */
void sluice_holds_exit(void)
{
	kmem_cache_destroy(hold_cache);
}
