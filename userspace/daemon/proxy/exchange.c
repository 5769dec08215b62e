// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "exchange.h"
#include "match.h"

#define NS_PER_MS 1000000ULL

static void go_on(struct loop_task *task)
{
	exchange_run(loop_owner(task, struct exchange, task));
}

struct exchange *exchange_create(struct client *client)
{
	struct worker *worker = client->worker;
	struct exchange *x = worker->exchanges;
	const struct config_http *http = client->service->http;
	const struct sluice_http_limits limits = {
		.head = (u16)http->head_max,
		.headers = (u16)http->headers_max,
	};

	if (x)
		worker->exchanges = x->next;
	else
		x = malloc(sizeof(*x));
	if (!x)
		return NULL;
	/* Not the fields of heads, which are read after they are written only. */
	memset(x, 0, offsetof(struct exchange, head));
	sluice_http_head_init(&x->head, &limits);
	x->client = client;
	x->service = client->service;
	x->task.run = go_on;
	x->began = loop_now(worker->loop);
	return x;
}

/* Where the path was not written as it is compared, there is a copy. */
static bool normalise(struct exchange *x)
{
	const uint8_t *path = x->client->in->data + x->head.path.offset;
	uint8_t normal[SLUICE_HTTP_TARGET_DEFAULT];
	u32 length;

	if (x->head.form == SLUICE_HTTP_FORM_ASTERISK)
		return true;
	length = sluice_http_path_normalise(path, x->head.path.length, normal,
					    sizeof(normal));
	if (!length)
		return false;
	x->path_length = length;
	if (length == x->head.path.length && memcmp(path, normal, length) == 0)
		return true;
	x->own_path = malloc(length);
	if (!x->own_path)
		return false;
	memcpy(x->own_path, normal, length);
	return true;
}

struct sluice_text exchange_path(const struct exchange *x)
{
	if (!x->path_length)
		return (struct sluice_text){ 0 };
	if (x->own_path)
		return (struct sluice_text){ x->own_path, x->path_length };
	return (struct sluice_text){ (const char *)x->client->in->data +
					     x->head.path.offset,
				     x->path_length };
}

static struct worker_pool *worker_pool(const struct exchange *x,
				       const struct plan_pool *pool)
{
	return &x->client->view->pools[pool->number];
}

static const struct plan_pool *choose_pool(const struct exchange *x,
					   const struct plan_route *route)
{
	size_t count = route->config->pools.count, i = 0;
	uint64_t number;

	if (count > 1) {
		number = worker_random(x->client->worker) %
			 (route->sums[count - 1] ? route->sums[count - 1] : 1);
		while (i < count - 1 && route->sums[i] <= number)
			i++;
	}
	return route->pools[i];
}

/* Write an answer into a buffer that it fits into. Return: NULL: out of memory. */
static struct buffer *write_answer(const struct exchange *x,
				   const struct forward_answer *answer)
{
	struct buffers *buffers = &x->client->worker->buffers;
	struct buffer *to = buffer_get(buffers);
	struct sluice_text left = { NULL, 0 };
	ssize_t length = -ENOMEM;

	if (to)
		length = forward_answer_write((char *)to->data, to->size,
					      answer, &left);
	if (length == -ENOSPC || left.data) {
		buffer_put(buffers, &to);
		to = buffer_get_large(buffers, 4 * BUFFER_SIZE + left.len);
		if (to)
			length = forward_answer_write((char *)to->data,
						      to->size, answer, &left);
	}
	if (!to || length < 0 || left.data) {
		buffer_put(buffers, &to);
		return NULL;
	}
	to->end = (uint32_t)length;
	return to;
}

/* An answer of our own is on its way. */
static void answer(struct exchange *x, struct forward_answer *answer,
		   enum access_end end)
{
	struct client *client = x->client;
	bool known = x->headed;

