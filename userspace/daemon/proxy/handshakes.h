/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handshakes of a worker that have something to do. One costs as much as hundreds
 * of requests, so they wait for the end of the turn, where a bounded time is spent
 * on them: in turns for each source of clients, so that many of one source wait for
 * each other only.
 *
 * Sources are an IPv4 address, or the first 64 bits of an IPv6 address, by a hash
 * that nobody outside can predict. Nothing is allocated but at the begin.
 */
#ifndef PROXY_HANDSHAKES_H
#define PROXY_HANDSHAKES_H

#include <stdbool.h>
#include <stddef.h>

#include "loop.h"
#include "sluice.h"

/* What handshakes take of a turn: no new one is begun after that. */
#define HANDSHAKES_TURN_NS 2000000U

struct handshakes;

/**
 * struct handshake - one that may have to wait; all zero: does not
 * @run: called once for each handshakes_add(), at the end of a turn; it goes on
 *	with its handshake, and may remove and free anything, itself included
 * @drop: called in place of @run, within handshakes_add() of another one: there are
 *	too many, and most of them are of this source. It ends its connection, and
 *	leaves others alone.
 * @next: of the same source
 * @previous: of the same source
 * @source: number of its source, while it waits
 * @waits: from handshakes_add() until @run or @drop
 */
struct handshake {
	void (*run)(struct handshake *handshake);
	void (*drop)(struct handshake *handshake);
	struct handshake *next;
	struct handshake *previous;
	unsigned int source;
	bool waits;
};

/**
 * handshakes_create() - make an empty queue
 * @loop: of the worker
 * @max: handshakes that may wait at once
 *
 * Return: for handshakes_free(), or NULL with errno.
 */
struct handshakes *handshakes_create(struct loop *loop, size_t max);

/**
 * handshakes_free() - the end of a queue
 * @handshakes: or NULL. Those that wait are no longer to be run.
 */
void handshakes_free(struct handshakes *handshakes);

/**
 * handshakes_add() - have one go on at the end of a turn
 * @handshakes: of this worker
 * @handshake: with @run; waiting already, it stays where it is
 * @source: of its client
 *
 * When @max wait, one of the source that has most of them is dropped.
 *
 * Return: 0; -ENOBUFS: no source has more of them than this one: the connection is
 * to be ended.
 */
int handshakes_add(struct handshakes *handshakes, struct handshake *handshake,
		   const struct sluice_address *source);

/* One that is in no queue, or that waits. */
void handshakes_del(struct handshakes *handshakes, struct handshake *handshake);

/* How many wait. */
size_t handshakes_waiting(const struct handshakes *handshakes);

#endif /* PROXY_HANDSHAKES_H */
