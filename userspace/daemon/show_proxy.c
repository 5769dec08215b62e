// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>

#include "proxy/proxy.h"
#include "show_proxy.h"

#define NS_PER_SEC 1000000000U

static void put(json_t *object, const char *key, uint64_t number)
{
	json_object_set_new(object, key, json_integer((json_int_t)number));
}

static json_t *answer(json_t *object)
{
	return object ? object : json_null();
}

static json_t *show_relay(const struct plan_service *service)
{
	json_t *object = json_object();
	struct counts sum;

	counts_sum(service->counts, &sum);
	put(object, "handed", sum.relay[COUNTS_RELAY_HANDED]);
	put(object, "kept", sum.relay[COUNTS_RELAY_KEPT]);
	put(object, "returned", sum.relay[COUNTS_RELAY_RETURNED]);
	return answer(object);
}

json_t *show_proxy_service(const struct proxy *proxy,
			   const struct config_service *service)
{
	const struct plan *plan = proxy_plan(proxy);
	const struct plan_service *found =
		plan ? plan_service_lookup(plan, service->name) : NULL;
	json_t *object;

	if (!found)
		return NULL;
	object = json_object();
	put(object, "connections",
	    __atomic_load_n(&found->load->connections, __ATOMIC_RELAXED));
	if (found->http->connections_max)
		put(object, "connections-max", found->http->connections_max);
	if (found->relay)
		json_object_set_new(object, "relay", show_relay(found));
	return answer(object);
}

const struct plan_pool *show_proxy_lookup(const struct proxy *proxy,
					  const struct config_pool *pool)
{
	const struct plan *plan = proxy_plan(proxy);

	return plan ? plan_pool_of(plan, pool) : NULL;
}

json_t *show_proxy_pool(const struct plan_pool *pool)
{
	json_t *object = json_object();

	put(object, "queued",
	    __atomic_load_n(&pool->load->waiting, __ATOMIC_RELAXED));
	put(object, "queue", pool->config->queue);
	return answer(object);
}

/* Times of the loop are of another clock than those that people read. */
static void put_outlier(json_t *object, const struct outlier_server *server,
			uint64_t now)
{
	uint64_t until = __atomic_load_n(&server->until, __ATOMIC_RELAXED);
	uint64_t times = __atomic_load_n(&server->ejections, __ATOMIC_RELAXED);

	put(object, "left-out", times);
	if (until > now)
		put(object, "left-out-until",
		    (uint64_t)time(NULL) +
			    (until - now + NS_PER_SEC - 1) / NS_PER_SEC);
}

json_t *show_proxy_server(const struct plan_pool *pool,
			  const struct sluice_endpoint *at, size_t *place,
			  uint64_t now)
{
	const struct plan_server *server;
	size_t tried = 0, i = *place;
	json_t *object;

	for (;; tried++, i++) {
		if (tried == pool->count)
			return NULL;
		if (i >= pool->count)
			i = 0;
		if (sluice_endpoint_compare(&pool->servers[i]->at, at) == 0)
			break;
	}
	*place = i + 1;
	server = pool->servers[i];
	object = json_object();
	put(object, "requests",
	    __atomic_load_n(&server->load.active, __ATOMIC_RELAXED));
	if (server->connections_max)
		put(object, "connections-max", server->connections_max);
	if (server->queue) {
		put(object, "queued",
		    __atomic_load_n(&server->waiting, __ATOMIC_RELAXED));
		put(object, "queue", server->queue);
	}
	put(object, "connections", counts_active(server->counts));
	if (pool->outlier)
		put_outlier(object, &pool->outlier->servers[i], now);
	return answer(object);
}
