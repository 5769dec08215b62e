// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "client.h"
#include "client_relay.h"
#include "exchange_queue.h"
#include "log.h"
#include "match.h"
#include "proxy_parts.h"
#include "worker.h"

/* All that a socket may hold that nobody has accepted. */
#define ACCEPT_ALL 65536
/* Handshakes that may wait; whoever comes above that is turned away. */
#define HANDSHAKES_MAX 4096

uint64_t worker_random(struct worker *worker)
{
	/* splitmix64, by Sebastiano Vigna. */
	uint64_t z = worker->random += 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

const char *worker_date(struct worker *worker)
{
	return forward_clock_date(&worker->clock, time(NULL));
}

static void ready(struct loop_fd *fd, uint32_t events)
{
	(void)events;
	client_accept(loop_owner(fd, struct listener, fd));
}

/* It may have several of an address. */
static bool is_same(const struct listener *a, const struct listener *b)
{
	return a->fd.fd == b->fd.fd &&
	       sluice_endpoint_compare(&a->at, &b->at) == 0;
}

static struct listener *find_listener(const struct worker *worker,
				      const struct listener *wanted)
{
	struct listener *listener;

	TAILQ_FOREACH(listener, &worker->listeners, of_worker)
	if (is_same(listener, wanted))
		break;
	return listener;
}

static void free_listener(struct listener *listener)
{
	struct worker *worker = listener->worker;

	loop_timer_del(worker->loop, &listener->again);
	loop_fd_del(worker->loop, &listener->fd);
	TAILQ_REMOVE(&worker->listeners, listener, of_worker);
	free(listener);
}

static void drop_listener(struct listener *listener)
{
	/* Who has connected already is served. */
	listener->burst = ACCEPT_ALL;
	client_accept(listener);
	free_listener(listener);
}

static void use_listener(struct worker *worker, const struct listener *wanted)
{
	struct listener *listener = find_listener(worker, wanted);

	if (listener) {
		listener->service = wanted->service;
		return;
	}
	listener = malloc(sizeof(*listener));
	if (!listener) {
		log_error(NULL,
			  "a listening socket is not used: out of memory");
		return;
	}
	*listener = *wanted;
	listener->worker = worker;
	listener->burst = 1;
	listener->fd.ready = ready;
	TAILQ_INSERT_TAIL(&worker->listeners, listener, of_worker);
	if (loop_fd_add(worker->loop, &listener->fd, wanted->fd.fd, EPOLLIN))
		log_error(NULL, "a listening socket is not used: %s",
			  strerror(errno));
}

static bool is_wanted(const struct worker_order *order,
		      const struct listener *listener)
{
	for (size_t i = 0; i < order->listener_count; i++)
		if (is_same(&order->listeners[i], listener))
			return true;
	return false;
}

static void use_listeners(struct worker *worker,
			  const struct worker_order *order)
{
	struct listener *listener, *next;

	for (listener = TAILQ_FIRST(&worker->listeners); listener;
	     listener = next) {
		next = TAILQ_NEXT(listener, of_worker);
		if (!is_wanted(order, listener))
			drop_listener(listener);
	}
	if (worker->draining)
		return;
	for (size_t i = 0; i < order->listener_count; i++)
		use_listener(worker, &order->listeners[i]);
}

static void use_plan(struct worker *worker, struct worker_order *order)
{
	struct view *before = worker->view;
	struct view *view = view_create(worker, order->plan);

	if (!view) {
		/* It goes on with what it has. */
		log_error(
			NULL,
			"a worker cannot use the configuration: out of memory");
		proxy_plan_put(worker->proxy, order->plan);
		return;
	}
	worker->view = view;
	use_listeners(worker, order);
	if (before)
		view_put(worker, before);
	clients_retire(worker);
}

static void drain(struct worker *worker, bool gently)
{
	struct listener *listener, *next;

	for (listener = TAILQ_FIRST(&worker->listeners); listener;
	     listener = next) {
		next = TAILQ_NEXT(listener, of_worker);
		drop_listener(listener);
	}
	__atomic_store_n(&worker->deaf, true, __ATOMIC_RELEASE);
	proxy_notify(worker->proxy);
	worker->draining = true;
	/* What they send next may be on its way: it is answered, and is the last. */
	worker->closing = !gently;
	if (worker->closing)
		clients_retire(worker);
	worker_client_gone(worker);
}

static void serve_queues_of(struct view *view)
{
	for (size_t i = 0; i < view->plan->pool_count; i++)
		exchange_queue_serve(&view->pools[i]);
}

/* Who came with a configuration that was exchanged since has waited longer. */
static void serve_queues(struct worker *worker)
{
	struct view *view = TAILQ_FIRST(&worker->views), *next;

	/* The last that has a view may end here. */
	if (view)
		view_get(view);
	for (; view; view = next) {
		serve_queues_of(view);
		next = TAILQ_NEXT(view, of_worker);
		if (next)
			view_get(next);
		view_put(worker, view);
	}
}

/* Some are down, or have drained, and are not to keep what they have. */
static void leave_servers(struct worker *worker)
{
	const struct plan_parts *parts;
	uint32_t leaves;

	if (!worker->view)
		return;
	parts = worker->view->plan->parts;
	leaves = __atomic_load_n(&parts->leaves, __ATOMIC_ACQUIRE);
	if (leaves == worker->leaves)
		return;
	worker->leaves = leaves;
	clients_leave(worker);
}

static void adopt_all(struct worker *worker, struct client_return *returned)
{
	struct client_return *next;

	for (; returned; returned = next) {
		next = returned->next;
		client_relay_adopt(worker, returned);
	}
}

static void woken(struct wakeup *wakeup)
{
	struct worker *worker = loop_owner(wakeup, struct worker, wakeup);
	struct worker_order order;

	pthread_mutex_lock(&worker->lock);
	order = worker->order;
	worker->order.plan = NULL;
	worker->order.listeners = NULL;
	worker->order.listener_count = 0;
	worker->order.returned = NULL;
	pthread_mutex_unlock(&worker->lock);

	if (order.plan)
		use_plan(worker, &order);
	free(order.listeners);
	adopt_all(worker, order.returned);
	if (order.drain && !worker->draining)
		drain(worker, order.gently);
	if (order.stop)
		loop_stop(worker->loop);
	leave_servers(worker);
	serve_queues(worker);
	if (order.plan) {
		__atomic_store_n(&worker->taken, order.plan, __ATOMIC_RELEASE);
		proxy_notify(worker->proxy);
	}
}

void worker_client_gone(struct worker *worker)
{
	if (worker->draining && !worker->client_count)
		loop_stop(worker->loop);
}

static void *run(void *arg)
{
	struct worker *worker = arg;
	int err = loop_run(worker->loop);

	if (err)
		log_error(NULL, "a worker has ended: %s", strerror(-err));
	__atomic_store_n(&worker->ended, true, __ATOMIC_RELEASE);
	proxy_notify(worker->proxy);
	return NULL;
}

static void exit_parts(struct worker *worker)
{
	wakeup_exit(&worker->wakeup);
	handshakes_free(worker->handshakes);
	match_exit(worker);
	loop_free(worker->loop);
	pthread_mutex_destroy(&worker->lock);
}

int worker_start(struct worker *worker)
{
	char name[16];
	int err;

	TAILQ_INIT(&worker->clients);
	TAILQ_INIT(&worker->views);
	TAILQ_INIT(&worker->listeners);
	if (getrandom(&worker->random, sizeof(worker->random), 0) < 0)
		return -errno;
	err = request_ids_init(&worker->ids);
	if (err)
		return err;
	worker->loop = loop_create(NULL);
	if (!worker->loop)
		return -errno;
	worker->handshakes = handshakes_create(worker->loop, HANDSHAKES_MAX);
	worker->wakeup.woken = woken;
	err = match_init(worker) && worker->handshakes ?
		      wakeup_init(worker->loop, &worker->wakeup) :
		      -ENOMEM;
	if (err) {
		handshakes_free(worker->handshakes);
		match_exit(worker);
		loop_free(worker->loop);
		return err;
	}
	pthread_mutex_init(&worker->lock, NULL);
	err = -pthread_create(&worker->thread, NULL, run, worker);
	if (err) {
		exit_parts(worker);
		return err;
	}
	snprintf(name, sizeof(name), "sluiced/%u", worker->number);
	pthread_setname_np(worker->thread, name);
	return 0;
}

void worker_order(struct worker *worker)
{
	wakeup_send(&worker->wakeup);
}

static void free_exchanges(struct worker *worker)
{
	struct exchange *x;

	while ((x = worker->exchanges)) {
		worker->exchanges = x->next;
		free(x);
	}
}

void worker_join(struct worker *worker)
{
	pthread_join(worker->thread, NULL);
}

void worker_exit(struct worker *worker)
{
	struct listener *listener, *next;
	struct client_return *returned;
	struct client *client;

	while ((client = TAILQ_FIRST(&worker->clients))) {
		if (client->exchange)
			exchange_abort(client->exchange, ACCESS_END_SHUTDOWN,
				       NULL);
		else
			client_close(client);
	}
	for (listener = TAILQ_FIRST(&worker->listeners); listener;
	     listener = next) {
		next = TAILQ_NEXT(listener, of_worker);
		free_listener(listener);
	}
	for (unsigned int i = 0; i < worker->slot_count; i++)
		server_slot_clear(&worker->slots[i]);
	free(worker->slots);
	if (worker->view)
		view_put(worker, worker->view);
	if (worker->order.plan)
		proxy_plan_put(worker->proxy, worker->order.plan);
	free(worker->order.listeners);
	while ((returned = worker->order.returned)) {
		worker->order.returned = returned->next;
		client_return_free(returned);
	}
	client_relay_exit(worker);
	free_exchanges(worker);
	exit_parts(worker);
	buffers_exit(&worker->buffers);
	splice_exit(&worker->pipes);
}
