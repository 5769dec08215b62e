// SPDX-License-Identifier: GPL-2.0-or-later
/* -a, -e, -d and "server show": servers. */
#include <stdlib.h>
#include <string.h>

#include "../adm.h"
#include "../json.h"
#include "../print.h"

static struct sluice_server from_request(const struct adm_request *req)
{
	struct sluice_server server = {
		.service = req->service,
		.at = req->server,
		.has_forward = req->given & OPTS_FORWARD,
		.forward = req->forward,
		.has_weight = adm_has(req, OPT_WEIGHT),
		.weight = req->weight,
		.has_state = adm_has(req, OPT_STATE),
		.state = req->state,
		.has_deadline = adm_has(req, OPT_DEADLINE),
		.deadline = req->deadline,
	};

	memcpy(server.pool, req->pool, sizeof(server.pool));
	memcpy(server.reason, req->reason, sizeof(server.reason));
	return server;
}

static int change(struct adm *adm, const struct adm_request *req,
		  int (*fn)(struct sluice *sl,
			    const struct sluice_server *server))
{
	struct sluice_server server = from_request(req);
	char pool[SERVICE_TEXT + 16];
	char at[ENDPOINT_TEXT];

	if (fn(adm->sl, &server) < 0)
		return adm_refused(adm, "server %s of %s",
				   print_endpoint(at, sizeof(at), &server.at, 0,
						  true),
				   print_pool_of(pool, sizeof(pool),
						 server.pool, &server.service));
	return ADM_DONE;
}

int cmd_server_add(struct adm *adm, const struct adm_request *req)
{
	return change(adm, req, sluice_server_new);
}

int cmd_server_set(struct adm *adm, const struct adm_request *req)
{
	return change(adm, req, sluice_server_set);
}

int cmd_server_del(struct adm *adm, const struct adm_request *req)
{
	return change(adm, req, sluice_server_del);
}

static int print_json(struct adm *adm, const struct sluice_server *servers,
		      size_t count)
{
	struct json_list list;
	int status = ADM_DONE;

	json_list_begin(&list, "servers");
	for (size_t i = 0; !status && i < count; i++)
		status = json_list_add(adm, &list, json_server(&servers[i]));
	json_list_end(&list);
	return status;
}

static void print_text(const struct adm_request *req,
		       const struct sluice_server *servers, size_t count)
{
	char at[ENDPOINT_TEXT];

	printf("%-32s %-28s Forward Weight State    ActiveConn InActConn\n",
	       "Pool", "Server");
	for (size_t i = 0; i < count; i++) {
		printf("%-32s %-28s %-7s %-6u %-8s %-10u %u", servers[i].pool,
		       print_endpoint(at, sizeof(at), &servers[i].at, 0,
				      adm_has(req, OPT_NUMERIC)),
		       print_forward_name(servers[i].forward),
		       servers[i].weight, print_state(servers[i].state),
		       servers[i].active, servers[i].inactive);
		print_why(stdout, &servers[i]);
		putchar('\n');
	}
}

int cmd_server_show(struct adm *adm, const struct adm_request *req)
{
	struct sluice_server of = from_request(req);
	bool all = !(req->given & OPTS_POOL);
	struct sluice_server *servers;
	char text[SERVICE_TEXT + 16];
	int status = ADM_DONE;
	size_t count;

	if (sluice_server_list(adm->sl, &of, &servers, &count) < 0)
		return adm_refused(adm, "servers%s%s", all ? "" : " of ",
				   all ? "" :
					 print_pool_of(text, sizeof(text),
						       of.pool, &of.service));
	if (adm_has(req, OPT_JSON))
		status = print_json(adm, servers, count);
	else
		print_text(req, servers, count);
	free(servers);
	return status;
}
