/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS for streams of checks. */
#ifndef DAEMON_CHECK_TLS_SESSION_H
#define DAEMON_CHECK_TLS_SESSION_H

#include "run.h"

/* Nothing more before the socket is ready again; see check_tls_read(). */
#define CHECK_TLS_WAIT (-1)
/* The run is over. */
#define CHECK_TLS_OVER (-2)
/* Something other than data came: call again. */
#define CHECK_TLS_AGAIN (-3)

/**
 * check_tls_prepare() - read authorities and set up what sessions share
 * @check: whose kind has TLS
 * @error: what is wrong
 *
 * Return: 0, or what check_refuse() returned
 */
int check_tls_prepare(struct check *check, struct check_error *error);

/**
 * check_tls_start() - a session on a socket that is connected
 * @run: active; if that fails, it is over when this returns
 */
void check_tls_start(struct check_run *run);

/**
 * check_tls_handshake() - go on with the handshake
 * @run: active; if that fails, it is over when this returns
 *
 * When it is done, days left are in the report.
 *
 * Return: whether it is done
 */
bool check_tls_handshake(struct check_run *run);

/**
 * check_tls_read() - read what came
 * @run: active
 * @to: where to
 * @room: how much, not 0
 *
 * Return: bytes; 0: the server has closed; or one of CHECK_TLS_*
 */
int check_tls_read(struct check_run *run, void *to, size_t room);

/**
 * check_tls_write() - send
 * @run: active
 * @data: to send
 * @length: how much, not 0
 *
 * Return: bytes, at least 1, or CHECK_TLS_WAIT or CHECK_TLS_OVER
 */
int check_tls_write(struct check_run *run, const void *data, size_t length);

#endif /* DAEMON_CHECK_TLS_SESSION_H */
