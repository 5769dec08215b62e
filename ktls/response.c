// SPDX-License-Identifier: GPL-2.0
/* Responses: the head is read and passed on, then the content. */

#include <linux/slab.h>

#include <sluice/http_relay.h>

#include "room.h"
#include "run.h"
#include "server.h"
#include "sticky.h"
#include "../kmod/relay.h"

/* What a head can become longer by: fields that are added, a cookie the longest. */
#define HEAD_MORE (SLUICE_STICKY_TEXT_MAX + SLUICE_RELAY_FIELD_LEN + 256)

/* Bytes of a response's head. */
#define HEAD_MAX 16384

/* Interim responses to a request; more have no purpose. */
#define INTERIMS_MAX 32

static struct kmem_cache *exchanges;

/* Nothing waits when an exchange begins, nor when it has been freed. */
static void construct(void *exchange)
{
	struct sluice_exchange *x = exchange;

	sluice_pieces_init(&x->to_server);
	sluice_pieces_init(&x->to_client);
	x->again.bv_page = NULL;
}

/**
 * sluice_exchanges_init() - prepare for requests
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_exchanges_init(void)
{
	exchanges = kmem_cache_create("sluice_exchange",
				      sizeof(struct sluice_exchange), 0,
				      SLAB_HWCACHE_ALIGN, construct);
	return exchanges ? 0 : -ENOMEM;
}

/**
 * sluice_exchanges_exit() - undo sluice_exchanges_init()
 */
void sluice_exchanges_exit(void)
{
	kmem_cache_destroy(exchanges);
}

/**
 * sluice_exchange_alloc() - begin with a request
 *
 * Return: the exchange, to be ended by sluice_exchange_end(); or NULL.
 */
struct sluice_exchange *sluice_exchange_alloc(void)
{
	struct sluice_exchange *x = kmem_cache_alloc(exchanges, GFP_KERNEL);

	if (!x)
		return NULL;
	memset((u8 *)x + offsetof(struct sluice_exchange, up), 0,
	       sizeof(*x) - offsetof(struct sluice_exchange, up));
	return x;
}

/**
 * sluice_exchange_uncount() - the server has one request less
 * @relay: the client, with a request; nothing happens where no server got it
 *
 * Before the reference to the server is given back.
 */
void sluice_exchange_uncount(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;

	if (!x->counted)
		return;
	sluice_relay_count(x->counted, x->up.bytes, x->down.bytes);
	sluice_relay_end(x->counted);
	WRITE_ONCE(relay->bytes_client, relay->bytes_client + x->up.bytes);
	WRITE_ONCE(relay->bytes_server, relay->bytes_server + x->down.bytes);
	x->counted = NULL;
}

/**
 * sluice_exchange_end() - be done with a request
 * @relay: the client; nothing happens where it has none
 *
 * A server that did not answer all of it is reset.
 */
void sluice_exchange_end(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;

	if (!x)
		return;
	sluice_exchange_uncount(relay);
	sluice_sticky_put(x->sticky);
	if (x->server)
		sluice_relay_server_close(relay, x->server, true);
	sluice_pieces_free(&x->to_server);
	sluice_pieces_free(&x->to_client);
	sluice_room_put(&x->again);
	kmem_cache_free(exchanges, x);
	relay->exchange = NULL;
	WRITE_ONCE(relay->with_family, 0);
}

static enum sluice_step gone(struct sluice_relay *relay)
{
	sluice_relay_finish(relay, true);
	return SLUICE_STEP_GONE;
}

/* All of the response is with the client's socket. */
static enum sluice_step finished(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;
	struct sluice_relay_server *s = x->server;
	bool keep = x->keep && x->up.ended && !x->to_server.bytes;

	if (s && x->keep_server && x->up.ended && !x->to_server.bytes) {
		s->used = true;
		sluice_end_use(&s->end, 0);
		x->server = NULL;
	} else if (s) {
		sluice_relay_server_close(relay, s, !x->up.ended);
	}
	sluice_exchange_end(relay);
	sluice_relay_enter(relay, keep ? SLUICE_RELAY_PHASE_IDLE : SLUICE_RELAY_PHASE_CLOSING);
	return SLUICE_STEP_AGAIN;
}

