/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client of the generic netlink family "sluice-relay": stratum relay, which
 * passes HTTP/1.1 requests on inside the kernel.
 *
 * It has handles of its own, from sluice_relay_open(), which are used and closed
 * like those of sluice.h; no transaction has any of these requests. Unless noted
 * otherwise a function returns 0, or a negative errno value after which
 * sluice_error() describes what went wrong in one line.
 */
#ifndef SLUICE_RELAY_H
#define SLUICE_RELAY_H

#include <linux/sluice_relay.h>

#include "sluice.h"

/**
 * struct sluice_relay_client - a client's socket that is handed over, or back
 * @fd: the socket: TCP, connected
 * @service: its service, of stratum relay
 * @source: address of the client, where another one than the socket's peer
 * @tls: what is read and written is decrypted and encrypted by kTLS
 * @keys: number by which the owner of @keys_port knows the secrets that the client's
 *   next keys are made of; 0: nobody has them. Only where it is handed over
 * @keys_port: of a socket of netlink, see sluice_relay_port()
 * @data: bytes of the client that were read already, decrypted, and of which
 *   nothing was passed on
 * @length: how many, SLUICE_RELAY_DATA_MAX at most
 */
struct sluice_relay_client {
	int fd;
	struct sluice_service_key service;
	struct sluice_address source;
	bool tls;
	uint64_t keys;
	uint32_t keys_port;
	uint8_t *data;
	size_t length;
};

/**
 * struct sluice_relay_info - a client that the kernel has
 * @id: number of the client, never used twice
 * @service: its service
 * @source: address and port of the client; the address is the one that was handed
 *   over with it, where one was
 * @tls: it speaks TLS
 * @phase: enum sluice_relay_phase
 * @server: whom it is with; without an address if with nobody
 * @requests: requests so far
 * @bytes_client: bytes of heads and bodies from the client
 * @bytes_server: bytes of heads and bodies from servers
 * @age: milliseconds since it was handed over or accepted
 */
struct sluice_relay_info {
	uint64_t id;
	struct sluice_service_key service;
	struct sluice_endpoint source;
	bool tls;
	uint8_t phase;
	struct sluice_endpoint server;
	uint64_t requests;
	uint64_t bytes_client;
	uint64_t bytes_server;
	uint64_t age;
};

/**
 * struct sluice_relay_config - how a service is relayed
 * @service: which
 * @timeout_head: milliseconds for a request's head, from its first byte, or from
 *   the begin of the connection; 0 in a request: leave it, and so for the others
 * @timeout_idle: milliseconds between two requests
 * @timeout_body: milliseconds in which nothing of a body moves
 * @timeout_connect: milliseconds until a server answers the SYN
 * @timeout_response: milliseconds until a server's response begins
 * @timeout_tunnel: milliseconds in which nothing moves in an upgraded connection
 * @has_requests_max: @requests_max is given
 * @has_retries: @retries is given
 * @has_add: @add is given
 * @has_websocket: @websocket is given
 * @has_listen: @listen is given
 * @websocket: Upgrade to WebSocket is passed on; otherwise the daemon gets it
 * @listen: clients are accepted in the kernel, without TLS
 * @retries: servers that are tried after the first one refused or was silent
 * @add: bits of enum sluice_relay_add
 * @requests_max: requests of one connection, 0 for any number
 * @request_id: field of SLUICE_RELAY_ADD_REQUEST_ID; empty in a request: leave it
 * @has_sticky_key: @sticky_key is given (requests only)
 * @sticky_key: key of sticky cookies, which is never told
 * @keyed: there is one (replies only)
 */
struct sluice_relay_config {
	struct sluice_service_key service;
	uint32_t timeout_head;
	uint32_t timeout_idle;
	uint32_t timeout_body;
	uint32_t timeout_connect;
	uint32_t timeout_response;
	uint32_t timeout_tunnel;
	bool has_requests_max;
	bool has_retries;
	bool has_add;
	bool has_websocket;
	bool has_listen;
	bool websocket;
	bool listen;
	uint8_t retries;
	uint32_t add;
	uint32_t requests_max;
	char request_id[SLUICE_RELAY_FIELD_LEN + 1];
	bool has_sticky_key;
	uint8_t sticky_key[SLUICE_RELAY_STICKY_KEY_LEN];
	bool keyed;
};

