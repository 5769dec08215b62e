// SPDX-License-Identifier: GPL-2.0-or-later
/* "route add", "set", "move", "del" and "show". */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../json.h"
#include "../print.h"
#include "../route.h"

static int change(struct adm *adm, const struct adm_request *req,
		  int (*fn)(struct sluice *sl,
			    const struct sluice_route *route))
{
	const struct sluice_route *route = &req->route->route;
	char text[SERVICE_TEXT];

	if (fn(adm->sl, route) < 0)
		return adm_refused(adm, "route %s of service %s", route->name,
				   print_service(text, &route->service));
	return ADM_DONE;
}

int cmd_route_add(struct adm *adm, const struct adm_request *req)
{
	return change(adm, req, sluice_route_new);
}

int cmd_route_set(struct adm *adm, const struct adm_request *req)
{
	return change(adm, req, sluice_route_set);
}

int cmd_route_move(struct adm *adm, const struct adm_request *req)
{
	return change(adm, req, sluice_route_move);
}

int cmd_route_del(struct adm *adm, const struct adm_request *req)
{
	return change(adm, req, sluice_route_del);
}

static int print_json(struct adm *adm, const struct sluice_route *routes,
		      size_t count)
{
	struct json_list list;
	int status = ADM_DONE;

	json_list_begin(&list, "routes");
	for (size_t i = 0; !status && i < count; i++)
		status = json_list_add(adm, &list, json_route(&routes[i]));
	json_list_end(&list);
	return status;
}

static void print_text(const struct sluice_route *routes, size_t count)
{
	char text[SERVICE_TEXT];

	printf("%-28s %-20s %10s  Match and action\n", "Service", "Route",
	       "Hits");
	for (size_t i = 0; i < count; i++) {
		printf("%-28s %-20s %10" PRIu64 " ",
		       print_service(text, &routes[i].service), routes[i].name,
		       routes[i].hits);
		print_route(stdout, &routes[i]);
		putchar('\n');
	}
}

static int load_one(struct adm *adm, const struct sluice_route *key,
		    struct sluice_route **routes, size_t *count)
{
	char text[SERVICE_TEXT];

	*routes = calloc(1, sizeof(**routes));
	if (!*routes)
		return adm_fail(adm, "out of memory");
	if (sluice_route_get(adm->sl, key, *routes) < 0)
		return adm_refused(adm, "route %s of service %s", key->name,
				   print_service(text, &key->service));
	*count = 1;
	return ADM_DONE;
}

int cmd_route_show(struct adm *adm, const struct adm_request *req)
{
	const struct sluice_service_key *of =
		req->service.protocol ? &req->service : NULL;
	struct sluice_route *routes = NULL;
	char text[SERVICE_TEXT];
	int status = ADM_DONE;
	size_t count = 0;

	if (req->route)
		status = load_one(adm, &req->route->route, &routes, &count);
	else if (sluice_route_list(adm->sl, of, &routes, &count) < 0)
		status = adm_refused(adm, "routes%s%s",
				     of ? " of service " : "",
				     of ? print_service(text, of) : "");
	if (!status && adm_has(req, OPT_JSON))
		status = print_json(adm, routes, count);
	else if (!status)
		print_text(routes, count);
	sluice_route_list_free(routes, count);
	return status;
}
