/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sluice.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_SLUICE_H
#define _UAPI_LINUX_SLUICE_H

#define SLUICE_FAMILY_NAME	"sluice"
#define SLUICE_FAMILY_VERSION	1

#define SLUICE_ABI		11
#define SLUICE_NAME_LEN		63
#define SLUICE_WEIGHT_MAX	65535
#define SLUICE_TIMEOUT_MIN	100
#define SLUICE_TIMEOUT_MAX	1000000000
#define SLUICE_MATCH_TEXT_MAX	4096
#define SLUICE_ROUTE_BYTES_MAX	16384
#define SLUICE_REASON_LEN	127
#define SLUICE_COOKIE_LEN	255

/**
 * enum sluice_forward - How packets reach a server.
 * @SLUICE_FORWARD_NAT: Destination address and port are rewritten; replies
 *   come back through the balancer, which restores the virtual address.
 * @SLUICE_FORWARD_DR: Direct routing: the packet is sent unchanged to the
 *   link-layer address of the server, which holds the virtual address itself
 *   and answers the client past the balancer.
 * @SLUICE_FORWARD_TUNNEL: The packet is sent unchanged inside another one to
 *   the server, IPv4 in IPv4 (RFC 2003) or IPv6 in IPv6 (RFC 2473). The server
 *   holds the virtual address and answers the client past the balancer.
 */
enum sluice_forward {
	SLUICE_FORWARD_NAT,
	SLUICE_FORWARD_DR,
	SLUICE_FORWARD_TUNNEL,
};

/**
 * enum sluice_server_state - What may be sent to a server.
 * @SLUICE_SERVER_STATE_UP: New and established connections.
 * @SLUICE_SERVER_STATE_DRAINING: Established connections only; until a
 *   deadline, where there is one.
 * @SLUICE_SERVER_STATE_DOWN: No new connection. What becomes of established
 *   TCP connections is on-down of the pool; UDP flows move to another server
 *   with their next packet.
 */
enum sluice_server_state {
	SLUICE_SERVER_STATE_UP,
	SLUICE_SERVER_STATE_DRAINING,
	SLUICE_SERVER_STATE_DOWN,
};

/**
 * enum sluice_conn_state - State of a tracked connection as seen by the
 *   balancer. The TCP states are those of RFC 9293, named for what was seen of
 *   both ends together.
 * @SLUICE_CONN_STATE_NONE: Not a state that is ever reported.
 * @SLUICE_CONN_STATE_SYN_SENT: TCP, the client's SYN was forwarded.
 * @SLUICE_CONN_STATE_SYN_RECV: TCP, the server answered SYN-ACK.
 * @SLUICE_CONN_STATE_ESTABLISHED: TCP, the handshake is complete.
 * @SLUICE_CONN_STATE_FIN_WAIT: TCP, one side sent FIN.
 * @SLUICE_CONN_STATE_CLOSE_WAIT: TCP, that FIN was acknowledged, the other
 *   side may go on sending.
 * @SLUICE_CONN_STATE_LAST_ACK: TCP, both sides sent FIN.
 * @SLUICE_CONN_STATE_TIME_WAIT: TCP, both FINs were acknowledged.
 * @SLUICE_CONN_STATE_CLOSE: TCP, a reset was seen.
 * @SLUICE_CONN_STATE_UDP_NEW: UDP, the server has not answered yet.
 * @SLUICE_CONN_STATE_UDP: UDP, packets were seen in both directions.
 */
enum sluice_conn_state {
	SLUICE_CONN_STATE_NONE,
	SLUICE_CONN_STATE_SYN_SENT,
	SLUICE_CONN_STATE_SYN_RECV,
	SLUICE_CONN_STATE_ESTABLISHED,
	SLUICE_CONN_STATE_FIN_WAIT,
	SLUICE_CONN_STATE_CLOSE_WAIT,
	SLUICE_CONN_STATE_LAST_ACK,
	SLUICE_CONN_STATE_TIME_WAIT,
	SLUICE_CONN_STATE_CLOSE,
	SLUICE_CONN_STATE_UDP_NEW,
	SLUICE_CONN_STATE_UDP,
};

/**
 * enum sluice_strata - Strata that the loaded modules can serve.
 * @SLUICE_STRATA_FLOW: Layer 4, one decision per connection.
 * @SLUICE_STRATA_SNIFF: Layer 7, one decision per connection, by its first
 *   bytes.
 * @SLUICE_STRATA_RELAY: Layer 7, one decision per HTTP request, while module
 *   sluice_ktls is loaded.
 */
