// SPDX-License-Identifier: GPL-2.0-or-later
/* What objects say of each other: names that are to be there, and twins. */
#include <stdlib.h>
#include <string.h>

#include "references.h"
#include "schema.h"

#define PATH_MAX_SHOWN 400

/* The closest of all names of a kind, for "did you mean". */
static const char *guess_name(const struct config_index *index,
			      const char *written)
{
	const char *guess = NULL;
	unsigned int distance = 0;

	/* With very many, nobody waits for it. */
	for (size_t i = 0; i < index->count && i < 10000; i++) {
		const char *name;

		memcpy(&name,
		       (const char *)index->sorted[i] +
			       offsetof(struct config_pool, name),
		       sizeof(name));
		if (name)
			config_guess(&guess, &distance, written, name);
	}
	return guess;
}

static void refuse_name(const struct config *config, unsigned int which,
			struct config_errors *errors, struct config_place at,
			const char *path, const char *name)
{
	static const char *const words[] = { "certificate", "check", "pool" };
	const char *guess = config_errors_full(errors) ?
				    NULL :
				    guess_name(&config->by_name[which], name);

	if (guess)
		config_error_add(errors, at,
				 "%s: no %s is named '%s'; did you mean '%s'?",
				 path, words[which], name, guess);
	else
		config_error_add(errors, at,
				 "%s: no %s is named '%s'; write it below %ss",
				 path, words[which], name, words[which]);
}

/* Only what was given is looked up. */
static void refer_certificate(const struct config *config,
			      struct config_errors *errors,
			      struct config_place at, const char *path,
			      const char *name)
{
	if (name && !config_certificate_lookup(config, name))
		refuse_name(config, 0, errors, at, path, name);
}

static const struct config_pool *refer_pool(const struct config *config,
					    struct config_errors *errors,
					    struct config_place at,
					    const char *path, const char *name)
{
	const struct config_pool *pool;

	if (!name)
		return NULL;
	pool = config_pool_lookup(config, name);
	if (!pool)
		refuse_name(config, 2, errors, at, path, name);
	return pool;
}

static int compare_targets(const void *a, const void *b)
{
	const struct config_server *const *x = a, *const *y = b;
	const struct config_target *p = &(*x)->target, *q = &(*y)->target;
	const struct sluice_endpoint at = { p->address, p->port };
	const struct sluice_endpoint other = { q->address, q->port };
	int order;

	if (!p->name != !q->name)
		return p->name ? 1 : -1;
	order = p->name ? strcmp(p->name, q->name) : 0;
	if (!order)
		order = sluice_endpoint_compare(&at, &other);
	return order ? order : (*x)->resolve - (*y)->resolve;
}

/* A server that a pool has twice. */
static void check_servers(const struct config_pool *pool,
			  struct config_errors *errors)
{
	size_t count = pool->servers.count;
	const struct config_server **sorted;

	sorted = count > 1 ? calloc(count, sizeof(*sorted)) : NULL;
	for (size_t i = 0; sorted && i < count; i++)
		sorted[i] = &pool->servers.items[i];
	if (sorted)
		qsort(sorted, count, sizeof(void *), compare_targets);
	else if (count > 1)
		config_error_add(errors, pool->at, "out of memory");
	for (size_t i = 1; sorted && i < count; i++) {
		const struct config_server *first = sorted[i - 1],
					   *twin = sorted[i];

		/* One that could not be read is no twin of another. */
		if (compare_targets(&sorted[i - 1], &sorted[i]) != 0 ||
		    (!first->target.name &&
		     first->target.address.family == AF_UNSPEC))
			continue;
		if (twin->at.line < first->at.line) {
			twin = first;
			first = sorted[i];
		}
		config_error_add(
			errors, twin->at,
			"pools.%s.servers: a server that is there already, at %s:%u:%u; give it once",
			pool->name, first->at.file, first->at.line,
			first->at.column);
	}
	free(sorted);
}

/* The kernel has a name for each family. */
static void check_pool_name(const struct config_pool *pool,
			    struct config_errors *errors)
{
	const size_t end = strlen(CONFIG_POOL_IPV6);
	size_t length = strlen(pool->name);

	if (length > SLUICE_NAME_LEN - end)
		config_error_add(
			errors, pool->at,
			"pools.%s: a name of %zu characters; give one of %zu at most",
			pool->name, length, SLUICE_NAME_LEN - end);
	else if (length >= end &&
		 strcmp(pool->name + length - end, CONFIG_POOL_IPV6) == 0)
		config_error_add(
			errors, pool->at,
			"pools.%s: ends like the kernel's names of pools of IPv6; give another",
			pool->name);
}

static void refer_in_pool(struct config *config, struct config_pool *pool,
			  struct config_errors *errors)
{
	char path[PATH_MAX_SHOWN];

