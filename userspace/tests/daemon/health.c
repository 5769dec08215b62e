// SPDX-License-Identifier: GPL-2.0-or-later
/* Rise and fall, and when the next check is. */
#include <stdlib.h>
#include <string.h>

#include "../ktap.h"
#include "check/health.h"

/*
 * Results as + and -; after each, the state as u, d or ?, and the interval: n for
 * the normal one, f for fast, d for that of a server that is down.
 */
static const struct {
	const char *name;
	unsigned int rise, fall;
	enum check_state known;
	const char *results;
	const char *states;
	const char *intervals;
} cases[] = {
	{ "the first result decides: up", 3, 3, CHECK_UNKNOWN, "+", "u", "n" },
	{ "the first result decides: down", 3, 3, CHECK_UNKNOWN, "-", "d",
	  "d" },
	{ "down at the third failure in a row", 2, 3, CHECK_UP, "--+---",
	  "uuuuud", "ffnffd" },
	{ "up at the second success in a row", 2, 3, CHECK_DOWN, "+-++", "dddu",
	  "fdfn" },
	{ "at once with 1", 1, 1, CHECK_UP, "-+-+", "dudu", "dndn" },
	{ "known from before counts", 2, 2, CHECK_DOWN, "-+", "dd", "df" },
};

static bool follow(size_t i)
{
	const struct check_spec spec = {
		.interval_ms = 1000,
		.fast_interval_ms = 100,
		.down_interval_ms = 5000,
		.rise = cases[i].rise,
		.fall = cases[i].fall,
	};
	struct check_health health = { .state = cases[i].known };
	enum check_state before = health.state;
	bool passed = true;

	for (size_t n = 0; cases[i].results[n]; n++) {
		bool changed = check_health_feed(&health, &spec,
						 cases[i].results[n] == '+');
		unsigned int interval = check_health_interval(&health, &spec);
		char state = "?ud"[health.state];
		char kind = interval == 1000 ? 'n' :
			    interval == 100  ? 'f' :
			    interval == 5000 ? 'd' :
					       '?';

		passed = passed && state == cases[i].states[n] &&
			 kind == cases[i].intervals[n] &&
			 changed == (health.state != before);
		if (!passed)
			printf("# after %zu: %c %c\n", n + 1, state, kind);
		before = health.state;
	}
	return passed;
}

static bool other_intervals_default(void)
{
	const struct check_spec spec = { .interval_ms = 700 };
	struct check_health health = { .state = CHECK_UNKNOWN };
	bool passed = check_health_interval(&health, &spec) == 700;

	health.state = CHECK_DOWN;
	return passed && check_health_interval(&health, &spec) == 700;
}

/* In no tenth of a second more than a tenth of them, and a bit. */
static bool spread_first(unsigned int count)
{
	unsigned int tenths[10] = { 0 }, most = 0;

	for (unsigned int i = 0; i < count; i++) {
		unsigned int delay = check_delay_first(i + 12345, 1000);

		if (delay >= 1000)
			return false;
		tenths[delay / 100]++;
	}
	for (int i = 0; i < 10; i++)
		if (tenths[i] > most)
			most = tenths[i];
	return most <= count / 10 + 3;
}

static bool jitter_within(void)
{
	unsigned int least = 100000, most = 0, next;

	for (uint32_t i = 0; i < 100000; i++) {
		next = check_delay_next(1000, 0, 10, i * 2654435769U, 0);
		least = next < least ? next : least;
		most = next > most ? next : most;
	}
	printf("# %u to %u\n", least, most);
	return least == 900 && most == 1100 &&
	       check_delay_next(1000, 0, 0, 4000000000U, 0) == 1000;
}

/* A check that took 300 ms does not move the next; one that took too long waits
 * for nothing; after a pause of the machine all are spread again.
 */
static bool keeps_time(void)
{
	unsigned int a = check_delay_next(1000, 3600000, 0, 0, 1);
	unsigned int b = check_delay_next(1000, 3600000, 0, 0, 2);

	return check_delay_next(1000, 300, 0, 0, 1) == 700 &&
	       check_delay_next(1000, 1500, 0, 0, 1) == 0 && a != b &&
	       a < 1000 && b < 1000 &&
	       check_delay_next(86400000, 0, 50, UINT32_MAX, 1) == 129600000;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ktap_result(&ktap, follow(i), cases[i].name);
	ktap_result(&ktap, other_intervals_default(),
		    "other intervals are the normal one by default");
	ktap_result(&ktap, spread_first(10000), "10000 first checks spread");
	ktap_result(&ktap, spread_first(7), "7 first checks spread");
	ktap_result(&ktap, jitter_within(), "jitter within its limits");
	ktap_result(&ktap, keeps_time(), "checks keep their times");
	return ktap_end(&ktap);
}
