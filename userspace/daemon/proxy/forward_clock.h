/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time as Date has it (RFC 9110 5.6.7), made once a second by each worker. */
#ifndef PROXY_FORWARD_CLOCK_H
#define PROXY_FORWARD_CLOCK_H

#include <stdint.h>

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
#define FORWARD_DATE_LENGTH 29

/**
 * struct forward_clock - the last second that was asked for; all zero at first
 * @second: since 1970
 * @date: the same
 */
struct forward_clock {
	int64_t second;
	char date[FORWARD_DATE_LENGTH + 1];
};

/**
 * forward_clock_date() - a second as text
 * @clock: of this thread
 * @second: since 1970, until the year 9999
 *
 * Return: FORWARD_DATE_LENGTH bytes and a 0, until the next call.
 */
const char *forward_clock_date(struct forward_clock *clock, int64_t second);

#endif /* PROXY_FORWARD_CLOCK_H */
