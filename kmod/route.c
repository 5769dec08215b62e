// SPDX-License-Identifier: GPL-2.0
/* Routes that balanced packets need and the stack would not find by itself. */

#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/addrconf.h>
#include <net/dst_metadata.h>
#include <net/inet_dscp.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "conn.h"
#include "net.h"
#include "own.h"
#include "path.h"
#include "route.h"

/*
 * Does a packet from outside say that it comes from where it goes to? A server's
 * answer would be taken for one more packet of the client.
 */
static bool is_from_itself(const struct sk_buff *skb, u8 family)
{
	if (family == AF_INET)
		return ip_hdr(skb)->saddr == ip_hdr(skb)->daddr;
	return ipv6_addr_equal(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr);
}

static int route_input(struct sk_buff *skb, __be32 daddr)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (ip_route_input(skb, daddr, iph->saddr,
			   inet_dsfield_to_dscp(iph->tos), skb->dev))
		return -EHOSTUNREACH;
	/* Nobody is to be told of a better way past the balancer. */
	IPCB(skb)->flags &= ~IPSKB_DOREDIRECT;
	return 0;
}

/*
 * Can a source be told valid without a lookup? Where it is not compared with
 * routes (rp_filter), all that the IP layer asks of it is that it is an address
 * of one host, and not this one.
 */
static bool source4_is_plain(const struct sluice_net *sn,
			     const struct sk_buff *skb)
{
	struct net *net = sn->net;
	__be32 saddr = ip_hdr(skb)->saddr, daddr = ip_hdr(skb)->daddr;
	const struct in_device *in_dev = __in_dev_get_rcu(skb->dev);

	return in_dev && !IN_DEV_RPFILTER(in_dev) &&
	       !fib4_has_custom_rules(net) &&
	       !net->ipv4.fib_has_custom_local_routes &&
	       !ipv4_is_multicast(saddr) && !ipv4_is_lbcast(saddr) &&
	       !ipv4_is_zeronet(saddr) && !ipv4_is_loopback(saddr) &&
	       !ipv4_is_loopback(daddr) &&
	       (!sluice_own_may_be(sn, saddr) ||
		!__ip_dev_find(net, saddr, false));
}

/* May a packet take the route that others to its destination have taken. */
static bool is_like_others(const struct sluice_net *sn,
			   const struct sk_buff *skb, u8 family)
{
	if (family == AF_INET6)
		return !sluice_route_by_rules(sn->net, family);
	return !(ip_hdr(skb)->tos & INET_DSCP_MASK) &&
	       !fib_num_tclassid_users(sn->net) && source4_is_plain(sn, skb);
}

/* Is its destination one of the host's own addresses? Then it has its route. */
static bool route_to_own4(struct sk_buff *skb)
{
	return !route_input(skb, ip_hdr(skb)->daddr) &&
	       skb_rtable(skb)->rt_type == RTN_LOCAL;
}

static int route_to_local4(struct sk_buff *skb)
{
	__be32 local;

	/*
	 * The virtual address is only routed to this host, or to nowhere, as
	 * where it is announced. The local route of one of the host's own
	 * addresses serves as well, and routing to it validates the source like
	 * any other.
	 */
	skb_dst_drop(skb);
	local = inet_select_addr(skb->dev, 0, RT_SCOPE_LINK);
	if (!local || route_input(skb, local) ||
	    skb_rtable(skb)->rt_type != RTN_LOCAL) {
		skb_dst_drop(skb);
		return -EHOSTUNREACH;
	}
	/* The packet that comes next, to another port, must not share it. */
	IPCB(skb)->flags |= IPSKB_MULTIPATH;
	return 0;
}

/* What the IP layer would find for a packet to @daddr; has a reference. */
static struct dst_entry *lookup_input6(struct net *net, const struct sk_buff *skb,
				       const struct in6_addr *daddr)
{
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	struct flowi6 fl6 = {
		.flowi6_iif = skb->dev->ifindex,
		.flowi6_mark = skb->mark,
		.flowi6_proto = iph->nexthdr,
		.saddr = iph->saddr,
		.daddr = *daddr,
	};

	return ip6_route_input_lookup(net, skb->dev, &fl6, skb,
				      RT6_LOOKUP_F_HAS_SADDR);
}

/* The route of an address of this host, which a packet to another one takes. */
static bool route_as_local6(struct net *net, struct sk_buff *skb,
			    const struct in6_addr *own)
{
	struct dst_entry *dst = lookup_input6(net, skb, own);

	if (dst->error || !sluice_route_is_local(dst, AF_INET6)) {
		dst_release(dst);
		return false;
	}
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	return true;
}

