// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys of pools and servers. */
#include "schema.h"

#define HOUR 3600000
#define DAY 86400000

static const struct schema_word forward_words[] = {
	{ "nat", SLUICE_FORWARD_NAT, CONFIG_FLOW },
	{ "dr", SLUICE_FORWARD_DR, CONFIG_FLOW },
	{ "tunnel", SLUICE_FORWARD_TUNNEL, CONFIG_FLOW },
	{ .word = NULL },
};

/* Not a method: that of the pool. */
#define FORWARD_POOL (SLUICE_FORWARD_TUNNEL + 1)

static const struct schema_word server_forward_words[] = {
	{ "pool", FORWARD_POOL, CONFIG_FLOW },
	{ "nat", SLUICE_FORWARD_NAT, CONFIG_FLOW },
	{ "dr", SLUICE_FORWARD_DR, CONFIG_FLOW },
	{ "tunnel", SLUICE_FORWARD_TUNNEL, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_word state_words[] = {
	{ "up", SLUICE_SERVER_STATE_UP, CONFIG_FLOW },
	{ "draining", SLUICE_SERVER_STATE_DRAINING, CONFIG_FLOW },
	{ "down", SLUICE_SERVER_STATE_DOWN, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_word resolve_words[] = {
	{ "a", CONFIG_RESOLVE_A, CONFIG_FLOW },
	{ "aaaa", CONFIG_RESOLVE_AAAA, CONFIG_FLOW },
	{ "srv", CONFIG_RESOLVE_SRV, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_field server_fields[] = {
	{
		.key = "address",
		.kind = &schema_target,
		.offset = offsetof(struct config_server, target),
		.required = true,
		.doc = "Address and port, or a name and port that is looked up again as its TTL says.",
	},
	{
		.key = "resolve",
		.kind = &schema_word,
		.offset = offsetof(struct config_server, resolve),
		.initial = "a",
		.words = resolve_words,
		.doc = "Of a name: look up IPv4 addresses (a), IPv6 addresses (aaaa), or names, ports and weights (srv; then address has no port).",
	},
	{
		.key = "weight",
		.kind = &schema_number,
		.offset = offsetof(struct config_server, weight),
		.max = SLUICE_WEIGHT_MAX,
		.initial = "1",
		.doc = "Share of new connections, of requests in stratum proxy, relative to the other servers; 0: none.",
	},
	{
		.key = "state",
		.kind = &schema_word,
		.offset = offsetof(struct config_server, state),
		.initial = "up",
		.words = state_words,
		.doc = "What the server may get: up, new and established connections, while its check says so; draining, established ones, and in stratum proxy requests of clients that are bound to it by a cookie; down, none.",
	},
	{
		.key = "forward",
		.kind = &schema_word,
		.offset = offsetof(struct config_server, forward),
		.initial = "pool",
		.words = server_forward_words,
		.doc = "How packets reach it, by default as the pool says.",
	},
	{
		.key = "connections-max",
		.kind = &schema_number,
		.offset = offsetof(struct config_server, connections_max),
		.stratum = CONFIG_PROXY,
		.min = 1,
		.max = 10000000,
		.doc = "Most requests that it has at once, tunnels included; others go to other servers, or wait in a queue. Without it, any number.",
	},
	{
		.key = "queue",
		.kind = &schema_number,
		.offset = offsetof(struct config_server, queue),
		.stratum = CONFIG_PROXY,
		.max = 1000000,
		.initial = "0",
		.doc = "Requests that may wait for this server while it has connections-max, of clients that belong to it, by a cookie (sticky) or by the hash of scheduler maglev; further ones go to other servers.",
	},
	{ .key = NULL },
};

static void finish_server(struct config_reader *r, void *object)
{
	const struct config_server *server = object;
	const struct config_target *target = &server->target;

	if (server->queue && !server->connections_max)
		schema_wrong_in(
			r, server->at, "queue",
			"a queue of a server that is never full; give it connections-max");
	if (!target->name && target->address.family != AF_UNSPEC &&
	    server->resolve == CONFIG_RESOLVE_SRV)
		schema_wrong_in(
			r, server->at, "resolve",
			"'srv' with an address; give a name, such as _http._tcp.example.com");
	if (!target->name)
		return;
	if (server->resolve == CONFIG_RESOLVE_SRV && target->port)
		schema_wrong_in(
			r, server->at, "address",
			"a port, which 'resolve: srv' looks up; leave it out");
	else if (server->resolve != CONFIG_RESOLVE_SRV && !target->port)
		schema_wrong_in(
			r, server->at, "address",
			"no port, as in %s:80; only 'resolve: srv' needs none",
			target->name);
}

static const struct schema_object server_object = {
	.name = "server",
	.doc = "A server of a pool. A text in place of the map is its address.",
	.size = sizeof(struct config_server),
	.fields = server_fields,
	.scalar = "address",
	.finish = finish_server,
};

static const struct schema_field server_tls_fields[] = {
	{
		.key = "verify",
		.kind = &schema_bool,
		.offset = offsetof(struct config_server_tls, verify),
		.initial = "true",
		.doc = "Whether the servers' certificates have to be valid.",
	},
	{
		.key = "ca",
		.kind = &schema_path,
		.offset = offsetof(struct config_server_tls, ca),
		.doc = "Who may have signed them, in PEM; without it, the system's list.",
	},
	{
		.key = "sni",
		.kind = &schema_text,
		.offset = offsetof(struct config_server_tls, sni),
		.max = 253,
		.doc = "Server name to ask for; without it, the host of the request.",
	},
	{
		.key = "certificate",
		.kind = &schema_name,
		.offset = offsetof(struct config_server_tls, certificate),
		.doc = "Certificate to show to the servers.",
	},
	{ .key = NULL },
};

static const struct schema_object server_tls_object = {
	.name = "tls to servers",
	.doc = "TLS to the servers of a pool.",
	.size = sizeof(struct config_server_tls),
	.fields = server_tls_fields,
};

static const struct schema_word sticky_words[] = {
	{ "insert", CONFIG_STICKY_INSERT, CONFIG_FLOW },
	{ "application", CONFIG_STICKY_APPLICATION, CONFIG_PROXY },
	{ .word = NULL },
};

static const struct schema_field sticky_fields[] = {
	{
		.key = "cookie",
		.kind = &schema_token,
		.offset = offsetof(struct config_sticky_cookie, cookie),
		.required = true,
		.max = 255,
		.doc = "Name of the cookie.",
	},
	{
		.key = "mode",
		.kind = &schema_word,
		.offset = offsetof(struct config_sticky_cookie, mode),
		.initial = "insert",
		.words = sticky_words,
		.doc = "Whether the cookie is put in by the proxy (insert) or is one that the servers set (application).",
	},
	{ .key = NULL },
};

static const struct schema_object sticky_object = {
	.name = "sticky",
	.doc = "Clients stay with their server by a cookie. A text in place of the map is its name.",
	.size = sizeof(struct config_sticky_cookie),
	.fields = sticky_fields,
	.scalar = "cookie",
};

static const struct schema_word hash_words[] = {
	{ "source", CONFIG_HASH_SOURCE, CONFIG_FLOW },
	{ "uri", CONFIG_HASH_URI, CONFIG_FLOW },
	{ "header", CONFIG_HASH_HEADER, CONFIG_FLOW },
	{ "cookie", CONFIG_HASH_COOKIE, CONFIG_FLOW },
	{ "query", CONFIG_HASH_QUERY, CONFIG_FLOW },
	{ .word = NULL },
};

#define NAMED_HASHES                                           \
	(1U << CONFIG_HASH_HEADER | 1U << CONFIG_HASH_COOKIE | \
	 1U << CONFIG_HASH_QUERY)

static const struct schema_field hash_fields[] = {
	{
		.key = "on",
		.kind = &schema_word,
		.offset = offsetof(struct config_hashing, on),
		.required = true,
		.words = hash_words,
		.doc = "What the server is chosen by; a request that lacks it goes by its source address.",
	},
	{
		.key = "name",
		.kind = &schema_text,
		.offset = offsetof(struct config_hashing, name),
		.max = 255,
		.only = NAMED_HASHES,
		.doc = "Name of the header field, cookie or parameter.",
	},
	{
		.key = "bound",
		.kind = &schema_percent,
		.offset = offsetof(struct config_hashing, bound),
		.min = 10000,
		.max = 100000,
		.doc = "Most load of a server, of the mean of all; beyond it another one is taken.",
	},
	{ .key = NULL },
};

static void finish_hash(struct config_reader *r, void *object)
{
	const struct config_hashing *hash = object;

	if (hash->on >= 0 && (NAMED_HASHES >> hash->on & 1) && !hash->name)
		schema_missing(
			r, hash->at, "name",
			"give the name of the header field, cookie or parameter");
}

static const struct schema_object hash_object = {
	.name = "hash",
	.doc = "What scheduler maglev chooses a server by. A text in place of the map is on.",
	.size = sizeof(struct config_hashing),
	.fields = hash_fields,
	.scalar = "on",
	.selector = "on",
	.finish = finish_hash,
};

static const struct schema_field outlier_fields[] = {
	{
		.key = "errors",
		.kind = &schema_number,
		.offset = offsetof(struct config_outlier, errors),
		.min = 1,
		.max = 1000,
		.initial = "5",
		.doc = "Failures in a row after which a server is left out: no connection, no answer or not one of HTTP, a status of 500 or above.",
	},
	{
		.key = "latency",
		.kind = &schema_duration,
		.offset = offsetof(struct config_outlier, latency),
		.max = HOUR,
		.initial = "0",
		.doc = "An answer that takes longer is a failure, too; 0: none is.",
	},
	{
		.key = "time",
		.kind = &schema_duration,
		.offset = offsetof(struct config_outlier, time),
		.min = 100,
		.max = DAY,
		.initial = "30s",
		.doc = "For how long; twice, three times, up to ten times as long when it fails again soon after.",
	},
	{
		.key = "share-max",
		.kind = &schema_percent,
		.offset = offsetof(struct config_outlier, share_max),
		.max = 10000,
		.initial = "10%",
		.doc = "Most of the pool's servers that are left out at once, but at least one if it is not 0, and never all.",
	},
	{ .key = NULL },
};

static const struct schema_object outlier_object = {
	.name = "outlier",
	.doc = "Servers are left out for a time because of what they answer.",
	.size = sizeof(struct config_outlier),
	.fields = outlier_fields,
};

static const struct schema_word scheduler_words[] = {
	{ "rr", CONFIG_RR, CONFIG_FLOW },
	{ "wrr", CONFIG_WRR, CONFIG_FLOW },
	{ "lc", CONFIG_LC, CONFIG_FLOW },
	{ "wlc", CONFIG_WLC, CONFIG_FLOW },
	{ "p2c", CONFIG_P2C, CONFIG_PROXY },
	{ "random", CONFIG_RANDOM, CONFIG_PROXY },
	{ "maglev", CONFIG_MAGLEV, CONFIG_PROXY },
	{ .word = NULL },
};

static const struct schema_word on_down_words[] = {
	{ "keep", CONFIG_KEEP, CONFIG_FLOW },
	{ "reset", CONFIG_RESET, CONFIG_FLOW },
	{ "rebalance", CONFIG_REBALANCE, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_word on_drain_words[] = {
	{ "reset", CONFIG_RESET, CONFIG_FLOW },
	{ "rebalance", CONFIG_REBALANCE, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_word proxy_protocol_words[] = {
	{ "off", 0, CONFIG_FLOW },
	{ "v1", 1, CONFIG_PROXY },
	{ "v2", 2, CONFIG_SNIFF },
	{ .word = NULL },
};

static const struct schema_word reuse_words[] = {
	{ "never", CONFIG_REUSE_NEVER, CONFIG_FLOW },
	{ "safe", CONFIG_REUSE_SAFE, CONFIG_FLOW },
	{ "always", CONFIG_REUSE_ALWAYS, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_field pool_fields[] = {
	{
		.key = "scheduler",
		.kind = &schema_word,
		.offset = offsetof(struct config_pool, scheduler),
		.initial = "wlc",
		.words = scheduler_words,
		.doc = "How a new connection, a request in stratum proxy, is given a server.",
	},
	{
		.key = "forward",
		.kind = &schema_word,
		.offset = offsetof(struct config_pool, forward),
		.initial = "nat",
		.words = forward_words,
		.doc = "How packets reach the servers: rewritten (nat), unchanged to their link-layer address (dr), or in an IP-in-IP tunnel.",
	},
	{
		.key = "servers",
		.kind = &schema_object,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_pool, servers),
		.most = 16384,
		.object = &server_object,
		.doc = "The servers. A pool without any refuses connections.",
	},
	{
		.key = "check",
		.kind = &schema_name,
		.offset = offsetof(struct config_pool, check_name),
		.doc = "The check that sets the servers' states; without it they are as they are configured.",
	},
	{
		.key = "on-down",
		.kind = &schema_word,
		.offset = offsetof(struct config_pool, on_down),
		.initial = "keep",
		.words = on_down_words,
		.doc = "What happens to the established TCP connections of a server that goes down: they go on (keep), client and server are sent a reset, or they are forgotten, so that the client is reset with its next segment (rebalance). Requests in strata relay and proxy are cut off with both words, but for those that stratum proxy can send to another server.",
	},
	{
		.key = "drain",
		.kind = &schema_duration,
		.offset = offsetof(struct config_pool, drain),
		.max = DAY,
		.initial = "0",
		.doc = "How long a draining server keeps its connections, before on-drain holds for them; 0: until they end.",
	},
	{
		.key = "on-drain",
		.kind = &schema_word,
		.offset = offsetof(struct config_pool, on_drain),
		.initial = "reset",
		.words = on_drain_words,
		.doc = "What happens to the connections that a draining server still has when drain is over.",
	},
	{
		.key = "slow-start",
		.kind = &schema_duration,
		.offset = offsetof(struct config_pool, slow_start),
		.max = HOUR,
		.initial = "0",
		.doc = "Time in which the share of a server that is up again grows to its weight; 0: at once.",
	},
	{
		.key = "proxy-protocol",
		.kind = &schema_word,
		.offset = offsetof(struct config_pool, proxy_protocol),
		.initial = "off",
		.words = proxy_protocol_words,
		.doc = "Whether servers get a header of the PROXY protocol in front. In stratum proxy each request has a connection of its own then.",
	},
	{
		.key = "tls",
		.kind = &schema_object,
		.offset = offsetof(struct config_pool, tls),
		.stratum = CONFIG_PROXY,
		.object = &server_tls_object,
		.doc = "TLS to the servers; without it, they are spoken to in clear.",
	},
	{
		.key = "reuse",
		.kind = &schema_word,
		.offset = offsetof(struct config_pool, reuse),
		.stratum = CONFIG_PROXY,
		.initial = "safe",
		.words = reuse_words,
		.doc = "When an idle connection to a server is used for the next request, of any client: never; for requests that may be repeated (GET, HEAD, PUT, DELETE, OPTIONS, TRACE) if the server closes it just then (safe); or always, so that others are answered 502 when that happens.",
	},
	{
		.key = "queue",
		.kind = &schema_number,
		.offset = offsetof(struct config_pool, queue),
		.stratum = CONFIG_PROXY,
		.max = 1000000,
		.initial = "0",
		.doc = "Requests that may wait for any server while all that are up have connections-max; further ones are answered 503.",
	},
	{
		.key = "sticky",
		.kind = &schema_object,
		.offset = offsetof(struct config_pool, sticky),
		.stratum = CONFIG_RELAY,
		.object = &sticky_object,
		.doc = "Clients stay with their server by a cookie.",
	},
	{
		.key = "hash",
		.kind = &schema_object,
		.offset = offsetof(struct config_pool, hash),
		.stratum = CONFIG_PROXY,
		.object = &hash_object,
		.doc = "What scheduler maglev chooses a server by; without it, source.",
	},
	{
		.key = "outlier",
		.kind = &schema_object,
		.offset = offsetof(struct config_pool, outlier),
		.stratum = CONFIG_PROXY,
		.object = &outlier_object,
		.doc = "Servers are left out for a time because of what they answer.",
	},
	{ .key = NULL },
};

static void finish_pool(struct config_reader *r, void *object)
{
	struct config_pool *pool = object;

	for (size_t i = 0; i < pool->servers.count; i++)
		if (pool->servers.items[i].forward == FORWARD_POOL)
			pool->servers.items[i].forward = pool->forward;
	if (pool->hash && pool->scheduler != CONFIG_MAGLEV)
		schema_wrong_in(
			r, pool->hash->at, "hash",
			"of no use with this scheduler; give 'scheduler: maglev' or leave it out");
	if (pool->slow_start &&
	    (pool->scheduler == CONFIG_RR || pool->scheduler == CONFIG_LC))
		schema_wrong_in(
			r, pool->at, "slow-start",
			"of no use with this scheduler, which knows no weights; give 'scheduler: wrr' or 'wlc', or leave it out");
}

const struct schema_object schema_pool = {
	.name = "pool",
	.doc = "A set of servers with one scheduler.",
	.size = sizeof(struct config_pool),
	.name_offset = offsetof(struct config_pool, name),
	.need_offset = offsetof(struct config_pool, need),
	.fields = pool_fields,
	.finish = finish_pool,
};
