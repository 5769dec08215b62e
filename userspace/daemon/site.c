// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "site.h"
#include "site_parts.h"

struct site_pool *site_pool_lookup(const struct site *site, const char *name)
{
	const struct config_pool *config =
		config_pool_lookup(site->config, name);

	return config ? &site->pools[config - site->config->pools.items] : NULL;
}

const char *site_pool_name(char to[SLUICE_NAME_LEN + 1],
			   const struct config_pool *pool, sa_family_t family)
{
	snprintf(to, SLUICE_NAME_LEN + 1, "%.*s%s",
		 SLUICE_NAME_LEN - (int)strlen(CONFIG_POOL_IPV6), pool->name,
		 family == AF_INET ? "" : CONFIG_POOL_IPV6);
	return to;
}

/* A pool that a service asks for: the kernel has it in the families of addresses. */
static void ask_for(struct site *site, const struct config_service *service,
		    const struct config_pool *pool, int stratum)
{
	struct site_pool *asked;

	if (!pool)
		return;
	asked = &site->pools[pool - site->config->pools.items];
	/* What relay gives back is proxied. */
	if (stratum >= CONFIG_RELAY)
		asked->proxied = true;
	if (stratum == CONFIG_PROXY)
		return;
	for (size_t i = 0; i < service->addresses.count; i++) {
		const struct sluice_endpoint *at = &service->addresses.items[i];

		asked->families |= site_family(at->address.family);
		if (!asked->port)
			asked->port = at->port;
		else if (asked->port != at->port)
			asked->port = SITE_PORTS;
	}
}

static void ask_for_pools(struct site *site)
{
	for (size_t i = 0; i < site->config->services.count; i++) {
		const struct config_service *service =
			&site->config->services.items[i];
		struct place place;

		place_service(service, site->built, &place);
		ask_for(site, service, service->pool, place.stratum);
		for (size_t j = 0; j < service->routes.count; j++) {
			const struct config_route *route =
				&service->routes.items[j];
			bool is_returned = place.stratum == CONFIG_RELAY &&
					   place_is_returned(service, route);

			for (size_t k = 0; k < route->pools.count; k++)
				ask_for(site, service,
					route->pools.items[k].pool,
					is_returned ? CONFIG_PROXY :
						      place.stratum);
		}
	}
}

void site_refuse_family(const struct config_pool *pool, struct config_place at,
			struct config_errors *errors)
{
	config_error_add(
		errors, at,
		"pools.%s.servers: not of the family of 'source' of check %s; give it a check of its own",
		pool->name, pool->check_name);
}

static bool cannot_add(const struct site_pool *pool, struct config_place at,
		       struct config_errors *errors)
{
	if (errno == EAFNOSUPPORT)
		site_refuse_family(pool->config, at, errors);
	else
		config_error_add(errors, at, "pools.%s: %s", pool->config->name,
				 strerror(errno));
	return false;
}

static bool add_server(struct site_pool *pool,
		       const struct config_server *config,
		       struct config_errors *errors)
{
	struct sluice_endpoint at = { .address = config->target.address,
				      .port = config->target.port };

	return site_is_removed(pool, &at) ||
	       site_server_add(pool, config, &at) ||
	       cannot_add(pool, config->at, errors);
}

static bool fill_pool(struct site_pool *pool, struct config_errors *errors)
{
	const struct config_servers *servers = &pool->config->servers;
	bool right = true;
	size_t names = 0;

	for (size_t i = 0; i < servers->count; i++)
		names += !!servers->items[i].target.name;
	pool->names = calloc(names + 1, sizeof(*pool->names));
	if (!pool->names) {
		config_error_add(errors, pool->config->at, "out of memory");
		return false;
	}
	/* Addresses first: a name that leads to one of them adds nothing. */
	for (size_t i = 0; right && i < servers->count; i++)
		if (!servers->items[i].target.name)
			right = add_server(pool, &servers->items[i], errors);
	for (size_t i = 0; right && i < servers->count; i++)
		if (servers->items[i].target.name)
			right = site_name_add(pool, &servers->items[i], errors);
	return right;
}

static bool fill_pools(struct site *site, struct config_errors *errors)
{
	bool right = true;

	for (size_t i = 0; right && i < site->pool_count; i++)
		right = fill_pool(&site->pools[i], errors);
	return right;
}

/* Where the configuration has the server by now, that is what holds. */
static bool add_changes(struct site *site, struct config_errors *errors)
{
	const struct changes *changes = site->host->changes;
	const struct change *change = NULL;

	while ((change = changes_each(changes, change))) {
		struct site_pool *pool = site_pool_lookup(site, change->pool);

		if (!change->added || !pool ||
		    site_server_lookup(pool, &change->at))
			continue;
		if (!site_server_add(pool, NULL, &change->at))
			return cannot_add(pool, pool->config->at, errors);
	}
	return true;
}