static bool route_to_own6(struct net *net, struct sk_buff *skb)
{
	return route_as_local6(net, skb, &ipv6_hdr(skb)->daddr);
}

/* As for an address that is chosen for packets to @daddr. */
static bool route_as_chosen6(struct net *net, struct sk_buff *skb,
			     const struct in6_addr *daddr)
{
	struct in6_addr own;

	return !ipv6_dev_get_saddr(net, skb->dev, daddr, 0, &own) &&
	       route_as_local6(net, skb, &own);
}

static int route_to_local6(struct net *net, struct sk_buff *skb)
{
	/*
	 * As for IPv4 above. An address that has just been added is chosen already when
	 * it has no route yet; the device's link-local one has been there before it.
	 */
	if (!route_as_chosen6(net, skb, &ipv6_hdr(skb)->saddr) &&
	    !route_as_chosen6(net, skb, &in6addr_linklocal_allnodes))
		return -EHOSTUNREACH;
	IP6CB(skb)->flags |= IP6SKB_MULTIPATH;
	return 0;
}

/**
 * sluice_route_to_local() - let a packet to a virtual address go to local input
 * @sn: namespace
 * @skb: packet at PRE_ROUTING
 * @family: AF_INET or AF_INET6
 *
 * With this the firewall's INPUT rules see the packets to a service whether its
 * address is one of the host's own or is only routed to it. Where nothing but the
 * destination decides about a route, that of an own address is looked up once.
 *
 * Context: RCU read side, bottom halves off.
 * Return: 0, or -EHOSTUNREACH where the source is not valid or no route is
 * found.
 */
int sluice_route_to_local(struct sluice_net *sn, struct sk_buff *skb, u8 family)
{
	bool is_shared = is_like_others(sn, skb, family);
	union nf_inet_addr addr = {};
	struct dst_entry *dst;

	if (is_from_itself(skb, family))
		return -EHOSTUNREACH;
	if (family == AF_INET)
		addr.ip = ip_hdr(skb)->daddr;
	else
		addr.in6 = ipv6_hdr(skb)->daddr;
	if (is_shared) {
		dst = sluice_path_local(sn, &addr, family);
		if (dst) {
			skb_dst_drop(skb);
			skb_dst_set_noref(skb, dst);
			return 0;
		}
	}
	if (family == AF_INET ? route_to_own4(skb) : route_to_own6(sn->net, skb)) {
		if (is_shared)
			sluice_path_local_enter(sn, &addr, skb_dst(skb));
		return 0;
	}
	return family == AF_INET ? route_to_local4(skb) :
				   route_to_local6(sn->net, skb);
}

/**
 * sluice_route_reply() - route a server's packet before its source is rewritten
 * @skb: packet at PRE_ROUTING
 * @family: AF_INET or AF_INET6
 *
 * Afterwards the source is an address of this host, which IPv4 would refuse
 * from outside. IPv6 has no such check and routes by itself.
 *
 * Return: 0, or -EHOSTUNREACH where the source is not valid or no route is
 * found.
 */
int sluice_route_reply(struct sk_buff *skb, u8 family)
{
	if (family == AF_INET && !skb_valid_dst(skb))
		return route_input(skb, ip_hdr(skb)->daddr);
	return 0;
}

/* Routes go by the reply tuple, whose source is the server. */
static struct dst_entry *route4(struct net *net, const struct sk_buff *skb,
				const struct sluice_tuple *reply, u8 flags,
				__be32 *source)
{
	struct flowi4 fl4;
	struct rtable *rt;

	flowi4_init_output(&fl4, 0, skb->mark, ip_hdr(skb)->tos & INET_DSCP_MASK,
			   RT_SCOPE_UNIVERSE, reply->protocol, flags,
			   reply->src.ip, 0, reply->sport, reply->dport,
			   GLOBAL_ROOT_UID);
	/* Not by a flow with IPsec, which is for the packet's own source. */
	rt = ip_route_output_key_hash(net, &fl4, NULL);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	if (source)
		*source = fl4.saddr;
	return &rt->dst;
}

static struct dst_entry *route6(struct net *net, const struct sk_buff *skb,
				const struct sluice_tuple *reply, u8 flags,
				struct in6_addr *source)
{
	struct flowi6 fl6 = {
		.daddr = reply->src.in6,
		.flowi6_mark = skb->mark,
		.flowi6_proto = reply->protocol,
		.flowi6_flags = flags,
		.flowlabel = ip6_flowinfo(ipv6_hdr(skb)),
		.fl6_dport = reply->sport,
		.fl6_sport = reply->dport,
	};
	struct dst_entry *dst;
	int err;

