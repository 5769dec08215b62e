// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "names.gen.h"
#include "place.h"
#include "run.h"
#include "show.h"
#include "show_proxy.h"

#define FULL_SHARE 100
#define NS_PER_MS 1000000U

static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static void put_text(json_t *object, const char *key, const char *text)
{
	if (text)
		put(object, key, control_text(text));
}

static void put_number(json_t *object, const char *key, uint64_t number)
{
	put(object, key, json_integer((json_int_t)number));
}

static json_t *endpoint(const struct sluice_endpoint *at)
{
	char text[SLUICE_ENDPOINT_TEXT];

	return json_string(sluice_endpoint_print(text, sizeof(text), at));
}

static json_t *show_service(const struct daemon *daemon,
			    const struct config_service *service)
{
	json_t *object = json_object(), *addresses = json_array(),
	       *routes = json_array();
	json_t *proxy = show_proxy_service(daemon->proxy, service);
	struct place place;

	place_service(service, kernel_built(daemon->kernel), &place);
	put_text(object, "name", service->name);
	put_text(object, "protocol",
		 service->protocol == IPPROTO_UDP ? "udp" : "tcp");
	for (size_t i = 0; i < service->addresses.count; i++)
		json_array_append_new(addresses,
				      endpoint(&service->addresses.items[i]));
	put(object, "addresses", addresses);
	put_text(object, "stratum", place_stratum_name(place.stratum));
	put_text(object, "pool", service->pool_name);
	for (size_t i = 0; i < service->routes.count; i++)
		json_array_append_new(
			routes, json_string(service->routes.items[i].name));
	put(object, "routes", routes);
	if (proxy)
		put(object, "proxy", proxy);
	return object;
}

static const char *health_word(enum check_state state)
{
	switch (state) {
	case CHECK_UP:
		return "up";
	case CHECK_DOWN:
		return "down";
	default:
		return "unknown";
	}
}

static json_t *show_health(const struct site_health *health)
{
	json_t *object = json_object();

	put_text(object, "state", health_word(health->state));
	put_text(object, "reason", health->reason);
	if (health->since)
		put_number(object, "since", (uint64_t)health->since);
	put_number(object, "duration-us", health->duration_us);
	if (health->days_left != CHECK_NO_DAYS)
		put(object, "certificate-days",
		    json_integer(health->days_left));
	if (health->weight_percent != CHECK_NO_WEIGHT)
		put(object, "weight-percent",
		    json_integer(health->weight_percent));
	return object;
}

static json_t *show_change(const struct change *change)
{
	json_t *object = json_object();

	if (change->added)
		put(object, "added", json_true());
	if (change->has_state)
		put_text(object, "state",
			 sluice_server_state_name(change->state));
	if (change->has_weight)
		put_number(object, "weight", change->weight);
	if (change->has_deadline)
		put_number(object, "deadline-ms", change->deadline);
	return object;
}

static void put_slow_start(json_t *object, const struct site_server *server)
{
	uint64_t whole = server->pool->config->slow_start;
	uint64_t passed;

	if (!server->slow_since)
		return;
	passed = (loop_clock(server->pool->site->host->loop) -
		  server->slow_since) /
		 NS_PER_MS;
	put_number(object, "slow-start-percent",
		   passed < whole ? passed * FULL_SHARE / whole : FULL_SHARE);
}

static json_t *show_server(const struct site_server *server)
{
	const struct change *change =
		changes_find(server->pool->site->host->changes,
			     server->pool->config->name, &server->at);
	json_t *object = json_object();
	struct sluice_server wanted;

	site_server_wanted(server, &wanted);
	put(object, "address", endpoint(&server->at));
	put_text(object, "state", sluice_server_state_name(wanted.state));
	put_text(object, "why", site_server_why(server));
	if (wanted.has_deadline)
		put_number(object, "deadline-ms", wanted.deadline);
	put_number(object, "weight", wanted.weight);
	put_text(object, "forward", sluice_forward_name(wanted.forward));
	if (server->config)
		put_text(object, "name", server->config->target.name);
	put_slow_start(object, server);
	if (server->watch.target)
		put(object, "check", show_health(&server->health));
	if (change)
		put(object, "changed", show_change(change));
	return object;
}

static json_t *show_name(const struct site_name *name)
{
	const struct resolver_answer *answer =
		resolver_watch_answer(&name->watch);
	json_t *object = json_object();

	put_text(object, "name", name->config->target.name);
	put_number(object, "addresses", answer ? answer->count : 0);
	put_text(object, "problem",
		 answer ? answer->problem : "not looked up yet");
	return object;
}

