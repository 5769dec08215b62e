// SPDX-License-Identifier: GPL-2.0
/* The hash table: contents, sizes, walks, and all of it while the size changes. */

#include <kunit/test.h>
#include <linux/jhash.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "../table.h"
#include "suites.h"

/* How long the cases with several threads go on. */
#define STRESS_TIME (2 * HZ)
#define THREADS 4
#define KEYS 256
#define CONTESTED 8

struct item {
	struct sluice_table_node node;
	u32 key;
	u32 hash;
	struct rcu_head rcu;
};

struct fixture {
	struct sluice_table table;
	struct workqueue_struct *wq;
	atomic_t count;
	bool crowded;
	unsigned int left;
};

static struct item *item_of(const struct sluice_table_node *node)
{
	return container_of((struct sluice_table_node *)node, struct item, node);
}

static u32 node_hash(const struct sluice_table_node *node,
		     const struct sluice_table *t)
{
	return item_of(node)->hash;
}

static u64 node_count(struct sluice_table *t)
{
	return atomic_read(&container_of(t, struct fixture, table)->count);
}

static bool node_match(const struct sluice_table_node *node, const void *key)
{
	return item_of(node)->key == *(const u32 *)key;
}

static const struct sluice_table_ops ops = {
	.hash = node_hash,
	.count = node_count,
};

/* A crowded table has all nodes in a small part of its buckets, some of one hash. */
static u32 key_hash(const struct fixture *f, u32 key)
{
	u32 hash = jhash_1word(key, f->table.seed);

	return f->crowded ? (hash >> 5) & ~0x7fU : hash;
}

static struct item *new_item(u32 key, u32 hash)
{
	struct item *item = kmalloc(sizeof(*item), GFP_KERNEL);

	if (item) {
		item->key = key;
		item->hash = hash;
	}
	return item;
}

static struct item *find(struct fixture *f, u32 key, u32 hash)
{
	struct sluice_table_node *node;

	rcu_read_lock();
	node = sluice_table_lookup(&f->table, hash, node_match, &key);
	rcu_read_unlock();
	return node ? item_of(node) : NULL;
}

static struct item *insert(struct fixture *f, struct item *item)
{
	struct sluice_table_node *node;

	local_bh_disable();
	node = sluice_table_insert(&f->table, &item->node, item->hash,
				   node_match, &item->key);
	local_bh_enable();
	if (!node)
		atomic_inc(&f->count);
	return node ? item_of(node) : NULL;
}

static bool remove(struct fixture *f, struct item *item)
{
	bool removed;

	local_bh_disable();
	removed = sluice_table_remove(&f->table, &item->node, item->hash);
	local_bh_enable();
	if (removed)
		atomic_dec(&f->count);
	return removed;
}

static void free_left(struct sluice_table_node *node, void *arg)
{
	struct fixture *f = arg;

	f->left++;
	kfree(item_of(node));
}

static void fixture_exit(void *arg)
{
	struct fixture *f = arg;

	sluice_table_exit(&f->table, free_left, f);
	destroy_workqueue(f->wq);
	WARN_ON(f->left != atomic_read(&f->count));
}

static struct fixture *new_fixture(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->wq = alloc_workqueue("sluice_table_test", WQ_UNBOUND, 0);
	KUNIT_ASSERT_NOT_NULL(test, f->wq);
	err = sluice_table_init(&f->table, &ops, f->wq, 9);
	if (err)
		destroy_workqueue(f->wq);
	KUNIT_ASSERT_EQ(test, err, 0);
	err = kunit_add_action_or_reset(test, fixture_exit, f);
	KUNIT_ASSERT_EQ(test, err, 0);
	return f;
}

/* Insert keys from 0 on. */
static void fill(struct kunit *test, struct fixture *f, u32 count)
{
	struct item *item;
	u32 key;

	for (key = 0; key < count; key++) {
		item = new_item(key, key_hash(f, key));
		KUNIT_ASSERT_NOT_NULL(test, item);
		KUNIT_ASSERT_NULL(test, insert(f, item));
	}
}

