/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_NETLINK_EVENT_H
#define _SLUICE_NETLINK_EVENT_H

#include <net/genetlink.h>

struct sluice_net;
struct sluice_pool;
struct sluice_server;
struct sluice_service;

void sluice_nl_event_service(struct sluice_net *sn, u8 cmd,
			     const struct sluice_service *service);
void sluice_nl_event_pool(struct sluice_net *sn, u8 cmd,
			  const struct sluice_pool *pool);
void sluice_nl_event_server(struct sluice_net *sn, u8 cmd,
			    const struct sluice_pool *pool,
			    const struct sluice_server *server);
void sluice_nl_event_settings(struct sluice_net *sn);

#endif /* _SLUICE_NETLINK_EVENT_H */
