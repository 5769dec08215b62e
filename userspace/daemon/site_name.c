// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Servers of a site that are given by name. An address that a name has no more
 * drains, so that connections to it end by themselves.
 */
#include <string.h>

#include "config/address.h"
#include "log.h"
#include "site_parts.h"

#define GONE_STEP_MS 5000
#define NS_PER_MS 1000000U

/* Without an answer, nothing is known; after one, the last holds. */
static bool is_answer(const struct resolver_answer *answer)
{
	return answer && (answer->count || !answer->problem);
}

bool site_names_known(const struct site_pool *pool)
{
	for (size_t i = 0; i < pool->name_count; i++)
		if (!pool->names[i].watched ||
		    !is_answer(resolver_watch_answer(&pool->names[i].watch)))
			return false;
	return true;
}

/*
 * Whoever answers for a name may say anything. What the kernel refuses would keep it
 * from taking all else that it is told.
 */
static const char *find_fault(const struct site_name *name,
			      const struct sluice_endpoint *at)
{
	const struct site_pool *pool = name->pool;
	const char *fault = config_address_fault(&at->address);

	if (!fault && pool->families & site_family(at->address.family))
		fault = config_address_local(&at->address);
	if (!fault && !at->port)
		fault = "it has no port";
	/* As in a file; packets would go to another port than checks. */
	if (!fault && name->config->forward != SLUICE_FORWARD_NAT &&
	    pool->port && at->port != pool->port)
		fault = "its port is not that of the service, which forward dr and tunnel keep";
	return fault;
}

/* An address is of the first name that has it. */
static void take(const struct site_name *name,
		 const struct resolver_address *address)
{
	struct site_pool *pool = name->pool;
	struct site_server *server = site_server_lookup(pool, &address->at);
	const char *fault = find_fault(name, &address->at);
	char at[SLUICE_ENDPOINT_TEXT];
	const struct log_field about[] = {
		{ "pool", pool->config->name },
		{ "name", name->config->target.name },
		{ "server",
		  sluice_endpoint_print(at, sizeof(at), &address->at) },
		{ NULL, NULL },
	};

	if (server && server->config && server->config != name->config &&
	    !server->gone)
		return;
	if (!server && site_is_removed(pool, &address->at))
		return;
	if (!server && fault) {
		log_warning(about, "an address of a name is left out: %s",
			    fault);
		return;
	}
	if (!server) {
		server = site_server_add(pool, name->config, &address->at);
		if (!server) {
			log_error(about, "cannot add a server: %m");
			return;
		}
		if (pool->site->live)
			log_info(about, "a name has a new address");
	}
	server->config = name->config;
	server->gone = false;
	server->adopted = false;
	server->name_weight = address->weight;
	site_server_touch(server);
}

static const struct resolver_address *find(const struct resolver_answer *answer,
					   const struct sluice_endpoint *at)
{
	/* Sorted, but few. */
	for (size_t i = 0; i < answer->count; i++)
		if (sluice_endpoint_compare(&answer->addresses[i].at, at) == 0)
			return &answer->addresses[i];
	return NULL;
}

bool site_pool_expects(const struct site_pool *pool,
		       const struct sluice_endpoint *at)
{
	const struct config_servers *servers = &pool->config->servers;
	const struct resolver_answer *answer;

	for (size_t i = 0; i < servers->count; i++) {
		const struct config_target *target = &servers->items[i].target;
		const struct sluice_endpoint there = {
			.address = target->address, .port = target->port
		};

		if (!target->name && sluice_endpoint_compare(&there, at) == 0)
			return true;
	}
	for (size_t i = 0; i < pool->name_count; i++) {
		answer = resolver_watch_answer(&pool->names[i].watch);
		if (answer && find(answer, at))
			return true;
	}
	return false;
}

/* Whether all of its connections have ended, or its time is up. */
static bool has_drained(const struct site_server *server)
{
	struct site_host *host = server->pool->site->host;
	uint64_t drain = server->pool->config->drain;

	return (drain && loop_now(host->loop) - server->gone_since >=
				 drain * NS_PER_MS) ||
	       host->is_idle(host, server);
}

