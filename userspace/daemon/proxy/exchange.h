/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request and its response: which route and server it takes, what is passed on in
 * both directions, and how it ends. Also a connection that is no HTTP, or is none any
 * more: a tunnel.
 *
 * An exchange belongs to its client, which has one at a time. What it calls may end
 * it, and its client: functions here are called last.
 */
#ifndef PROXY_EXCHANGE_H
#define PROXY_EXCHANGE_H

#include "client.h"
#include "flow.h"
#include "pace.h"
#include "server_conn.h"

/* Servers that one exchange tries. */
#define EXCHANGE_TRIES_MAX 8

/* In place of a server's index: no certain one. */
#define EXCHANGE_ANY (~0U)

/* What a trusted client may call a request. */
#define EXCHANGE_ID_MAX 128

/* What a retry costs of a service's credit, and the most that it has. */
#define RETRY_COST 10000ULL
#define RETRY_CREDIT_MAX (10 * RETRY_COST)

/**
 * enum exchange_state - where an exchange is
 * @EXCHANGE_HEAD: the head of its request is read
 * @EXCHANGE_QUEUED: it waits for a server
 * @EXCHANGE_CONNECTING: a connection to the server is being made
 * @EXCHANGE_ASKING: the request is sent, and the head of the response is read
 * @EXCHANGE_ANSWERING: the response is passed on, the server's or one of our own
 * @EXCHANGE_TUNNEL: bytes go both ways
 */
enum exchange_state {
	EXCHANGE_HEAD,
	EXCHANGE_QUEUED,
	EXCHANGE_CONNECTING,
	EXCHANGE_ASKING,
	EXCHANGE_ANSWERING,
	EXCHANGE_TUNNEL,
};

/**
 * struct exchange - a request and its response
 * @next: while it is free
 * @client: who asks
 * @state: where it is
 * @service: of the client's view
 * @route: that it took, or NULL
 * @pool: as the worker sees it, or NULL
 * @server: chosen, which has this request among its load; or NULL
 * @server_index: its place in the pool
 * @counted: the last one that was chosen, which counts the request, or NULL; of the
 *	client's view
 * @server_at: the last one that was chosen, for the log; no port: none
 * @conn: to @server, or NULL
 * @queue: entry in a queue of @pool
 * @own: while it waits: the server that it waits for, or EXCHANGE_ANY
 * @timer: of the phase that it is in
 * @task: goes on in the next turn
 * @up: content of the request
 * @down: content of the response, with its head
 * @up_pace, @down_pace: how fast the client sends and takes these
 * @own_path: the normalised path, NULL: it is written like that in the head
 * @path_length: of the one or the other, see exchange_path()
 * @tried: servers that failed
 * @tried_count: how many
 * @retries: tries after the first
 * @waits: it is in a queue of @pool
 * @end: how it ends, if nothing else comes
 * @status: sent to the client, 0: none
 * @reason: why it ended, one line, or NULL
 * @began: when the first byte of the request came, in the loop's time
 * @headed: when its head was complete
 * @queued: when it began to wait
 * @connecting: when a connection was begun
 * @connected: when that was made
 * @asked: when the request's head was sent
 * @answered: when the response's head had come
 * @tunnelled: when the tunnel was open, 0: it is none
 * @interims: responses of 1xx so far
 * @keep_alive: the client's connection will persist
 * @raw: no HTTP
 * @up_done: all of the request is sent
 * @up_failed: the server does not take the rest of it
 * @up_shut, @down_shut: that direction of a tunnel has ended
 * @reused: @conn has served others
 * @anew: a connection that had served others has failed: no more of these
 * @keeps: @conn may be used again
 * @upgrade: the client asks for another protocol, and may have it
 * @sent_head: the head of the response is on its way to the client
 * @sticks: the client is to get a cookie that names the server
 * @request_id: number of the request, empty if the service wants none
 * @head: of the request
 * @response: head of the response
 * @why: memory for @reason
 */
struct exchange {
	struct exchange *next;
	struct client *client;
	enum exchange_state state;
	const struct plan_service *service;
	const struct plan_route *route;
	struct worker_pool *pool;
	struct plan_server *server;
	unsigned int server_index;
	struct plan_server *counted;
	struct sluice_endpoint server_at;
	struct server_conn *conn;
	TAILQ_ENTRY(exchange) queue;
	unsigned int own;
	struct wheel_timer timer;
	struct loop_task task;
	struct flow up;
	struct flow down;
	struct pace up_pace;
	struct pace down_pace;
	char *own_path;
	u32 path_length;
	unsigned int tried[EXCHANGE_TRIES_MAX];
	unsigned int tried_count;
	unsigned int retries;
	bool waits;
	enum access_end end;
	unsigned int status;
	const char *reason;
	uint64_t began;
	uint64_t headed;
	uint64_t queued;
	uint64_t connecting;
	uint64_t connected;
	uint64_t asked;
	uint64_t answered;
	uint64_t tunnelled;
	unsigned int interims;
	bool keep_alive;
	bool raw;
	bool up_done;
	bool up_failed;
	bool up_shut;
	bool down_shut;
	bool reused;
	bool anew;
	bool keeps;
	bool upgrade;
	bool sent_head;
	bool sticks;
	char request_id[EXCHANGE_ID_MAX + 1];
	struct sluice_http_head head;
	struct sluice_http_response response;
	char why[256];
};

/**
 * exchange_create() - a request begins
 * @client: whose
 *
 * Return: an exchange with an empty head, or NULL.
 */
struct exchange *exchange_create(struct client *client);

/* The head is complete: find out where it goes. */
void exchange_begin(struct exchange *x);

/* The normalised path, until the client's buffer changes; empty where there is none. */
struct sluice_text exchange_path(const struct exchange *x);

/* No HTTP: the client's bytes go to the service's pool. */
void exchange_begin_raw(struct exchange *x);

/* Go on: something is ready. */
void exchange_run(struct exchange *x);

/**
 * exchange_refuse() - answer the client ourselves, and have done with it
 * @x: nothing was sent to the client
 * @status: of the answer
 * @end: for the log
 * @reason: one line, lives longer than the exchange
 */
void exchange_refuse(struct exchange *x, unsigned int status,
		     enum access_end end, const char *reason);

/* The client is gone, or has to go: end without an answer. */
void exchange_abort(struct exchange *x, enum access_end end,
		    const char *reason);

/* exchange_server.c: choose a server and connect to it. */
void exchange_connect(struct exchange *x);
/* The same, of one that has its server already. */
void exchange_connect_to(struct exchange *x);
/* It did not work: try another one, or answer. */
void exchange_server_failed(struct exchange *x, enum access_end end,
			    const char *reason);
/* What the server has made of it, for who chooses the next one. */
void exchange_report(struct exchange *x, bool failed);
/* The server is down, or has drained: go on with another one, or end. */
void exchange_leave(struct exchange *x);
/* Let go of the server; @keep: its connection may be used again. */
void exchange_release(struct exchange *x, bool keep);

/* exchange_request.c: the head for the server, and what follows it. */
bool exchange_send_request(struct exchange *x);

/* exchange_response.c: read the head of the response, and pass it on. */
void exchange_read_response(struct exchange *x);

/* exchange_end.c */
void exchange_finish(struct exchange *x, enum access_end end, bool reset);
void exchange_free(struct exchange *x);
void exchange_set_timer(struct exchange *x);

#endif /* PROXY_EXCHANGE_H */