	answer->service = x->service->config;
	answer->pages = x->service->pages;
	answer->route = x->route ? x->route->config : NULL;
	answer->head_only = known &&
			    x->head.method_id == SLUICE_HTTP_METHOD_HEAD;
	answer->minor = known ? x->head.minor : 1;
	answer->keep_alive = x->keep_alive;
	answer->date = worker_date(client->worker);
	if (x->request_id[0])
		answer->request_id = x->request_id;
	x->status = answer->status;
	x->end = end;
	exchange_release(x, false);
	flow_stop(&x->up);
	flow_stop(&x->down);
	x->down = (struct flow){
		.to = &client->stream,
		.buffers = &client->worker->buffers,
		.head = write_answer(x, answer),
	};
	if (!x->down.head) {
		exchange_finish(x, ACCESS_END_ERROR, true);
		return;
	}
	flow_start(&x->down, SLUICE_HTTP_FRAMING_NONE, 0, FORWARD_NONE);
	x->sent_head = true;
	x->state = EXCHANGE_ANSWERING;
	exchange_set_timer(x);
	exchange_run(x);
}

/* Whether what the client sends after this request can be told from it. */
static bool is_whole(const struct exchange *x)
{
	return x->state != EXCHANGE_HEAD &&
	       (x->up_done || (!x->head.chunked && !x->head.content_length));
}

/* Whether the client has some bytes of a head, and not all. */
static bool is_begun(const struct exchange *x)
{
	return x->client->stream.begun || (x->down.head && x->down.head->start);
}

void exchange_refuse(struct exchange *x, unsigned int status,
		     enum access_end end, const char *reason)
{
	struct forward_answer what = { .status = status };

	x->reason = reason;
	x->client->state = CLIENT_EXCHANGE;
	loop_timer_del(x->client->worker->loop, &x->client->timer);
	if (x->raw || x->sent_head || !status || is_begun(x)) {
		exchange_finish(x, end, true);
		return;
	}
	if (!x->headed || !is_whole(x))
		x->keep_alive = false;
	answer(x, &what, end);
}

void exchange_abort(struct exchange *x, enum access_end end, const char *reason)
{
	if (reason)
		x->reason = reason;
	exchange_finish(x, end, true);
}

static void redirect(struct exchange *x, const struct config_route *route)
{
	struct forward_request request = {
		.buf = x->client->in->data,
		.head = &x->head,
		.service = x->service->config,
		.route = route,
		.client = &x->client->who,
		.path = exchange_path(x),
	};
	char location[SLUICE_HTTP_TARGET_DEFAULT + 512];
	struct forward_answer what = { .status = route->redirect->status };
	ssize_t length = forward_location(location, sizeof(location),
					  route->redirect, &request);

	if (length < 0) {
		exchange_refuse(x, 414, ACCESS_END_REJECTED,
				"the redirect's target is too long");
		return;
	}
	what.location = (struct sluice_text){ location, (u32)length };
	x->keep_alive = x->keep_alive && is_whole(x);
	answer(x, &what, ACCESS_END_DONE);
}

static void fixed_answer(struct exchange *x, const struct config_route *route)
{
	const struct config_answer *from = route->answer;
	const struct forward_page *page =
		forward_pages_route(x->service->pages, route);
	struct forward_answer what = {
		.status = from->status,
		.headers = &from->headers,
	};

	if (page) {
		what.body = page->body;
		what.type = page->type;
	}
	x->keep_alive = x->keep_alive && is_whole(x);
	answer(x, &what, ACCESS_END_DONE);
}

static void act(struct exchange *x)
{
	const struct config_route *route = x->route ? x->route->config : NULL;
	const struct plan_pool *pool = x->service->pool;

	switch (route ? route->action : CONFIG_ACTION_POOL) {
	case CONFIG_ACTION_REDIRECT:
		redirect(x, route);
		return;
	case CONFIG_ACTION_ANSWER:
		fixed_answer(x, route);
		return;
	case CONFIG_ACTION_POOL:
		if (route)
			pool = choose_pool(x, x->route);
		break;
	default:
		exchange_refuse(x, route->reject_status, ACCESS_END_REJECTED,
				"rejected by a route");
		return;
	}
	if (!pool) {
		exchange_refuse(x, 404, ACCESS_END_REJECTED,
				"no route takes it");
		return;
	}
	x->pool = worker_pool(x, pool);
	exchange_connect(x);
}

/* The client's connection persists as long as nothing speaks against it. */
static bool may_persist(const struct exchange *x)
{
	const struct client *client = x->client;
	uint32_t max = x->service->http->requests_max;

	return x->head.keep_alive && client->view == client->worker->view &&
	       !client->worker->draining && (!max || client->requests < max);
}

