/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SEND_H
#define _SLUICE_SEND_H

/*
 * From a path to the neighbour: how a packet leaves past the IP layer, from the
 * fast path (fast.c) and from behind the firewall (onward.c). It is inline for the
 * sake of the first.
 */

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/arp.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/xfrm.h>

#include "conn.h"
#include "nat.h"
#include "net.h"
#include "packet.h"
#include "path.h"
#include "server.h"
#include "translate.h"
#include "tunnel.h"

/**
 * struct sluice_hop - where a packet leaves this host
 * @dev: the device
 * @neighbour: the next host, valid under RCU
 * @other: tuple of the connection's other direction: its ends are what a
 *	translation leads to, and its source is where the packet goes
 */
struct sluice_hop {
	struct net_device *dev;
	struct neighbour *neighbour;
	struct sluice_tuple other;
};

/**
 * sluice_is_burdened() - is there anything about a packet that only the slow path
 *	can judge
 * @skb: packet
 *
 * Return: whether its headers do not tell all of it.
 */
static inline bool sluice_is_burdened(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	if (skb_ext_exist(skb, SKB_EXT_BRIDGE_NF))
		return true;
#endif
	/* Put together by the device: nobody knows how to take it apart. */
	if (skb_is_nonlinear(skb) && skb_shinfo(skb)->gso_size &&
	    !skb_shinfo(skb)->gso_type)
		return true;
	return secpath_exists(skb);
}

static inline bool sluice_hop_fits(const struct sk_buff *skb,
				   unsigned int length,
				   const struct dst_entry *dst,
				   const struct sluice_conn *conn, u8 family)
{
	u32 mtu = dst_mtu(dst);

	if (conn->forward == SLUICE_FORWARD_TUNNEL)
		mtu -= min(mtu, sluice_tunnel_overhead(family));
	return length <= mtu ||
	       (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu));
}

/* Where to on the link: the gateway of the route, or the address itself. */
static inline struct neighbour *
sluice_hop_neighbour(struct net_device *dev, const struct dst_entry *dst,
		     const union nf_inet_addr *addr, u8 family)
{
	const struct rtable *rt;

	if (family == AF_INET6)
		return __ipv6_neigh_lookup_noref(dev,
						 rt6_nexthop(dst_rt6_info(dst),
							     &addr->in6));
	rt = dst_rtable(dst);
	if (likely(!rt->rt_gw_family))
		return __ipv4_neigh_lookup_noref(dev,
						 (__force u32)addr->ip);
	if (rt->rt_gw_family == AF_INET)
		return __ipv4_neigh_lookup_noref(dev,
						 (__force u32)rt->rt_gw4);
	return __ipv6_neigh_lookup_noref(dev, &rt->rt_gw6);
}

/**
 * sluice_hop_find() - find out where a packet leaves, if that is known and it fits
 * @skb: packet, skb->data at its network header; nothing of it is changed but
 *	where its transport header is
 * @length: of the packet without padding, bytes
 * @p: what was found in it
 * @conn: its connection
 * @dir: its direction
 * @path: the path it takes
 * @hop: filled
 *
 * Context: RCU read side, bottom halves off.
 * Return: false where the IP layer has to send it: @hop is of no use then.
 */
static __always_inline bool
sluice_hop_find(struct sk_buff *skb, unsigned int length,
		const struct sluice_packet *p, const struct sluice_conn *conn,
		enum sluice_dir dir, const struct sluice_path *path,
		struct sluice_hop *hop)
{
	const struct dst_entry *dst = path->dst;
	u8 family = p->tuple.family;

	skb_set_transport_header(skb, p->transport);
	if (!sluice_hop_fits(skb, length, dst, conn, family))
		return false;
	sluice_conn_tuple(conn, !dir, &hop->other);
	/* Read once: a device that goes takes its routes to another one. */
	hop->dev = READ_ONCE(dst->dev);
	hop->neighbour = sluice_hop_neighbour(hop->dev, dst, &hop->other.src,
					      family);
	/*
	 * One that is not known yet is asked for by the IP layer: of a packet that waits
	 * for its answer the kernel would look at the destination, which may be ours.
	 */
	return hop->neighbour &&
	       READ_ONCE(hop->neighbour->nud_state) & NUD_VALID;
}

