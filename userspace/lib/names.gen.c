// SPDX-License-Identifier: GPL-2.0-or-later
/* Do not edit directly, auto-generated from:
 *	Documentation/netlink/specs/sluice.yaml
 * by tools/gen-names.py
 */

#include <stddef.h>
#include <string.h>

#include <linux/sluice.h>

#include "names.gen.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct name {
	unsigned int value;
	const char *name;
};

static const char *find_name(const struct name *names, size_t count,
			     unsigned int value)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].value == value)
			return names[i].name;
	return NULL;
}

static int find_value(const struct name *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i].name, name) == 0)
			return (int)names[i].value;
	return -1;
}

static const struct name forward_names[] = {
	{ SLUICE_FORWARD_NAT, "nat" },
	{ SLUICE_FORWARD_DR, "dr" },
	{ SLUICE_FORWARD_TUNNEL, "tunnel" },
};

const char *sluice_forward_name(unsigned int v)
{
	return find_name(forward_names, ARRAY_SIZE(forward_names), v);
}

int sluice_forward_parse(const char *s)
{
	return find_value(forward_names, ARRAY_SIZE(forward_names), s);
}

static const struct name server_state_names[] = {
	{ SLUICE_SERVER_STATE_UP, "up" },
	{ SLUICE_SERVER_STATE_DRAINING, "draining" },
	{ SLUICE_SERVER_STATE_DOWN, "down" },
};

const char *sluice_server_state_name(unsigned int v)
{
	return find_name(server_state_names, ARRAY_SIZE(server_state_names), v);
}

int sluice_server_state_parse(const char *s)
{
	return find_value(server_state_names, ARRAY_SIZE(server_state_names), s);
}

static const struct name conn_state_names[] = {
	{ SLUICE_CONN_STATE_NONE, "none" },
	{ SLUICE_CONN_STATE_SYN_SENT, "syn-sent" },
	{ SLUICE_CONN_STATE_SYN_RECV, "syn-recv" },
	{ SLUICE_CONN_STATE_ESTABLISHED, "established" },
	{ SLUICE_CONN_STATE_FIN_WAIT, "fin-wait" },
	{ SLUICE_CONN_STATE_CLOSE_WAIT, "close-wait" },
	{ SLUICE_CONN_STATE_LAST_ACK, "last-ack" },
	{ SLUICE_CONN_STATE_TIME_WAIT, "time-wait" },
	{ SLUICE_CONN_STATE_CLOSE, "close" },
	{ SLUICE_CONN_STATE_UDP_NEW, "udp-new" },
	{ SLUICE_CONN_STATE_UDP, "udp" },
};

const char *sluice_conn_state_name(unsigned int v)
{
	return find_name(conn_state_names, ARRAY_SIZE(conn_state_names), v);
}

int sluice_conn_state_parse(const char *s)
{
	return find_value(conn_state_names, ARRAY_SIZE(conn_state_names), s);
}

static const struct name strata_names[] = {
	{ SLUICE_STRATA_FLOW, "flow" },
	{ SLUICE_STRATA_SNIFF, "sniff" },
	{ SLUICE_STRATA_RELAY, "relay" },
};

const char *sluice_strata_name(unsigned int v)
{
	return find_name(strata_names, ARRAY_SIZE(strata_names), v);
}

int sluice_strata_parse(const char *s)
{
	return find_value(strata_names, ARRAY_SIZE(strata_names), s);
}

static const struct name stratum_names[] = {
	{ SLUICE_STRATUM_FLOW, "flow" },
	{ SLUICE_STRATUM_SNIFF, "sniff" },
	{ SLUICE_STRATUM_RELAY, "relay" },
};

const char *sluice_stratum_name(unsigned int v)
{
	return find_name(stratum_names, ARRAY_SIZE(stratum_names), v);
}

int sluice_stratum_parse(const char *s)
{
	return find_value(stratum_names, ARRAY_SIZE(stratum_names), s);
}

static const struct name parse_names[] = {
	{ SLUICE_PARSE_NONE, "none" },
	{ SLUICE_PARSE_TLS, "tls" },
	{ SLUICE_PARSE_HTTP, "http" },
};

const char *sluice_parse_name(unsigned int v)
{
	return find_name(parse_names, ARRAY_SIZE(parse_names), v);
}

int sluice_parse_parse(const char *s)
{
	return find_value(parse_names, ARRAY_SIZE(parse_names), s);
}

