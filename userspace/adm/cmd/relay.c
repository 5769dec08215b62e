// SPDX-License-Identifier: GPL-2.0-or-later
/* "relay set", "del", "show" and "stats": how services are relayed. */
#include <inttypes.h>
#include <stdlib.h>

#include "relay_names.gen.h"

#include "../json.h"
#include "../print.h"
#include "../relay.h"

int cmd_relay_operand(struct adm_request *req, unsigned int number,
		      const char *word, struct adm_message *msg)
{
	(void)number;
	return adm_relay_take(&req->relay, word, msg);
}

int cmd_relay_set(struct adm *adm, const struct adm_request *req)
{
	struct sluice_relay_config config = req->relay;
	char text[SERVICE_TEXT];

	config.service = req->service;
	if (sluice_relay_config_set(adm->relay, &config) < 0)
		return adm_relay_refused(adm, "relay of service %s",
					 print_service(text, &req->service));
	return ADM_DONE;
}

int cmd_relay_del(struct adm *adm, const struct adm_request *req)
{
	char text[SERVICE_TEXT];

	if (sluice_relay_config_del(adm->relay, &req->service) < 0)
		return adm_relay_refused(adm, "relay of service %s",
					 print_service(text, &req->service));
	return ADM_DONE;
}

static bool is_meant(const struct adm_request *req,
		     const struct sluice_relay_config *config)
{
	return !req->service.protocol ||
	       sluice_endpoint_compare(&req->service.at, &config->service.at) ==
		       0;
}

static int print_json(struct adm *adm, const struct adm_request *req,
		      const struct sluice_relay_config *configs, size_t count)
{
	struct json_list list;
	int status = ADM_DONE;

	json_list_begin(&list, "relay");
	for (size_t i = 0; !status && i < count; i++)
		if (is_meant(req, &configs[i]))
			status = json_list_add(adm, &list,
					       json_relay_config(&configs[i]));
	json_list_end(&list);
	return status;
}

static void print_text(const struct adm_request *req,
		       const struct sluice_relay_config *configs, size_t count)
{
	char text[SERVICE_TEXT];

	printf("%-28s Relayed with\n", "Service");
	for (size_t i = 0; i < count; i++) {
		if (!is_meant(req, &configs[i]))
			continue;
		printf("%-28s", print_service(text, &configs[i].service));
		print_relay_config(stdout, &configs[i]);
		puts(configs[i].keyed ? " keyed" : "");
	}
}

int cmd_relay_show(struct adm *adm, const struct adm_request *req)
{
	struct sluice_relay_config *configs = NULL;
	int status = ADM_DONE;
	size_t count = 0;

	if (sluice_relay_config_list(adm->relay, &configs, &count) < 0)
		return adm_relay_refused(adm, "relay");
	if (adm_has(req, OPT_JSON))
		status = print_json(adm, req, configs, count);
	else
		print_text(req, configs, count);
	free(configs);
	return status;
}

static void print_stats(const struct sluice_relay_stats *stats)
{
	printf("clients: %u\n", stats->clients);
	printf("accepted: %" PRIu64 "\n", stats->accepted);
	printf("requests: %" PRIu64 "\n", stats->requests);
	printf("answers: %" PRIu64 "\n", stats->answers);
	printf("connects: %" PRIu64 "\n", stats->connects);
	printf("retries: %" PRIu64 "\n", stats->retries);
	printf("timeouts: %" PRIu64 "\n", stats->timeouts);
	printf("errors: %" PRIu64 "\n", stats->errors);
	printf("records: %" PRIu64 "\n", stats->records);
	printf("key-updates: %" PRIu64 "\n", stats->key_updates);
	printf("refused: %" PRIu64 "\n", stats->refused);
	printf("returned:");
	for (unsigned int i = 0; i < ARRAY_SIZE(stats->returned); i++)
		printf("%s %s %" PRIu64, i ? "," : "", sluice_relay_why_name(i),
		       stats->returned[i]);
	putchar('\n');
}

int cmd_relay_stats(struct adm *adm, const struct adm_request *req)
{
	struct sluice_relay_stats stats;

	if (sluice_relay_stats_get(adm->relay, &stats) < 0)
		return adm_relay_refused(adm, "relay");
	if (adm_has(req, OPT_JSON))
		return json_print(adm, json_relay_stats(&stats));
	print_stats(&stats);
	return ADM_DONE;
}
