// SPDX-License-Identifier: GPL-2.0-or-later
/* Schedulers choose servers in the shares, the order and the time that they should. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sluice/mix.h>

#include "../ktap.h"
#include "proxy/balance.h"

#define SERVERS_MAX 10000

static struct balance_load loads[SERVERS_MAX];
static struct balance_load *servers[SERVERS_MAX];
static bool out[SERVERS_MAX];
static unsigned int counts[SERVERS_MAX];
static struct config_hashing hashing;
static struct config_pool pool;

static bool is_in(void *arg, size_t i)
{
	(void)arg;
	return !out[i];
}

static const struct balance_ask ask = { .usable = is_in };

static const int schedulers[] = { CONFIG_RR,	CONFIG_WRR, CONFIG_LC,
				  CONFIG_WLC,	CONFIG_P2C, CONFIG_RANDOM,
				  CONFIG_MAGLEV };

#define SCHEDULERS (sizeof(schedulers) / sizeof(schedulers[0]))

/* Servers with these weights, idle and usable. */
static struct balance *make(int scheduler, const uint32_t *weights,
			    size_t count, uint64_t seed)
{
	pool.scheduler = scheduler;
	memset(out, 0, sizeof(out));
	memset(counts, 0, sizeof(counts));
	for (size_t i = 0; i < count; i++) {
		loads[i] = (struct balance_load){
			.weight = weights ? weights[i] : 1,
			.key = sluice_mix(i + 1),
		};
		servers[i] = &loads[i];
	}
	return balance_create(&pool, servers, count, seed);
}

/* Return: how many picks found a server. */
static unsigned int pick(struct balance *balance, unsigned int picks)
{
	unsigned int found = 0;
	struct balance_ask each = ask;
	int i;

	for (unsigned int n = 0; n < picks; n++) {
		each.hash = sluice_mix(n + 1);
		i = balance_pick(balance, &each);
		if (i < 0)
			continue;
		counts[i]++;
		found++;
	}
	return found;
}

static bool are(const unsigned int *expected, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (counts[i] == expected[i])
			continue;
		printf("# server %zu: %u instead of %u\n", i, counts[i],
		       expected[i]);
		return false;
	}
	return true;
}

#define ARE(...)                                            \
	are((const unsigned int[]){ __VA_ARGS__ },          \
	    sizeof((const unsigned int[]){ __VA_ARGS__ }) / \
		    sizeof(unsigned int))

/* Shares within a part of what is expected. */
static bool shares(const uint32_t *weights, size_t count, unsigned int picks,
		   double error)
{
	double all = 0;

	for (size_t i = 0; i < count; i++)
		all += weights[i];
	for (size_t i = 0; i < count; i++) {
		double expected = weights[i] / all * picks;

		if (counts[i] >= expected * (1 - error) &&
		    counts[i] <= expected * (1 + error))
			continue;
		printf("# server %zu: %u instead of %.0f\n", i, counts[i],
		       expected);
		return false;
	}
	return true;
}

static bool rr_in_turn(void)
{
	static const uint32_t weights[] = { 1, 9, 0, 2 };
	struct balance *balance = make(CONFIG_RR, weights, 4, 1);
	bool passed;
	int last;

	pick(balance, 300);
	passed = ARE(100, 100, 0, 100);
	out[1] = true;
	pick(balance, 100);
	passed = passed && ARE(150, 100, 0, 150);
	/* Nobody is chosen twice in a row. */
	out[1] = false;
	last = balance_pick(balance, &ask);
	for (int n = 0; n < 10; n++) {
		int i = balance_pick(balance, &ask);

		passed = passed && i != last;
		last = i;
	}
	balance_free(balance);
	return passed;
}

