// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "checks.h"
#include "cookie_key.h"
#include "place.h"
#include "proxy/forward_pages.h"
#include "proxy/tls.h"
#include "site.h"
#include "trial.h"

/* Expressions, files of authorities. */
static void try_checks(struct config *config, struct check_engine *engine,
		       struct config_errors *errors)
{
	struct checks checks = { 0 };

	checks_init(&checks, engine, config, NULL, errors);
	checks_exit(&checks);
}

/* Servers that are checked from an address, each of its family. */
static void try_sources(const struct config *config,
			const struct config_pool *pool,
			struct config_errors *errors)
{
	const struct config_check *check =
		config_check_lookup(config, pool->check_name);
	sa_family_t family;

	if (!check || !check->spec.source)
		return;
	family = strchr(check->spec.source, ':') ? AF_INET6 : AF_INET;
	for (size_t i = 0; i < pool->servers.count; i++) {
		const struct config_server *server = &pool->servers.items[i];

		if (!server->target.name &&
		    server->target.address.family != family)
			site_refuse_family(pool, server->at, errors);
	}
}

static void try_checks_alone(struct config *config,
			     struct config_errors *errors)
{
	struct loop *loop = loop_create(NULL);
	struct check_engine *engine = loop ? check_engine_create(loop, NULL) :
					     NULL;

	if (engine)
		try_checks(config, engine, errors);
	else
		config_error_add(errors, config->at, "%s", strerror(errno));
	check_engine_free(engine);
	loop_free(loop);
}

/* One that is not, was left out, and has been said to be wrong. */
static bool is_there(const struct config *config, const char *certificate)
{
	return config_certificate_lookup(config, certificate);
}

static void try_server(const struct config *config,
		       const struct config_service *service,
		       struct tls_certificates *all,
		       struct config_errors *errors)
{
	const struct config_texts *names = &service->tls->certificates;
	struct tls_server *server;

	for (size_t i = 0; i < names->count; i++)
		if (!is_there(config, names->items[i]))
			return;
	server = tls_server_create(service, all, NULL, errors);
	if (server)
		tls_server_put(server);
}

static void try_client(const struct config *config,
		       const struct config_pool *pool,
		       struct tls_certificates *all,
		       struct config_errors *errors)
{
	struct tls_client *client;

	if (pool->tls->certificate && !is_there(config, pool->tls->certificate))
		return;
	client = tls_client_create(pool, all, errors);
	if (client)
		tls_client_put(client);
}

/* Who uses a certificate is only tried where that can be used. */
static void leave_out_unusable(struct config *config)
{
	struct config_errors known = { 0 };

	for (size_t i = 0; i < config->certificates.count; i++) {
		struct config_certificate *item =
			&config->certificates.items[i];
		struct config one = *config;
		struct tls_certificates *certificates;

		one.certificates.items = item;
		one.certificates.count = 1;
		certificates = tls_certificates_create(&one, NULL, &known);
		item->at.flawed = !certificates;
		tls_certificates_free(certificates);
		config_errors_free(&known);
	}
}

static void try_users(const struct config *config, struct tls_certificates *all,
		      struct config_errors *errors)
{
	for (size_t i = 0; i < config->services.count; i++)
		if (config->services.items[i].tls)
			try_server(config, &config->services.items[i], all,
				   errors);
	for (size_t i = 0; i < config->pools.count; i++)
		if (config->pools.items[i].tls)
			try_client(config, &config->pools.items[i], all,
				   errors);
}

static void try_tls(struct config *config, struct config_errors *errors)
{
	struct tls_certificates *all =
		tls_certificates_create(config, NULL, errors);
	struct config *usable = config_get(config);

	if (!all) {
		leave_out_unusable(config);
		config_free(usable);
		usable = config_whole(config, errors);
		all = usable ? tls_certificates_create(usable, NULL, errors) :
			       NULL;
	}
	if (all)
		try_users(usable, all, errors);
	tls_certificates_free(all);
	config_free(usable);
}

static void try_pages(const struct config *config, struct config_errors *errors)
{
	for (size_t i = 0; i < config->services.count; i++) {
		struct forward_pages *pages = forward_pages_create(
			&config->services.items[i], errors);

		if (pages)
			forward_pages_free(pages);
	}
}

void trial(struct config *config, unsigned int built,
	   struct check_engine *engine, struct config_errors *errors)
{
	struct config *whole = config_whole(config, errors);
	struct config_errors found = { 0 };

	if (!whole)
		return;
	place_check(whole, built, &found);
	if (engine)
		try_checks(whole, engine, &found);
	else
		try_checks_alone(whole, &found);
	for (size_t i = 0; i < whole->pools.count; i++)
		if (whole->pools.items[i].check_name)
			try_sources(whole, &whole->pools.items[i], &found);
	try_tls(whole, &found);
	try_pages(whole, &found);
	cookie_key_check(whole->settings, &found);
	config_errors_merge(errors, &found);
	config_free(whole);
}
