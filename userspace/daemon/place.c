// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <stdarg.h>
#include <string.h>

#include "config/address.h"
#include "config/node.h"
#include "place.h"
#include "sluice_relay.h"

/**
 * struct question - whether a stratum can serve something
 * @service: the service
 * @route: one of its routes, or NULL for all
 * @stratum: the stratum
 * @why: why it cannot
 */
struct question {
	const struct config_service *service;
	const struct config_route *route;
	enum config_stratum stratum;
	char *why;
};

static const char *const names[CONFIG_STRATA] = {
	[CONFIG_FLOW] = "flow",
	[CONFIG_SNIFF] = "sniff",
	[CONFIG_RELAY] = "relay",
	[CONFIG_PROXY] = "proxy",
};

const char *place_stratum_name(int stratum)
{
	return names[stratum];
}

static __attribute__((format(printf, 2, 3))) bool
cannot(const struct question *q, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(q->why, PLACE_WHY_MAX, format, args);
	va_end(args);
	return false;
}

static bool has_family(const struct config_server *server, sa_family_t family)
{
	if (!server->target.name)
		return server->target.address.family == family;
	switch (server->resolve) {
	case CONFIG_RESOLVE_A:
		return family == AF_INET;
	case CONFIG_RESOLVE_AAAA:
		return family == AF_INET6;
	default:
		return true;
	}
}

/* A kernel pool has one family: ours becomes one for each that it is asked in. */
static bool check_families(const struct question *q,
			   const struct config_pool *pool)
{
	const struct config_endpoints *addresses = &q->service->addresses;

	for (size_t i = 0; i < addresses->count && pool->servers.count; i++) {
		sa_family_t family = addresses->items[i].address.family;
		size_t j = 0;

		while (j < pool->servers.count &&
		       !has_family(&pool->servers.items[j], family))
			j++;
		if (j == pool->servers.count)
			return cannot(
				q,
				"pool %s has no server of %s for an address of it",
				pool->name,
				family == AF_INET ? "IPv4" : "IPv6");
	}
	return true;
}

static bool check_server(const struct question *q,
			 const struct config_pool *pool,
			 const struct config_server *server)
{
	const struct config_endpoints *addresses = &q->service->addresses;
	const char *forward = server->forward == SLUICE_FORWARD_DR ? "dr" :
								     "tunnel";
	bool direct = server->forward != SLUICE_FORWARD_NAT;

	if (direct && q->stratum != CONFIG_FLOW)
		return cannot(q,
			      "forward %s in pool %s, which only flow can do",
			      forward, pool->name);
	for (size_t i = 0;
	     direct && server->target.port && i < addresses->count; i++)
		if (addresses->items[i].port != server->target.port)
			return cannot(
				q,
				"port %u of a server in pool %s: forward %s keeps port %u",
				server->target.port, pool->name, forward,
				addresses->items[i].port);
	if (q->stratum > CONFIG_RELAY || server->target.name ||
	    !config_address_local(&server->target.address))
		return true;
	return cannot(q, "a server in pool %s has a loopback address",
		      pool->name);
}

static bool check_pool(const struct question *q, const struct config_pool *pool)
{
	if (!pool)
		return true;
	if (pool->need.stratum > q->stratum)
		return cannot(q, "it has no '%s' of pool %s", pool->need.key,
			      pool->name);
	for (size_t i = 0; i < pool->servers.count; i++)
		if (!check_server(q, pool, &pool->servers.items[i]))
			return false;
	return q->stratum > CONFIG_RELAY || check_families(q, pool);
}

/* The kernel, and the daemon after it, know nothing of the handshake. */
static bool check_handshake(const struct question *q,
			    const struct config_route *route)
{
	const struct config_match *match = route->match;
	const char *key = !match		   ? NULL :
			  match->sni.count	   ? "sni" :
			  match->alpn.count	   ? "alpn" :
			  match->tls_version	   ? "tls-version" :
			  match->certificate.count ? "client-certificate" :
						     NULL;

	return !key ||
	       cannot(q, "it has no '%s' of route %s", key, route->name);
}

/* Routes are told to the kernel. */
static bool is_of_kernel(const struct question *q)
{
	return q->stratum == CONFIG_SNIFF || q->stratum == CONFIG_RELAY;
}

/* All that a route asks for, but when it is looked for. */
static bool check_route(const struct question *q,
			const struct config_route *route)
{
	if (route->need.stratum > q->stratum)
		return cannot(q, "it has no '%s' of route %s", route->need.key,
			      route->name);
	if (is_of_kernel(q) && config_route_size(route, q->service->parse) >
				       SLUICE_ROUTE_BYTES_MAX)
		return cannot(
			q,
			"route %s takes more than %d bytes in a message to the kernel",
			route->name, SLUICE_ROUTE_BYTES_MAX);
	if (q->stratum >= CONFIG_RELAY && route->action == CONFIG_ACTION_PROXY)
		return cannot(
			q,
			"route %s leads to a port of this host; a pool with 127.0.0.1:%u does the same",
			route->name, route->proxy_port);
	if (q->stratum == CONFIG_RELAY && !check_handshake(q, route))
		return false;
	for (size_t i = 0; i < route->pools.count; i++)
		if (!check_pool(q, route->pools.items[i].pool))
			return false;
	return true;
}