	if (!pool->name)
		return;
	check_pool_name(pool, errors);
	if (pool->check_name) {
		pool->check = config_check_lookup(config, pool->check_name);
		snprintf(path, sizeof(path), "pools.%s.check", pool->name);
		if (!pool->check)
			refuse_name(config, 1, errors,
				    config_place_of_key(pool->at, "check"),
				    path, pool->check_name);
	}
	if (pool->tls) {
		snprintf(path, sizeof(path), "pools.%s.tls.certificate",
			 pool->name);
		refer_certificate(config, errors,
				  config_place_of_key(pool->tls->at,
						      "certificate"),
				  path, pool->tls->certificate);
	}
	check_servers(pool, errors);
}

static void refer_in_service(struct config *config,
			     struct config_service *service,
			     struct config_errors *errors)
{
	char path[PATH_MAX_SHOWN];

	if (!service->name)
		return;
	snprintf(path, sizeof(path), "services.%s.pool", service->name);
	service->pool = refer_pool(config, errors,
				   config_place_of_key(service->at, "pool"),
				   path, service->pool_name);
	snprintf(path, sizeof(path), "services.%s.tls.certificates",
		 service->name);
	for (size_t i = 0; service->tls && i < service->tls->certificates.count;
	     i++)
		refer_certificate(config, errors,
				  config_place_of_key(service->tls->at,
						      "certificates"),
				  path, service->tls->certificates.items[i]);
	for (size_t i = 0; i < service->routes.count; i++) {
		struct config_route *route = &service->routes.items[i];

		snprintf(path, sizeof(path), "services.%s.routes[%zu].%s",
			 service->name, i + 1,
			 route->pool_name ? "pool" : "pools");
		for (size_t j = 0; j < route->pools.count; j++) {
			struct config_weighted *weighted =
				&route->pools.items[j];

			weighted->pool = refer_pool(config, errors,
						    weighted->at, path,
						    weighted->name);
		}
		config_check_route(service, i, errors);
	}
}

/* An address of a service. */
struct taken {
	const struct config_service *service;
	const struct sluice_endpoint *at;
};

static int compare_taken(const void *a, const void *b)
{
	const struct taken *x = a, *y = b;

	if (x->service->protocol != y->service->protocol)
		return x->service->protocol - y->service->protocol;
	return sluice_endpoint_compare(x->at, y->at);
}

/* Two services cannot have one address and port. */
static void check_addresses(const struct config *config,
			    struct config_errors *errors)
{
	size_t count = 0, used = 0;
	struct taken *taken;

	for (size_t i = 0; i < config->services.count; i++)
		count += config->services.items[i].addresses.count;
	taken = calloc(count + 1, sizeof(*taken));
	if (!taken) {
		config_error_add(errors, config->at, "out of memory");
		return;
	}
	for (size_t i = 0; i < config->services.count; i++) {
		const struct config_service *service =
			&config->services.items[i];

		for (size_t j = 0; j < service->addresses.count; j++) {
			taken[used].service = service;
			taken[used++].at = &service->addresses.items[j];
		}
	}
	qsort(taken, used, sizeof(*taken), compare_taken);
	for (size_t i = 1; i < used; i++) {
		const struct config_service *first = taken[i - 1].service,
					    *twin = taken[i].service;

		if (compare_taken(&taken[i - 1], &taken[i]) != 0)
			continue;
		/* In their order in the arrays, which is that of the files. */
		if (twin < first) {
			twin = first;
			first = taken[i].service;
		}
		if (!twin->name || !first->name)
			continue;
		config_error_add(
			errors, config_place_of_key(twin->at, "address"),
			"services.%s.address: protocol, address and port of service '%s' at %s:%u:%u; each service has its own",
			twin->name, first->name, first->at.file, first->at.line,
			first->at.column);
	}
	free(taken);
}

/* A service says nothing by itself where what it leads to is not right. */
static bool leads_to_flawed(const struct config_service *service)
{
	bool flawed = service->pool && service->pool->at.flawed;

	for (size_t i = 0; i < service->routes.count; i++) {
		const struct config_weighted_pools *pools =
			&service->routes.items[i].pools;

		for (size_t j = 0; j < pools->count; j++)
			flawed |= pools->items[j].pool &&
				  pools->items[j].pool->at.flawed;
	}
	return flawed;
}

void config_resolve_references(struct config *config,
			       struct config_errors *errors)
{
	size_t before;

	for (size_t i = 0; i < config->pools.count; i++) {
		before = config_errors_number(errors);
		refer_in_pool(config, &config->pools.items[i], errors);
		config->pools.items[i].at.flawed |=
			config_errors_number(errors) != before;
	}
	for (size_t i = 0; i < config->services.count; i++) {
		struct config_service *service = &config->services.items[i];

		before = config_errors_number(errors);
		refer_in_service(config, service, errors);
		service->at.flawed |= config_errors_number(errors) != before ||
				      leads_to_flawed(service);
	}
	for (size_t i = 0; i < config->services.count; i++)
		config_check_route_names(&config->services.items[i], errors);
	check_addresses(config, errors);
}
