// SPDX-License-Identifier: GPL-2.0
/* Schedulers: who gets how many connections, to the exact count. */

#include <kunit/test.h>

#include "../sched.h"
#include "../server.h"
#include "suites.h"

#define SERVERS_MAX 16

/* What a test schedules over, as a pool would have it. */
struct fixture {
	struct sluice_server servers[SERVERS_MAX];
	struct sluice_sched_set *set;
	atomic64_t cursor;
	unsigned int picks[SERVERS_MAX];
};

static void free_set(void *set)
{
	sluice_sched_set_free(set);
}

static struct fixture *new_fixture(struct kunit *test, const char *scheduler,
				   const u32 *weights, u32 count)
{
	const struct sluice_scheduler *sched = sluice_sched_lookup(scheduler);
	struct fixture *f;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, sched);
	KUNIT_ASSERT_LE(test, count, SERVERS_MAX);
	f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f);
	f->set = sluice_sched_set_alloc(sched, &f->cursor, count);
	KUNIT_ASSERT_NOT_NULL(test, f->set);
	kunit_add_action(test, free_set, f->set);
	for (i = 0; i < count; i++) {
		f->set->slot[i].server = &f->servers[i];
		f->set->slot[i].weight = weights[i];
	}
	KUNIT_ASSERT_EQ(test, sluice_sched_set_prepare(f->set), 0);
	return f;
}

/* Pick once; the connection stays, as an active one. */
static u32 pick(struct fixture *f)
{
	u32 slot = sluice_sched_pick(f->set);

	f->picks[slot]++;
	atomic_inc(&f->servers[slot].active);
	return slot;
}

static void sched_rr_in_turn(struct kunit *test)
{
	static const u32 weights[] = { 1, 9, 1 };
	struct fixture *f = new_fixture(test, "rr", weights, 3);
	unsigned int i;

	for (i = 0; i < 30; i++)
		KUNIT_EXPECT_EQ(test, pick(f), i % 3);
}

/* A changed set goes on where the last one stopped. */
static void sched_rr_goes_on(struct kunit *test)
{
	static const u32 weights[] = { 1, 1, 1, 1 };
	struct fixture *f = new_fixture(test, "rr", weights, 4);

	atomic64_set(&f->cursor, 6);
	KUNIT_EXPECT_EQ(test, pick(f), 2);
}

struct wrr_param {
	const char *name;
	u32 count;
	u32 weights[SERVERS_MAX];
};

static const struct wrr_param wrr_params[] = {
	{ "one", 1, { 7 } },
	{ "equal", 4, { 1, 1, 1, 1 } },
	{ "1:2:3", 3, { 1, 2, 3 } },
	{ "common divisor", 3, { 10, 20, 30 } },
	{ "one heavy", 3, { 5, 1, 1 } },
	{ "extremes", 2, { 1, 65535 } },
	{ "primes", 5, { 2, 3, 5, 7, 11 } },
	{ "longest order", 2, { 1, 1023 } },
	{ "shortest stride", 2, { 1, 1024 } },
	{ "large primes", 3, { 65521, 65519, 65497 } },
	{ "16 servers", 16,
	  { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } },
};

KUNIT_ARRAY_PARAM_DESC(wrr, wrr_params, name);

/* In every cycle, wherever it begins, each server gets exactly its share. */
static void sched_wrr_exact(struct kunit *test)
{
	const struct wrr_param *p = test->param_value;
	struct fixture *f = new_fixture(test, "wrr", p->weights, p->count);
	u32 cycle = f->set->count == 1 ? 1 : f->set->cycle;
	u32 divisor, sum = 0, i;

	atomic64_set(&f->cursor, 12345);
	for (i = 0; i < p->count; i++)
		sum += p->weights[i];
	divisor = p->count == 1 ? p->weights[0] : sum / cycle;
	for (i = 0; i < 2 * cycle; i++)
		pick(f);
	for (i = 0; i < p->count; i++)
		KUNIT_EXPECT_EQ(test, f->picks[i],
				2 * p->weights[i] / divisor);
}

struct spread_param {
	const char *name;
	u32 weights[3];
	unsigned int longest;
};

