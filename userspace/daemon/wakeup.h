/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wakes up a loop from another thread. */
#ifndef DAEMON_WAKEUP_H
#define DAEMON_WAKEUP_H

#include "loop.h"

/**
 * struct wakeup - a way into a loop
 * @woken: called in the loop's thread, once for any number of calls before it
 * @loop: where
 * @fd: an eventfd
 * @sent: set by who writes to @fd until the loop has read; atomic
 */
struct wakeup {
	void (*woken)(struct wakeup *wakeup);
	struct loop *loop;
	struct loop_fd fd;
	bool sent;
};

/**
 * wakeup_init() - open a way into a loop
 * @loop: of this thread
 * @wakeup: with @woken filled in
 *
 * Return: 0, or a negative errno
 */
int wakeup_init(struct loop *loop, struct wakeup *wakeup);

/**
 * wakeup_send() - wake the loop up
 * @wakeup: of any thread's loop
 *
 * What the caller wrote before is seen by @woken. A loop that has not come to the
 * last call yet costs no system call.
 *
 * Context: any thread, and signal handlers.
 */
void wakeup_send(struct wakeup *wakeup);

/**
 * wakeup_exit() - close it
 * @wakeup: nobody may send any more
 */
void wakeup_exit(struct wakeup *wakeup);

#endif /* DAEMON_WAKEUP_H */