/*
 * Whether a route may be told to the kernel as one whose clients are given back:
 * what it asks for in place of what the kernel cannot compare is that it is there,
 * so all that it fits are given back, and the daemon looks anew.
 */
static bool may_return(const struct question *q,
		       const struct config_route *route)
{
	char unused[PLACE_WHY_MAX];
	struct question proxy = *q;

	proxy.stratum = CONFIG_PROXY;
	proxy.why = unused;
	return q->stratum == CONFIG_RELAY &&
	       q->service->stratum == CONFIG_RELAY && !q->route &&
	       check_handshake(q, route) &&
	       config_route_size(route, q->service->parse) <=
		       SLUICE_ROUTE_BYTES_MAX &&
	       check_route(&proxy, route);
}

bool place_is_returned(const struct config_service *service,
		       const struct config_route *route)
{
	char unused[PLACE_WHY_MAX];
	const struct question q = {
		.service = service,
		.stratum = CONFIG_RELAY,
		.why = unused,
	};

	return !check_route(&q, route) && may_return(&q, route);
}

/* A connection that goes on after this may have another request. */
static bool goes_on(const struct config_route *route)
{
	return route->action == CONFIG_ACTION_POOL ||
	       route->action == CONFIG_ACTION_PROXY;
}

/* What one request of a connection has, the others need not have. */
static bool asks_request(const struct config_route *route)
{
	const struct config_match *match = route->match;

	return match && (match->host.count || match->port || match->path ||
			 match->prefix || match->path_regex ||
			 match->method.count || match->query.count ||
			 match->header.count || match->cookie.count);
}

/* Whether all requests of a connection take the same way. */
static bool is_one_way(const struct question *q)
{
	bool on = q->service->pool_name, asks = false;

	for (size_t i = 0; i < q->service->routes.count; i++) {
		const struct config_route *route = &q->service->routes.items[i];

		if (q->route && q->route != route)
			continue;
		on = on || goes_on(route);
		asks = asks || asks_request(route);
	}
	return !on || !asks;
}

static bool check_addresses(const struct question *q)
{
	const struct config_endpoints *addresses = &q->service->addresses;

	for (size_t i = 0; i < addresses->count; i++) {
		const char *what =
			config_address_local(&addresses->items[i].address);

		if (what)
			return cannot(
				q,
				"an address of it is %s: packets of other hosts never have it",
				what);
	}
	return true;
}

static bool check_flow(const struct question *q)
{
	if (q->service->routes.count)
		return cannot(q, "it decides before a route could be read");
	return true;
}

static bool check_sniff(const struct question *q)
{
	if (q->service->protocol != IPPROTO_TCP)
		return cannot(q, "it reads TCP only");
	if (q->service->parse == SLUICE_PARSE_NONE)
		return cannot(q, "nothing is to be read (parse)");
	if (q->service->decide == CONFIG_DECIDE_REQUEST && !is_one_way(q))
		return cannot(
			q,
			"requests of one connection may take different routes, it decides once ('decide: connection' accepts that)");
	return true;
}

/* What servers are told of the client has to be what its own header says. */
static bool check_headers(const struct question *q,
			  const struct config_pool *pool)
{
	if (!pool || !pool->proxy_protocol ||
	    !q->service->accept_proxy_protocol)
		return true;
	return cannot(
		q,
		"it passes no header of the PROXY protocol on, as pool %s needs with 'accept-proxy-protocol'",
		pool->name);
}

static bool check_relay(const struct question *q)
{
	const struct config_routes *routes = &q->service->routes;
	const struct config_http *http = q->service->http;

	if (q->service->protocol != IPPROTO_TCP)
		return cannot(q, "it reads TCP only");
	if (q->service->parse != SLUICE_PARSE_HTTP)
		return cannot(q, "it reads HTTP only");
	if (http && http->request_id &&
	    strlen(http->request_id) > SLUICE_RELAY_FIELD_LEN)
		return cannot(q, "'request-id' has more than %d characters",
			      SLUICE_RELAY_FIELD_LEN);
	if (!check_headers(q, q->service->pool))
		return false;
	for (size_t i = 0; i < routes->count; i++)
		for (size_t j = 0; j < routes->items[i].pools.count; j++)
			if (!check_headers(
				    q, routes->items[i].pools.items[j].pool))
				return false;
	return true;
}

static bool check_proxy(const struct question *q)
{
	if (q->service->protocol != IPPROTO_TCP)
		return cannot(q, "it takes TCP only");
	if (q->service->parse == SLUICE_PARSE_TLS)
		return cannot(q, "it does not pass TLS through");
	return true;
}

