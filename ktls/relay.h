/* SPDX-License-Identifier: GPL-2.0 */
/* Stratum relay as those who control it see it. */
#ifndef _SLUICE_KTLS_RELAY_H
#define _SLUICE_KTLS_RELAY_H

#include <linux/bvec.h>
#include <linux/netlink.h>
#include <linux/types.h>

#include <uapi/linux/sluice_relay.h>

#include "../kmod/service.h"

struct file;
struct net;
struct socket;

/* Reasons to give a client back, enum sluice_relay_why. */
#define SLUICE_RELAY_WHY_COUNT (SLUICE_RELAY_WHY_SERVICE + 1)

/**
 * struct sluice_relay_client - a socket that is handed over
 * @sock: the socket: TCP, connected, non-blocking or not, with kTLS by software in
 *	both directions or without
 * @file: its file, with a reference, which is taken over with success; or NULL where
 *	@sock itself is. Nobody else has it open from then on
 * @own: called when nothing else can fail, with the number that the client gets, to
 *	let go of what else refers to @file; an error refuses the client. Or NULL
 * @service: its service, of stratum relay
 * @source: address of the client, where another one than the socket's peer
 * @source_family: AF_INET or AF_INET6 with @source, or 0
 * @tls: what is read and written is decrypted and encrypted by kTLS
 * @keys_port: netlink socket whose owner has the secrets that the next keys are
 *	made of, or 0 where nobody has
 * @keys: number by which that knows them
 * @data: bytes of the client that were read already, decrypted
 * @length: how many, SLUICE_RELAY_DATA_MAX at most
 */
struct sluice_relay_client {
	struct socket *sock;
	struct file *file;
	int (*own)(const struct sluice_relay_client *client, u64 id);
	struct sluice_service_key service;
	union nf_inet_addr source;
	u8 source_family;
	bool tls;
	u32 keys_port;
	u64 keys;
	const u8 *data;
	u32 length;
};

/**
 * struct sluice_relay_return - a socket that is given back
 * @file: of the socket, with a reference
 * @service: its service
 * @source: as it was handed over
 * @source_family: likewise
 * @tls: likewise
 * @room: with @data, to be given back by sluice_room_put(); or none
 * @data: bytes of the client that were read and of which nothing was passed on
 * @length: how many
 */
struct sluice_relay_return {
	struct file *file;
	struct sluice_service_key service;
	union nf_inet_addr source;
	u8 source_family;
	bool tls;
	struct bio_vec room;
	const u8 *data;
	u32 length;
};

/**
 * struct sluice_relay_config - how a service is relayed
 * @timeout_head: milliseconds for a request's head, from its first byte, or from
 *	the begin of the connection
 * @timeout_idle: milliseconds between two requests
 * @timeout_body: milliseconds in which nothing of a body moves
 * @timeout_connect: milliseconds until a server answers the SYN
 * @timeout_response: milliseconds until a server's response begins
 * @timeout_tunnel: milliseconds in which nothing moves in an upgraded connection
 * @requests_max: requests of one connection, 0 for any number
 * @retries: servers that are tried after the first one refused or was silent
 * @add: bits of &enum sluice_relay_add, which are those of
 *	&enum sluice_http_relay_add
 * @websocket: Upgrade to WebSocket is passed on; otherwise the daemon gets it
 * @listen: clients are accepted here, without TLS
 * @keyed: a key of sticky cookies was given, see sluice_relay_configure()
 * @request_id: field of SLUICE_HTTP_RELAY_REQUEST_ID
 */
struct sluice_relay_config {
	u32 timeout_head;
	u32 timeout_idle;
	u32 timeout_body;
	u32 timeout_connect;
	u32 timeout_response;
	u32 timeout_tunnel;
	u32 requests_max;
	u8 retries;
	u8 add;
	bool websocket;
	bool listen;
	bool keyed;
	char request_id[SLUICE_RELAY_FIELD_LEN + 1];
};

/**
 * struct sluice_relay_info - what is told of a connection
 * @id: number of the connection, never used twice
 * @service: its service
 * @source: address of the client
 * @source_port: its port, network byte order
 * @source_family: AF_INET or AF_INET6
 * @tls: it speaks TLS
 * @phase: &enum sluice_relay_phase
 * @server_family: of @server, or 0 where there is none
 * @server: whom it is with
 * @server_port: its port, network byte order
 * @requests: requests so far
 * @bytes_client: bytes of heads and bodies from the client
 * @bytes_server: bytes from servers
 * @age: milliseconds since it was handed over
 */
