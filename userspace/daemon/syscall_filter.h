/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls that the daemon may make. Without script checks: those that it
 * needs. Others fail with ENOSYS, as on an older kernel, which libraries are
 * prepared for, so that an update of one does not end the daemon; those that only
 * an intruder would make end the process.
 *
 * A filter is inherited by programs, and what a script needs nobody knows: with
 * script checks all is allowed but what no program of an unprivileged user has a
 * use for.
 */
#ifndef DAEMON_SYSCALL_FILTER_H
#define DAEMON_SYSCALL_FILTER_H

#include <stdbool.h>
#include <stddef.h>

/**
 * syscall_filter_install() - filter system calls from now on, in all threads
 * @scripts: programs may be executed
 * @error: what is wrong, if something is: one line
 * @size: room there
 *
 * After privileges_drop(), and once. A build with a sanitizer gets no filter: what
 * that needs is another list.
 *
 * Return: 0, also on a kernel without seccomp, which error then says; or a negative
 * errno
 */
int syscall_filter_install(bool scripts, char *error, size_t size);

#endif /* DAEMON_SYSCALL_FILTER_H */
