/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services with their servers, as they are listed and saved. */
#ifndef ADM_TABLE_H
#define ADM_TABLE_H

#include "adm.h"

/**
 * struct adm_table - services and servers
 * @services: all, or the one that was asked for
 * @services_count: how many
 * @servers: by pool, within a pool as asked for
 * @servers_count: how many
 */
struct adm_table {
	struct sluice_service *services;
	size_t services_count;
	struct sluice_server *servers;
	size_t servers_count;
};

/* In which order services, and the servers of a pool, are wanted. */
enum adm_order {
	ADM_BY_ADDRESS,
	ADM_BY_ID,
};

int adm_table_load(struct adm *adm, const struct sluice_service_key *only,
		   enum adm_order order, struct adm_table *table);
void adm_table_free(struct adm_table *table);
size_t adm_table_servers(const struct adm_table *table, const char *pool,
			 const struct sluice_server **first);

/* rate.c: turn the counters of a table into counts per second. */
int adm_table_rates(struct adm *adm, const struct adm_request *req,
		    enum adm_order order, struct adm_table *table);

#endif /* ADM_TABLE_H */
