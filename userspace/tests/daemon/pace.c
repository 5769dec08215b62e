// SPDX-License-Identifier: GPL-2.0-or-later
/* Clients that keep up, and clients that do not, in time that passes as it is told. */
#include "../ktap.h"
#include "proxy/pace.h"

#define SECOND 1000000000ULL
#define WINDOW (30 * SECOND)
#define RATE 240LL

static struct ktap ktap;
static struct pace pace;
static uint64_t now;

static void begin(void)
{
	pace = (struct pace){ 0 };
	now = 1;
}

static void pass(uint64_t seconds, bool waits_after)
{
	now += seconds * SECOND;
	pace_wait(&pace, now, waits_after);
}

static void test_bytes(void)
{
	begin();
	pass(0, true);
	pass(29, true);
	ktap_result(&ktap, !pace_is_full(&pace, WINDOW),
		    "a window is not over before its time");
	pass(29, true);
	ktap_result(&ktap,
		    pace_is_full(&pace, WINDOW) &&
			    !pace_is_kept(&pace, 2, RATE),
		    "a byte every 29 s is too few");
	begin();
	pass(0, true);
	pass(30, true);
	ktap_result(&ktap, pace_is_kept(&pace, 30 * RATE, RATE),
		    "the least rate is enough");
	pass(30, true);
	ktap_result(&ktap, !pace_is_kept(&pace, 60 * RATE - 1, RATE),
		    "one byte less in the next window is not");
}

static void test_long(void)
{
	begin();
	pass(0, true);
	pass(86400, true);
	ktap_result(&ktap, pace_is_kept(&pace, 86400LL << 32, 1ULL << 32),
		    "the highest rate in the longest window");
	pass(86400, true);
	ktap_result(&ktap,
		    !pace_is_kept(&pace, (2 * 86400LL << 32) - 1, 1ULL << 32),
		    "and one byte less");
}

static void test_others(void)
{
	begin();
	pass(0, false);
	pass(3600, false);
	ktap_result(&ktap, !pace_is_full(&pace, WINDOW),
		    "while a server is waited for, time does not count");
	for (int i = 0; i < 29; i++) {
		pass(60, true);
		pass(1, false);
	}
	ktap_result(&ktap, !pace_is_full(&pace, WINDOW),
		    "of both in turns, the client's part counts");
	pass(60, true);
	pass(1, false);
	ktap_result(&ktap,
		    pace_is_full(&pace, WINDOW) &&
			    !pace_is_kept(&pace, 1, RATE),
		    "and is added up");
	begin();
	pass(0, true);
	pass(30, true);
	ktap_result(&ktap, pace_is_kept(&pace, -1000000, 0),
		    "no rate, no limit");
	pass(30, true);
	ktap_result(&ktap, pace_is_kept(&pace, 30 * RATE - 1000000, RATE),
		    "what was on its way before counts for what it is");
}

int main(void)
{
	ktap_begin();
	test_bytes();
	test_long();
	test_others();
	return ktap_end(&ktap);
}