static const struct name path_how_names[] = {
	{ SLUICE_PATH_HOW_ANY, "any" },
	{ SLUICE_PATH_HOW_EXACT, "exact" },
	{ SLUICE_PATH_HOW_PREFIX, "prefix" },
};

const char *sluice_path_how_name(unsigned int v)
{
	return find_name(path_how_names, ARRAY_SIZE(path_how_names), v);
}

int sluice_path_how_parse(const char *s)
{
	return find_value(path_how_names, ARRAY_SIZE(path_how_names), s);
}

static const struct name condition_what_names[] = {
	{ SLUICE_CONDITION_WHAT_METHOD, "method" },
	{ SLUICE_CONDITION_WHAT_QUERY, "query" },
	{ SLUICE_CONDITION_WHAT_HEADER, "header" },
	{ SLUICE_CONDITION_WHAT_COOKIE, "cookie" },
	{ SLUICE_CONDITION_WHAT_ALPN, "alpn" },
};

const char *sluice_condition_what_name(unsigned int v)
{
	return find_name(condition_what_names, ARRAY_SIZE(condition_what_names), v);
}

int sluice_condition_what_parse(const char *s)
{
	return find_value(condition_what_names, ARRAY_SIZE(condition_what_names), s);
}

static const struct name condition_how_names[] = {
	{ SLUICE_CONDITION_HOW_PRESENT, "present" },
	{ SLUICE_CONDITION_HOW_EXACT, "exact" },
	{ SLUICE_CONDITION_HOW_PREFIX, "prefix" },
};

const char *sluice_condition_how_name(unsigned int v)
{
	return find_name(condition_how_names, ARRAY_SIZE(condition_how_names), v);
}

int sluice_condition_how_parse(const char *s)
{
	return find_value(condition_how_names, ARRAY_SIZE(condition_how_names), s);
}

static const struct name route_action_names[] = {
	{ SLUICE_ROUTE_ACTION_POOL, "pool" },
	{ SLUICE_ROUTE_ACTION_REJECT, "reject" },
	{ SLUICE_ROUTE_ACTION_REDIRECT, "redirect" },
	{ SLUICE_ROUTE_ACTION_PROXY, "proxy" },
};

const char *sluice_route_action_name(unsigned int v)
{
	return find_name(route_action_names, ARRAY_SIZE(route_action_names), v);
}

int sluice_route_action_parse(const char *s)
{
	return find_value(route_action_names, ARRAY_SIZE(route_action_names), s);
}

static const struct name fate_names[] = {
	{ SLUICE_FATE_KEEP, "keep" },
	{ SLUICE_FATE_RESET, "reset" },
	{ SLUICE_FATE_REBALANCE, "rebalance" },
};

const char *sluice_fate_name(unsigned int v)
{
	return find_name(fate_names, ARRAY_SIZE(fate_names), v);
}

int sluice_fate_parse(const char *s)
{
	return find_value(fate_names, ARRAY_SIZE(fate_names), s);
}

struct attr {
	const char *name;
	int nested;
};

static const struct attr stats_attrs[] = {
	[SLUICE_A_STATS_CONNECTIONS] = { "connections", -1 },
	[SLUICE_A_STATS_IN_PACKETS] = { "in-packets", -1 },
	[SLUICE_A_STATS_IN_BYTES] = { "in-bytes", -1 },
	[SLUICE_A_STATS_OUT_PACKETS] = { "out-packets", -1 },
	[SLUICE_A_STATS_OUT_BYTES] = { "out-bytes", -1 },
};

static const struct attr refusals_attrs[] = {
	[SLUICE_A_REFUSALS_NO_SERVER] = { "no-server", -1 },
	[SLUICE_A_REFUSALS_LIMIT] = { "limit", -1 },
	[SLUICE_A_REFUSALS_MEMORY] = { "memory", -1 },
	[SLUICE_A_REFUSALS_CLASH] = { "clash", -1 },
	[SLUICE_A_REFUSALS_NO_ROUTE] = { "no-route", -1 },
	[SLUICE_A_REFUSALS_REJECTED] = { "rejected", -1 },
	[SLUICE_A_REFUSALS_MALFORMED] = { "malformed", -1 },
	[SLUICE_A_REFUSALS_HEAD_TIMEOUT] = { "head-timeout", -1 },
	[SLUICE_A_REFUSALS_CONNECT] = { "connect", -1 },
	[SLUICE_A_REFUSALS_PRESSURE] = { "pressure", -1 },
	[SLUICE_A_REFUSALS_CLOSED] = { "closed", -1 },
};