	if (source) {
		err = ip6_dst_lookup(net, NULL, &dst, &fl6);
		*source = fl6.saddr;
		return err ? ERR_PTR(err) : dst;
	}
	dst = ip6_route_output(net, NULL, &fl6);
	err = dst->error;
	if (!err)
		return dst;
	dst_release(dst);
	return ERR_PTR(err);
}

/* The route of the outer packet, and the source that goes with it. */
static struct dst_entry *route_tunnel(struct net *net, const struct sk_buff *skb,
				      struct sluice_tuple *reply,
				      union nf_inet_addr *source)
{
	reply->sport = 0;
	reply->dport = 0;
	if (reply->family == AF_INET) {
		reply->protocol = IPPROTO_IPIP;
		return route4(net, skb, reply, 0, &source->ip);
	}
	reply->protocol = IPPROTO_IPV6;
	return route6(net, skb, reply, 0, &source->in6);
}

static bool source6_is_valid(const struct sk_buff *skb)
{
	const struct inet6_dev *idev = __in6_dev_get(skb->dev);
	int source = ipv6_addr_type(&ipv6_hdr(skb)->saddr);
	int destination = ipv6_addr_type(&ipv6_hdr(skb)->daddr);

	return idev && !READ_ONCE(idev->cnf.disable_ipv6) &&
	       source & IPV6_ADDR_UNICAST &&
	       !(source & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL |
			   IPV6_ADDR_MAPPED)) &&
	       !(destination & IPV6_ADDR_LOOPBACK);
}

/* Would sluice_route_to_local() find a route. */
static bool is_routed(struct net *net, struct sk_buff *skb, u8 family)
{
	bool found;

	if (family == AF_INET)
		found = route_to_own4(skb) || !route_to_local4(skb);
	else
		found = route_to_own6(net, skb) || !route_to_local6(net, skb);
	skb_dst_drop(skb);
	return found;
}

/**
 * sluice_source_is_valid() - would the IP layer take a packet to a service
 * @sn: namespace
 * @skb: packet without a route, which it has not seen
 * @family: AF_INET or AF_INET6
 *
 * Return: whether its source is valid on the device it came in by, and no policy
 * rule refuses it. IPv6 compares sources with nothing else but the destination.
 */
bool sluice_source_is_valid(struct sluice_net *sn, struct sk_buff *skb, u8 family)
{
	if (is_from_itself(skb, family))
		return false;
	if (family == AF_INET6)
		return source6_is_valid(skb) &&
		       (!sluice_route_by_rules(sn->net, family) ||
			is_routed(sn->net, skb, family));
	return source4_is_plain(sn, skb) || is_routed(sn->net, skb, family);
}

/**
 * sluice_route_onward() - route a server's packet as a router would
 * @net: namespace
 * @skb: packet without a route, as the server sent it
 * @family: AF_INET or AF_INET6
 *
 * Return: 0, or -EHOSTUNREACH where the source is not valid, no route is found
 * or this host is no router.
 */
int sluice_route_onward(struct net *net, struct sk_buff *skb, u8 family)
{
	struct dst_entry *dst;

	if (family == AF_INET) {
		if (!route_input(skb, ip_hdr(skb)->daddr))
			return 0;
		skb_dst_drop(skb);
		return -EHOSTUNREACH;
	}
	if (!READ_ONCE(net->ipv6.devconf_all->forwarding))
		return -EHOSTUNREACH;
	dst = lookup_input6(net, skb, &ipv6_hdr(skb)->daddr);
	if (dst->error) {
		dst_release(dst);
		return -EHOSTUNREACH;
	}
	skb_dst_set(skb, dst);
	return 0;
}

/**
 * sluice_route_by_rules() - may routes depend on more than the destination
 * @net: namespace
 * @family: AF_INET or AF_INET6
 *
 * Return: whether there are policy rules.
 */
bool sluice_route_by_rules(const struct net *net, u8 family)
{
	if (family == AF_INET)
		return fib4_has_custom_rules(net);
	return fib6_has_custom_rules(net) || fib6_routes_require_src(net);
}

/**
 * sluice_route_to_server() - find the way to a server
 * @net: namespace
 * @skb: packet, still as the client sent it
 * @conn: its connection
 * @source: for a tunnel set to the address of this host that the packet leaves
 *	with, otherwise to zero
 *
 * Return: a route with a reference, or ERR_PTR().
 */
