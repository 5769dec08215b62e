// SPDX-License-Identifier: GPL-2.0
/*
 * Rewriting addresses and ports. Checksums are updated by the difference
 * (RFC 1624), whether they are complete or left to the device, so a packet that
 * came in damaged goes out damaged.
 */

#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>

#include "nat.h"

/* What a checksum covers and has to be told of: one address and one port. */
struct change {
	u8 family;
	union nf_inet_addr from;
	union nf_inet_addr to;
	__be16 from_port;
	__be16 to_port;
};

/* Write the new address into an IP header; note the old one in @c. */
static void set_addr(void *network, enum sluice_nat_end end, struct change *c)
{
	struct ipv6hdr *ip6h = network;
	struct iphdr *iph = network;
	struct in6_addr *addr6;
	__be32 *addr;

	if (c->family == AF_INET) {
		addr = end == SLUICE_NAT_SRC ? &iph->saddr : &iph->daddr;
		c->from.ip = *addr;
		csum_replace4(&iph->check, *addr, c->to.ip);
		*addr = c->to.ip;
	} else {
		addr6 = end == SLUICE_NAT_SRC ? &ip6h->saddr : &ip6h->daddr;
		c->from.in6 = *addr6;
		*addr6 = c->to.in6;
	}
}

/* Write the new port into a transport header; note the old one in @c. */
static void set_port(void *transport, enum sluice_nat_end end,
		     struct change *c)
{
	/* TCP and UDP alike begin with source and destination port. */
	__be16 *port = (__be16 *)transport + (end == SLUICE_NAT_DST);

	c->from_port = *port;
	*port = c->to_port;
}

/* Update a sum over data that contains the address (@pseudo: in a header that
 * does not follow it) and the port.
 */
static void update_addr_sum(__sum16 *sum, struct sk_buff *skb,
			    const struct change *c, bool pseudo)
{
	if (c->family == AF_INET)
		inet_proto_csum_replace4(sum, skb, c->from.ip, c->to.ip,
					 pseudo);
	else
		inet_proto_csum_replace16(sum, skb, c->from.ip6, c->to.ip6,
					  pseudo);
}

static void update_transport_sum(struct sk_buff *skb, u8 protocol,
				 void *transport, const struct change *c)
{
	struct tcphdr *th = transport;
	struct udphdr *uh = transport;
	__sum16 *sum = &th->check;

	if (protocol == IPPROTO_UDP) {
		/* RFC 768: zero means that there is no checksum. */
		if (!uh->check && skb->ip_summed != CHECKSUM_PARTIAL)
			return;
		sum = &uh->check;
	}
	update_addr_sum(sum, skb, c, true);
	inet_proto_csum_replace2(sum, skb, c->from_port, c->to_port, false);
	if (protocol == IPPROTO_UDP && !*sum)
		*sum = CSUM_MANGLED_0;
}

/**
 * sluice_nat() - rewrite one end of a TCP or UDP packet
 * @skb: packet, skb->data at its network header
 * @p: what sluice_packet_parse() found in it
 * @end: which end
 * @addr: new address
 * @port: new port
 *
 * Return: 0, or -ENOMEM with the packet as it was, where memory or the packet is
 * too short.
 */
int sluice_nat(struct sk_buff *skb, const struct sluice_packet *p,
	       enum sluice_nat_end end, const union nf_inet_addr *addr,
	       __be16 port)
{
	struct change c = {
		.family = p->tuple.family,
		.to = *addr,
		.to_port = port,
	};
	unsigned int length = p->transport;
	void *transport;

	length += p->tuple.protocol == IPPROTO_TCP ? sizeof(struct tcphdr) :
						     sizeof(struct udphdr);
	if (skb_ensure_writable(skb, length))
		return -ENOMEM;
	transport = skb->data + p->transport;
	set_addr(skb_network_header(skb), end, &c);
	set_port(transport, end, &c);
	update_transport_sum(skb, p->tuple.protocol, transport, &c);
	skb_clear_hash(skb);
	return 0;
}

