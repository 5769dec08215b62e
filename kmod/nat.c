// SPDX-License-Identifier: GPL-2.0
/*
 * Rewriting addresses and ports. Checksums are updated by the difference
 * (RFC 1624), whether they are complete or left to the device, so a packet that
 * came in damaged goes out damaged.
 */

#include <kunit/visibility.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>

#include "nat.h"

/*
 * A change of one address and one port, and the difference that each makes to a
 * sum over it: what has to be added to the sum (RFC 1624, equation 3).
 */
struct change {
	u8 family;
	union nf_inet_addr to;
	__be16 to_port;
	__wsum addr_diff;
	__wsum port_diff;
};

static __wsum diff4(__be32 from, __be32 to)
{
	return csum_add((__force __wsum)~from, (__force __wsum)to);
}

static __wsum diff2(__be16 from, __be16 to)
{
	return csum_add((__force __wsum)(~(__force u32)from & 0xffff),
			(__force __wsum)(__force u32)to);
}

/* Write the new address into an IP header; note the difference. */
static void set_addr(void *network, enum sluice_nat_end end, struct change *c)
{
	struct ipv6hdr *ip6h = network;
	struct iphdr *iph = network;
	struct in6_addr *addr6;
	__be32 *addr;
	int i;

	if (c->family == AF_INET) {
		addr = end == SLUICE_NAT_SRC ? &iph->saddr : &iph->daddr;
		c->addr_diff = diff4(*addr, c->to.ip);
		sluice_add_diff(&iph->check, c->addr_diff);
		*addr = c->to.ip;
	} else {
		addr6 = end == SLUICE_NAT_SRC ? &ip6h->saddr : &ip6h->daddr;
		c->addr_diff = 0;
		for (i = 0; i < 4; i++)
			c->addr_diff = csum_add(c->addr_diff,
						diff4(addr6->s6_addr32[i],
						      c->to.ip6[i]));
		*addr6 = c->to.in6;
	}
}

/* Write the new port into a transport header; note the difference. */
static void set_port(void *transport, enum sluice_nat_end end,
		     struct change *c)
{
	/* TCP and UDP alike begin with source and destination port. */
	__be16 *port = (__be16 *)transport + (end == SLUICE_NAT_DST);

	c->port_diff = diff2(*port, c->to_port);
	*port = c->to_port;
}

/*
 * Update a sum that covers the address in a pseudo-header. All that the device has
 * summed, in skb->csum, contains this sum and the address: together they stay what
 * they were, unless the header has a sum of its own, as in IPv4.
 */
static void update_pseudo_sum(struct sk_buff *skb, u8 family, __sum16 *sum,
			      __wsum addr_diff, __wsum other_diff)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		/* So far only the pseudo-header is summed, not complemented. */
		*sum = ~csum_fold(csum_add(csum_unfold(*sum), addr_diff));
		return;
	}
	sluice_add_diff(sum, csum_add(addr_diff, other_diff));
	if (skb->ip_summed == CHECKSUM_COMPLETE && family == AF_INET)
		skb->csum = csum_sub(skb->csum, addr_diff);
}

static void update_transport_sum(struct sk_buff *skb, u8 protocol,
				 void *transport, const struct change *c,
				 __wsum diff)
{
	struct tcphdr *th = transport;
	struct udphdr *uh = transport;

	diff = csum_add(diff, c->port_diff);
	if (protocol == IPPROTO_TCP) {
		update_pseudo_sum(skb, c->family, &th->check, c->addr_diff,
				  diff);
		return;
	}
	/* RFC 768: zero means that there is no checksum. */
	if (!uh->check && skb->ip_summed != CHECKSUM_PARTIAL)
		return;
	update_pseudo_sum(skb, c->family, &uh->check, c->addr_diff, diff);
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
}

/* Bytes that have to be writable. */
static unsigned int changed_length(const struct sluice_packet *p)
{
	return p->transport + (p->tuple.protocol == IPPROTO_TCP ?
				       sizeof(struct tcphdr) :
				       sizeof(struct udphdr));
}

/**
 * sluice_nat_rewrite() - rewrite one end of a TCP or UDP packet
 * @skb: packet, skb->data at its network header, writable up to the end of its
 *	transport header
 * @p: what sluice_packet_parse() found in it
 * @end: which end
 * @addr: new address
 * @port: new port
 * @diff: what has to be added to the checksum because something else was changed
 */
void sluice_nat_rewrite(struct sk_buff *skb, const struct sluice_packet *p,
			enum sluice_nat_end end, const union nf_inet_addr *addr,
			__be16 port, __wsum diff)
{
	struct change c = {
		.family = p->tuple.family,
		.to = *addr,
		.to_port = port,
	};
	void *transport = skb->data + p->transport;

	set_addr(skb_network_header(skb), end, &c);
	set_port(transport, end, &c);
	update_transport_sum(skb, p->tuple.protocol, transport, &c, diff);
	skb_clear_hash(skb);
}

/**
 * sluice_nat() - the same for a packet of any kind
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
	if (sluice_make_writable(skb, changed_length(p)))
		return -ENOMEM;
	sluice_nat_rewrite(skb, p, end, addr, port, 0);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_nat);

/*
 * Checksum of the packet inside an error, as far as the error quotes it, so
 * that who reads the error finds the packet it once sent (RFC 5508, REQ-4).
 * Return the difference that this makes to a sum over the ICMP message.
 */
static __wsum update_quoted_sum(struct sk_buff *skb,
				const struct sluice_packet *p,
				const struct change *c)
{
	unsigned int offset = p->inner_transport;
	__sum16 *sum, before;

	offset += p->tuple.protocol == IPPROTO_TCP ?
			  offsetof(struct tcphdr, check) :
			  offsetof(struct udphdr, check);
	if (offset + sizeof(*sum) > skb_headlen(skb))
		return 0;
	sum = (__sum16 *)(skb->data + offset);
	if (p->tuple.protocol == IPPROTO_UDP && !*sum)
		return 0;
	before = *sum;
	sluice_add_diff(sum, csum_add(c->addr_diff, c->port_diff));
	if (p->tuple.protocol == IPPROTO_UDP && !*sum)
		*sum = CSUM_MANGLED_0;
	return diff2((__force __be16)before, (__force __be16)*sum);
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
	struct iphdr *iph;
	__wsum diff;

	quoted = min(quoted, skb->len);
	if (sluice_make_writable(skb, quoted))
		return -ENOMEM;
	/* The checksum is at the same place in ICMP and ICMPv6. */
	icmp = (struct icmphdr *)(skb->data + p->transport);
	iph = (struct iphdr *)(skb->data + p->inner);
	set_addr(iph, inner_end, &inner);
	set_port(skb->data + p->inner_transport, inner_end, &inner);

	/* The sum of an IPv4 header and of what it covers is always the same. */
	diff = inner.family == AF_INET6 ? inner.addr_diff : 0;
	diff = csum_add(diff, inner.port_diff);
	diff = csum_add(diff, update_quoted_sum(skb, p, &inner));

	set_addr(skb_network_header(skb), end, &outer);
	/* Only ICMPv6 sums the outer addresses (RFC 4443, section 2.3). */
	if (outer.family == AF_INET6)
		update_pseudo_sum(skb, outer.family, &icmp->checksum,
				  outer.addr_diff, diff);
	else if (skb->ip_summed != CHECKSUM_PARTIAL)
		sluice_add_diff(&icmp->checksum, diff);
	skb_clear_hash(skb);
	return 0;
}
