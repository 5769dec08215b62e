// SPDX-License-Identifier: GPL-2.0-or-later
/* Do not edit directly, auto-generated from:
 *	Documentation/netlink/specs/sluice-relay.yaml
 * by tools/gen-names.py
 */

#include <stddef.h>
#include <string.h>

#include <linux/sluice_relay.h>

#include "relay_names.gen.h"

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

static const struct name add_names[] = {
	{ SLUICE_RELAY_ADD_X_FORWARDED, "x-forwarded" },
	{ SLUICE_RELAY_ADD_FORWARDED, "forwarded" },
	{ SLUICE_RELAY_ADD_REQUEST_ID, "request-id" },
};

const char *sluice_relay_add_name(unsigned int v)
{
	return find_name(add_names, ARRAY_SIZE(add_names), v);
}

int sluice_relay_add_parse(const char *s)
{
	return find_value(add_names, ARRAY_SIZE(add_names), s);
}

static const struct name why_names[] = {
	{ SLUICE_RELAY_WHY_ROUTE, "route" },
	{ SLUICE_RELAY_WHY_VERSION, "version" },
	{ SLUICE_RELAY_WHY_UPGRADE, "upgrade" },
	{ SLUICE_RELAY_WHY_CONNECT, "connect" },
	{ SLUICE_RELAY_WHY_HEAD, "head" },
	{ SLUICE_RELAY_WHY_RECORD, "record" },
	{ SLUICE_RELAY_WHY_SERVICE, "service" },
};

const char *sluice_relay_why_name(unsigned int v)
{
	return find_name(why_names, ARRAY_SIZE(why_names), v);
}

int sluice_relay_why_parse(const char *s)
{
	return find_value(why_names, ARRAY_SIZE(why_names), s);
}

static const struct name phase_names[] = {
	{ SLUICE_RELAY_PHASE_IDLE, "idle" },
	{ SLUICE_RELAY_PHASE_HEAD, "head" },
	{ SLUICE_RELAY_PHASE_CONNECTING, "connecting" },
	{ SLUICE_RELAY_PHASE_WAITING, "waiting" },
	{ SLUICE_RELAY_PHASE_BODY, "body" },
	{ SLUICE_RELAY_PHASE_TUNNEL, "tunnel" },
	{ SLUICE_RELAY_PHASE_CLOSING, "closing" },
	{ SLUICE_RELAY_PHASE_BACK, "back" },
};

const char *sluice_relay_phase_name(unsigned int v)
{
	return find_name(phase_names, ARRAY_SIZE(phase_names), v);
}

int sluice_relay_phase_parse(const char *s)
{
	return find_value(phase_names, ARRAY_SIZE(phase_names), s);
}

struct attr {
	const char *name;
	int nested;
};

static const struct attr service_attrs[] = {
	[SLUICE_RELAY_A_SERVICE_PROTOCOL] = { "protocol", -1 },
	[SLUICE_RELAY_A_SERVICE_ADDRESS] = { "address", -1 },
	[SLUICE_RELAY_A_SERVICE_PORT] = { "port", -1 },
};