/*
 * What drains, since its name does not have it any more, goes on draining. What may be
 * of a name that is new, and is not known yet, stays until it is.
 */
static bool is_kept(const struct site_server *server,
		    const struct site_pool *pool)
{
	bool of_name = server->adopted ||
		       (server->config && server->config->target.name);

	if (site_server_lookup(pool, &server->at) ||
	    site_is_removed(pool, &server->at))
		return false;
	return server->gone || (of_name && !site_names_known(pool));
}

static bool keep_server(struct site_pool *pool,
			const struct site_server *server)
{
	struct site_server *kept = site_server_add(pool, NULL, &server->at);

	if (!kept)
		return false;
	kept->told = server->told;
	if (server->gone)
		site_gone_begin(kept, server->gone_since);
	else
		kept->adopted = true;
	return true;
}

static bool keep_servers(struct site *site, struct config_errors *errors)
{
	const struct site *before = site->before;

	for (size_t i = 0; before && i < before->pool_count; i++) {
		const struct site_pool *old = &before->pools[i];
		struct site_pool *pool =
			site_pool_lookup(site, old->config->name);
		const struct site_server *server;

		if (!pool)
			continue;
		TAILQ_FOREACH(server, &old->servers, of_pool)
		if (is_kept(server, pool) && !keep_server(pool, server))
			return cannot_add(pool, pool->config->at, errors);
	}
	return true;
}

static struct site *alloc(struct site_host *host, struct config *config)
{
	struct site *site = calloc(1, sizeof(*site));

	if (!site)
		return NULL;
	site->host = host;
	site->built = host->built;
	site->config = config;
	TAILQ_INIT(&site->pending);
	TAILQ_INIT(&site->slow);
	site_pending_init(site);
	site->pools = calloc(config->pools.count + 1, sizeof(*site->pools));
	if (!site->pools) {
		free(site);
		return NULL;
	}
	site->pool_count = config->pools.count;
	for (size_t i = 0; i < site->pool_count; i++) {
		struct site_pool *pool = &site->pools[i];

		pool->site = site;
		pool->config = &config->pools.items[i];
		TAILQ_INIT(&pool->servers);
	}
	return site;
}

static bool make_checks(struct site *site, struct config_errors *errors)
{
	const struct site *before = site->before;

	if (!checks_init(&site->checks, site->host->engine, site->config,
			 before ? &before->checks : NULL, errors))
		return false;
	for (size_t i = 0; i < site->pool_count; i++)
		site->pools[i].check =
			checks_lookup(&site->checks, site->config,
				      site->pools[i].config->check);
	return true;
}

struct site *site_create(struct site_host *host, struct config *config,
			 const struct site *before,
			 struct config_errors *errors)
{
	struct site *site = alloc(host, config);

	if (!site) {
		config_error_add(errors, config->at, "out of memory");
		config_free(config);
		return NULL;
	}
	site->before = before;
	ask_for_pools(site);
	if (!make_checks(site, errors) || !fill_pools(site, errors) ||
	    !add_changes(site, errors) || !keep_servers(site, errors)) {
		site_free(site);
		return NULL;
	}
	for (size_t i = 0; i < site->pool_count; i++)
		site_pool_weigh(&site->pools[i]);
	site->before = NULL;
	return site;
}

static void free_pool(struct site_pool *pool)
{
	struct site_server *server;

	for (size_t i = 0; i < pool->name_count; i++)
		site_name_del(&pool->names[i]);
	free(pool->names);
	while ((server = TAILQ_FIRST(&pool->servers))) {
		TAILQ_REMOVE(&pool->servers, server, of_pool);
		site_server_free(server);
	}
}

void site_free(struct site *site)
{
	struct site_server *server;

	if (!site)
		return;
	/* Those that are in no pool any more wait here for the kernel. */
	while ((server = TAILQ_FIRST(&site->pending))) {
		TAILQ_REMOVE(&site->pending, server, of_pending);
		if (server->pending == SITE_DELETE)
			site_server_free(server);
		else
			server->pending = SITE_NOTHING;
	}
	for (size_t i = 0; i < site->pool_count; i++)
		free_pool(&site->pools[i]);
	loop_task_del(site->host->loop, &site->flush);
	loop_timer_del(site->host->loop, &site->slow_timer);
	loop_timer_del(site->host->loop, &site->gone_timer);
	checks_exit(&site->checks);
	config_free(site->config);
	free(site->buckets);
	free(site->pools);
	free(site);
}

void site_start(struct site *site)
{
	struct site_server *server;

	site->live = true;
	for (size_t i = 0; i < site->pool_count; i++)
		TAILQ_FOREACH(server, &site->pools[i].servers, of_pool)
	site_server_touch(server);
}
