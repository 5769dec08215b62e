// SPDX-License-Identifier: GPL-2.0-or-later
/* -A, -E, -D and -L: services. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "names.gen.h"

#include "../adm.h"
#include "../json.h"
#include "../print.h"
#include "../table.h"

typedef int (*change_fn)(struct sluice *sl,
			 const struct sluice_service *service);

static int change(struct adm *adm, const struct adm_request *req, change_fn fn)
{
	struct sluice_service service = {
		.key = req->service,
		.has_slow_path = adm_has(req, OPT_SLOW_PATH),
		.slow_path = req->slow_path,
		.has_stratum = adm_has(req, OPT_STRATUM),
		.stratum = req->stratum,
		.has_parse = adm_has(req, OPT_PARSE),
		.parse = req->parse,
	};
	char text[SERVICE_TEXT];

	memcpy(service.pool, req->pool, sizeof(service.pool));
	memcpy(service.scheduler, req->scheduler, sizeof(service.scheduler));
	if (fn(adm->sl, &service) < 0)
		return adm_refused(adm, "service %s",
				   print_service(text, &req->service));
	return ADM_DONE;
}

int cmd_service_add(struct adm *adm, const struct adm_request *req)
{
	return change(adm, req, sluice_service_new);
}

int cmd_service_set(struct adm *adm, const struct adm_request *req)
{
	return change(adm, req, sluice_service_set);
}

int cmd_service_del(struct adm *adm, const struct adm_request *req)
{
	char text[SERVICE_TEXT];

	if (sluice_service_del(adm->sl, &req->service) < 0)
		return adm_refused(adm, "service %s",
				   print_service(text, &req->service));
	return ADM_DONE;
}

static int print_title(struct adm *adm, const struct adm_request *req)
{
	struct sluice_info info;

	if (sluice_info_get(adm->sl, &info) < 0)
		return adm_refused(adm, "info");
	/* Like ipvsadm, only where the whole table is listed. */
	if (!req->service.protocol)
		printf("Sluice version %s (abi %u)\n", info.version, info.abi);
	if (adm_has(req, OPT_STATS))
		printf("%-33s %8s %8s %8s %8s %8s\n", "Prot LocalAddress:Port",
		       "Conns", "InPkts", "OutPkts", "InBytes", "OutBytes");
	else if (adm_has(req, OPT_RATE))
		printf("%-33s %8s %8s %8s %8s %8s\n", "Prot LocalAddress:Port",
		       "CPS", "InPPS", "OutPPS", "InBPS", "OutBPS");
	else
		printf("Prot LocalAddress:Port Scheduler Flags\n"
		       "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n");
	if (req->given & (BIT(OPT_STATS) | BIT(OPT_RATE)))
		printf("  -> RemoteAddress:Port\n");
	return ADM_DONE;
}

static void print_stats(const struct sluice_stats *stats, bool exact)
{
	print_count(stats->connections, exact);
	print_count(stats->in_packets, exact);
	print_count(stats->out_packets, exact);
	print_count(stats->in_bytes, exact);
	print_count(stats->out_bytes, exact);
	putchar('\n');
}

