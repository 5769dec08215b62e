// SPDX-License-Identifier: GPL-2.0-or-later
/* Servers that fail are left out for a time, and never too many of them. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "../ktap.h"
#include "proxy/outlier.h"

#define SECOND ((uint64_t)1000000000)
#define THREADS 2
#define ROUNDS 20000

static struct outlier *make(size_t count, uint32_t share_max)
{
	const struct config_outlier config = {
		.errors = 3,
		.latency = 100,
		.time = 10000,
		.share_max = share_max,
	};
	struct outlier *outlier = outlier_create(&config, count);

	if (!outlier)
		abort();
	return outlier;
}

/* Return: for how long it is out. */
static uint64_t fail(struct outlier *outlier, size_t i, unsigned int times,
		     uint64_t now)
{
	uint64_t span = 0;

	while (times--)
		span += outlier_report(&outlier->servers[i], true, 0, now);
	return span;
}

static bool is_out(struct outlier *outlier, size_t i, uint64_t now)
{
	return outlier_ejected(&outlier->servers[i], now);
}

static bool in_a_row(void)
{
	struct outlier *outlier = make(10, 1000);
	uint64_t now = 5 * SECOND;
	bool passed;

	fail(outlier, 0, 2, now);
	outlier_report(&outlier->servers[0], false, 5, now);
	passed = fail(outlier, 0, 2, now) == 0 && !is_out(outlier, 0, now) &&
		 fail(outlier, 0, 1, now) == 10 * SECOND &&
		 is_out(outlier, 0, now) && !is_out(outlier, 1, now) &&
		 is_out(outlier, 0, now + 10 * SECOND - 1) &&
		 !is_out(outlier, 0, now + 10 * SECOND) &&
		 outlier->servers[0].ejections == 1 && outlier->out == 0;
	outlier_free(outlier);
	return passed;
}

static bool latency(void)
{
	struct outlier *outlier = make(10, 1000);
	struct outlier_server *server = &outlier->servers[0];
	bool passed = true;

	for (int n = 0; n < 10; n++)
		passed = passed && !outlier_report(server, false, 100000, 1);
	for (int n = 0; n < 3; n++)
		passed = passed &&
			 !!outlier_report(server, false, 100001, 1) == (n == 2);
	passed = passed && is_out(outlier, 0, 1);
	outlier->latency_us = 0;
	for (int n = 0; n < 10; n++)
		passed = passed && !outlier_report(&outlier->servers[1], false,
						   UINT64_MAX, 1);
	outlier_free(outlier);
	return passed;
}

/* What was under way says nothing about how the server is when it is back. */
static bool under_way(void)
{
	struct outlier *outlier = make(10, 1000);
	uint64_t now = SECOND;
	bool passed;

	fail(outlier, 0, 3, now);
	passed = fail(outlier, 0, 20, now + 1) == 0;
	now += 10 * SECOND;
	passed = passed && fail(outlier, 0, 2, now) == 0 &&
		 !is_out(outlier, 0, now) && fail(outlier, 0, 1, now) > 0;
	outlier_free(outlier);
	return passed;
}

static bool grows(void)
{
	struct outlier *outlier = make(10, 1000);
	uint64_t now = SECOND, span = 0;
	bool passed = true;

	for (unsigned int row = 1; row <= 15; row++) {
		unsigned int times = row < OUTLIER_ROW_MAX ? row :
							     OUTLIER_ROW_MAX;

		span = fail(outlier, 0, 3, now);
		passed = passed && span == 10 * SECOND * times &&
			 is_out(outlier, 0, now + span - 1);
		/* In for as long as it was out, and it fails again. */
		now += 2 * span;
		passed = passed && !is_out(outlier, 0, now);
	}
	/* A little longer, and it is as in the beginning. */
	now++;
	passed = passed && fail(outlier, 0, 3, now) == 10 * SECOND;
	outlier_free(outlier);
	return passed;
}

static bool most_out(size_t count, size_t up, uint32_t share_max, uint32_t most)
{
	struct outlier *outlier = make(count, share_max);
	uint32_t out = 0;
	bool passed;

	outlier_set_up(outlier, up);
	for (size_t i = 0; i < count; i++)
		out += fail(outlier, i, 3, SECOND) > 0;
	if (out != most)
		printf("# of %zu, %u out instead of %u\n", up, out, most);
	passed = out == most && outlier->kept == count - most;
	outlier_free(outlier);
	return passed;
}

static bool floors(void)
{
	return most_out(10, 10, 1000, 1) && most_out(10, 10, 1999, 1) &&
	       most_out(10, 10, 2000, 2) && most_out(3, 3, 1000, 1) &&
	       most_out(1, 1, 10000, 0) && most_out(2, 2, 1, 1) &&
	       most_out(2, 2, 0, 0) && most_out(10, 10, 10000, 9) &&
	       most_out(10, 2, 10000, 1) && most_out(10, 1, 10000, 0) &&
	       most_out(10, 0, 10000, 0) && most_out(10000, 10000, 333, 333);
}

