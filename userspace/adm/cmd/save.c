// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * -S: everything that was configured, as lines that -R reads. Addresses are
 * written in numbers whatever was asked for: a name need not lead back to the
 * address that it came from.
 */
#include <stdlib.h>

#include "names.gen.h"

#include "../adm.h"
#include "../print.h"
#include "../table.h"

static int save_settings(struct adm *adm)
{
	struct sluice_settings settings;

	if (sluice_settings_get(adm->sl, &settings) < 0)
		return adm_refused(adm, "settings");
	printf("settings set connections-max=%u", settings.connections_max);
	for (unsigned int i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		if (settings.timeouts[i])
			printf(" %s=%u",
			       sluice_attr_name(SLUICE_SET_TIMEOUTS, i),
			       settings.timeouts[i]);
	putchar('\n');
	return ADM_DONE;
}

static void save_servers(const struct adm_table *table, const char *pool,
			 const char *option, const char *of)
{
	const struct sluice_server *servers;
	size_t count = adm_table_servers(table, pool, &servers);
	char at[ENDPOINT_TEXT];

	for (size_t i = 0; i < count; i++) {
		printf("-a %s %s -r %s -m -w %u", option, of,
		       print_endpoint(at, sizeof(at), &servers[i].at, 0, true),
		       servers[i].weight);
		if (servers[i].state != SLUICE_SERVER_STATE_UP)
			printf(" --state %s", print_state(servers[i].state));
		putchar('\n');
	}
}

static int save_pools(struct adm *adm, const struct adm_table *table)
{
	struct sluice_pool *pools;
	size_t count;

	if (sluice_pool_list(adm->sl, &pools, &count) < 0)
		return adm_refused(adm, "pools");
	for (size_t i = 0; i < count; i++) {
		if (pools[i].owned)
			continue;
		printf("pool add %s --family %s -s %s\n", pools[i].name,
		       pools[i].family == AF_INET6 ? "inet6" : "inet",
		       pools[i].scheduler);
		save_servers(table, pools[i].name, "--pool", pools[i].name);
	}
	free(pools);
	return ADM_DONE;
}

static void save_service(const struct adm_table *table,
			 const struct sluice_service *service)
{
	const char *option = service->key.protocol == IPPROTO_UDP ? "-u" : "-t";
	char at[ENDPOINT_TEXT];

	print_endpoint(at, sizeof(at), &service->key.at, service->key.protocol,
		       true);
	if (!service->own_pool) {
		printf("-A %s %s --pool %s\n", option, at, service->pool);
		return;
	}
	printf("-A %s %s -s %s\n", option, at, service->scheduler);
	save_servers(table, service->pool, option, at);
}

int cmd_save(struct adm *adm, const struct adm_request *req)
{
	struct adm_table table;
	int status;

	(void)req;
	/* Restored in this order, everything gets numbers in the same order. */
	status = adm_table_load(adm, NULL, ADM_BY_ID, &table);
	if (!status)
		status = save_settings(adm);
	if (!status)
		status = save_pools(adm, &table);
	for (size_t i = 0; !status && i < table.services_count; i++)
		save_service(&table, &table.services[i]);
	adm_table_free(&table);
	return status;
}