static void gone_step(struct wheel_timer *timer)
{
	struct site *site = loop_owner(timer, struct site, gone_timer);
	bool any = false;

	for (size_t i = 0; i < site->pool_count; i++) {
		struct site_server *server =
			TAILQ_FIRST(&site->pools[i].servers);
		struct site_server *next;

		for (; server; server = next) {
			next = TAILQ_NEXT(server, of_pool);
			if (server->gone && site->live && has_drained(server))
				site_server_del(server);
			else
				any = any || server->gone;
		}
	}
	if (any)
		loop_timer_set(site->host->loop, timer, GONE_STEP_MS);
}

void site_gone_begin(struct site_server *server, uint64_t since)
{
	struct site *site = server->pool->site;

	server->gone = true;
	server->gone_since = since;
	if (!server->draining_since)
		server->draining_since = since;
	site->gone_timer.expire = gone_step;
	loop_timer_set(site->host->loop, &site->gone_timer, GONE_STEP_MS);
}

static void leave(struct site_server *server)
{
	const struct change *change =
		changes_find(server->pool->site->host->changes,
			     server->pool->config->name, &server->at);
	char at[SLUICE_ENDPOINT_TEXT];
	const struct log_field about[] = {
		{ "pool", server->pool->config->name },
		{ "server",
		  sluice_endpoint_print(at, sizeof(at), &server->at) },
		{ NULL, NULL },
	};

	if (server->gone)
		return;
	server->adopted = false;
	/* What was added at run time was there before the name had it. */
	if (change && change->added) {
		server->config = NULL;
		server->name_weight = 0;
		site_server_touch(server);
		return;
	}
	log_info(about, "no name has this address any more: it drains");
	site_gone_begin(server, loop_now(server->pool->site->host->loop));
	site_server_touch(server);
}

/* Another name of the pool may have the address, too, and was passed over until now. */
static bool pass_on(const struct site_name *from, struct site_server *server)
{
	const struct site_pool *pool = from->pool;

	for (size_t i = 0; i < pool->name_count; i++) {
		const struct site_name *name = &pool->names[i];
		const struct resolver_answer *answer =
			name != from && name->watched ?
				resolver_watch_answer(&name->watch) :
				NULL;
		const struct resolver_address *address =
			answer ? find(answer, &server->at) : NULL;

		if (!address)
			continue;
		server->config = NULL;
		take(name, address);
		return true;
	}
	return false;
}

static void use(const struct site_name *name,
		const struct resolver_answer *answer)
{
	struct site_pool *pool = name->pool;
	bool known = site_names_known(pool);
	struct site_server *server;

	for (size_t i = 0; i < answer->count; i++)
		take(name, &answer->addresses[i]);
	TAILQ_FOREACH(server, &pool->servers, of_pool)
	if (server->config == name->config && !find(answer, &server->at)) {
		if (!pass_on(name, server))
			leave(server);
	} else if (server->adopted && known) {
		leave(server);
	}
	site_pool_weigh(pool);
}

static void changed(struct resolver_watch *watch,
		    const struct resolver_answer *answer)
{
	struct site_name *name = loop_owner(watch, struct site_name, watch);
	const struct log_field about[] = {
		{ "pool", name->pool->config->name },
		{ "name", name->config->target.name },
		{ NULL, NULL },
	};

	if (answer->problem)
		log_warning(about, "cannot look up a name: %s",
			    answer->problem);
	/* With a problem, too: that may be of a part of it. */
	if (is_answer(answer))
		use(name, answer);
}

bool site_name_add(struct site_pool *pool, const struct config_server *config,
		   struct config_errors *errors)
{
	struct site_name *name = &pool->names[pool->name_count++];
	const struct resolver_answer *answer;
	int err;

	name->pool = pool;
	name->config = config;
	name->watch.changed = changed;
	err = resolver_watch_add(pool->site->host->resolver, &name->watch,
				 config->target.name, config->resolve,
				 config->target.port);
	if (err) {
		config_error_add(errors, config->at,
				 "pools.%s.servers: '%s': %s",
				 pool->config->name, config->target.name,
				 strerror(-err));
		return false;
	}
	name->watched = true;
	answer = resolver_watch_answer(&name->watch);
	if (is_answer(answer))
		use(name, answer);
	return true;
}

void site_name_del(struct site_name *name)
{
	if (name->watched)
		resolver_watch_del(&name->watch);
}