/* Where nobody has looked at a server since its time was over, it makes room. */
static bool makes_room(void)
{
	struct outlier *outlier = make(10, 1000);
	uint64_t now = SECOND;
	bool passed;

	passed = fail(outlier, 0, 3, now) && !fail(outlier, 1, 3, now + 1) &&
		 outlier->kept == 1;
	now += 10 * SECOND;
	/* The third failure in a row of another three. */
	passed = passed && fail(outlier, 1, 2, now) == 0 &&
		 fail(outlier, 1, 1, now) > 0 && outlier->out == 1 &&
		 !is_out(outlier, 0, now) && is_out(outlier, 1, now);
	outlier_free(outlier);
	return passed;
}

static bool inherits(void)
{
	struct outlier *from = make(10, 2000), *to = make(10, 1000);
	uint64_t now = SECOND;
	bool passed;

	fail(from, 0, 3, now);
	fail(from, 1, 3, now);
	fail(from, 2, 2, now);
	for (size_t i = 0; i < 3; i++)
		outlier_inherit(&to->servers[i], &from->servers[i], now + 5);
	passed = is_out(to, 0, now + 10 * SECOND - 1) &&
		 !is_out(to, 1, now + 5) && to->out == 1 &&
		 !is_out(to, 0, now + 10 * SECOND) && to->out == 0 &&
		 fail(to, 2, 1, now + 10 * SECOND) == 10 * SECOND &&
		 fail(to, 0, 3, now + 19 * SECOND) == 0 &&
		 /* The second time in a row. */
		 fail(to, 0, 3, now + 20 * SECOND) == 20 * SECOND;
	outlier_free(from);
	outlier_free(to);
	return passed;
}

static struct {
	struct outlier *outlier;
	unsigned int arrived;
	unsigned int meetings;
	uint64_t ejected;
	bool too_many;
} shared;

/*
 * All of them go on at the same moment, which a barrier that sleeps would not give:
 * what is to be seen takes a few nanoseconds.
 */
static void meet(void)
{
	unsigned int meeting =
		__atomic_load_n(&shared.meetings, __ATOMIC_ACQUIRE);

	if (__atomic_add_fetch(&shared.arrived, 1, __ATOMIC_ACQ_REL) ==
	    THREADS) {
		__atomic_store_n(&shared.arrived, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&shared.meetings, meeting + 1,
				 __ATOMIC_RELEASE);
		return;
	}
	for (unsigned int spins = 0;
	     __atomic_load_n(&shared.meetings, __ATOMIC_ACQUIRE) == meeting;
	     spins++)
		if (spins > 1000)
			sched_yield();
}

static uint64_t time_of(unsigned int round)
{
	return 1000 * SECOND * (round + 1);
}

/* Fails all servers while the other does, then sees that they are back. */
static void one_round(unsigned int round)
{
	struct outlier *outlier = shared.outlier;
	uint64_t ejected = 0;

	for (size_t n = 0; n < 5 * outlier->count; n++) {
		ejected += fail(outlier, n % outlier->count, 1,
				time_of(round)) > 0;
		if (__atomic_load_n(&outlier->out, __ATOMIC_RELAXED) >
		    outlier->most)
			__atomic_store_n(&shared.too_many, true,
					 __ATOMIC_RELAXED);
	}
	__atomic_add_fetch(&shared.ejected, ejected, __ATOMIC_RELAXED);
}

static void all_back(unsigned int round)
{
	for (size_t i = 0; i < shared.outlier->count; i++)
		is_out(shared.outlier, i, time_of(round) + 500 * SECOND);
}

/* @say: what is wrong, if anything is. */
static bool count_out(unsigned int round, bool say)
{
	struct outlier *outlier = shared.outlier;
	uint32_t out = 0;

	for (size_t i = 0; i < outlier->count; i++)
		out += is_out(outlier, i, time_of(round));
	if (out == outlier->most && outlier->out == out &&
	    shared.ejected == out && !shared.too_many)
		return true;
	if (say)
		printf("# round %u: out: %u, counted: %u, ejected: %lu of %u\n",
		       round, out, outlier->out, shared.ejected, outlier->most);
	return false;
}

static void *other_thread(void *arg)
{
	(void)arg;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		meet();
		one_round(round);
		meet();
		meet();
		all_back(round);
		meet();
	}
	return NULL;
}

/* In every other round there is no more room than for one. */
static bool threads(void)
{
	unsigned int right = 0;
	pthread_t id;

	/* Each failure counts, so that both want to leave out the same server. */
	shared.outlier = make(4, 10000);
	shared.outlier->errors = 1;
	if (pthread_create(&id, NULL, other_thread, NULL))
		abort();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		outlier_set_up(shared.outlier, round % 2 ? 4 : 2);
		shared.ejected = 0;
		meet();
		one_round(round);
		meet();
		right += count_out(round, right == 2 * round);
		meet();
		all_back(round);
		meet();
		right += shared.outlier->out == 0;
	}
	pthread_join(id, NULL);
	outlier_free(shared.outlier);
	return right == 2 * ROUNDS;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	ktap_result(&ktap, in_a_row(), "failures in a row");
	ktap_result(&ktap, latency(), "answers that take long");
	ktap_result(&ktap, under_way(), "requests that were under way");
	ktap_result(&ktap, grows(), "out again and again");
	ktap_result(&ktap, floors(), "never too many");
	ktap_result(&ktap, makes_room(), "who is back makes room");
	ktap_result(&ktap, inherits(), "another configuration");
	ktap_result(&ktap, threads(), "never too many by several threads");
	return ktap_end(&ktap);
}