static const struct attr client_attrs[] = {
	[SLUICE_RELAY_A_CLIENT_ID] = { "id", -1 },
	[SLUICE_RELAY_A_CLIENT_SERVICE] = { "service", SLUICE_RELAY_SET_SERVICE },
	[SLUICE_RELAY_A_CLIENT_FD] = { "fd", -1 },
	[SLUICE_RELAY_A_CLIENT_SOURCE] = { "source", -1 },
	[SLUICE_RELAY_A_CLIENT_TLS] = { "tls", -1 },
	[SLUICE_RELAY_A_CLIENT_DATA] = { "data", -1 },
	[SLUICE_RELAY_A_CLIENT_SOURCE_PORT] = { "source-port", -1 },
	[SLUICE_RELAY_A_CLIENT_PHASE] = { "phase", -1 },
	[SLUICE_RELAY_A_CLIENT_SERVER_ADDRESS] = { "server-address", -1 },
	[SLUICE_RELAY_A_CLIENT_SERVER_PORT] = { "server-port", -1 },
	[SLUICE_RELAY_A_CLIENT_REQUESTS] = { "requests", -1 },
	[SLUICE_RELAY_A_CLIENT_BYTES_CLIENT] = { "bytes-client", -1 },
	[SLUICE_RELAY_A_CLIENT_BYTES_SERVER] = { "bytes-server", -1 },
	[SLUICE_RELAY_A_CLIENT_AGE] = { "age", -1 },
	[SLUICE_RELAY_A_CLIENT_WHY] = { "why", -1 },
	[SLUICE_RELAY_A_CLIENT_KEYS_PORT] = { "keys-port", -1 },
	[SLUICE_RELAY_A_CLIENT_KEYS] = { "keys", -1 },
	[SLUICE_RELAY_A_CLIENT_UPDATE_REQUESTED] = { "update-requested", -1 },
	[SLUICE_RELAY_A_CLIENT_REKEYED] = { "rekeyed", -1 },
	[SLUICE_RELAY_A_CLIENT_OWN] = { "own", -1 },
};

static const struct attr config_attrs[] = {
	[SLUICE_RELAY_A_CONFIG_SERVICE] = { "service", SLUICE_RELAY_SET_SERVICE },
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_HEAD] = { "timeout-head", -1 },
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_IDLE] = { "timeout-idle", -1 },
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_BODY] = { "timeout-body", -1 },
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_CONNECT] = { "timeout-connect", -1 },
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_RESPONSE] = { "timeout-response", -1 },
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_TUNNEL] = { "timeout-tunnel", -1 },
	[SLUICE_RELAY_A_CONFIG_REQUESTS_MAX] = { "requests-max", -1 },
	[SLUICE_RELAY_A_CONFIG_RETRIES] = { "retries", -1 },
	[SLUICE_RELAY_A_CONFIG_ADD] = { "add", -1 },
	[SLUICE_RELAY_A_CONFIG_WEBSOCKET] = { "websocket", -1 },
	[SLUICE_RELAY_A_CONFIG_LISTEN] = { "listen", -1 },
	[SLUICE_RELAY_A_CONFIG_REQUEST_ID] = { "request-id", -1 },
	[SLUICE_RELAY_A_CONFIG_KEYED] = { "keyed", -1 },
	[SLUICE_RELAY_A_CONFIG_STICKY_KEY] = { "sticky-key", -1 },
};

static const struct attr returned_attrs[] = {
	[SLUICE_RELAY_A_RETURNED_ROUTE] = { "route", -1 },
	[SLUICE_RELAY_A_RETURNED_VERSION] = { "version", -1 },
	[SLUICE_RELAY_A_RETURNED_UPGRADE] = { "upgrade", -1 },
	[SLUICE_RELAY_A_RETURNED_CONNECT] = { "connect", -1 },
	[SLUICE_RELAY_A_RETURNED_HEAD] = { "head", -1 },
	[SLUICE_RELAY_A_RETURNED_RECORD] = { "record", -1 },
	[SLUICE_RELAY_A_RETURNED_SERVICE] = { "service", -1 },
};

static const struct attr stats_attrs[] = {
	[SLUICE_RELAY_A_STATS_CLIENTS] = { "clients", -1 },
	[SLUICE_RELAY_A_STATS_ACCEPTED] = { "accepted", -1 },
	[SLUICE_RELAY_A_STATS_REQUESTS] = { "requests", -1 },
	[SLUICE_RELAY_A_STATS_ANSWERS] = { "answers", -1 },
	[SLUICE_RELAY_A_STATS_CONNECTS] = { "connects", -1 },
	[SLUICE_RELAY_A_STATS_RETRIES] = { "retries", -1 },
	[SLUICE_RELAY_A_STATS_TIMEOUTS] = { "timeouts", -1 },
	[SLUICE_RELAY_A_STATS_ERRORS] = { "errors", -1 },
	[SLUICE_RELAY_A_STATS_RECORDS] = { "records", -1 },
	[SLUICE_RELAY_A_STATS_RETURNED] = { "returned", SLUICE_RELAY_SET_RETURNED },
	[SLUICE_RELAY_A_STATS_KEY_UPDATES] = { "key-updates", -1 },
	[SLUICE_RELAY_A_STATS_REFUSED] = { "refused", -1 },
};