/**
 * struct sluice_relay_stats - what stratum relay has done in the namespace
 * @clients: connections of clients now
 * @accepted: connections of clients, handed over or accepted
 * @requests: requests that were passed on
 * @answers: requests that were answered by the kernel itself
 * @connects: connections made to servers
 * @retries: servers that were tried after another one
 * @timeouts: connections that ended by a time-out
 * @errors: connections that ended by an error of a server
 * @records: TLS records that were no data
 * @returned: clients that were given back, by enum sluice_relay_why
 * @key_updates: times that clients of TLS have got new keys
 * @refused: clients beyond the setting relay-clients-max
 */
struct sluice_relay_stats {
	uint32_t clients;
	uint64_t accepted;
	uint64_t requests;
	uint64_t answers;
	uint64_t connects;
	uint64_t retries;
	uint64_t timeouts;
	uint64_t errors;
	uint64_t records;
	uint64_t returned[SLUICE_RELAY_A_RETURNED_MAX];
	uint64_t key_updates;
	uint64_t refused;
};

/**
 * struct sluice_relay_event - something that is to be known of a client
 * @cmd: SLUICE_RELAY_CMD_CLIENT_BACK: it waits to be taken back;
 *   SLUICE_RELAY_CMD_CLIENT_KEY_UPDATE: it has changed its keys, and waits for
 *   sluice_relay_rekey(); SLUICE_RELAY_CMD_CLIENT_GONE: it has ended
 * @id: number of the client
 * @why: to be taken back: enum sluice_relay_why
 * @service: to be taken back: its service
 * @keys: otherwise: as it was handed over
 * @update_requested: it has changed its keys: and wants what it gets to have others, too
 *
 * Those of keys come to the socket only that a client was handed over with.
 */
struct sluice_relay_event {
	uint8_t cmd;
	uint64_t id;
	uint8_t why;
	struct sluice_service_key service;
	uint64_t keys;
	bool update_requested;
};

/**
 * sluice_relay_open() - connect to stratum relay
 * @slp: where the handle goes, for sluice_close(); set even on failure, unless
 *   out of memory, so that sluice_error() can be asked
 *
 * Return: 0, -ENOMEM, -ENOENT if module sluice_ktls is not loaded and the kernel
 * did not load it, or another error.
 */
int sluice_relay_open(struct sluice **slp);

/**
 * sluice_relay_hand() - hand a client's socket over
 * @sl: the handle
 * @client: the socket and what belongs to it
 * @id: number of the client
 *
 * With success the socket is the kernel's alone, and &sluice_relay_client.fd is
 * closed: the number may be that of another file by now. So the caller takes it out of
 * epoll before. Otherwise nothing has changed, and nothing was read or written. While
 * it asks no other thread uses the descriptor.
 *
 * Return: 0, -ENOENT if there is no such service of stratum relay, -EBUSY if the socket
 * is open elsewhere, too, -EOPNOTSUPP if the kernel cannot change keys: not with
 * &sluice_relay_client.keys then; -ENOTRECOVERABLE where the answer was lost: the
 * descriptor may be closed, and is left alone; or another negative errno value.
 */
int sluice_relay_hand(struct sluice *sl,
		      const struct sluice_relay_client *client, uint64_t *id);

/**
 * sluice_relay_take() - take a client's socket back
 * @sl: the handle
 * @id: number of the client, from an event or a dump
 * @client: filled in with a new descriptor that is closed on exec, and with
 *   data that the caller frees with free(), NULL where there are none
 *
 * Return: 0; -ENOENT if it ended, or somebody else took it; -EBUSY if it is not
 * waiting to be taken; or another negative errno value, with which it stays
 * where it is.
 */
int sluice_relay_take(struct sluice *sl, uint64_t id,
		      struct sluice_relay_client *client);

/* Called for each client; what is not 0 ends the dump and is returned. */
typedef int (*sluice_relay_client_fn)(const struct sluice_relay_info *info,
				      void *arg);