static void resize(struct kunit *test, struct fixture *f, u64 elements)
{
	KUNIT_ASSERT_GE(test, sluice_table_resize(&f->table, elements), 0);
}

/* What walks have seen of the keys from 0 on. */
struct seen {
	struct fixture *f;
	u8 *times;
	u32 keys;
	u64 last;
	bool disorder;
	bool remove;
	unsigned int room;
};

static bool see(struct sluice_table_node *node, void *arg)
{
	struct item *item = item_of(node);
	struct seen *seen = arg;

	if (!seen->room)
		return false;
	seen->room--;
	if (item->key < seen->keys && seen->times[item->key] < U8_MAX)
		seen->times[item->key]++;
	if (seen->last != SLUICE_TABLE_END && item->hash < seen->last)
		seen->disorder = true;
	seen->last = item->hash;
	if (seen->remove) {
		if (!remove(seen->f, item))
			seen->disorder = true;
		kfree_rcu(item, rcu);
	}
	return true;
}

static struct seen *new_seen(struct kunit *test, struct fixture *f, u32 keys)
{
	struct seen *seen = kunit_kzalloc(test, sizeof(*seen), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, seen);
	seen->times = kunit_kzalloc(test, keys, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seen->times);
	seen->f = f;
	seen->keys = keys;
	seen->last = SLUICE_TABLE_END;
	seen->room = UINT_MAX;
	return seen;
}

static unsigned int walk(struct seen *seen, u64 *position, unsigned int limit)
{
	unsigned int visited;

	rcu_read_lock();
	visited = sluice_table_walk(&seen->f->table, position, limit, see, seen);
	rcu_read_unlock();
	return visited;
}

static void walk_all(struct seen *seen, unsigned int limit)
{
	u64 position = 0;

	while (position != SLUICE_TABLE_END)
		walk(seen, &position, limit);
}

/* All keys are found, and each is met once, in order. */
static void expect_content(struct kunit *test, struct fixture *f, u32 count)
{
	struct seen *seen = new_seen(test, f, count);
	unsigned int lost = 0, wrong = 0;
	struct item *item;
	u32 key;

	walk_all(seen, 64);
	for (key = 0; key < count; key++) {
		item = find(f, key, key_hash(f, key));
		lost += !item || item->key != key;
		wrong += seen->times[key] != 1;
	}
	KUNIT_EXPECT_EQ(test, lost, 0);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_FALSE(test, seen->disorder);
}

static void table_insert_remove(struct kunit *test)
{
	struct fixture *f = new_fixture(test);
	struct item *item, *twin, *never;

	item = new_item(7, 42);
	twin = new_item(7, 42);
	never = new_item(8, 42);
	KUNIT_ASSERT_NOT_NULL(test, item);
	KUNIT_ASSERT_NOT_NULL(test, twin);
	KUNIT_ASSERT_NOT_NULL(test, never);
	KUNIT_EXPECT_NULL(test, find(f, 7, 42));
	KUNIT_EXPECT_NULL(test, insert(f, item));
	KUNIT_EXPECT_PTR_EQ(test, insert(f, twin), item);
	KUNIT_EXPECT_PTR_EQ(test, find(f, 7, 42), item);
	KUNIT_EXPECT_NULL(test, find(f, 8, 42));
	KUNIT_EXPECT_FALSE(test, remove(f, never));
	KUNIT_EXPECT_FALSE(test, remove(f, twin));
	KUNIT_EXPECT_TRUE(test, remove(f, item));
	KUNIT_EXPECT_FALSE(test, remove(f, item));
	KUNIT_EXPECT_NULL(test, find(f, 7, 42));
	KUNIT_EXPECT_NULL(test, insert(f, twin));
	KUNIT_EXPECT_PTR_EQ(test, find(f, 7, 42), twin);
	synchronize_rcu();
	KUNIT_EXPECT_PTR_EQ(test, insert(f, item), twin);
	KUNIT_EXPECT_TRUE(test, remove(f, twin));
	KUNIT_EXPECT_NULL(test, insert(f, item));
	kfree_rcu(twin, rcu);
	kfree(never);
}