static inline void sluice_hop_decrease_ttl(struct sk_buff *skb, u8 family)
{
	if (family == AF_INET) {
		ip_decrease_ttl(ip_hdr(skb));
		skb->priority = rt_tos2priority(ip_hdr(skb)->tos);
	} else {
		ipv6_hdr(skb)->hop_limit--;
	}
}

/*
 * How much of a packet will be changed, 0 where it says too little. Its transport
 * header has been pulled, without the options.
 */
static inline unsigned int sluice_hop_changed(const struct sk_buff *skb,
					      const struct sluice_packet *p,
					      const struct sluice_conn *conn,
					      bool translated)
{
	const struct tcphdr *th;

	if (unlikely(translated)) {
		th = (const struct tcphdr *)(skb->data + p->transport);
		return th->doff * 4 < sizeof(*th) ? 0 :
						    p->transport + th->doff * 4;
	}
	if (conn->forward != SLUICE_FORWARD_NAT)
		return p->transport;
	return p->transport + (p->tuple.protocol == IPPROTO_UDP ?
				       sizeof(struct udphdr) :
				       sizeof(struct tcphdr));
}

/* What the method does to a packet. */
static inline int sluice_hop_address(struct sk_buff *skb,
				     const struct sluice_packet *p,
				     const struct sluice_conn *conn,
				     enum sluice_dir dir,
				     const struct sluice_path *path,
				     const struct sluice_hop *hop)
{
	const struct sluice_translation *t = &conn->translation;
	const struct sluice_tuple *other = &hop->other;
	bool translated = sluice_is_translated(conn);
	unsigned int length = sluice_hop_changed(skb, p, conn, translated);
	__wsum diff = 0;

	if (!length || sluice_make_writable(skb, length))
		return -ENOMEM;
	sluice_hop_decrease_ttl(skb, other->family);
	switch (conn->forward) {
	case SLUICE_FORWARD_NAT:
		if (dir == SLUICE_DIR_REPLY) {
			if (translated)
				diff = sluice_translate_reply((void *)skb->data +
							      p->transport, t);
			sluice_nat_rewrite(skb, p, SLUICE_NAT_SRC, &other->dst,
					   other->dport, diff);
		} else {
			if (translated)
				diff = sluice_translate_original((void *)skb->data +
								 p->transport, t);
			sluice_nat_rewrite(skb, p, SLUICE_NAT_DST, &other->src,
					   other->sport, diff);
		}
		return 0;
	case SLUICE_FORWARD_TUNNEL:
		return sluice_tunnel_push(skb, other->family, path->dst,
					  hop->dev, &path->source, &other->src);
	}
	return 0;
}

/**
 * sluice_hop_send() - change a packet and send it
 * @skb: packet without a route, not shared; it is consumed. Its network header is
 *	linear, and of TCP the transport header without options.
 * @length: of the packet without padding, bytes
 * @p: what was found in it
 * @conn: its connection
 * @dir: its direction
 * @path: the path it takes
 * @hop: where to, of sluice_hop_find()
 *
 * Where memory is short it is dropped.
 *
 * Context: RCU read side, bottom halves off.
 */
static __always_inline void
sluice_hop_send(struct sk_buff *skb, unsigned int length,
		const struct sluice_packet *p, const struct sluice_conn *conn,
		enum sluice_dir dir, const struct sluice_path *path,
		const struct sluice_hop *hop)
{
	struct neighbour *neighbour = hop->neighbour;
	u8 family = p->tuple.family;

	if (pskb_trim_rcsum(skb, length) ||
	    skb_cow_head(skb, LL_RESERVED_SPACE(hop->dev)))
		goto drop;
	/* As the IP layer would have left it, for errors on the way. */
	memset(skb->cb, 0, sizeof(skb->cb));
	if (family == AF_INET6)
		IP6CB(skb)->iif = skb->dev->ifindex;
	if (sluice_hop_address(skb, p, conn, dir, path, hop))
		goto drop;
	skb_orphan(skb);
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	nf_reset_ct(skb);
	skb->dev = hop->dev;
	skb_dst_set_noref(skb, path->dst);
	/* The cached header of an IPv6 gateway is for IPv6 packets. */
	neigh_output(neighbour, skb, neighbour->tbl->family != family);
	return;

drop:
	kfree_skb(skb);
}

#endif /* _SLUICE_SEND_H */
