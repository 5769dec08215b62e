/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration in force: its checks, and the servers that its pools have by
 * now, with what is known of them. The kernel is told of each change at the end
 * of the turn in which it came.
 *
 * At a reload the next site is made beside the one before, takes over what is
 * known, and is either put in its place or freed: until then nothing changes.
 */
#ifndef DAEMON_SITE_H
#define DAEMON_SITE_H

#include <sys/queue.h>

#include "changes.h"
#include "checks.h"
#include "loop.h"
#include "resolver.h"

struct site;
struct site_pool;

/**
 * struct site_health - what a check has found out about a server
 * @state: up, down, or unknown before the first result
 * @since: when @state came about, in seconds since 1970; 0: not yet
 * @reason: of the last result, one line
 * @duration_us: of the last check
 * @days_left: until its certificate expires, CHECK_NO_DAYS
 * @weight_percent: what an agent wants, CHECK_NO_WEIGHT
 * @advice: what an agent wants apart from that
 */
struct site_health {
	enum check_state state;
	time_t since;
	char *reason;
	uint64_t duration_us;
	int days_left;
	int weight_percent;
	enum check_advice advice;
};

/* What the kernel has to be told about a server. */
enum site_pending {
	SITE_NOTHING,
	SITE_ADD,
	SITE_SET,
	SITE_DELETE,
};

/**
 * struct site_server - a server of a pool, by address
 * @pool: its pool
 * @of_pool: entry in its list
 * @next: in the site's table, with the same hash
 * @config: what it comes from; NULL: added at run time, or not known any more
 * @at: address and port
 * @name_weight: of its SRV record, 0: none
 * @gone: its name does not have this address any more
 * @gone_since: since when, in the loop's time
 * @adopted: the kernel had it when the daemon was started, and whether a name has
 *	its address is not known yet
 * @watch: its check, where the pool has one
 * @health: of that check
 * @slow_since: when slow start began, in the loop's time; 0: it has its full share
 * @of_slow: entry in the site's list, while it has not
 * @draining_since: since when it drains, in the loop's time; 0: it does not
 * @told: what the kernel was told last
 * @told_until: until when it drains, as the kernel was told
 * @pending: what it has to be told
 * @of_pending: entry in the site's list, while @pending is something
 * @touched: something of it has changed that stratum proxy does not know
 */
struct site_server {
	struct site_pool *pool;
	TAILQ_ENTRY(site_server) of_pool;
	struct site_server *next;
	const struct config_server *config;
	struct sluice_endpoint at;
	uint32_t name_weight;
	bool gone;
	uint64_t gone_since;
	bool adopted;
	struct check_watch watch;
	struct site_health health;
	uint64_t slow_since;
	TAILQ_ENTRY(site_server) of_slow;
	uint64_t draining_since;
	struct sluice_server told;
	uint64_t told_until;
	enum site_pending pending;
	TAILQ_ENTRY(site_server) of_pending;
	bool touched;
};

TAILQ_HEAD(site_servers, site_server);

/**
 * struct site_name - a server of the configuration that is looked up
 * @watch: of the resolver
 * @pool: where its servers go
 * @config: what it comes from
 * @watched: the resolver knows it
 */
struct site_name {
	struct resolver_watch watch;
	struct site_pool *pool;
	const struct config_server *config;
	bool watched;
};

/* No port is this one. */
#define SITE_PORTS 65536

/**
 * struct site_pool - a pool
 * @site: where
 * @config: what it comes from
 * @check: of its servers, or NULL
 * @families: bits by family (site_family()) in which services ask for it
 * @port: of the services that ask for it there: what forward dr and tunnel keep;
 *	0: of none, SITE_PORTS: they have several
 * @proxied: services of stratum proxy ask for it, or of relay, which may give clients
 *	back
 * @heaviest: largest weight that a server of it is to have, before it is made to fit
 * @servers: in their order
 * @count: how many
 * @touched: some of @servers are, or others are in it than there were
 * @names: those of @config that are looked up
 * @name_count: how many
 */
struct site_pool {
	struct site *site;
	const struct config_pool *config;
	struct check *check;
	unsigned int families;
	unsigned int port;
	bool proxied;
	uint64_t heaviest;
	struct site_servers servers;
	size_t count;
	bool touched;
	struct site_name *names;
	size_t name_count;
};

/**
 * struct site_host - what a site lives in
 * @loop: of this thread
 * @engine: runs checks
 * @resolver: looks names up
 * @changes: made at run time
 * @built: bits of the strata that there are now, and PLACE_KTLS
 * @flush: servers have changed: tells the kernel what is pending in @site; called at
 *	the end of a turn
 * @is_idle: whether nobody has connections to a server
 */
struct site_host {
	struct loop *loop;
	struct check_engine *engine;
	struct resolver *resolver;
	struct changes *changes;
	unsigned int built;
	void (*flush)(struct site_host *host, struct site *site);
	bool (*is_idle)(struct site_host *host,
			const struct site_server *server);
};

