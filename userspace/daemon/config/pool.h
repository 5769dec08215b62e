/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks, pools and servers of a configuration. See config.h. */
#ifndef CONFIG_POOL_H
#define CONFIG_POOL_H

#include "common.h"

/*
 * In the kernel a pool has one family: with servers of both it becomes two, of which
 * the one of IPv6 has this behind its name.
 */
#define CONFIG_POOL_IPV6 "@ipv6"

/* What happens to the connections of a server that goes down. */
enum config_on_down {
	CONFIG_KEEP,
	CONFIG_RESET,
	CONFIG_REBALANCE,
};

/* Which records a server's name is looked up as. */
enum config_resolve {
	CONFIG_RESOLVE_A,
	CONFIG_RESOLVE_AAAA,
	CONFIG_RESOLVE_SRV,
};

enum config_scheduler {
	CONFIG_RR,
	CONFIG_WRR,
	CONFIG_LC,
	CONFIG_WLC,
	CONFIG_P2C,
	CONFIG_RANDOM,
	CONFIG_MAGLEV,
};

/* What a hash is made of. */
enum config_hash {
	CONFIG_HASH_SOURCE,
	CONFIG_HASH_URI,
	CONFIG_HASH_HEADER,
	CONFIG_HASH_COOKIE,
	CONFIG_HASH_QUERY,
};

enum config_sticky {
	CONFIG_STICKY_INSERT,
	CONFIG_STICKY_APPLICATION,
};

/* When a connection to a server is used for another request. */
enum config_reuse {
	CONFIG_REUSE_NEVER,
	CONFIG_REUSE_SAFE,
	CONFIG_REUSE_ALWAYS,
};

/**
 * struct config_check - a check
 * @at: place
 * @spec: what to do
 * @command: program and arguments as they were given
 */
struct config_check {
	struct config_place at;
	struct check_spec spec;
	struct config_texts command;
};

/**
 * struct config_target - where a server is
 * @name: name to look up; NULL: @address is known
 * @address: the address
 * @port: 0 where the name's SRV record says it
 */
struct config_target {
	char *name;
	struct sluice_address address;
	uint16_t port;
};

/**
 * struct config_server - a server of a pool
 * @at: place
 * @target: where it is
 * @resolve: enum config_resolve, for a name
 * @weight: share of new connections
 * @state: enum sluice_server_state
 * @forward: enum sluice_forward
 * @connections_max: most at once, 0: any number
 * @queue: requests that may wait for this server alone, 0: none
 */
struct config_server {
	struct config_place at;
	struct config_target target;
	int resolve;
	uint32_t weight;
	int state;
	int forward;
	uint32_t connections_max;
	uint32_t queue;
};

/**
 * struct config_server_tls - TLS to the servers of a pool
 * @at: place
 * @verify: their certificates have to be right
 * @ca: who may have signed them, NULL: the system's list
 * @sni: server name, NULL: the host of the request
 * @certificate: name of our own, NULL: none
 */
struct config_server_tls {
	struct config_place at;
	bool verify;
	char *ca;
	char *sni;
	char *certificate;
};

/**
 * struct config_sticky_cookie - clients stay with their server by a cookie
 * @at: place
 * @cookie: its name
 * @mode: enum config_sticky
 */
struct config_sticky_cookie {
	struct config_place at;
	char *cookie;
	int mode;
};

/**
 * struct config_hashing - what scheduler maglev spreads by
 * @at: place
 * @on: enum config_hash
 * @name: of the header field, cookie or parameter
 * @bound: most load of a server in hundredths of a percent of the mean, 0: any
 */
struct config_hashing {
	struct config_place at;
	int on;
	char *name;
	uint32_t bound;
};

/**
 * struct config_outlier - servers left out because of what they answer
 * @at: place
 * @errors: failures in a row
 * @latency: answers that take longer are failures, 0: none are
 * @time: for how long
 * @share_max: most servers out at once, hundredths of a percent
 */
struct config_outlier {
	struct config_place at;
	uint32_t errors;
	uint32_t latency;
	uint32_t time;
	uint32_t share_max;
};

struct config_servers {
	struct config_server *items;
	size_t count;
};

/**
 * struct config_pool - a pool
 * @at: place
 * @name: its key
 * @need: what not every stratum can do
 * @scheduler: enum config_scheduler
 * @forward: enum sluice_forward of servers that give none
 * @servers: its servers
 * @check_name: the check of its servers, NULL: none
 * @check: that check
 * @on_down: enum config_on_down
 * @drain: how long a server may drain, 0: as long as its connections last
 * @on_drain: enum config_on_down, of what it has left then
 * @slow_start: time in which a server that is up again gets its full share
 * @proxy_protocol: version that servers get in front, 0: none
 * @tls: TLS to the servers, NULL: none
 * @reuse: enum config_reuse
 * @queue: requests that may wait for a server, 0: none
 * @sticky: NULL: none
 * @hash: NULL: none
 * @outlier: NULL: none
 */
struct config_pool {
	struct config_place at;
	char *name;
	struct config_need need;
	int scheduler;
	int forward;
	struct config_servers servers;
	char *check_name;
	const struct config_check *check;
	int on_down;
	uint32_t drain;
	int on_drain;
	uint32_t slow_start;
	int proxy_protocol;
	struct config_server_tls *tls;
	int reuse;
	uint32_t queue;
	struct config_sticky_cookie *sticky;
	struct config_hashing *hash;
	struct config_outlier *outlier;
};

struct config_checks {
	struct config_check *items;
	size_t count;
};

struct config_pools {
	struct config_pool *items;
	size_t count;
};

#endif /* CONFIG_POOL_H */
