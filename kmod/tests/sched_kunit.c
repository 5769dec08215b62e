// SPDX-License-Identifier: GPL-2.0
/* Schedulers: who gets how many connections, and the counts they go by. */

#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/smp.h>

#include "../load.h"
#include "../sched.h"
#include "../server.h"
#include "suites.h"

#define SERVERS_MAX 16

/* What a test schedules over, as a pool would have it. */
struct fixture {
	struct sluice_server *servers[SERVERS_MAX];
	struct sluice_sched_set *set;
	struct sluice_sched_cursor cursor;
	unsigned int picks[SERVERS_MAX];
};

static void free_set(void *set)
{
	sluice_sched_set_free(set);
}

static void free_server(void *server)
{
	sluice_server_free(server);
}

static void exit_cursor(void *cursor)
{
	sluice_sched_cursor_exit(cursor);
}

static struct sluice_server *new_server(struct kunit *test)
{
	static const struct sluice_server_key key;
	static const struct sluice_server_params params = {
		.weight = 1,
		.state = SLUICE_SERVER_STATE_UP,
	};
	struct sluice_server *server = sluice_server_alloc(&key, &params);

	KUNIT_ASSERT_NOT_NULL(test, server);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_server, server));
	return server;
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
	KUNIT_ASSERT_EQ(test, 0,
			sluice_sched_cursor_init(&f->cursor, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, exit_cursor, &f->cursor));
	f->set = sluice_sched_set_alloc(sched, &f->cursor, count);
	KUNIT_ASSERT_NOT_NULL(test, f->set);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_set, f->set));
	for (i = 0; i < count; i++) {
		f->servers[i] = new_server(test);
		f->set->slot[i].server = f->servers[i];
		f->set->slot[i].weight = weights[i];
	}
	KUNIT_ASSERT_EQ(test, sluice_sched_set_prepare(f->set), 0);
	return f;
}

/* Pick once; the connection stays, as an active one. */
static u32 pick(struct fixture *f)
{
	u32 slot;

	local_bh_disable();
	slot = sluice_sched_pick(f->set);
	f->picks[slot]++;
	sluice_server_count(f->servers[slot], SLUICE_STATE_DEAD,
			    SLUICE_STATE_ESTABLISHED);
	local_bh_enable();
	return slot;
}

/* Pick many times, on one CPU: another one would number its picks apart. */
static void pick_many(struct fixture *f, unsigned int times)
{
	unsigned int i;

	migrate_disable();
	for (i = 0; i < times; i++)
		pick(f);
	migrate_enable();
}

/* Set counts that no test makes one by one. */
static void set_active(struct fixture *f, u32 slot, int count)
{
	atomic_set(&f->servers[slot]->active.sum, count);
}

static void set_inactive(struct fixture *f, u32 slot, int count)
{
	atomic_set(&f->servers[slot]->inactive.sum, count);
}

static u32 active(struct fixture *f, u32 slot)
{
	return sluice_server_count_read(&f->servers[slot]->active);
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

	atomic64_set(&f->cursor.drawn, 6);
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

	atomic64_set(&f->cursor.drawn, 12345);
	for (i = 0; i < p->count; i++)
		sum += p->weights[i];
	divisor = p->count == 1 ? p->weights[0] : sum / cycle;
	pick_many(f, 2 * cycle);
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

	migrate_disable();
	for (i = 0; i < 3 * f->set->cycle; i++) {
		slot = pick(f);
		run = slot == last ? run + 1 : 1;
		longest = max(longest, run);
		last = slot;
	}
	migrate_enable();
	KUNIT_EXPECT_LE(test, longest, p->longest);
}

static void sched_lc_levels(struct kunit *test)
{
	static const u32 weights[] = { 1, 9, 1, 1 };
	struct fixture *f = new_fixture(test, "lc", weights, 4);
	unsigned int i;

	set_active(f, 0, 10);
	set_active(f, 3, 5);
	pick_many(f, 25);
	/* 10 + 0 + 0 + 5 and 25 more make 10 for each. */
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, active(f, i), 10);
	pick_many(f, 4);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, active(f, i), 11);
}

