/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a client keeps up: bytes of content a second, of the time in which nothing
 * but the client was waited for. A server that is silent, or takes nothing, costs its
 * client nothing.
 *
 * A client that comes byte by byte never stops for long, so a limit on pauses does not
 * end it.
 */
#ifndef PROXY_PACE_H
#define PROXY_PACE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct pace - one direction; all zero is one that has not begun
 * @since: when waiting for the client began, in ns, 0: it is not waited for
 * @waited: ns that it was waited for, in this window
 * @bytes: that had come through when the window began; less than zero: bytes of what
 *	was before it were still on their way
 */
struct pace {
	uint64_t since;
	uint64_t waited;
	int64_t bytes;
};

/**
 * pace_wait() - something was tried, or is to be
 * @pace: of this direction
 * @now: in ns, never 0
 * @waits: the client is what has to come next
 */
static inline void pace_wait(struct pace *pace, uint64_t now, bool waits)
{
	if (pace->since)
		pace->waited += now - pace->since;
	pace->since = waits ? now : 0;
}

/* Whether the client was waited for as long as a window of @ns takes. */
static inline bool pace_is_full(const struct pace *pace, uint64_t ns)
{
	return pace->waited >= ns;
}

/**
 * pace_is_kept() - judge a window that is full, and begin the next one
 * @pace: of this direction
 * @bytes: that have come through so far
 * @rate: least bytes a second, at most 2^32; 0: any
 *
 * Return: whether there were so many.
 */
bool pace_is_kept(struct pace *pace, int64_t bytes, uint64_t rate);

#endif /* PROXY_PACE_H */