static bool rr_weights(void)
{
	static const uint32_t weights[] = { 1, 1, 1 };
	struct balance *balance = make(CONFIG_RR, weights, 3, 1);
	bool passed;

	/* Even before it is told, never one of weight 0. */
	loads[0].weight = 0;
	pick(balance, 10);
	passed = ARE(0, 5, 5);
	balance_weights(balance);
	pick(balance, 10);
	passed = passed && ARE(0, 10, 10);
	loads[0].weight = 1;
	balance_weights(balance);
	pick(balance, 30);
	passed = passed && ARE(10, 20, 20);
	balance_free(balance);
	return passed;
}

static bool wrr_exact(uint64_t seed)
{
	static const uint32_t weights[] = { 5, 1, 1, 0, 13, 65535 };
	struct balance *balance = make(CONFIG_WRR, weights, 6, seed);
	bool passed = true;

	for (unsigned int round = 1; round <= 3 && passed; round++) {
		pick(balance, 65555);
		passed = ARE(5 * round, round, round, 0, 13 * round,
			     65535 * round);
	}
	balance_free(balance);
	return passed;
}

/*
 * At no time has anybody had more than two turns more or less than its share, and
 * small ones do not come all together.
 */
static bool wrr_smooth(uint64_t seed)
{
	static uint32_t weights[101];
	unsigned int in_row = 0, most = 0;
	struct balance *balance;
	bool passed = true;

	for (size_t i = 0; i < 101; i++)
		weights[i] = i ? 1 : 100;
	balance = make(CONFIG_WRR, weights, 101, seed);
	for (unsigned int n = 1; n <= 1000; n++) {
		int i = balance_pick(balance, &ask);
		double off;

		counts[i]++;
		in_row = i ? in_row + 1 : 0;
		most = in_row > most ? in_row : most;
		off = counts[0] - n / 2.0;
		passed = passed && off <= 4 && off >= -4;
	}
	printf("# most small ones in a row: %u\n", most);
	balance_free(balance);
	return passed && most <= 4;
}

/* Those that are out lose their turns: they do not make up for it. */
static bool wrr_passed_over(void)
{
	static const uint32_t weights[] = { 60000, 3, 2, 1 };
	struct balance *balance = make(CONFIG_WRR, weights, 4, 3);
	bool passed;

	out[0] = true;
	pick(balance, 6);
	passed = ARE(0, 3, 2, 1);
	pick(balance, 600);
	passed = passed && ARE(0, 303, 202, 101);
	out[0] = false;
	out[1] = true;
	memset(counts, 0, sizeof(counts));
	pick(balance, 60003);
	out[1] = false;
	passed = passed && ARE(60000, 0, 2, 1);
	memset(counts, 0, sizeof(counts));
	for (int n = 0; n < 10; n++)
		counts[balance_pick(balance, &ask)]++;
	passed = passed && counts[1] <= 1;
	balance_free(balance);
	return passed;
}

/* More are out than go aside, and come back one after the other. */
static bool wrr_many_out(void)
{
	struct balance *balance = make(CONFIG_WRR, NULL, 100, 3);
	unsigned int most = 0, least = 1000;
	bool passed = true;

	for (size_t i = 0; i < 97; i++)
		out[i] = true;
	pick(balance, 300);
	for (size_t i = 0; i < 100; i++)
		passed = passed && counts[i] == (i < 97 ? 0 : 100);
	memset(out, 0, sizeof(out));
	memset(counts, 0, sizeof(counts));
	pick(balance, 1000);
	for (size_t i = 0; i < 100; i++) {
		most = counts[i] > most ? counts[i] : most;
		least = counts[i] < least ? counts[i] : least;
	}
	printf("# back in, of 10 turns: from %u to %u\n", least, most);
	balance_free(balance);
	return passed && least >= 9 && most <= 11;
}

