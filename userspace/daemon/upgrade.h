/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running daemon is replaced by another process, or replaces one. */
#ifndef DAEMON_UPGRADE_H
#define DAEMON_UPGRADE_H

#include <jansson.h>

#include "run.h"

/**
 * upgrade_hand_over() - answer the request of a process that wants to take over
 * @daemon: in force
 * @version: of the hand-over
 *
 * Until the new process is in force, or gives up, the daemon serves and checks on,
 * but tells the kernel module nothing, and takes no change.
 *
 * Return: what is wrong; or what is not sent any more, as the connection was taken.
 */
json_t *upgrade_hand_over(struct daemon *daemon, json_int_t version);

/**
 * upgrade_begin() - begin to take over, if that is what the daemon was started for
 * @daemon: to be started; gets the lock, or where nobody runs &daemon.takes_over is
 *	no more
 * @control: path of the other one's control socket
 * @error: says what is wrong
 * @size: room there
 *
 * Return: 0 or a negative errno.
 */
int upgrade_begin(struct daemon *daemon, const char *control, char *error,
		  size_t size);

/* Sockets and keys come to their places. Return: 0 or a negative errno. */
int upgrade_inherit(struct daemon *daemon, char *error, size_t size);

/* Without a kernel module: states of servers as the other one has them. */
void upgrade_adopt(struct daemon *daemon, struct site *site);

/* It is in force, and the other one has let go: now this is the daemon. */
void upgrade_end(struct daemon *daemon);

#endif /* DAEMON_UPGRADE_H */
