// SPDX-License-Identifier: GPL-2.0
/* TCP segments of our own, and their way to the client. */

#include <linux/tcp.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "conntrack.h"
#include "route.h"
#include "segment.h"

/* What a host sends with by default (RFC 1700). */
#define HOPS 64

static void put_header4(struct sk_buff *skb, const struct sluice_segment *segment)
{
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	*iph = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = segment->tos & ~INET_ECN_MASK,
		.tot_len = htons(skb->len),
		.frag_off = htons(IP_DF),
		.ttl = HOPS,
		.protocol = IPPROTO_TCP,
		.saddr = segment->tuple.src.ip,
		.daddr = segment->tuple.dst.ip,
	};
	ip_send_check(iph);
	skb->protocol = htons(ETH_P_IP);
}

static void put_header6(struct sk_buff *skb, const struct sluice_segment *segment)
{
	unsigned int length = skb->len;
	struct ipv6hdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	*iph = (struct ipv6hdr){
		.payload_len = htons(length),
		.nexthdr = IPPROTO_TCP,
		.hop_limit = HOPS,
		.saddr = segment->tuple.src.in6,
		.daddr = segment->tuple.dst.in6,
	};
	ip6_flow_hdr(iph, segment->tos & ~INET_ECN_MASK, 0);
	skb->protocol = htons(ETH_P_IPV6);
}

static __sum16 pseudo_sum(const struct sluice_tuple *t, unsigned int length)
{
	if (t->family == AF_INET)
		return ~csum_tcpudp_magic(t->src.ip, t->dst.ip, length,
					  IPPROTO_TCP, 0);
	return ~csum_ipv6_magic(&t->src.in6, &t->dst.in6, length, IPPROTO_TCP, 0);
}

/**
 * sluice_segment_make() - make a segment
 * @segment: what it is to be
 * @length: bytes of data, no more than the way takes
 * @data: set to where they go
 *
 * Context: any.
 * Return: the packet, skb->data at its network header, or NULL.
 */
struct sk_buff *sluice_segment_make(const struct sluice_segment *segment,
				    unsigned int length, u8 **data)
{
	unsigned int room = MAX_HEADER + sizeof(struct ipv6hdr), header;
	u8 options[SLUICE_OPTIONS_MAX];
	struct tcphdr *th;
	struct sk_buff *skb;

	header = sizeof(*th) +
		 sluice_tcp_options_write(options, &segment->options);
	skb = alloc_skb(room + header + length, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	skb_reset_transport_header(skb);
	th = skb_put_zero(skb, sizeof(*th));
	skb_put_data(skb, options, header - sizeof(*th));
	*data = skb_put(skb, length);
	th->source = segment->tuple.sport;
	th->dest = segment->tuple.dport;
	th->seq = htonl(segment->seq);
	th->ack_seq = htonl(segment->ack);
	tcp_flag_byte(th) = segment->flags;
	th->doff = header / 4;
	th->window = htons(segment->window);
	th->check = pseudo_sum(&segment->tuple, header + length);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb->mark = segment->mark;
	/* Where the way takes less than was agreed, it goes in fragments. */
	skb->ignore_df = 1;
	if (segment->tuple.family == AF_INET)
		put_header4(skb, segment);
	else
		put_header6(skb, segment);
	return skb;
}

/**
 * sluice_segment_to_client() - send a segment in the name of a service
 * @net: namespace
 * @skb: the segment, from sluice_segment_make(); it is freed in any case
 *
 * It passes POST_ROUTING, but not the firewall's OUTPUT rules, as the packets of
 * a server do not.
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_segment_to_client(struct net *net, struct sk_buff *skb)
{
	if (sluice_route_to_client(net, skb)) {
		kfree_skb(skb);
		return;
	}
	sluice_conntrack_ignore(skb);
	dst_output(net, NULL, skb);
}