static const struct attr service_attrs[] = {
	[SLUICE_A_SERVICE_PROTOCOL] = { "protocol", -1 },
	[SLUICE_A_SERVICE_ADDRESS] = { "address", -1 },
	[SLUICE_A_SERVICE_PORT] = { "port", -1 },
	[SLUICE_A_SERVICE_POOL] = { "pool", -1 },
	[SLUICE_A_SERVICE_SCHEDULER] = { "scheduler", -1 },
	[SLUICE_A_SERVICE_OWN_POOL] = { "own-pool", -1 },
	[SLUICE_A_SERVICE_ID] = { "id", -1 },
	[SLUICE_A_SERVICE_STATS] = { "stats", SLUICE_SET_STATS },
	[SLUICE_A_SERVICE_REFUSALS] = { "refusals", SLUICE_SET_REFUSALS },
	[SLUICE_A_SERVICE_SLOW_PATH] = { "slow-path", -1 },
	[SLUICE_A_SERVICE_STRATUM] = { "stratum", -1 },
	[SLUICE_A_SERVICE_PARSE] = { "parse", -1 },
	[SLUICE_A_SERVICE_ROUTES] = { "routes", -1 },
};

static const struct attr pool_attrs[] = {
	[SLUICE_A_POOL_NAME] = { "name", -1 },
	[SLUICE_A_POOL_FAMILY] = { "family", -1 },
	[SLUICE_A_POOL_SCHEDULER] = { "scheduler", -1 },
	[SLUICE_A_POOL_OWNED] = { "owned", -1 },
	[SLUICE_A_POOL_ID] = { "id", -1 },
	[SLUICE_A_POOL_SERVERS] = { "servers", -1 },
	[SLUICE_A_POOL_SERVICES] = { "services", -1 },
	[SLUICE_A_POOL_STATS] = { "stats", SLUICE_SET_STATS },
	[SLUICE_A_POOL_PROXY_PROTOCOL] = { "proxy-protocol", -1 },
	[SLUICE_A_POOL_ROUTES] = { "routes", -1 },
	[SLUICE_A_POOL_ON_DOWN] = { "on-down", -1 },
	[SLUICE_A_POOL_ON_DRAIN] = { "on-drain", -1 },
	[SLUICE_A_POOL_STICKY_COOKIE] = { "sticky-cookie", -1 },
	[SLUICE_A_POOL_STICKY_POOL] = { "sticky-pool", -1 },
};

static const struct attr server_attrs[] = {
	[SLUICE_A_SERVER_POOL] = { "pool", -1 },
	[SLUICE_A_SERVER_SERVICE] = { "service", SLUICE_SET_SERVICE },
	[SLUICE_A_SERVER_ADDRESS] = { "address", -1 },
	[SLUICE_A_SERVER_PORT] = { "port", -1 },
	[SLUICE_A_SERVER_FORWARD] = { "forward", -1 },
	[SLUICE_A_SERVER_WEIGHT] = { "weight", -1 },
	[SLUICE_A_SERVER_STATE] = { "state", -1 },
	[SLUICE_A_SERVER_ID] = { "id", -1 },
	[SLUICE_A_SERVER_ACTIVE] = { "active", -1 },
	[SLUICE_A_SERVER_INACTIVE] = { "inactive", -1 },
	[SLUICE_A_SERVER_STATS] = { "stats", SLUICE_SET_STATS },
	[SLUICE_A_SERVER_DEADLINE] = { "deadline", -1 },
	[SLUICE_A_SERVER_REASON] = { "reason", -1 },
};

static const struct attr connection_attrs[] = {
	[SLUICE_A_CONNECTION_PROTOCOL] = { "protocol", -1 },
	[SLUICE_A_CONNECTION_CLIENT_ADDRESS] = { "client-address", -1 },
	[SLUICE_A_CONNECTION_CLIENT_PORT] = { "client-port", -1 },
	[SLUICE_A_CONNECTION_VIRTUAL_ADDRESS] = { "virtual-address", -1 },
	[SLUICE_A_CONNECTION_VIRTUAL_PORT] = { "virtual-port", -1 },
	[SLUICE_A_CONNECTION_SERVER_ADDRESS] = { "server-address", -1 },
	[SLUICE_A_CONNECTION_SERVER_PORT] = { "server-port", -1 },
	[SLUICE_A_CONNECTION_FORWARD] = { "forward", -1 },
	[SLUICE_A_CONNECTION_STATE] = { "state", -1 },
	[SLUICE_A_CONNECTION_EXPIRES] = { "expires", -1 },
	[SLUICE_A_CONNECTION_POOL] = { "pool", -1 },
};