/* Different keys may have one hash; and 0 and the largest are hashes, too. */
static void table_equal_hashes(struct kunit *test)
{
	static const u32 hashes[] = { 0, 1, 0x80000000, U32_MAX };
	struct fixture *f = new_fixture(test);
	struct seen *seen = new_seen(test, f, 40);
	struct item *item[40];
	unsigned int i, times = 0;
	u64 position = 0;

	for (i = 0; i < 40; i++) {
		item[i] = new_item(i, hashes[i / 10]);
		KUNIT_ASSERT_NOT_NULL(test, item[i]);
		KUNIT_EXPECT_NULL(test, insert(f, item[i]));
	}
	for (i = 0; i < 40; i++) {
		KUNIT_EXPECT_PTR_EQ(test, find(f, i, hashes[i / 10]), item[i]);
		KUNIT_EXPECT_PTR_EQ(test, insert(f, item[i]), item[i]);
	}
	/* A walk with a limit goes on after equal hashes, not between them. */
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, walk(seen, &position, 3), 10);
	walk(seen, &position, 3);
	KUNIT_EXPECT_EQ(test, position, SLUICE_TABLE_END);
	for (i = 0; i < 40; i++)
		times += seen->times[i];
	KUNIT_EXPECT_EQ(test, times, 40);
	/* First, last and one in the middle of each ten. */
	for (i = 0; i < 40; i++)
		if (i % 10 == 0 || i % 10 == 5 || i % 10 == 9)
			KUNIT_EXPECT_TRUE(test, remove(f, item[i]));
	for (i = 0; i < 40; i++) {
		bool gone = i % 10 == 0 || i % 10 == 5 || i % 10 == 9;

		KUNIT_EXPECT_PTR_EQ(test, find(f, i, hashes[i / 10]),
				    gone ? NULL : item[i]);
		if (gone)
			kfree_rcu(item[i], rcu);
	}
}

static void table_resize_content(struct kunit *test)
{
	static const u64 sizes[] = {
		10000, 1, 200000, 1000, 600, 1, 1, 1, 600, 1200, 2400, 1,
	};
	struct fixture *f = new_fixture(test);
	unsigned int i;

	fill(test, f, 3000);
	expect_content(test, f, 3000);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		resize(test, f, sizes[i]);
		expect_content(test, f, 3000);
	}
}

static void table_resize_crowded(struct kunit *test)
{
	struct fixture *f = new_fixture(test);
	unsigned int i;

	f->crowded = true;
	fill(test, f, 1000);
	for (i = 0; i < 3; i++) {
		resize(test, f, 100000);
		expect_content(test, f, 1000);
		resize(test, f, 1000);
		expect_content(test, f, 1000);
		resize(test, f, 1);
		expect_content(test, f, 1000);
	}
}

/* What the size is after a resize for so many nodes, one after the other. */
static void table_sizes(struct kunit *test)
{
	static const struct {
		u64 elements;
		u32 size;
	} steps[] = {
		{ 0, 1 << 9 }, { 256, 1 << 9 }, { 257, 1 << 10 },
		{ 512, 1 << 10 }, { 256, 1 << 10 }, { 64, 1 << 10 },
		{ 63, 1 << 9 }, { 1 << 17, 1 << 18 },
		{ (1 << 17) + 1, 1 << 19 }, { 1 << 15, 1 << 19 },
		{ (1 << 15) - 1, 1 << 17 }, { 1, 1 << 14 }, { 1, 1 << 11 },
		{ 1, 1 << 9 }, { 0, 1 << 9 },
	};
	struct fixture *f = new_fixture(test);
	unsigned int i;
	u32 before;
	int ret;

	KUNIT_EXPECT_EQ(test, sluice_table_size(&f->table), 1 << 9);
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		before = sluice_table_size(&f->table);
		ret = sluice_table_resize(&f->table, steps[i].elements);
		KUNIT_EXPECT_EQ_MSG(test, sluice_table_size(&f->table),
				    steps[i].size, "step %u", i);
		KUNIT_EXPECT_EQ_MSG(test, ret, before != steps[i].size,
				    "step %u", i);
	}
}

