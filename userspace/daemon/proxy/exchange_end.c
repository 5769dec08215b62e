// SPDX-License-Identifier: GPL-2.0-or-later
/* How an exchange ends: in time or not, and what is written down of it. */
#include <stdlib.h>
#include <time.h>

#include "exchange.h"

#define NS_PER_US 1000U
#define NS_PER_SEC 1000000000ULL

static void expire(struct wheel_timer *timer)
{
	struct exchange *x = loop_owner(timer, struct exchange, timer);

	switch (x->state) {
	case EXCHANGE_QUEUED:
		exchange_refuse(x, 503, ACCESS_END_QUEUE_TIMEOUT,
				"no server became free in time");
		break;
	case EXCHANGE_CONNECTING:
		exchange_server_failed(x, ACCESS_END_CONNECT_TIMEOUT,
				       "no connection in time");
		break;
	case EXCHANGE_ASKING:
		if (!x->up_done && !flow_is_pending(&x->up))
			exchange_refuse(
				x, 408, ACCESS_END_CLIENT_TIMEOUT,
				"the request's content did not come in time");
		else
			exchange_server_failed(x, ACCESS_END_SERVER_TIMEOUT,
					       "no response in time");
		break;
	case EXCHANGE_TUNNEL:
		exchange_abort(x, ACCESS_END_TUNNEL_TIMEOUT, NULL);
		break;
	default:
		if (flow_is_pending(&x->down))
			exchange_abort(x, ACCESS_END_CLIENT_TIMEOUT,
				       "the client does not take the response");
		else
			exchange_abort(
				x, ACCESS_END_SERVER_TIMEOUT,
				"the response's content did not come in time");
	}
}

void exchange_set_timer(struct exchange *x)
{
	const struct config_http *http = x->service->http;
	uint32_t ms = http->body_timeout;

	switch (x->state) {
	case EXCHANGE_QUEUED:
		ms = http->queue_timeout;
		break;
	case EXCHANGE_CONNECTING:
		ms = http->connect_timeout;
		break;
	case EXCHANGE_ASKING:
		ms = x->up_done ? http->answer_timeout : http->body_timeout;
		break;
	case EXCHANGE_TUNNEL:
		ms = http->tunnel_timeout;
		break;
	default:
		break;
	}
	x->timer.expire = expire;
	loop_timer_set(x->client->worker->loop, &x->timer, ms);
}

static struct sluice_text text(const struct exchange *x,
			       struct sluice_http_slice slice)
{
	return (struct sluice_text){
		(const char *)x->client->in->data + slice.offset, slice.length
	};
}

static struct sluice_text field(const struct exchange *x, const char *name,
				u32 length)
{
	const struct sluice_http_header *header = sluice_http_header_next(
		&x->head, x->client->in->data, name, length, NULL);

	return header ? text(x, header->value) :
			(struct sluice_text){ NULL, 0 };
}

static uint64_t span(uint64_t from, uint64_t to)
{
	return from && to > from ? (to - from) / NS_PER_US : 0;
}

static void fill_head(const struct exchange *x, struct access_record *record)
{
	if (!x->headed || x->raw)
		return;
	record->method = text(x, x->head.method);
	record->host = text(x, x->head.host);
	record->target = text(x, x->head.target);
	record->minor = x->head.minor;
	record->referer = field(x, "referer", 7);
	record->agent = field(x, "user-agent", 10);
	if (x->request_id[0])
		record->request_id = x->request_id;
}

static void write_log(const struct exchange *x, struct access_log *log,
		      enum access_end end)
{
	const struct client *client = x->client;
	struct worker *worker = client->worker;
	uint64_t now = loop_now(worker->loop);
	struct access_record record = {
		.service = x->service->config,
		.route = x->route ? x->route->config : NULL,
		.pool = x->pool ? x->pool->pool->config : NULL,
		.server = x->server_at.port ? &x->server_at : NULL,
		.source = &client->who.source,
		.status = x->status,
		.end = end,
		.reason = x->reason,
		.retries = x->retries,
		.reused = x->reused,
		.received = x->up.moved,
		.sent = x->down.moved,
		.head_us = span(x->began, x->headed),
		.queue_us = span(x->queued, x->connecting),
		.connect_us = span(x->connecting, x->connected),
		.answer_us = span(x->asked, x->answered),
		.total_us = span(x->began, now),
	};
	struct tls_facts facts;
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	record.time = (uint64_t)wall.tv_sec * NS_PER_SEC +
		      (uint64_t)wall.tv_nsec - (now - x->began);
	fill_head(x, &record);
	if (client->stream.tls && client->stream.secured) {
		tls_facts(client->stream.tls, &facts);
		record.tls_version = facts.version;
		record.tls_cipher = facts.cipher;
		record.sni = facts.sni;
	}
	access_log_write(log, &record);
}

/* Whoever had a part in it. */
static void count(const struct exchange *x, enum access_end end)
{
	unsigned int worker = x->client->worker->number;
	uint64_t now = loop_now(x->client->worker->loop);
	const struct counts_result result = {
		.status = x->status,
		.end = end,
		.received = x->up.moved,
		.sent = x->down.moved,
		.us = span(x->began, x->tunnelled ? x->tunnelled : now),
	};

	counts_add_untimed(counts_of(x->service->counts, worker), &result);
	if (x->route)
		counts_add(counts_of(x->route->counts, worker), &result);
	if (x->pool)
		counts_add(counts_of(x->pool->pool->counts, worker), &result);
	if (x->counted)
		counts_add(counts_of(x->counted->counts, worker), &result);
}

void exchange_free(struct exchange *x)
{
	struct worker *worker = x->client->worker;

	loop_timer_del(worker->loop, &x->timer);
	loop_task_del(worker->loop, &x->task);
	flow_stop(&x->up);
	flow_stop(&x->down);
	free(x->own_path);
	x->next = worker->exchanges;
	worker->exchanges = x;
}

/* Whether the client may still send what belongs to its request. */
static bool is_more(const struct exchange *x)
{
	return !x->raw &&
	       (!x->headed ||
		(!x->up_done && (x->head.chunked || x->head.content_length)));
}

void exchange_finish(struct exchange *x, enum access_end end, bool reset)
{
	struct client *client = x->client;
	struct access_log *log = client->view->services[x->service->number].log;
	bool keep = x->keep_alive && end == ACCESS_END_DONE;
	bool more = is_more(x);

	/* An answer of our own does not make the connection useless. */
	if (x->keep_alive && !reset && !x->conn)
		keep = true;
	count(x, end);
	if (log)
		write_log(x, log, end);
	exchange_release(x, x->keeps && end == ACCESS_END_DONE && x->up_done);
	exchange_free(x);
	client_done(client, keep, more, reset);
}