static bool can_serve(const struct question *q)
{
	static bool (*const checks[CONFIG_STRATA])(const struct question *q) = {
		[CONFIG_FLOW] = check_flow,
		[CONFIG_SNIFF] = check_sniff,
		[CONFIG_RELAY] = check_relay,
		[CONFIG_PROXY] = check_proxy,
	};
	const struct config_service *service = q->service;

	q->why[0] = '\0';
	/* What a route itself asks for tells more than what its service does. */
	if (q->route && !check_route(q, q->route))
		return false;
	if (service->need.stratum > q->stratum)
		return cannot(q, "it has no '%s'", service->need.key);
	if (!checks[q->stratum](q))
		return false;
	if (q->stratum <= CONFIG_RELAY && !check_addresses(q))
		return false;
	if (!check_pool(q, service->pool))
		return false;
	for (size_t i = 0; i < service->routes.count; i++) {
		const struct config_route *route = &service->routes.items[i];

		if (!q->route && !check_route(q, route) &&
		    !may_return(q, route))
			return false;
		q->why[0] = '\0';
	}
	return true;
}

const char *place_missing(const struct config_service *service, int stratum,
			  unsigned int built)
{
	if (built >> stratum & 1)
		return stratum == CONFIG_RELAY && service->tls &&
				       !(built & PLACE_KTLS) ?
			       "the kernel has no TLS, load module tls" :
			       NULL;
	switch (stratum) {
	case CONFIG_PROXY:
		return "not in this version";
	case CONFIG_RELAY:
		return "load module sluice_ktls";
	default:
		return "load module sluice";
	}
}

static void answer(const struct config_service *service,
		   const struct config_route *route, unsigned int built,
		   struct place *place)
{
	struct question q = { .service = service, .route = route };

	place->stratum = -1;
	place->could = -1;
	for (int stratum = CONFIG_FLOW; stratum < CONFIG_STRATA; stratum++) {
		q.stratum = (enum config_stratum)stratum;
		q.why = place->why[stratum];
		if (!can_serve(&q))
			continue;
		if (place->could < 0)
			place->could = stratum;
		if (place->stratum < 0 &&
		    !place_missing(service, stratum, built))
			place->stratum = stratum;
	}
}

void place_service(const struct config_service *service, unsigned int built,
		   struct place *place)
{
	answer(service, NULL, built, place);
	if (service->stratum < 0)
		return;
	place->stratum = !place->why[service->stratum][0] &&
					 !place_missing(service,
							service->stratum,
							built) ?
				 service->stratum :
				 -1;
}

void place_route(const struct config_service *service,
		 const struct config_route *route, unsigned int built,
		 struct place *place)
{
	answer(service, route, built, place);
}

static void refuse_demand(const struct config_service *service,
			  const struct place *place, unsigned int built,
			  struct config_errors *errors)
{
	struct config_place at = config_place_of_key(service->at, "stratum");
	const char *why = place->why[service->stratum];

	if (why[0])
		config_error_add(
			errors, at,
			"services.%s.stratum: %s cannot serve it: %s; leave stratum out",
			service->name, names[service->stratum], why);
	else
		config_error_add(
			errors, at,
			"services.%s.stratum: %s is not there: %s, or leave stratum out",
			service->name, names[service->stratum],
			place_missing(service, service->stratum, built));
}

/* Why each of some strata cannot. */
static void list_reasons(const struct place *place, unsigned int strata,
			 char *to, size_t size)
{
	size_t used = 0;

	for (int stratum = CONFIG_FLOW; stratum < CONFIG_STRATA; stratum++)
		if ((strata >> stratum & 1) && used < size)
			used += (size_t)snprintf(to + used, size - used,
						 "%s%s: %s", used ? "; " : "",
						 names[stratum],
						 place->why[stratum]);
}

void place_check(const struct config *config, unsigned int built,
		 struct config_errors *errors)
{
	struct place place;

	for (size_t i = 0; i < config->services.count; i++) {
		const struct config_service *service =
			&config->services.items[i];
		char why[CONFIG_STRATA * (PLACE_WHY_MAX + 16)];

		place_service(service, built, &place);
		if (place.stratum >= 0)
			continue;
		if (service->stratum >= 0) {
			refuse_demand(service, &place, built, errors);
			continue;
		}
		/* Of what could, it is enough that it is not there. */
		list_reasons(&place, place.could < 0 ? ~0U : built, why,
			     sizeof(why));
		if (place.could >= 0)
			config_error_add(
				errors, service->at,
				"services.%s: needs stratum %s, which is not there: %s; %s",
				service->name, names[place.could],
				place_missing(service, place.could, built),
				why);
		else
			config_error_add(
				errors, service->at,
				"services.%s: no stratum can serve it; %s",
				service->name, why);
	}
}

const struct config_service *place_raised(const struct config *config,
					  unsigned int built,
					  unsigned int strata, size_t *count)
{
	const struct config_service *first = NULL;
	struct place there, best;

	*count = 0;
	for (size_t i = 0; i < config->services.count; i++) {
		const struct config_service *service =
			&config->services.items[i];

		place_service(service, built, &there);
		place_service(service, PLACE_BUILT, &best);
		if (best.stratum < 0 || !(strata >> best.stratum & 1) ||
		    there.stratum <= best.stratum)
			continue;
		first = first ? first : service;
		++*count;
	}
	return first;
}