static const struct attr timeouts_attrs[] = {
	[SLUICE_A_TIMEOUTS_TCP_SYN_SENT] = { "tcp-syn-sent", -1 },
	[SLUICE_A_TIMEOUTS_TCP_SYN_RECV] = { "tcp-syn-recv", -1 },
	[SLUICE_A_TIMEOUTS_TCP_ESTABLISHED] = { "tcp-established", -1 },
	[SLUICE_A_TIMEOUTS_TCP_FIN_WAIT] = { "tcp-fin-wait", -1 },
	[SLUICE_A_TIMEOUTS_TCP_CLOSE_WAIT] = { "tcp-close-wait", -1 },
	[SLUICE_A_TIMEOUTS_TCP_LAST_ACK] = { "tcp-last-ack", -1 },
	[SLUICE_A_TIMEOUTS_TCP_TIME_WAIT] = { "tcp-time-wait", -1 },
	[SLUICE_A_TIMEOUTS_TCP_CLOSE] = { "tcp-close", -1 },
	[SLUICE_A_TIMEOUTS_UDP_NEW] = { "udp-new", -1 },
	[SLUICE_A_TIMEOUTS_UDP] = { "udp", -1 },
};

static const struct attr sniff_attrs[] = {
	[SLUICE_A_SNIFF_HEAD_TIMEOUT] = { "head-timeout", -1 },
	[SLUICE_A_SNIFF_CONNECT_TIMEOUT] = { "connect-timeout", -1 },
	[SLUICE_A_SNIFF_CONNECT_RETRIES] = { "connect-retries", -1 },
	[SLUICE_A_SNIFF_HELD_MAX] = { "held-max", -1 },
};

static const struct attr settings_attrs[] = {
	[SLUICE_A_SETTINGS_TIMEOUTS] = { "timeouts", SLUICE_SET_TIMEOUTS },
	[SLUICE_A_SETTINGS_CONNECTIONS_MAX] = { "connections-max", -1 },
	[SLUICE_A_SETTINGS_SNIFF] = { "sniff", SLUICE_SET_SNIFF },
	[SLUICE_A_SETTINGS_RELAY_CLIENTS_MAX] = { "relay-clients-max", -1 },
};

static const struct attr route_condition_attrs[] = {
	[SLUICE_A_ROUTE_CONDITION_WHAT] = { "what", -1 },
	[SLUICE_A_ROUTE_CONDITION_HOW] = { "how", -1 },
	[SLUICE_A_ROUTE_CONDITION_NAME] = { "name", -1 },
	[SLUICE_A_ROUTE_CONDITION_VALUE] = { "value", -1 },
};

static const struct attr route_source_attrs[] = {
	[SLUICE_A_ROUTE_SOURCE_ADDRESS] = { "address", -1 },
	[SLUICE_A_ROUTE_SOURCE_PREFIX_LEN] = { "prefix-len", -1 },
};

static const struct attr route_match_attrs[] = {
	[SLUICE_A_ROUTE_MATCH_HOST] = { "host", -1 },
	[SLUICE_A_ROUTE_MATCH_PORT] = { "port", -1 },
	[SLUICE_A_ROUTE_MATCH_PATH] = { "path", -1 },
	[SLUICE_A_ROUTE_MATCH_PATH_HOW] = { "path-how", -1 },
	[SLUICE_A_ROUTE_MATCH_CONDITION] = { "condition", SLUICE_SET_ROUTE_CONDITION },
	[SLUICE_A_ROUTE_MATCH_SOURCE] = { "source", SLUICE_SET_ROUTE_SOURCE },
	[SLUICE_A_ROUTE_MATCH_SHARE] = { "share", -1 },
	[SLUICE_A_ROUTE_MATCH_SALT] = { "salt", -1 },
};

static const struct attr route_pool_attrs[] = {
	[SLUICE_A_ROUTE_POOL_NAME] = { "name", -1 },
	[SLUICE_A_ROUTE_POOL_WEIGHT] = { "weight", -1 },
};