/* The number that it is passed on and logged with. */
static void name_request(struct exchange *x)
{
	char own[REQUEST_ID_LENGTH + 1];
	struct forward_request request = {
		.buf = x->client->in->data,
		.head = &x->head,
		.service = x->service->config,
		.client = &x->client->who,
		.request_id = own,
	};
	struct sluice_text id;

	if (!x->service->http->request_id)
		return;
	request_ids_next(&x->client->worker->ids, own);
	id = forward_request_id(&request);
	if (!id.data || id.len > EXCHANGE_ID_MAX)
		return;
	memcpy(x->request_id, id.data, id.len);
	x->request_id[id.len] = '\0';
}

void exchange_begin(struct exchange *x)
{
	struct worker_service *service =
		&x->client->view->services[x->service->number];
	uint64_t credit = service->credit + x->service->http->retry_budget;

	x->headed = loop_now(x->client->worker->loop);
	service->credit = credit < RETRY_CREDIT_MAX ? credit : RETRY_CREDIT_MAX;
	x->keep_alive = may_persist(x);
	x->state = EXCHANGE_QUEUED;
	name_request(x);
	if (x->head.method_id == SLUICE_HTTP_METHOD_CONNECT) {
		/* What follows may be anything. */
		x->keep_alive = false;
		exchange_refuse(x, 405, ACCESS_END_CLIENT_REFUSED,
				"CONNECT is not served");
		return;
	}
	if (!normalise(x)) {
		exchange_refuse(x, 400, ACCESS_END_CLIENT_REFUSED,
				"the path leads above its root");
		return;
	}
	if (!match_route(x, &x->route)) {
		exchange_refuse(x, 400, ACCESS_END_CLIENT_REFUSED,
				"a route's regular expression takes too long");
		return;
	}
	act(x);
}

void exchange_begin_raw(struct exchange *x)
{
	x->raw = true;
	x->headed = x->began;
	x->state = EXCHANGE_QUEUED;
	if (!x->service->pool) {
		exchange_finish(x, ACCESS_END_REJECTED, true);
		return;
	}
	x->pool = worker_pool(x, x->service->pool);
	exchange_connect(x);
}

static void run_connecting(struct exchange *x)
{
	int err = server_conn_connect(x->conn);

	if (err == -EAGAIN)
		return;
	if (err) {
		/* What TLS says is the thread's, and may be another's by the end. */
		snprintf(x->why, sizeof(x->why), "%s",
			 x->conn->stream.tls && x->conn->connected ?
				 tls_error(x->conn->stream.tls) :
				 strerror(-err));
		exchange_server_failed(x, ACCESS_END_CONNECT_FAILED, x->why);
		return;
	}
	x->connected = loop_now(x->client->worker->loop);
	if (exchange_send_request(x))
		exchange_run(x);
}

/*
 * Nothing more can be done in one direction. @waits: it is the client that is waited for;
 * @to: the client, where it takes. Return: whether it keeps up.
 */
static bool keeps_up(const struct exchange *x, struct pace *pace, bool waits,
		     const struct flow *flow, const struct stream *to)
{
	const struct config_http *http = x->service->http;
	int queued = 0;

	pace_wait(pace, loop_now(x->client->worker->loop), waits);
	if (!pace_is_full(pace, http->body_timeout * NS_PER_MS))
		return true;
	/* What the kernel has taken the client may not have. */
	if (to && ioctl(to->fd.fd, TIOCOUTQ, &queued))
		queued = 0;
	return pace_is_kept(pace, (int64_t)flow->moved - queued,
			    http->rate_min);
}

/* Return: whether the exchange is still there, and may go on. */
static bool sends(struct exchange *x)
{
	/* One that waits to be asked for its content does as it should. */
	bool waits = !flow_is_pending(&x->up) &&
		     (!x->head.expect_continue || x->interims || x->up.moved);

	if (keeps_up(x, &x->up_pace, waits, &x->up, NULL))
		return true;
	exchange_refuse(x, 408, ACCESS_END_CLIENT_TIMEOUT,
			"the request's content comes too slowly");
	return false;
}

static void takes(struct exchange *x)
{
	if (!keeps_up(x, &x->down_pace, flow_is_pending(&x->down), &x->down,
		      x->down.to))
		exchange_abort(x, ACCESS_END_CLIENT_TIMEOUT,
			       "the client takes the response too slowly");
}