/* Nodes of one hash: a chain that no growth makes shorter. */
static void fill_one_chain(struct kunit *test, struct fixture *f, u32 count)
{
	struct item *item;
	u32 key;

	for (key = 0; key < count; key++) {
		item = new_item(~key, 42);
		KUNIT_ASSERT_NOT_NULL(test, item);
		KUNIT_ASSERT_NULL(test, insert(f, item));
	}
}

/* Many new nodes make the table grow without the owner's help. */
static void table_grows_by_itself(struct kunit *test)
{
	struct fixture *f = new_fixture(test);

	fill(test, f, 8000);
	flush_workqueue(f->wq);
	KUNIT_EXPECT_GT(test, sluice_table_size(&f->table), 1 << 9);
	expect_content(test, f, 8000);
}

/* A long chain that no growth would mend changes nothing, and is tried rarely. */
static void table_vain_hint(struct kunit *test)
{
	struct fixture *f = new_fixture(test);
	u32 usual = f->table.long_chain;

	fill_one_chain(test, f, 100);
	flush_workqueue(f->wq);
	KUNIT_EXPECT_EQ(test, sluice_table_size(&f->table), 1 << 9);
	KUNIT_EXPECT_GE(test, f->table.long_chain, 100);
	resize(test, f, 100);
	KUNIT_EXPECT_EQ(test, f->table.long_chain, usual);
}

/* Nor does it keep the table from growing when that does help. */
static void table_grows_after_vain_hint(struct kunit *test)
{
	struct fixture *f = new_fixture(test);

	fill_one_chain(test, f, 6);
	flush_workqueue(f->wq);
	KUNIT_EXPECT_EQ(test, sluice_table_size(&f->table), 1 << 9);
	fill(test, f, 16000);
	flush_workqueue(f->wq);
	KUNIT_EXPECT_GT(test, sluice_table_size(&f->table), 1 << 9);
}

/* One call does bounded work, also where there are no nodes. */
static void table_walk_bounds(struct kunit *test)
{
	struct fixture *f = new_fixture(test);
	struct seen *seen = new_seen(test, f, 1);
	unsigned int calls = 0;
	u64 position = 0;

	resize(test, f, 1 << 15);
	while (position != SLUICE_TABLE_END) {
		KUNIT_EXPECT_EQ(test, walk(seen, &position, 1), 0);
		calls++;
	}
	KUNIT_EXPECT_EQ(test, calls, 16);
	KUNIT_EXPECT_EQ(test, walk(seen, &position, 1), 0);
	KUNIT_EXPECT_EQ(test, position, SLUICE_TABLE_END);
}

/* A walk that stops when a buffer is full goes on without gap or repetition. */
static void table_walk_stops(struct kunit *test)
{
	struct fixture *f = new_fixture(test);
	struct seen *seen = new_seen(test, f, 3000);
	unsigned int wrong = 0, visited = 0;
	u64 position = 0;
	u32 key;

	fill(test, f, 3000);
	while (position != SLUICE_TABLE_END) {
		seen->room = 7;
		visited += walk(seen, &position, 100);
	}
	for (key = 0; key < 3000; key++)
		wrong += seen->times[key] != 1;
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, visited, 3000);
	KUNIT_EXPECT_FALSE(test, seen->disorder);
}

/* The position of a walk means the same at any size. */
static void table_walk_between_resizes(struct kunit *test)
{
	static const u64 sizes[] = { 40000, 1, 1, 3000, 20000, 1000, 1 };
	struct fixture *f = new_fixture(test);
	struct seen *seen = new_seen(test, f, 3000);
	unsigned int wrong = 0, i = 0;
	u64 position = 0;
	u32 key;

	fill(test, f, 3000);
	while (position != SLUICE_TABLE_END) {
		walk(seen, &position, 97);
		resize(test, f, sizes[i++ % ARRAY_SIZE(sizes)]);
	}
	for (key = 0; key < 3000; key++)
		wrong += seen->times[key] != 1;
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_FALSE(test, seen->disorder);
}

