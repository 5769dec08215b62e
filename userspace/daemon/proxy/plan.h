/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What workers go by: the services of stratum proxy of one configuration, with all
 * that they need. Made and freed by the main thread, and not changed in between,
 * but for the loads of servers, which are atomic.
 *
 * Servers outlive plans: one that is in the next plan, too, keeps its connections,
 * its load and its number.
 */
#ifndef PROXY_PLAN_H
#define PROXY_PLAN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <netinet/in.h>
#include <pcre2.h>
#include <sys/queue.h>

#include <sluice/route_match.h>

#include "access.h"
#include "balance.h"
#include "counts.h"
#include "forward_pages.h"
#include "outlier.h"
#include "site.h"
#include "sticky.h"
#include "tls.h"

/**
 * struct plan_server - a server of a pool
 * @load: for schedulers; @load.weight is 0 where it takes no new clients
 * @state: enum sluice_server_state, atomic; a server that drains is for clients
 *	that are bound to it only
 * @at: address and port
 * @address: the same for connect()
 * @address_size: bytes of that
 * @connections_max: requests at once, of all workers; 0: any number; atomic
 * @leave: what it has is to leave it: it is down, or has drained, and its pool does
 *	not have that go on; atomic
 * @until: when it will have drained, in the main loop's time, 0: never; of the main
 *	thread
 * @queue: requests that may wait for this server alone; atomic
 * @waiting: those that do, of all workers; atomic
 * @slot: its place in the arrays of workers
 * @counts: what it has done
 * @settings: of its pool, for comparison: what connections to it are made with
 * @users: plans that it is in
 * @next: in the table of all, with the same hash
 */
struct plan_server {
	struct balance_load load;
	uint32_t state;
	struct sluice_endpoint at;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	socklen_t address_size;
	uint32_t connections_max;
	bool leave;
	uint64_t until;
	uint32_t queue;
	uint32_t waiting;
	unsigned int slot;
	struct counts_object *counts;
	uint64_t settings;
	size_t users;
	struct plan_server *next;
};

/**
 * struct plan_pool - a pool that services of the plan use
 * @config: what it comes from
 * @number: its place in the plan
 * @servers: in their order
 * @loads: theirs, for schedulers
 * @count: how many
 * @changes: goes up when weights change; atomic
 * @outlier: which of them are left out, NULL: none ever is
 * @load: what outlives the plan
 * @counts: what it has done
 * @tls: to its servers, NULL: in clear
 */
struct plan_pool {
	const struct config_pool *config;
	unsigned int number;
	struct plan_server **servers;
	struct balance_load **loads;
	size_t count;
	uint32_t changes;
	struct outlier *outlier;
	struct plan_load *load;
	struct counts_object *counts;
	struct tls_client *tls;
};

/**
 * struct plan_condition - a condition that is a regular expression
 * @what: enum sluice_route_what
 * @name: of the field, cookie or parameter
 * @regex: compiled, with JIT where there is one
 */
struct plan_condition {
	int what;
	struct sluice_text name;
	pcre2_code *regex;
};

/**
 * struct plan_claim - a condition of the client's certificate
 * @config: what it comes from
 * @what: what of the certificate
 * @regex: compiled, NULL: it is none
 */
struct plan_claim {
	const struct config_condition *config;
	enum config_claim what;
	pcre2_code *regex;
};

/**
 * struct plan_route - a route
 * @config: what it comes from
 * @number: its place in the service
 * @path: NULL: no regular expression for the path
 * @conditions: others
 * @condition_count: how many
 * @claims: what the client's certificate has to say
 * @claim_count: how many
 * @pools: by weight
 * @sums: sums of the weights up to each
 * @counts: what it has done
 */
struct plan_route {
	const struct config_route *config;
	unsigned int number;
	pcre2_code *path;
	struct plan_condition *conditions;
	size_t condition_count;
	struct plan_claim *claims;
	size_t claim_count;
	struct plan_pool **pools;
	uint64_t *sums;
	struct counts_object *counts;
};

/**
 * struct plan_load - what a service or a pool carries; outlives plans
 * @name: of the service or pool
 * @connections: of clients of a service, of all workers; atomic
 * @waiting: requests that wait for a server of a pool, of all workers; atomic
 * @waiting_any: those of them that any server will do for; atomic
 * @values: of a pool whose clients are bound by a cookie of the application; NULL:
 *	not needed so far
 * @users: plans that it is in
 * @of_proxy: entry in the list of all
 */
struct plan_load {
	char *name;
	uint32_t connections;
	uint32_t waiting;
	uint32_t waiting_any;
	struct sticky_table *values;
	size_t users;
	TAILQ_ENTRY(plan_load) of_proxy;
};

TAILQ_HEAD(plan_loads, plan_load);

/**
 * struct plan_service - a service
 * @config: what it comes from
 * @http: of @config, or its defaults
 * @number: its place in the plan
 * @index: its routes, NULL: none
 * @by_rule: which route a rule of @index is of
 * @routes: its routes
 * @pool: of what no route takes, or NULL
 * @tls: NULL: in clear
 * @load: what it carries
 * @counts: what it has done
 * @relay: it runs in stratum relay: clients are handed over, and this serves those
 *	who are not taken, or given back
 * @asks_handshake: what it is to do depends on what its clients' handshakes said
 * @pages: bodies of answers of our own
 * @log: where its access log goes, NULL: it has none
 */