/* Return: whether the exchange is still there, and may go on. */
static bool run_up(struct exchange *x)
{
	uint64_t moved = x->up.moved;

	if (x->up_done || x->up_failed)
		return true;
	switch (flow_run(&x->up)) {
	case FLOW_WAIT:
		if (x->up.moved != moved)
			exchange_set_timer(x);
		return sends(x);
	case FLOW_AGAIN:
		pace_wait(&x->up_pace, loop_now(x->client->worker->loop),
			  false);
		exchange_set_timer(x);
		loop_task_add(x->client->worker->loop, &x->task);
		return true;
	case FLOW_DONE:
		x->up_done = true;
		exchange_set_timer(x);
		return true;
	case FLOW_REFUSED:
		x->keep_alive = false;
		exchange_refuse(x, 400, ACCESS_END_CLIENT_REFUSED,
				"the request's content is not framed right");
		return false;
	case FLOW_TO_ERROR:
		/* It may have answered before it closed. */
		x->up_failed = true;
		x->keep_alive = false;
		return true;
	default:
		exchange_abort(x, ACCESS_END_CLIENT_ABORT,
			       "closed within the request's content");
		return false;
	}
}

/*
 * The response does not come to its end. The client gets an answer where it has had
 * nothing yet, else it has to see that something is missing.
 */
static void cut(struct exchange *x, enum access_end end, const char *reason)
{
	if (x->conn)
		exchange_report(x, true);
	if (x->conn && x->down.head && !is_begun(x) && !x->interims) {
		x->sent_head = false;
		x->keep_alive = false;
		exchange_refuse(x, 502, end, reason);
		return;
	}
	exchange_abort(x, end, reason);
}

static void run_down(struct exchange *x)
{
	uint64_t moved = x->down.moved;

	switch (flow_run(&x->down)) {
	case FLOW_WAIT:
		if (x->down.moved != moved)
			exchange_set_timer(x);
		takes(x);
		return;
	case FLOW_AGAIN:
		pace_wait(&x->down_pace, loop_now(x->client->worker->loop),
			  false);
		exchange_set_timer(x);
		loop_task_add(x->client->worker->loop, &x->task);
		return;
	case FLOW_DONE:
		exchange_finish(x, x->end, false);
		return;
	case FLOW_REFUSED:
		cut(x, ACCESS_END_SERVER_REFUSED,
		    "the response's content is not framed right");
		return;
	case FLOW_TO_ERROR:
		exchange_abort(x, ACCESS_END_CLIENT_ABORT,
			       strerror(-x->down.error));
		return;
	default:
		cut(x, ACCESS_END_SERVER_ABORT,
		    "closed within the response's content");
	}
}

/* One direction of a tunnel. Return: false: it is over, both ways. */
static bool run_tunnel_flow(struct exchange *x, struct flow *flow, bool *shut)
{
	if (!*shut) {
		switch (flow_run(flow)) {
		case FLOW_WAIT:
			return true;
		case FLOW_AGAIN:
			loop_task_add(x->client->worker->loop, &x->task);
			return true;
		case FLOW_DONE:
			break;
		case FLOW_TO_ERROR:
			/* What a server sent before it closed still arrives. */
			if (flow == &x->up)
				break;
			return false;
		default:
			return false;
		}
		*shut = true;
	}
	/* In TLS there may have been no room for it. */
	stream_shutdown(flow->to);
	return true;
}

static void run_tunnel(struct exchange *x)
{
	bool on = run_tunnel_flow(x, &x->up, &x->up_shut) &&
		  run_tunnel_flow(x, &x->down, &x->down_shut);

	if (!on || (x->up_shut && x->down_shut))
		exchange_finish(x, ACCESS_END_DONE, !on);
}

void exchange_run(struct exchange *x)
{
	if (x->client->stream.broken && x->state != EXCHANGE_TUNNEL) {
		exchange_abort(x, ACCESS_END_CLIENT_ABORT, "reset");
		return;
	}
	switch (x->state) {
	case EXCHANGE_HEAD:
	case EXCHANGE_QUEUED:
		return;
	case EXCHANGE_CONNECTING:
		run_connecting(x);
		return;
	case EXCHANGE_ASKING:
		if (!run_up(x))
			return;
		exchange_read_response(x);
		return;
	case EXCHANGE_ANSWERING:
		if (x->conn && !run_up(x))
			return;
		run_down(x);
		return;
	case EXCHANGE_TUNNEL:
		exchange_set_timer(x);
		run_tunnel(x);
		return;
	}
}