/**
 * sluice_relay_client_dump() - report clients, as they come
 * @sl: the handle
 * @of: service whose clients are meant; NULL: all
 * @phase: enum sluice_relay_phase of those that are meant, or -1 for all; with
 *   SLUICE_RELAY_PHASE_BACK those that wait to be taken, for a daemon that has just
 *   begun or has lost events
 * @fn: called for each
 * @arg: passed to @fn
 *
 * In the order of their numbers. A client that lives through the whole dump is
 * reported once. When @fn ended the dump, @sl can only be closed.
 *
 * Return: 0, a negative errno value, or what @fn returned.
 */
int sluice_relay_client_dump(struct sluice *sl,
			     const struct sluice_service_key *of, int phase,
			     sluice_relay_client_fn fn, void *arg);

/**
 * sluice_relay_kill() - end a client's connection, and that with its server
 * @sl: the handle
 * @id: number of the client
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_relay_kill(struct sluice *sl, uint64_t id);

/**
 * sluice_relay_lend() - borrow the socket of a client that waits for keys
 * @sl: the handle
 * @id: number of the client
 * @fd: set to a descriptor that is closed on exec. Keys are set there, and nothing
 *   else is done with it; the caller closes it before sluice_relay_rekey()
 *
 * Return: 0, -ENOENT if it has ended, -EBUSY if it does not wait for keys, or another
 * negative errno value.
 */
int sluice_relay_lend(struct sluice *sl, uint64_t id, int *fd);

/**
 * sluice_relay_rekey() - say what came of the keys of a client
 * @sl: the handle
 * @id: number of the client
 * @set: the socket, which was borrowed, has new keys; otherwise it gets none, and is
 *   closed
 *
 * Return: 0, -ENOENT if it has ended, -EBUSY if it does not wait for that any more, or
 * another negative errno value.
 */
int sluice_relay_rekey(struct sluice *sl, uint64_t id, bool set);

/**
 * sluice_relay_config_set() - say how a service is relayed
 * @sl: the handle
 * @config: what is not given stays, or is the default where nothing was said of
 *   the service before
 *
 * Return: 0, -ENOENT if there is no such service of stratum relay, or another
 * negative errno value.
 */
int sluice_relay_config_set(struct sluice *sl,
			    const struct sluice_relay_config *config);

/**
 * sluice_relay_config_list() - report what was said of services
 * @sl: the handle
 * @list: an array that the caller frees with free()
 * @count: its length
 *
 * Return: as sluice_service_list().
 */
int sluice_relay_config_list(struct sluice *sl,
			     struct sluice_relay_config **list, size_t *count);

/**
 * sluice_relay_config_del() - the defaults hold for a service again
 * @sl: the handle
 * @service: which
 *
 * Clients that are there keep what they began with.
 *
 * Return: 0, -ENOENT if nothing was said of it, or another negative errno value.
 */
int sluice_relay_config_del(struct sluice *sl,
			    const struct sluice_service_key *service);

/**
 * sluice_relay_stats_get() - counters of the network namespace
 * @sl: the handle
 * @stats: filled in
 *
 * Return: 0 or a negative errno value.
 */
int sluice_relay_stats_get(struct sluice *sl, struct sluice_relay_stats *stats);

/* Called for each event; what is not 0 is returned by sluice_relay_wait(). */
typedef int (*sluice_relay_event_fn)(const struct sluice_relay_event *event,
				     void *arg);

/**
 * sluice_relay_join() - turn a handle into one that is told of clients that wait
 *	to be taken back
 * @sl: the handle, of no use for requests after this; sluice_event_fd() is the
 *   descriptor to poll, never to be read by others
 *
 * Those that wait already are in no event: join first, then ask another handle
 * with sluice_relay_client_dump().
 *
 * Return: 0 or a negative errno value.
 */
int sluice_relay_join(struct sluice *sl);

/**
 * sluice_relay_port() - where a handle that has joined is told of keys, too
 * @sl: the handle
 *
 * Return: for &sluice_relay_client.keys_port.
 */
uint32_t sluice_relay_port(const struct sluice *sl);

/**
 * sluice_relay_wait() - wait for events and pass them on
 * @sl: a handle that has joined
 * @fn: called for each event that was waiting
 * @arg: passed to @fn
 *
 * Return: as sluice_event_wait(). After -ENOBUFS, ask for clients that wait as at
 * the begin; who has ended, or waits for keys, is not known.
 */
int sluice_relay_wait(struct sluice *sl, sluice_relay_event_fn fn, void *arg);

#endif /* SLUICE_RELAY_H */
