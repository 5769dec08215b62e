/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client's connection: who it is (PROXY protocol, TLS), and one request after
 * another. While it waits for the next, it has no buffer.
 */
#ifndef PROXY_CLIENT_H
#define PROXY_CLIENT_H

#include "forward.h"
#include "handshakes.h"
#include "stream.h"
#include "worker.h"

/**
 * enum client_state - what a client's connection does
 * @CLIENT_PROXY_HEADER: says who it is
 * @CLIENT_HANDSHAKE: TLS begins
 * @CLIENT_HEAD: waits for a request, or reads its head
 * @CLIENT_EXCHANGE: a request is served
 * @CLIENT_LINGER: our end is sent; what still comes is thrown away
 */
enum client_state {
	CLIENT_PROXY_HEADER,
	CLIENT_HANDSHAKE,
	CLIENT_HEAD,
	CLIENT_EXCHANGE,
	CLIENT_LINGER,
};

/**
 * struct client - a client's connection
 * @stream: the connection
 * @timer: of the phase that it is in, while there is no exchange
 * @task: goes on in the next turn
 * @handshake: of TLS
 * @worker: whose
 * @view: held
 * @service: of that
 * @in: what was read
 * @exchange: the request, or NULL
 * @of_worker: entry in its list
 * @state: what it does
 * @requests: begun so far
 * @who: for servers and logs
 */
struct client {
	struct stream stream;
	struct wheel_timer timer;
	struct loop_task task;
	struct handshake handshake;
	struct worker *worker;
	struct view *view;
	const struct plan_service *service;
	struct buffer *in;
	struct exchange *exchange;
	TAILQ_ENTRY(client) of_worker;
	enum client_state state;
	uint32_t requests;
	struct forward_client who;
};

/* client_accept.c: take what a listening socket has. */
void client_accept(struct listener *listener);

/**
 * client_create() - there is a connection
 * @worker: of this thread
 * @service: of it, in the worker's view; the connection counts among its own
 * @fd: the connection
 * @source: whose it is
 * @local: where it was made to
 *
 * Return: a client for client_begin() or client_resume(), or NULL: @fd is still the
 * caller's.
 */
struct client *client_create(struct worker *worker,
			     const struct plan_service *service, int fd,
			     const struct sluice_endpoint *source,
			     const struct sluice_endpoint *local);

/* Serve a client that was created; it may be gone afterwards. */
void client_begin(struct client *client);

/*
 * Serve one that has begun elsewhere: its stream is secured, and what was read of its
 * next request is in @in. It may be gone afterwards.
 */
void client_resume(struct client *client);

/* Address and port of a socket, of IPv4 or IPv6. */
void client_set_endpoint(struct sluice_endpoint *to,
			 const struct sockaddr_in6 *from);

/**
 * client_done() - the exchange is over
 * @client: whose exchange is freed
 * @keep: the next request may come
 * @more: of its request, not all has come
 * @reset: what was sent is not all there was: the client has to see that
 */
void client_done(struct client *client, bool keep, bool more, bool reset);

/* The end of a connection. */
void client_close(struct client *client);

/* Those that wait for a request have no reason to stay: the worker drains, or their
 * service is gone.
 */
void clients_retire(struct worker *worker);

/* Those that have a server that is to be left, leave it. */
void clients_leave(struct worker *worker);

#endif /* PROXY_CLIENT_H */