enum sluice_strata {
	SLUICE_STRATA_FLOW = 1,
	SLUICE_STRATA_SNIFF = 2,
	SLUICE_STRATA_RELAY = 4,
};

/**
 * enum sluice_stratum - Where a service decides which server gets a
 *   connection.
 * @SLUICE_STRATUM_FLOW: By addresses and ports, with the first packet.
 * @SLUICE_STRATUM_SNIFF: By a route that fits the first bytes that the client
 *   sends, once per connection.
 * @SLUICE_STRATUM_RELAY: By a route that fits, once per HTTP request. Clients
 *   are handed over by the family sluice-relay, or accepted by its module;
 *   packets are left to the host, so the address must be one of its own.
 */
enum sluice_stratum {
	SLUICE_STRATUM_FLOW,
	SLUICE_STRATUM_SNIFF,
	SLUICE_STRATUM_RELAY,
};

/**
 * enum sluice_parse - What a service of stratum sniff or relay reads.
 * @SLUICE_PARSE_NONE: Nothing; of every service of stratum flow.
 * @SLUICE_PARSE_TLS: The ClientHello of TLS: server name (SNI) and offered
 *   protocols (ALPN).
 * @SLUICE_PARSE_HTTP: The head of the first HTTP/1.x request; later requests
 *   of the same connection go where the first one went. With stratum relay the
 *   head of each request.
 */
enum sluice_parse {
	SLUICE_PARSE_NONE,
	SLUICE_PARSE_TLS,
	SLUICE_PARSE_HTTP,
};

/**
 * enum sluice_path_how - How a route compares the path of a request.
 * @SLUICE_PATH_HOW_ANY: Not at all.
 * @SLUICE_PATH_HOW_EXACT: It is the same, byte by byte.
 * @SLUICE_PATH_HOW_PREFIX: It is the same or continues after a slash: /api is
 *   a prefix of /api, /api/ and /api/x, not of /apix.
 */
enum sluice_path_how {
	SLUICE_PATH_HOW_ANY,
	SLUICE_PATH_HOW_EXACT,
	SLUICE_PATH_HOW_PREFIX,
};

/**
 * enum sluice_condition_what - What a condition of a route is about.
 * @SLUICE_CONDITION_WHAT_METHOD: Method of the request, in its case.
 * @SLUICE_CONDITION_WHAT_QUERY: A parameter of the query, as it was sent.
 * @SLUICE_CONDITION_WHAT_HEADER: A header field; the case of its name makes no
 *   difference.
 * @SLUICE_CONDITION_WHAT_COOKIE: A cookie.
 * @SLUICE_CONDITION_WHAT_ALPN: A protocol that a TLS client offers.
 */
enum sluice_condition_what {
	SLUICE_CONDITION_WHAT_METHOD,
	SLUICE_CONDITION_WHAT_QUERY,
	SLUICE_CONDITION_WHAT_HEADER,
	SLUICE_CONDITION_WHAT_COOKIE,
	SLUICE_CONDITION_WHAT_ALPN,
};

/**
 * enum sluice_condition_how - What a condition of a route asks of a value.
 * @SLUICE_CONDITION_HOW_PRESENT: That there is one, even an empty one.
 * @SLUICE_CONDITION_HOW_EXACT: That it is the same, byte by byte.
 * @SLUICE_CONDITION_HOW_PREFIX: That it starts so.
 */
enum sluice_condition_how {
	SLUICE_CONDITION_HOW_PRESENT,
	SLUICE_CONDITION_HOW_EXACT,
	SLUICE_CONDITION_HOW_PREFIX,
};

/**
 * enum sluice_route_action - What is done with a connection that takes a
 *   route.
 * @SLUICE_ROUTE_ACTION_POOL: A server of a pool gets it, of several pools one
 *   by weight.
 * @SLUICE_ROUTE_ACTION_REJECT: It is reset, or answered with a status and
 *   closed.
 * @SLUICE_ROUTE_ACTION_REDIRECT: It is answered with a redirection to https
 *   and the same host, path and query, and closed.
 * @SLUICE_ROUTE_ACTION_PROXY: The local process that listens on the address of
 *   the service and another port gets it; with stratum relay the one that
 *   takes clients back.
 */
enum sluice_route_action {
	SLUICE_ROUTE_ACTION_POOL,
	SLUICE_ROUTE_ACTION_REJECT,
	SLUICE_ROUTE_ACTION_REDIRECT,
	SLUICE_ROUTE_ACTION_PROXY,
};

