// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writing what -R reads. Addresses are written in numbers whatever was asked
 * for: a name need not lead back to the address that it came from.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.gen.h"
#include "print.h"
#include "relay.h"
#include "route.h"
#include "save.h"

static void save_settings(const struct sluice_settings *settings)
{
	printf("settings set connections-max=%u", settings->connections_max);
	for (unsigned int i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		if (settings->timeouts[i])
			printf(" %s=%u",
			       sluice_attr_name(SLUICE_SET_TIMEOUTS, i),
			       settings->timeouts[i]);
	/* An older module knows none of these. */
	if (settings->head_timeout)
		printf(" %s=%u %s=%u %s=%u %s=%" PRIu64,
		       sluice_attr_name(SLUICE_SET_SNIFF,
					SLUICE_A_SNIFF_HEAD_TIMEOUT),
		       settings->head_timeout,
		       sluice_attr_name(SLUICE_SET_SNIFF,
					SLUICE_A_SNIFF_CONNECT_TIMEOUT),
		       settings->connect_timeout,
		       sluice_attr_name(SLUICE_SET_SNIFF,
					SLUICE_A_SNIFF_CONNECT_RETRIES),
		       settings->connect_retries,
		       sluice_attr_name(SLUICE_SET_SNIFF,
					SLUICE_A_SNIFF_HELD_MAX),
		       settings->held_max);
	if (settings->relay_clients_max)
		printf(" %s=%u",
		       sluice_attr_name(SLUICE_SET_SETTINGS,
					SLUICE_A_SETTINGS_RELAY_CLIENTS_MAX),
		       settings->relay_clients_max);
	putchar('\n');
}

static void save_name(const char *name)
{
	print_word(stdout, name, strlen(name));
}

static char forward_letter(uint8_t forward)
{
	switch (forward) {
	case SLUICE_FORWARD_DR:
		return 'g';
	case SLUICE_FORWARD_TUNNEL:
		return 'i';
	default:
		return 'm';
	}
}

static void save_server(const struct sluice_server *server, const char *option,
			const char *of)
{
	char at[ENDPOINT_TEXT];

	printf("-a %s ", option);
	save_name(of);
	printf(" -r %s -%c -w %u",
	       print_endpoint(at, sizeof(at), &server->at, 0, true),
	       forward_letter(server->forward), server->weight);
	if (server->state != SLUICE_SERVER_STATE_UP)
		printf(" --state %s", print_state(server->state));
	if (server->has_deadline)
		printf(" --deadline %ums", server->deadline);
	if (server->reason[0]) {
		fputs(" --reason ", stdout);
		save_name(server->reason);
	}
	putchar('\n');
}

/* @port: of the service that @of names, 0 where it names the pool. */
static void save_servers(const struct adm_table *table, const char *pool,
			 const char *option, const char *of, uint16_t port)
{
	const struct sluice_server *servers;
	size_t count = adm_table_servers(table, pool, &servers);

	for (size_t i = 0; i < count; i++) {
		/* With a service, -g and -i would give it that one's port. */
		if (port && servers[i].forward != SLUICE_FORWARD_NAT &&
		    servers[i].at.port != port)
			save_server(&servers[i], "--pool", pool);
		else
			save_server(&servers[i], option, of);
	}
}

/* What is not the default. */
static void save_pool_params(const struct sluice_pool *pool)
{
	char sticky[sizeof(pool->sticky_cookie) + sizeof(pool->sticky_pool)];

	if (pool->proxy_protocol)
		printf(" --proxy-protocol v2");
	print_fates(pool, " --on-down ", " --on-drain ");
	if (!pool->has_sticky)
		return;
	snprintf(sticky, sizeof(sticky), "%s:%s", pool->sticky_cookie,
		 pool->sticky_pool);
	printf(" --sticky ");
	save_name(sticky);
}

static bool has_pool_params(const struct sluice_pool *pool)
{
	return pool->proxy_protocol || pool->has_sticky ||
	       pool->on_down != SLUICE_FATE_KEEP ||
	       (pool->has_on_drain && pool->on_drain != SLUICE_FATE_RESET);
}

static void save_pool(const struct adm_table *table,
		      const struct sluice_pool *pool)
{
	printf("pool add --family %s -s %s",
	       pool->family == AF_INET6 ? "inet6" : "inet", pool->scheduler);
	save_pool_params(pool);
	printf("%s ", pool->name[0] == '-' ? " --" : "");
	save_name(pool->name);
	putchar('\n');
	save_servers(table, pool->name, "--pool", pool->name, 0);
}

static void save_service(const struct adm_table *table,
			 const struct sluice_service *service)
{
	const char *option = service->key.protocol == IPPROTO_UDP ? "-u" : "-t";
	char at[ENDPOINT_TEXT];

	print_endpoint(at, sizeof(at), &service->key.at, service->key.protocol,
		       true);
	printf("-A %s %s %s ", option, at, service->own_pool ? "-s" : "--pool");
	save_name(service->own_pool ? service->scheduler : service->pool);
	printf("%s", service->slow_path ? " --slow-path on" : "");
	if (service->stratum != SLUICE_STRATUM_FLOW)
		printf(" --stratum %s --parse %s",
		       print_stratum(service->stratum),
		       print_parse(service->parse));
	putchar('\n');
	if (service->own_pool)
		save_servers(table, service->pool, option, at,
			     service->key.at.port);
}

/* What a pool that a service owns does not get by the service. */
static void save_own_pool(const struct sluice_pool *pool)
{
	if (!has_pool_params(pool))
		return;
	printf("pool set");
	save_pool_params(pool);
	printf(" %s\n", pool->name);
}

/* Return: whether any word of a line would be taken for an option. */
static bool has_dash(const char *line)
{
	return strstr(line, " -") || strstr(line, " \"-");
}

static int save_route(const struct sluice_route *route)
{
	char at[ENDPOINT_TEXT];
	char *words = NULL;
	size_t size;
	FILE *to;

	to = open_memstream(&words, &size);
	if (!to)
		return -1;
	fputc(' ', to);
	print_word(to, route->name, strlen(route->name));
	print_route(to, route);
	if (fclose(to) != 0) {
		free(words);
		return -1;
	}
	printf("route add -t %s%s%s\n",
	       print_endpoint(at, sizeof(at), &route->service.at,
			      route->service.protocol, true),
	       has_dash(words) ? " --" : "", words);
	free(words);
	return 0;
}

/**
 * adm_save_relay() - write what was said of services of stratum relay
 * @configs: of each
 * @count: how many
 *
 * After adm_save(), so that the services are there.
 */
void adm_save_relay(const struct sluice_relay_config *configs, size_t count)
{
	char at[ENDPOINT_TEXT];

	for (size_t i = 0; i < count; i++) {
		printf("relay set -t %s",
		       print_endpoint(at, sizeof(at), &configs[i].service.at,
				      configs[i].service.protocol, true));
		print_relay_config(stdout, &configs[i]);
		putchar('\n');
	}
}

/**
 * adm_save() - write a configuration to standard output
 * @settings: settings
 * @pools: all pools, of which those that services own are left out
 * @pools_count: how many
 * @table: services and servers in the order in which they were made, so that
 *   they are restored in the same order
 * @routes: all routes, of each service in their order
 * @routes_count: how many
 *
 * Return: 0, or -1 if out of memory.
 */
int adm_save(const struct sluice_settings *settings,
	     const struct sluice_pool *pools, size_t pools_count,
	     const struct adm_table *table, const struct sluice_route *routes,
	     size_t routes_count)
{
	save_settings(settings);
	for (size_t i = 0; i < pools_count; i++)
		if (!pools[i].owned)
			save_pool(table, &pools[i]);
	for (size_t i = 0; i < table->services_count; i++)
		save_service(table, &table->services[i]);
	for (size_t i = 0; i < pools_count; i++)
		if (pools[i].owned)
			save_own_pool(&pools[i]);
	for (size_t i = 0; i < routes_count; i++)
		if (save_route(&routes[i]) < 0)
			return -1;
	return 0;
}
