/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has happened to services, routes, pools and servers, counted by each worker
 * for itself and summed when somebody asks.
 *
 * Who is counted is known by its name, not by its place in a configuration: a plan
 * takes an object for each of its services and so on, and the next plan gets the
 * same ones before the first lets them go. So counts go on across reloads, requests
 * of the old plan count in the same place as those of the new one, and no sum ever
 * goes back. What no plan has any more is forgotten; if it comes back, it begins
 * with 0.
 */
#ifndef PROXY_COUNTS_H
#define PROXY_COUNTS_H

#include "access.h"
#include "counter.h"
#include "histogram.h"
#include "sluice.h"

/* Whose counts they are. */
enum counts_kind {
	COUNTS_SERVICE,
	COUNTS_ROUTE,
	COUNTS_POOL,
	COUNTS_SERVER,
	COUNTS_KINDS,
};

/* How handshakes of TLS with clients ended. */
enum counts_handshake {
	COUNTS_HANDSHAKE_FULL,
	COUNTS_HANDSHAKE_RESUMED,
	COUNTS_HANDSHAKE_FAILED,
	COUNTS_HANDSHAKES,
};

/* Clients of a service in stratum relay. */
enum counts_relay {
	COUNTS_RELAY_HANDED,
	COUNTS_RELAY_KEPT,
	COUNTS_RELAY_RETURNED,
	COUNTS_RELAYS,
};

/* Status 1xx to 5xx; the first is of those that got none. */
#define COUNTS_CLASSES 6

/**
 * struct counts - what one worker has counted for one object, or the sum of all
 * @responses: requests by the first digit of the status that they got; all together
 *	are the requests that are over
 * @ends: the same by how they ended
 * @received: bytes of content from clients
 * @sent: bytes of content to clients
 * @connections: of a service: accepted; of a server: made
 * @active: those that are open now; counter_add() of 1 and of -1 by the same worker
 * @retries: of a pool or server: requests that went to another server after it
 * @queued: of a pool or server: requests that wait for it now, as @active
 * @handshakes: of a service, by enum counts_handshake
 * @relay: of a service in stratum relay, by enum counts_relay: clients that were
 *	handed to the kernel, that it did not take, and that it gave back
 * @latency: of all but services: until the request was over
 *
 * Kinds leave alone what is not theirs. All are written by counter_add() or the
 * functions below: each object takes 448 bytes for each worker.
 */
struct counts {
	uint64_t responses[COUNTS_CLASSES];
	uint64_t ends[ACCESS_ENDS];
	uint64_t received;
	uint64_t sent;
	uint64_t connections;
	uint64_t active;
	uint64_t retries;
	uint64_t queued;
	uint64_t handshakes[COUNTS_HANDSHAKES];
	uint64_t relay[COUNTS_RELAYS];
	struct histogram latency;
} __attribute__((aligned(64)));

/* All objects of the daemon; one table for all plans. */
struct counts_table;

/**
 * struct counts_object - what all workers have counted for one object
 * @table: where it is
 * @next: in the chain of its hash
 * @previous: where the table's list points to it
 * @following: in the table's list
 * @users: plans that have it; the lock of the table protects it and what is above
 * @kind: what it is
 * @owner: name of the pool or service
 * @name: of the route, or address and port of the server; of others empty
 * @workers: by number of the worker; each writes to its own only
 */
struct counts_object {
	struct counts_table *table;
	struct counts_object *next;
	struct counts_object **previous;
	struct counts_object *following;
	unsigned int users;
	enum counts_kind kind;
	const char *owner;
	const char *name;
	struct counts workers[];
};

/**
 * counts_create() - make an empty table
 * @workers: how many there are at most, for as long as the table lives
 *
 * Return: for counts_free(), or NULL.
 */
struct counts_table *counts_create(unsigned int workers);

/**
 * counts_free() - the end
 * @table: or NULL; all objects put
 */
void counts_free(struct counts_table *table);

/**
 * counts_get() - find an object, or make it
 * @table: where
 * @kind: what it is
 * @owner: name of the service (service, route) or pool (pool, server)
 * @name: of the route; of others NULL
 *
 * Context: any thread, with a short lock: when plans are made, not for requests.
 *
 * Return: with a reference for counts_put(), or NULL: no memory.
 */
struct counts_object *counts_get(struct counts_table *table,
				 enum counts_kind kind, const char *owner,
				 const char *name);

/* The same for a server: of a pool, with this address. */
struct counts_object *counts_get_server(struct counts_table *table,
					const char *pool,
					const struct sluice_endpoint *at);

/**
 * counts_put() - a plan does not need it any more
 * @object: or NULL. No worker writes to it for this plan any more.
 *
 * Context: any thread.
 */
void counts_put(struct counts_object *object);

/**
 * counts_of() - where a worker counts
 * @object: held by the plan
 * @worker: its number, below that of counts_create()
 */
static inline struct counts *counts_of(struct counts_object *object,
				       unsigned int worker)
{
	return &object->workers[worker];
}

/**
 * struct counts_result - a request that is over
 * @status: sent to the client, 0: none
 * @end: how it ended
 * @received: bytes of content from the client
 * @sent: bytes of content to the client
 * @us: how long it took; of a tunnel until it was open, which is what a client
 *	waited for
 */
struct counts_result {
	unsigned int status;
	enum access_end end;
	uint64_t received;
	uint64_t sent;
	uint64_t us;
};

/**
 * counts_add() - count a request that is over
 * @counts: of this worker; call it for its service, route, pool and server each. A
 *	server that another was tried after gets status 0, an end of its own, and no
 *	bytes.
 * @result: what became of it
 */
void counts_add(struct counts *counts, const struct counts_result *result);

/* The same without how long it took: for services, which have no histogram. */
void counts_add_untimed(struct counts *counts,
			const struct counts_result *result);

/**
 * counts_active() - what is open now, of all workers
 * @object: of a service or server, held by the plan
 *
 * Context: any thread.
 */
uint64_t counts_active(const struct counts_object *object);

/**
 * counts_sum() - what all workers have counted
 * @object: held by the plan
 * @sum: filled in
 *
 * Context: any thread.
 */
void counts_sum(const struct counts_object *object, struct counts *sum);

/**
 * counts_each() - look at all objects of a kind, in the order in which they came
 * @table: while workers write; objects neither come nor go meanwhile
 * @kind: which
 * @look: called with the sum of all workers; must not call counts_get() and so on
 * @arg: for @look
 *
 * Context: any thread.
 */
void counts_each(struct counts_table *table, enum counts_kind kind,
		 void (*look)(void *arg, const struct counts_object *object,
			      const struct counts *sum),
		 void *arg);

#endif /* PROXY_COUNTS_H */