static const struct attr route_attrs[] = {
	[SLUICE_A_ROUTE_SERVICE] = { "service", SLUICE_SET_SERVICE },
	[SLUICE_A_ROUTE_NAME] = { "name", -1 },
	[SLUICE_A_ROUTE_ID] = { "id", -1 },
	[SLUICE_A_ROUTE_POSITION] = { "position", -1 },
	[SLUICE_A_ROUTE_BEFORE] = { "before", -1 },
	[SLUICE_A_ROUTE_MATCH] = { "match", SLUICE_SET_ROUTE_MATCH },
	[SLUICE_A_ROUTE_ACTION] = { "action", -1 },
	[SLUICE_A_ROUTE_POOL] = { "pool", SLUICE_SET_ROUTE_POOL },
	[SLUICE_A_ROUTE_STATUS] = { "status", -1 },
	[SLUICE_A_ROUTE_PROXY_PORT] = { "proxy-port", -1 },
	[SLUICE_A_ROUTE_HITS] = { "hits", -1 },
};

static const struct attr info_attrs[] = {
	[SLUICE_A_INFO_ABI] = { "abi", -1 },
	[SLUICE_A_INFO_VERSION] = { "version", -1 },
	[SLUICE_A_INFO_STRATA] = { "strata", -1 },
	[SLUICE_A_INFO_SCHEDULER] = { "scheduler", -1 },
	[SLUICE_A_INFO_SERVICES] = { "services", -1 },
	[SLUICE_A_INFO_POOLS] = { "pools", -1 },
	[SLUICE_A_INFO_SERVERS] = { "servers", -1 },
	[SLUICE_A_INFO_CONNECTIONS] = { "connections", -1 },
	[SLUICE_A_INFO_CONNECTIONS_MAX] = { "connections-max", -1 },
	[SLUICE_A_INFO_REFUSALS] = { "refusals", SLUICE_SET_REFUSALS },
	[SLUICE_A_INFO_GENERATION] = { "generation", -1 },
};

static const struct attr transaction_attrs[] = {
	[SLUICE_A_TRANSACTION_GENERATION] = { "generation", -1 },
	[SLUICE_A_TRANSACTION_REQUESTS] = { "requests", -1 },
};

static const struct {
	const struct attr *attrs;
	size_t count;
} attr_sets[] = {
	[SLUICE_SET_STATS] = { stats_attrs, ARRAY_SIZE(stats_attrs) },
	[SLUICE_SET_REFUSALS] = { refusals_attrs, ARRAY_SIZE(refusals_attrs) },
	[SLUICE_SET_SERVICE] = { service_attrs, ARRAY_SIZE(service_attrs) },
	[SLUICE_SET_POOL] = { pool_attrs, ARRAY_SIZE(pool_attrs) },
	[SLUICE_SET_SERVER] = { server_attrs, ARRAY_SIZE(server_attrs) },
	[SLUICE_SET_CONNECTION] = { connection_attrs, ARRAY_SIZE(connection_attrs) },
	[SLUICE_SET_TIMEOUTS] = { timeouts_attrs, ARRAY_SIZE(timeouts_attrs) },
	[SLUICE_SET_SNIFF] = { sniff_attrs, ARRAY_SIZE(sniff_attrs) },
	[SLUICE_SET_SETTINGS] = { settings_attrs, ARRAY_SIZE(settings_attrs) },
	[SLUICE_SET_ROUTE_CONDITION] = { route_condition_attrs, ARRAY_SIZE(route_condition_attrs) },
	[SLUICE_SET_ROUTE_SOURCE] = { route_source_attrs, ARRAY_SIZE(route_source_attrs) },
	[SLUICE_SET_ROUTE_MATCH] = { route_match_attrs, ARRAY_SIZE(route_match_attrs) },
	[SLUICE_SET_ROUTE_POOL] = { route_pool_attrs, ARRAY_SIZE(route_pool_attrs) },
	[SLUICE_SET_ROUTE] = { route_attrs, ARRAY_SIZE(route_attrs) },
	[SLUICE_SET_INFO] = { info_attrs, ARRAY_SIZE(info_attrs) },
	[SLUICE_SET_TRANSACTION] = { transaction_attrs, ARRAY_SIZE(transaction_attrs) },
};

static const struct attr *find_attr(int set, unsigned int type)
{
	if (set < 0 || (size_t)set >= ARRAY_SIZE(attr_sets) ||
	    type >= attr_sets[set].count || !attr_sets[set].attrs[type].name)
		return NULL;
	return &attr_sets[set].attrs[type];
}

const char *sluice_attr_name(int set, unsigned int type)
{
	const struct attr *attr = find_attr(set, type);

	return attr ? attr->name : NULL;
}

int sluice_attr_nested(int set, unsigned int type)
{
	const struct attr *attr = find_attr(set, type);

	return attr ? attr->nested : -1;
}

