/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stratum proxy knows of services, pools and servers, as JSON. */
#ifndef DAEMON_SHOW_PROXY_H
#define DAEMON_SHOW_PROXY_H

#include <jansson.h>

#include "proxy/plan.h"

/**
 * show_proxy_service() - what a service does now
 * @proxy: running
 * @service: of the site in force
 *
 * Return: an object, or NULL: stratum proxy does not serve it.
 */
json_t *show_proxy_service(const struct proxy *proxy,
			   const struct config_service *service);

/* The pool as stratum proxy has it, or NULL: no service there uses it. */
const struct plan_pool *show_proxy_lookup(const struct proxy *proxy,
					  const struct config_pool *pool);

/* How many requests wait there for a server, and how many may. */
json_t *show_proxy_pool(const struct plan_pool *pool);

/**
 * show_proxy_server() - what a server has to do now, and whether it is left out
 * @pool: of stratum proxy
 * @at: address and port
 * @place: where it is looked for first; afterwards the place behind it: servers are
 *	in the same order here and there
 * @now: loop_clock()
 *
 * Return: an object, or NULL: the pool does not have it yet.
 */
json_t *show_proxy_server(const struct plan_pool *pool,
			  const struct sluice_endpoint *at, size_t *place,
			  uint64_t now);

#endif /* DAEMON_SHOW_PROXY_H */
