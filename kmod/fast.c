// SPDX-License-Identifier: GPL-2.0
/*
 * The fast path: a plain packet of a known connection, from the port it came in
 * by to the next hop, past the IP layer and the firewall.
 *
 * A connection needs a lease for it, see lease.c. Nothing here refuses or
 * answers: what is not plain is left to the slow path before anything of it was
 * changed.
 *
 * Per packet nothing is written that another CPU would read, but the time of
 * last use, at most once a second.
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
#include "conntrack.h"
#include "fast.h"
#include "lease.h"
#include "mss.h"
#include "nat.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "server.h"
#include "service.h"
#include "sniff.h"
#include "translate.h"
#include "tunnel.h"

static bool parse_transport(struct sk_buff *skb, struct sluice_packet *p,
			    unsigned int length)
{
	const struct tcphdr *th;
	const struct udphdr *uh;

	if (p->tuple.protocol == IPPROTO_UDP) {
		if (length < p->transport + sizeof(*uh) ||
		    !pskb_may_pull(skb, p->transport + sizeof(*uh)))
			return false;
		uh = (const struct udphdr *)(skb->data + p->transport);
		p->tuple.sport = uh->source;
		p->tuple.dport = uh->dest;
		p->event = SLUICE_TCP_NONE;
		return true;
	}
	if (p->tuple.protocol != IPPROTO_TCP ||
	    length < p->transport + sizeof(*th) ||
	    !pskb_may_pull(skb, p->transport + sizeof(*th)))
		return false;
	th = (const struct tcphdr *)(skb->data + p->transport);
	p->tuple.sport = th->source;
	p->tuple.dport = th->dest;
	p->event = sluice_tcp_event(th);
	return true;
}

/*
 * Read a header without options, fragments, or a reason to answer. Return the
 * length of the packet, or 0.
 */
static unsigned int parse4(struct sk_buff *skb, struct sluice_packet *p)
{
	const struct iphdr *iph;
	unsigned int length;

	if (!pskb_may_pull(skb, sizeof(*iph)))
		return 0;
	iph = (const struct iphdr *)skb->data;
	length = ntohs(iph->tot_len);
	if (*(const u8 *)iph != 0x45 || iph->frag_off & ~htons(IP_DF) ||
	    iph->ttl < 2 || length > skb->len || ip_fast_csum(iph, 5))
		return 0;
	p->tuple.family = AF_INET;
	p->tuple.protocol = iph->protocol;
	p->tuple.src.ip = iph->saddr;
	p->tuple.dst.ip = iph->daddr;
	p->transport = sizeof(*iph);
	return parse_transport(skb, p, length) ? length : 0;
}

static unsigned int parse6(struct sk_buff *skb, struct sluice_packet *p)
{
	const struct ipv6hdr *iph;
	unsigned int length;

	if (!pskb_may_pull(skb, sizeof(*iph)))
		return 0;
	iph = (const struct ipv6hdr *)skb->data;
	length = sizeof(*iph) + ntohs(iph->payload_len);
	if (iph->version != 6 || iph->hop_limit < 2 || length > skb->len)
		return 0;
	p->tuple.family = AF_INET6;
	p->tuple.protocol = iph->nexthdr;
	p->tuple.src.in6 = iph->saddr;
	p->tuple.dst.in6 = iph->daddr;
	p->transport = sizeof(*iph);
	return parse_transport(skb, p, length) ? length : 0;
}

/* Is there anything about the packet that its headers do not tell. */
static bool has_baggage(struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	if (skb_ext_exist(skb, SKB_EXT_BRIDGE_NF))
		return true;
#endif
	/* Put together by the device: nobody knows how to take it apart. */
	if (skb_is_nonlinear(skb) && skb_shinfo(skb)->gso_size &&
	    !skb_shinfo(skb)->gso_type)
		return true;
	/* Not to be pulled. */
	if (skb_shared(skb) && skb_is_nonlinear(skb))
		return true;
	/* Of a VRF, whose routes and addresses are others. */
	if (netif_is_l3_slave(skb->dev) || netif_is_l3_master(skb->dev))
		return true;
	return skb->pkt_type != PACKET_HOST || skb->mark || skb_dst(skb) ||
	       skb_sk_is_prefetched(skb) || secpath_exists(skb);
}