static bool wrr_weights(void)
{
	static const uint32_t weights[] = { 10, 20, 0 };
	struct balance *balance = make(CONFIG_WRR, weights, 3, 3);
	bool passed;

	pick(balance, 300);
	passed = ARE(100, 200, 0);
	loads[0].weight = 0;
	loads[2].weight = 40;
	balance_weights(balance);
	pick(balance, 600);
	passed = passed && ARE(100, 400, 400);
	/* Slow start: a weight that grows each time. */
	memset(counts, 0, sizeof(counts));
	for (uint32_t weight = 1; weight <= 100; weight++) {
		loads[0].weight = weight;
		balance_weights(balance);
		pick(balance, 60 + weight);
	}
	passed = passed &&
		 shares((const uint32_t[]){ 5050, 2000, 4000 }, 3, 11050, 0.02);
	/* A weight that changes more often than a server has its turn. */
	memset(counts, 0, sizeof(counts));
	for (uint32_t n = 0; n < 3500; n++) {
		loads[0].weight = 9 + 2 * (n % 2);
		balance_weights(balance);
		pick(balance, 2);
	}
	passed = passed &&
		 shares((const uint32_t[]){ 10, 20, 40 }, 3, 7000, 0.02);
	balance_free(balance);
	return passed;
}

/* Time starts again before it runs over, here some times. */
static bool wrr_forever(void)
{
	static const uint32_t weights[] = { 1, 2, 3, 7 };
	struct balance *balance = make(CONFIG_WRR, weights, 4, 3);
	bool passed;

	pick(balance, 13 * 200000);
	passed = ARE(200000, 400000, 600000, 1400000);
	balance_free(balance);
	return passed;
}

static bool least_connections(int scheduler)
{
	static const uint32_t weights[] = { 1, 1, 4, 0 };
	bool weighted = scheduler == CONFIG_WLC, passed;
	struct balance *balance = make(scheduler, weights, 4, 5);

	/* Idle, they take turns. */
	pick(balance, 300);
	passed = ARE(100, 100, 100, 0);
	loads[0].active = 3;
	loads[1].active = 2;
	loads[2].active = 7;
	passed = passed && balance_pick(balance, &ask) == (weighted ? 2 : 1);
	out[1] = true;
	out[2] = true;
	passed = passed && balance_pick(balance, &ask) == 0;
	memset(out, 0, sizeof(out));
	/* Requests that stay: in the end by weight. */
	for (size_t i = 0; i < 4; i++)
		loads[i].active = 0;
	for (int n = 0; n < 600; n++)
		loads[balance_pick(balance, &ask)].active++;
	for (size_t i = 0; i < 4; i++)
		counts[i] = loads[i].active;
	passed = passed &&
		 (weighted ? ARE(100, 100, 400, 0) : ARE(200, 200, 200, 0));
	balance_free(balance);
	return passed;
}

static bool random_shares(void)
{
	static const uint32_t weights[] = { 1, 2, 3, 0, 4 };
	static const uint32_t left[] = { 1, 2, 0, 0, 4 };
	struct balance *balance = make(CONFIG_RANDOM, weights, 5, 5);
	bool passed;

	pick(balance, 100000);
	passed = shares(weights, 5, 100000, 0.03);
	out[2] = true;
	memset(counts, 0, sizeof(counts));
	pick(balance, 100000);
	passed = passed && shares(left, 5, 100000, 0.03);
	balance_free(balance);
	return passed;
}

/* So few are usable that all are looked at. */
static bool random_few(void)
{
	static uint32_t weights[1000], left[1000];
	struct balance *balance;
	bool passed;

	for (size_t i = 0; i < 1000; i++) {
		weights[i] = 1 + i % 3;
		left[i] = i >= 997 ? weights[i] : 0;
	}
	balance = make(CONFIG_RANDOM, weights, 1000, 5);
	for (size_t i = 0; i < 997; i++)
		out[i] = true;
	passed = pick(balance, 20000) == 20000 &&
		 shares(left, 1000, 20000, 0.05);
	balance_free(balance);
	return passed;
}

