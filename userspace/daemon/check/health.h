/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What results in a row make of a server, and when the next one is wanted. */
#ifndef DAEMON_CHECK_HEALTH_H
#define DAEMON_CHECK_HEALTH_H

#include <stdint.h>

#include "check.h"

/**
 * enum check_state - what is known of a server
 * @CHECK_UNKNOWN: nothing yet: the first result decides
 * @CHECK_UP: it answers as it should
 * @CHECK_DOWN: it does not
 */
enum check_state {
	CHECK_UNKNOWN,
	CHECK_UP,
	CHECK_DOWN,
};

/**
 * struct check_health - rise and fall; all zero: unknown
 * @state: as reported
 * @against: results in a row that do not go with it
 */
struct check_health {
	enum check_state state;
	unsigned int against;
};

/**
 * check_health_feed() - a result has come
 * @health: of the server
 * @spec: with @rise and @fall
 * @passed: the result
 *
 * Return: whether the state is another now
 */
bool check_health_feed(struct check_health *health,
		       const struct check_spec *spec, bool passed);

/**
 * check_health_interval() - time to the next check
 * @health: of the server
 * @spec: with its intervals
 *
 * Return: milliseconds, at least 1
 */
unsigned int check_health_interval(const struct check_health *health,
				   const struct check_spec *spec);

/**
 * check_delay_first() - when to begin with a server
 * @number: 0, 1, 2 ... of the servers
 * @interval_ms: to spread them over
 *
 * However many servers there are, their times are about equally far apart: the
 * fractional parts of multiples of the golden ratio are.
 *
 * Return: milliseconds, below @interval_ms
 */
unsigned int check_delay_first(unsigned int number, unsigned int interval_ms);

/**
 * check_delay_next() - when to go on with a server
 * @interval_ms: to the next check
 * @late_ms: time since the last one should have begun
 * @jitter_percent: 0 to 50
 * @random: any number
 * @number: of the server
 *
 * Checks keep their times, so that they stay spread. Where whole intervals were
 * missed (the machine slept), all would be due together: they are spread again.
 *
 * Return: milliseconds
 */
unsigned int check_delay_next(unsigned int interval_ms, uint64_t late_ms,
			      unsigned int jitter_percent, uint32_t random,
			      unsigned int number);

#endif /* DAEMON_CHECK_HEALTH_H */
