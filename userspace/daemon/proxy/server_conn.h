/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections to servers: opened, used for one request after another, and kept for
 * the next one. They belong to one worker.
 */
#ifndef PROXY_SERVER_CONN_H
#define PROXY_SERVER_CONN_H

#include "proxy_header.h"
#include "stream.h"
#include "worker.h"

/**
 * struct server_conn - a connection to a server
 * @stream: the connection
 * @timer: closes it when it has been idle for long
 * @worker: whose
 * @server: where it leads to; there as long as the connection is
 * @host: name of the request that it was made for, where the certificate is for
 *	that; NULL: for all
 * @exchange: that uses it, NULL: it is idle
 * @in: what was read
 * @hello: header of the PROXY protocol that is still to be sent, or NULL
 * @of_slot: entry in the list of idle ones
 * @requests: sent so far
 * @connected: the handshake of TCP is done
 * @is_private: for one client only, and not to be kept
 */
struct server_conn {
	struct stream stream;
	struct wheel_timer timer;
	struct worker *worker;
	struct plan_server *server;
	char *host;
	struct exchange *exchange;
	struct buffer *in;
	struct buffer *hello;
	TAILQ_ENTRY(server_conn) of_slot;
	uint32_t requests;
	bool connected;
	bool is_private;
};

/**
 * server_conn_take() - use one that is idle
 * @worker: of this thread
 * @pool: of the server
 * @server: where it is to lead to
 * @host: of the request; NULL: none
 *
 * Return: a connection, or NULL.
 */
struct server_conn *server_conn_take(struct worker *worker,
				     const struct plan_pool *pool,
				     struct plan_server *server,
				     const char *host);

/**
 * server_conn_open() - begin to connect
 * @worker: of this thread
 * @pool: of the server: TLS, header of the PROXY protocol
 * @server: where to
 * @host: of the request, for TLS; NULL: none
 * @who: client, for the header of the PROXY protocol
 * @error: negative errno
 *
 * Return: a connection for server_conn_connect(), or NULL.
 */
struct server_conn *
server_conn_open(struct worker *worker, const struct plan_pool *pool,
		 struct plan_server *server, const char *host,
		 const struct forward_client *who, int *error);

/**
 * server_conn_connect() - go on connecting
 * @conn: with a user
 *
 * Return: 0: requests may be sent; -EAGAIN; or another negative errno.
 */
int server_conn_connect(struct server_conn *conn);

/**
 * server_conn_keep() - the connection is not used at the moment
 * @conn: in a state to take another request; it may be closed
 */
void server_conn_keep(struct server_conn *conn);

/* The end of a connection. */
void server_conn_close(struct server_conn *conn);

/* Close those of a slot that nobody uses. */
void server_slot_clear(struct server_slot *slot);

#endif /* PROXY_SERVER_CONN_H */