static void table_walk_removes(struct kunit *test)
{
	struct fixture *f = new_fixture(test);
	struct seen *seen = new_seen(test, f, 3000);
	unsigned int wrong = 0;
	u32 key;

	fill(test, f, 3000);
	seen->remove = true;
	walk_all(seen, 50);
	for (key = 0; key < 3000; key++)
		wrong += seen->times[key] != 1 ||
			 find(f, key, key_hash(f, key));
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_FALSE(test, seen->disorder);
	KUNIT_EXPECT_EQ(test, atomic_read(&f->count), 0);
}

/* One of several threads that use a table at the same time. */
struct stress {
	struct fixture *f;
	struct task_struct *task;
	u32 base;
	struct item *mine[KEYS];
	struct rnd_state rnd;
	const char *failure;
	unsigned long turns;
};

static void stress_fail(struct stress *s, const char *what)
{
	if (!s->failure)
		s->failure = what;
}

static void stress_insert(struct stress *s, u32 i)
{
	u32 key = s->base + i, hash = key_hash(s->f, key);
	struct item *item = new_item(key, hash), *twin = new_item(key, hash);

	if (!item || !twin) {
		kfree(item);
		kfree(twin);
		return;
	}
	if (find(s->f, key, hash))
		stress_fail(s, "found before it was inserted");
	if (insert(s->f, item))
		stress_fail(s, "there before it was inserted");
	if (find(s->f, key, hash) != item)
		stress_fail(s, "not found after it was inserted");
	if (insert(s->f, twin) != item)
		stress_fail(s, "inserted twice");
	s->mine[i] = item;
	kfree(twin);
}

static void stress_remove(struct stress *s, u32 i)
{
	struct item *item = s->mine[i];

	if (!remove(s->f, item))
		stress_fail(s, "not there to be removed");
	if (find(s->f, item->key, item->hash))
		stress_fail(s, "found after it was removed");
	if (remove(s->f, item))
		stress_fail(s, "removed twice");
	s->mine[i] = NULL;
	kfree_rcu(item, rcu);
}

/* Keys that all threads want: who has inserted one, and only he, has it. */
static void stress_contest(struct stress *s, u32 key)
{
	struct item *item = new_item(key, key_hash(s->f, key));

	if (!item)
		return;
	if (insert(s->f, item)) {
		kfree(item);
		return;
	}
	if (find(s->f, key, item->hash) != item)
		stress_fail(s, "another one has it, too");
	cpu_relax();
	if (!remove(s->f, item))
		stress_fail(s, "another one has removed it");
	kfree_rcu(item, rcu);
}

/* Keys from 0 on are always there; each thread has a range of its own. */
static int stress_thread(void *arg)
{
	struct stress *s = arg;
	struct fixture *f = s->f;
	u32 i, key;

	while (!kthread_should_stop()) {
		for (i = 0; i < 16; i++) {
			key = prandom_u32_state(&s->rnd) % KEYS;
			if (!find(f, key, key_hash(f, key)))
				stress_fail(s, "not found though always there");
		}
		i = prandom_u32_state(&s->rnd) % KEYS;
		if (s->mine[i] &&
		    find(f, s->base + i, s->mine[i]->hash) != s->mine[i])
			stress_fail(s, "not found though there for a while");
		if (s->mine[i])
			stress_remove(s, i);
		else
			stress_insert(s, i);
		key = prandom_u32_state(&s->rnd) % CONTESTED;
		stress_contest(s, (THREADS + 1) * KEYS + key);
		s->turns++;
		cond_resched();
	}
	return 0;
}

static int resize_thread(void *arg)
{
	static const u64 sizes[] = { 600, 5000, 1, 40000, 4000, 1, 1 };
	struct stress *s = arg;

	while (!kthread_should_stop()) {
		if (sluice_table_resize(&s->f->table,
					sizes[s->turns % ARRAY_SIZE(sizes)]) < 0)
			stress_fail(s, "no memory");
		s->turns++;
		cond_resched();
	}
	return 0;
}

/* Is there another key of the same hash, so that a walk may come to it twice. */
static bool has_double(const struct fixture *f, u32 key)
{
	u32 hash = key_hash(f, key), i;

	for (i = 0; i < (THREADS + 1) * KEYS + CONTESTED; i++)
		if (i != key && key_hash(f, i) == hash)
			return true;
	return false;
}