struct sluice_relay_info {
	u64 id;
	struct sluice_service_key service;
	union nf_inet_addr source;
	__be16 source_port;
	u8 source_family;
	bool tls;
	u8 phase;
	u8 server_family;
	union nf_inet_addr server;
	__be16 server_port;
	u64 requests;
	u64 bytes_client;
	u64 bytes_server;
	u64 age;
};

/**
 * enum sluice_relay_counter - what is counted in a namespace
 * @SLUICE_RELAY_COUNT_CLIENTS: connections of clients, handed over or accepted
 * @SLUICE_RELAY_COUNT_REQUESTS: requests that were passed on
 * @SLUICE_RELAY_COUNT_ANSWERS: requests that were answered here
 * @SLUICE_RELAY_COUNT_CONNECTS: connections made to servers
 * @SLUICE_RELAY_COUNT_RETRIES: servers that were tried after another one
 * @SLUICE_RELAY_COUNT_TIMEOUTS: connections that ended by a time-out
 * @SLUICE_RELAY_COUNT_ERRORS: connections that ended by an error of a server
 * @SLUICE_RELAY_COUNT_RECORDS: TLS records that were no data
 * @SLUICE_RELAY_COUNT_KEY_UPDATES: times that clients have got new keys
 * @SLUICE_RELAY_COUNT_REFUSED: clients beyond sluice_relay_clients_max()
 */
enum sluice_relay_counter {
	SLUICE_RELAY_COUNT_CLIENTS,
	SLUICE_RELAY_COUNT_REQUESTS,
	SLUICE_RELAY_COUNT_ANSWERS,
	SLUICE_RELAY_COUNT_CONNECTS,
	SLUICE_RELAY_COUNT_RETRIES,
	SLUICE_RELAY_COUNT_TIMEOUTS,
	SLUICE_RELAY_COUNT_ERRORS,
	SLUICE_RELAY_COUNT_RECORDS,
	SLUICE_RELAY_COUNT_KEY_UPDATES,
	SLUICE_RELAY_COUNT_REFUSED,
	/* private: */
	SLUICE_RELAY_COUNTERS,
};

int sluice_relay_hand(struct net *net, const struct sluice_relay_client *client,
		      struct netlink_ext_ack *extack);
int sluice_relay_take(struct net *net, u64 id, struct sluice_relay_return *back);
bool sluice_relay_next(struct net *net, u64 after,
		       struct sluice_relay_info *info);
int sluice_relay_kill(struct net *net, u64 id);
struct file *sluice_relay_lend(struct net *net, u64 id);
int sluice_relay_rekeyed(struct net *net, u64 id, bool set);

int sluice_relay_configure(struct net *net,
			   const struct sluice_service_key *service,
			   const struct sluice_relay_config *config,
			   const u8 *key, struct netlink_ext_ack *extack);
int sluice_relay_unconfigure(struct net *net,
			     const struct sluice_service_key *service);
u32 sluice_relay_config_version(struct net *net);
bool sluice_relay_config_next(struct net *net, u32 at,
			      struct sluice_service_key *service,
			      struct sluice_relay_config *config);
bool sluice_relay_config_get(struct net *net,
			     const struct sluice_service_key *service,
			     struct sluice_relay_config *config);
void sluice_relay_config_default(struct sluice_relay_config *config);

u64 sluice_relay_counted(struct net *net, enum sluice_relay_counter what);
u64 sluice_relay_returned(struct net *net, enum sluice_relay_why why);
u32 sluice_relay_clients(struct net *net);

/* Tell listeners of the family that a client waits; -ESRCH where nobody listens. */
int sluice_relay_nl_back(struct net *net, u64 id, enum sluice_relay_why why,
			 const struct sluice_service_key *service);
/* Tell who has a client's secrets that it has other keys; an error where nobody hears. */
int sluice_relay_nl_key_update(struct net *net, u32 port, u64 id, u64 keys,
			       bool requested);
/* Tell the same that the client has ended. */
void sluice_relay_nl_gone(struct net *net, u32 port, u64 id, u64 keys);

#endif /* _SLUICE_KTLS_RELAY_H */
