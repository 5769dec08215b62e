// SPDX-License-Identifier: GPL-2.0-or-later
/* Plans, as one worker sees them. */
#include <stdlib.h>

#include "exchange.h"
#include "proxy_parts.h"
#include "worker.h"

static void free_parts(struct view *view)
{
	for (size_t i = 0; view->pools && i < view->plan->pool_count; i++) {
		balance_free(view->pools[i].balance);
		free(view->pools[i].queues);
	}
	for (size_t i = 0; view->services && i < view->plan->service_count; i++)
		if (view->services[i].log)
			access_log_free(view->services[i].log);
	free(view->pools);
	free(view->services);
	free(view);
}

/* Return: whether there was memory. */
static bool make_queues(struct worker_pool *pool)
{
	const struct plan_pool *plan = pool->pool;
	const struct config_servers *servers = &plan->config->servers;
	bool any = false;

	TAILQ_INIT(&pool->queue);
	TAILQ_INIT(&pool->waited_for);
	for (size_t i = 0; i < servers->count; i++)
		any = any || servers->items[i].queue;
	if (!any || !plan->count)
		return true;
	pool->queues = calloc(plan->count, sizeof(*pool->queues));
	for (size_t i = 0; pool->queues && i < plan->count; i++)
		TAILQ_INIT(&pool->queues[i].waiting);
	return pool->queues;
}

static bool fill(struct worker *worker, struct view *view)
{
	const struct plan *plan = view->plan;

	for (size_t i = 0; i < plan->pool_count; i++) {
		struct plan_pool *pool = &plan->pools[i];
		struct worker_pool *mine = &view->pools[i];

		mine->pool = pool;
		mine->changes =
			__atomic_load_n(&pool->changes, __ATOMIC_ACQUIRE);
		mine->balance = balance_create(pool->config, pool->loads,
					       pool->count,
					       worker_random(worker));
		if (!mine->balance || !make_queues(mine))
			return false;
	}
	for (size_t i = 0; i < plan->service_count; i++) {
		const struct plan_service *service = &plan->services[i];
		struct worker_service *mine = &view->services[i];

		mine->credit = RETRY_CREDIT_MAX;
		if (!service->log)
			continue;
		mine->log = access_log_create(worker->loop, service->log,
					      service->http->access_log);
		if (!mine->log)
			return false;
	}
	return true;
}

/* A place for each server, and which of them are in the plan. */
static bool mark_slots(struct worker *worker, const struct plan *plan)
{
	unsigned int count = worker->slot_count;
	struct server_slot *slots;

	if (plan->slots > count) {
		/* Lists have their heads in here. */
		slots = calloc(plan->slots, sizeof(*slots));
		if (!slots)
			return false;
		for (unsigned int i = 0; i < plan->slots; i++)
			TAILQ_INIT(&slots[i].idle);
		for (unsigned int i = 0; i < count; i++) {
			TAILQ_CONCAT(&slots[i].idle, &worker->slots[i].idle,
				     of_slot);
			slots[i].count = worker->slots[i].count;
			slots[i].session = worker->slots[i].session;
		}
		free(worker->slots);
		worker->slots = slots;
		worker->slot_count = plan->slots;
	}
	worker->generation++;
	for (size_t i = 0; i < plan->pool_count; i++)
		for (size_t j = 0; j < plan->pools[i].count; j++)
			worker->slots[plan->pools[i].servers[j]->slot]
				.generation = worker->generation;
	return true;
}

/* Connections to servers that are in no plan any more. */
static void clear_slots(struct worker *worker)
{
	for (unsigned int i = 0; i < worker->slot_count; i++)
		if (worker->slots[i].generation != worker->generation)
			server_slot_clear(&worker->slots[i]);
}

struct view *view_create(struct worker *worker, struct plan *plan)
{
	struct view *view = calloc(1, sizeof(*view));

	if (!view)
		return NULL;
	view->plan = plan;
	view->users = 1;
	view->pools = calloc(plan->pool_count + 1, sizeof(*view->pools));
	view->services =
		calloc(plan->service_count + 1, sizeof(*view->services));
	if (!view->pools || !view->services || !fill(worker, view) ||
	    !mark_slots(worker, plan)) {
		free_parts(view);
		return NULL;
	}
	clear_slots(worker);
	TAILQ_INSERT_TAIL(&worker->views, view, of_worker);
	return view;
}

struct view *view_get(struct view *view)
{
	view->users++;
	return view;
}

void view_put(struct worker *worker, struct view *view)
{
	struct plan *plan = view->plan;

	if (--view->users)
		return;
	TAILQ_REMOVE(&worker->views, view, of_worker);
	free_parts(view);
	proxy_plan_put(worker->proxy, plan);
}

void view_refresh(struct worker_pool *pool)
{
	uint32_t changes =
		__atomic_load_n(&pool->pool->changes, __ATOMIC_ACQUIRE);

	if (changes == pool->changes)
		return;
	pool->changes = changes;
	balance_weights(pool->balance);
}