/**
 * struct site - a configuration in force
 * @host: what it lives in
 * @config: held
 * @built: what of the strata there was when it was made: its services are placed so
 *	as long as it lives
 * @checks: of it
 * @pools: in the order of the configuration
 * @pool_count: how many
 * @buckets: servers by pool and address
 * @bucket_count: a power of two
 * @server_count: of all pools
 * @live: the kernel has it, and is told what changes
 * @pending: servers it has to be told of
 * @flush: tells it
 * @slow: servers in slow start
 * @slow_timer: their next step
 * @gone_timer: looks for servers that are gone and have drained
 * @before: what it is to replace, while it is made
 */
struct site {
	struct site_host *host;
	struct config *config;
	unsigned int built;
	struct checks checks;
	struct site_pool *pools;
	size_t pool_count;
	struct site_server **buckets;
	size_t bucket_count;
	size_t server_count;
	bool live;
	struct site_servers pending;
	struct loop_task flush;
	struct site_servers slow;
	struct wheel_timer slow_timer;
	struct wheel_timer gone_timer;
	const struct site *before;
};

/**
 * site_create() - make a site of a configuration
 * @host: what it lives in
 * @config: without errors; belongs to the site now, also on failure
 * @before: the site that it is to replace, or NULL
 * @errors: what is wrong
 *
 * Return: the site, which does nothing to the kernel yet, or NULL.
 */
struct site *site_create(struct site_host *host, struct config *config,
			 const struct site *before,
			 struct config_errors *errors);

/**
 * site_free() - the end of a site; the kernel stays as it is
 * @site: the site, or NULL
 */
void site_free(struct site *site);

/**
 * site_start() - the kernel has been told all of it: tell it what changes
 * @site: the site
 */
void site_start(struct site *site);

/**
 * site_pool_lookup() - find a pool
 * @site: where
 * @name: its name
 *
 * Return: the pool or NULL.
 */
struct site_pool *site_pool_lookup(const struct site *site, const char *name);

/**
 * site_server_lookup() - find a server
 * @pool: its pool
 * @at: its address and port
 *
 * Return: the server or NULL.
 */
struct site_server *site_server_lookup(const struct site_pool *pool,
				       const struct sluice_endpoint *at);

/**
 * site_pool_expects() - whether a pool has a server without any change at run time
 * @pool: the pool
 * @at: address and port
 *
 * Return: whether the configuration has it, by its address or by a name.
 */
bool site_pool_expects(const struct site_pool *pool,
		       const struct sluice_endpoint *at);

/**
 * site_server_add() - give a pool a server
 * @pool: the pool
 * @config: what it comes from, NULL: a change at run time
 * @at: address and port, which it has no server at
 *
 * Return: the server, checked from now on, or NULL with errno.
 */
struct site_server *site_server_add(struct site_pool *pool,
				    const struct config_server *config,
				    const struct sluice_endpoint *at);

/**
 * site_server_del() - take a server out of its pool
 * @server: freed when the kernel has been told
 */
void site_server_del(struct site_server *server);

/**
 * site_server_touch() - something that the kernel may have to be told has changed
 * @server: the server
 */
void site_server_touch(struct site_server *server);

/**
 * site_pool_weigh() - weights that servers are to have may have changed
 * @pool: their pool; what the kernel has to be told of other servers for that is
 *	pending then
 */
void site_pool_weigh(struct site_pool *pool);

/**
 * site_pool_scale() - what weights of a pool are multiplied by for the kernel
 * @pool: the pool
 *
 * Return: the number, rounded down: 0 where they are divided.
 */
uint32_t site_pool_scale(const struct site_pool *pool);

/**
 * site_server_wanted() - what the kernel should have
 * @server: the server
 * @to: filled in, with the name of the pool in the kernel; may be @server->told
 */
void site_server_wanted(const struct site_server *server,
			struct sluice_server *to);

/**
 * site_server_told() - the kernel has what it should have of a server
 * @server: the server
 */
void site_server_told(struct site_server *server);

/**
 * site_server_settled() - the kernel has been told
 * @server: freed if it was to be deleted
 */
void site_server_settled(struct site_server *server);

/**
 * site_adopt() - take over a server that the kernel has
 * @site: one that has not started
 * @server: as the kernel has it
 *
 * One that its check found down before the daemon was started stays down until the
 * check says otherwise. One that may be of a name that is not looked up yet stays.
 */
void site_adopt(struct site *site, const struct sluice_server *server);

/**
 * site_server_why() - why a server is not up
 * @server: the server
 *
 * Return: one line, or NULL where it is up.
 */
const char *site_server_why(const struct site_server *server);

/**
 * site_refuse_family() - say that a server cannot be checked from where its check says
 * @pool: its pool, with a check
 * @at: of the server
 * @errors: gets it
 */
void site_refuse_family(const struct config_pool *pool, struct config_place at,
			struct config_errors *errors);

/**
 * site_pool_name() - the name of a pool in the kernel, which has one for each family
 * @to: where it is written
 * @pool: of the configuration
 * @family: AF_INET or AF_INET6
 *
 * Return: @to.
 */
const char *site_pool_name(char to[SLUICE_NAME_LEN + 1],
			   const struct config_pool *pool, sa_family_t family);

/* The bit of a family in &site_pool.families. */
static inline unsigned int site_family(sa_family_t family)
{
	return family == AF_INET ? 1 : 2;
}

#endif /* DAEMON_SITE_H */
