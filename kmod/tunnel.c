// SPDX-License-Identifier: GPL-2.0
/*
 * Packets to a server inside packets to the server: IPv4 in IPv4 (RFC 2003) and
 * IPv6 in IPv6 (RFC 2473). What is inside stays as the client sent it.
 */

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

#include "conn.h"
#include "tunnel.h"

/*
 * The identification of this CPU's next tunnel packet that may be fragmented.
 *
 * The kernel's own choice counts for all CPUs together, so each packet would write
 * a cache line that they share. A counter for each CPU costs a few instructions and
 * comes back to a number only after 65,536 such packets of its CPU, whichever server
 * they go to. Two CPUs use the same number at about the same time only by chance:
 * they begin evenly apart, and drift. A random number would come back by the same
 * chance on one CPU, too, and costs dozens of instructions.
 *
 * At more than some thousand packets a second nothing of 16 bits stays unique for as
 * long as a receiver may wait for fragments (RFC 4963, RFC 6864). What helps is
 * that Linux as a receiver waits for no more than 64 packets of a sender
 * (ipfrag_max_dist).
 */
static DEFINE_PER_CPU(u32, next_ident);

/*
 * Take as many identifications in a row as there are segments in a packet. Return
 * the first.
 */
static __be16 take_idents(const struct sk_buff *skb)
{
	u32 count = max_t(u32, 1, skb_shinfo(skb)->gso_segs);

	return htons((u16)(this_cpu_add_return(next_ident, count) - count));
}

/**
 * sluice_tunnels_init() - begin to number tunnel packets
 *
 * The numbers are not to be guessed by who sends fragments in our name.
 */
void __init sluice_tunnels_init(void)
{
	u32 first = get_random_u16();
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(next_ident, cpu) = first + cpu * (U16_MAX + 1) / nr_cpu_ids;
}

static void push4(struct sk_buff *skb, const struct dst_entry *dst, __be32 source,
		  __be32 server)
{
	const struct iphdr *inner = ip_hdr(skb);
	struct iphdr *iph;

	iph = skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	*(u8 *)iph = 0x45;
	iph->tos = INET_ECN_encapsulate(inner->tos, inner->tos);
	iph_set_totlen(iph, skb->len);
	iph->frag_off = inner->frag_off & htons(IP_DF);
	iph->ttl = ip4_dst_hoplimit(dst);
	iph->protocol = IPPROTO_IPIP;
	iph->saddr = source;
	iph->daddr = server;
	/* RFC 6864: only what may be fragmented needs to be told apart. */
	iph->id = iph->frag_off ? 0 : take_idents(skb);
	ip_send_check(iph);
}

static void push6(struct sk_buff *skb, struct dst_entry *dst,
		  const struct in6_addr *source, const struct in6_addr *server)
{
	const struct ipv6hdr *inner = ipv6_hdr(skb);
	u8 dsfield = ipv6_get_dsfield(inner);
	struct ipv6hdr *iph;

	iph = skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	ip6_flow_hdr(iph, INET_ECN_encapsulate(dsfield, dsfield), 0);
	iph->payload_len = htons(skb->len - sizeof(*iph));
	iph->nexthdr = IPPROTO_IPV6;
	iph->hop_limit = ip6_dst_hoplimit(dst);
	iph->saddr = *source;
	iph->daddr = *server;
	/* What no IPv6 host may refuse is fragmented where the way is too narrow. */
	skb->ignore_df = 1;
}

/**
 * sluice_tunnel_push() - put a packet into a packet to a server
 * @skb: the packet, skb->data at its network header, its transport header set
 * @family: AF_INET or AF_INET6, of both
 * @dst: route to the server
 * @dev: its device
 * @source: address of this host for the outer packet
 * @server: address of the server
 *
 * Return: 0, or -ENOMEM with the packet as it was.
 */
int sluice_tunnel_push(struct sk_buff *skb, u8 family, struct dst_entry *dst,
		       const struct net_device *dev,
		       const union nf_inet_addr *source,
		       const union nf_inet_addr *server)
{
	bool v4 = family == AF_INET;
	int err;

	err = skb_cow_head(skb, LL_RESERVED_SPACE(dev) +
					sluice_tunnel_overhead(family));
	if (err)
		return err;
	err = iptunnel_handle_offloads(skb, v4 ? SKB_GSO_IPXIP4 :
						 SKB_GSO_IPXIP6);
	if (err)
		return err;
	skb_set_inner_ipproto(skb, v4 ? IPPROTO_IPIP : IPPROTO_IPV6);
	skb_set_transport_header(skb, 0);
	if (v4)
		push4(skb, dst, source->ip, server->ip);
	else
		push6(skb, dst, &source->in6, &server->in6);
	return 0;
}

/**
 * sluice_tunnel_error() - an ICMP error about a tunnel packet
 * @net: namespace
 * @skb: the error, sent to this host
 * @p: what was found in it
 * @conn: connection of the packet inside the tunnel packet
 *
 * A path that has become narrower is noted in the route to the server, so that
 * the client is told by the next packet that does not fit. A router quotes too
 * little for telling it at once.
 */
void sluice_tunnel_error(struct net *net, struct sk_buff *skb,
			 const struct sluice_packet *p,
			 const struct sluice_conn *conn)
{
	union nf_inet_addr server = {};
	struct sluice_tuple reply;
	struct icmphdr *icmp;

	sluice_conn_tuple(conn, SLUICE_DIR_REPLY, &reply);
	if (!pskb_may_pull(skb, p->inner_transport))
		return;
	/* ICMPv6 has type, code and the size at the same places. */
	icmp = (struct icmphdr *)(skb->data + p->transport);
	if (reply.family == AF_INET)
		server.ip = ((struct iphdr *)(skb->data + p->inner))->daddr;
	else
		server.in6 = ((struct ipv6hdr *)(skb->data + p->inner))->daddr;
	if (!nf_inet_addr_cmp(&server, &reply.src))
		return;

	/* Both functions expect the packet that the error is about. */
	__skb_pull(skb, p->inner);
	if (reply.family == AF_INET && icmp->type == ICMP_DEST_UNREACH &&
	    icmp->code == ICMP_FRAG_NEEDED)
		ipv4_update_pmtu(skb, net, ntohs(icmp->un.frag.mtu), 0,
				 IPPROTO_IPIP);
	else if (reply.family == AF_INET6 && icmp->type == ICMPV6_PKT_TOOBIG)
		ip6_update_pmtu(skb, net, icmp->un.gateway, 0, skb->mark,
				GLOBAL_ROOT_UID);
	__skb_push(skb, p->inner);
}