static const struct {
	const struct attr *attrs;
	size_t count;
} attr_sets[] = {
	[SLUICE_RELAY_SET_SERVICE] = { service_attrs, ARRAY_SIZE(service_attrs) },
	[SLUICE_RELAY_SET_CLIENT] = { client_attrs, ARRAY_SIZE(client_attrs) },
	[SLUICE_RELAY_SET_CONFIG] = { config_attrs, ARRAY_SIZE(config_attrs) },
	[SLUICE_RELAY_SET_RETURNED] = { returned_attrs, ARRAY_SIZE(returned_attrs) },
	[SLUICE_RELAY_SET_STATS] = { stats_attrs, ARRAY_SIZE(stats_attrs) },
};

static const struct attr *find_attr(int set, unsigned int type)
{
	if (set < 0 || (size_t)set >= ARRAY_SIZE(attr_sets) ||
	    type >= attr_sets[set].count || !attr_sets[set].attrs[type].name)
		return NULL;
	return &attr_sets[set].attrs[type];
}

const char *sluice_relay_attr_name(int set, unsigned int type)
{
	const struct attr *attr = find_attr(set, type);

	return attr ? attr->name : NULL;
}

int sluice_relay_attr_nested(int set, unsigned int type)
{
	const struct attr *attr = find_attr(set, type);

	return attr ? attr->nested : -1;
}

static const struct {
	const char *name;
	int set;
} cmds[] = {
	[SLUICE_RELAY_CMD_CLIENT_HAND] = { "client-hand", SLUICE_RELAY_SET_CLIENT },
	[SLUICE_RELAY_CMD_CLIENT_TAKE] = { "client-take", SLUICE_RELAY_SET_CLIENT },
	[SLUICE_RELAY_CMD_CLIENT_GET] = { "client-get", SLUICE_RELAY_SET_CLIENT },
	[SLUICE_RELAY_CMD_CLIENT_DEL] = { "client-del", SLUICE_RELAY_SET_CLIENT },
	[SLUICE_RELAY_CMD_CLIENT_BACK] = { "client-back", SLUICE_RELAY_SET_CLIENT },
	[SLUICE_RELAY_CMD_CONFIG_GET] = { "config-get", SLUICE_RELAY_SET_CONFIG },
	[SLUICE_RELAY_CMD_CONFIG_SET] = { "config-set", SLUICE_RELAY_SET_CONFIG },
	[SLUICE_RELAY_CMD_CONFIG_DEL] = { "config-del", SLUICE_RELAY_SET_CONFIG },
	[SLUICE_RELAY_CMD_STATS_GET] = { "stats-get", SLUICE_RELAY_SET_STATS },
	[SLUICE_RELAY_CMD_CLIENT_KEY_UPDATE] = { "client-key-update", SLUICE_RELAY_SET_CLIENT },
	[SLUICE_RELAY_CMD_CLIENT_GONE] = { "client-gone", SLUICE_RELAY_SET_CLIENT },
	[SLUICE_RELAY_CMD_CLIENT_LEND] = { "client-lend", SLUICE_RELAY_SET_CLIENT },
	[SLUICE_RELAY_CMD_CLIENT_REKEY] = { "client-rekey", SLUICE_RELAY_SET_CLIENT },
};

const char *sluice_relay_cmd_name(unsigned int cmd)
{
	return cmd < ARRAY_SIZE(cmds) ? cmds[cmd].name : NULL;
}

int sluice_relay_cmd_attr_set(unsigned int cmd)
{
	if (cmd >= ARRAY_SIZE(cmds) || !cmds[cmd].name)
		return -1;
	return cmds[cmd].set;
}