struct plan_service {
	const struct config_service *config;
	const struct config_http *http;
	unsigned int number;
	struct sluice_routes *index;
	unsigned int *by_rule;
	struct plan_route *routes;
	struct plan_pool *pool;
	struct tls_server *tls;
	struct plan_load *load;
	struct counts_object *counts;
	bool relay;
	bool asks_handshake;
	struct forward_pages *pages;
	struct access_file *log;
};

/**
 * struct plan_parts - what plans share; of the main thread
 * @servers: all there are, by hash
 * @server_buckets: a power of two, or 0
 * @server_count: how many there are
 * @services: their loads
 * @pools: their loads
 * @slots: a bit for each number of a server that is taken
 * @slot_words: words of @slots
 * @tickets: for sessions of TLS
 * @files: access logs
 * @counts: what services and so on have done
 * @loop: of the main thread
 * @plan: in force, or NULL
 * @leaves: goes up when a server's @leave is set; atomic
 * @until: the earliest of all @until of servers, 0: none; of the main thread
 */
struct plan_parts {
	struct plan_server **servers;
	size_t server_buckets;
	size_t server_count;
	struct plan_loads services;
	struct plan_loads pools;
	uint64_t *slots;
	size_t slot_words;
	struct tls_tickets *tickets;
	struct access_files *files;
	struct counts_table *counts;
	struct loop *loop;
	const struct plan *plan;
	uint32_t leaves;
	uint64_t until;
};

/**
 * struct plan - the services of one configuration
 * @config: held
 * @parts: what it shares with others
 * @certificates: of the configuration
 * @services: of strata proxy and relay
 * @service_count: how many
 * @pools: that they use
 * @pool_count: how many
 * @slots: as many as workers need places for
 * @users: workers that have it; atomic
 * @of_proxy: entry in the list of those that are not in force any more
 */
struct plan {
	struct config *config;
	struct plan_parts *parts;
	struct tls_certificates *certificates;
	struct plan_service *services;
	size_t service_count;
	struct plan_pool *pools;
	size_t pool_count;
	unsigned int slots;
	uint32_t users;
	TAILQ_ENTRY(plan) of_proxy;
};

/**
 * plan_create() - make a plan of a site
 * @parts: shared
 * @site: in force soon
 * @built: bits of the strata that there are: it takes what is placed in proxy, and
 *	what in relay
 * @errors: what is wrong, with its place
 *
 * Return: for plan_free(), or NULL with errors.
 */
struct plan *plan_create(struct plan_parts *parts, const struct site *site,
			 unsigned int built, struct config_errors *errors);

/**
 * plan_settle() - servers have what the site says: limits, states and weights
 * @plan: comes into force
 * @site: that it was made of
 *
 * Servers that other plans have, too, are as they were until then.
 */
void plan_settle(struct plan *plan, const struct site *site);

/**
 * plan_free() - the end of a plan that no worker has
 * @plan: or NULL
 */
void plan_free(struct plan *plan);

/**
 * plan_refresh() - take over states and weights of the site's servers
 * @plan: in force
 * @site: that it was made of
 *
 * Return: whether the site has servers that the plan does not have, or the other
 * way round: then another plan is needed.
 */
bool plan_refresh(struct plan *plan, const struct site *site);

/**
 * plan_expire() - servers may have drained
 * @plan: in force
 *
 * &plan_parts.until is that of the next one afterwards.
 */
void plan_expire(struct plan *plan);

/**
 * plan_service_lookup() - find a service by its name
 * @plan: where
 * @name: of the service
 *
 * Return: the service, or NULL.
 */
const struct plan_service *plan_service_lookup(const struct plan *plan,
					       const char *name);

/* plan_route.c: routes of one service. Return: false with errors. */
bool plan_routes_init(struct plan *plan, struct plan_service *service,
		      struct config_errors *errors);
void plan_routes_exit(struct plan_service *service);
struct plan_pool *plan_pool_of(const struct plan *plan,
			       const struct config_pool *config);

/* plan_server.c: servers of one pool. */
bool plan_servers_init(struct plan *plan, struct plan_pool *pool,
		       const struct site_pool *from,
		       struct config_errors *errors);
void plan_servers_exit(struct plan *plan, struct plan_pool *pool);
/* How many of a pool take new clients has changed. */
void plan_pool_count(struct plan_pool *pool);
void plan_servers_settle(struct plan *plan, struct plan_pool *pool,
			 const struct site_pool *from);
bool plan_servers_refresh(struct plan *plan, struct plan_pool *pool,
			  struct site_pool *from);
/* Those that have drained by now are left. */
void plan_servers_expire(struct plan *plan, struct plan_pool *pool);
/* The server of a pool at an address, of any plan, or NULL. */
const struct plan_server *plan_server_lookup(const struct plan_parts *parts,
					     const struct config_pool *pool,
					     const struct sluice_endpoint *at);
/* Workers that have the plan look at weights anew. */
void plan_pool_changed(struct plan_pool *pool);

static inline uint32_t plan_server_state(const struct plan_server *server)
{
	return __atomic_load_n(&server->state, __ATOMIC_RELAXED);
}

#endif /* PROXY_PLAN_H */