/*
 * The server's connection ended before a response. One that it had kept for long may
 * have ended while the request was on its way: then the same server is asked again.
 */
static enum sluice_step lost(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;
	struct sluice_relay_server *s = x->server;

	sluice_relay_tally(relay, SLUICE_RELAY_COUNT_ERRORS);
	if (x->began || !x->again.bv_page)
		return sluice_relay_answer(relay, 502);
	sluice_pieces_free(&x->to_server);
	if (sluice_relay_server_again(relay, s) ||
	    sluice_relay_server_greet(relay, s, &x->to_server) ||
	    sluice_pieces_add(&x->to_server, &x->again))
		return sluice_relay_answer(relay, 502);
	x->deaf = false;
	sluice_relay_tally(relay, SLUICE_RELAY_COUNT_RETRIES);
	sluice_relay_enter(relay, SLUICE_RELAY_PHASE_CONNECTING);
	return SLUICE_STEP_AGAIN;
}

/* The response's head as the client gets it; false without memory. */
static bool write_head(struct sluice_relay *relay,
		       enum sluice_http_framing framing)
{
	struct sluice_exchange *x = relay->exchange;
	u32 size = x->response.length + HEAD_MORE, length;
	struct sluice_http_relay_reply reply = {
		.request_id_name = relay->config.request_id,
		.close = !x->keep,
		.upgraded = framing == SLUICE_HTTP_FRAMING_TUNNEL,
	};
	char cookie[SLUICE_STICKY_TEXT_MAX] __uninitialized;
	u8 *out;

	reply.set_cookie = sluice_sticky_cookie(relay, cookie);
	if (*x->request_id)
		reply.request_id = (struct sluice_text){ x->request_id,
							 SLUICE_REQUEST_ID_LEN };
	out = sluice_pieces_reserve(&x->to_client, size);
	if (!out)
		return false;
	length = sluice_http_relay_response(&x->response,
					    x->server->end.data +
						    x->server->end.start,
					    framing, &reply, out, size);
	sluice_pieces_commit(&x->to_client, length);
	return length;
}

/* 101 (Switching Protocols): bytes go both ways from now on. */
static enum sluice_step begin_tunnel(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;

	if (!x->websocket || !x->response.websocket || !x->up.ended)
		return sluice_relay_answer(relay, 502);
	if (!write_head(relay, SLUICE_HTTP_FRAMING_TUNNEL))
		return gone(relay);
	sluice_end_use(&x->server->end, x->response.length);
	sluice_flow_init(&x->up, SLUICE_HTTP_FRAMING_TUNNEL, 0);
	sluice_flow_init(&x->down, SLUICE_HTTP_FRAMING_TUNNEL, 0);
	sluice_relay_enter(relay, SLUICE_RELAY_PHASE_TUNNEL);
	return SLUICE_STEP_AGAIN;
}

/* 100 (Continue), 103 (Early Hints): another head follows. */
static enum sluice_step pass_interim(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;

	if (++x->interims > INTERIMS_MAX)
		return sluice_relay_answer(relay, 502);
	/* HTTP/1.0 has none of these (RFC 9110 15.2). */
	if (x->minor && !write_head(relay, SLUICE_HTTP_FRAMING_NONE))
		return gone(relay);
	sluice_end_use(&x->server->end, x->response.length);
	sluice_http_response_init(&x->response, NULL);
	if (sluice_pieces_are_full(&x->to_client))
		return gone(relay);
	sluice_relay_moved(relay);
	return SLUICE_STEP_AGAIN;
}