/* Two different ones are drawn, the second by the weights of all but the first. */
static bool p2c_second(void)
{
	static const uint32_t weights[] = { 1, 60000, 0, 3 };
	struct balance *balance = make(CONFIG_P2C, weights, 4, 5);
	bool passed;

	loads[1].active = 4000000000;
	pick(balance, 40000);
	passed = shares((const uint32_t[]){ 1, 0, 0, 3 }, 4, 40000, 0.05);
	balance_free(balance);
	return passed;
}

/* The one that has more to do is never taken where there are two. */
static bool p2c_two(void)
{
	static const uint32_t weights[] = { 1, 65535 };
	struct balance *balance = make(CONFIG_P2C, weights, 2, 5);
	bool passed;

	loads[1].active = 65536;
	loads[0].active = 1;
	pick(balance, 100);
	passed = ARE(100, 0);
	loads[1].active = 65534;
	pick(balance, 100);
	passed = passed && ARE(100, 100);
	out[1] = true;
	pick(balance, 100);
	passed = passed && ARE(200, 100);
	balance_free(balance);
	return passed;
}

static bool p2c_shares(void)
{
	static const uint32_t weights[] = { 1, 2, 3, 0, 4 };
	struct balance *balance = make(CONFIG_P2C, weights, 5, 5);
	unsigned int least = 1000, most = 0;
	bool passed;

	pick(balance, 100000);
	passed = shares(weights, 5, 100000, 0.03);
	balance_free(balance);

	/* Requests that stay are spread evenly. */
	balance = make(CONFIG_P2C, NULL, 100, 5);
	for (int n = 0; n < 10000; n++)
		loads[balance_pick(balance, &ask)].active++;
	for (size_t i = 0; i < 100; i++) {
		least = loads[i].active < least ? loads[i].active : least;
		most = loads[i].active > most ? loads[i].active : most;
	}
	printf("# of 100 each: from %u to %u\n", least, most);
	balance_free(balance);
	return passed && least >= 95 && most <= 105;
}

static bool maglev_stays(void)
{
	static const uint32_t weights[] = { 1, 2, 3, 0, 4 };
	struct balance *balance = make(CONFIG_MAGLEV, weights, 5, 1);
	struct balance *other = balance_create(&pool, servers, 5, 2);
	struct balance_ask each = ask;
	unsigned int elsewhere[5] = { 0 }, back = 0;
	bool passed = true;

	for (uint64_t n = 1; n <= 50000; n++) {
		int first, second;

		each.hash = sluice_mix(n);
		first = balance_pick(balance, &each);
		counts[first]++;
		passed = passed && balance_pick(other, &each) == first;
		out[1] = true;
		second = balance_pick(balance, &each);
		passed = passed && balance_pick(other, &each) == second &&
			 (first == 1 ? second != 1 : second == first);
		if (first == 1)
			elsewhere[second]++;
		out[1] = false;
		back += balance_pick(balance, &each) == first;
	}
	passed = passed && shares(weights, 5, 50000, 0.05) && back == 50000;
	/* A fifth of them, spread over the others by weight. */
	memcpy(counts, elsewhere, sizeof(elsewhere));
	passed = passed &&
		 shares((const uint32_t[]){ 1, 0, 3, 0, 4 }, 5,
			elsewhere[0] + elsewhere[2] + elsewhere[4], 0.1);
	balance_free(balance);
	balance_free(other);
	return passed;
}

static bool maglev_few(void)
{
	static uint32_t weights[1000];
	struct balance *balance;
	struct balance_ask each = ask;
	bool passed = true;

	for (size_t i = 0; i < 1000; i++)
		weights[i] = 1;
	balance = make(CONFIG_MAGLEV, weights, 1000, 5);
	for (size_t i = 2; i < 1000; i++)
		out[i] = true;
	for (uint64_t n = 1; n <= 1000; n++) {
		int i;

		each.hash = sluice_mix(n);
		i = balance_pick(balance, &each);
		counts[i]++;
		passed = passed && balance_pick(balance, &each) == i;
	}
	passed = passed && counts[0] + counts[1] == 1000 && counts[0] > 400 &&
		 counts[1] > 400;
	balance_free(balance);
	return passed;
}

