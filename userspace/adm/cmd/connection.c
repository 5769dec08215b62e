// SPDX-License-Identifier: GPL-2.0-or-later
/* -L -c: connections, each printed as it comes, for there can be millions. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "names.gen.h"

#include "../adm.h"
#include "../json.h"
#include "../print.h"

struct listing {
	struct adm *adm;
	const struct adm_request *req;
	struct json_list list;
	bool begun;
	int status;
};

/* With the first connection, or none: a refusal leaves standard output empty. */
static void begin(struct listing *listing)
{
	if (listing->begun)
		return;
	listing->begun = true;
	if (adm_has(listing->req, OPT_JSON))
		json_list_begin(&listing->list, "connections");
	else
		printf("Sluice connection entries\n"
		       "pro expire state       source             virtual            destination\n");
}

/* ipvsadm's spelling: ESTABLISHED, FIN_WAIT. */
static void upper_case(char *to, size_t size, const char *name)
{
	size_t i;

	for (i = 0; name[i] && i + 1 < size; i++)
		to[i] = name[i] == '-' ? '_' :
					 (char)toupper((unsigned char)name[i]);
	to[i] = '\0';
}

static void print_text(const struct adm_request *req,
		       const struct sluice_connection *conn)
{
	const char *name = sluice_conn_state_name(conn->state);
	bool numeric = adm_has(req, OPT_NUMERIC);
	uint32_t seconds = conn->expires / 1000;
	char client[ENDPOINT_TEXT];
	char virtual_at[ENDPOINT_TEXT];
	char server[ENDPOINT_TEXT];
	char protocol[8];
	char expires[16];
	char state[16];

	upper_case(protocol, sizeof(protocol), print_protocol(conn->protocol));
	upper_case(state, sizeof(state), name ? name : "?");
	snprintf(expires, sizeof(expires), "%02u:%02u", seconds / 60,
		 seconds % 60);
	printf("%-3s %-6s %-11s %-18s %-18s %s\n", protocol, expires, state,
	       print_endpoint(client, sizeof(client), &conn->client,
			      conn->protocol, numeric),
	       print_endpoint(virtual_at, sizeof(virtual_at), &conn->virtual_at,
			      conn->protocol, numeric),
	       print_endpoint(server, sizeof(server), &conn->server,
			      conn->protocol, numeric));
}

static int print_one(const struct sluice_connection *conn, void *arg)
{
	struct listing *listing = arg;

	begin(listing);
	if (adm_has(listing->req, OPT_JSON)) {
		listing->status = json_list_add(listing->adm, &listing->list,
						json_connection(conn));
		return listing->status;
	}
	print_text(listing->req, conn);
	/* Nobody reads on: do not fetch millions more. */
	if (ferror(stdout))
		listing->status = adm_fail(listing->adm, "standard output: %s",
					   strerror(errno));
	return listing->status;
}

int cmd_connection_show(struct adm *adm, const struct adm_request *req)
{
	const struct sluice_connection filter = {
		.protocol = req->service.protocol,
		.client = req->client,
		.virtual_at = req->service.at,
		.server = req->server,
	};
	struct listing listing = { .adm = adm, .req = req };

	if (sluice_connection_dump(adm->sl, &filter, print_one, &listing) < 0)
		return adm_refused(adm, "connections");
	begin(&listing);
	if (adm_has(req, OPT_JSON) && !listing.status)
		json_list_end(&listing.list);
	return listing.status;
}
