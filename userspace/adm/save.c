// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writing what -R reads. Addresses are written in numbers whatever was asked
 * for: a name need not lead back to the address that it came from.
 */
#include <stdio.h>

#include "names.gen.h"
#include "print.h"
#include "save.h"

static void save_settings(const struct sluice_settings *settings)
{
	printf("settings set connections-max=%u", settings->connections_max);
	for (unsigned int i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		if (settings->timeouts[i])
			printf(" %s=%u",
			       sluice_attr_name(SLUICE_SET_TIMEOUTS, i),
			       settings->timeouts[i]);
	putchar('\n');
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

	printf("-a %s %s -r %s -%c -w %u", option, of,
	       print_endpoint(at, sizeof(at), &server->at, 0, true),
	       forward_letter(server->forward), server->weight);
	if (server->state != SLUICE_SERVER_STATE_UP)
		printf(" --state %s", print_state(server->state));
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

static void save_pool(const struct adm_table *table,
		      const struct sluice_pool *pool)
{
	printf("pool add --family %s -s %s %s%s\n",
	       pool->family == AF_INET6 ? "inet6" : "inet", pool->scheduler,
	       pool->name[0] == '-' ? "-- " : "", pool->name);
	save_servers(table, pool->name, "--pool", pool->name, 0);
}

static void save_service(const struct adm_table *table,
			 const struct sluice_service *service)
{
	const char *option = service->key.protocol == IPPROTO_UDP ? "-u" : "-t";
	char at[ENDPOINT_TEXT];

	print_endpoint(at, sizeof(at), &service->key.at, service->key.protocol,
		       true);
	printf("-A %s %s %s %s%s\n", option, at,
	       service->own_pool ? "-s" : "--pool",
	       service->own_pool ? service->scheduler : service->pool,
	       service->slow_path ? " --slow-path on" : "");
	if (service->own_pool)
		save_servers(table, service->pool, option, at,
			     service->key.at.port);
}

/**
 * adm_save() - write a configuration to standard output
 * @settings: settings
 * @pools: all pools, of which those that services own are left out
 * @pools_count: how many
 * @table: services and servers in the order in which they were made, so that
 *   they are restored in the same order
 */
void adm_save(const struct sluice_settings *settings,
	      const struct sluice_pool *pools, size_t pools_count,
	      const struct adm_table *table)
{
	save_settings(settings);
	for (size_t i = 0; i < pools_count; i++)
		if (!pools[i].owned)
			save_pool(table, &pools[i]);
	for (size_t i = 0; i < table->services_count; i++)
		save_service(table, &table->services[i]);
}