/**
 * enum sluice_fate - What becomes of the TCP connections of a server that is
 *   not to have them any more. UDP flows move to another server with their
 *   next packet in any case.
 * @SLUICE_FATE_KEEP: They go on until they end.
 * @SLUICE_FATE_RESET: Client and server are sent a reset each, an idle one
 *   after it was asked for its sequence numbers.
 * @SLUICE_FATE_REBALANCE: They are forgotten, and nobody is told. A client
 *   that goes on is reset with its next segment, and its next connection goes
 *   to another server.
 */
enum sluice_fate {
	SLUICE_FATE_KEEP,
	SLUICE_FATE_RESET,
	SLUICE_FATE_REBALANCE,
};

enum {
	SLUICE_A_STATS_CONNECTIONS = 1,
	SLUICE_A_STATS_IN_PACKETS,
	SLUICE_A_STATS_IN_BYTES,
	SLUICE_A_STATS_OUT_PACKETS,
	SLUICE_A_STATS_OUT_BYTES,

	__SLUICE_A_STATS_MAX,
	SLUICE_A_STATS_MAX = (__SLUICE_A_STATS_MAX - 1)
};

enum {
	SLUICE_A_REFUSALS_NO_SERVER = 1,
	SLUICE_A_REFUSALS_LIMIT,
	SLUICE_A_REFUSALS_MEMORY,
	SLUICE_A_REFUSALS_CLASH,
	SLUICE_A_REFUSALS_NO_ROUTE,
	SLUICE_A_REFUSALS_REJECTED,
	SLUICE_A_REFUSALS_MALFORMED,
	SLUICE_A_REFUSALS_HEAD_TIMEOUT,
	SLUICE_A_REFUSALS_CONNECT,
	SLUICE_A_REFUSALS_PRESSURE,
	SLUICE_A_REFUSALS_CLOSED,

	__SLUICE_A_REFUSALS_MAX,
	SLUICE_A_REFUSALS_MAX = (__SLUICE_A_REFUSALS_MAX - 1)
};

enum {
	SLUICE_A_SERVICE_PROTOCOL = 1,
	SLUICE_A_SERVICE_ADDRESS,
	SLUICE_A_SERVICE_PORT,
	SLUICE_A_SERVICE_POOL,
	SLUICE_A_SERVICE_SCHEDULER,
	SLUICE_A_SERVICE_OWN_POOL,
	SLUICE_A_SERVICE_ID,
	SLUICE_A_SERVICE_STATS,
	SLUICE_A_SERVICE_REFUSALS,
	SLUICE_A_SERVICE_SLOW_PATH,
	SLUICE_A_SERVICE_STRATUM,
	SLUICE_A_SERVICE_PARSE,
	SLUICE_A_SERVICE_ROUTES,

	__SLUICE_A_SERVICE_MAX,
	SLUICE_A_SERVICE_MAX = (__SLUICE_A_SERVICE_MAX - 1)
};

enum {
	SLUICE_A_POOL_NAME = 1,
	SLUICE_A_POOL_FAMILY,
	SLUICE_A_POOL_SCHEDULER,
	SLUICE_A_POOL_OWNED,
	SLUICE_A_POOL_ID,
	SLUICE_A_POOL_SERVERS,
	SLUICE_A_POOL_SERVICES,
	SLUICE_A_POOL_STATS,
	SLUICE_A_POOL_PROXY_PROTOCOL,
	SLUICE_A_POOL_ROUTES,
	SLUICE_A_POOL_ON_DOWN,
	SLUICE_A_POOL_ON_DRAIN,
	SLUICE_A_POOL_STICKY_COOKIE,
	SLUICE_A_POOL_STICKY_POOL,

	__SLUICE_A_POOL_MAX,
	SLUICE_A_POOL_MAX = (__SLUICE_A_POOL_MAX - 1)
};

enum {
	SLUICE_A_SERVER_POOL = 1,
	SLUICE_A_SERVER_SERVICE,
	SLUICE_A_SERVER_ADDRESS,
	SLUICE_A_SERVER_PORT,
	SLUICE_A_SERVER_FORWARD,
	SLUICE_A_SERVER_WEIGHT,
	SLUICE_A_SERVER_STATE,
	SLUICE_A_SERVER_ID,
	SLUICE_A_SERVER_ACTIVE,
	SLUICE_A_SERVER_INACTIVE,
	SLUICE_A_SERVER_STATS,
	SLUICE_A_SERVER_DEADLINE,
	SLUICE_A_SERVER_REASON,

