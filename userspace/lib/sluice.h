/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client of the generic netlink family "sluice".
 *
 * Every object of the interface (Documentation/netlink/specs/sluice.yaml) is a
 * struct here, and every command a function. Numbers are in host byte order,
 * addresses in network byte order. An empty string, a number that is outside
 * of the range of its attribute, or a flag "has_..." that is not set says that
 * an attribute is not given in a request.
 *
 * Unless noted otherwise a function returns 0, or a negative errno value after
 * which sluice_error() describes what went wrong in one line.
 */
#ifndef SLUICE_H
#define SLUICE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <linux/sluice.h>
#include <sluice/route_match.h>

/**
 * struct sluice_address - an IPv4 or IPv6 address
 * @family: AF_INET, AF_INET6, or AF_UNSPEC for none
 * @v4: the address if @family is AF_INET, network byte order
 * @v6: the address if @family is AF_INET6
 */
struct sluice_address {
	sa_family_t family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

/**
 * struct sluice_endpoint - address and port
 * @address: the address
 * @port: the port in host byte order, 0 for none
 */
struct sluice_endpoint {
	struct sluice_address address;
	uint16_t port;
};

/**
 * struct sluice_stats - counters of a service, a pool or a server
 * @connections: connections scheduled
 * @in_packets: packets from clients to servers
 * @in_bytes: bytes from clients to servers, network header included
 * @out_packets: packets from servers to clients
 * @out_bytes: bytes from servers to clients, network header included
 */
struct sluice_stats {
	uint64_t connections;
	uint64_t in_packets;
	uint64_t in_bytes;
	uint64_t out_packets;
	uint64_t out_bytes;
};

/**
 * struct sluice_refusals - new connections that were refused, by reason
 * @no_server: the pool had no server that may take a new connection
 * @limit: the limit on connections was reached
 * @memory: out of memory
 * @clash: every server's reply tuple was in use by another connection
 * @no_route: no route fitted
 * @rejected: a route said so
 * @malformed: the first bytes were no head
 * @head_timeout: the head was not complete in time
 * @connect: no server answered
 * @pressure: held bytes were at their limit
 * @closed: the client closed before its head was complete
 */
struct sluice_refusals {
	uint64_t no_server;
	uint64_t limit;
	uint64_t memory;
	uint64_t clash;
	uint64_t no_route;
	uint64_t rejected;
	uint64_t malformed;
	uint64_t head_timeout;
	uint64_t connect;
	uint64_t pressure;
	uint64_t closed;
};

/**
 * struct sluice_service_key - what identifies a service
 * @protocol: IPPROTO_TCP or IPPROTO_UDP; 0 if no service is meant
 * @at: virtual address and port
 */
struct sluice_service_key {
	uint8_t protocol;
	struct sluice_endpoint at;
};

/**
 * struct sluice_service - a service
 * @key: what identifies it
 * @pool: the pool that serves it
 * @scheduler: the scheduler of that pool
 * @own_pool: the pool belongs to this service alone (replies only)
 * @has_slow_path: @slow_path is given
 * @slow_path: every packet passes the firewall
 * @has_stratum: @stratum is given
 * @has_parse: @parse is given
 * @stratum: enum sluice_stratum
 * @parse: enum sluice_parse
 * @routes: number of routes (replies only)
 * @id: number of the service (replies only)
 * @stats: counters (replies only)
 * @refusals: refused connections (replies only)
 */
struct sluice_service {
	struct sluice_service_key key;
	char pool[SLUICE_NAME_LEN + 1];
	char scheduler[SLUICE_NAME_LEN + 1];
	bool own_pool;
	bool has_slow_path;
	bool slow_path;
	bool has_stratum;
	bool has_parse;
	uint8_t stratum;
	uint8_t parse;
	uint32_t routes;
	uint64_t id;
	struct sluice_stats stats;
	struct sluice_refusals refusals;
};

/**
 * struct sluice_pool - a pool
 * @name: its name
 * @family: AF_INET or AF_INET6
 * @scheduler: its scheduler
 * @has_proxy_protocol: @proxy_protocol is given
 * @proxy_protocol: version of the PROXY protocol that its servers get, 0: none
 * @has_on_down: @on_down is given
 * @on_down: enum sluice_fate of the connections of a server that is down
 * @has_on_drain: @on_drain is given
 * @on_drain: enum sluice_fate of those that a server has at its deadline
 * @has_sticky: @sticky_cookie is given
 * @sticky_cookie: the cookie by which stratum relay keeps clients at a server; empty:
 *	it does not
 * @sticky_pool: what stands for the pool in it; empty: @name
 * @owned: it belongs to one service (replies only)
 * @id: number of the pool (replies only)
 * @servers: number of servers (replies only)
 * @services: number of services that use it (replies only)
 * @routes: number of routes that use it (replies only)
 * @stats: counters (replies only)
 */
struct sluice_pool {
	char name[SLUICE_NAME_LEN + 1];
	sa_family_t family;
	char scheduler[SLUICE_NAME_LEN + 1];
	bool has_proxy_protocol;
	uint8_t proxy_protocol;
	bool has_on_down;
	bool has_on_drain;
	uint8_t on_down;
	uint8_t on_drain;
	bool has_sticky;
	char sticky_cookie[SLUICE_COOKIE_LEN + 1];
	char sticky_pool[SLUICE_NAME_LEN + 1];
	bool owned;
	uint64_t id;
	uint32_t servers;
	uint32_t services;
	uint32_t routes;
	struct sluice_stats stats;
};

/**
 * struct sluice_server - a server in a pool
 * @pool: the pool by name; if empty, @service names it
 * @service: a service that uses the pool (requests only)
 * @at: address and port of the server
 * @has_forward: @forward is given
 * @has_weight: @weight is given
 * @has_state: @state is given
 * @forward: enum sluice_forward
 * @state: enum sluice_server_state
 * @has_deadline: @deadline is given; only with state draining
 * @weight: 0 to SLUICE_WEIGHT_MAX
 * @deadline: milliseconds until connections that are left have to leave the
 *   server; 0: at once, in replies over
 * @reason: why the server is in its state; printable ASCII characters. A state
 *   that is given ends the deadline and the reason of the one before.
 * @id: number of the server (replies only)
 * @active: connections in state established or udp (replies only)
 * @inactive: connections in other states (replies only)
 * @stats: counters (replies only)
 */
struct sluice_server {
	char pool[SLUICE_NAME_LEN + 1];
	struct sluice_service_key service;
	struct sluice_endpoint at;
	bool has_forward;
	bool has_weight;
	bool has_state;
	bool has_deadline;
	uint8_t forward;
	uint8_t state;
	uint32_t weight;
	uint32_t deadline;
	char reason[SLUICE_REASON_LEN + 1];
	uint64_t id;
	uint32_t active;
	uint32_t inactive;
	struct sluice_stats stats;
};

/**
 * struct sluice_route_pool - a pool of a route
 * @name: its name
 * @weight: its share of the connections, 1 to SLUICE_WEIGHT_MAX
 */
struct sluice_route_pool {
	char name[SLUICE_NAME_LEN + 1];
	uint32_t weight;
};

/**
 * struct sluice_route - a route of a service of stratum sniff or relay
 * @service: its service
 * @name: its name, one of its kind in the service
 * @before: the route that it is to come before; empty for the end (requests
 *   only)
 * @has_match: @match is given
 * @has_action: @action, and what belongs to it, is given
 * @match: what a connection must have
 * @action: enum sluice_route_action
 * @status: HTTP status of reject (0: a reset) and redirect
 * @proxy_port: port of the local process, for proxy; 0 with stratum relay
 * @pools: array, for pool
 * @pools_count: its length
 * @id: number of the route (replies only)
 * @position: its place in the service, from 1 (replies only)
 * @hits: connections, with stratum relay requests, that took it (replies only)
 * @memory: what @match and @pools point to, for sluice_route_free() (replies
 *   only)
 */
struct sluice_route {
	struct sluice_service_key service;
	char name[SLUICE_NAME_LEN + 1];
	char before[SLUICE_NAME_LEN + 1];
	bool has_match;
	bool has_action;
	struct sluice_route_rule match;
	uint8_t action;
	uint16_t status;
	uint16_t proxy_port;
	const struct sluice_route_pool *pools;
	size_t pools_count;
	uint64_t id;
	uint32_t position;
	uint64_t hits;
	void *memory;
};

/**
 * struct sluice_connection - a tracked connection, or a filter for some
 * @protocol: IPPROTO_TCP or IPPROTO_UDP; 0 in a filter: any
 * @client: address and port of the client
 * @virtual_at: address and port that the client connected to
 * @server: address and port of the server
 * @forward: enum sluice_forward (replies only)
 * @state: enum sluice_conn_state (replies only)
 * @expires: milliseconds until it is forgotten (replies only)
 * @pool: pool of the server; empty if that was deleted (replies only)
 *
 * In a filter an address without family and a port of 0 match everything.
 */
struct sluice_connection {
	uint8_t protocol;
	struct sluice_endpoint client;
	struct sluice_endpoint virtual_at;
	struct sluice_endpoint server;
	uint8_t forward;
	uint8_t state;
	uint32_t expires;
	char pool[SLUICE_NAME_LEN + 1];
};

/**
 * struct sluice_settings - settings of the network namespace
 * @timeouts: milliseconds by number of the attribute (SLUICE_A_TIMEOUTS_...);
 *   0 in a request: leave it
 * @connections_max: most connections at once; 0 in a request: leave it
 * @head_timeout: milliseconds for a head; 0 in a request: leave it
 * @connect_timeout: milliseconds for a server's answer; 0 in a request: leave it
 * @has_connect_retries: @connect_retries is given
 * @connect_retries: servers that are tried after the first one
 * @held_max: most bytes that may be held; 0 in a request: leave it
 * @relay_clients_max: most clients of stratum relay; 0 in a request: leave it; 0 in
 *   an answer: of a module that has no such limit to set
 */
struct sluice_settings {
	uint32_t timeouts[SLUICE_A_TIMEOUTS_MAX + 1];
	uint32_t connections_max;
	uint32_t head_timeout;
	uint32_t connect_timeout;
	bool has_connect_retries;
	uint32_t connect_retries;
	uint64_t held_max;
	uint32_t relay_clients_max;
};

/** SLUICE_SCHEDULERS_MAX - most schedulers that struct sluice_info holds */
#define SLUICE_SCHEDULERS_MAX 64

/**
 * struct sluice_info - what is loaded, and the totals of the namespace
 * @abi: number of the interface
 * @version: version of the module
 * @strata: bits of enum sluice_strata
 * @schedulers: names of the schedulers that a pool may name
 * @schedulers_count: how many there are in @schedulers
 * @services: number of services
 * @pools: number of pools
 * @servers: number of servers
 * @connections: connections tracked now
 * @connections_max: the limit on them
 * @refusals: connections refused in this namespace
 * @generation: grows with each change of what is configured
 */
struct sluice_info {
	uint32_t abi;
	char version[64];
	uint32_t strata;
	char schedulers[SLUICE_SCHEDULERS_MAX][SLUICE_NAME_LEN + 1];
	size_t schedulers_count;
	uint32_t services;
	uint32_t pools;
	uint32_t servers;
	uint64_t connections;
	uint32_t connections_max;
	struct sluice_refusals refusals;
	uint64_t generation;
};

/**
 * struct sluice_event - one message of the multicast group "events"
 * @cmd: SLUICE_CMD_..._NTF; says which member of the union is valid
 * @service: of SLUICE_CMD_SERVICE_NTF and SLUICE_CMD_SERVICE_DEL_NTF
 * @pool: of SLUICE_CMD_POOL_NTF and SLUICE_CMD_POOL_DEL_NTF
 * @server: of SLUICE_CMD_SERVER_NTF and SLUICE_CMD_SERVER_DEL_NTF
 * @route: of SLUICE_CMD_ROUTE_NTF and SLUICE_CMD_ROUTE_DEL_NTF; freed when the
 *   function that gets the event returns
 * @settings: of SLUICE_CMD_SETTINGS_NTF
 */
struct sluice_event {
	uint8_t cmd;
	union {
		struct sluice_service service;
		struct sluice_pool pool;
		struct sluice_server server;
		struct sluice_route route;
		struct sluice_settings settings;
	};
};

/** SLUICE_ENDPOINT_TEXT - bytes of the longest text of an address and port */
#define SLUICE_ENDPOINT_TEXT 56

/**
 * sluice_endpoint_print() - "192.0.2.1:80" or "[2001:db8::1]:80"
 * @to: where it is written
 * @size: room there, SLUICE_ENDPOINT_TEXT is enough
 * @at: address and port; without an address, "*:80"
 *
 * Return: @to.
 */
const char *sluice_endpoint_print(char *to, size_t size,
				  const struct sluice_endpoint *at);

/**
 * sluice_endpoint_parse() - read such a text
 * @text: numbers only, with port
 * @at: filled in
 *
 * Return: false if it is something else.
 */
bool sluice_endpoint_parse(const char *text, struct sluice_endpoint *at);

/**
 * sluice_endpoint_compare() - put addresses and ports in an order
 * @a: one
 * @b: the other
 *
 * Return: 0 if they are the same, else negative or positive.
 */
int sluice_endpoint_compare(const struct sluice_endpoint *a,
			    const struct sluice_endpoint *b);

/* A handle: one netlink socket. Not to be shared by threads. */
struct sluice;

/**
 * sluice_open() - connect to the kernel module
 * @slp: where the handle goes; set even on failure, unless out of memory, so
 *   that sluice_error() can be asked
 *
 * Return: 0, -ENOMEM, -ENOENT if the module is not loaded, or another error.
 */
int sluice_open(struct sluice **slp);

/**
 * sluice_close() - free a handle
 * @sl: the handle or NULL
 */
void sluice_close(struct sluice *sl);

/**
 * sluice_error() - describe the last failure
 * @sl: the handle, NULL if sluice_open() had no memory for one
 *
 * Return: one line without a newline, valid until the next call with @sl.
 */
const char *sluice_error(const struct sluice *sl);

/**
 * sluice_info_get() - versions, capabilities and totals
 * @sl: the handle
 * @info: filled in
 *
 * Return: 0 or a negative errno value.
 */
int sluice_info_get(struct sluice *sl, struct sluice_info *info);

/**
 * sluice_settings_get() - settings of the network namespace
 * @sl: the handle
 * @settings: filled in
 *
 * Return: 0 or a negative errno value.
 */
int sluice_settings_get(struct sluice *sl, struct sluice_settings *settings);

/**
 * sluice_settings_set() - change settings of the network namespace
 * @sl: the handle
 * @settings: what is 0 stays as it is
 *
 * Return: 0 or a negative errno value.
 */
int sluice_settings_set(struct sluice *sl,
			const struct sluice_settings *settings);

/**
 * sluice_service_get() - report one service
 * @sl: the handle
 * @key: which
 * @service: filled in
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_service_get(struct sluice *sl, const struct sluice_service_key *key,
		       struct sluice_service *service);

/**
 * sluice_service_list() - report all services in the order they were made
 * @sl: the handle
 * @list: an array that the caller frees with free()
 * @count: its length
 *
 * A listing that changes interrupted is started over, a few times.
 *
 * Return: 0, -EINTR if changes did not stop, or another negative errno value.
 */
int sluice_service_list(struct sluice *sl, struct sluice_service **list,
			size_t *count);

/**
 * sluice_service_new() - make a service
 * @sl: the handle
 * @service: key, pool, scheduler, slow path, stratum and what it reads
 *
 * Return: 0, -EEXIST or another negative errno value.
 */
int sluice_service_new(struct sluice *sl, const struct sluice_service *service);

/**
 * sluice_service_set() - change a service
 * @sl: the handle
 * @service: key, and what is to change of pool, scheduler, slow path and what it
 *   reads
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_service_set(struct sluice *sl, const struct sluice_service *service);

/**
 * sluice_service_del() - delete a service
 * @sl: the handle
 * @key: which
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_service_del(struct sluice *sl, const struct sluice_service_key *key);

/**
 * sluice_stats_reset() - set counters to zero
 * @sl: the handle
 * @key: those of this service, its pool and its servers; NULL: all
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_stats_reset(struct sluice *sl, const struct sluice_service_key *key);

/**
 * sluice_flush() - delete all services and routes, pools and servers
 * @sl: the handle
 *
 * Return: 0 or a negative errno value.
 */
int sluice_flush(struct sluice *sl);

/**
 * sluice_pool_get() - report one pool
 * @sl: the handle
 * @name: which
 * @pool: filled in
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_pool_get(struct sluice *sl, const char *name,
		    struct sluice_pool *pool);

/**
 * sluice_pool_list() - report all pools in the order they were made
 * @sl: the handle
 * @list: an array that the caller frees with free()
 * @count: its length
 *
 * Return: as sluice_service_list().
 */
int sluice_pool_list(struct sluice *sl, struct sluice_pool **list,
		     size_t *count);

/**
 * sluice_pool_new() - make a named pool
 * @sl: the handle
 * @pool: name, family, scheduler and PROXY protocol
 *
 * Return: 0, -EEXIST or another negative errno value.
 */
int sluice_pool_new(struct sluice *sl, const struct sluice_pool *pool);

/**
 * sluice_pool_set() - change a pool
 * @sl: the handle
 * @pool: name, and what is to change of scheduler and PROXY protocol
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_pool_set(struct sluice *sl, const struct sluice_pool *pool);

/**
 * sluice_pool_del() - delete a named pool with its servers
 * @sl: the handle
 * @name: which
 *
 * Return: 0, -ENOENT, -EBUSY while a service or route uses it, or another error.
 */
int sluice_pool_del(struct sluice *sl, const char *name);

/**
 * sluice_server_get() - report one server
 * @sl: the handle
 * @key: pool or service, address and port
 * @server: filled in; may be @key
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_server_get(struct sluice *sl, const struct sluice_server *key,
		      struct sluice_server *server);

/**
 * sluice_server_list() - report servers in the order they were made
 * @sl: the handle
 * @of: pool or service whose servers are meant; NULL: all
 * @list: an array that the caller frees with free()
 * @count: its length
 *
 * Return: as sluice_service_list().
 */
int sluice_server_list(struct sluice *sl, const struct sluice_server *of,
		       struct sluice_server **list, size_t *count);

/**
 * sluice_server_new() - add a server to a pool
 * @sl: the handle
 * @server: pool or service, address and port, and what else is given
 *
 * Return: 0, -EEXIST or another negative errno value.
 */
int sluice_server_new(struct sluice *sl, const struct sluice_server *server);

/**
 * sluice_server_set() - change a server
 * @sl: the handle
 * @server: pool or service, address and port, and what is to change
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_server_set(struct sluice *sl, const struct sluice_server *server);

/**
 * sluice_server_del() - take a server out of its pool
 * @sl: the handle
 * @key: pool or service, address and port
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_server_del(struct sluice *sl, const struct sluice_server *key);

/**
 * sluice_route_free() - free what a route points to
 * @route: a route that was filled in by the library
 */
void sluice_route_free(struct sluice_route *route);

/**
 * sluice_route_list_free() - free a list of routes
 * @list: the array, or NULL
 * @count: its length
 */
void sluice_route_list_free(struct sluice_route *list, size_t count);

/**
 * sluice_route_get() - report one route
 * @sl: the handle
 * @key: service and name
 * @route: filled in, for sluice_route_free() where this succeeds
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_route_get(struct sluice *sl, const struct sluice_route *key,
		     struct sluice_route *route);

/**
 * sluice_route_list() - report routes, service by service, in their order
 * @sl: the handle
 * @of: service whose routes are meant; NULL: all
 * @list: an array for sluice_route_list_free()
 * @count: its length
 *
 * Return: as sluice_service_list().
 */
int sluice_route_list(struct sluice *sl, const struct sluice_service_key *of,
		      struct sluice_route **list, size_t *count);

/**
 * sluice_route_new() - add a route to a service of stratum sniff or relay
 * @sl: the handle
 * @route: service, name, what comes after it, match and action
 *
 * Return: 0, -EEXIST or another negative errno value.
 */
int sluice_route_new(struct sluice *sl, const struct sluice_route *route);

/**
 * sluice_route_set() - change a route
 * @sl: the handle
 * @route: service, name, and the match or action that it is to have
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_route_set(struct sluice *sl, const struct sluice_route *route);

/**
 * sluice_route_move() - move a route
 * @sl: the handle
 * @route: service, name, and what is to come after it
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_route_move(struct sluice *sl, const struct sluice_route *route);

/**
 * sluice_route_del() - delete a route
 * @sl: the handle
 * @key: service and name
 *
 * Return: 0, -ENOENT or another negative errno value.
 */
int sluice_route_del(struct sluice *sl, const struct sluice_route *key);

/* Called for each connection; what is not 0 ends the dump and is returned. */
typedef int (*sluice_connection_fn)(const struct sluice_connection *connection,
				    void *arg);

/**
 * sluice_connection_dump() - report connections, as they come
 * @sl: the handle
 * @filter: those that have all that is given; NULL: all
 * @fn: called for each
 * @arg: passed to @fn
 *
 * Nothing is kept in memory, however many there are. A connection that lives
 * through the whole dump is reported at least once. When @fn ended the dump,
 * @sl can only be closed.
 *
 * Return: 0, a negative errno value, or what @fn returned.
 */
int sluice_connection_dump(struct sluice *sl,
			   const struct sluice_connection *filter,
			   sluice_connection_fn fn, void *arg);

/** SLUICE_NO_REQUEST - a commit failed, but for no request in it */
#define SLUICE_NO_REQUEST SIZE_MAX

/**
 * sluice_transaction_begin() - stage requests from now on
 * @sl: the handle
 * @generation: refuse if sluice_info_get() would report another one; NULL: any
 *
 * Requests that change something are staged until the transaction is committed or
 * aborted, or the handle is closed. Those that report see what is there, not what is
 * staged.
 *
 * Return: 0, -ESTALE, -ENOSPC with too many transactions, or another negative errno
 * value.
 */
int sluice_transaction_begin(struct sluice *sl, const uint64_t *generation);

/**
 * sluice_transaction_count() - how many requests are staged
 * @sl: the handle
 *
 * Return: the number; the next one that is staged has this number, from 0 on.
 */
size_t sluice_transaction_count(const struct sluice *sl);

/**
 * sluice_transaction_commit() - carry out all that is staged, or nothing of it
 * @sl: the handle; its transaction is over in any case
 * @failed: number of the request that was refused, or SLUICE_NO_REQUEST
 *
 * sluice_error() describes what is wrong with that request. For whoever made it to say
 * what it was about, it may be made again: the next request that changes something is
 * not sent after such a failure, and fails with the same error.
 *
 * Return: 0; -ESTALE if somebody else made a change since the transaction began; what
 * the refused request would have returned; or another negative errno value.
 */
int sluice_transaction_commit(struct sluice *sl, size_t *failed);

/**
 * sluice_transaction_abort() - forget all that is staged
 * @sl: the handle
 *
 * Return: 0 or a negative errno value.
 */
int sluice_transaction_abort(struct sluice *sl);

/* Called for each event; what is not 0 is returned by sluice_event_wait(). */
typedef int (*sluice_event_fn)(const struct sluice_event *event, void *arg);

/**
 * sluice_event_join() - turn a handle into one that receives events
 * @sl: the handle, of no use for requests after this
 *
 * Return: 0 or a negative errno value.
 */
int sluice_event_join(struct sluice *sl);

/**
 * sluice_event_fd() - the descriptor to poll for events
 * @sl: the handle
 *
 * Return: a file descriptor that belongs to @sl.
 */
int sluice_event_fd(const struct sluice *sl);

/**
 * sluice_event_wait() - wait for events and pass them on
 * @sl: the handle
 * @fn: called for each event that was waiting; events of a newer interface
 *   that this library does not know are left out
 * @arg: passed to @fn
 *
 * Return: 0, -ENOBUFS if events were lost (and one may go on), another
 * negative errno value, or what @fn returned.
 */
int sluice_event_wait(struct sluice *sl, sluice_event_fn fn, void *arg);

#endif /* SLUICE_H */
