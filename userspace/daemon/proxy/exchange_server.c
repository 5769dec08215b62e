// SPDX-License-Identifier: GPL-2.0-or-later
/* An exchange and its server: how they come together and part, and what if that fails. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "exchange_choose.h"
#include "exchange_queue.h"
#include "log.h"
#include "proxy_parts.h"

#define NS_PER_US 1000U
#define NS_PER_SEC 1000000000U

static struct worker *worker_of(const struct exchange *x)
{
	return x->client->worker;
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

void exchange_connect_to(struct exchange *x)
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

static unsigned int status_of(enum access_end end)
{
	return end == ACCESS_END_CONNECT_TIMEOUT ||
			       end == ACCESS_END_SERVER_TIMEOUT ?
		       504 :
		       502;
}

void exchange_connect(struct exchange *x)
{
	switch (exchange_turn(x)) {
	case 0:
		exchange_connect_to(x);
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

void exchange_release(struct exchange *x, bool keep)
{
	struct server_conn *conn = x->conn;
	struct plan_server *server = x->server;

	exchange_leave_queue(x);
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

void exchange_leave(struct exchange *x)
{
	bool down = plan_server_state(x->server) == SLUICE_SERVER_STATE_DOWN;
	const char *reason =
		down ? "the server went down" :
		       "the server had drained for as long as it may";

	if (x->state == EXCHANGE_CONNECTING || x->state == EXCHANGE_ASKING)
		exchange_server_failed(x, ACCESS_END_SERVER_DOWN, reason);
	else
		exchange_abort(x, ACCESS_END_SERVER_DOWN, reason);
}
