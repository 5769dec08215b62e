/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a child process, by its pidfd: no signal, and no other's child. */
#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#include <sys/types.h>

#include "loop.h"

/**
 * struct child - a process that was started from here
 * @exited: called once, when the process is gone; status as of waitid(): @code is
 *	CLD_EXITED, CLD_KILLED or CLD_DUMPED
 * @loop: where
 * @fd: its pidfd
 * @pid: its number, also that of its process group
 */
struct child {
	void (*exited)(struct child *child, int code, int status);
	struct loop *loop;
	struct loop_fd fd;
	pid_t pid;
};

/**
 * child_watch() - have the end of a process reported
 * @loop: of this thread
 * @child: with @exited filled in
 * @pid: a child of this process that leads a process group of its own
 *
 * Nobody else may wait for it, and SIGCHLD must not be ignored. What is left of
 * its group when it ends is killed.
 *
 * Return: 0, or a negative errno: then the process is not watched
 */
int child_watch(struct loop *loop, struct child *child, pid_t pid);

/**
 * child_kill() - end the whole process group
 * @child: watched, and not reported yet
 *
 * The end is reported as any other.
 */
void child_kill(const struct child *child);

/**
 * child_forget() - kill, and have the end not reported
 * @child: watched, and not reported yet
 *
 * For the end of the loop: a process that does not go at once becomes that of
 * whoever takes over the orphans.
 */
void child_forget(struct child *child);

#endif /* DAEMON_CHILD_H */
