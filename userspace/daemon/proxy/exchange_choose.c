// SPDX-License-Identifier: GPL-2.0-or-later
/* Which server an exchange gets: by its cookie, by a hash, or as the scheduler has it. */
#include <errno.h>
#include <string.h>

#include "exchange_choose.h"
#include "hash_key.h"
#include "sticky.h"

/* Whether a server that was chosen cannot be used: see usable(). */
struct choice {
	const struct exchange *x;
	bool full;
	bool ejected;
	bool take_ejected;
	bool take_full;
};

static struct worker *worker_of(const struct exchange *x)
{
	return x->client->worker;
}

static bool was_tried(const struct exchange *x, size_t i)
{
	for (unsigned int t = 0; t < x->tried_count; t++)
		if (x->tried[t] == i)
			return true;
	return false;
}

/* Not before it counts as waiting, where it does: see exchange_queue.c. */
static bool is_full(const struct plan_server *server)
{
	uint32_t max =
		__atomic_load_n(&server->connections_max, __ATOMIC_RELAXED);

	return max &&
	       __atomic_load_n(&server->load.active, __ATOMIC_SEQ_CST) >= max;
}

/* Those who wait for this one alone come before those who could have any. */
static bool has_room(const struct plan_server *server)
{
	return !is_full(server) &&
	       !__atomic_load_n(&server->waiting, __ATOMIC_SEQ_CST);
}

/* Left out for a time, because of what it has answered. */
static bool is_ejected(const struct exchange *x, size_t i)
{
	struct outlier *outlier = x->pool->pool->outlier;

	return outlier && outlier_ejected(&outlier->servers[i],
					  loop_now(worker_of(x)->loop));
}

static bool usable(void *arg, size_t i)
{
	struct choice *choice = arg;

	if (was_tried(choice->x, i))
		return false;
	if (!choice->take_ejected && is_ejected(choice->x, i)) {
		choice->ejected = true;
		return false;
	}
	if (choice->take_full || has_room(choice->x->pool->pool->servers[i]))
		return true;
	choice->full = true;
	return false;
}

/* Have a request counted. Return: false: another worker was faster. */
static bool reserve(struct plan_server *server)
{
	uint32_t active =
		__atomic_add_fetch(&server->load.active, 1, __ATOMIC_SEQ_CST);

	uint32_t max =
		__atomic_load_n(&server->connections_max, __ATOMIC_RELAXED);

	if (!max || active <= max)
		return true;
	__atomic_sub_fetch(&server->load.active, 1, __ATOMIC_RELAXED);
	return false;
}

bool exchange_take(struct exchange *x, unsigned int i)
{
	struct plan_server *server = x->pool->pool->servers[i];

	if (!reserve(server))
		return false;
	x->server = server;
	x->counted = server;
	x->server_at = server->at;
	x->server_index = i;
	return true;
}

/* Which server the client's cookie says. */
static bool find_key(const struct exchange *x, uint64_t *key)
{
	const struct config_pool *config = x->pool->pool->config;
	const uint8_t *buf = x->client->in->data;
	struct sluice_http_slice value;

	if (!sluice_http_cookie_find(&x->head, buf, config->sticky->cookie,
				     (u32)strlen(config->sticky->cookie),
				     &value))
		return false;
	if (config->sticky->mode == CONFIG_STICKY_APPLICATION)
		return sticky_table_find(x->pool->pool->load->values,
					 (const char *)buf + value.offset,
					 value.length, key);
	return sticky_server(worker_of(x)->secret, config,
			     (const char *)buf + value.offset, value.length,
			     key);
}

bool exchange_may_keep(const struct exchange *x, unsigned int i)
{
	const struct plan_server *server = x->pool->pool->servers[i];

	return plan_server_state(server) != SLUICE_SERVER_STATE_DOWN &&
	       !__atomic_load_n(&server->leave, __ATOMIC_RELAXED) &&
	       !is_ejected(x, i);
}

bool exchange_may_have(const struct exchange *x, unsigned int i)
{
	const struct balance_load *load = x->pool->pool->loads[i];

	return __atomic_load_n(&load->weight, __ATOMIC_RELAXED) &&
	       !was_tried(x, i) && !is_ejected(x, i);
}

/* A client that is bound to a server stays there, also while that drains. */
static unsigned int find_bound(const struct exchange *x)
{
	const struct plan_pool *pool = x->pool->pool;
	uint64_t key;

	if (!find_key(x, &key))
		return EXCHANGE_ANY;
	for (unsigned int i = 0; i < pool->count; i++)
		if (pool->servers[i]->load.key == key)
			return exchange_may_keep(x, i) && !was_tried(x, i) ?
				       i :
				       EXCHANGE_ANY;
	return EXCHANGE_ANY;
}

static bool is_sticky(const struct exchange *x)
{
	return !x->raw && x->pool->pool->config->sticky;
}

/* A client that has come to its server needs no cookie of ours. */
static void use_bound(struct exchange *x)
{
	x->sticks = x->pool->pool->config->sticky->mode ==
		    CONFIG_STICKY_APPLICATION;
}

static uint64_t hash(const struct exchange *x, const struct config_pool *config)
{
	/* Any number, but on every node the same. */
	static const uint64_t key[2] = { 0x736c75696365, 0x70726f7879 };
	const struct hash_key_request request = {
		.buf = x->raw ? NULL : x->client->in->data,
		.head = &x->head,
		.path = exchange_path(x),
		.source = &x->client->who.source.address,
	};

	return hash_key(x->raw ? NULL : config->hash, &request, key);
}

unsigned int exchange_own(struct exchange *x)
{
	const struct config_pool *config = x->pool->pool->config;
	struct choice choice = { .x = x, .take_full = true };
	struct balance_ask ask = { .usable = usable, .arg = &choice };
	unsigned int bound = EXCHANGE_ANY;

	view_refresh(x->pool);
	if (is_sticky(x)) {
		x->sticks = true;
		bound = find_bound(x);
	}
	if (bound != EXCHANGE_ANY) {
		use_bound(x);
	} else if (config->scheduler == CONFIG_MAGLEV) {
		ask.hash = hash(x, config);
		/* -1, none, becomes EXCHANGE_ANY. */
		bound = (unsigned int)balance_pick(x->pool->balance, &ask);
	}
	return bound;
}

/* The server that a cookie says, if it has room. */
static bool take_bound(struct exchange *x)
{
	unsigned int bound = find_bound(x);

	x->sticks = true;
	if (bound == EXCHANGE_ANY || !exchange_take(x, bound))
		return false;
	use_bound(x);
	return true;
}

int exchange_choose(struct exchange *x)
{
	const struct config_pool *config = x->pool->pool->config;
	struct choice choice = { .x = x };
	struct balance_ask ask = { .usable = usable, .arg = &choice };
	int i;

	view_refresh(x->pool);
	if (is_sticky(x) && take_bound(x))
		return 0;
	if (config->scheduler == CONFIG_MAGLEV)
		ask.hash = hash(x, config);
	for (;;) {
		do
			i = balance_pick(x->pool->balance, &ask);
		while (i >= 0 && !exchange_take(x, (unsigned int)i));
		if (i >= 0)
			return 0;
		/* Better one that fails often than none. */
		if (!choice.ejected || choice.full)
			break;
		choice.ejected = false;
		choice.take_ejected = true;
	}
	return choice.full ? -EAGAIN : -ENOENT;
}
