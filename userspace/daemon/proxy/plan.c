// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "config/node.h"
#include "place.h"
#include "plan.h"

struct plan_pool *plan_pool_of(const struct plan *plan,
			       const struct config_pool *config)
{
	for (size_t i = 0; i < plan->pool_count; i++)
		if (plan->pools[i].config == config)
			return &plan->pools[i];
	return NULL;
}

const struct plan_service *plan_service_lookup(const struct plan *plan,
					       const char *name)
{
	for (size_t i = 0; i < plan->service_count; i++)
		if (strcmp(plan->services[i].config->name, name) == 0)
			return &plan->services[i];
	return NULL;
}

/* Values of cookies that are known of one pool: 5 MB. */
#define VALUES_MAX 100000

static struct plan_load *load_get(struct plan_loads *loads, const char *name)
{
	struct plan_load *load;

	TAILQ_FOREACH(load, loads, of_proxy)
	if (strcmp(load->name, name) == 0)
		break;
	if (!load) {
		load = calloc(1, sizeof(*load));
		if (load)
			load->name = strdup(name);
		if (!load || !load->name) {
			free(load);
			return NULL;
		}
		TAILQ_INSERT_TAIL(loads, load, of_proxy);
	}
	load->users++;
	return load;
}

static void load_put(struct plan_loads *loads, struct plan_load *load)
{
	if (!load || --load->users)
		return;
	TAILQ_REMOVE(loads, load, of_proxy);
	sticky_table_free(load->values);
	free(load->name);
	free(load);
}

/* What the pool of the plan in force knows of servers. Return: false: no memory. */
static bool inherit(const struct plan *plan, const struct plan_pool *pool)
{
	const struct plan *before = plan->parts->plan;
	uint64_t now = loop_now(plan->parts->loop);
	const struct plan_pool *old = NULL;
	size_t *places;

	for (size_t i = 0; before && i < before->pool_count; i++)
		if (strcmp(before->pools[i].config->name, pool->config->name) ==
		    0)
			old = &before->pools[i];
	if (!old || !old->outlier)
		return true;
	/* One more than its place in the old pool. */
	places = calloc(before->slots + 1, sizeof(*places));
	if (!places)
		return false;
	for (size_t i = 0; i < old->count; i++)
		places[old->servers[i]->slot] = i + 1;
	for (size_t i = 0; i < pool->count; i++) {
		unsigned int slot = pool->servers[i]->slot;

		if (slot < before->slots && places[slot])
			outlier_inherit(
				&pool->outlier->servers[i],
				&old->outlier->servers[places[slot] - 1], now);
	}
	free(places);
	return true;
}

/* What a pool has besides its servers. */
static bool equip(struct plan *plan, struct plan_pool *pool)
{
	const struct config_pool *config = pool->config;

	pool->load = load_get(&plan->parts->pools, config->name);
	pool->counts = counts_get(plan->parts->counts, COUNTS_POOL,
				  config->name, NULL);
	if (!pool->load || !pool->counts)
		return false;
	if (config->sticky &&
	    config->sticky->mode == CONFIG_STICKY_APPLICATION &&
	    !pool->load->values) {
		pool->load->values = sticky_table_create(VALUES_MAX);
		if (!pool->load->values)
			return false;
	}
	if (!config->outlier)
		return true;
	pool->outlier = outlier_create(config->outlier, pool->count);
	if (!pool->outlier || !inherit(plan, pool))
		return false;
	plan_pool_count(pool);
	return true;
}

static bool add_pool(struct plan *plan, const struct site *site,
		     const struct config_pool *config,
		     struct config_errors *errors)
{
	struct plan_pool *pool = &plan->pools[plan->pool_count];

	if (!config || plan_pool_of(plan, config))
		return true;
	pool->config = config;
	pool->number = (unsigned int)plan->pool_count++;
	if (!plan_servers_init(plan, pool,
			       &site->pools[config - site->config->pools.items],
			       errors))
		return false;
	if (!equip(plan, pool)) {
		config_error_add(errors, config->at, "out of memory");
		return false;
	}
	if (!config->tls)
		return true;
	pool->tls = tls_client_create(config, plan->certificates, errors);
	return pool->tls;
}

static bool add_pools(struct plan *plan, const struct site *site,
		      const struct config_service *service,
		      struct config_errors *errors)
{
	bool right = add_pool(plan, site, service->pool, errors);

	for (size_t i = 0; i < service->routes.count; i++) {
		const struct config_weighted_pools *pools =
			&service->routes.items[i].pools;

		for (size_t j = 0; j < pools->count; j++)
			right = right && add_pool(plan, site,
						  pools->items[j].pool, errors);
	}
	return right;
}

static bool open_log(struct plan *plan, struct plan_service *service,
		     struct config_errors *errors)
{
	const struct config_http *http = service->http;
	char error[256];

