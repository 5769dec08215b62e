/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of checks: made as the check wants them, connected without waiting. */
#ifndef DAEMON_CHECK_SOCKET_H
#define DAEMON_CHECK_SOCKET_H

#include "run.h"

/**
 * check_socket_connect() - begin a run with a socket that connects
 * @run: active; its @fd is added to the loop for all events, edge-triggered
 * @type: SOCK_STREAM or SOCK_DGRAM
 * @protocol: 0, or IPPROTO_SCTP
 *
 * Source address, mark and network namespace are those of the check. If it fails,
 * the run is over.
 *
 * Return: whether it has begun
 */
bool check_socket_connect(struct check_run *run, int type, int protocol);

/**
 * check_socket_listen() - the server speaks first: tell it that we are there
 * @run: of a stream that is connected, and that nothing was sent on
 *
 * Otherwise the kernel waits a while for something to send.
 */
void check_socket_listen(struct check_run *run);

/**
 * check_socket_close() - close it, if it is open
 * @run: of the socket; a stream that is not at @goodbye is reset
 */
void check_socket_close(struct check_run *run);

/**
 * check_socket_error() - what has happened to a socket
 * @run: of the socket
 *
 * Return: an errno, 0: nothing
 */
int check_socket_error(const struct check_run *run);

/**
 * check_socket_failed() - end a run for an error of connect(), send() or recv()
 * @run: active
 * @error: an errno
 *
 * What is this machine's fault breaks the check, the rest fails it.
 */
void check_socket_failed(struct check_run *run, int error);

#endif /* DAEMON_CHECK_SOCKET_H */
