/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker: a thread with a loop, listening sockets, connections and buffers of its
 * own. Nothing of it is used by another thread, but for what the main thread asks
 * of it under @lock and what is atomic.
 */
#ifndef PROXY_WORKER_H
#define PROXY_WORKER_H

#include <pthread.h>
#include <sys/queue.h>

#include "buffer.h"
#include "forward_clock.h"
#include "handshakes.h"
#include "plan.h"
#include "request_id.h"
#include "splice.h"
#include "wakeup.h"

struct client;
struct client_return;
struct exchange;
struct proxy;
struct server_conn;
struct sluice;

TAILQ_HEAD(exchange_queue, exchange);
TAILQ_HEAD(client_list, client);
TAILQ_HEAD(server_conn_list, server_conn);
TAILQ_HEAD(view_list, view);

/**
 * struct worker_queue - exchanges of a worker that wait for one server
 * @waiting: the first first
 * @of_pool: entry in &worker_pool.waited_for while @waiting has any
 */
struct worker_queue {
	struct exchange_queue waiting;
	TAILQ_ENTRY(worker_queue) of_pool;
};

TAILQ_HEAD(worker_queues, worker_queue);

/**
 * struct worker_pool - a pool, as a worker sees it
 * @pool: of the plan
 * @balance: chooses servers
 * @changes: of the pool, when @balance was told of weights last
 * @queue: exchanges that wait for any server, the first first
 * @queues: one for each server, NULL: no server of the pool has one
 * @waited_for: those of @queues that somebody is in
 */
struct worker_pool {
	struct plan_pool *pool;
	struct balance *balance;
	uint32_t changes;
	struct exchange_queue queue;
	struct worker_queue *queues;
	struct worker_queues waited_for;
};

/**
 * struct worker_service - a service, as a worker sees it
 * @log: its access log, NULL: none
 * @credit: retries that it may make, in hundredths of a percent of one
 */
struct worker_service {
	struct access_log *log;
	uint64_t credit;
};

/**
 * struct view - a plan, as a worker sees it
 * @plan: held
 * @users: clients and exchanges that have it, and the worker while it is in force
 * @pools: in the order of the plan
 * @services: in the order of the plan
 * @of_worker: entry in the list of all that somebody has
 */
struct view {
	struct plan *plan;
	size_t users;
	struct worker_pool *pools;
	struct worker_service *services;
	TAILQ_ENTRY(view) of_worker;
};

/**
 * struct server_slot - what a worker has of a server
 * @idle: connections to it that wait for the next request, the last one first
 * @count: how many
 * @generation: &worker.generation if the server is in the plan in force
 * @session: of TLS, to be resumed, or NULL
 */
struct server_slot {
	struct server_conn_list idle;
	unsigned int count;
	unsigned int generation;
	SSL_SESSION *session;
};

/**
 * struct listener - a listening socket of a worker
 * @fd: in its loop; the main thread opens and closes it
 * @worker: whose
 * @at: address and port
 * @service: its name
 * @burst: clients that are taken in one turn
 * @again: takes some when descriptors or memory had run out
 * @of_worker: entry in its list
 */
struct listener {
	struct loop_fd fd;
	struct worker *worker;
	struct sluice_endpoint at;
	const char *service;
	unsigned int burst;
	struct wheel_timer again;
	TAILQ_ENTRY(listener) of_worker;
};

TAILQ_HEAD(listeners, listener);

/**
 * struct worker_order - what the main thread wants a worker to do
 * @plan: to be taken over; NULL: none new
 * @listeners: of the plan, with @fd.fd, @at and @service filled in
 * @listener_count: how many
 * @returned: clients that stratum relay has given back, the first first
 * @drain: take no new clients, and end when the last is gone
 * @gently: clients that wait between two requests may send one more
 * @stop: end now
 */
struct worker_order {
	struct plan *plan;
	struct listener *listeners;
	size_t listener_count;
	struct client_return *returned;
	bool drain;
	bool gently;
	bool stop;
};

/**
 * struct worker - a worker
 * @proxy: whose
 * @number: from 0
 * @thread: its thread
 * @loop: its loop
 * @wakeup: of that
 * @lock: protects @order
 * @order: what is to be done
 * @leaves: &plan_parts.leaves when servers were left last
 * @view: in force, NULL: none yet
 * @views: that one, and those before it that requests still have
 * @generation: goes up with each plan
 * @listeners: its own
 * @clients: all there are
 * @client_count: how many
 * @exchanges: free ones
 * @slots: servers by number
 * @slot_count: how many there is room for
 * @buffers: its own
 * @pipes: its own
 * @handshakes: of clients, that have something to do
 * @relay: clients are handed over with, NULL: not yet, or not now
 * @relay_keyless: it does not change keys of clients
 * @relay_again: when that is tried again, in the loop's time
 * @ids: numbers of requests
 * @clock: for Date
 * @random: state of a generator
 * @matching: limits of regular expressions
 * @matching_stack: their memory
 * @captures: where regular expressions write down what they found
 * @draining: it ends when the last client is gone
 * @closing: a client that waits between two requests is closed
 * @taken: the plan that it has by now; atomic
 * @deaf: it drains, and listens no more; atomic
 * @ended: its thread does nothing any more; atomic
 * @secret: signs cookies
 */
struct worker {
	struct proxy *proxy;
	unsigned int number;
	pthread_t thread;
	struct loop *loop;
	struct wakeup wakeup;
	pthread_mutex_t lock;
	struct worker_order order;
	uint32_t leaves;
	struct view *view;
	struct view_list views;
	unsigned int generation;
	struct listeners listeners;
	struct client_list clients;
	size_t client_count;
	struct exchange *exchanges;
	struct server_slot *slots;
	unsigned int slot_count;
	struct buffers buffers;
	struct splice_pipes pipes;
	struct handshakes *handshakes;
	struct sluice *relay;
	bool relay_keyless;
	uint64_t relay_again;
	struct request_ids ids;
	struct forward_clock clock;
	uint64_t random;
	pcre2_match_context *matching;
	pcre2_jit_stack *matching_stack;
	pcre2_match_data *captures;
	bool draining;
	bool closing;
	struct plan *taken;
	bool deaf;
	bool ended;
	const uint8_t *secret;
};

/**
 * worker_start() - start a thread
 * @worker: zero, but for @proxy, @number and @secret
 *
 * Return: 0 or a negative errno.
 */
int worker_start(struct worker *worker);

/**
 * worker_join() - wait for the end of a worker that was told to stop or to drain
 * @worker: one that other workers may still wake up
 */
void worker_join(struct worker *worker);

/**
 * worker_exit() - the end of all that a worker has: clients are cut off
 * @worker: no worker runs any more
 */
void worker_exit(struct worker *worker);

/* The main thread: do what is in @order, which it has filled in under @lock. */
void worker_order(struct worker *worker);

/**
 * worker_random() - the next number
 * @worker: whose generator
 *
 * Return: 64 bits, good enough to choose by.
 */
uint64_t worker_random(struct worker *worker);

/**
 * worker_date() - what time it is, for Date
 * @worker: of this thread
 *
 * Return: a text until the next call.
 */
const char *worker_date(struct worker *worker);

/* view.c */
struct view *view_create(struct worker *worker, struct plan *plan);
struct view *view_get(struct view *view);
void view_put(struct worker *worker, struct view *view);

/* Servers of a pool as they are: call before choosing one. */
void view_refresh(struct worker_pool *pool);

/* The last client of a worker that drains may be gone. */
void worker_client_gone(struct worker *worker);

#endif /* PROXY_WORKER_H */