/* A response's head is complete and sound. */
static enum sluice_step pass_head(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;
	const struct sluice_http_response *response = &x->response;
	enum sluice_http_framing framing, out;

	WRITE_ONCE(relay->bytes_server, relay->bytes_server + response->length);
	if (response->status == 101)
		return begin_tunnel(relay);
	if (response->status < 200)
		return pass_interim(relay);
	framing = sluice_http_response_framing(response, x->method);
	out = framing;
	if (framing == SLUICE_HTTP_FRAMING_CHUNKED && !x->minor)
		out = SLUICE_HTTP_FRAMING_CLOSE;
	/* A client whose request was not read to its end cannot send another one. */
	x->keep &= out != SLUICE_HTTP_FRAMING_CLOSE && x->up.ended;
	x->keep_server = response->keep_alive &&
			 framing != SLUICE_HTTP_FRAMING_CLOSE;
	if (!write_head(relay, out))
		return gone(relay);
	sluice_flow_init(&x->down, framing,
			 response->has_content_length ?
				 response->content_length : 0);
	x->down.unchunk = out != framing;
	sluice_end_use(&x->server->end, response->length);
	x->answered = true;
	sluice_relay_enter(relay, SLUICE_RELAY_PHASE_BODY);
	return SLUICE_STEP_AGAIN;
}

/*
 * The request's content. What is wrong with it is wrong for good; but a server may
 * stop reading, and answer all the same.
 */
static enum sluice_moved move_up(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;
	u64 before = x->up.bytes - x->to_server.bytes;
	bool had_ended = x->up.ended;
	enum sluice_moved moved;

	if (x->deaf || (x->up.ended && !x->to_server.bytes))
		return SLUICE_MOVED_DONE;
	moved = sluice_flow_move(&x->up, &relay->client, &x->server->end,
				 &x->to_server);
	/* The last chunk has no bytes, but from then on the server is waited for. */
	if (x->up.bytes - x->to_server.bytes != before ||
	    x->up.ended != had_ended)
		sluice_relay_moved(relay);
	if (moved != SLUICE_MOVED_BROKEN)
		return moved;
	x->deaf = true;
	x->keep = false;
	x->keep_server = false;
	return SLUICE_MOVED_DONE;
}

/* What becomes of a client whose request's content is wrong; or SLUICE_STEP_WAIT. */
static enum sluice_step stop_up(struct sluice_relay *relay,
				enum sluice_moved moved)
{
	switch (moved) {
	case SLUICE_MOVED_BAD:
		return relay->exchange->answered ? gone(relay) :
						   sluice_relay_answer(relay, 400);
	case SLUICE_MOVED_MEMORY:
		return relay->exchange->answered ? gone(relay) :
						   sluice_relay_answer(relay, 503);
	case SLUICE_MOVED_CUT:
		return gone(relay);
	default:
		return SLUICE_STEP_WAIT;
	}
}

/**
 * sluice_response_read() - send the request's content, read the response's head
 * @relay: the client, in phase SLUICE_RELAY_PHASE_WAITING
 *
 * Return: what comes next.
 */
enum sluice_step sluice_response_read(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;
	struct sluice_end *server = &x->server->end;
	enum sluice_moved moved = move_up(relay);
	enum sluice_step stop = stop_up(relay, moved);
	int got;

	if (stop != SLUICE_STEP_WAIT)
		return stop;
	/* Interim responses, for which the client may wait. */
	got = sluice_end_write(&relay->client, &x->to_client);
	if (got && got != -EAGAIN)
		return gone(relay);
	/* What came with an interim response is looked at first. */
	if (x->reading || !sluice_end_unused(server)) {
		got = sluice_end_read(server, HEAD_MAX);
		if (got == -EAGAIN)
			return moved == SLUICE_MOVED_MORE ? SLUICE_STEP_YIELD :
							    SLUICE_STEP_WAIT;
		if (got == -ENOMEM)
			return sluice_relay_answer(relay, 503);
		if (got == -EMSGSIZE)
			return sluice_relay_answer(relay, 502);
		if (got <= 0)
			return lost(relay);
	}
	x->began = true;
	x->reading = true;
	switch (sluice_http_response_parse(&x->response,
					   server->data + server->start,
					   sluice_end_unused(server))) {
	case SLUICE_HTTP_MORE:
		return SLUICE_STEP_AGAIN;
	case SLUICE_HTTP_REFUSED:
		sluice_relay_tally(relay, SLUICE_RELAY_COUNT_ERRORS);
		return sluice_relay_answer(relay, 502);
	default:
		x->reading = false;
		return pass_head(relay);
	}
}

