// SPDX-License-Identifier: GPL-2.0-or-later
/* The kilohertz of this processor's time stamp counter, by the clock. */

#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct moment {
	uint64_t ticks, ns;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Of many tries that between whose readings of the clock least went by: nobody came between. */
static struct moment moment(void)
{
	struct moment best = { 0 };
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 1000; i++) {
		uint64_t before = now_ns(), ticks = __rdtsc(),
			 took = now_ns() - before;

		if (took < least) {
			least = took;
			best = (struct moment){ ticks, before + took / 2 };
		}
	}
	return best;
}

int main(void)
{
	struct timespec wait = { .tv_nsec = 200000000 };
	struct moment a = moment(), b;

	nanosleep(&wait, NULL);
	b = moment();
	printf("%llu\n", (unsigned long long)((b.ticks - a.ticks) * 1000000 /
					      (b.ns - a.ns)));
	return 0;
}
