/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_KTLS_EXCHANGE_H
#define _SLUICE_KTLS_EXCHANGE_H

#include <sluice/http_head.h>
#include <sluice/http_response.h>

#include "flow.h"

struct sluice_relay;
struct sluice_relay_server;
struct sluice_sticky;

/* Hexadecimal digits of the number of a request. */
#define SLUICE_REQUEST_ID_LEN 32

/**
 * struct sluice_exchange - a request and its response
 * @head: the request's head, until it was passed on
 * @response: the response's, afterwards
 * @to_server: bytes for the server
 * @to_client: bytes for the client
 * @again: the head, to be sent once more if the server turns out to have closed a
 *	connection that it kept; no page where that must not be done
 * @up: content of the request
 * @down: content of the response
 * @server: whom it is with
 * @counted: the server that has this request in its counts, or NULL; @server has the
 *	reference
 * @sticky: of a client that gets a cookie with the response, with a reference; or NULL
 * @avoid: number of the server that was tried last
 * @request_id: number of the request, for its field; empty where none is wanted
 * @method: of the request
 * @minor: HTTP/1.x that the client speaks
 * @tries: servers tried so far
 * @interims: interim responses so far
 * @keep: the client and we go on with another request
 * @keep_server: the server does
 * @websocket: an upgrade was asked for, and may be granted
 * @sent: the head was passed on
 * @began: a byte of a response has come
 * @reading: part of a response's head has been read
 * @answered: the response's head has been passed on, or an answer of ours
 * @deaf: the server reads no more of the request
 */
struct sluice_exchange {
	union {
		struct sluice_http_head head;
		struct sluice_http_response response;
	};
	struct sluice_pieces to_server;
	struct sluice_pieces to_client;
	struct bio_vec again;
	struct sluice_flow up;
	struct sluice_flow down;
	struct sluice_relay_server *server;
	struct sluice_server *counted;
	struct sluice_sticky *sticky;
	u64 avoid;
	char request_id[SLUICE_REQUEST_ID_LEN + 1];
	enum sluice_http_method method;
	u8 minor;
	u8 tries;
	u8 interims;
	bool keep;
	bool keep_server;
	bool websocket;
	bool sent;
	bool began;
	bool reading;
	bool answered;
	bool deaf;
};

/**
 * enum sluice_step - what comes of a look at a connection
 * @SLUICE_STEP_WAIT: it waits for something to happen
 * @SLUICE_STEP_AGAIN: it is in another phase, or has more to do
 * @SLUICE_STEP_YIELD: likewise, but others want a turn
 * @SLUICE_STEP_GONE: it has ended, and must not be touched
 */
enum sluice_step {
	SLUICE_STEP_WAIT,
	SLUICE_STEP_AGAIN,
	SLUICE_STEP_YIELD,
	SLUICE_STEP_GONE,
};

int sluice_exchanges_init(void);
void sluice_exchanges_exit(void);
struct sluice_exchange *sluice_exchange_alloc(void);
void sluice_exchange_uncount(struct sluice_relay *relay);
void sluice_exchange_end(struct sluice_relay *relay);

enum sluice_step sluice_request_read(struct sluice_relay *relay);
enum sluice_step sluice_request_connect(struct sluice_relay *relay);
enum sluice_step sluice_request_again(struct sluice_relay *relay, u16 status);
enum sluice_step sluice_response_read(struct sluice_relay *relay);
enum sluice_step sluice_response_move(struct sluice_relay *relay);
enum sluice_step sluice_tunnel_move(struct sluice_relay *relay);
enum sluice_step sluice_relay_answer(struct sluice_relay *relay, u16 status);
enum sluice_step sluice_relay_redirect(struct sluice_relay *relay, u16 status);

#endif /* _SLUICE_KTLS_EXCHANGE_H */
