// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "stage.h"

/* By enum config_scheduler: those that the kernel has. */
static const char *const schedulers[] = {
	[CONFIG_RR] = "rr",
	[CONFIG_WRR] = "wrr",
	[CONFIG_LC] = "lc",
	[CONFIG_WLC] = "wlc",
};

_Static_assert((int)CONFIG_KEEP == SLUICE_FATE_KEEP &&
		       (int)CONFIG_RESET == SLUICE_FATE_RESET &&
		       (int)CONFIG_REBALANCE == SLUICE_FATE_REBALANCE,
	       "the words mean the same to the kernel");

static const sa_family_t families[] = { AF_INET, AF_INET6 };

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Before a request is made, so that one that cannot be made has its place, too. */
static bool note(struct stage *stage, const struct stage_origin *origin)
{
	if (stage->count == stage->room) {
		size_t room = stage->room ? stage->room * 2 : 256;
		struct stage_origin *origins =
			reallocarray(stage->origins, room, sizeof(*origins));

		if (!origins)
			return false;
		stage->origins = origins;
		stage->room = room;
	}
	stage->origins[stage->count++] = *origin;
	return true;
}

static int stage_settings(struct stage *stage, struct sluice *sl)
{
	const struct config_settings *from = stage->site->config->settings;
	struct sluice_settings settings = {
		.connections_max = from->connections_max,
		.head_timeout = from->head_timeout,
		.connect_timeout = from->connect_timeout,
		.has_connect_retries = true,
		.connect_retries = from->connect_retries,
		.held_max = from->held_max,
	};

	if (stage->limits_relay)
		settings.relay_clients_max = from->relay_clients_max;

	memcpy(settings.timeouts, from->timeouts->by_attr,
	       sizeof(settings.timeouts));
	if (!note(stage, &(struct stage_origin){ .pool = NULL }))
		return -ENOMEM;
	return sluice_settings_set(sl, &settings);
}

static int stage_server(struct stage *stage, struct sluice *sl,
			const struct site_server *server)
{
	const struct stage_origin origin = {
		.pool = server->pool->config,
		.server = server->config,
		.at = server->at,
	};
	struct sluice_server wanted;

	if (!note(stage, &origin))
		return -ENOMEM;
	site_server_wanted(server, &wanted);
	return sluice_server_new(sl, &wanted);
}

/*
 * Cookies of the application are for stratum proxy. Ours are the same in pools of both
 * families, and there.
 */
static void set_sticky(struct sluice_pool *to, const struct config_pool *from)
{
	if (!from->sticky || from->sticky->mode != CONFIG_STICKY_INSERT)
		return;
	to->has_sticky = true;
	snprintf(to->sticky_cookie, sizeof(to->sticky_cookie), "%s",
		 from->sticky->cookie);
	snprintf(to->sticky_pool, sizeof(to->sticky_pool), "%s", from->name);
}

static int stage_pool(struct stage *stage, struct sluice *sl,
		      const struct site_pool *pool, sa_family_t family)
{
	const struct config_pool *config = pool->config;
	struct sluice_pool wanted = {
		.family = family,
		.has_proxy_protocol = true,
		.proxy_protocol = (uint8_t)config->proxy_protocol,
		.has_on_down = true,
		.on_down = (uint8_t)config->on_down,
		.has_on_drain = true,
		.on_drain = (uint8_t)config->on_drain,
	};
	const struct site_server *server;
	int err;

	if (!(pool->families & site_family(family)))
		return 0;
	if (!note(stage, &(struct stage_origin){ .pool = config }))
		return -ENOMEM;
	site_pool_name(wanted.name, config, family);
	set_sticky(&wanted, config);
	if ((size_t)config->scheduler < ARRAY_SIZE(schedulers))
		snprintf(wanted.scheduler, sizeof(wanted.scheduler), "%s",
			 schedulers[config->scheduler]);
	err = sluice_pool_new(sl, &wanted);
	TAILQ_FOREACH(server, &pool->servers, of_pool)
	if (!err && server->at.address.family == family)
		err = stage_server(stage, sl, server);
	return err;
}