/* Everybody asks for the same: no server has more than the bound says. */
static bool maglev_bound(void)
{
	static const uint32_t weights[] = { 1, 2, 3, 0, 4 };
	struct balance_ask each = ask;
	struct balance *balance;
	bool passed = true;
	int first;

	hashing.bound = 12500;
	pool.hash = &hashing;
	balance = make(CONFIG_MAGLEV, weights, 5, 1);
	each.hash = sluice_mix(1);
	first = balance_pick(balance, &each);
	for (unsigned int n = 1; n <= 10000; n++) {
		int i = balance_pick(balance, &each);

		loads[i].active++;
		/* Rounded up. */
		passed = passed &&
			 loads[i].active < 1.25 * n * weights[i] / 10 + 1;
	}
	printf("# of 10000: %u %u %u %u %u\n", loads[0].active, loads[1].active,
	       loads[2].active, loads[3].active, loads[4].active);
	passed = passed && loads[first].active >= 1249 * weights[first] - 1;
	/* When they are over, it has what it had. */
	for (size_t i = 0; i < 5; i++)
		loads[i].active = 0;
	passed = passed && balance_pick(balance, &each) == first;
	/* If others cannot, the bound does not count, but load does. */
	for (size_t i = 0; i < 5; i++) {
		loads[i].active = i < 2 ? 100 : 1000;
		out[i] = i >= 2;
	}
	loads[0].active = 1000;
	loads[1].active = 1001;
	passed = passed && balance_pick(balance, &each) == 1;
	balance_free(balance);
	pool.hash = NULL;
	return passed;
}

static bool maglev_weights(void)
{
	struct balance *balance = make(CONFIG_MAGLEV, NULL, 10, 1);
	struct balance_ask each = ask;
	static int before[10000];
	unsigned int moved = 0;
	bool passed = true;

	for (uint64_t n = 0; n < 10000; n++) {
		each.hash = sluice_mix(n + 1);
		before[n] = balance_pick(balance, &each);
	}
	loads[3].weight = 0;
	balance_weights(balance);
	for (uint64_t n = 0; n < 10000; n++) {
		int i;

		each.hash = sluice_mix(n + 1);
		i = balance_pick(balance, &each);
		passed = passed && i != 3;
		moved += before[n] != 3 && before[n] != i;
	}
	printf("# others moved: %u of 10000\n", moved);
	balance_free(balance);
	return passed && moved < 100;
}

/* All schedulers, where there is nobody to choose, or one. */
static bool nobody(void)
{
	static const uint32_t none[3];
	bool passed = true;

	for (size_t s = 0; s < SCHEDULERS; s++) {
		struct balance *balance = make(schedulers[s], NULL, 0, 9);

		passed = passed && pick(balance, 10) == 0;
		balance_weights(balance);
		passed = passed && pick(balance, 10) == 0;
		balance_free(balance);

		balance = make(schedulers[s], none, 3, 9);
		passed = passed && pick(balance, 10) == 0;
		loads[1].weight = 5;
		balance_weights(balance);
		passed = passed && pick(balance, 10) == 10 && counts[1] == 10;
		out[1] = true;
		passed = passed && pick(balance, 10) == 0;
		balance_free(balance);

		balance = make(schedulers[s], NULL, 50, 9);
		memset(out, 1, sizeof(out));
		passed = passed && pick(balance, 10) == 0;
		out[31] = false;
		passed = passed && pick(balance, 10) == 10 && counts[31] == 10;
		memset(out, 0, sizeof(out));
		passed = passed && pick(balance, 100) == 100;
		balance_free(balance);
		if (!passed) {
			printf("# scheduler %d\n", schedulers[s]);
			return false;
		}
	}
	errno = 0;
	return !balance_create(&pool, servers, BALANCE_SERVERS_MAX + 1, 1) &&
	       errno == E2BIG;
}

