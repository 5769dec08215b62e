// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether the routes of a service are right: by the rules of the code that
 * compares them, so that the daemon refuses what the kernel would refuse.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "references.h"
#include "rule.h"

/**
 * struct route_check - a route that is looked at
 * @service: its service
 * @which: its number, from 0
 * @route: the route
 * @parse: as what it is looked at, enum sluice_parse
 * @errors: gets what is wrong
 */
struct route_check {
	const struct config_service *service;
	size_t which;
	const struct config_route *route;
	int parse;
	struct config_errors *errors;
};

/* "match.host" is the key host of the object whose place is given. */
static const char *last_of(const char *key)
{
	return strncmp(key, "match.", 6) == 0 ? key + 6 : key;
}

static __attribute__((format(printf, 4, 5))) void
refuse(const struct route_check *check, struct config_place at, const char *key,
       const char *format, ...)
{
	char text[CONFIG_ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	config_error_add(check->errors, config_place_of_key(at, last_of(key)),
			 "services.%s.routes[%zu].%s: %s", check->service->name,
			 check->which + 1, key, text);
}

static void refuse_rule(const struct route_check *check, size_t method,
			const struct sluice_route_rule *rule,
			const struct sluice_route_error *error)
{
	struct config_rule_place place;
	const char *shown = NULL;
	char key[128];

	if (strcmp(error->field, "condition") == 0 &&
	    error->index >= SLUICE_ROUTE_CONDITIONS_MAX) {
		refuse(check, check->route->match->at, "match",
		       "more than %d methods, parameters, header fields, cookies and protocols; give fewer",
		       SLUICE_ROUTE_CONDITIONS_MAX);
		return;
	}
	config_rule_locate(check->route, method, error, &place);
	snprintf(key, sizeof(key), "match.%s%s%s", place.key,
		 place.name ? "." : "",
		 place.name ? config_show(place.name, strlen(place.name)).text :
			      "");
	if (strcmp(place.key, "host") == 0)
		shown = rule->host.data;
	else if (strcmp(error->field, "path") == 0)
		shown = rule->path.data;
	else if (strcmp(place.key, "method") == 0)
		shown = rule->conditions[0].value.data;
	if (shown && check->parse == SLUICE_PARSE_TLS &&
	    strcmp(place.key, "host") == 0)
		snprintf(key, sizeof(key), "match.sni");
	if (shown)
		refuse(check, place.at, key, "'%s'; %s",
		       config_show(shown, strlen(shown)).text, error->reason);
	else
		refuse(check, place.at, key, "%s", error->reason);
}

/* Return: whether the rule of one host and one method is right. */
static bool check_rule(const struct route_check *check, size_t host,
		       size_t method)
{
	struct sluice_route_condition
		conditions[SLUICE_ROUTE_CONDITIONS_MAX + 1];
	struct sluice_route_error error;
	struct sluice_route_rule rule;

	config_route_rule(check->route, check->parse, host, method, conditions,
			  &rule);
	if (sluice_route_check(&rule, &error))
		return true;
	refuse_rule(check, method, &rule, &error);
	return false;
}

/* Every host with the first method, then every other method. */
static bool check_rules(const struct route_check *check)
{
	const struct config_match *match = check->route->match;
	const struct config_texts *hosts =
		check->parse == SLUICE_PARSE_TLS ? &match->sni : &match->host;
	bool right = check_rule(check, 0, 0);

	for (size_t i = 1; right && i < hosts->count; i++)
		right = check_rule(check, i, 0);
	for (size_t i = 1; right && i < match->method.count; i++)
		right = check_rule(check, 0, i);
	return right;
}

enum config_claim config_claim(const char *name)
{
	static const char *const names[CONFIG_CLAIMS] = {
		[CONFIG_CLAIM_SUBJECT] = "subject",
		[CONFIG_CLAIM_CN] = "cn",
		[CONFIG_CLAIM_SAN] = "san",
	};
	unsigned int i = 0;

	while (i < CONFIG_CLAIMS && strcmp(names[i], name) != 0)
		i++;
	return (enum config_claim)i;
}

/* What a certificate has to say, which a client has to be asked for. */
static void check_certificate(const struct route_check *check)
{
	const struct config_match *match = check->route->match;
	const struct config_tls *tls = check->service->tls;

	if (match->certificate.count &&
	    (!tls || tls->client_certificate == CONFIG_CLIENT_OFF))
		refuse(check, match->at, "match.client-certificate",
		       "clients are not asked for one; give tls with client-certificate optional or required");
	for (size_t i = 0; i < match->certificate.count; i++)
		if (config_claim(match->certificate.items[i].name) ==
		    CONFIG_CLAIMS)
			refuse(check, match->certificate.items[i].at,
			       "match.client-certificate",
			       "'%s'; not one of subject, cn, san",
			       config_show(
				       match->certificate.items[i].name,
				       strlen(match->certificate.items[i].name))
				       .text);
}

/* What a service never sees. */
static void check_visible(const struct route_check *check)
{
	const struct config_match *match = check->route->match;
	const struct {
		const char *key;
		bool given;
	} of_http[] = {
		{ "host", match->host.count },
		{ "path", match->path },
		{ "prefix", match->prefix },
		{ "path-regex", match->path_regex },
		{ "method", match->method.count },
		{ "query", match->query.count },
		{ "header", match->header.count },
		{ "cookie", match->cookie.count },
		{ "tls-version", match->tls_version },
		{ "client-certificate", match->certificate.count },
	};
	bool passed = check->service->parse == SLUICE_PARSE_TLS;
	char key[32];

	for (size_t i = 0; passed && i < sizeof(of_http) / sizeof(of_http[0]);
	     i++) {
		if (!of_http[i].given)
			continue;
		snprintf(key, sizeof(key), "match.%s", of_http[i].key);
		refuse(check, match->at, key,
		       "not seen in TLS that is passed through; %s",
		       i == 0 ? "give sni" :
				"give 'parse: http' and tls to end it here");
	}
	if (passed)
		return;
	check_certificate(check);
	if (check->service->tls)
		return;
	if (match->tls_version)
		refuse(check, match->at, "match.tls-version",
		       "not there without TLS; leave it out");
	if (match->sni.count)
		refuse(check, match->at, "match.sni",
		       "not there without TLS; give host");
	if (match->alpn.count)
		refuse(check, match->at, "match.alpn",
		       "not there without TLS; leave it out");
}

static void check_action(const struct route_check *check)
{
	const struct config_service *service = check->service;
	const struct config_route *route = check->route;
	bool passed = service->parse == SLUICE_PARSE_TLS;

	if (passed && route->reject_status)
		refuse(check, route->at, "reject",
		       "a status in TLS that is passed through; give reset");
	if (passed && route->redirect)
		refuse(check, route->at, "redirect",
		       "not possible in TLS that is passed through; give pool or reject");
	if (passed && route->answer)
		refuse(check, route->at, "answer",
		       "not possible in TLS that is passed through; give pool or reject");
	for (size_t i = 0; i < service->addresses.count; i++)
		if (route->action == CONFIG_ACTION_PROXY &&
		    service->addresses.items[i].port == route->proxy_port) {
			refuse(check, route->at, "proxy",
			       "'%u'; the port of the service itself, give another",
			       route->proxy_port);
			return;
		}
}

void config_check_route(const struct config_service *service, size_t which,
			struct config_errors *errors)
{
	struct route_check check = {
		.service = service,
		.which = which,
		.route = &service->routes.items[which],
		.parse = service->parse,
		.errors = errors,
	};

	check_action(&check);
	if (!check.route->match || service->parse <= SLUICE_PARSE_NONE)
		return;
	check_visible(&check);
	if (!check_rules(&check) || service->parse == SLUICE_PARSE_TLS)
		return;
	/* Where TLS ends here, both kinds of names are seen. */
	check.parse = SLUICE_PARSE_TLS;
	if (check.route->match->sni.count)
		check_rules(&check);
}

static int compare_names(const void *a, const void *b)
{
	const struct config_route *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	if (order)
		return order;
	return *x < *y ? -1 : *x > *y;
}

void config_check_route_names(const struct config_service *service,
			      struct config_errors *errors)
{
	size_t count = service->routes.count, used = 0;
	const struct config_route **sorted;

	if (count < 2 || !service->name)
		return;
	sorted = calloc(count, sizeof(*sorted));
	if (!sorted) {
		config_error_add(errors, service->at, "out of memory");
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (service->routes.items[i].name)
			sorted[used++] = &service->routes.items[i];
	qsort(sorted, used, sizeof(void *), compare_names);
	for (size_t i = 1; i < used; i++)
		if (strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
			config_error_add(
				errors,
				config_place_of_key(sorted[i]->at, "name"),
				"services.%s.routes[%zu].name: '%s', as route %zu at %s:%u:%u; give each its own",
				service->name,
				(size_t)(sorted[i] - service->routes.items) + 1,
				sorted[i]->name,
				(size_t)(sorted[i - 1] -
					 service->routes.items) +
					1,
				sorted[i - 1]->at.file, sorted[i - 1]->at.line,
				sorted[i - 1]->at.column);
	free(sorted);
}