static void print_one_service(const struct adm_request *req,
			      const struct sluice_service *service)
{
	char text[ENDPOINT_TEXT];
	char protocol[8];

	snprintf(protocol, sizeof(protocol), "%s",
		 print_protocol(service->key.protocol));
	for (char *at = protocol; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	print_endpoint(text, sizeof(text), &service->key.at,
		       service->key.protocol, adm_has(req, OPT_NUMERIC));
	if (req->given & (BIT(OPT_STATS) | BIT(OPT_RATE))) {
		printf("%-4s %-28s", protocol, text);
		print_stats(&service->stats, adm_has(req, OPT_EXACT));
		return;
	}
	printf("%-4s %s %s", protocol, text, service->scheduler);
	if (!service->own_pool)
		printf(" pool %s", service->pool);
	if (service->slow_path)
		printf(" slow-path");
	if (service->stratum != SLUICE_STRATUM_FLOW)
		printf(" %s %s routes %u", print_stratum(service->stratum),
		       print_parse(service->parse), service->routes);
	putchar('\n');
}

static void print_one_server(const struct adm_request *req, uint8_t protocol,
			     const struct sluice_server *server)
{
	char text[ENDPOINT_TEXT];

	print_endpoint(text, sizeof(text), &server->at, protocol,
		       adm_has(req, OPT_NUMERIC));
	printf("  -> %-28s", text);
	if (req->given & (BIT(OPT_STATS) | BIT(OPT_RATE))) {
		print_stats(&server->stats, adm_has(req, OPT_EXACT));
		return;
	}
	printf(" %-7s %-6u %-10u %-10u", print_forward(server->forward),
	       server->weight, server->active, server->inactive);
	/* A field of its own at the end does not disturb what reads lines. */
	if (server->state != SLUICE_SERVER_STATE_UP)
		printf(" %s", print_state(server->state));
	print_why(stdout, server);
	putchar('\n');
}

/* Why new connections were refused: those reasons that there were. */
static void print_refused(const struct adm_request *req,
			  const struct sluice_service *service)
{
	const char *between = " ";
	char text[ENDPOINT_TEXT];

	print_endpoint(text, sizeof(text), &service->key.at,
		       service->key.protocol, adm_has(req, OPT_NUMERIC));
	printf("%-4s %-28s", print_protocol(service->key.protocol), text);
	for (unsigned int i = 1; i <= SLUICE_A_REFUSALS_MAX; i++) {
		uint64_t count = print_refusal(&service->refusals, i);

		if (!count)
			continue;
		printf("%s%s %" PRIu64, between,
		       sluice_attr_name(SLUICE_SET_REFUSALS, i), count);
		between = ", ";
	}
	putchar('\n');
}

static void print_refused_table(const struct adm_request *req,
				const struct adm_table *table)
{
	printf("%-33s Refused\n", "Prot LocalAddress:Port");
	for (size_t i = 0; i < table->services_count; i++)
		print_refused(req, &table->services[i]);
}

static int print_table(struct adm *adm, const struct adm_request *req,
		       const struct adm_table *table)
{
	const struct sluice_server *servers;
	int status = print_title(adm, req);
	size_t count;

	for (size_t i = 0; !status && i < table->services_count; i++) {
		const struct sluice_service *service = &table->services[i];

		print_one_service(req, service);
		count = adm_table_servers(table, service->pool, &servers);
		for (size_t j = 0; j < count; j++)
			print_one_server(req, service->key.protocol,
					 &servers[j]);
	}
	return status;
}

/* Rates stand beside what is known anyway, not in place of the counters. */
static void name_rate(json_t *object, bool rate)
{
	json_t *stats = json_object_get(object, "stats");

	if (!rate || !stats)
		return;
	json_object_set(object, "rate", stats);
	json_object_del(object, "stats");
}

static json_t *service_object(const struct adm_table *table,
			      const struct sluice_service *service, bool rate)
{
	json_t *object = json_service(service);
	json_t *array = json_array();
	const struct sluice_server *servers;
	size_t count = adm_table_servers(table, service->pool, &servers);

	name_rate(object, rate);
	for (size_t i = 0; array && i < count; i++) {
		json_t *server = json_server(&servers[i]);

		name_rate(server, rate);
		if (json_array_append_new(array, server) == 0)
			continue;
		json_decref(array);
		array = NULL;
	}
	json_put(&object, "servers", array);
	return object;
}

static int print_json(struct adm *adm, const struct adm_request *req,
		      const struct adm_table *table)
{
	struct json_list list;
	int status = ADM_DONE;

	json_list_begin(&list, "services");
	for (size_t i = 0; !status && i < table->services_count; i++)
		status =
			json_list_add(adm, &list,
				      service_object(table, &table->services[i],
						     adm_has(req, OPT_RATE)));
	json_list_end(&list);
	return status;
}

int cmd_service_show(struct adm *adm, const struct adm_request *req)
{
	enum adm_order order = adm_has(req, OPT_NOSORT) ? ADM_BY_ID :
							  ADM_BY_ADDRESS;
	struct adm_table table;
	int status;

	if (adm_has(req, OPT_CONNECTION))
		return cmd_connection_show(adm, req);
	if (adm_has(req, OPT_TIMEOUT))
		return cmd_settings_timeouts(adm, req);
	status = adm_table_load(adm, &req->service, order, &table);
	if (!status && adm_has(req, OPT_RATE))
		status = adm_table_rates(adm, req, order, &table);
	if (!status && adm_has(req, OPT_JSON))
		status = print_json(adm, req, &table);
	else if (!status && adm_has(req, OPT_REFUSED))
		print_refused_table(req, &table);
	else if (!status)
		status = print_table(adm, req, &table);
	adm_table_free(&table);
	return status;
}
