/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A conversation over a TCP, SCTP or TLS stream. Kinds of checks use it as their
 * @start and @stop, and get @begin and @received.
 */
#ifndef DAEMON_CHECK_STREAM_H
#define DAEMON_CHECK_STREAM_H

#include "run.h"

/**
 * check_stream_start() - connect by TCP, and by TLS if the kind has it
 * @run: active
 */
void check_stream_start(struct check_run *run);

/**
 * check_stream_start_sctp() - connect by SCTP
 * @run: active
 */
void check_stream_start_sctp(struct check_run *run);

/**
 * check_stream_stop() - close, and free what the conversation took
 * @run: started
 */
void check_stream_stop(struct check_run *run);

/**
 * check_stream_send() - send to the server
 * @run: active; if that fails, it is over when this returns
 * @data: taken over whole: what the socket does not take is sent later
 * @length: how much
 */
void check_stream_send(struct check_run *run, const void *data, size_t length);

/**
 * check_stream_consume() - bytes at the beginning of what came are done with
 * @run: active
 * @length: at most its @in_length
 */
void check_stream_consume(struct check_run *run, size_t length);

/**
 * check_stream_line() - the first line of what came
 * @run: active
 * @length: of the line, without its LF, or CR and LF
 * @size: with them, for check_stream_consume()
 *
 * Return: the line, not ended by NUL, or NULL: it is not complete
 */
const char *check_stream_line(const struct check_run *run, size_t *length,
			      size_t *size);

#endif /* DAEMON_CHECK_STREAM_H */
