// SPDX-License-Identifier: GPL-2.0
/* Requests: the head is read, compared with the routes, and passed on to a server. */

#include <linux/random.h>
#include <linux/slab.h>

#include <sluice/http_describe.h>
#include <sluice/http_relay.h>

#include "run.h"
#include "server.h"
#include "sticky.h"
#include "../kmod/relay.h"
#include "../kmod/request.h"
#include "../kmod/server.h"

/* What a head can become longer by: fields that are added, one of them the host. */
#define HEAD_MORE 2048

/* Paths up to this length need no memory to be compared. */
#define PATH_SHORT 256

static bool next_request(struct sluice_relay *relay)
{
	const struct sluice_exchange *x = relay->exchange;
	u32 max = relay->config.requests_max;

	return x->head.minor && x->head.keep_alive &&
	       (!max || relay->requests + 1 < max);
}

/* Whoever has seen some of these cannot tell the next. */
static void name_request(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;
	u64 random[2];

	if (!(relay->config.add & SLUICE_HTTP_RELAY_REQUEST_ID))
		return;
	get_random_bytes(random, sizeof(random));
	snprintf(x->request_id, sizeof(x->request_id), "%016llx%016llx",
		 random[0], random[1]);
}

/* The reader of the head is needed for responses, too; so keep what it said. */
static void note_request(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;
	const struct sluice_http_head *head = &x->head;

	x->method = head->method_id;
	x->minor = head->minor;
	x->keep = next_request(relay);
	WRITE_ONCE(relay->requests, relay->requests + 1);
	x->websocket = head->websocket;
	if (head->chunked)
		sluice_flow_init(&x->up, SLUICE_HTTP_FRAMING_CHUNKED, 0);
	else
		sluice_flow_init(&x->up, SLUICE_HTTP_FRAMING_LENGTH,
				 head->has_content_length ? head->content_length : 0);
}

/**
 * struct asking - a request that looks for its way
 * @ask: how
 * @relay: whose it is
 */
struct asking {
	struct sluice_relay_ask ask;
	const struct sluice_relay *relay;
};

static bool kept(const struct sluice_relay_ask *ask,
		 const struct sluice_sticky *sticky, u64 *server)
{
	const struct asking *asking = container_of(ask, struct asking, ask);

	return sluice_sticky_kept(asking->relay, sticky, server);
}

/* Where does it go? False where the path cannot be compared. */
static bool find_way(struct sluice_relay *relay, struct sluice_relay_way *way)
{
	struct sluice_exchange *x = relay->exchange;
	const u8 *data = relay->client.data + relay->client.start;
	u8 space[PATH_SHORT] __uninitialized, *path = space;
	struct sluice_http_request request = {
		.req.port = ntohs(relay->service.port),
	};
	const struct asking asking = {
		.ask = { .req = &request.req, .avoid = x->avoid, .kept = kept },
		.relay = relay,
	};
	u32 size = x->head.path.length + 1;
	bool fits = false;

	if (size > sizeof(space))
		path = kmalloc(size, GFP_KERNEL);
	if (!path)
		return false;
	sluice_http_describe(&request, &x->head, data);
	sluice_request_set_source(&request.req, &relay->source,
				  relay->source_family);
	if (sluice_http_describe_path(&request, path, size)) {
		sluice_relay_route(relay->rn->net, &relay->service,
				   &asking.ask, way);
		fits = true;
	}
	if (path != space)
		kfree(path);
	return fits;
}

static enum sluice_step refuse(struct sluice_relay *relay, u16 status,
			       enum sluice_refusal reason)
{
	sluice_relay_refused(relay->rn->net, &relay->service, reason);
	return sluice_relay_answer(relay, status);
}

static enum sluice_step use_server(struct sluice_relay *relay,
				   const struct sluice_relay_way *way)
{
	struct sluice_exchange *x = relay->exchange;
	struct sluice_relay_server *s;

	x->avoid = way->server->id;
	x->tries++;
	sluice_sticky_put(x->sticky);
	x->sticky = way->sticky;
	s = sluice_relay_server_use(relay, way);
	if (s == ERR_PTR(-ENOMEM))
		return refuse(relay, 503, SLUICE_REFUSAL_MEMORY);
	if (!IS_ERR(s)) {
		x->server = s;
		relay->with = (struct sluice_server_key){ s->server->addr,
							  s->server->port };
		WRITE_ONCE(relay->with_family, s->family);
		/* It may have gone down since it was chosen. */
		if (sluice_relay_leaves(s->server))
			sluice_relay_server_close(relay, s, true);
	}
	sluice_relay_enter(relay, SLUICE_RELAY_PHASE_CONNECTING);
	return SLUICE_STEP_AGAIN;
}

