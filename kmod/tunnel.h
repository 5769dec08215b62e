/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_TUNNEL_H
#define _SLUICE_TUNNEL_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>

#include "packet.h"

struct dst_entry;
struct sluice_conn;

void sluice_tunnels_init(void);
int sluice_tunnel_push(struct sk_buff *skb, u8 family, struct dst_entry *dst,
		       const struct net_device *dev,
		       const union nf_inet_addr *source,
		       const union nf_inet_addr *server);
void sluice_tunnel_error(struct net *net, struct sk_buff *skb,
			 const struct sluice_packet *p,
			 const struct sluice_conn *conn);

/**
 * sluice_tunnel_overhead() - what a tunnel adds to a packet
 * @family: AF_INET or AF_INET6
 *
 * Return: bytes.
 */
static inline u32 sluice_tunnel_overhead(u8 family)
{
	return family == AF_INET ? sizeof(struct iphdr) :
				   sizeof(struct ipv6hdr);
}

#endif /* _SLUICE_TUNNEL_H */
