/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_ROUTE_H
#define _SLUICE_ROUTE_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/dst.h>

#include "packet.h"

struct sluice_conn;
struct sluice_net;

int sluice_route_to_local(struct sluice_net *sn, struct sk_buff *skb, u8 family);
int sluice_route_reply(struct sk_buff *skb, u8 family);
bool sluice_source_is_valid(struct sluice_net *sn, struct sk_buff *skb, u8 family);
int sluice_route_onward(struct net *net, struct sk_buff *skb, u8 family);
bool sluice_route_by_rules(const struct net *net, u8 family);
struct dst_entry *sluice_route_to_server(struct net *net,
					 const struct sk_buff *skb,
					 const struct sluice_conn *conn,
					 union nf_inet_addr *source);
struct dst_entry *sluice_route_direct(struct net *net, const struct sk_buff *skb,
				      const struct sluice_conn *conn);
int sluice_route_to_client(struct net *net, struct sk_buff *skb);
bool sluice_route_is_local(const struct dst_entry *dst, u8 family);
bool sluice_addr_is_local(struct net *net, const struct net_device *dev,
			  const union nf_inet_addr *addr, u8 family);

#endif /* _SLUICE_ROUTE_H */