static const struct {
	const char *name;
	int set;
} cmds[] = {
	[SLUICE_CMD_INFO_GET] = { "info-get", SLUICE_SET_INFO },
	[SLUICE_CMD_SETTINGS_GET] = { "settings-get", SLUICE_SET_SETTINGS },
	[SLUICE_CMD_SETTINGS_SET] = { "settings-set", SLUICE_SET_SETTINGS },
	[SLUICE_CMD_SETTINGS_NTF] = { "settings-ntf", SLUICE_SET_SETTINGS },
	[SLUICE_CMD_SERVICE_GET] = { "service-get", SLUICE_SET_SERVICE },
	[SLUICE_CMD_SERVICE_NEW] = { "service-new", SLUICE_SET_SERVICE },
	[SLUICE_CMD_SERVICE_SET] = { "service-set", SLUICE_SET_SERVICE },
	[SLUICE_CMD_SERVICE_DEL] = { "service-del", SLUICE_SET_SERVICE },
	[SLUICE_CMD_SERVICE_NTF] = { "service-ntf", SLUICE_SET_SERVICE },
	[SLUICE_CMD_SERVICE_DEL_NTF] = { "service-del-ntf", SLUICE_SET_SERVICE },
	[SLUICE_CMD_POOL_GET] = { "pool-get", SLUICE_SET_POOL },
	[SLUICE_CMD_POOL_NEW] = { "pool-new", SLUICE_SET_POOL },
	[SLUICE_CMD_POOL_SET] = { "pool-set", SLUICE_SET_POOL },
	[SLUICE_CMD_POOL_DEL] = { "pool-del", SLUICE_SET_POOL },
	[SLUICE_CMD_POOL_NTF] = { "pool-ntf", SLUICE_SET_POOL },
	[SLUICE_CMD_POOL_DEL_NTF] = { "pool-del-ntf", SLUICE_SET_POOL },
	[SLUICE_CMD_SERVER_GET] = { "server-get", SLUICE_SET_SERVER },
	[SLUICE_CMD_SERVER_NEW] = { "server-new", SLUICE_SET_SERVER },
	[SLUICE_CMD_SERVER_SET] = { "server-set", SLUICE_SET_SERVER },
	[SLUICE_CMD_SERVER_DEL] = { "server-del", SLUICE_SET_SERVER },
	[SLUICE_CMD_SERVER_NTF] = { "server-ntf", SLUICE_SET_SERVER },
	[SLUICE_CMD_SERVER_DEL_NTF] = { "server-del-ntf", SLUICE_SET_SERVER },
	[SLUICE_CMD_CONNECTION_GET] = { "connection-get", SLUICE_SET_CONNECTION },
	[SLUICE_CMD_STATS_RESET] = { "stats-reset", SLUICE_SET_SERVICE },
	[SLUICE_CMD_FLUSH] = { "flush", SLUICE_SET_INFO },
	[SLUICE_CMD_ROUTE_GET] = { "route-get", SLUICE_SET_ROUTE },
	[SLUICE_CMD_ROUTE_NEW] = { "route-new", SLUICE_SET_ROUTE },
	[SLUICE_CMD_ROUTE_SET] = { "route-set", SLUICE_SET_ROUTE },
	[SLUICE_CMD_ROUTE_DEL] = { "route-del", SLUICE_SET_ROUTE },
	[SLUICE_CMD_ROUTE_MOVE] = { "route-move", SLUICE_SET_ROUTE },
	[SLUICE_CMD_ROUTE_NTF] = { "route-ntf", SLUICE_SET_ROUTE },
	[SLUICE_CMD_ROUTE_DEL_NTF] = { "route-del-ntf", SLUICE_SET_ROUTE },
	[SLUICE_CMD_TRANSACTION_BEGIN] = { "transaction-begin", SLUICE_SET_TRANSACTION },
	[SLUICE_CMD_TRANSACTION_COMMIT] = { "transaction-commit", SLUICE_SET_TRANSACTION },
	[SLUICE_CMD_TRANSACTION_ABORT] = { "transaction-abort", SLUICE_SET_TRANSACTION },
};

const char *sluice_cmd_name(unsigned int cmd)
{
	return cmd < ARRAY_SIZE(cmds) ? cmds[cmd].name : NULL;
}

int sluice_cmd_attr_set(unsigned int cmd)
{
	if (cmd >= ARRAY_SIZE(cmds) || !cmds[cmd].name)
		return -1;
	return cmds[cmd].set;
}