	__SLUICE_A_SERVER_MAX,
	SLUICE_A_SERVER_MAX = (__SLUICE_A_SERVER_MAX - 1)
};

enum {
	SLUICE_A_CONNECTION_PROTOCOL = 1,
	SLUICE_A_CONNECTION_CLIENT_ADDRESS,
	SLUICE_A_CONNECTION_CLIENT_PORT,
	SLUICE_A_CONNECTION_VIRTUAL_ADDRESS,
	SLUICE_A_CONNECTION_VIRTUAL_PORT,
	SLUICE_A_CONNECTION_SERVER_ADDRESS,
	SLUICE_A_CONNECTION_SERVER_PORT,
	SLUICE_A_CONNECTION_FORWARD,
	SLUICE_A_CONNECTION_STATE,
	SLUICE_A_CONNECTION_EXPIRES,
	SLUICE_A_CONNECTION_POOL,

	__SLUICE_A_CONNECTION_MAX,
	SLUICE_A_CONNECTION_MAX = (__SLUICE_A_CONNECTION_MAX - 1)
};

enum {
	SLUICE_A_TIMEOUTS_TCP_SYN_SENT = 1,
	SLUICE_A_TIMEOUTS_TCP_SYN_RECV,
	SLUICE_A_TIMEOUTS_TCP_ESTABLISHED,
	SLUICE_A_TIMEOUTS_TCP_FIN_WAIT,
	SLUICE_A_TIMEOUTS_TCP_CLOSE_WAIT,
	SLUICE_A_TIMEOUTS_TCP_LAST_ACK,
	SLUICE_A_TIMEOUTS_TCP_TIME_WAIT,
	SLUICE_A_TIMEOUTS_TCP_CLOSE,
	SLUICE_A_TIMEOUTS_UDP_NEW,
	SLUICE_A_TIMEOUTS_UDP,

	__SLUICE_A_TIMEOUTS_MAX,
	SLUICE_A_TIMEOUTS_MAX = (__SLUICE_A_TIMEOUTS_MAX - 1)
};

enum {
	SLUICE_A_SNIFF_HEAD_TIMEOUT = 1,
	SLUICE_A_SNIFF_CONNECT_TIMEOUT,
	SLUICE_A_SNIFF_CONNECT_RETRIES,
	SLUICE_A_SNIFF_HELD_MAX,

	__SLUICE_A_SNIFF_MAX,
	SLUICE_A_SNIFF_MAX = (__SLUICE_A_SNIFF_MAX - 1)
};

enum {
	SLUICE_A_SETTINGS_TIMEOUTS = 1,
	SLUICE_A_SETTINGS_CONNECTIONS_MAX,
	SLUICE_A_SETTINGS_SNIFF,
	SLUICE_A_SETTINGS_RELAY_CLIENTS_MAX,

	__SLUICE_A_SETTINGS_MAX,
	SLUICE_A_SETTINGS_MAX = (__SLUICE_A_SETTINGS_MAX - 1)
};

enum {
	SLUICE_A_ROUTE_CONDITION_WHAT = 1,
	SLUICE_A_ROUTE_CONDITION_HOW,
	SLUICE_A_ROUTE_CONDITION_NAME,
	SLUICE_A_ROUTE_CONDITION_VALUE,

	__SLUICE_A_ROUTE_CONDITION_MAX,
	SLUICE_A_ROUTE_CONDITION_MAX = (__SLUICE_A_ROUTE_CONDITION_MAX - 1)
};

enum {
	SLUICE_A_ROUTE_SOURCE_ADDRESS = 1,
	SLUICE_A_ROUTE_SOURCE_PREFIX_LEN,

	__SLUICE_A_ROUTE_SOURCE_MAX,
	SLUICE_A_ROUTE_SOURCE_MAX = (__SLUICE_A_ROUTE_SOURCE_MAX - 1)
};

enum {
	SLUICE_A_ROUTE_MATCH_HOST = 1,
	SLUICE_A_ROUTE_MATCH_PORT,
	SLUICE_A_ROUTE_MATCH_PATH,
	SLUICE_A_ROUTE_MATCH_PATH_HOW,
	SLUICE_A_ROUTE_MATCH_CONDITION,
	SLUICE_A_ROUTE_MATCH_SOURCE,
	SLUICE_A_ROUTE_MATCH_SHARE,
	SLUICE_A_ROUTE_MATCH_SALT,

