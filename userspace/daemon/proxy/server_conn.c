// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exchange.h"
#include "server_conn.h"

/* How long a connection is kept that nobody uses. */
#define IDLE_MS 30000
/* Of one server and one worker. */
#define IDLE_MAX 1024
/* So many are looked at for one of the right name. */
#define LOOK_MAX 16

static struct server_slot *slot_of(const struct server_conn *conn)
{
	return &conn->worker->slots[conn->server->slot];
}

static void unlist(struct server_conn *conn)
{
	struct server_slot *slot = slot_of(conn);

	TAILQ_REMOVE(&slot->idle, conn, of_slot);
	slot->count--;
}

static void count_open(const struct server_conn *conn, uint64_t change)
{
	counter_add(
		&counts_of(conn->server->counts, conn->worker->number)->active,
		change);
}

void server_conn_close(struct server_conn *conn)
{
	struct worker *worker = conn->worker;

	count_open(conn, (uint64_t)-1);
	loop_timer_del(worker->loop, &conn->timer);
	stream_close(&conn->stream, worker->loop);
	buffer_put(&worker->buffers, &conn->in);
	buffer_put(&worker->buffers, &conn->hello);
	free(conn->host);
	free(conn);
}

void server_slot_clear(struct server_slot *slot)
{
	struct server_conn *conn, *next;

	for (conn = TAILQ_FIRST(&slot->idle); conn; conn = next) {
		next = TAILQ_NEXT(conn, of_slot);
		unlist(conn);
		server_conn_close(conn);
	}
	SSL_SESSION_free(slot->session);
	slot->session = NULL;
}

static void expire(struct wheel_timer *timer)
{
	struct server_conn *conn = loop_owner(timer, struct server_conn, timer);

	unlist(conn);
	server_conn_close(conn);
}

/*
 * Whether bytes are there that nobody has asked for, or the end is. In TLS it may be a
 * ticket, which is no content.
 */
static bool has_more(struct server_conn *conn)
{
	struct stream *stream = &conn->stream;
	char byte;

	if (stream->hangup)
		return true;
	if (!stream->readable)
		return false;
	if (stream->tls)
		return stream_read(stream, &byte, 1) != -EAGAIN;
	if (recv(stream->fd.fd, &byte, 1, MSG_PEEK) >= 0 || errno != EAGAIN)
		return true;
	stream->readable = false;
	return false;
}

static void ready(struct loop_fd *fd, uint32_t events)
{
	struct server_conn *conn =
		loop_owner(fd, struct server_conn, stream.fd);

	stream_event(&conn->stream, events);
	if (conn->exchange) {
		exchange_run(conn->exchange);
	} else if (has_more(conn)) {
		unlist(conn);
		server_conn_close(conn);
	}
}

/* Whether the server's certificate has to be for the host of the request. */
static bool is_for_host(const struct plan_pool *pool)
{
	return pool->tls && !pool->config->tls->sni;
}

static bool is_for(const struct server_conn *conn, const char *host)
{
	if (!host || !conn->host)
		return host == conn->host;
	return strcasecmp(host, conn->host) == 0;
}

struct server_conn *server_conn_take(struct worker *worker,
				     const struct plan_pool *pool,
				     struct plan_server *server,
				     const char *host)
{
	struct server_slot *slot = &worker->slots[server->slot];
	struct server_conn *conn = TAILQ_FIRST(&slot->idle);

	if (conn && is_for_host(pool))
		for (unsigned int i = 0; conn && !is_for(conn, host); i++)
			conn = i < LOOK_MAX ? TAILQ_NEXT(conn, of_slot) : NULL;
	if (!conn)
		return NULL;
	unlist(conn);
	loop_timer_del(worker->loop, &conn->timer);
	return conn;
}

/* What the next connection may begin with. */
static void remember_session(const struct server_conn *conn,
			     struct server_slot *slot)
{
	SSL_SESSION *session;

	if (!conn->stream.tls || conn->requests > 1)
		return;
	session = tls_client_session(conn->stream.tls);
	if (!session)
		return;
	SSL_SESSION_free(slot->session);
	slot->session = session;
}