static int walk_thread(void *arg)
{
	struct stress *s = arg;
	struct seen seen = { .f = s->f, .keys = KEYS };
	u32 key;

	seen.times = kmalloc(KEYS, GFP_KERNEL);
	if (!seen.times)
		stress_fail(s, "no memory");
	while (!kthread_should_stop()) {
		u64 position = 0;

		if (!seen.times) {
			cond_resched();
			continue;
		}
		memset(seen.times, 0, KEYS);
		seen.last = SLUICE_TABLE_END;
		while (position != SLUICE_TABLE_END) {
			seen.room = 1 + prandom_u32_state(&s->rnd) % 30;
			walk(&seen, &position, 20);
			cond_resched();
		}
		for (key = 0; key < KEYS; key++) {
			if (!seen.times[key])
				stress_fail(s, "not visited");
			if (seen.times[key] > 1 && !has_double(s->f, key))
				stress_fail(s, "visited twice");
		}
		if (seen.disorder)
			stress_fail(s, "not in order");
		s->turns++;
	}
	kfree(seen.times);
	return 0;
}

static void stress_start(struct stress *s, struct fixture *f, u32 base,
			 int (*thread)(void *))
{
	s->f = f;
	s->base = base;
	prandom_seed_state(&s->rnd, base + 1);
	s->task = kthread_run(thread, s, "sluice_table");
	if (IS_ERR(s->task)) {
		s->task = NULL;
		stress_fail(s, "no thread");
	}
}

static void stress_stop(struct kunit *test, struct stress *s, const char *what)
{
	if (s->task)
		kthread_stop(s->task);
	KUNIT_EXPECT_PTR_EQ_MSG(test, s->failure, NULL, "%s: %s", what,
				s->failure ?: "");
	KUNIT_EXPECT_GT(test, s->turns, 0);
	kunit_info(test, "%s: %lu turns", what, s->turns);
}

/*
 * The case that proves the argument in table.c: while the size changes all the
 * time, several threads insert and remove keys of their own and look for them
 * and for keys that are always there, and another one walks.
 */
static void stress(struct kunit *test, bool crowded)
{
	struct stress *s, *resizer, *walker;
	struct fixture *f = new_fixture(test);
	u32 i;

	s = kunit_kcalloc(test, THREADS + 2, sizeof(*s), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	resizer = &s[THREADS];
	walker = &s[THREADS + 1];
	f->crowded = crowded;
	fill(test, f, KEYS);
	for (i = 0; i < THREADS; i++)
		stress_start(&s[i], f, (i + 1) * KEYS, stress_thread);
	stress_start(resizer, f, 0, resize_thread);
	stress_start(walker, f, 0, walk_thread);
	schedule_timeout_idle(STRESS_TIME);
	for (i = 0; i < THREADS; i++)
		stress_stop(test, &s[i], "user");
	stress_stop(test, walker, "walker");
	stress_stop(test, resizer, "resizer");
	expect_content(test, f, KEYS);
}

static void table_stress(struct kunit *test)
{
	stress(test, false);
}

/* With chains of many nodes, and threads that meet in them. */
static void table_stress_crowded(struct kunit *test)
{
	stress(test, true);
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE(table_insert_remove),
	KUNIT_CASE(table_equal_hashes),
	KUNIT_CASE(table_resize_content),
	KUNIT_CASE(table_resize_crowded),
	KUNIT_CASE(table_sizes),
	KUNIT_CASE(table_grows_by_itself),
	KUNIT_CASE(table_vain_hint),
	KUNIT_CASE(table_grows_after_vain_hint),
	KUNIT_CASE(table_walk_bounds),
	KUNIT_CASE(table_walk_stops),
	KUNIT_CASE(table_walk_between_resizes),
	KUNIT_CASE(table_walk_removes),
	KUNIT_CASE_SLOW(table_stress),
	KUNIT_CASE_SLOW(table_stress_crowded),
	{}
};

struct kunit_suite sluice_table_suite = {
	.name = "sluice_table",
	.test_cases = table_cases,
};
