/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP sockets of checks that are over, to connect again: without the system calls
 * and the memory that a socket's beginning and end cost, nearly a fifth of a check.
 */
#ifndef DAEMON_CHECK_SPARE_H
#define DAEMON_CHECK_SPARE_H

#include "run.h"

/* Of each family: checks begin side by side only within a few milliseconds. */
#define CHECK_SPARES_MAX 64

/**
 * struct check_spares - sockets that are not connected, in the loop without handler
 * @fds: of IPv4 and of IPv6; the one that was used last is at the end
 * @counts: of each
 * @max: of each; where few descriptors are to be had, few are kept
 */
struct check_spares {
	int fds[2][CHECK_SPARES_MAX];
	unsigned int counts[2];
	unsigned int max;
};

/**
 * check_spares_init() - none yet
 * @spares: zeroed, to be filled in
 * @in_flight_max: checks at the same time
 */
void check_spares_init(struct check_spares *spares, unsigned int in_flight_max);

/**
 * check_engine_spares() - of an engine
 * @engine: to look at
 *
 * Return: the sockets, which stay the engine's
 */
struct check_spares *check_engine_spares(struct check_engine *engine);

/**
 * check_spare_take() - begin a run with a socket that was in use before
 * @run: active, of a TCP stream; its @fd is in the loop, if there is one for it
 *
 * Return: whether there is one
 */
bool check_spare_take(struct check_run *run);

/**
 * check_spare_keep() - reset the connection of a run, and keep its socket
 * @run: of a TCP stream
 *
 * Return: false: nothing was done, the socket is to be closed
 */
bool check_spare_keep(struct check_run *run);

/**
 * check_spares_close() - close them all
 * @spares: to be emptied
 * @loop: of their engine
 */
void check_spares_close(struct check_spares *spares, struct loop *loop);

#endif /* DAEMON_CHECK_SPARE_H */
