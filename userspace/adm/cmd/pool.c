// SPDX-License-Identifier: GPL-2.0-or-later
/* "pool add", "set", "del" and "show". */
#include <stdlib.h>
#include <string.h>

#include "../adm.h"
#include "../json.h"
#include "../print.h"

int cmd_pool_operand(struct adm_request *req, unsigned int number,
		     const char *word, struct adm_message *msg)
{
	(void)number;
	return adm_parse_name(req->pool, word, "pool", msg);
}

static int change(struct adm *adm, const struct adm_request *req,
		  int (*fn)(struct sluice *sl, const struct sluice_pool *pool))
{
	struct sluice_pool pool = {
		.family = req->family,
		.has_proxy_protocol = adm_has(req, OPT_PROXY_PROTOCOL),
		.proxy_protocol = req->proxy_protocol,
		.has_on_down = adm_has(req, OPT_ON_DOWN),
		.on_down = req->on_down,
		.has_on_drain = adm_has(req, OPT_ON_DRAIN),
		.on_drain = req->on_drain,
	};

	pool.has_sticky = adm_has(req, OPT_STICKY);
	memcpy(pool.sticky_cookie, req->sticky_cookie,
	       sizeof(pool.sticky_cookie));
	memcpy(pool.sticky_pool, req->sticky_pool, sizeof(pool.sticky_pool));
	memcpy(pool.name, req->pool, sizeof(pool.name));
	memcpy(pool.scheduler, req->scheduler, sizeof(pool.scheduler));
	if (fn(adm->sl, &pool) < 0)
		return adm_refused(adm, "pool %s", pool.name);
	return ADM_DONE;
}

int cmd_pool_add(struct adm *adm, const struct adm_request *req)
{
	return change(adm, req, sluice_pool_new);
}

int cmd_pool_set(struct adm *adm, const struct adm_request *req)
{
	return change(adm, req, sluice_pool_set);
}

int cmd_pool_del(struct adm *adm, const struct adm_request *req)
{
	if (sluice_pool_del(adm->sl, req->pool) < 0)
		return adm_refused(adm, "pool %s", req->pool);
	return ADM_DONE;
}

static int print_json(struct adm *adm, const struct sluice_pool *pools,
		      size_t count)
{
	struct json_list list;
	int status = ADM_DONE;

	json_list_begin(&list, "pools");
	for (size_t i = 0; !status && i < count; i++)
		status = json_list_add(adm, &list, json_pool(&pools[i]));
	json_list_end(&list);
	return status;
}

static void print_text(const struct sluice_pool *pools, size_t count)
{
	printf("%-32s Family Scheduler Servers Services Routes Flags\n",
	       "Pool");
	for (size_t i = 0; i < count; i++) {
		printf("%-32s %-6s %-9s %-7u %-8u %-6u%s%s", pools[i].name,
		       pools[i].family == AF_INET6 ? "inet6" : "inet",
		       pools[i].scheduler, pools[i].servers, pools[i].services,
		       pools[i].routes, pools[i].owned ? " owned" : "",
		       pools[i].proxy_protocol ? " proxy-protocol-v2" : "");
		print_fates(&pools[i], " on-down-", " on-drain-");
		if (pools[i].has_sticky)
			printf(" sticky-%s", pools[i].sticky_cookie);
		putchar('\n');
	}
}

static int load_one(struct adm *adm, const char *name,
		    struct sluice_pool **pools, size_t *count)
{
	*count = 1;
	*pools = calloc(1, sizeof(**pools));
	if (!*pools)
		return adm_fail(adm, "out of memory");
	if (sluice_pool_get(adm->sl, name, *pools) < 0)
		return adm_refused(adm, "pool %s", name);
	return ADM_DONE;
}

int cmd_pool_show(struct adm *adm, const struct adm_request *req)
{
	struct sluice_pool *pools = NULL;
	size_t count = 0;
	int status = ADM_DONE;

	if (req->pool[0])
		status = load_one(adm, req->pool, &pools, &count);
	else if (sluice_pool_list(adm->sl, &pools, &count) < 0)
		status = adm_refused(adm, "pools");
	if (!status && adm_has(req, OPT_JSON))
		status = print_json(adm, pools, count);
	else if (!status)
		print_text(pools, count);
	free(pools);
	return status;
}
