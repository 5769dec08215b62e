// SPDX-License-Identifier: GPL-2.0-or-later
/* "client show" and "client del": clients of stratum relay. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "relay_names.gen.h"

#include "../json.h"
#include "../print.h"

int cmd_client_operand(struct adm_request *req, unsigned int number,
		       const char *word, struct adm_message *msg)
{
	char *end;

	(void)number;
	errno = 0;
	req->id = strtoull(word, &end, 10);
	if (word[0] >= '0' && word[0] <= '9' && !*end && !errno)
		return ADM_DONE;
	return adm_wrong(
		msg,
		"client '%.200s': not the number of one, see sluiceadm client show",
		word);
}

int cmd_client_del(struct adm *adm, const struct adm_request *req)
{
	if (sluice_relay_kill(adm->relay, req->id) < 0)
		return adm_relay_refused(adm, "client %" PRIu64, req->id);
	return ADM_DONE;
}

struct listing {
	struct adm *adm;
	const struct adm_request *req;
	struct json_list list;
	bool begun;
	int status;
};

/* With the first client, or none: a refusal leaves standard output empty. */
static void begin(struct listing *listing)
{
	if (listing->begun)
		return;
	listing->begun = true;
	if (adm_has(listing->req, OPT_JSON))
		json_list_begin(&listing->list, "clients");
	else
		printf("%-8s %-3s %-10s %-28s %-28s %-28s %8s %8s %8s %8s\n",
		       "Client", "TLS", "Phase", "Source", "Service", "Server",
		       "Seconds", "Requests", "InBytes", "OutBytes");
}

static void print_text(const struct adm_request *req,
		       const struct sluice_relay_info *client)
{
	const char *phase = sluice_relay_phase_name(client->phase);
	bool exact = adm_has(req, OPT_EXACT);
	bool numeric = adm_has(req, OPT_NUMERIC);
	char service[ENDPOINT_TEXT];
	char source[ENDPOINT_TEXT];
	char server[ENDPOINT_TEXT] = "-";

	print_endpoint(source, sizeof(source), &client->source, IPPROTO_TCP,
		       numeric);
	print_endpoint(service, sizeof(service), &client->service.at,
		       IPPROTO_TCP, numeric);
	if (client->server.address.family)
		print_endpoint(server, sizeof(server), &client->server,
			       IPPROTO_TCP, numeric);
	printf("%-8" PRIu64 " %-3s %-10s %-28s %-28s %-28s %8" PRIu64,
	       client->id, client->tls ? "yes" : "no", phase ? phase : "?",
	       source, service, server, client->age / 1000);
	print_count(client->requests, exact);
	print_count(client->bytes_client, exact);
	print_count(client->bytes_server, exact);
	putchar('\n');
}

static int print_one(const struct sluice_relay_info *client, void *arg)
{
	struct listing *listing = arg;

	begin(listing);
	if (adm_has(listing->req, OPT_JSON)) {
		listing->status = json_list_add(listing->adm, &listing->list,
						json_relay_client(client));
		return listing->status;
	}
	print_text(listing->req, client);
	/* Nobody reads on: do not fetch thousands more. */
	if (ferror(stdout))
		listing->status = adm_fail(listing->adm, "standard output: %s",
					   strerror(errno));
	return listing->status;
}

int cmd_client_show(struct adm *adm, const struct adm_request *req)
{
	const struct sluice_service_key *of =
		req->service.protocol ? &req->service : NULL;
	struct listing listing = { .adm = adm, .req = req };

	if (sluice_relay_client_dump(adm->relay, of, -1, print_one, &listing) <
	    0)
		return adm_relay_refused(adm, "clients");
	begin(&listing);
	if (adm_has(req, OPT_JSON) && !listing.status)
		json_list_end(&listing.list);
	return listing.status;
}
