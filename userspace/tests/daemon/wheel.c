// SPDX-License-Identifier: GPL-2.0-or-later
/* Timers expire in their millisecond, whatever is done to them before. */
#include <stdlib.h>

#include "../ktap.h"
#include "wheel.h"

#define TIMERS 2000

static struct wheel wheel;
static struct wheel_timer timers[TIMERS];
/* When each should expire, 0: not set. */
static uint64_t expected[TIMERS];
static uint64_t state = 88172645463325252U;

static uint32_t random_next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

/* Delays of all lengths: of 0 to 40 bits. */
static uint64_t random_delay(void)
{
	uint64_t delay = (uint64_t)random_next() << 8 | random_next() % 256;

	return delay >> random_next() % 41;
}

/* Sets, moves, moves again and removes some, then lets time go by. */
static bool random_steps(uint64_t now)
{
	wheel_init(&wheel, now);
	for (int step = 0; step < 20000; step++) {
		uint64_t next, ahead;
		struct wheel_timer *timer;

		for (int i = 0; i < 8; i++) {
			unsigned int n = random_next() % TIMERS;
			uint64_t at = now + random_delay();

			if (random_next() % 4 == 0) {
				wheel_del(&wheel, &timers[n]);
				expected[n] = 0;
			} else {
				wheel_set(&wheel, &timers[n], at);
				expected[n] = at > now ? at : now + 1;
			}
		}
		next = wheel_next(&wheel);
		for (int i = 0; i < TIMERS; i++) {
			if (expected[i] && next > expected[i]) {
				printf("# next is %lu, timer %d at %lu\n", next,
				       i, expected[i]);
				return false;
			}
			if (!expected[i] != !wheel_is_set(&timers[i]))
				return false;
		}
		/* Just before the next, to it, and past it. */
		ahead = random_next() % 3 ? next - now - 1 + random_next() % 2 :
					    random_delay();
		now += ahead > (uint64_t)1 << 34 ? 1 : ahead;
		wheel_advance(&wheel, now);
		while ((timer = wheel_pop(&wheel))) {
			if (expected[timer - timers] > now) {
				printf("# early: at %lu, not %lu\n", now,
				       expected[timer - timers]);
				return false;
			}
			if (!expected[timer - timers])
				return false;
			expected[timer - timers] = 0;
		}
		for (int i = 0; i < TIMERS; i++) {
			if (expected[i] && expected[i] <= now) {
				printf("# late: at %lu, not %lu\n", now,
				       expected[i]);
				return false;
			}
		}
	}
	for (int i = 0; i < TIMERS; i++) {
		wheel_del(&wheel, &timers[i]);
		expected[i] = 0;
	}
	return wheel_next(&wheel) == WHEEL_NEVER;
}

/* From one to the next as a loop goes: how often it wakes up for one timer. */
static unsigned int wakeups(uint64_t delay)
{
	unsigned int count = 0;

	wheel_init(&wheel, 1000);
	wheel_set(&wheel, &timers[0], 1000 + delay);
	while (wheel_next(&wheel) != WHEEL_NEVER) {
		wheel_advance(&wheel, wheel_next(&wheel));
		count++;
		if (wheel_pop(&wheel))
			break;
	}
	return wheel.tick == 1000 + delay ? count : 0;
}

static bool far_ahead(void)
{
	unsigned int day = wakeups(86400000), year = wakeups(31536000000);

	printf("# wake-ups for a day %u, for a year %u\n", day, year);
	return wakeups(1) == 1 && wakeups(255) == 1 && day >= 1 && day <= 4 &&
	       year >= 1 && year <= 4 + 31536000000 / UINT32_MAX;
}

/* Moved while it is due: by the callback of another that is due, too. */
static bool moved_while_due(void)
{
	struct wheel_timer *first, *other;

	wheel_init(&wheel, 0);
	wheel_set(&wheel, &timers[0], 10);
	wheel_set(&wheel, &timers[1], 10);
	wheel_advance(&wheel, 10);
	first = wheel_pop(&wheel);
	other = first == &timers[0] ? &timers[1] : &timers[0];
	wheel_set(&wheel, other, 15);
	if (wheel_pop(&wheel) || !wheel_is_set(other))
		return false;
	wheel_advance(&wheel, 14);
	if (wheel_pop(&wheel))
		return false;
	wheel_advance(&wheel, 15);
	return wheel_pop(&wheel) == other && !wheel_pop(&wheel);
}

static bool removed_while_due(void)
{
	wheel_init(&wheel, 0);
	for (int i = 0; i < 3; i++)
		wheel_set(&wheel, &timers[i], 10);
	wheel_advance(&wheel, 20);
	wheel_pop(&wheel);
	for (int i = 0; i < 3; i++)
		wheel_del(&wheel, &timers[i]);
	return !wheel_pop(&wheel) && wheel_next(&wheel) == WHEEL_NEVER;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	ktap_result(&ktap, random_steps(0), "random steps from time 0");
	ktap_result(&ktap, random_steps(((uint64_t)1 << 32) - 300),
		    "random steps where all levels turn over");
	ktap_result(&ktap, far_ahead(), "far ahead, with few wake-ups");
	ktap_result(&ktap, moved_while_due(), "moved while due");
	ktap_result(&ktap, removed_while_due(), "removed while due");
	return ktap_end(&ktap);
}
