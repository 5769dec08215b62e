/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams of UDP, for kinds of checks that use this as their @start and @stop.
 * In @received, &check_run.in is one datagram, whole.
 */
#ifndef DAEMON_CHECK_DATAGRAM_H
#define DAEMON_CHECK_DATAGRAM_H

#include "run.h"

/**
 * check_datagram_start() - make a socket that gets datagrams of the server only
 * @run: active
 */
void check_datagram_start(struct check_run *run);

/**
 * check_datagram_stop() - close it
 * @run: started
 */
void check_datagram_stop(struct check_run *run);

/**
 * check_datagram_send() - send to the server
 * @run: active; if that fails, it is over when this returns
 * @data: of one datagram
 * @length: of @data
 */
void check_datagram_send(struct check_run *run, const void *data,
			 size_t length);

#endif /* DAEMON_CHECK_DATAGRAM_H */