static void sched_lc_counts_inactive_less(struct kunit *test)
{
	static const u32 weights[] = { 1, 1 };
	struct fixture *f = new_fixture(test, "lc", weights, 2);

	set_active(f, 0, 1);
	set_inactive(f, 1, 200);
	KUNIT_EXPECT_EQ(test, pick(f), 1);
	set_active(f, 1, 0);
	set_inactive(f, 1, 300);
	KUNIT_EXPECT_EQ(test, pick(f), 0);
}

/* Idle servers take turns, so that short connections do not all meet one. */
static void sched_lc_idle_in_turn(struct kunit *test)
{
	static const u32 weights[] = { 1, 1, 1 };
	struct fixture *f = new_fixture(test, "lc", weights, 3);
	unsigned int i;

	local_bh_disable();
	for (i = 0; i < 30; i++)
		f->picks[sluice_sched_pick(f->set)]++;
	local_bh_enable();
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, f->picks[i], 10);
}

static void sched_wlc_by_weight(struct kunit *test)
{
	static const u32 weights[] = { 1, 2, 3, 4 };
	struct fixture *f = new_fixture(test, "wlc", weights, 4);
	unsigned int i;

	pick_many(f, 1000);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, active(f, i), 100 * weights[i]);
}

static void sched_wlc_large(struct kunit *test)
{
	static const u32 weights[] = { 65535, 1 };
	struct fixture *f = new_fixture(test, "wlc", weights, 2);

	/* The largest counts there can be must not wrap when multiplied. */
	set_active(f, 0, INT_MAX - 1);
	set_active(f, 1, 40000);
	KUNIT_EXPECT_EQ(test, pick(f), 0);
	set_active(f, 1, 30000);
	KUNIT_EXPECT_EQ(test, pick(f), 1);
}

/* What one CPU does while another one waits. */
struct remote {
	struct fixture *f;
	unsigned int times;
};

static void pick_here(void *arg)
{
	struct remote *remote = arg;
	unsigned int i;

	for (i = 0; i < remote->times; i++)
		remote->f->picks[sluice_sched_pick(remote->f->set)]++;
}

static void on_cpu(struct kunit *test, int cpu, smp_call_func_t what, void *arg)
{
	KUNIT_ASSERT_EQ(test, 0, smp_call_function_single(cpu, what, arg, 1));
}

/* CPUs with few picks take servers in turn as if they were one. */
static void sched_rr_few_on_all_cpus(struct kunit *test)
{
	static const u32 weights[] = { 1, 1, 1 };
	struct fixture *f = new_fixture(test, "rr", weights, 3);
	struct remote remote = { f, 1 };
	unsigned int turns = 0, i;
	int cpu;

	while (turns < 12) {
		for_each_online_cpu(cpu) {
			on_cpu(test, cpu, pick_here, &remote);
			turns++;
			for (i = 0; i < 3; i++)
				KUNIT_EXPECT_EQ(test, f->picks[i],
						(turns + 2 - i) / 3);
		}
	}
}

/* With many the sum is off by one for each CPU, at most. */
static void sched_rr_many_on_all_cpus(struct kunit *test)
{
	static const u32 weights[] = { 1, 1, 1 };
	struct fixture *f = new_fixture(test, "rr", weights, 3);
	struct remote remote = { f, 0 };
	unsigned int low, high, round, i;
	u64 drawn, picked = 0;
	int cpu;

	for (round = 0; round < 20; round++) {
		for_each_online_cpu(cpu) {
			remote.times = 20000 + 1237 * round + 101 * cpu;
			on_cpu(test, cpu, pick_here, &remote);
			picked += remote.times;
		}
		low = min3(f->picks[0], f->picks[1], f->picks[2]);
		high = max3(f->picks[0], f->picks[1], f->picks[2]);
		KUNIT_EXPECT_LE(test, high - low, 1 + num_online_cpus());
	}
	/* Each number is used once; a few are in stock. */
	drawn = atomic64_read(&f->cursor.drawn);
	for_each_possible_cpu(cpu) {
		i = per_cpu_ptr(f->cursor.cpu, cpu)->left;
		KUNIT_EXPECT_LT(test, i, SLUICE_SCHED_STOCK);
		picked += i;
	}
	KUNIT_EXPECT_EQ(test, picked, drawn);
}

