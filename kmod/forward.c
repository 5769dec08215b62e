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
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

#include "conntrack.h"
#include "forward.h"
#include "nat.h"
#include "net.h"
#include "route.h"
#include "server.h"

/*
 * icmp_send() takes the virtual address for its source where the packet's route
 * is a local one, and then finds no route where that address is not the host's
 * own. With a route that is not local it chooses an address itself.
 */
static void drop_borrowed_route(struct net *net, struct sk_buff *skb)
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
	if (skb->dev)
		drop_borrowed_route(net, skb);
	icmp_send(skb, type, code, htonl(info));
}

static void send_error6(struct net *net, struct sk_buff *skb, int type,
			int code, u32 info)
{
	if (!skb->dev)
		skb->dev = net->loopback_dev;
	icmpv6_send(skb, type, code, info);
}

/* As a router would judge: what was put together here may be taken apart. */
static bool too_big(const struct sk_buff *skb, u8 family, u32 mtu)
{
	if (family == AF_INET) {
		if (!(ip_hdr(skb)->frag_off & htons(IP_DF)))
			return false;
		if (IPCB(skb)->frag_max_size > mtu)
			return true;
		if (skb->ignore_df)
			return false;
	} else if (IP6CB(skb)->frag_max_size) {
		return IP6CB(skb)->frag_max_size > mtu;
	}
	if (skb->len <= mtu)
		return false;
	return !skb_is_gso(skb) || !skb_gso_validate_network_len(skb, mtu);
}

/*
 * May the packet go on to the server? Tells the client otherwise, in terms of
 * the packet that the client sent.
 */
static bool may_forward(struct net *net, struct sk_buff *skb, u8 family,
			const struct dst_entry *dst, bool from_here)
{
	u32 mtu = dst_mtu(dst);

	if (family == AF_INET) {
		if (!from_here && ip_hdr(skb)->ttl <= 1) {
			send_error4(net, skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
			return false;
		}
		if (too_big(skb, family, mtu)) {
			send_error4(net, skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
				    mtu);
			return false;
		}
	} else {
		if (!from_here && ipv6_hdr(skb)->hop_limit <= 1) {
			send_error6(net, skb, ICMPV6_TIME_EXCEED,
				    ICMPV6_EXC_HOPLIMIT, 0);
			return false;
		}
		if (too_big(skb, family, mtu)) {
			send_error6(net, skb, ICMPV6_PKT_TOOBIG, 0, mtu);
			return false;
		}
	}
	return true;
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
	sluice_conn_seen(sn, conn, dir, p->event);
	sluice_stats_packet(conn->server->stats, dir, skb->len);
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
	const struct sluice_tuple *reply = &conn->node[SLUICE_DIR_REPLY].tuple;
	bool from_here = state->hook == NF_INET_LOCAL_OUT;
	u8 family = p->tuple.family;
	struct dst_entry *dst;
	bool to_here;

	dst = sluice_route_to_server(state->net, skb, p, &reply->src,
				     reply->sport);
	if (IS_ERR(dst))
		return NF_DROP;
	to_here = sluice_route_is_local(dst, family);
	if (!to_here && !may_forward(state->net, skb, family, dst, from_here))
		goto drop;
	if (!to_here && !sluice_conntrack_leave(skb))
		goto drop;
	if (rewrite(skb, p, SLUICE_NAT_DST, &reply->src, reply->sport))
		goto drop;
	count(sn, skb, p, conn, SLUICE_DIR_ORIGINAL);

	if (from_here || !to_here) {
		skb_dst_drop(skb);
		skb_dst_set(skb, dst);
	} else {
		/* The local route that it came in by serves as well. */
		dst_release(dst);
	}
	if (from_here)
		return NF_ACCEPT;
	skb_orphan(skb);
	if (to_here)
		return NF_ACCEPT;

	if (family == AF_INET) {
		ip_decrease_ttl(ip_hdr(skb));
		skb->priority = rt_tos2priority(ip_hdr(skb)->tos);
	} else {
		ipv6_hdr(skb)->hop_limit--;
	}
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	dst_output(state->net, NULL, skb);
	return NF_STOLEN;

drop:
	dst_release(dst);
	return NF_DROP;
}

/**
 * sluice_reply() - give a server's packet back the service's address
 * @sn: namespace
 * @skb: packet at PRE_ROUTING, or at LOCAL_OUT from a server on this host
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
	const struct sluice_tuple *original;
	u8 family = p->tuple.family;
	int err;

	original = &conn->node[SLUICE_DIR_ORIGINAL].tuple;
	if (state->hook == NF_INET_PRE_ROUTING &&
	    sluice_route_reply(skb, family))
		return NF_DROP;
	if (rewrite(skb, p, SLUICE_NAT_SRC, &original->dst, original->dport))
		return NF_DROP;
	count(sn, skb, p, conn, SLUICE_DIR_REPLY);
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
 * @sn: namespace
 * @skb: first packet of a connection, past the firewall
 * @p: what was found in it
 * @state: the hook
 *
 * TCP gets a reset, UDP an ICMP port unreachable; a client on this host gets
 * ECONNREFUSED from its system call.
 *
 * Return: the verdict for netfilter.
 */
unsigned int sluice_reject(struct sluice_net *sn, struct sk_buff *skb,
			   const struct sluice_packet *p,
			   const struct nf_hook_state *state)
{
	u8 family = p->tuple.family;

	if (state->hook == NF_INET_LOCAL_OUT)
		return NF_DROP_ERR(-ECONNREFUSED);
	if (p->tuple.protocol == IPPROTO_TCP) {
		if (family == AF_INET)
			nf_send_reset(state->net, state->sk, skb, state->hook);
		else
			nf_send_reset6(state->net, state->sk, skb, state->hook);
	} else if (family == AF_INET) {
		send_error4(state->net, skb, ICMP_DEST_UNREACH,
			    ICMP_PORT_UNREACH, 0);
	} else {
		send_error6(state->net, skb, ICMPV6_DEST_UNREACH,
			    ICMPV6_PORT_UNREACH, 0);
	}
	return NF_DROP;
}
