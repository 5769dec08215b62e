// SPDX-License-Identifier: GPL-2.0-or-later
/* -S: everything that was configured, as lines that -R reads. */
#include <stdlib.h>

#include "../save.h"

int cmd_save(struct adm *adm, const struct adm_request *req)
{
	struct sluice_settings settings;
	struct sluice_relay_config *configs = NULL;
	struct sluice_route *routes = NULL;
	struct sluice_pool *pools = NULL;
	struct adm_table table;
	size_t configs_count = 0;
	size_t routes_count = 0;
	size_t count = 0;
	int status;

	(void)req;
	/* Nothing is written before all is known. */
	status = adm_table_load(adm, NULL, ADM_BY_ID, &table);
	if (!status && sluice_settings_get(adm->sl, &settings) < 0)
		status = adm_refused(adm, "settings");
	if (!status && sluice_pool_list(adm->sl, &pools, &count) < 0)
		status = adm_refused(adm, "pools");
	if (!status &&
	    sluice_route_list(adm->sl, NULL, &routes, &routes_count) < 0)
		status = adm_refused(adm, "routes");
	if (!status)
		status = adm_open_relay_if_there(adm);
	if (!status && adm->relay &&
	    sluice_relay_config_list(adm->relay, &configs, &configs_count) < 0)
		status = adm_relay_refused(adm, "relay");
	if (!status &&
	    adm_save(&settings, pools, count, &table, routes, routes_count) < 0)
		status = adm_fail(adm, "out of memory");
	if (!status)
		adm_save_relay(configs, configs_count);
	free(configs);
	sluice_route_list_free(routes, routes_count);
	free(pools);
	adm_table_free(&table);
	return status;
}
