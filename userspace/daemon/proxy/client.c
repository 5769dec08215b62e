// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "client_relay.h"
#include "exchange.h"
#include "log.h"
#include "proxy_header.h"

/* How long a client may take to notice that the connection is over. */
#define LINGER_MS 2000
/* What is thrown away in one turn, in reads. */
#define LINGER_READS 16

static void run(struct client *client);

static struct counts *counts(const struct client *client)
{
	return counts_of(client->service->counts, client->worker->number);
}

void client_close(struct client *client)
{
	struct worker *worker = client->worker;

	loop_timer_del(worker->loop, &client->timer);
	loop_task_del(worker->loop, &client->task);
	handshakes_del(worker->handshakes, &client->handshake);
	stream_close(&client->stream, worker->loop);
	buffer_put(&worker->buffers, &client->in);
	__atomic_sub_fetch(&client->service->load->connections, 1,
			   __ATOMIC_RELAXED);
	counter_add(&counts(client)->active, (uint64_t)-1);
	TAILQ_REMOVE(&worker->clients, client, of_worker);
	worker->client_count--;
	view_put(worker, client->view);
	free(client);
	worker_client_gone(worker);
}

/* Whatever is on its way to the client is thrown away, and it can tell. */
static void reset(struct client *client)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(client->stream.fd.fd, SOL_SOCKET, SO_LINGER, &now,
		   sizeof(now));
	client_close(client);
}

static void set_timer(struct client *client, uint32_t ms)
{
	loop_timer_set(client->worker->loop, &client->timer, ms);
}

static void expire(struct wheel_timer *timer)
{
	struct client *client = loop_owner(timer, struct client, timer);
	struct exchange *x = client->exchange;

	if (client->state == CLIENT_HEAD && x)
		exchange_refuse(x, 408, ACCESS_END_CLIENT_TIMEOUT,
				"the request's head did not come in time");
	else
		client_close(client);
}

/* Whether a connection could have begun the same way. */
static bool is_like(const struct plan_service *a, const struct plan_service *b)
{
	return !a->tls == !b->tls && a->config->parse == b->config->parse;
}

/* Whether a service may serve a client that has begun with another one. */
static bool may_serve(const struct plan_service *service,
		      const struct client *client)
{
	return service && is_like(service, client->service) &&
	       !(client->stream.ktls && service->asks_handshake);
}

/*
 * The configuration may be another one by now. Return: whether it has the service
 * of this client, and there may be another request.
 */
static bool use_view(struct client *client)
{
	struct worker *worker = client->worker;
	const struct plan_service *service;

	if (client->view == worker->view)
		return !worker->closing;
	service = plan_service_lookup(worker->view->plan,
				      client->service->config->name);
	if (!may_serve(service, client))
		return false;
	view_put(worker, client->view);
	client->view = view_get(worker->view);
	client->service = service;
	client->who.trusted =
		forward_trusts(service->http, &client->who.source.address);
	return !worker->closing;
}

void clients_retire(struct worker *worker)
{
	struct client *client, *next;

	for (client = TAILQ_FIRST(&worker->clients); client; client = next) {
		next = TAILQ_NEXT(client, of_worker);
		if (client->state == CLIENT_HEAD && !client->exchange &&
		    client->requests && !use_view(client))
			client_close(client);
	}
}

void clients_leave(struct worker *worker)
{
	struct client *client, *next;
	struct exchange *x;

	for (client = TAILQ_FIRST(&worker->clients); client; client = next) {
		next = TAILQ_NEXT(client, of_worker);
		x = client->exchange;
		if (x && x->server &&
		    __atomic_load_n(&x->server->leave, __ATOMIC_RELAXED))
			exchange_leave(x);
	}
}

static void wait_request(struct client *client)
{
	const struct config_http *http = client->service->http;

	set_timer(client,
		  client->requests ? http->idle_timeout : http->head_timeout);
}

/* A larger head than usual, or little room behind it. */
static bool grow(struct client *client, size_t size)
{
	struct buffers *buffers = &client->worker->buffers;
	struct buffer *in = client->in;
	struct buffer *larger = buffer_get_large(buffers, size);

	if (!larger)
		return false;
	memcpy(larger->data, in->data, in->end);
	larger->start = in->start;
	larger->end = in->end;
	buffer_put(buffers, &client->in);
	client->in = larger;
	return true;
}