struct dst_entry *sluice_route_to_server(struct net *net,
					 const struct sk_buff *skb,
					 const struct sluice_conn *conn,
					 union nf_inet_addr *source)
{
	struct sluice_tuple reply;

	memset(source, 0, sizeof(*source));
	sluice_conn_tuple(conn, SLUICE_DIR_REPLY, &reply);
	if (conn->forward == SLUICE_FORWARD_TUNNEL)
		return route_tunnel(net, skb, &reply, source);
	if (reply.family == AF_INET)
		return route4(net, skb, &reply, 0, NULL);
	return route6(net, skb, &reply, 0, NULL);
}

/**
 * sluice_route_direct() - the same for a packet that keeps its destination
 * @net: namespace
 * @skb: packet
 * @conn: its connection
 *
 * The IP layer looks for the neighbour by the packet's destination, which is
 * the virtual address, unless the route has a gateway. So this route is made for
 * the one packet, with the server as its gateway.
 *
 * Return: a route with a reference, or ERR_PTR().
 */
struct dst_entry *sluice_route_direct(struct net *net, const struct sk_buff *skb,
				      const struct sluice_conn *conn)
{
	struct sluice_tuple reply;

	sluice_conn_tuple(conn, SLUICE_DIR_REPLY, &reply);
	if (reply.family == AF_INET)
		return route4(net, skb, &reply, FLOWI_FLAG_KNOWN_NH, NULL);
	return route6(net, skb, &reply, FLOWI_FLAG_KNOWN_NH, NULL);
}

/**
 * sluice_route_to_client() - route a packet of our own in a service's name
 * @net: namespace
 * @skb: a TCP segment without a route, skb->data at its network header and its
 *	transport header known
 *
 * Its source need not be an address of this host.
 *
 * Return: 0 or a negative error.
 */
int sluice_route_to_client(struct net *net, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct dst_entry *dst;
	struct flowi6 fl6;
	struct flowi4 fl4;
	struct rtable *rt;

	if (skb->protocol == htons(ETH_P_IP)) {
		flowi4_init_output(&fl4, 0, skb->mark,
				   ip_hdr(skb)->tos & INET_DSCP_MASK,
				   RT_SCOPE_UNIVERSE, IPPROTO_TCP,
				   FLOWI_FLAG_ANYSRC, ip_hdr(skb)->daddr,
				   ip_hdr(skb)->saddr, th->dest, th->source,
				   GLOBAL_ROOT_UID);
		rt = ip_route_output_flow(net, &fl4, NULL);
		if (IS_ERR(rt))
			return PTR_ERR(rt);
		dst = &rt->dst;
	} else {
		fl6 = (struct flowi6){
			.flowi6_mark = skb->mark,
			.flowi6_proto = IPPROTO_TCP,
			.flowi6_flags = FLOWI_FLAG_ANYSRC,
			.saddr = ipv6_hdr(skb)->saddr,
			.daddr = ipv6_hdr(skb)->daddr,
			.flowlabel = ip6_flowinfo(ipv6_hdr(skb)),
			.fl6_sport = th->source,
			.fl6_dport = th->dest,
		};
		dst = ip6_dst_lookup_flow(net, NULL, &fl6, NULL);
		if (IS_ERR(dst))
			return PTR_ERR(dst);
	}
	skb_dst_set(skb, dst);
	skb->dev = dst->dev;
	return 0;
}

/**
 * sluice_route_is_local() - does a route end on this host
 * @dst: route
 * @family: AF_INET or AF_INET6
 *
 * Return: whether it delivers to a local socket.
 */
bool sluice_route_is_local(const struct dst_entry *dst, u8 family)
{
	if (family == AF_INET)
		return dst_rtable(dst)->rt_flags & RTCF_LOCAL;
	return dst_rt6_info(dst)->rt6i_flags & RTF_LOCAL;
}

/**
 * sluice_addr_is_local() - is an address one of this host's
 * @net: namespace
 * @dev: interface where it was seen
 * @addr: address
 * @family: AF_INET or AF_INET6
 *
 * Return: whether packets to it are for local sockets.
 */
bool sluice_addr_is_local(struct net *net, const struct net_device *dev,
			  const union nf_inet_addr *addr, u8 family)
{
	if (family == AF_INET)
		return inet_addr_type_dev_table(net, dev, addr->ip) == RTN_LOCAL;
	return ipv6_chk_addr(net, &addr->in6, dev, 0);
}