/* A route of the kernel: of several hosts and methods, one each. */
struct rule {
	const struct config_service *service;
	const struct config_route *route;
	sa_family_t family;
	/* Its clients are given back to us. */
	bool is_returned;
	size_t host;
	size_t method;
	/* From 0, of all rules of the route. */
	size_t number;
};

/*
 * "name", "name/2"... where it has several. No name of the configuration has a
 * slash. A long one gives way to its place in the service.
 */
static void name_route(char to[SLUICE_NAME_LEN + 1], const struct rule *rule)
{
	char number[24] = "";
	size_t place = (size_t)(rule->route - rule->service->routes.items) + 1;
	int length;

	if (rule->number)
		snprintf(number, sizeof(number), "/%zu", rule->number + 1);
	length = snprintf(to, SLUICE_NAME_LEN + 1, "%s%s", rule->route->name,
			  number);
	if (length <= SLUICE_NAME_LEN)
		return;
	snprintf(to, SLUICE_NAME_LEN + 1, "%.20s.../%zu%s", rule->route->name,
		 place, number);
}

static void fill_action(struct sluice_route *to, const struct rule *rule,
			struct sluice_route_pool *pools)
{
	const struct config_route *route = rule->route;

	to->has_action = true;
	if (rule->is_returned) {
		to->action = SLUICE_ROUTE_ACTION_PROXY;
		return;
	}
	switch (route->action) {
	case CONFIG_ACTION_REDIRECT:
		to->action = SLUICE_ROUTE_ACTION_REDIRECT;
		to->status = (uint16_t)route->redirect->status;
		return;
	case CONFIG_ACTION_PROXY:
		to->action = SLUICE_ROUTE_ACTION_PROXY;
		to->proxy_port = (uint16_t)route->proxy_port;
		return;
	case CONFIG_ACTION_POOL:
		to->action = SLUICE_ROUTE_ACTION_POOL;
		to->pools = pools;
		to->pools_count = route->pools.count;
		for (size_t i = 0; i < route->pools.count; i++) {
			site_pool_name(pools[i].name,
				       route->pools.items[i].pool,
				       rule->family);
			pools[i].weight = route->pools.items[i].weight;
		}
		return;
	default:
		to->action = SLUICE_ROUTE_ACTION_REJECT;
		to->status = (uint16_t)route->reject_status;
	}
}

static int stage_rule(struct stage *stage, struct sluice *sl,
		      const struct rule *rule, struct sluice_route *to)
{
	const struct stage_origin origin = { .service = rule->service,
					     .route = rule->route };
	struct sluice_route_condition
		conditions[SLUICE_ROUTE_CONDITIONS_MAX + 1];

	if (!note(stage, &origin))
		return -ENOMEM;
	name_route(to->name, rule);
	config_route_rule(rule->route, rule->service->parse, rule->host,
			  rule->method, conditions, &to->match);
	to->has_match = true;
	return sluice_route_new(sl, to);
}

static size_t at_least_one(size_t count)
{
	return count ? count : 1;
}

static int stage_route(struct stage *stage, struct sluice *sl,
		       const struct config_service *service,
		       const struct config_route *route,
		       const struct sluice_service_key *key, int stratum)
{
	const struct config_match *match = route->match;
	size_t hosts = 1, methods = 1;
	struct rule rule = { .service = service,
			     .route = route,
			     .family = key->at.address.family,
			     .is_returned = stratum == CONFIG_RELAY &&
					    place_is_returned(service, route) };
	struct sluice_route to = { .service = *key };
	struct sluice_route_pool *pools;
	int err = 0;

	if (match) {
		hosts = at_least_one(service->parse == SLUICE_PARSE_TLS ?
					     match->sni.count :
					     match->host.count);
		methods = at_least_one(match->method.count);
	}
	pools = calloc(route->pools.count + 1, sizeof(*pools));
	if (!pools)
		return -ENOMEM;
	fill_action(&to, &rule, pools);
	for (; !err && rule.host < hosts; rule.host++)
		for (rule.method = 0; !err && rule.method < methods;
		     rule.method++) {
			err = stage_rule(stage, sl, &rule, &to);
			rule.number++;
		}
	free(pools);
	return err;
}

