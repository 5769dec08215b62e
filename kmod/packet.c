// SPDX-License-Identifier: GPL-2.0
/* Reading the headers of a packet: every length is checked before it is used. */

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "packet.h"

/* Read the ports, and of TCP the flags where @event is not NULL. */
static bool parse_transport(const struct sk_buff *skb, unsigned int offset,
			    struct sluice_tuple *t, enum sluice_tcp_event *event)
{
	const struct tcphdr *th;
	const __be16 *ports;
	struct tcphdr tcp;
	__be16 buffer[2];

	if (t->protocol == IPPROTO_TCP && event) {
		th = skb_header_pointer(skb, offset, sizeof(tcp), &tcp);
		if (!th)
			return false;
		t->sport = th->source;
		t->dport = th->dest;
		*event = sluice_tcp_event(th);
		return true;
	}
	if (t->protocol != IPPROTO_UDP && t->protocol != IPPROTO_TCP)
		return false;
	ports = skb_header_pointer(skb, offset, sizeof(buffer), buffer);
	if (!ports)
		return false;
	t->sport = ports[0];
	t->dport = ports[1];
	return true;
}

static bool is_icmp_error(const struct sk_buff *skb, unsigned int offset)
{
	const struct icmphdr *icmp;
	struct icmphdr buffer;

	icmp = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	return icmp && icmp_is_err(icmp->type) &&
	       icmp->type != ICMP_REDIRECT;
}

static bool is_icmp6_error(const struct sk_buff *skb, unsigned int offset)
{
	const struct icmp6hdr *icmp;
	struct icmp6hdr buffer;

	icmp = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	return icmp && !(icmp->icmp6_type & ICMPV6_INFOMSG_MASK);
}

/*
 * Fill addresses and protocol from an IPv4 header. Return the offset of the
 * transport header, or -1 for what has none: fragments were put together
 * before, so what is one still cannot be helped.
 */
static int parse_ip(const struct sk_buff *skb, unsigned int offset,
		    struct sluice_tuple *t)
{
	const struct iphdr *iph;
	struct iphdr buffer;

	iph = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	if (!iph || iph->version != 4 || iph->ihl < 5 ||
	    iph->frag_off & htons(IP_OFFSET))
		return -1;
	t->src.ip = iph->saddr;
	t->dst.ip = iph->daddr;
	t->protocol = iph->protocol;
	return offset + iph->ihl * 4;
}

static int parse_ip6(const struct sk_buff *skb, unsigned int offset,
		     struct sluice_tuple *t)
{
	const struct ipv6hdr *iph;
	struct ipv6hdr buffer;
	__be16 fragment;
	u8 nexthdr;

	iph = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	if (!iph || iph->version != 6)
		return -1;
	/* A link-local address means nothing on the servers' side. */
	if (ipv6_addr_type(&iph->saddr) & IPV6_ADDR_LINKLOCAL)
		return -1;
	t->src.in6 = iph->saddr;
	t->dst.in6 = iph->daddr;
	nexthdr = iph->nexthdr;
	offset = ipv6_skip_exthdr(skb, offset + sizeof(*iph), &nexthdr,
				  &fragment);
	if ((int)offset < 0 || fragment & htons(IP6_OFFSET))
		return -1;
	t->protocol = nexthdr;
	return offset;
}

/* The packet inside a tunnel packet of the same family. */
static enum sluice_packet_kind parse_tunnel(const struct sk_buff *skb, u8 family,
					    unsigned int offset,
					    struct sluice_tuple *t)
{
	int transport;

	*t = (struct sluice_tuple){ .family = family };
	if (family == AF_INET)
		transport = parse_ip(skb, offset, t);
	else
		transport = parse_ip6(skb, offset, t);
	if (transport < 0 || !parse_transport(skb, transport, t, NULL))
		return SLUICE_PACKET_OTHER;
	return SLUICE_PACKET_TUNNEL_ERROR;
}

