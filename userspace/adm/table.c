// SPDX-License-Identifier: GPL-2.0-or-later
/* Services with their servers, as they are listed and saved. */
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "table.h"

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_endpoints(const struct sluice_endpoint *a,
			     const struct sluice_endpoint *b)
{
	size_t size = a->address.family == AF_INET ? 4 : 16;
	int order = COMPARE(a->address.family, b->address.family);

	if (!order)
		order = memcmp(&a->address.v4, &b->address.v4, size);
	return order ? order : COMPARE(a->port, b->port);
}

static int services_by_address(const void *a, const void *b)
{
	const struct sluice_service *x = a;
	const struct sluice_service *y = b;
	int order = COMPARE(x->key.at.address.family, y->key.at.address.family);

	/* As ipvsadm has them: all of IPv4 first. */
	if (!order)
		order = COMPARE(x->key.protocol, y->key.protocol);
	return order ? order : compare_endpoints(&x->key.at, &y->key.at);
}

static int services_by_id(const void *a, const void *b)
{
	const struct sluice_service *x = a;
	const struct sluice_service *y = b;

	return COMPARE(x->id, y->id);
}

static int servers_by_address(const void *a, const void *b)
{
	const struct sluice_server *x = a;
	const struct sluice_server *y = b;
	int order = strcmp(x->pool, y->pool);

	return order ? order : compare_endpoints(&x->at, &y->at);
}

static int servers_by_id(const void *a, const void *b)
{
	const struct sluice_server *x = a;
	const struct sluice_server *y = b;
	int order = strcmp(x->pool, y->pool);

	return order ? order : COMPARE(x->id, y->id);
}

static int load_one(struct adm *adm, const struct sluice_service_key *key,
		    struct adm_table *table)
{
	struct sluice_server of = { .service = *key };
	char text[SERVICE_TEXT];

	table->services = calloc(1, sizeof(*table->services));
	if (!table->services)
		return adm_fail(adm, "out of memory");
	if (sluice_service_get(adm->sl, key, table->services) < 0 ||
	    sluice_server_list(adm->sl, &of, &table->servers,
			       &table->servers_count) < 0)
		return adm_refused(adm, "service %s", print_service(text, key));
	table->services_count = 1;
	return ADM_DONE;
}

static int load_all(struct adm *adm, struct adm_table *table)
{
	if (sluice_service_list(adm->sl, &table->services,
				&table->services_count) < 0)
		return adm_refused(adm, "services");
	if (sluice_server_list(adm->sl, NULL, &table->servers,
			       &table->servers_count) < 0)
		return adm_refused(adm, "servers");
	return ADM_DONE;
}

/**
 * adm_table_load() - ask the module for services and their servers
 * @adm: the run
 * @only: this service; NULL or without a protocol: all
 * @order: in which order
 * @table: filled in; to be freed even on failure
 *
 * Return: an exit status.
 */
int adm_table_load(struct adm *adm, const struct sluice_service_key *only,
		   enum adm_order order, struct adm_table *table)
{
	bool by_id = order == ADM_BY_ID;
	int status;

	memset(table, 0, sizeof(*table));
	if (only && only->protocol)
		status = load_one(adm, only, table);
	else
		status = load_all(adm, table);
	if (status)
		return status;
	if (table->services_count)
		qsort(table->services, table->services_count,
		      sizeof(*table->services),
		      by_id ? services_by_id : services_by_address);
	if (table->servers_count)
		qsort(table->servers, table->servers_count,
		      sizeof(*table->servers),
		      by_id ? servers_by_id : servers_by_address);
	return ADM_DONE;
}

void adm_table_free(struct adm_table *table)
{
	free(table->services);
	free(table->servers);
}

/**
 * adm_table_servers() - the servers of a pool
 * @table: the table
 * @pool: the pool
 * @first: where the first of them goes
 *
 * Return: how many there are.
 */
size_t adm_table_servers(const struct adm_table *table, const char *pool,
			 const struct sluice_server **first)
{
	size_t low = 0;
	size_t high = table->servers_count;
	size_t count = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(table->servers[middle].pool, pool) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first = table->servers + low;
	while (low + count < table->servers_count &&
	       strcmp((*first)[count].pool, pool) == 0)
		count++;
	return count;
}
