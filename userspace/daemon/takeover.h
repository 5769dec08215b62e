/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that takes over from another one: what it is given, and the end of the
 * hand-over. It has no loop yet, and waits, with a limit.
 */
#ifndef DAEMON_TAKEOVER_H
#define DAEMON_TAKEOVER_H

#include <jansson.h>
#include <stddef.h>

/**
 * struct takeover - what is taken over
 * @fd: the connection, -1: none
 * @lock: of the network namespace, -1: taken out
 * @admin: listening socket of the admin address, -1: none, or taken out
 * @sockets: listening sockets of stratum proxy; each that is taken out is -1
 * @socket_count: how many
 * @tickets: of tls_tickets_save(), NULL: none
 * @tickets_size: bytes of that
 * @state: of handover_state_save(), or NULL
 */
struct takeover {
	int fd;
	int lock;
	int admin;
	int *sockets;
	size_t socket_count;
	char *tickets;
	size_t tickets_size;
	json_t *state;
};

/* Before takeover_begin(). */
#define TAKEOVER_NONE ((struct takeover){ .fd = -1, .lock = -1, .admin = -1 })

/**
 * takeover_begin() - ask the process that runs for what it has
 * @takeover: filled in; takeover_free() also on failure
 * @path: of its control socket
 * @error: says what is wrong
 * @size: room there
 *
 * It goes on, but tells the kernel nothing, until takeover_confirm() or the end of
 * the connection.
 *
 * Return: 0 or a negative errno.
 */
int takeover_begin(struct takeover *takeover, const char *path, char *error,
		   size_t size);

/* The same on a connection that is there, and belongs to @takeover now. */
int takeover_begin_at(struct takeover *takeover, int fd, char *error,
		      size_t size);

/**
 * takeover_confirm() - all is ready: the other one lets go
 * @takeover: begun
 * @error: says what is wrong
 * @size: room there
 *
 * Return: 0: it has; or a negative errno: it is the one that goes on.
 */
int takeover_confirm(struct takeover *takeover, char *error, size_t size);

/**
 * takeover_free() - close the connection, and all that was not taken out
 * @takeover: begun, or TAKEOVER_NONE
 *
 * After takeover_confirm() the other process may end from then on.
 */
void takeover_free(struct takeover *takeover);

#endif /* DAEMON_TAKEOVER_H */
