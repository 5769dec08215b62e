// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who waits for a server. A worker that lets go of one looks, after that, whether
 * anybody waits (exchange_release()), and whoever begins to wait looks, after that,
 * whether there is room: one of the two sees the other.
 */
#include <errno.h>

#include "exchange_choose.h"
#include "exchange_queue.h"
#include "proxy_parts.h"

static struct worker *worker_of(const struct exchange *x)
{
	return x->client->worker;
}

static void count_queued(const struct exchange *x, uint64_t change)
{
	const struct plan_pool *pool = x->pool->pool;
	unsigned int worker = worker_of(x)->number;

	counter_add(&counts_of(pool->counts, worker)->queued, change);
	if (x->own != EXCHANGE_ANY)
		counter_add(&counts_of(pool->servers[x->own]->counts, worker)
				     ->queued,
			    change);
}

/* How many wait for what it waits for. */
static uint32_t *waiting_of(const struct exchange *x)
{
	struct plan_pool *pool = x->pool->pool;

	return x->own == EXCHANGE_ANY ? &pool->load->waiting_any :
					&pool->servers[x->own]->waiting;
}

/* Return: false: nobody else may wait for that. */
static bool join(struct exchange *x, unsigned int own, uint32_t max)
{
	struct worker_pool *pool = x->pool;
	struct exchange_queue *queue = &pool->queue;
	uint32_t *waiting;

	x->own = own;
	waiting = waiting_of(x);
	if (__atomic_add_fetch(waiting, 1, __ATOMIC_SEQ_CST) > max) {
		__atomic_sub_fetch(waiting, 1, __ATOMIC_RELAXED);
		return false;
	}
	__atomic_add_fetch(&pool->pool->load->waiting, 1, __ATOMIC_SEQ_CST);
	if (own != EXCHANGE_ANY) {
		queue = &pool->queues[own].waiting;
		if (TAILQ_EMPTY(queue))
			TAILQ_INSERT_TAIL(&pool->waited_for, &pool->queues[own],
					  of_pool);
	}
	TAILQ_INSERT_TAIL(queue, x, queue);
	x->waits = true;
	count_queued(x, 1);
	/* Who has waited for a certain one goes on to wait. */
	if (x->queued && x->state == EXCHANGE_QUEUED)
		return true;
	if (!x->queued)
		x->queued = loop_now(worker_of(x)->loop);
	x->state = EXCHANGE_QUEUED;
	exchange_set_timer(x);
	return true;
}

static void leave(struct exchange *x)
{
	struct worker_pool *pool = x->pool;
	struct worker_queue *queue;

	x->waits = false;
	count_queued(x, (uint64_t)-1);
	if (x->own == EXCHANGE_ANY) {
		TAILQ_REMOVE(&pool->queue, x, queue);
	} else {
		queue = &pool->queues[x->own];
		TAILQ_REMOVE(&queue->waiting, x, queue);
		if (TAILQ_EMPTY(&queue->waiting))
			TAILQ_REMOVE(&pool->waited_for, queue, of_pool);
	}
	__atomic_sub_fetch(waiting_of(x), 1, __ATOMIC_SEQ_CST);
	__atomic_sub_fetch(&pool->pool->load->waiting, 1, __ATOMIC_RELAXED);
}

void exchange_leave_queue(struct exchange *x)
{
	if (!x->waits)
		return;
	leave(x);
	/* Others may have been passed over for it. */
	if (x->own != EXCHANGE_ANY &&
	    __atomic_load_n(&x->pool->pool->load->waiting, __ATOMIC_SEQ_CST))
		proxy_wake(worker_of(x)->proxy);
}

/* Whether somebody is first who waits for any server that has room. */
static bool is_behind(const struct exchange *x)
{
	const struct exchange *first = TAILQ_FIRST(&x->pool->queue);

	return first && !first->tried_count;
}

/* Of one that belongs to a server. As exchange_turn(), or 1: it is like any other. */
static int turn_for_own(struct exchange *x, unsigned int own)
{
	struct plan_server *server = x->pool->pool->servers[own];
	uint32_t max = __atomic_load_n(&server->queue, __ATOMIC_RELAXED);

	if (TAILQ_EMPTY(&x->pool->queues[own].waiting) && exchange_take(x, own))
		return 0;
	if (!join(x, own, max))
		return 1;
	if (x != TAILQ_FIRST(&x->pool->queues[own].waiting) ||
	    !exchange_take(x, own))
		return -EAGAIN;
	leave(x);
	return 0;
}

int exchange_turn(struct exchange *x)
{
	unsigned int own = x->pool->queues ? exchange_own(x) : EXCHANGE_ANY;
	int err = own == EXCHANGE_ANY ? 1 : turn_for_own(x, own);
	bool behind;

	if (err != 1)
		return err;
	behind = is_behind(x);
	err = behind ? -EAGAIN : exchange_choose(x);
	if (err != -EAGAIN)
		return err;
	if (!join(x, EXCHANGE_ANY, x->pool->pool->config->queue)) {
		exchange_refuse(
			x, 503, ACCESS_END_QUEUE_FULL,
			"all servers have as many requests as they may");
		return err;
	}
	if (behind)
		return err;
	err = exchange_choose(x);
	if (err != -EAGAIN)
		leave(x);
	return err;
}

/* Who is next at a server: who belongs to it, unless somebody has waited for longer. */
static struct exchange *next_at(const struct worker_pool *pool, unsigned int i)
{
	struct exchange *own = TAILQ_FIRST(&pool->queues[i].waiting);
	struct exchange *any = TAILQ_FIRST(&pool->queue);

	return own && any && any->queued < own->queued &&
			       exchange_may_have(any, i) ?
		       any :
		       own;
}

static void serve_server(struct worker_pool *pool, unsigned int i)
{
	struct exchange_queue *queue = &pool->queues[i].waiting;
	struct exchange *x;

	/* They look for another server, or go on to wait for any. */
	while ((x = TAILQ_FIRST(queue)) && !exchange_may_keep(x, i)) {
		leave(x);
		exchange_connect(x);
	}
	while ((x = next_at(pool, i)) && exchange_take(x, i)) {
		leave(x);
		exchange_connect_to(x);
	}
}

static void serve_any(struct worker_pool *pool)
{
	struct exchange *x;
	int err;

	while ((x = TAILQ_FIRST(&pool->queue))) {
		err = exchange_choose(x);
		if (err == -EAGAIN)
			return;
		leave(x);
		if (!err)
			exchange_connect_to(x);
		else
			exchange_refuse(x, 503, ACCESS_END_NO_SERVER,
					"no server is up");
	}
}

void exchange_queue_serve(struct worker_pool *pool)
{
	struct worker_queue *queue = TAILQ_FIRST(&pool->waited_for), *next;

	for (; queue; queue = next) {
		/* Serving takes nothing out of the list but this one. */
		next = TAILQ_NEXT(queue, of_pool);
		serve_server(pool, (unsigned int)(queue - pool->queues));
	}
	serve_any(pool);
}
