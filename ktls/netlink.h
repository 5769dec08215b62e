/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands of family sluice-relay have in common. */
#ifndef _SLUICE_KTLS_NETLINK_H
#define _SLUICE_KTLS_NETLINK_H

#include <net/genetlink.h>

#include "../kmod/service.h"

int sluice_relay_nl_get_service(struct nlattr *nest,
				struct sluice_service_key *key,
				struct netlink_ext_ack *extack);
int sluice_relay_nl_get_served(const struct genl_info *info,
			       struct nlattr *nest,
			       struct sluice_service_key *key);

#endif /* _SLUICE_KTLS_NETLINK_H */