/* All of the head is there. */
static void begin(struct client *client)
{
	struct exchange *x = client->exchange;
	struct buffer *in = client->in;
	bool more = x->head.chunked || x->head.upgrade ||
		    (x->head.has_content_length && x->head.content_length);

	loop_timer_del(client->worker->loop, &client->timer);
	client->state = CLIENT_EXCHANGE;
	if (more && in->size - x->head.length < BUFFER_SIZE / 2 &&
	    !grow(client, x->head.length + BUFFER_SIZE)) {
		exchange_refuse(x, 503, ACCESS_END_ERROR, "out of memory");
		return;
	}
	client->in->base = x->head.length;
	client->in->start = x->head.length;
	exchange_begin(x);
}

/* Return: whether there is to be more of the head. */
static bool parse(struct client *client)
{
	struct exchange *x = client->exchange;
	struct buffer *in = client->in;

	if (!x) {
		/* Where its service is gone, it is served by what there was. */
		use_view(client);
		client->requests++;
		x = exchange_create(client);
		client->exchange = x;
		if (!x) {
			client_close(client);
			return false;
		}
		set_timer(client, client->service->http->head_timeout);
	}
	switch (sluice_http_head_parse(&x->head, in->data, in->end)) {
	case SLUICE_HTTP_MORE:
		return true;
	case SLUICE_HTTP_DONE:
		begin(client);
		return false;
	default:
		client->state = CLIENT_EXCHANGE;
		exchange_refuse(x, sluice_http_error_status(x->head.error),
				ACCESS_END_CLIENT_REFUSED,
				sluice_http_error_name(x->head.error));
		return false;
	}
}

static void head_ended(struct client *client, ssize_t got)
{
	struct exchange *x = client->exchange;

	if (!x && client->stream.ktls)
		stream_shutdown(&client->stream);
	if (!x)
		client_close(client);
	else
		exchange_abort(x, ACCESS_END_CLIENT_ABORT,
			       got ? strerror((int)-got) :
				     "closed within the request's head");
}

/* Return: whether there was something to read. */
static bool read_some(struct client *client)
{
	struct worker *worker = client->worker;
	struct buffer *in;
	ssize_t got;

	if (!client->stream.readable)
		return false;
	if (!client->in)
		client->in = buffer_get(&worker->buffers);
	in = client->in;
	/* The parser's limit comes first, unless it is larger than the buffer. */
	if (!in || (!buffer_room(in) && !grow(client, BUFFER_LARGE))) {
		client_close(client);
		return false;
	}
	in = client->in;
	got = stream_read(&client->stream, in->data + in->end, buffer_room(in));
	if (got > 0) {
		in->end += (uint32_t)got;
		return true;
	}
	if (got == -EAGAIN && !in->end)
		buffer_put(&worker->buffers, &client->in);
	if (got != -EAGAIN)
		head_ended(client, got);
	return false;
}

static void read_head(struct client *client)
{
	/* What is there already may be a whole request (pipelining). */
	if (client->in && client->in->end && !parse(client))
		return;
	while (read_some(client))
		if (!parse(client))
			return;
}

static void wait_head(struct client *client)
{
	client->state = CLIENT_HEAD;
	wait_request(client);
	read_head(client);
}

/* No HTTP: all that the client sends is for a server. */
static void begin_raw(struct client *client)
{
	client->requests++;
	client->exchange = exchange_create(client);
	if (!client->exchange) {
		client_close(client);
		return;
	}
	loop_timer_del(client->worker->loop, &client->timer);
	client->state = CLIENT_EXCHANGE;
	exchange_begin_raw(client->exchange);
}

