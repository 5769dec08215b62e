/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_NETLINK_ROUTE_H
#define _SLUICE_NETLINK_ROUTE_H

#include <net/genetlink.h>

#include "../service_route.h"

/**
 * struct sluice_nl_route - a route as a request gives it
 * @params: what it is to be; points into the request and to the arrays here
 * @conditions: kvmalloc() memory, or NULL
 * @sources: the same
 * @pools: the same
 */
struct sluice_nl_route {
	struct sluice_service_route_params params;
	struct sluice_route_condition *conditions;
	struct sluice_route_source *sources;
	struct sluice_action_share *pools;
};

int sluice_nl_route_get(struct genl_info *info,
			const struct sluice_service *service,
			struct sluice_nl_route *req);
void sluice_nl_route_free(struct sluice_nl_route *req);
size_t sluice_nl_route_size(const struct sluice_route_rule *rule,
			    const struct sluice_action *action);

#endif /* _SLUICE_NETLINK_ROUTE_H */