/* The servers of a pool; @plan: as stratum proxy has it, or NULL. */
static json_t *show_servers(const struct site_pool *pool,
			    const struct plan_pool *plan)
{
	uint64_t now = loop_clock(pool->site->host->loop);
	const struct site_server *server;
	json_t *servers = json_array();
	size_t place = 0;

	TAILQ_FOREACH(server, &pool->servers, of_pool)
	{
		json_t *object = show_server(server);
		json_t *proxy = plan ? show_proxy_server(plan, &server->at,
							 &place, now) :
				       NULL;

		if (proxy)
			put(object, "proxy", proxy);
		json_array_append_new(servers, object);
	}
	return servers;
}

static json_t *show_pool(const struct daemon *daemon,
			 const struct site_pool *pool)
{
	const struct plan_pool *plan =
		show_proxy_lookup(daemon->proxy, pool->config);
	json_t *object = json_object(), *names = json_array();

	put_text(object, "name", pool->config->name);
	put_text(object, "check", pool->config->check_name);
	if (site_pool_scale(pool) != 1)
		put_number(object, "weight-scale", site_pool_scale(pool));
	for (size_t i = 0; i < pool->name_count; i++)
		json_array_append_new(names, show_name(&pool->names[i]));
	if (pool->name_count)
		put(object, "names", names);
	else
		json_decref(names);
	if (plan)
		put(object, "proxy", show_proxy_pool(plan));
	put(object, "servers", show_servers(pool, plan));
	return object;
}

static json_t *show_removed(const struct changes *changes)
{
	const struct change *change = NULL;
	json_t *list = json_array();

	while ((change = changes_each(changes, change))) {
		json_t *object;

		if (!change->removed)
			continue;
		object = json_object();
		put_text(object, "pool", change->pool);
		put(object, "address", endpoint(&change->at));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *show_routes(const struct changes *changes)
{
	const struct config_route_change *routes;
	json_t *list = json_array();
	size_t count;

	routes = changes_routes(changes, &count);
	for (size_t i = 0; i < count; i++) {
		json_t *object = json_object();

		put_text(object, "service", routes[i].service);
		put_text(object, "name", routes[i].name);
		put_text(object, "before", routes[i].before);
		put_text(object, "route", routes[i].text);
		if (!routes[i].text)
			put(object, "removed", json_true());
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *show_checks(const struct check_engine *engine)
{
	const struct check_stats stats = check_engine_stats(engine);
	json_t *object = json_object();

	put_number(object, "servers", stats.targets);
	put_number(object, "in-flight", stats.in_flight);
	put_number(object, "waiting", stats.waiting);
	put_number(object, "passed", stats.passed);
	put_number(object, "failed", stats.failed);
	put_number(object, "broken", stats.broken);
	put_number(object, "delayed", stats.delayed);
	return object;
}

static json_t *show_process(const struct daemon *daemon)
{
	json_t *object = json_object();

	put_text(object, "version", SLUICE_VERSION);
	put_number(object, "process", (uint64_t)getpid());
	put_text(object, "file", daemon->file);
	put_number(object, "started", (uint64_t)daemon->source.started);
	if (daemon->source.last_reload)
		put_number(object, "last-reload",
			   (uint64_t)daemon->source.last_reload);
	put_number(object, "reloads-applied", daemon->source.reloads_applied);
	put_number(object, "reloads-refused", daemon->source.reloads_refused);
	put_number(object, "generation", kernel_generation(daemon->kernel));
	put(object, "kernel",
	    json_boolean(daemon->kernel && !daemon->repairing));
	return object;
}

json_t *show_daemon(const struct daemon *daemon)
{
	const struct site *site = daemon->site;
	json_t *whole = json_object(), *services = json_array(),
	       *pools = json_array();

	put(whole, "daemon", show_process(daemon));
	for (size_t i = 0; i < site->config->services.count; i++)
		json_array_append_new(
			services,
			show_service(daemon, &site->config->services.items[i]));
	put(whole, "services", services);
	for (size_t i = 0; i < site->pool_count; i++)
		json_array_append_new(pools,
				      show_pool(daemon, &site->pools[i]));
	put(whole, "pools", pools);
	put(whole, "removed", show_removed(daemon->host.changes));
	put(whole, "changed-routes", show_routes(daemon->host.changes));
	put(whole, "checks", show_checks(daemon->host.engine));
	return whole;
}
