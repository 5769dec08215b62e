/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_KTLS_LISTEN_H
#define _SLUICE_KTLS_LISTEN_H

#include "relay.h"

struct netlink_ext_ack;
struct sluice_listener;
struct sluice_relay_net;

struct sluice_listener *sluice_listen(struct sluice_relay_net *rn,
				      const struct sluice_service_key *service,
				      struct netlink_ext_ack *extack);
void sluice_listen_end(struct sluice_listener *listener);

#endif /* _SLUICE_KTLS_LISTEN_H */