/* @status: what the client is told where there is no other server. */
static enum sluice_step go(struct sluice_relay *relay, u16 status)
{
	struct sluice_relay_way way;

	if (!find_way(relay, &way))
		return refuse(relay, 400, SLUICE_REFUSAL_MALFORMED);
	switch (way.verdict) {
	case SLUICE_RELAY_SERVER:
		if (status && way.server->id == relay->exchange->avoid) {
			/* There is only this one, and it was tried. */
			sluice_server_put(way.server);
			sluice_sticky_put(way.sticky);
			return refuse(relay, status, SLUICE_REFUSAL_CONNECT);
		}
		return use_server(relay, &way);
	case SLUICE_RELAY_REJECT:
		if (way.status)
			return sluice_relay_answer(relay, way.status);
		sluice_relay_finish(relay, true);
		return SLUICE_STEP_GONE;
	case SLUICE_RELAY_REDIRECT:
		return sluice_relay_redirect(relay, way.status);
	case SLUICE_RELAY_PROXY:
		return sluice_relay_return(relay, SLUICE_RELAY_WHY_ROUTE);
	case SLUICE_RELAY_NO_SERVER:
		return sluice_relay_answer(relay, 503);
	case SLUICE_RELAY_NO_ROUTE:
		return sluice_relay_answer(relay, 404);
	default:
		return sluice_relay_return(relay, SLUICE_RELAY_WHY_SERVICE);
	}
}

/* A head that is complete and sound. */
static enum sluice_step judge(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;

	note_request(relay);
	name_request(relay);
	if (x->method == SLUICE_HTTP_METHOD_CONNECT)
		return sluice_relay_return(relay, SLUICE_RELAY_WHY_CONNECT);
	if (x->head.upgrade && !(x->websocket && relay->config.websocket))
		return sluice_relay_return(relay, SLUICE_RELAY_WHY_UPGRADE);
	return go(relay, 0);
}

/* The client has ended, or something is wrong with it. */
static enum sluice_step ended(struct sluice_relay *relay, int err)
{
	switch (err) {
	case -EMSGSIZE:
		return refuse(relay, 431, SLUICE_REFUSAL_MALFORMED);
	case -ENOMEM:
		return refuse(relay, 503, SLUICE_REFUSAL_MEMORY);
	case 0:
	case -EKEYEXPIRED:
		sluice_relay_enter(relay, SLUICE_RELAY_PHASE_CLOSING);
		return SLUICE_STEP_AGAIN;
	default:
		sluice_relay_finish(relay, true);
		return SLUICE_STEP_GONE;
	}
}

/**
 * sluice_request_read() - read a request's head
 * @relay: the client, in phase SLUICE_RELAY_PHASE_IDLE or SLUICE_RELAY_PHASE_HEAD
 *
 * Return: what comes next.
 */
enum sluice_step sluice_request_read(struct sluice_relay *relay)
{
	struct sluice_end *client = &relay->client;
	struct sluice_exchange *x = relay->exchange;
	int got;

	/* What came with the head before is looked at first. */
	if (x || !sluice_end_unused(client)) {
		got = sluice_end_read(client, SLUICE_HTTP_HEAD_DEFAULT);
		if (got == -EAGAIN) {
			sluice_end_use(client, 0);
			sluice_relay_servers_check(relay);
			return SLUICE_STEP_WAIT;
		}
		if (got <= 0)
			return ended(relay, got);
	}
	if (!x) {
		x = sluice_exchange_alloc();
		if (!x) {
			sluice_relay_finish(relay, true);
			return SLUICE_STEP_GONE;
		}
		relay->exchange = x;
		sluice_relay_config_renew(relay);
		sluice_http_head_init(&x->head, NULL);
		sluice_relay_enter(relay, SLUICE_RELAY_PHASE_HEAD);
	}
	switch (sluice_http_head_parse(&x->head, client->data + client->start,
				       sluice_end_unused(client))) {
	case SLUICE_HTTP_MORE:
		return SLUICE_STEP_AGAIN;
	case SLUICE_HTTP_REFUSED:
		return refuse(relay, sluice_http_error_status(x->head.error),
			      SLUICE_REFUSAL_MALFORMED);
	default:
		return judge(relay);
	}
}

/**
 * sluice_request_again() - try another server
 * @relay: the client, whose request was not passed on
 * @status: what it is told where there is no other
 *
 * Return: what comes next.
 */
