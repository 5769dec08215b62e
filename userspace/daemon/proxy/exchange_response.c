// SPDX-License-Identifier: GPL-2.0-or-later
/* The response on its way to the client. */
#include <errno.h>
#include <string.h>

#include "exchange.h"
#include "sticky.h"

/* Responses of 1xx to one request. */
#define INTERIMS_MAX 16

static void refused(struct exchange *x, const char *reason)
{
	x->keep_alive = false;
	exchange_refuse(x, 502, ACCESS_END_SERVER_REFUSED, reason);
}

/* Where the head for the client is written: behind what is not sent yet. */
static struct buffer *out(struct exchange *x)
{
	if (!x->down.head)
		x->down.head = buffer_get(&x->client->worker->buffers);
	return x->down.head;
}

static bool write_out(struct exchange *x,
		      const struct forward_response *response)
{
	struct buffers *buffers = &x->client->worker->buffers;
	struct buffer *to = out(x), *larger;
	ssize_t length;

	if (!to)
		return false;
	length = forward_response_write((char *)to->data + to->end,
					buffer_room(to), response);
	if (length == -ENOSPC) {
		larger = buffer_get_large(buffers, BUFFER_LARGE);
		if (!larger)
			return false;
		memcpy(larger->data, to->data, to->end);
		larger->start = to->start;
		larger->end = to->end;
		buffer_put(buffers, &x->down.head);
		x->down.head = larger;
		to = larger;
		length = forward_response_write((char *)to->data + to->end,
						buffer_room(to), response);
	}
	if (length < 0)
		return false;
	to->end += (uint32_t)length;
	return true;
}

static struct forward_response describe(const struct exchange *x)
{
	return (struct forward_response){
		.buf = x->conn->in->data,
		.head = &x->response,
		.service = x->service->config,
		.route = x->route ? x->route->config : NULL,
		.minor = x->head.minor,
		.date = worker_date(x->client->worker),
	};
}

/* What was said before the answer, as far as the client takes it by now. */
static void send_interim(struct exchange *x)
{
	struct buffer *head = x->down.head;
	struct iovec part;
	ssize_t sent;

	if (!head || !x->client->stream.writable)
		return;
	part = (struct iovec){ head->data + head->start, buffer_length(head) };
	sent = stream_write(&x->client->stream, &part, 1, false);
	if (sent == (ssize_t)part.iov_len)
		buffer_put(&x->client->worker->buffers, &x->down.head);
	else if (sent > 0)
		head->start += (uint32_t)sent;
}

/* What the server says before it answers. Return: whether to go on. */
static bool pass_interim(struct exchange *x)
{
	struct forward_response response = describe(x);
	struct buffer *in = x->conn->in;

	if (x->response.status == 101 || ++x->interims > INTERIMS_MAX) {
		refused(x, x->response.status == 101 ?
				   "changes protocol, which nobody allowed" :
				   "too many responses before the response");
		return false;
	}
	response.keep_alive = true;
	/* HTTP/1.0 does not know them. */
	if (x->head.minor && !write_out(x, &response)) {
		refused(x, "out of memory");
		return false;
	}
	in->start = x->response.length;
	memmove(in->data, in->data + in->start, buffer_length(in));
	in->end = buffer_length(in);
	in->start = 0;
	sluice_http_response_init(&x->response, NULL);
	send_interim(x);
	return true;
}

static enum forward_framing forward_as(const struct exchange *x,
				       enum sluice_http_framing framing)
{
	switch (framing) {
	case SLUICE_HTTP_FRAMING_NONE:
		return FORWARD_NONE;
	case SLUICE_HTTP_FRAMING_LENGTH:
		return FORWARD_LENGTH;
	case SLUICE_HTTP_FRAMING_TUNNEL:
		return FORWARD_CLOSE;
	default:
		/* HTTP/1.0 has no chunks: the end is the end. */
		return x->head.minor ? FORWARD_CHUNKED : FORWARD_CLOSE;
	}
}

static void start_flow(struct exchange *x, enum sluice_http_framing framing,
		       enum forward_framing as)
{
	struct server_conn *conn = x->conn;

	x->down.from = &conn->stream;
	x->down.to = &x->client->stream;
	x->down.buffers = &x->client->worker->buffers;
	x->down.pipes = &x->client->worker->pipes;
	x->down.in = &conn->in;
	flow_start(&x->down, framing, x->response.content_length, as);
}

static void start_tunnel(struct exchange *x)
{
	struct client *client = x->client;

	start_flow(x, SLUICE_HTTP_FRAMING_TUNNEL, FORWARD_CLOSE);
	/* What the client has sent behind its request belongs to it, too. */
	flow_stop(&x->up);
	x->up = (struct flow){
		.from = &client->stream,
		.to = &x->conn->stream,
		.buffers = &client->worker->buffers,
		.in = &client->in,
		.moved = x->up.moved,
	};
	flow_start(&x->up, SLUICE_HTTP_FRAMING_TUNNEL, 0, FORWARD_CLOSE);
	x->state = EXCHANGE_TUNNEL;
	x->tunnelled = loop_now(client->worker->loop);
	x->keep_alive = false;
	exchange_set_timer(x);
	exchange_run(x);
}