/**
 * sluice_response_move() - pass the response on, and what is left of the request
 * @relay: the client, in phase SLUICE_RELAY_PHASE_BODY
 *
 * Return: what comes next.
 */
enum sluice_step sluice_response_move(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;
	enum sluice_moved up = x->server ? move_up(relay) : SLUICE_MOVED_DONE;
	enum sluice_step stop = stop_up(relay, up);
	enum sluice_moved down;
	u64 before;

	if (stop != SLUICE_STEP_WAIT)
		return stop;
	before = x->down.bytes - x->to_client.bytes;
	down = sluice_flow_move(&x->down, x->server ? &x->server->end : NULL,
				&relay->client, &x->to_client);
	if (x->down.bytes - x->to_client.bytes != before)
		sluice_relay_moved(relay);
	switch (down) {
	case SLUICE_MOVED_WAIT:
		return up == SLUICE_MOVED_MORE ? SLUICE_STEP_YIELD :
						 SLUICE_STEP_WAIT;
	case SLUICE_MOVED_MORE:
		return SLUICE_STEP_YIELD;
	case SLUICE_MOVED_DONE:
		return finished(relay);
	case SLUICE_MOVED_CUT:
	case SLUICE_MOVED_BAD:
		sluice_relay_tally(relay, SLUICE_RELAY_COUNT_ERRORS);
		fallthrough;
	default:
		return gone(relay);
	}
}

/**
 * sluice_tunnel_move() - pass bytes on in both directions
 * @relay: the client, in phase SLUICE_RELAY_PHASE_TUNNEL
 *
 * Each side may end what it says on its own.
 *
 * Return: what comes next.
 */
enum sluice_step sluice_tunnel_move(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;
	struct sluice_end *client = &relay->client, *server = &x->server->end;
	u64 before = x->up.bytes + x->down.bytes - x->to_server.bytes -
		     x->to_client.bytes;
	bool had_ended = x->up.ended || x->down.ended;
	enum sluice_moved up, down;

	up = sluice_flow_move(&x->up, client, server, &x->to_server);
	down = sluice_flow_move(&x->down, server, client, &x->to_client);
	/* Where one side ends, the other one has less time, which begins now. */
	if (x->up.bytes + x->down.bytes - x->to_server.bytes -
		    x->to_client.bytes != before ||
	    (x->up.ended || x->down.ended) != had_ended)
		sluice_relay_moved(relay);
	if (up > SLUICE_MOVED_DONE || down > SLUICE_MOVED_DONE)
		return gone(relay);
	if (up == SLUICE_MOVED_DONE && down == SLUICE_MOVED_DONE) {
		sluice_relay_server_close(relay, x->server, false);
		sluice_relay_enter(relay, SLUICE_RELAY_PHASE_CLOSING);
		return SLUICE_STEP_AGAIN;
	}
	if (up == SLUICE_MOVED_DONE)
		sluice_end_shutdown(server);
	if (down == SLUICE_MOVED_DONE)
		sluice_end_shutdown(client);
	return up == SLUICE_MOVED_MORE || down == SLUICE_MOVED_MORE ?
		       SLUICE_STEP_YIELD : SLUICE_STEP_WAIT;
}
