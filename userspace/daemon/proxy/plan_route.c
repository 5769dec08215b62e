// SPDX-License-Identifier: GPL-2.0-or-later
/* Routes of a service, made ready to be looked for. */
#include <stdlib.h>
#include <string.h>

#include "config/node.h"
#include "plan.h"

/* Rules: a route has one for each of its hosts and methods. */
struct rules {
	struct sluice_route_rule *items;
	struct sluice_route_condition *conditions;
	unsigned int *routes;
	size_t count;
};

static size_t at_least_one(size_t count)
{
	return count ? count : 1;
}

static size_t rules_of(const struct config_route *route)
{
	const struct config_match *match = route->match;

	return match ? at_least_one(match->host.count) *
			       at_least_one(match->method.count) :
		       1;
}

static bool rules_init(struct rules *rules,
		       const struct config_service *service)
{
	size_t room = 0;

	for (size_t i = 0; i < service->routes.count; i++)
		room += rules_of(&service->routes.items[i]);
	rules->items = calloc(room + 1, sizeof(*rules->items));
	rules->routes = calloc(room + 1, sizeof(*rules->routes));
	rules->conditions = calloc(room + 1, (SLUICE_ROUTE_CONDITIONS_MAX +
					      1) * sizeof(*rules->conditions));
	return rules->items && rules->routes && rules->conditions;
}

static void rules_add(struct rules *rules, const struct config_service *service,
		      unsigned int number)
{
	const struct config_route *route = &service->routes.items[number];
	size_t hosts =
		at_least_one(route->match ? route->match->host.count : 0);
	size_t count = rules_of(route);

	for (size_t i = 0; i < count; i++) {
		size_t n = rules->count++;

		rules->routes[n] = number;
		config_route_rule(route, service->parse, i % hosts, i / hosts,
				  rules->conditions +
					  n * (SLUICE_ROUTE_CONDITIONS_MAX + 1),
				  &rules->items[n]);
	}
}

static bool build_index(struct plan_service *service,
			struct config_errors *errors)
{
	const struct config_service *config = service->config;
	struct rules rules = { 0 };
	void *memory = NULL;
	size_t size;

	if (rules_init(&rules, config)) {
		for (size_t i = 0; i < config->routes.count; i++)
			rules_add(&rules, config, (unsigned int)i);
		size = sluice_routes_size(rules.items, (u32)rules.count);
		memory = size ? malloc(size) : NULL;
	}
	if (memory)
		service->index = sluice_routes_build(
			memory, rules.items, (u32)rules.count, (u32)random());
	else
		config_error_add(errors, config->at,
				 "services.%s.routes: too many, or no memory",
				 config->name);
	free(rules.items);
	free(rules.conditions);
	service->by_rule = rules.routes;
	return memory;
}

/* The checker has compiled it before: what is wrong now is memory. */
static pcre2_code *compile(const char *pattern)
{
	int error;
	PCRE2_SIZE offset;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern,
					 PCRE2_ZERO_TERMINATED, 0, &error,
					 &offset, NULL);

	if (code)
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return code;
}

static bool add_conditions(struct plan_route *route, int what,
			   const struct config_conditions *from)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct config_condition *item = &from->items[i];
		struct plan_condition *to =
			&route->conditions[route->condition_count];

		if (item->how != CONFIG_REGEX)
			continue;
		to->what = what;
		to->name = (struct sluice_text){
			item->name, item->name ? (u32)strlen(item->name) : 0
		};
		to->regex = compile(item->value);
		if (!to->regex)
			return false;
		route->condition_count++;
	}
	return true;
}

static bool add_claims(struct plan_route *route,
		       const struct config_conditions *from)
{
	route->claims = calloc(from->count + 1, sizeof(*route->claims));
	for (size_t i = 0; route->claims && i < from->count; i++) {
		struct plan_claim *to = &route->claims[route->claim_count++];

		to->config = &from->items[i];
		to->what = config_claim(to->config->name);
		if (to->config->how != CONFIG_REGEX)
			continue;
		to->regex = compile(to->config->value);
		if (!to->regex)
			return false;
	}
	return route->claims;
}

static bool compile_match(struct plan_route *route)
{
	const struct config_match *match = route->config->match;
	size_t count;

	if (!match)
		return true;
	count = match->query.count + match->header.count + match->cookie.count;
	route->conditions = calloc(count + 1, sizeof(*route->conditions));
	if (!route->conditions)
		return false;
	if (match->path_regex) {
		route->path = compile(match->path_regex);
		if (!route->path)
			return false;
	}
	return add_conditions(route, SLUICE_ROUTE_QUERY, &match->query) &&
	       add_conditions(route, SLUICE_ROUTE_HEADER, &match->header) &&
	       add_conditions(route, SLUICE_ROUTE_COOKIE, &match->cookie) &&
	       add_claims(route, &match->certificate);
}

static bool find_pools(struct plan *plan, struct plan_route *route)
{
	const struct config_weighted_pools *pools = &route->config->pools;
	uint64_t sum = 0;

	route->pools = calloc(pools->count + 1, sizeof(struct plan_pool *));
	route->sums = calloc(pools->count + 1, sizeof(*route->sums));
	if (!route->pools || !route->sums)
		return false;
	for (size_t i = 0; i < pools->count; i++) {
		sum += pools->items[i].weight;
		route->sums[i] = sum;
		route->pools[i] = plan_pool_of(plan, pools->items[i].pool);
	}
	return true;
}

bool plan_routes_init(struct plan *plan, struct plan_service *service,
		      struct config_errors *errors)
{
	const struct config_routes *routes = &service->config->routes;

	service->routes = calloc(routes->count + 1, sizeof(*service->routes));
	for (size_t i = 0; i < routes->count; i++) {
		struct plan_route *route;

		if (!service->routes)
			break;
		route = &service->routes[i];
		route->config = &routes->items[i];
		route->number = (unsigned int)i;
		route->counts = counts_get(plan->parts->counts, COUNTS_ROUTE,
					   service->config->name,
					   route->config->name);
		if (route->counts && compile_match(route) &&
		    find_pools(plan, route))
			continue;
		config_error_add(errors, route->config->at, "out of memory");
		return false;
	}
	return service->routes &&
	       (!routes->count || build_index(service, errors));
}

void plan_routes_exit(struct plan_service *service)
{
	size_t count = service->routes ? service->config->routes.count : 0;

	for (size_t i = 0; i < count; i++) {
		struct plan_route *route = &service->routes[i];

		for (size_t j = 0; j < route->condition_count; j++)
			pcre2_code_free(route->conditions[j].regex);
		for (size_t j = 0; j < route->claim_count; j++)
			pcre2_code_free(route->claims[j].regex);
		counts_put(route->counts);
		free(route->conditions);
		free(route->claims);
		pcre2_code_free(route->path);
		free(route->pools);
		free(route->sums);
	}
	free(service->routes);
	free(service->by_rule);
	free(service->index);
}