	if (http->access_log == CONFIG_ACCESS_OFF)
		return true;
	service->log = access_files_open(plan->parts->files, http->access_file,
					 error, sizeof(error));
	if (!service->log)
		config_error_add(errors,
				 config_place_of_key(http->at, "access-file"),
				 "services.%s.http.access-file: %s",
				 service->config->name, error);
	return service->log;
}

static bool asks_handshake(const struct config_service *service)
{
	bool asks = service->tls &&
		    service->tls->client_certificate != CONFIG_CLIENT_OFF;

	for (size_t i = 0; i < service->routes.count; i++) {
		const struct config_match *match =
			service->routes.items[i].match;

		asks = asks ||
		       (match &&
			(match->sni.count || match->alpn.count ||
			 match->tls_version || match->certificate.count));
	}
	return asks;
}

static bool add_service(struct plan *plan, const struct site *site,
			const struct config_service *config, int stratum,
			struct config_errors *errors)
{
	struct plan_service *service = &plan->services[plan->service_count];

	service->number = (unsigned int)plan->service_count++;
	service->config = config;
	service->http = config->http;
	service->relay = stratum == CONFIG_RELAY;
	service->asks_handshake = asks_handshake(config);
	if (!add_pools(plan, site, config, errors))
		return false;
	service->pool = config->pool ? plan_pool_of(plan, config->pool) : NULL;
	service->load = load_get(&plan->parts->services, config->name);
	service->counts = counts_get(plan->parts->counts, COUNTS_SERVICE,
				     config->name, NULL);
	if (!service->load || !service->counts) {
		config_error_add(errors, config->at, "out of memory");
		return false;
	}
	if (config->tls) {
		service->tls = tls_server_create(config, plan->certificates,
						 plan->parts->tickets, errors);
		if (!service->tls)
			return false;
	}
	service->pages = forward_pages_create(config, errors);
	return service->pages && plan_routes_init(plan, service, errors) &&
	       open_log(plan, service, errors);
}

static int stratum_of(const struct config_service *service, unsigned int built)
{
	struct place place;

	place_service(service, built, &place);
	return place.stratum;
}

static bool fill(struct plan *plan, const struct site *site, unsigned int built,
		 struct config_errors *errors)
{
	const struct config *config = plan->config;

	plan->services =
		calloc(config->services.count + 1, sizeof(*plan->services));
	plan->pools = calloc(config->pools.count + 1, sizeof(*plan->pools));
	if (!plan->services || !plan->pools) {
		config_error_add(errors, config->at, "out of memory");
		return false;
	}
	plan->certificates =
		tls_certificates_create(config, plan->parts->loop, errors);
	if (!plan->certificates)
		return false;
	for (size_t i = 0; i < config->services.count; i++) {
		const struct config_service *service =
			&config->services.items[i];
		int stratum = stratum_of(service, built);

		if (stratum >= CONFIG_RELAY &&
		    !add_service(plan, site, service, stratum, errors))
			return false;
	}
	return true;
}

struct plan *plan_create(struct plan_parts *parts, const struct site *site,
			 unsigned int built, struct config_errors *errors)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	if (!plan) {
		config_error_add(errors, site->config->at, "out of memory");
		return NULL;
	}
	plan->parts = parts;
	plan->config = config_get(site->config);
	if (!fill(plan, site, built, errors)) {
		plan_free(plan);
		return NULL;
	}
	return plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->service_count; i++) {
		struct plan_service *service = &plan->services[i];

		plan_routes_exit(service);
		forward_pages_free(service->pages);
		counts_put(service->counts);
		load_put(&plan->parts->services, service->load);
		if (service->tls)
			tls_server_put(service->tls);
		if (service->log)
			access_file_put(service->log);
	}
	for (size_t i = 0; i < plan->pool_count; i++) {
		load_put(&plan->parts->pools, plan->pools[i].load);
		counts_put(plan->pools[i].counts);
		outlier_free(plan->pools[i].outlier);
		plan_servers_exit(plan, &plan->pools[i]);
		if (plan->pools[i].tls)
			tls_client_put(plan->pools[i].tls);
	}
	if (plan->certificates)
		tls_certificates_free(plan->certificates);
	free(plan->services);
	free(plan->pools);
	config_free(plan->config);
	free(plan);
}

void plan_settle(struct plan *plan, const struct site *site)
{
	for (size_t i = 0; i < plan->pool_count; i++) {
		struct plan_pool *pool = &plan->pools[i];
		size_t number =
			(size_t)(pool->config - site->config->pools.items);

		plan_servers_settle(plan, pool, &site->pools[number]);
	}
}

void plan_expire(struct plan *plan)
{
	plan->parts->until = 0;
	for (size_t i = 0; i < plan->pool_count; i++)
		plan_servers_expire(plan, &plan->pools[i]);
}

bool plan_refresh(struct plan *plan, const struct site *site)
{
	bool fits = true;

	for (size_t i = 0; i < plan->pool_count; i++) {
		const struct config_pool *config = plan->pools[i].config;

		if (!plan_servers_refresh(
			    plan, &plan->pools[i],
			    &site->pools[config - site->config->pools.items]))
			fits = false;
	}
	return !fits;
}