static int stage_service(struct stage *stage, struct sluice *sl,
			 const struct config_service *service, int stratum,
			 const struct sluice_endpoint *at)
{
	struct sluice_service to = {
		.key = { .protocol = (uint8_t)service->protocol, .at = *at },
		.has_slow_path = true,
		/* Relay has no other. */
		.slow_path = service->slow_path && stratum < CONFIG_RELAY,
		.has_stratum = true,
		.stratum = (uint8_t)stratum,
	};
	int err;

	if (!note(stage, &(struct stage_origin){ .service = service }))
		return -ENOMEM;
	if (service->pool)
		site_pool_name(to.pool, service->pool, at->address.family);
	if (stratum != CONFIG_FLOW) {
		to.has_parse = true;
		to.parse = (uint8_t)service->parse;
	}
	err = sluice_service_new(sl, &to);
	for (size_t i = 0;
	     !err && stratum != CONFIG_FLOW && i < service->routes.count; i++)
		err = stage_route(stage, sl, service, &service->routes.items[i],
				  &to.key, stratum);
	return err;
}

static int stage_addresses(struct stage *stage, struct sluice *sl,
			   const struct config_service *service,
			   unsigned int built)
{
	struct place place;
	int err = 0;

	place_service(service, built, &place);
	if (place.stratum < 0 || place.stratum > CONFIG_RELAY)
		return 0;
	for (size_t i = 0; !err && i < service->addresses.count; i++)
		err = stage_service(stage, sl, service, place.stratum,
				    &service->addresses.items[i]);
	return err;
}

int stage_site(struct stage *stage, struct sluice *sl, const struct site *site,
	       unsigned int built)
{
	const struct config_services *services = &site->config->services;
	int err;

	stage->site = site;
	if (!note(stage, &(struct stage_origin){ .pool = NULL }))
		return -ENOMEM;
	err = sluice_flush(sl);
	if (!err)
		err = stage_settings(stage, sl);
	for (size_t i = 0; i < site->pool_count; i++)
		for (size_t j = 0; !err && j < ARRAY_SIZE(families); j++)
			err = stage_pool(stage, sl, &site->pools[i],
					 families[j]);
	for (size_t i = 0; !err && i < services->count; i++)
		err = stage_addresses(stage, sl, &services->items[i], built);
	return err;
}

void stage_locate(const struct stage *stage, size_t number,
		  char path[STAGE_PATH_MAX], struct config_place *at)
{
	const struct stage_origin none = { .pool = NULL };
	const struct stage_origin *origin =
		number < stage->count ? &stage->origins[number] : &none;
	char server[SLUICE_ENDPOINT_TEXT];

	*at = stage->site->config->at;
	snprintf(path, STAGE_PATH_MAX, "settings");
	if (origin->route) {
		*at = origin->route->at;
		snprintf(path, STAGE_PATH_MAX, "services.%s.routes.%s",
			 origin->service->name, origin->route->name);
	} else if (origin->service) {
		*at = origin->service->at;
		snprintf(path, STAGE_PATH_MAX, "services.%s",
			 origin->service->name);
	} else if (origin->at.port) {
		*at = origin->server ? origin->server->at : origin->pool->at;
		snprintf(path, STAGE_PATH_MAX, "pools.%s.servers: %s",
			 origin->pool->name,
			 sluice_endpoint_print(server, sizeof(server),
					       &origin->at));
	} else if (origin->pool) {
		*at = origin->pool->at;
		snprintf(path, STAGE_PATH_MAX, "pools.%s", origin->pool->name);
	}
}

void stage_free(struct stage *stage)
{
	free(stage->origins);
	memset(stage, 0, sizeof(*stage));
}
