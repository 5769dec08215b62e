/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which server of a pool takes a request. One file for each scheduler, in one
 * table. A balance belongs to one worker and is not locked; what servers carry is
 * shared by all workers and atomic.
 */
#ifndef PROXY_BALANCE_H
#define PROXY_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/pool.h"

/* Servers that a balance may have. */
#define BALANCE_SERVERS_MAX 65535

/**
 * struct balance_load - what schedulers know of a server
 * @weight: share of new requests, at most SLUICE_WEIGHT_MAX, 0: none; written by
 *	the main thread, atomic
 * @active: requests that it has and connections in use, of all workers; atomic
 * @key: says which server it is, on every node and after every restart the same
 */
struct balance_load {
	uint32_t weight;
	uint32_t active;
	uint64_t key;
};

/**
 * struct balance_ask - a request that needs a server
 * @hash: of what scheduler maglev spreads by
 * @usable: whether server @i may be taken: it is not excluded after a failure, has
 *	no limit of connections that is reached, is not ejected; NULL: any may
 * @arg: for @usable
 */
struct balance_ask {
	uint64_t hash;
	bool (*usable)(void *arg, size_t i);
	void *arg;
};

struct balance;

/**
 * balance_create() - make the state of a scheduler
 * @pool: scheduler and hash; borrowed
 * @servers: array of pointers, in the order of the pool; borrowed as long as the
 *	balance lives
 * @count: how many, may be 0
 * @seed: random numbers begin with it; workers have different ones, so that they
 *	do not all begin with the first server
 *
 * Return: for balance_free(), or NULL with errno.
 */
struct balance *balance_create(const struct config_pool *pool,
			       struct balance_load *const *servers,
			       size_t count, uint64_t seed);

/**
 * balance_free() - the end of it
 * @balance: or NULL
 */
void balance_free(struct balance *balance);

/**
 * balance_weights() - weights have changed
 * @balance: tables that depend on them are made anew, at once or at the next pick
 */
void balance_weights(struct balance *balance);

/**
 * balance_pick() - choose a server
 * @balance: of the pool
 * @ask: the request
 *
 * Servers of weight 0 are never chosen. A server that is not usable is passed over
 * as the scheduler would have it if it were not there (maglev: the next one of the
 * table, the same for all requests with this hash).
 *
 * Return: its index, or -1: none is usable.
 */
int balance_pick(struct balance *balance, const struct balance_ask *ask);

#endif /* PROXY_BALANCE_H */
