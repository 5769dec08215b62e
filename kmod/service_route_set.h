/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SERVICE_ROUTE_SET_H
#define _SLUICE_SERVICE_ROUTE_SET_H

#include "service_route.h"

/* No place in a set. */
#define SLUICE_ROUTE_NOWHERE U32_MAX

/**
 * struct sluice_routes_change - a change of a service's routes that is not made yet
 * @from: place of the route that goes, or SLUICE_ROUTE_NOWHERE
 * @to: place of the one that comes, once that one has gone, or
 *	SLUICE_ROUTE_NOWHERE
 * @route: the one that comes
 */
struct sluice_routes_change {
	u32 from;
	u32 to;
	struct sluice_service_route *route;
};

int sluice_routes_change(struct sluice_net *sn, struct sluice_service *service,
			 const struct sluice_routes_change *change,
			 struct netlink_ext_ack *extack);
void sluice_routes_clear(struct sluice_net *sn, struct sluice_service *service);
const struct sluice_route_set *
sluice_routes_before(struct sluice_net *sn,
		     const struct sluice_service *service);

#endif /* _SLUICE_SERVICE_ROUTE_SET_H */
