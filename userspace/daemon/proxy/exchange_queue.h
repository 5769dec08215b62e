/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exchanges that wait since servers are full: for one server, where the client
 * belongs to it and it has a queue, or for any of the pool. Queues are a worker's own;
 * how many may be in them, and whether somebody is, all workers know.
 */
#ifndef PROXY_EXCHANGE_QUEUE_H
#define PROXY_EXCHANGE_QUEUE_H

#include "exchange.h"

/**
 * exchange_turn() - give an exchange a server, or have it wait for one
 * @x: has a pool and no server
 *
 * Return: 0: it has a server; -EAGAIN: it waits, or was refused since nobody may wait
 * any more; -ENOENT: no server is up.
 */
int exchange_turn(struct exchange *x);

/**
 * exchange_queue_serve() - servers may have room, or be down: serve who waits
 * @pool: of a view that somebody holds
 */
void exchange_queue_serve(struct worker_pool *pool);

/**
 * exchange_leave_queue() - wait no longer, without a server
 * @x: whether it waits or not
 */
void exchange_leave_queue(struct exchange *x);

#endif /* PROXY_EXCHANGE_QUEUE_H */
