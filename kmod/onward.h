/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_ONWARD_H
#define _SLUICE_ONWARD_H

#include <linux/skbuff.h>

struct sluice_conn;
struct sluice_net;
struct sluice_packet;

unsigned int sluice_onward(struct sluice_net *sn, struct sk_buff *skb,
			   const struct sluice_packet *p,
			   struct sluice_conn *conn,
			   const struct net_device *in);

#endif /* _SLUICE_ONWARD_H */
