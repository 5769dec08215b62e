// SPDX-License-Identifier: GPL-2.0-or-later
/* Which server an exchange gets, what happens if there is none, and what if it fails. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "exchange.h"
#include "hash_key.h"
#include "log.h"
#include "proxy_parts.h"
#include "sticky.h"

#define NS_PER_US 1000U
#define NS_PER_SEC 1000000000U

/* Whether a server that was chosen cannot be used: see usable(). */
struct choice {
	const struct exchange *x;
	bool full;
	bool ejected;
	bool take_ejected;
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

/* Not before it counts as waiting, where it does: see choose_in_turn(). */
static bool is_full(const struct plan_server *server)
{
	uint32_t max =
		__atomic_load_n(&server->connections_max, __ATOMIC_RELAXED);

	return max &&
	       __atomic_load_n(&server->load.active, __ATOMIC_SEQ_CST) >= max;
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
	if (!is_full(choice->x->pool->pool->servers[i]))
		return true;
	choice->full = true;
	return false;
}

/* Have a request counted. Return: false: another worker was faster. */
static bool reserve(struct plan_server *server)
{
	uint32_t active =
		__atomic_add_fetch(&server->load.active, 1, __ATOMIC_RELAXED);

	uint32_t max =
		__atomic_load_n(&server->connections_max, __ATOMIC_RELAXED);

	if (!max || active <= max)
		return true;
	__atomic_sub_fetch(&server->load.active, 1, __ATOMIC_RELAXED);
	return false;
}

static bool use(struct exchange *x, size_t i)
{
	struct plan_server *server = x->pool->pool->servers[i];

	if (!reserve(server))
		return false;
	x->server = server;
	x->counted = server;
	x->server_at = server->at;
	x->server_index = (unsigned int)i;
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

/* A client that is bound to a server stays there, also while that drains. */
static bool use_bound(struct exchange *x)
{
	const struct plan_pool *pool = x->pool->pool;
	uint64_t key;

	x->sticks = true;
	if (!find_key(x, &key))
		return false;
	for (size_t i = 0; i < pool->count; i++) {
		struct plan_server *server = pool->servers[i];

		if (server->load.key != key)
			continue;
		if (plan_server_state(server) == SLUICE_SERVER_STATE_DOWN ||
		    was_tried(x, i) || is_ejected(x, i) || !use(x, i))
			return false;
		x->sticks = pool->config->sticky->mode ==
			    CONFIG_STICKY_APPLICATION;
		return true;
	}
	return false;
}

static void log_ejected(const struct exchange *x, uint64_t span)
{
	char at[SLUICE_ENDPOINT_TEXT];
	const struct log_field about[] = {
		{ "pool", x->pool->pool->config->name },
		{ "server",
		  sluice_endpoint_print(at, sizeof(at), &x->server_at) },
		{ NULL, NULL },
	};

	log_warning(about,
		    "server fails too often and is left out for %" PRIu64 " s",
		    (span + NS_PER_SEC - 1) / NS_PER_SEC);
}

/* What its server has made of it, for who chooses the next one. */
void exchange_report(struct exchange *x, bool failed)
{
	struct outlier *outlier = x->pool->pool->outlier;
	uint64_t now = loop_now(worker_of(x)->loop), latency = 0, span;

	if (!outlier || !x->server)
		return;
	if (x->answered && x->asked)
		latency = (x->answered - x->asked) / NS_PER_US;
	span = outlier_report(&outlier->servers[x->server_index], failed,
			      latency, now);
	if (span)
		log_ejected(x, span);
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

/* Return: 0; -EAGAIN: those that could are full; -ENOENT: none is up. */
static int choose(struct exchange *x)
{
	const struct config_pool *config = x->pool->pool->config;
	struct choice choice = { .x = x };
	struct balance_ask ask = { .usable = usable, .arg = &choice };
	int i;

	view_refresh(x->pool);
	if (!x->raw && config->sticky && use_bound(x))
		return 0;
	if (config->scheduler == CONFIG_MAGLEV)
		ask.hash = hash(x, config);
	for (;;) {
		do
			i = balance_pick(x->pool->balance, &ask);
		while (i >= 0 && !use(x, (size_t)i));
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

/* Methods that do the same if they are done twice, RFC 9110 9.2.2. */
static bool is_idempotent(const struct exchange *x)
{
	switch (x->head.method_id) {
	case SLUICE_HTTP_METHOD_GET:
	case SLUICE_HTTP_METHOD_HEAD:
	case SLUICE_HTTP_METHOD_PUT:
	case SLUICE_HTTP_METHOD_DELETE:
	case SLUICE_HTTP_METHOD_OPTIONS:
	case SLUICE_HTTP_METHOD_TRACE:
		return true;
	default:
		return false;
	}
}

/*
 * A connection that was used before may be closed by the server just now: only
 * what may be sent again goes there, unless the pool takes that risk.
 */
static bool may_reuse(const struct exchange *x)
{
	int reuse = x->pool->pool->config->reuse;

	return !x->raw && !x->anew &&
	       (reuse == CONFIG_REUSE_ALWAYS ||
		(reuse == CONFIG_REUSE_SAFE && is_idempotent(x)));
}

/* The name for TLS to the server, if the request has one. */
static const char *host_name(const struct exchange *x,
			     char to[SLUICE_HTTP_HOST_MAX + 1])
{
	if (x->raw || x->head.host_kind != SLUICE_HTTP_HOST_NAME)
		return NULL;
	memcpy(to, x->client->in->data + x->head.host.offset,
	       x->head.host.length);
	to[x->head.host.length] = '\0';
	return to;
}

/* What the process or the system has no more of, whatever the server. */
static bool lacks(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	       error == ENOMEM;
}

static void connect_to(struct exchange *x)
{
	struct worker *worker = worker_of(x);
	const struct plan_pool *pool = x->pool->pool;
	char name[SLUICE_HTTP_HOST_MAX + 1];
	const char *host = pool->tls ? host_name(x, name) : NULL;
	int error = 0;

	x->connecting = loop_now(worker->loop);
	x->state = EXCHANGE_CONNECTING;
	x->conn = may_reuse(x) ?
			  server_conn_take(worker, pool, x->server, host) :
			  NULL;
	x->reused = x->conn;
	if (!x->conn)
		x->conn = server_conn_open(worker, pool, x->server, host,
					   &x->client->who, &error);
	if (!x->conn && lacks(-error)) {
		/* Another server would not help, and this one has done nothing. */
		exchange_refuse(x, 503, ACCESS_END_ERROR, strerror(-error));
		return;
	}
	if (!x->conn) {
		exchange_server_failed(x, ACCESS_END_CONNECT_FAILED,
				       strerror(-error));
		return;
	}
	x->conn->exchange = x;
	exchange_set_timer(x);
	exchange_run(x);
}

static void count_queued(const struct exchange *x, uint64_t change)
{
	counter_add(
		&counts_of(x->pool->pool->counts, worker_of(x)->number)->queued,
		change);
}

/* Whether somebody is first who waits for any server that has room. */
static bool is_behind(const struct exchange *x)
{
	const struct exchange *first = TAILQ_FIRST(&x->pool->queue);

	return first && !first->tried_count;
}

/* Return: false: there is no room in the queue, and the exchange is over. */
static bool wait(struct exchange *x)
{
	const struct plan_pool *pool = x->pool->pool;
	uint32_t *waiting = &pool->load->waiting;

	if (__atomic_add_fetch(waiting, 1, __ATOMIC_SEQ_CST) >
	    pool->config->queue) {
		__atomic_sub_fetch(waiting, 1, __ATOMIC_RELAXED);
		exchange_refuse(
			x, 503, ACCESS_END_QUEUE_FULL,
			"all servers have as many requests as they may");
		return false;
	}
	if (!x->queued)
		x->queued = loop_now(worker_of(x)->loop);
	x->state = EXCHANGE_QUEUED;
	TAILQ_INSERT_TAIL(&x->pool->queue, x, queue);
	x->waits = true;
	count_queued(x, 1);
	exchange_set_timer(x);
	return true;
}

void exchange_unqueue(struct exchange *x)
{
	if (!x->waits)
		return;
	x->waits = false;
	count_queued(x, (uint64_t)-1);
	TAILQ_REMOVE(&x->pool->queue, x, queue);
	__atomic_sub_fetch(&x->pool->pool->load->waiting, 1, __ATOMIC_RELAXED);
}

static unsigned int status_of(enum access_end end)
{
	return end == ACCESS_END_CONNECT_TIMEOUT ||
			       end == ACCESS_END_SERVER_TIMEOUT ?
		       504 :
		       502;
}

/*
 * The same, in a queue where all are full. Whoever lets go of a server looks for
 * somebody who waits: it is here, or there is room by now.
 */
static int choose_in_turn(struct exchange *x)
{
	bool behind = is_behind(x);
	int err = behind ? -EAGAIN : choose(x);

	if (err != -EAGAIN)
		return err;
	if (!wait(x) || behind)
		return err;
	err = choose(x);
	if (err != -EAGAIN)
		exchange_unqueue(x);
	return err;
}

void exchange_connect(struct exchange *x)
{
	switch (choose_in_turn(x)) {
	case 0:
		connect_to(x);
		break;
	case -EAGAIN:
		/* It waits, or is over. */
		break;
	default:
		exchange_refuse(x, x->tried_count ? status_of(x->end) : 503,
				x->tried_count ? x->end : ACCESS_END_NO_SERVER,
				x->reason ? x->reason : "no server is up");
	}
}

void exchange_dequeue(struct worker_pool *pool)
{
	struct exchange *x;
	int err;

	while ((x = TAILQ_FIRST(&pool->queue))) {
		err = choose(x);
		if (err == -EAGAIN)
			return;
		exchange_unqueue(x);
		if (!err)
			connect_to(x);
		else
			exchange_refuse(x, 503, ACCESS_END_NO_SERVER,
					"no server is up");
	}
}

void exchange_release(struct exchange *x, bool keep)
{
	struct server_conn *conn = x->conn;
	struct plan_server *server = x->server;

	exchange_unqueue(x);
	x->conn = NULL;
	x->server = NULL;
	if (conn && keep)
		server_conn_keep(conn);
	else if (conn)
		server_conn_close(conn);
	if (!server)
		return;
	__atomic_sub_fetch(&server->load.active, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&x->pool->pool->load->waiting, __ATOMIC_SEQ_CST))
		proxy_wake(worker_of(x)->proxy);
}

/* What was sent of it can be sent once more. */
static bool may_repeat(const struct exchange *x)
{
	if (x->raw)
		return x->state == EXCHANGE_CONNECTING;
	if (x->sent_head || x->interims)
		return false;
	if (x->state == EXCHANGE_CONNECTING)
		return true;
	return is_idempotent(x) && !x->up.lost;
}

/*
 * The server has closed an idle connection just when it was used: that says nothing
 * about the server, unlike a connection on which it does not answer in time.
 */
static bool was_stale(const struct exchange *x, enum access_end end)
{
	return x->reused && x->state == EXCHANGE_ASKING &&
	       end == ACCESS_END_SERVER_ABORT;
}

/* A server besides this one that was not tried yet, up or not. */
static bool has_another(const struct exchange *x)
{
	return x->tried_count < EXCHANGE_TRIES_MAX &&
	       x->tried_count + 1 < x->pool->pool->count;
}

/*
 * What is spent on retries is limited, so that servers that are overloaded do not get
 * more than they had. One that refused to connect has had nothing.
 */
static bool pay(struct exchange *x, enum access_end end)
{
	struct worker_service *service =
		&x->client->view->services[x->service->number];

	if (x->retries >= x->service->http->retries)
		return false;
	if (end == ACCESS_END_CONNECT_FAILED)
		return true;
	if (service->credit < RETRY_COST)
		return false;
	service->credit -= RETRY_COST;
	return true;
}

static void count_retry(struct exchange *x, enum access_end end)
{
	unsigned int worker = worker_of(x)->number;
	struct counts *pool = counts_of(x->pool->pool->counts, worker);
	struct counts *server = counts_of(x->server->counts, worker);
	const struct counts_result result = { .end = end };

	counts_add(server, &result);
	counter_add(&server->retries, 1);
	counter_add(&pool->retries, 1);
	x->counted = NULL;
}

void exchange_server_failed(struct exchange *x, enum access_end end,
			    const char *reason)
{
	bool blame = !was_stale(x, end);
	bool again = may_repeat(x) &&
		     (!blame || (has_another(x) && pay(x, end)));

	x->end = end;
	x->reason = reason;
	if (blame)
		exchange_report(x, true);
	if (!again) {
		exchange_refuse(x, status_of(end), end, reason);
		return;
	}
	count_retry(x, end);
	if (blame) {
		x->tried[x->tried_count++] = x->server_index;
		x->retries++;
	}
	exchange_release(x, false);
	flow_stop(&x->up);
	flow_stop(&x->down);
	x->up_failed = false;
	x->up_done = false;
	if (!x->raw)
		x->client->in->start = x->client->in->base;
	x->anew = x->anew || x->reused;
	x->reused = false;
	exchange_connect(x);
}
