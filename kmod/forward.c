// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to a packet whose connection is known: to the server, back to
 * the client, or refused.
 */

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/gso.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/xfrm.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

#include "conntrack.h"
#include "forward.h"
#include "lease.h"
#include "mss.h"
#include "nat.h"
#include "net.h"
#include "onward.h"
#include "reset.h"
#include "route.h"
#include "server.h"
#include "sniff.h"
#include "translate.h"
#include "tunnel.h"

/*
 * icmp_send() takes the virtual address for its source where the packet's route
 * is a local one, and then finds no route where that address is not the host's
 * own. With a route that is not local it chooses an address itself.
 */
static void set_plain_route(struct net *net, struct sk_buff *skb)
{
	union nf_inet_addr addr = { .ip = ip_hdr(skb)->daddr };
	struct rtable *rt;

	if (sluice_addr_is_local(net, skb->dev, &addr, AF_INET))
		return;
	rt = rt_dst_alloc(skb->dev, 0, RTN_UNICAST, true);
	if (!rt)
		return;
	skb_dst_drop(skb);
	skb_dst_set(skb, &rt->dst);
}

static void send_error4(struct net *net, struct sk_buff *skb, int type,
			int code, u32 info)
{
	set_plain_route(net, skb);
	icmp_send(skb, type, code, htonl(info));
}

/*
 * A packet that its sender on this host may not send on: the error is the
 * result of the system call.
 */
static unsigned int refuse_local(int err)
{
	return NF_DROP_ERR(err);
}