/*
 * Checksum of the packet inside an error, as far as the error quotes it, so
 * that who reads the error finds the packet it once sent (RFC 5508, REQ-4). A
 * change of this sum is a change of the ICMP message too.
 */
static void update_quoted_sum(struct sk_buff *skb, const struct sluice_packet *p,
			      __sum16 *icmp_sum, const struct change *c)
{
	unsigned int offset = p->inner_transport, i;
	unsigned int words = c->family == AF_INET ? 1 : 4;
	__be16 before;
	__sum16 *sum;

	offset += p->tuple.protocol == IPPROTO_TCP ?
			  offsetof(struct tcphdr, check) :
			  offsetof(struct udphdr, check);
	if (offset + sizeof(*sum) > skb_headlen(skb))
		return;
	sum = (__sum16 *)(skb->data + offset);
	if (p->tuple.protocol == IPPROTO_UDP && !*sum)
		return;
	before = (__force __be16)*sum;
	for (i = 0; i < words; i++)
		csum_replace4(sum, (__force __be32)c->from.all[i],
			      (__force __be32)c->to.all[i]);
	csum_replace2(sum, c->from_port, c->to_port);
	if (p->tuple.protocol == IPPROTO_UDP && !*sum)
		*sum = CSUM_MANGLED_0;
	inet_proto_csum_replace2(icmp_sum, skb, before, (__force __be16)*sum,
				 false);
}

/**
 * sluice_nat_error() - rewrite an ICMP error and the packet inside it
 * @skb: packet, skb->data at its network header
 * @p: what sluice_packet_parse() found in it
 * @end: end of the outer packet to be rewritten; of the packet inside, which
 *	goes the other way, it is the other end
 * @addr: new address
 * @port: new port of the packet inside
 *
 * Return: 0, or -ENOMEM with the packet as it was.
 */
int sluice_nat_error(struct sk_buff *skb, const struct sluice_packet *p,
		     enum sluice_nat_end end, const union nf_inet_addr *addr,
		     __be16 port)
{
	enum sluice_nat_end inner_end = end == SLUICE_NAT_SRC ? SLUICE_NAT_DST :
								SLUICE_NAT_SRC;
	struct change outer = { .family = p->tuple.family, .to = *addr };
	struct change inner = {
		.family = p->tuple.family,
		.to = *addr,
		.to_port = port,
	};
	unsigned int quoted = p->inner_transport + sizeof(struct tcphdr);
	struct icmphdr *icmp;
	__be16 before, after;
	struct iphdr *iph;

	quoted = min(quoted, skb->len);
	if (skb_ensure_writable(skb, quoted))
		return -ENOMEM;
	/* The checksum is at the same place in ICMP and ICMPv6. */
	icmp = (struct icmphdr *)(skb->data + p->transport);
	iph = (struct iphdr *)(skb->data + p->inner);
	before = inner.family == AF_INET ? (__force __be16)iph->check : 0;
	set_addr(iph, inner_end, &inner);
	set_port(skb->data + p->inner_transport, inner_end, &inner);
	after = inner.family == AF_INET ? (__force __be16)iph->check : 0;

	update_addr_sum(&icmp->checksum, skb, &inner, false);
	inet_proto_csum_replace2(&icmp->checksum, skb, inner.from_port,
				 inner.to_port, false);
	inet_proto_csum_replace2(&icmp->checksum, skb, before, after, false);
	update_quoted_sum(skb, p, &icmp->checksum, &inner);

	set_addr(skb_network_header(skb), end, &outer);
	/* Only ICMPv6 sums the outer addresses (RFC 4443, section 2.3). */
	if (outer.family == AF_INET6)
		update_addr_sum(&icmp->checksum, skb, &outer, true);
	skb_clear_hash(skb);
	return 0;
}