static void secured(struct client *client)
{
	struct tls_facts facts;

	if (client->stream.tls) {
		tls_facts(client->stream.tls, &facts);
		counter_add(
			&counts(client)
				 ->handshakes[facts.resumed ?
						      COUNTS_HANDSHAKE_RESUMED :
						      COUNTS_HANDSHAKE_FULL],
			1);
		client->who.tls = true;
		client->who.tls_subject = facts.subject;
	}
	client->stream.secured = true;
	client->who.trusted = forward_trusts(client->service->http,
					     &client->who.source.address);
	if (client->service->config->parse != SLUICE_PARSE_HTTP) {
		begin_raw(client);
		return;
	}
	if (!client->service->relay || !client_relay_hand(client))
		wait_head(client);
}

/* What still comes is not answered, but has to be taken, or the client gets a reset
 * in place of the answer (RFC 9112 9.6).
 */
static void linger(struct client *client)
{
	char rest[16384];
	ssize_t got = 1;

	for (unsigned int i = 0; i < LINGER_READS && got > 0; i++) {
		if (!client->stream.readable)
			return;
		got = recv(client->stream.fd.fd, rest, sizeof(rest), 0);
	}
	if (got > 0)
		/* Others have their turn. */
		loop_task_add(client->worker->loop, &client->task);
	else if (got < 0 && errno == EAGAIN)
		client->stream.readable = false;
	else
		client_close(client);
}

static void begin_linger(struct client *client)
{
	buffer_put(&client->worker->buffers, &client->in);
	client->state = CLIENT_LINGER;
	set_timer(client, LINGER_MS);
	linger(client);
}

static void log_handshake(const struct client *client)
{
	char at[SLUICE_ENDPOINT_TEXT];
	const struct log_field about[] = {
		{ "service", client->service->config->name },
		{ "client",
		  sluice_endpoint_print(at, sizeof(at), &client->who.source) },
		{ NULL, NULL },
	};

	log_debug(about, "TLS: %s", tls_error(client->stream.tls));
}

/* An alert says why, if no reset for what the client has sent meanwhile overtakes it. */
static void refuse_handshake(struct client *client)
{
	if (shutdown(client->stream.fd.fd, SHUT_WR) != 0) {
		client_close(client);
		return;
	}
	/* Up to now, OpenSSL has read. */
	client->stream.readable = true;
	begin_linger(client);
}

static void shake_hands(struct handshake *handshake)
{
	struct client *client = loop_owner(handshake, struct client, handshake);
	int err = stream_handshake(&client->stream);

	if (err == -EAGAIN)
		return;
	if (err) {
		counter_add(
			&counts(client)->handshakes[COUNTS_HANDSHAKE_FAILED],
			1);
		log_handshake(client);
		if (err == -EPROTO)
			refuse_handshake(client);
		else
			client_close(client);
		return;
	}
	secured(client);
}

static void drop_handshake(struct handshake *handshake)
{
	client_close(loop_owner(handshake, struct client, handshake));
}

/* It costs much: all who have something to do there take turns. */
static void queue_handshake(struct client *client)
{
	if (handshakes_add(client->worker->handshakes, &client->handshake,
			   &client->who.source.address))
		client_close(client);
}

static void begin_tls(struct client *client)
{
	if (!client->service->tls) {
		secured(client);
		return;
	}
	if (tls_server_accept(client->service->tls, &client->stream)) {
		client_close(client);
		return;
	}
	client_relay_prepare(client);
	client->handshake.run = shake_hands;
	client->handshake.drop = drop_handshake;
	client->state = CLIENT_HANDSHAKE;
	queue_handshake(client);
}

/* What follows the header belongs to TLS or HTTP: not a byte more is taken. */
static void read_proxy_header(struct client *client)
{
	uint8_t data[PROXY_HEADER_MAX];
	struct proxy_header header;
	ssize_t got, length;

	if (!client->stream.readable)
		return;
	got = recv(client->stream.fd.fd, data, sizeof(data), MSG_PEEK);
	if (got < 0 && errno == EAGAIN) {
		client->stream.readable = false;
		return;
	}
	length = got > 0 ? proxy_header_parse(data, (size_t)got, &header) :
			   -EPROTO;
	if (length == -EAGAIN && !client->stream.hangup) {
		client->stream.readable = false;
		return;
	}
	if (length <= 0 ||
	    recv(client->stream.fd.fd, data, (size_t)length, 0) != length) {
		client_close(client);
		return;
	}
	client->who.tls = header.tls;
	if (!header.local) {
		client->who.source = header.source;
		client->who.local = header.destination;
	}
	begin_tls(client);
}

