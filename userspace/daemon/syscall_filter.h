/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls that the daemon may make. Without script checks: those that it
 * needs. Others fail with ENOSYS, as on an older kernel, which libraries are
 * prepared for, so that an update of one does not end the daemon; those that only
 * an intruder would make, to execute a program among them, end the process.
 *
 * A filter is inherited by programs, and what a script needs nobody knows: with
 * script checks all is allowed but what no program of an unprivileged user has a
 * use for, and that fails with EPERM. Programs of another architecture end.
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
 * After privileges_drop(), and once: what a filter forbids no other can allow. A
 * build with a sanitizer gets none: that makes calls of its own.
 *
 * Return: 0; -ENOSYS on a kernel without filters, where one can go on; or another
 * negative errno
 */
int syscall_filter_install(bool scripts, char *error, size_t size);

/**
 * syscall_filter_load() - the same in any build, for tests
 * @scripts: as above
 * @error: as above
 * @size: as above
 *
 * Return: as above
 */
int syscall_filter_load(bool scripts, char *error, size_t size);

#endif /* DAEMON_SYSCALL_FILTER_H */