	__SLUICE_A_ROUTE_MATCH_MAX,
	SLUICE_A_ROUTE_MATCH_MAX = (__SLUICE_A_ROUTE_MATCH_MAX - 1)
};

enum {
	SLUICE_A_ROUTE_POOL_NAME = 1,
	SLUICE_A_ROUTE_POOL_WEIGHT,

	__SLUICE_A_ROUTE_POOL_MAX,
	SLUICE_A_ROUTE_POOL_MAX = (__SLUICE_A_ROUTE_POOL_MAX - 1)
};

enum {
	SLUICE_A_ROUTE_SERVICE = 1,
	SLUICE_A_ROUTE_NAME,
	SLUICE_A_ROUTE_ID,
	SLUICE_A_ROUTE_POSITION,
	SLUICE_A_ROUTE_BEFORE,
	SLUICE_A_ROUTE_MATCH,
	SLUICE_A_ROUTE_ACTION,
	SLUICE_A_ROUTE_POOL,
	SLUICE_A_ROUTE_STATUS,
	SLUICE_A_ROUTE_PROXY_PORT,
	SLUICE_A_ROUTE_HITS,

	__SLUICE_A_ROUTE_MAX,
	SLUICE_A_ROUTE_MAX = (__SLUICE_A_ROUTE_MAX - 1)
};

enum {
	SLUICE_A_INFO_ABI = 1,
	SLUICE_A_INFO_VERSION,
	SLUICE_A_INFO_STRATA,
	SLUICE_A_INFO_SCHEDULER,
	SLUICE_A_INFO_SERVICES,
	SLUICE_A_INFO_POOLS,
	SLUICE_A_INFO_SERVERS,
	SLUICE_A_INFO_CONNECTIONS,
	SLUICE_A_INFO_CONNECTIONS_MAX,
	SLUICE_A_INFO_REFUSALS,
	SLUICE_A_INFO_GENERATION,

	__SLUICE_A_INFO_MAX,
	SLUICE_A_INFO_MAX = (__SLUICE_A_INFO_MAX - 1)
};

enum {
	SLUICE_A_TRANSACTION_GENERATION = 1,
	SLUICE_A_TRANSACTION_REQUESTS,

	__SLUICE_A_TRANSACTION_MAX,
	SLUICE_A_TRANSACTION_MAX = (__SLUICE_A_TRANSACTION_MAX - 1)
};

enum {
	SLUICE_CMD_INFO_GET = 1,
	SLUICE_CMD_SETTINGS_GET,
	SLUICE_CMD_SETTINGS_SET,
	SLUICE_CMD_SETTINGS_NTF,
	SLUICE_CMD_SERVICE_GET,
	SLUICE_CMD_SERVICE_NEW,
	SLUICE_CMD_SERVICE_SET,
	SLUICE_CMD_SERVICE_DEL,
	SLUICE_CMD_SERVICE_NTF,
	SLUICE_CMD_SERVICE_DEL_NTF,
	SLUICE_CMD_POOL_GET,
	SLUICE_CMD_POOL_NEW,
	SLUICE_CMD_POOL_SET,
	SLUICE_CMD_POOL_DEL,
	SLUICE_CMD_POOL_NTF,
	SLUICE_CMD_POOL_DEL_NTF,
	SLUICE_CMD_SERVER_GET,
	SLUICE_CMD_SERVER_NEW,
	SLUICE_CMD_SERVER_SET,
	SLUICE_CMD_SERVER_DEL,
	SLUICE_CMD_SERVER_NTF,
	SLUICE_CMD_SERVER_DEL_NTF,
	SLUICE_CMD_CONNECTION_GET,
	SLUICE_CMD_STATS_RESET,
	SLUICE_CMD_FLUSH,
	SLUICE_CMD_ROUTE_GET,
	SLUICE_CMD_ROUTE_NEW,
	SLUICE_CMD_ROUTE_SET,
	SLUICE_CMD_ROUTE_DEL,
	SLUICE_CMD_ROUTE_MOVE,
	SLUICE_CMD_ROUTE_NTF,
	SLUICE_CMD_ROUTE_DEL_NTF,
	SLUICE_CMD_TRANSACTION_BEGIN,
	SLUICE_CMD_TRANSACTION_COMMIT,
	SLUICE_CMD_TRANSACTION_ABORT,

	__SLUICE_CMD_MAX,
	SLUICE_CMD_MAX = (__SLUICE_CMD_MAX - 1)
};

#define SLUICE_MCGRP_EVENTS	"events"

#endif /* _UAPI_LINUX_SLUICE_H */