/* With half of the weight or less nobody is picked more than twice in a row. */
static const struct spread_param spread_params[] = {
	{ "1:2:3", { 1, 2, 3 }, 2 },
	{ "2:1:1", { 2, 1, 1 }, 2 },
	{ "1:2:4", { 1, 2, 4 }, 2 },
	{ "50:25:25", { 50, 25, 25 }, 2 },
	{ "5:5:5", { 5, 5, 5 }, 1 },
	{ "long cycle", { 1009, 503, 509 }, 2 },
	{ "long cycle, one heavy", { 10007, 1, 1 }, 7000 },
};

KUNIT_ARRAY_PARAM_DESC(spread, spread_params, name);

static void sched_wrr_spread(struct kunit *test)
{
	const struct spread_param *p = test->param_value;
	struct fixture *f = new_fixture(test, "wrr", p->weights, 3);
	unsigned int run = 0, longest = 0, i;
	u32 last = U32_MAX, slot;

	for (i = 0; i < 3 * f->set->cycle; i++) {
		slot = pick(f);
		run = slot == last ? run + 1 : 1;
		longest = max(longest, run);
		last = slot;
	}
	KUNIT_EXPECT_LE(test, longest, p->longest);
}

static void sched_lc_levels(struct kunit *test)
{
	static const u32 weights[] = { 1, 9, 1, 1 };
	struct fixture *f = new_fixture(test, "lc", weights, 4);
	unsigned int i;

	atomic_set(&f->servers[0].active, 10);
	atomic_set(&f->servers[3].active, 5);
	for (i = 0; i < 25; i++)
		pick(f);
	/* 10 + 0 + 0 + 5 and 25 more make 10 for each. */
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, atomic_read(&f->servers[i].active), 10);
	pick(f);
	pick(f);
	pick(f);
	pick(f);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, atomic_read(&f->servers[i].active), 11);
}

static void sched_lc_counts_inactive_less(struct kunit *test)
{
	static const u32 weights[] = { 1, 1 };
	struct fixture *f = new_fixture(test, "lc", weights, 2);

	atomic_set(&f->servers[0].active, 1);
	atomic_set(&f->servers[1].inactive, 200);
	KUNIT_EXPECT_EQ(test, pick(f), 1);
	atomic_set(&f->servers[1].active, 0);
	atomic_set(&f->servers[1].inactive, 300);
	KUNIT_EXPECT_EQ(test, pick(f), 0);
}

/* Idle servers take turns, so that short connections do not all meet one. */
static void sched_lc_idle_in_turn(struct kunit *test)
{
	static const u32 weights[] = { 1, 1, 1 };
	struct fixture *f = new_fixture(test, "lc", weights, 3);
	unsigned int i;

	for (i = 0; i < 30; i++)
		f->picks[sluice_sched_pick(f->set)]++;
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, f->picks[i], 10);
}

static void sched_wlc_by_weight(struct kunit *test)
{
	static const u32 weights[] = { 1, 2, 3, 4 };
	struct fixture *f = new_fixture(test, "wlc", weights, 4);
	unsigned int i;

	for (i = 0; i < 1000; i++)
		pick(f);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, atomic_read(&f->servers[i].active),
				100 * weights[i]);
}

static void sched_wlc_large(struct kunit *test)
{
	static const u32 weights[] = { 65535, 1 };
	struct fixture *f = new_fixture(test, "wlc", weights, 2);

	/* The largest counts there can be must not wrap when multiplied. */
	atomic_set(&f->servers[0].active, INT_MAX - 1);
	atomic_set(&f->servers[1].active, 40000);
	KUNIT_EXPECT_EQ(test, pick(f), 0);
	atomic_set(&f->servers[1].active, 30000);
	KUNIT_EXPECT_EQ(test, pick(f), 1);
}

static struct kunit_case sched_cases[] = {
	KUNIT_CASE(sched_rr_in_turn),
	KUNIT_CASE(sched_rr_goes_on),
	KUNIT_CASE_PARAM(sched_wrr_exact, wrr_gen_params),
	KUNIT_CASE_PARAM(sched_wrr_spread, spread_gen_params),
	KUNIT_CASE(sched_lc_levels),
	KUNIT_CASE(sched_lc_counts_inactive_less),
	KUNIT_CASE(sched_lc_idle_in_turn),
	KUNIT_CASE(sched_wlc_by_weight),
	KUNIT_CASE(sched_wlc_large),
	{}
};

struct kunit_suite sluice_sched_suite = {
	.name = "sluice_sched",
	.test_cases = sched_cases,
};