/* Whether the connection to the server can be used again, once all is passed on. */
static bool may_keep(const struct exchange *x, enum sluice_http_framing framing)
{
	return x->response.keep_alive && !x->conn->is_private &&
	       framing != SLUICE_HTTP_FRAMING_CLOSE &&
	       framing != SLUICE_HTTP_FRAMING_TUNNEL &&
	       x->pool->pool->config->reuse != CONFIG_REUSE_NEVER;
}

static bool is_upgrade(const struct exchange *x)
{
	return x->response.status == 101 && x->upgrade && x->up_done;
}

/* The application has given the client a cookie: it belongs to this server now. */
static void remember(const struct exchange *x)
{
	const struct plan_pool *pool = x->pool->pool;
	struct sluice_text value = sticky_set_cookie(
		x->conn->in->data, &x->response, pool->config->sticky->cookie);

	if (value.data)
		sticky_table_set(pool->load->values, value.data, value.len,
				 x->server->load.key);
}

static void start_answer(struct exchange *x)
{
	enum sluice_http_framing framing =
		sluice_http_response_framing(&x->response, x->head.method_id);
	const struct config_pool *pool = x->pool->pool->config;
	struct forward_response response = describe(x);
	char cookie[STICKY_COOKIE_MAX];

	x->answered = loop_now(x->client->worker->loop);
	x->status = x->response.status;
	x->end = ACCESS_END_DONE;
	response.framing = forward_as(x, framing);
	/* The rest of the request may not come to its end any more. */
	if (!x->up_done || response.framing == FORWARD_CLOSE)
		x->keep_alive = false;
	x->keeps = may_keep(x, framing);
	response.keep_alive = x->keep_alive;
	response.upgrade = is_upgrade(x);
	if (x->request_id[0])
		response.request_id = x->request_id;
	exchange_report(x, x->status >= 500);
	if (x->sticks && pool->sticky->mode == CONFIG_STICKY_APPLICATION)
		remember(x);
	else if (x->sticks &&
		 sticky_cookie(cookie, sizeof(cookie),
			       x->client->worker->secret, pool,
			       x->server->load.key, x->client->who.tls) > 0)
		response.cookie = cookie;
	if (!write_out(x, &response)) {
		refused(x, "the response's head does not fit");
		return;
	}
	x->sent_head = true;
	x->conn->in->start = x->response.length;
	if (response.upgrade) {
		start_tunnel(x);
		return;
	}
	start_flow(x, framing, response.framing);
	x->state = EXCHANGE_ANSWERING;
	exchange_set_timer(x);
	exchange_run(x);
}

/* Return: whether more of the head is to be read. */
static bool parse(struct exchange *x)
{
	struct buffer *in = x->conn->in;

	for (;;) {
		switch (sluice_http_response_parse(&x->response, in->data,
						   in->end)) {
		case SLUICE_HTTP_MORE:
			return true;
		case SLUICE_HTTP_REFUSED:
			refused(x, sluice_http_error_name(x->response.error));
			return false;
		default:
			break;
		}
		if (x->response.status >= 200 || is_upgrade(x)) {
			start_answer(x);
			return false;
		}
		if (!pass_interim(x))
			return false;
		if (!in->end)
			return true;
	}
}

static void server_closed(struct exchange *x, ssize_t got)
{
	exchange_server_failed(x, ACCESS_END_SERVER_ABORT,
			       got && got != -EPIPE ?
				       strerror((int)-got) :
				       "closed without a response");
}

void exchange_read_response(struct exchange *x)
{
	struct server_conn *conn = x->conn;
	struct buffers *buffers = &x->client->worker->buffers;
	ssize_t got;

	send_interim(x);
	while (conn->stream.readable) {
		if (!conn->in)
			conn->in = buffer_get(buffers);
		if (!conn->in || !buffer_room(conn->in)) {
			refused(x, conn->in ?
					   "the response's head is too long" :
					   "out of memory");
			return;
		}
		got = stream_read(&conn->stream, conn->in->data + conn->in->end,
				  buffer_room(conn->in));
		if (got == -EAGAIN)
			break;
		if (got <= 0) {
			server_closed(x, got);
			return;
		}
		conn->in->end += (uint32_t)got;
		if (!parse(x))
			return;
	}
	if (conn->in && !conn->in->end)
		buffer_put(buffers, &conn->in);
	if (x->up_failed && !conn->stream.readable && conn->stream.broken)
		server_closed(x, x->up.error);
}