/* Connections come and go on one CPU. */
struct change {
	struct sluice_server *server;
	unsigned int times;
	bool end;
	u32 before;
	u32 after;
	unsigned int writes;
};

static void change_here(void *arg)
{
	struct change *c = arg;
	struct sluice_tally *tally = &c->server->active;
	enum sluice_state from = SLUICE_STATE_DEAD;
	enum sluice_state to = SLUICE_STATE_ESTABLISHED;
	unsigned int i;
	int sum;

	if (c->end)
		swap(from, to);
	c->before = sluice_server_count_estimate(tally);
	for (i = 0; i < c->times; i++) {
		sum = atomic_read(&tally->sum);
		sluice_server_count(c->server, from, to);
		c->writes += atomic_read(&tally->sum) != sum;
	}
	c->after = sluice_server_count_estimate(tally);
}

/* While there are few connections each CPU knows them all. */
static void sched_counts_few(struct kunit *test)
{
	unsigned int most = 128 * num_online_cpus() - 1, count = 0;
	struct change c = { new_server(test), 1 };
	int cpu;

	while (count < most) {
		for_each_online_cpu(cpu) {
			if (count == most)
				break;
			on_cpu(test, cpu, change_here, &c);
			KUNIT_ASSERT_EQ(test, c.before, count);
			count++;
			KUNIT_ASSERT_EQ(test, c.after, count);
		}
	}
}

/*
 * With many, what a CPU knows is right within one part in 64 and it seldom writes
 * what others read; when they go, wherever they came, it is exact again.
 */
static void sched_counts_many(struct kunit *test)
{
	unsigned int few = 64 * num_online_cpus() - 1, count = 0;
	struct change c = { new_server(test), 997 };
	struct sluice_tally *tally = &c.server->active;
	int cpu;

	while (count < 300000) {
		for_each_online_cpu(cpu) {
			on_cpu(test, cpu, change_here, &c);
			count += c.times;
			KUNIT_ASSERT_LE(test, abs((int)(c.after - count)),
					count / 64);
			KUNIT_ASSERT_EQ(test, sluice_server_count_read(tally),
					count);
		}
	}
	/* From now on, at a quarter of what may be kept back, or more. */
	c.writes = 0;
	for_each_online_cpu(cpu) {
		on_cpu(test, cpu, change_here, &c);
		count += c.times;
	}
	KUNIT_EXPECT_LE(test, c.writes,
			1 + num_online_cpus() * c.times /
			    (count / 64 / roundup_pow_of_two(num_online_cpus()) / 4));
	/* All ends on one CPU, which is not the one where most came. */
	cpu = cpumask_first(cpu_online_mask);
	c.end = true;
	while (count > few) {
		c.times = min(count - few, 997);
		on_cpu(test, cpu, change_here, &c);
		count -= c.times;
		KUNIT_ASSERT_LE(test, abs((int)(c.after - count)),
				count / 64 + 1);
		KUNIT_ASSERT_EQ(test, sluice_server_count_read(tally), count);
	}
	KUNIT_EXPECT_EQ(test, tally->batch, 0);
	c.times = 1;
	while (count) {
		for_each_online_cpu(cpu) {
			if (!count)
				break;
			on_cpu(test, cpu, change_here, &c);
			KUNIT_ASSERT_EQ(test, c.before, count);
			count--;
			KUNIT_ASSERT_EQ(test, c.after, count);
		}
	}
	/* Never below zero, whatever comes first. */
	on_cpu(test, cpumask_first(cpu_online_mask), change_here, &c);
	KUNIT_EXPECT_EQ(test, c.after, 0);
	KUNIT_EXPECT_EQ(test, sluice_server_count_read(tally), 0);
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
	KUNIT_CASE(sched_rr_few_on_all_cpus),
	KUNIT_CASE(sched_rr_many_on_all_cpus),
	KUNIT_CASE(sched_counts_few),
	KUNIT_CASE(sched_counts_many),
	{}
};

struct kunit_suite sluice_sched_suite = {
	.name = "sluice_sched",
	.test_cases = sched_cases,
};