/* An ICMP error at @p->transport: look into the packet it is about. */
static enum sluice_packet_kind parse_inner(const struct sk_buff *skb, u8 family,
					   struct sluice_packet *p)
{
	struct sluice_tuple about = { .family = family };
	int transport;

	p->inner = p->transport + sizeof(struct icmphdr);
	if (family == AF_INET)
		transport = parse_ip(skb, p->inner, &about);
	else
		transport = parse_ip6(skb, p->inner, &about);
	/* An error is sent to the source of what it is about. */
	if (transport < 0 || !nf_inet_addr_cmp(&about.src, &p->tuple.dst))
		return SLUICE_PACKET_OTHER;
	p->inner_transport = transport;
	if (about.protocol == IPPROTO_IPIP || about.protocol == IPPROTO_IPV6)
		return parse_tunnel(skb, family, transport, &p->tuple);
	if (!parse_transport(skb, transport, &about, NULL))
		return SLUICE_PACKET_OTHER;
	sluice_tuple_invert(&about, &p->tuple);
	return SLUICE_PACKET_ERROR;
}

/* What nearly all packets of IPv4 are: no options, and the headers in one piece. */
static __always_inline bool parse_plain4(const struct sk_buff *skb,
					 struct sluice_packet *p)
{
	const struct iphdr *iph = ip_hdr(skb);
	const __be16 *ports = (const __be16 *)(iph + 1);
	int transport = skb_network_offset(skb) + sizeof(*iph);
	int length = (int)skb_headlen(skb) - transport;
	enum sluice_tcp_event event = SLUICE_TCP_NONE;

	if (length < (int)sizeof(struct udphdr) || *(const u8 *)iph != 0x45 ||
	    iph->frag_off & htons(IP_OFFSET))
		return false;
	if (iph->protocol == IPPROTO_TCP) {
		if (length < (int)sizeof(struct tcphdr))
			return false;
		event = sluice_tcp_event((const struct tcphdr *)ports);
	} else if (iph->protocol != IPPROTO_UDP) {
		return false;
	}
	*p = (struct sluice_packet){
		.kind = SLUICE_PACKET_FLOW,
		.event = event,
		.tuple = {
			.family = AF_INET,
			.protocol = iph->protocol,
			.sport = ports[0],
			.dport = ports[1],
			.src.ip = iph->saddr,
			.dst.ip = iph->daddr,
		},
		.transport = transport,
	};
	return true;
}

/**
 * sluice_packet_parse() - read the headers of a packet
 * @skb: packet, skb->data at its network header
 * @family: AF_INET or AF_INET6
 * @p: filled
 *
 * Return: the kind of the packet, which is also in @p.
 */
enum sluice_packet_kind sluice_packet_parse(const struct sk_buff *skb,
					    u8 family, struct sluice_packet *p)
{
	unsigned int network = skb_network_offset(skb);
	int transport;

	if (family == AF_INET && likely(parse_plain4(skb, p)))
		return SLUICE_PACKET_FLOW;
	memset(p, 0, sizeof(*p));
	p->tuple.family = family;
	if (family == AF_INET)
		transport = parse_ip(skb, network, &p->tuple);
	else
		transport = parse_ip6(skb, network, &p->tuple);
	if (transport < 0)
		return p->kind;
	p->transport = transport;
	switch (p->tuple.protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		if (parse_transport(skb, transport, &p->tuple, &p->event))
			p->kind = SLUICE_PACKET_FLOW;
		break;
	case IPPROTO_ICMP:
		if (family == AF_INET && is_icmp_error(skb, transport))
			p->kind = parse_inner(skb, family, p);
		break;
	case IPPROTO_ICMPV6:
		if (family == AF_INET6 && is_icmp6_error(skb, transport))
			p->kind = parse_inner(skb, family, p);
		break;
	}
	return p->kind;
}