/* @usable may be left out. */
static bool any_may(void)
{
	static const struct balance_ask any;

	for (size_t s = 0; s < SCHEDULERS; s++) {
		struct balance *balance = make(schedulers[s], NULL, 3, 9);
		int i = balance_pick(balance, &any);

		balance_free(balance);
		if (i < 0 || i > 2)
			return false;
	}
	return true;
}

/* Workers do not all begin with the same server. */
static bool different_starts(int scheduler)
{
	bool seen[10] = { false };
	unsigned int different = 0;

	for (uint64_t seed = 0; seed < 50; seed++) {
		struct balance *balance = make(scheduler, NULL, 10, seed);
		int i = balance_pick(balance, &ask);

		balance_free(balance);
		different += !seen[i];
		seen[i] = true;
	}
	return different >= 8;
}

static void say_time(void)
{
	for (size_t s = 0; s < SCHEDULERS; s++) {
		for (size_t n = 10; n <= SERVERS_MAX; n *= 1000) {
			static uint32_t weights[SERVERS_MAX];
			struct timespec from, to;
			struct balance *balance;

			for (size_t i = 0; i < n; i++)
				weights[i] = 1 + i % 9;
			balance = make(schedulers[s], weights, n, 9);
			for (size_t i = 0; i < n; i++)
				loads[i].active = 1 + i % 50;
			clock_gettime(CLOCK_MONOTONIC, &from);
			pick(balance, 2000);
			clock_gettime(CLOCK_MONOTONIC, &to);
			printf("# scheduler %d, %zu servers: %ld ns a pick\n",
			       schedulers[s], n,
			       ((to.tv_sec - from.tv_sec) * 1000000000L +
				to.tv_nsec - from.tv_nsec) /
				       2000);
			balance_free(balance);
		}
	}
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	ktap_result(&ktap, rr_in_turn(), "rr: in turn, but for who is out");
	ktap_result(&ktap, rr_weights(), "rr: weight 0, and back");
	ktap_result(&ktap, wrr_exact(1) && wrr_exact(2) && wrr_exact(3),
		    "wrr: exact shares");
	ktap_result(&ktap, wrr_smooth(1) && wrr_smooth(2) && wrr_smooth(3),
		    "wrr: spread evenly");
	ktap_result(&ktap, wrr_passed_over(), "wrr: who is out loses turns");
	ktap_result(&ktap, wrr_many_out(), "wrr: many are out");
	ktap_result(&ktap, wrr_weights(), "wrr: weights change");
	ktap_result(&ktap, wrr_forever(), "wrr: for a long time");
	ktap_result(&ktap, least_connections(CONFIG_LC), "lc");
	ktap_result(&ktap, least_connections(CONFIG_WLC), "wlc");
	ktap_result(&ktap, random_shares(), "random: by weight");
	ktap_result(&ktap, random_few(), "random: few are usable");
	ktap_result(&ktap, p2c_two(), "p2c: the better one of two");
	ktap_result(&ktap, p2c_second(), "p2c: two different ones");
	ktap_result(&ktap, p2c_shares(), "p2c: by weight, evenly");
	ktap_result(&ktap, maglev_stays(), "maglev: each hash has its server");
	ktap_result(&ktap, maglev_few(), "maglev: few are usable");
	ktap_result(&ktap, maglev_bound(), "maglev: no more than the bound");
	ktap_result(&ktap, maglev_weights(), "maglev: weights change");
	ktap_result(&ktap, nobody(), "nobody to choose");
	ktap_result(&ktap, any_may(), "whoever it is");
	ktap_result(&ktap,
		    different_starts(CONFIG_RR) &&
			    different_starts(CONFIG_WRR) &&
			    different_starts(CONFIG_LC) &&
			    different_starts(CONFIG_RANDOM),
		    "workers begin differently");
	say_time();
	return ktap_end(&ktap);
}
