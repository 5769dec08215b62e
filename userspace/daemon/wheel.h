/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hierarchical timer wheel: one-shot timers in milliseconds, embedded in what
 * they belong to. Setting, moving and removing take constant time and never fail;
 * moving a timer back, as each byte on a connection does, is one store. No clock
 * of its own: the caller says what time it is.
 */
#ifndef DAEMON_WHEEL_H
#define DAEMON_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#define WHEEL_BITS 8
#define WHEEL_SLOTS (1U << WHEEL_BITS)
#define WHEEL_LEVELS 4
#define WHEEL_WORDS (WHEEL_SLOTS / 64)

/* What wheel_next() says where no timer is set. */
#define WHEEL_NEVER UINT64_MAX

/**
 * struct wheel_timer - one timer; all zero is one that is not set
 * @expire: called once, when the time has come; it may set the timer again, and
 *	free what the timer is in
 * @at: when, in milliseconds
 * @visit: when the wheel looks at it next, never after @at
 * @next: in the same slot
 * @link: what points here, NULL while it is not set
 */
struct wheel_timer {
	void (*expire)(struct wheel_timer *timer);
	uint64_t at;
	uint64_t visit;
	struct wheel_timer *next;
	struct wheel_timer **link;
};

/**
 * struct wheel - timers by the time at which they are due
 * @tick: up to here, it included, everything is expired or in @due
 * @due: timers whose time has come
 * @slots: level 0 has a slot a millisecond, each level above 256 times that
 * @used: a bit for each slot that is not empty
 */
struct wheel {
	uint64_t tick;
	struct wheel_timer *due;
	struct wheel_timer *slots[WHEEL_LEVELS][WHEEL_SLOTS];
	uint64_t used[WHEEL_LEVELS][WHEEL_WORDS];
};

/**
 * wheel_init() - make an empty wheel
 * @wheel: to be filled in
 * @now: the time, in milliseconds
 */
void wheel_init(struct wheel *wheel, uint64_t now);

/**
 * wheel_set() - set a timer, or move it
 * @wheel: where
 * @timer: with @expire filled in
 * @at: when; what is not after the wheel's time expires at its next millisecond
 */
void wheel_set(struct wheel *wheel, struct wheel_timer *timer, uint64_t at);

/**
 * wheel_del() - a timer shall not expire
 * @wheel: where it may be
 * @timer: set or not
 */
void wheel_del(struct wheel *wheel, struct wheel_timer *timer);

/**
 * wheel_next() - when wheel_advance() has to be called next
 * @wheel: to look at
 *
 * It may be before the first timer expires, never after, and at most once for
 * each level the timer has to come down.
 *
 * Return: the time, or WHEEL_NEVER
 */
uint64_t wheel_next(const struct wheel *wheel);

/**
 * wheel_advance() - the time is now
 * @wheel: to turn
 * @now: in milliseconds; a time before the wheel's changes nothing
 */
void wheel_advance(struct wheel *wheel, uint64_t now);

/**
 * wheel_pop() - take a timer that is due
 * @wheel: where
 *
 * Return: a timer, which is no longer set and whose @expire is to be called, or
 * NULL
 */
struct wheel_timer *wheel_pop(struct wheel *wheel);

static inline bool wheel_is_set(const struct wheel_timer *timer)
{
	return timer->link;
}

#endif /* DAEMON_WHEEL_H */
