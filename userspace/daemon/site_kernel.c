// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of a site the kernel is yet to be told: all servers that changed in one
 * turn, at its end. Slow start changes weights as time goes by.
 */
#include <string.h>

#include "site_parts.h"

#define SLOW_STEP_MS 500
#define NS_PER_MS 1000000U

/* The kernel has pools in the families that services ask for. */
static bool is_in_kernel(const struct site_server *server)
{
	return server->pool->families & site_family(server->at.address.family);
}

static void queue(struct site_server *server, enum site_pending pending)
{
	struct site *site = server->pool->site;

	if (server->pending == SITE_NOTHING)
		TAILQ_INSERT_TAIL(&site->pending, server, of_pending);
	server->pending = pending;
	loop_task_add(site->host->loop, &site->flush);
}

static bool is_told(const struct site_server *server)
{
	const struct sluice_server *told = &server->told;
	struct sluice_server wanted;

	site_server_wanted(server, &wanted);
	return told->state == wanted.state && told->weight == wanted.weight &&
	       told->forward == wanted.forward &&
	       server->told_until ==
		       site_drain_until(server, site_change_of(server));
}

void site_server_touch(struct site_server *server)
{
	struct site *site = server->pool->site;

	site_server_note(server);
	server->touched = true;
	server->pool->touched = true;
	if (!site->live)
		return;
	loop_task_add(site->host->loop, &site->flush);
	if (!is_in_kernel(server) || server->pending != SITE_NOTHING)
		return;
	if (!server->told.has_state)
		queue(server, SITE_ADD);
	else if (!is_told(server))
		queue(server, SITE_SET);
}

void site_server_del(struct site_server *server)
{
	struct site_pool *pool = server->pool;
	bool told = server->told.has_state && is_in_kernel(server);

	TAILQ_REMOVE(&pool->servers, server, of_pool);
	pool->count--;
	pool->touched = true;
	site_table_del(pool->site, server);
	if (server->watch.target)
		check_watch_del(&server->watch);
	site_slow_end(server);
	if (pool->site->live)
		loop_task_add(pool->site->host->loop, &pool->site->flush);
	if (told && pool->site->live) {
		queue(server, SITE_DELETE);
		return;
	}
	if (server->pending != SITE_NOTHING)
		TAILQ_REMOVE(&pool->site->pending, server, of_pending);
	site_server_free(server);
}

void site_server_settled(struct site_server *server)
{
	enum site_pending was = server->pending;

	TAILQ_REMOVE(&server->pool->site->pending, server, of_pending);
	server->pending = SITE_NOTHING;
	if (was == SITE_DELETE)
		site_server_free(server);
}

static void flush(struct loop_task *task)
{
	struct site *site = loop_owner(task, struct site, flush);

	site->host->flush(site->host, site);
}

static void slow_step(struct wheel_timer *timer)
{
	struct site *site = loop_owner(timer, struct site, slow_timer);
	struct site_server *server = TAILQ_FIRST(&site->slow), *next;
	uint64_t now = loop_now(site->host->loop);

	for (; server; server = next) {
		next = TAILQ_NEXT(server, of_slow);
		if ((now - server->slow_since) / NS_PER_MS >=
		    server->pool->config->slow_start)
			site_slow_end(server);
		site_server_touch(server);
	}
	if (!TAILQ_EMPTY(&site->slow))
		loop_timer_set(site->host->loop, timer, SLOW_STEP_MS);
}

void site_slow_begin(struct site_server *server, uint64_t since)
{
	struct site *site = server->pool->site;

	if (!server->pool->config->slow_start)
		return;
	if (!server->slow_since)
		TAILQ_INSERT_TAIL(&site->slow, server, of_slow);
	server->slow_since = since;
	loop_timer_set(site->host->loop, &site->slow_timer, SLOW_STEP_MS);
}

void site_slow_end(struct site_server *server)
{
	if (!server->slow_since)
		return;
	TAILQ_REMOVE(&server->pool->site->slow, server, of_slow);
	server->slow_since = 0;
}

void site_pending_init(struct site *site)
{
	site->flush.run = flush;
	site->slow_timer.expire = slow_step;
}