enum sluice_step sluice_request_again(struct sluice_relay *relay, u16 status)
{
	struct sluice_exchange *x = relay->exchange;

	if (x->server)
		sluice_relay_server_close(relay, x->server, true);
	sluice_relay_tally(relay, SLUICE_RELAY_COUNT_ERRORS);
	if (x->sent || x->tries > relay->config.retries)
		return refuse(relay, status, SLUICE_REFUSAL_CONNECT);
	sluice_relay_tally(relay, SLUICE_RELAY_COUNT_RETRIES);
	return go(relay, status);
}

static bool is_idempotent(enum sluice_http_method method)
{
	switch (method) {
	case SLUICE_HTTP_METHOD_GET:
	case SLUICE_HTTP_METHOD_HEAD:
	case SLUICE_HTTP_METHOD_PUT:
	case SLUICE_HTTP_METHOD_DELETE:
	case SLUICE_HTTP_METHOD_OPTIONS:
		return true;
	default:
		return false;
	}
}

/* Where the client connected to, as in a URL. */
static struct sluice_text tell_local(const struct sluice_relay *relay, char *text,
				     size_t size)
{
	const struct sluice_service_key *service = &relay->service;
	u16 port = ntohs(service->port);
	u32 length;

	if (service->family == AF_INET)
		length = scnprintf(text, size, "%pI4:%u", &service->addr.ip, port);
	else
		length = scnprintf(text, size, "[%pI6c]:%u", &service->addr.in6,
				   port);
	return (struct sluice_text){ text, length };
}

/* The head as the server gets it: how long it is, or 0 where it cannot be written. */
static u32 write_head(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;
	u32 size = x->head.length + HEAD_MORE, length;
	struct sluice_http_relay said = {
		.client = { relay->source_text, relay->source_length },
		.tls = relay->client.tls,
		.request_id = { x->request_id, SLUICE_REQUEST_ID_LEN },
		.request_id_name = relay->config.request_id,
		.add = relay->config.add,
	};
	char local[INET6_ADDRSTRLEN + 8] __uninitialized;
	u8 *out;

	/* Only HTTP/1.0 may say nothing of a host, or a Host that is empty. */
	if (!x->head.host.length)
		said.local = tell_local(relay, local, sizeof(local));
	out = sluice_pieces_reserve(&x->to_server, size);
	if (!out)
		return 0;
	length = sluice_http_relay_request(&x->head,
					   relay->client.data + relay->client.start,
					   &said, out, size);
	sluice_pieces_commit(&x->to_server, length);
	return length;
}

/* The server is there: it gets the head. */
static enum sluice_step send(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;
	struct sluice_relay_server *s = x->server;

	if (!s->used && sluice_relay_server_greet(relay, s, &x->to_server))
		return refuse(relay, 503, SLUICE_REFUSAL_MEMORY);
	if (!write_head(relay))
		return refuse(relay, 503, SLUICE_REFUSAL_MEMORY);
	/* A server may close a connection that it kept while a request is on its way. */
	if (s->used && x->up.ended && is_idempotent(x->method))
		sluice_pieces_share(&x->to_server, &x->again);
	WRITE_ONCE(relay->bytes_client, relay->bytes_client + x->head.length);
	sluice_end_use(&relay->client, x->head.length);
	sluice_http_response_init(&x->response, NULL);
	x->sent = true;
	x->counted = s->server;
	sluice_relay_begin(relay->rn->net, &relay->service, s->server);
	sluice_relay_tally(relay, SLUICE_RELAY_COUNT_REQUESTS);
	sluice_relay_enter(relay, SLUICE_RELAY_PHASE_WAITING);
	return SLUICE_STEP_AGAIN;
}

/**
 * sluice_request_connect() - wait for a server, and pass the head on
 * @relay: the client, in phase SLUICE_RELAY_PHASE_CONNECTING
 *
 * Return: what comes next.
 */
enum sluice_step sluice_request_connect(struct sluice_relay *relay)
{
	const struct sluice_exchange *x = relay->exchange;
	int done = x->server ? sluice_relay_server_connected(x->server) :
			       -ENETUNREACH;

	if (done < 0)
		return sluice_request_again(relay, 502);
	if (!done)
		return SLUICE_STEP_WAIT;
	if (!x->sent)
		return send(relay);
	sluice_relay_enter(relay, SLUICE_RELAY_PHASE_WAITING);
	return SLUICE_STEP_AGAIN;
}