/* Is it a segment that is not to be passed on as it is. */
static __always_inline bool is_special(const struct sk_buff *skb,
				       const struct sluice_packet *p,
				       const struct sluice_conn *conn,
				       enum sluice_dir dir)
{
	/* Pairs with smp_store_release() in bind.c. */
	u8 flags = smp_load_acquire(&conn->translation.flags);

	if (likely(!(flags &
		     (SLUICE_HELD | SLUICE_SMALL_MSS | SLUICE_RESETTING))))
		return false;
	return flags & (SLUICE_HELD | SLUICE_RESETTING) ||
	       (dir == SLUICE_DIR_ORIGINAL && sluice_mss_exceeded(skb, p, conn));
}

/*
 * May the packet be sent without the slow path's knowledge: what may begin a
 * connection anew, or conntrack has to follow, goes there.
 */
static bool may_pass(const struct sk_buff *skb, const struct sluice_packet *p,
		     const struct sluice_conn *conn, enum sluice_dir dir)
{
	enum sluice_state state = READ_ONCE(conn->state);
	enum sluice_tcp_event event = p->event;

	if (!sluice_conn_is_live(state))
		return false;
	if (state >= SLUICE_STATE_UDP_NEW) {
		if (sluice_server_is_gone(conn->server))
			return false;
	} else if (event == SLUICE_TCP_SYN || event == SLUICE_TCP_NONE ||
		   is_special(skb, p, conn, dir) ||
		   (conn->tracked && event != SLUICE_TCP_ACK)) {
		return false;
	}
	/* What most packets meet, and do not change. */
	if (!conn->tracked || state == SLUICE_STATE_ESTABLISHED ||
	    state == SLUICE_STATE_UDP)
		return true;
	return sluice_conn_next_state(conn, state, dir, event) == state;
}

/* The way out that the connection has a lease for, if it is still valid. */
static const struct sluice_path *find_path(const struct sluice_net *sn,
					   const struct sk_buff *skb,
					   const struct sluice_conn *conn,
					   enum sluice_dir dir)
{
	const struct sluice_lease *lease = &conn->lease[dir];
	const struct sluice_path *path;

	if (!sluice_lease_is_valid(lease, skb->dev))
		return NULL;
	path = sluice_path_lookup(sn, READ_ONCE(lease->path));
	return path && sluice_path_is_valid(path) ? path : NULL;
}

static bool fits(const struct sk_buff *skb, unsigned int length, u32 mtu)
{
	return length <= mtu ||
	       (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu));
}

static u32 largest(const struct dst_entry *dst, const struct sluice_conn *conn,
		   u8 family)
{
	u32 mtu = dst_mtu(dst);

	if (conn->forward == SLUICE_FORWARD_TUNNEL)
		mtu -= min(mtu, sluice_tunnel_overhead(family));
	return mtu;
}

/* Where to on the link: the gateway of the route, or the address itself. */
static struct neighbour *find_neighbour(struct net_device *dev,
					const struct dst_entry *dst,
					const union nf_inet_addr *addr,
					u8 family)
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

static void decrease_ttl(struct sk_buff *skb, u8 family)
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
static unsigned int changed_length(const struct sk_buff *skb,
				   const struct sluice_packet *p,
				   const struct sluice_conn *conn, bool translated)
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

/*
 * What the method does to a packet. @other is the tuple of the other direction:
 * its ends are what a translation leads to, and its source is the next host.
 */