void server_conn_keep(struct server_conn *conn)
{
	struct worker *worker = conn->worker;
	struct server_slot *slot = slot_of(conn);

	conn->exchange = NULL;
	/* Its place may be another server's by now. */
	if (slot->generation == worker->generation)
		remember_session(conn, slot);
	if (conn->is_private || has_more(conn) ||
	    (conn->in && buffer_length(conn->in)) ||
	    slot->generation != worker->generation || slot->count >= IDLE_MAX ||
	    worker->draining) {
		server_conn_close(conn);
		return;
	}
	buffer_put(&worker->buffers, &conn->in);
	TAILQ_INSERT_HEAD(&slot->idle, conn, of_slot);
	slot->count++;
	conn->timer.expire = expire;
	loop_timer_set(worker->loop, &conn->timer, IDLE_MS);
}

static bool write_hello(struct server_conn *conn, int version,
			const struct forward_client *who)
{
	struct proxy_header header = {
		.source = who->source,
		.destination = who->local,
		.tls = who->tls,
	};

	conn->hello = buffer_get(&conn->worker->buffers);
	if (!conn->hello)
		return false;
	conn->hello->end = (uint32_t)proxy_header_write(
		conn->hello->data, conn->hello->size, version, &header);
	conn->is_private = true;
	return true;
}

static int begin(struct server_conn *conn, const struct plan_pool *pool,
		 const char *host, const struct forward_client *who)
{
	const struct plan_server *server = conn->server;
	struct worker *worker = conn->worker;
	int fd, one = 1, err;

	fd = socket(server->address.any.sa_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, &server->address.any, server->address_size) < 0 &&
	    errno != EINPROGRESS) {
		err = -errno;
		close(fd);
		return err;
	}
	conn->stream.fd.ready = ready;
	err = loop_fd_add(worker->loop, &conn->stream.fd, fd, LOOP_STREAM);
	if (err) {
		close(fd);
		return err;
	}
	if (pool->config->proxy_protocol &&
	    !write_hello(conn, pool->config->proxy_protocol, who))
		return -ENOMEM;
	if (!pool->tls)
		return 0;
	if (host && is_for_host(pool)) {
		conn->host = strdup(host);
		if (!conn->host)
			return -ENOMEM;
	}
	return tls_client_connect(pool->tls, &conn->stream, host,
				  worker->slots[server->slot].session);
}

struct server_conn *
server_conn_open(struct worker *worker, const struct plan_pool *pool,
		 struct plan_server *server, const char *host,
		 const struct forward_client *who, int *error)
{
	struct server_conn *conn = calloc(1, sizeof(*conn));

	if (!conn) {
		*error = -ENOMEM;
		return NULL;
	}
	conn->worker = worker;
	conn->server = server;
	conn->stream.fd.fd = -1;
	count_open(conn, 1);
	counter_add(&counts_of(server->counts, worker->number)->connections, 1);
	*error = begin(conn, pool, host, who);
	if (!*error)
		return conn;
	server_conn_close(conn);
	return NULL;
}

static int send_hello(struct server_conn *conn)
{
	struct buffer *hello = conn->hello;
	SSL *tls = conn->stream.tls;
	struct iovec part;
	ssize_t sent;

	/* It comes before the handshake of TLS. */
	conn->stream.tls = NULL;
	part = (struct iovec){ hello->data + hello->start,
			       buffer_length(hello) };
	sent = stream_write(&conn->stream, &part, 1, tls != NULL);
	conn->stream.tls = tls;
	if (sent < 0)
		return (int)sent;
	hello->start += (uint32_t)sent;
	if (buffer_length(hello))
		return -EAGAIN;
	buffer_put(&conn->worker->buffers, &conn->hello);
	return 0;
}

static int finish_tcp(struct server_conn *conn)
{
	socklen_t size = sizeof(int);
	int err = 0;

	if (!conn->stream.writable && !conn->stream.broken)
		return -EAGAIN;
	if (conn->stream.broken &&
	    getsockopt(conn->stream.fd.fd, SOL_SOCKET, SO_ERROR, &err, &size))
		return -errno;
	if (conn->stream.broken)
		return err ? -err : -ECONNRESET;
	conn->connected = true;
	return 0;
}

int server_conn_connect(struct server_conn *conn)
{
	int err = 0;

	if (!conn->connected)
		err = finish_tcp(conn);
	if (!err && conn->hello)
		err = send_hello(conn);
	if (!err && conn->stream.tls && !conn->stream.secured)
		err = stream_handshake(&conn->stream);
	if (!err)
		conn->stream.secured = true;
	return err;
}