/* There is no way to the server. */
static unsigned int no_route(struct net *net, struct sk_buff *skb, u8 family,
			     bool from_here)
{
	if (from_here)
		return refuse_local(-EHOSTUNREACH);
	if (family == AF_INET)
		send_error4(net, skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else
		icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
	return NF_DROP;
}

static bool ttl_is_over(struct net *net, struct sk_buff *skb, u8 family)
{
	if (family == AF_INET) {
		if (ip_hdr(skb)->ttl > 1)
			return false;
		send_error4(net, skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
	} else {
		if (ipv6_hdr(skb)->hop_limit > 1)
			return false;
		icmpv6_send(skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0);
	}
	return true;
}

/*
 * As a router would judge, ip_exceeds_mtu() and ip6_pkt_too_big(): what may be
 * fragmented, or was put together here, fits.
 */
static bool is_too_big(const struct sk_buff *skb, u8 family, u32 mtu)
{
	u32 largest = family == AF_INET ? IPCB(skb)->frag_max_size :
					  IP6CB(skb)->frag_max_size;

	if (skb->len <= mtu)
		return false;
	if (family == AF_INET && !(ip_hdr(skb)->frag_off & htons(IP_DF)))
		return false;
	if (largest > mtu)
		return true;
	if (skb->ignore_df)
		return false;
	return !skb_is_gso(skb) || !skb_gso_validate_network_len(skb, mtu);
}

/*
 * An error cannot quote what was not sent, so a socket of this host has to find
 * the size in its route to the service. Where that is a local route, IPv4 looks
 * for it by the socket, which is bound to no device, but not by the packet.
 */
static void set_local_pmtu(struct sk_buff *skb, u32 mtu)
{
	struct sock *sk = skb_to_full_sk(skb);
	struct dst_entry *dst = skb_dst(skb);

	/* Once the route knows, the socket will look at it. */
	if (!dst->ops->update_pmtu || dst_mtu(dst) <= mtu)
		return;
	if (!skb->dev)
		skb->dev = dst->dev;
	if (sk && sk->sk_protocol == IPPROTO_TCP) {
		dst->ops->update_pmtu(dst, sk, NULL, mtu, false);
		/* A local route in use is not told; the next one will know. */
		sk_dst_reset(sk);
	} else {
		dst->ops->update_pmtu(dst, NULL, skb, mtu, false);
	}
}

/* Tell the sender how much fits, in terms of the packet that it sent. */
static unsigned int too_big(struct net *net, struct sk_buff *skb, u8 family,
			    bool from_here, u32 mtu)
{
	if (from_here) {
		set_local_pmtu(skb, mtu);
		return refuse_local(-EMSGSIZE);
	}
	if (family == AF_INET)
		send_error4(net, skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
	else
		icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
	return NF_DROP;
}

static bool source_is_loopback(const struct sk_buff *skb, u8 family)
{
	if (family == AF_INET)
		return ipv4_is_loopback(ip_hdr(skb)->saddr);
	return ipv6_addr_loopback(&ipv6_hdr(skb)->saddr);
}

/*
 * May the packet leave this host for the server, if it is not larger than @mtu?
 * Return NF_ACCEPT, or the verdict after the sender was told why not.
 */
static unsigned int may_leave(struct net *net, struct sk_buff *skb, u8 family,
			      bool from_here, u32 mtu)
{
	if (from_here) {
		if (source_is_loopback(skb, family))
			return refuse_local(-ENETUNREACH);
	} else if (!xfrm_policy_check(NULL, XFRM_POLICY_FWD, skb, family) ||
		   skb_warn_if_lro(skb) || ttl_is_over(net, skb, family)) {
		return NF_DROP;
	}
	if (is_too_big(skb, family, mtu))
		return too_big(net, skb, family, from_here, mtu);
	return NF_ACCEPT;
}

/* The way that an IPsec policy demands for the packet as it is now, if any. */
static bool ipsec_route(struct sk_buff *skb, u8 family)
{
	/* A packet of this host has no device yet; the namespace is its. */
	if (!skb->dev)
		skb->dev = skb_dst(skb)->dev;
	return family == AF_INET ? xfrm4_route_forward(skb) :
				   xfrm6_route_forward(skb);
}

/*
 * What a router does to a packet on its way; that of others who have it, too, stays as it
 * is. Return: 0 or -ENOMEM.
 */
static int pass_on(struct sk_buff *skb, u8 family, const struct net_device *to)
{
	if (skb_cow(skb, LL_RESERVED_SPACE(to)))
		return -ENOMEM;
	if (family == AF_INET) {
		/* Options that the IP layer has entered our address in. */
		if (unlikely(IPCB(skb)->opt.is_changed)) {
			IPCB(skb)->opt.is_changed = 0;
			ip_send_check(ip_hdr(skb));
		}
		ip_decrease_ttl(ip_hdr(skb));
		skb->priority = rt_tos2priority(ip_hdr(skb)->tos);
	} else {
		ipv6_hdr(skb)->hop_limit--;
	}
	skb_orphan(skb);
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	return 0;
}

/* Rewrite one end of a packet, or of an error and what is inside it. */
static int rewrite(struct sk_buff *skb, const struct sluice_packet *p,
		   enum sluice_nat_end end, const union nf_inet_addr *addr,
		   __be16 port)
{
	if (p->kind == SLUICE_PACKET_ERROR)
		return sluice_nat_error(skb, p, end, addr, port);
	return sluice_nat(skb, p, end, addr, port);
}

/* An error is not a packet of the connection: it keeps nothing alive. */
static void count(struct sluice_net *sn, struct sk_buff *skb,
		  const struct sluice_packet *p, struct sluice_conn *conn,
		  enum sluice_dir dir)
{
	if (p->kind != SLUICE_PACKET_FLOW)
		return;
	sluice_conn_seen(&sn->conns, conn, dir, p->event);
	sluice_stats_packet(conn->server->stats, dir, skb->len);
}

/* The largest packet of a client that the way to a server takes. */
static u32 largest(const struct dst_entry *dst, u8 family,
		   const struct sluice_conn *conn)
{
	u32 mtu = dst_mtu(dst);

	if (conn->forward != SLUICE_FORWARD_TUNNEL)
		return mtu;
	mtu -= min(mtu, sluice_tunnel_overhead(family));
	/* No IPv6 host takes less (RFC 8200, section 5): the tunnel fragments. */
	return family == AF_INET6 ? max_t(u32, mtu, IPV6_MIN_MTU) : mtu;
}

/*
 * What the method does to a packet so that it gets to the server. Any method is
 * one case here and in sluice_fast().
 */
static int address(struct sk_buff *skb, const struct sluice_packet *p,
		   const struct sluice_conn *conn, struct dst_entry *dst,
		   const union nf_inet_addr *source, bool to_here)
{
	struct sluice_tuple reply;

	sluice_conn_tuple(conn, SLUICE_DIR_REPLY, &reply);
	switch (conn->forward) {
	case SLUICE_FORWARD_NAT:
		if (sluice_translate(skb, p, conn, SLUICE_DIR_ORIGINAL))
			return -ENOMEM;
		return rewrite(skb, p, SLUICE_NAT_DST, &reply.src, reply.sport);
	case SLUICE_FORWARD_TUNNEL:
		if (to_here)
			return 0;
		skb_set_transport_header(skb, p->transport);
		return sluice_tunnel_push(skb, reply.family, dst,
					  READ_ONCE(dst->dev), source,
					  &reply.src);
	}
	return 0;
}

/* A tunnel packet is one of this host's own. */
static unsigned int send_tunnel(struct net *net, struct sk_buff *skb, u8 family)
{
	if (family == AF_INET)
		ip_local_out(net, NULL, skb);
	else
		ip6_local_out(net, NULL, skb);
	return NF_STOLEN;
}

/**
 * sluice_forward() - send a client's packet on to the server
 * @sn: namespace
 * @skb: packet at LOCAL_IN or LOCAL_OUT, past the firewall
 * @p: what was found in it
 * @conn: its connection
 * @state: the hook
 *
 * Context: RCU read side, bottom halves off.
 * Return: the verdict for netfilter.
 */
unsigned int sluice_forward(struct sluice_net *sn, struct sk_buff *skb,
			    const struct sluice_packet *p,
			    struct sluice_conn *conn,
			    const struct nf_hook_state *state)
{
	bool from_here = state->hook == NF_INET_LOCAL_OUT, to_here;
	unsigned int verdict;
	u8 family = p->tuple.family;
	union nf_inet_addr source;
	struct dst_entry *dst;

	if (!from_here) {
		verdict = sluice_onward(sn, skb, p, conn, state->in);
		if (verdict != NF_ACCEPT)
			return verdict;
	}
	verdict = NF_DROP;
	dst = sluice_route_to_server(state->net, skb, conn, &source);
	if (IS_ERR(dst))
		return no_route(state->net, skb, family, from_here);
	to_here = sluice_route_is_local(dst, family);
	if (sluice_mss_cut(skb, p, conn))
		goto drop;
	if (!to_here) {
		verdict = may_leave(state->net, skb, family, from_here,
				    largest(dst, family, conn));
		if (verdict != NF_ACCEPT)
			goto drop;
		verdict = NF_DROP;
		if (!sluice_conntrack_confirm(skb))
			goto drop;
	}
	count(sn, skb, p, conn, SLUICE_DIR_ORIGINAL);
	if (!to_here) {
		if (p->kind == SLUICE_PACKET_FLOW && !from_here &&
		    !sluice_conn_is_held(conn))
			sluice_lease_offer(sn, skb, conn, SLUICE_DIR_ORIGINAL,
					   dst, &source, state->in);
		sluice_conntrack_ignore(skb);
		if (!from_here && pass_on(skb, family, READ_ONCE(dst->dev)))
			goto drop;
	}
	if (address(skb, p, conn, dst, &source, to_here))
		goto drop;

	if (conn->forward == SLUICE_FORWARD_DR && !to_here) {
		dst_release(dst);
		dst = sluice_route_direct(state->net, skb, conn);
		if (IS_ERR(dst))
			return NF_DROP;
	}
	if (to_here && !from_here) {
		/* The local route that it came in by serves as well. */
		dst_release(dst);
		skb_orphan(skb);
		return NF_ACCEPT;
	}
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	if (!to_here && !ipsec_route(skb, family))
		return NF_DROP;
	if (conn->forward == SLUICE_FORWARD_TUNNEL && !to_here)
		return send_tunnel(state->net, skb, family);
	if (from_here)
		return NF_ACCEPT;
	dst_output(state->net, NULL, skb);
	return NF_STOLEN;

drop:
	dst_release(dst);
	return verdict;
}

/**
 * sluice_reply() - give a server's packet back the service's address
 * @sn: namespace
 * @skb: packet at PRE_ROUTING, or at LOCAL_OUT from a server on this host, or
 *	at FORWARD or LOCAL_IN where a bridge was in the way
 * @p: what was found in it
 * @conn: its connection
 * @state: the hook
 *
 * This comes before connection tracking, which therefore sees both directions
 * as the client does.
 *
 * Context: RCU read side, bottom halves off.
 * Return: the verdict for netfilter.
 */
unsigned int sluice_reply(struct sluice_net *sn, struct sk_buff *skb,
			  const struct sluice_packet *p,
			  struct sluice_conn *conn,
			  const struct nf_hook_state *state)
{
	u8 family = p->tuple.family;
	struct sluice_tuple original;
	unsigned int verdict;
	int err;

	if (p->kind == SLUICE_PACKET_FLOW && sluice_conn_is_held(conn)) {
		verdict = sluice_sniff_server(sn, skb, p, conn, state);
		if (verdict != NF_ACCEPT)
			return verdict;
	}
	if (p->kind == SLUICE_PACKET_FLOW && sluice_is_resetting(conn)) {
		verdict = sluice_reset_segment(sn, skb, p, conn,
					       SLUICE_DIR_REPLY);
		if (verdict != NF_ACCEPT)
			return verdict;
	}
	sluice_conn_tuple(conn, SLUICE_DIR_ORIGINAL, &original);
	if (state->hook == NF_INET_PRE_ROUTING &&
	    sluice_route_reply(skb, family))
		return NF_DROP;
	if (sluice_translate(skb, p, conn, SLUICE_DIR_REPLY) ||
	    rewrite(skb, p, SLUICE_NAT_SRC, &original.dst, original.dport))
		return NF_DROP;
	count(sn, skb, p, conn, SLUICE_DIR_REPLY);
	if (state->in)
		sluice_lease_arrive(&conn->lease[SLUICE_DIR_REPLY], state->in);
	if (state->hook != NF_INET_LOCAL_OUT)
		return NF_ACCEPT;

	if (family == AF_INET)
		err = ip_route_me_harder(state->net, state->sk, skb, RTN_UNSPEC);
	else
		err = ip6_route_me_harder(state->net, state->sk, skb);
	return err ? NF_DROP_ERR(err) : NF_ACCEPT;
}

/**
 * sluice_reject() - tell a client that its connection is refused
 * @skb: first packet of a connection, past the firewall
 * @p: what was found in it
 * @state: the hook
 *
 * TCP gets a reset, UDP an ICMP port unreachable; a client on this host gets
 * ECONNREFUSED from its system call.
 *
 * Return: the verdict for netfilter.
 */
unsigned int sluice_reject(struct sk_buff *skb, const struct sluice_packet *p,
			   const struct nf_hook_state *state)
{
	u8 family = p->tuple.family;

	if (state->hook == NF_INET_LOCAL_OUT)
		return refuse_local(-ECONNREFUSED);
	if (p->tuple.protocol == IPPROTO_TCP) {
		if (family == AF_INET)
			nf_send_reset(state->net, state->sk, skb, state->hook);
		else
			nf_send_reset6(state->net, state->sk, skb, state->hook);
	} else if (family == AF_INET) {
		send_error4(state->net, skb, ICMP_DEST_UNREACH,
			    ICMP_PORT_UNREACH, 0);
	} else {
		icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0);
	}
	return NF_DROP;
}