static void run(struct client *client)
{
	switch (client->state) {
	case CLIENT_PROXY_HEADER:
		read_proxy_header(client);
		break;
	case CLIENT_HANDSHAKE:
		queue_handshake(client);
		break;
	case CLIENT_HEAD:
		read_head(client);
		break;
	case CLIENT_EXCHANGE:
		exchange_run(client->exchange);
		break;
	case CLIENT_LINGER:
		linger(client);
		break;
	}
}

static void ready(struct loop_fd *fd, uint32_t events)
{
	struct client *client = loop_owner(fd, struct client, stream.fd);

	stream_event(&client->stream, events);
	run(client);
}

static void go_on(struct loop_task *task)
{
	run(loop_owner(task, struct client, task));
}

void client_done(struct client *client, bool keep, bool more, bool is_reset)
{
	struct buffer *in = client->in;
	bool unread;

	client->exchange = NULL;
	if (is_reset) {
		reset(client);
		return;
	}
	if (keep && !client->stream.broken) {
		client->state = CLIENT_HEAD;
		wait_request(client);
		if (in && buffer_length(in)) {
			/* The next request; others have their turn first. */
			memmove(in->data, in->data + in->start,
				buffer_length(in));
			in->end = buffer_length(in);
			in->start = 0;
			in->base = 0;
			loop_task_add(client->worker->loop, &client->task);
		} else {
			buffer_put(&client->worker->buffers, &client->in);
			if (client->stream.readable)
				loop_task_add(client->worker->loop,
					      &client->task);
		}
		if (!use_view(client) && !client->in)
			client_close(client);
		return;
	}
	unread = more || (in && buffer_length(in)) || client->stream.readable;
	/* To close sends our end, too, but resets what has unread bytes. */
	if (client->stream.broken ||
	    ((!stream_is_clear(&client->stream) || unread) &&
	     stream_shutdown(&client->stream)) ||
	    client->stream.ended || !unread) {
		client_close(client);
		return;
	}
	begin_linger(client);
}

void client_set_endpoint(struct sluice_endpoint *to,
			 const struct sockaddr_in6 *from)
{
	const struct sockaddr_in *v4 = (const void *)from;

	memset(to, 0, sizeof(*to));
	if (from->sin6_family == AF_INET) {
		to->address.family = AF_INET;
		to->address.v4 = v4->sin_addr;
		to->port = ntohs(v4->sin_port);
	} else {
		to->address.family = AF_INET6;
		to->address.v6 = from->sin6_addr;
		to->port = ntohs(from->sin6_port);
	}
}

struct client *client_create(struct worker *worker,
			     const struct plan_service *service, int fd,
			     const struct sluice_endpoint *source,
			     const struct sluice_endpoint *local)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->worker = worker;
	client->service = service;
	client->stream.fd.ready = ready;
	client->stream.fd.fd = -1;
	client->timer.expire = expire;
	client->task.run = go_on;
	client->who.source = *source;
	client->who.local = *local;
	if (loop_fd_add(worker->loop, &client->stream.fd, fd, LOOP_STREAM)) {
		free(client);
		return NULL;
	}
	client->view = view_get(worker->view);
	TAILQ_INSERT_TAIL(&worker->clients, client, of_worker);
	worker->client_count++;
	counter_add(&counts(client)->connections, 1);
	counter_add(&counts(client)->active, 1);
	/* Mostly the first bytes are there, as the socket waits for them. */
	client->stream.readable = true;
	client->stream.writable = true;
	return client;
}

void client_begin(struct client *client)
{
	set_timer(client, client->service->http->head_timeout);
	if (client->service->config->accept_proxy_protocol)
		read_proxy_header(client);
	else
		begin_tls(client);
}

void client_resume(struct client *client)
{
	client->stream.secured = true;
	client->who.trusted = forward_trusts(client->service->http,
					     &client->who.source.address);
	wait_head(client);
}
