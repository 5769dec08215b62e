/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One daemon in a network namespace, which is what the kernel's table belongs to. */
#ifndef DAEMON_LOCK_H
#define DAEMON_LOCK_H

#include <stddef.h>

/**
 * lock_take() - be the only daemon in this network namespace
 * @folder: where the lock is, the same for all daemons; made if it is not there
 * @error: says who has it, if somebody does
 * @size: room there
 *
 * The lock goes with the process, however that ends.
 *
 * Return: a descriptor to keep open, or a negative errno: -EBUSY if there is
 * another one.
 */
int lock_take(const char *folder, char *error, size_t size);

/**
 * lock_adopt() - take over the lock of another process, which has handed it over
 * @folder: as for lock_take()
 * @fd: what it has handed over; stays open
 * @error: says what is wrong
 * @size: room there
 *
 * From now on it is held as long as one of the two has it.
 *
 * Return: 0, or a negative errno: -EXDEV: it is another network namespace's.
 */
int lock_adopt(const char *folder, int fd, char *error, size_t size);

/* For whoever comes next: who has it. */
void lock_sign(int fd);

#endif /* DAEMON_LOCK_H */