static int address(struct sk_buff *skb, const struct sluice_packet *p,
		   const struct sluice_conn *conn, enum sluice_dir dir,
		   const struct sluice_tuple *other,
		   const struct net_device *dev, const struct sluice_path *path)
{
	const struct sluice_translation *t = &conn->translation;
	bool translated = sluice_is_translated(conn);
	unsigned int length = changed_length(skb, p, conn, translated);
	__wsum diff = 0;

	if (!length || sluice_make_writable(skb, length))
		return -ENOMEM;
	decrease_ttl(skb, other->family);
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
		return sluice_tunnel_push(skb, other->family, path->dst, dev,
					  &path->source, &other->src);
	}
	return 0;
}

/**
 * sluice_fast() - send a packet by the fast path if it may take it
 * @sn: namespace
 * @skb: packet, skb->data at its network header; not changed where the fast
 *	path is not for it
 * @family: AF_INET or AF_INET6
 *
 * Context: RCU read side, bottom halves off.
 * Return: NF_STOLEN where it was sent, or dropped because memory was short;
 * NF_ACCEPT where it has to go on to the slow path.
 */
unsigned int sluice_fast(struct sluice_net *sn, struct sk_buff *skb, u8 family)
{
	const struct sluice_path *path;
	struct sluice_tuple other;
	struct sluice_packet p = { .kind = SLUICE_PACKET_FLOW };
	struct neighbour *neighbour;
	struct net_device *dev;
	struct sluice_conn *conn;
	struct dst_entry *dst;
	unsigned int length;
	enum sluice_dir dir;
	u64 id;

	if (has_baggage(skb))
		return NF_ACCEPT;
	length = family == AF_INET ? parse4(skb, &p) : parse6(skb, &p);
	if (!length)
		return NF_ACCEPT;
	conn = sluice_conn_lookup(&sn->conns, &p.tuple, &dir);
	if (!conn) {
		conn = sluice_lease_begin(sn, skb, &p, &id);
		if (!conn)
			return NF_ACCEPT;
		if (IS_ERR(conn))
			goto drop;
		dir = SLUICE_DIR_ORIGINAL;
		path = sluice_path_lookup(sn, id);
	} else {
		if (!may_pass(skb, &p, conn, dir))
			return NF_ACCEPT;
		path = find_path(sn, skb, conn, dir);
		if (!path)
			path = sluice_path_lookup(sn, sluice_lease_renew(sn, skb,
									 conn, dir));
	}
	if (!path)
		return NF_ACCEPT;
	dst = path->dst;
	skb_set_transport_header(skb, p.transport);
	if (!fits(skb, length, largest(dst, conn, family)))
		return NF_ACCEPT;
	sluice_conn_tuple(conn, !dir, &other);
	/* Read once: a device that goes takes its routes to another one. */
	dev = READ_ONCE(dst->dev);
	neighbour = find_neighbour(dev, dst, &other.src, family);
	if (!neighbour)
		return NF_ACCEPT;

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return NF_STOLEN;
	if (pskb_trim_rcsum(skb, length) ||
	    skb_cow_head(skb, LL_RESERVED_SPACE(dev)))
		goto drop;
	/* As the IP layer would have left it, for errors on the way. */
	memset(skb->cb, 0, sizeof(skb->cb));
	if (family == AF_INET6)
		IP6CB(skb)->iif = skb->dev->ifindex;
	if (address(skb, &p, conn, dir, &other, dev, path))
		goto drop;
	sluice_conn_seen(&sn->conns, conn, dir, p.event);
	sluice_stats_packet(conn->server->stats, dir, length);
	skb_orphan(skb);
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	nf_reset_ct(skb);
	skb->dev = dev;
	skb_dst_set_noref(skb, dst);
	/* The cached header of an IPv6 gateway is for IPv6 packets. */
	neigh_output(neighbour, skb, neighbour->tbl->family != family);
	return NF_STOLEN;

drop:
	kfree_skb(skb);
	return NF_STOLEN;
}
