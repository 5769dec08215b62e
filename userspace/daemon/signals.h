/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals as events of a loop. */
#ifndef DAEMON_SIGNALS_H
#define DAEMON_SIGNALS_H

#include <signal.h>
#include <sys/signalfd.h>

#include "loop.h"

/**
 * struct signals - some signals of the process
 * @arrived: called for each; @info is of the last where one came several times
 * @loop: where
 * @fd: a signalfd
 */
struct signals {
	void (*arrived)(struct signals *signals,
			const struct signalfd_siginfo *info);
	struct loop *loop;
	struct loop_fd fd;
};

/**
 * signals_watch() - have signals delivered as events
 * @loop: of this thread
 * @signals: with @arrived filled in
 * @set: which; they are blocked in this thread, and in those it makes from now
 *	on. Others must block them themselves.
 *
 * Return: 0, or a negative errno
 */
int signals_watch(struct loop *loop, struct signals *signals,
		  const sigset_t *set);

/**
 * signals_forget() - no longer; they stay blocked
 * @signals: watched
 */
void signals_forget(struct signals *signals);

#endif /* DAEMON_SIGNALS_H */
