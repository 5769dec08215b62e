// SPDX-License-Identifier: GPL-2.0
/*
 * Leases: leave for one direction of a connection to take the fast path.
 *
 * The slow path gives one when a packet has passed all hooks and its route is
 * known. Where no hook but ours is registered, nobody would see the packet
 * there, and the lease is given at once.
 */

#include <linux/hash.h>
#include <linux/netfilter_ipv4.h>
#include <net/ip6_fib.h>
#include <net/ip_fib.h>
#include <net/xfrm.h>

#include "conntrack.h"
#include "lease.h"
#include "net.h"
#include "path.h"
#include "pool.h"
#include "port.h"
#include "route.h"
#include "schedule.h"
#include "service.h"

static bool has_ipsec_policy(const struct net *net)
{
#ifdef CONFIG_XFRM
	const struct netns_xfrm *xfrm = &net->xfrm;

	return xfrm->policy_count[XFRM_POLICY_IN] ||
	       xfrm->policy_count[XFRM_POLICY_OUT] ||
	       xfrm->policy_count[XFRM_POLICY_FWD] ||
	       xfrm->policy_default[XFRM_POLICY_IN] == XFRM_USERPOLICY_BLOCK ||
	       xfrm->policy_default[XFRM_POLICY_OUT] == XFRM_USERPOLICY_BLOCK ||
	       xfrm->policy_default[XFRM_POLICY_FWD] == XFRM_USERPOLICY_BLOCK;
#else
	return false;
#endif
}

/*
 * A route may be taken again if it does nothing but name a next hop. Adding an
 * IPsec policy makes all routes invalid, so it is enough to look for one here.
 */
static bool is_plain_route(const struct net *net, const struct dst_entry *dst)
{
	if (dst->error || dst->lwtstate || has_ipsec_policy(net) ||
	    netif_is_l3_master(dst->dev) || netif_is_l3_slave(dst->dev))
		return false;
#ifdef CONFIG_XFRM
	if (dst->xfrm)
		return false;
#endif
	if (dst->ops->family == AF_INET)
		return dst_rtable(dst)->rt_type == RTN_UNICAST;
	return !(dst_rt6_info(dst)->rt6i_flags &
		 (RTF_LOCAL | RTF_ANYCAST | RTF_REJECT));
}

/*
 * Is the connection as far as conntrack has to follow it packet by packet:
 * until TCP's handshake is complete.
 */
static bool is_settled(struct sluice_conn *conn, const struct sk_buff *skb)
{
	enum sluice_state state = READ_ONCE(conn->state);

	if (sluice_conntrack_follows(skb) && !conn->tracked)
		WRITE_ONCE(conn->tracked, true);
	return !conn->tracked || (state != SLUICE_STATE_SYN_SENT &&
				  state != SLUICE_STATE_SYN_RECV);
}

/* Does the user want all packets of the connection in the firewall. */
static bool is_kept_slow(struct sluice_net *sn, const struct sluice_conn *conn)
{
	const struct sluice_service *service;
	struct sluice_tuple original;

	if (!READ_ONCE(sn->keeps_slow))
		return false;
	sluice_conn_tuple(conn, SLUICE_DIR_ORIGINAL, &original);
	service = sluice_service_of(sn, &original);
	return service && sluice_service_is_slow(service);
}

static void grant(struct sluice_conn *conn, enum sluice_dir dir, u64 path,
		  const struct net_device *in)
{
	struct sluice_lease *lease = &conn->lease[dir];

	WRITE_ONCE(lease->iif, in->ifindex);
	/* Not all at once, where many began at the same time. */
	WRITE_ONCE(lease->end, (u32)jiffies + SLUICE_LEASE -
				       hash_ptr(conn, ilog2(SLUICE_LEASE / 4)));
	WRITE_ONCE(lease->path, path);
}

/* The path of a route for packets that come in by @in; 0 if it has none. */
static u64 path_of(struct sluice_net *sn, const struct net_device *in,
		   struct dst_entry *dst, const union nf_inet_addr *source)
{
	if (netif_is_l3_slave(in) || netif_is_l3_master(in) ||
	    !is_plain_route(sn->net, dst))
		return 0;
	return sluice_path_enter(sn, dst, source);
}

/*
 * Is a hook one of those that do not matter: defragmentation, which has nothing
 * to do here, AppArmor's, which looks for local sockets, and conntrack's for what
 * leaves, which has nothing to do with what it does not track.
 */
static bool is_harmless(const struct nf_hook_ops *ops)
{
	/* Chains of nftables and programs have a type, whatever their priority. */
	if (ops->hook_ops_type != NF_HOOK_OP_UNDEFINED)
		return false;
	return ops->priority == NF_IP_PRI_CONNTRACK_DEFRAG ||
	       (ops->hooknum == NF_INET_POST_ROUTING &&
		(ops->priority == NF_IP_PRI_SELINUX_FIRST ||
		 ops->priority == NF_IP_PRI_CONNTRACK_CONFIRM));
}

static bool are_harmless(const struct sluice_net *sn,
			 struct nf_hook_entries __rcu *const *hook)
{
	const struct nf_hook_entries *entries = rcu_dereference(*hook);
	struct nf_hook_ops **ops;
	unsigned int i;

	if (!entries)
		return true;
	ops = nf_hook_entries_get_hook_ops(entries);
	for (i = 0; i < entries->num_hook_entries; i++)
		if (entries->hooks[i].priv != sn && !is_harmless(ops[i]))
			return false;
	return true;
}

/* The hooks of a family, by number. */
static struct nf_hook_entries __rcu *const *
hooks_of(const struct sluice_net *sn, u8 family)
{
	return family == AF_INET ? sn->net->nf.hooks_ipv4 :
				   sn->net->nf.hooks_ipv6;
}

/* Is no hook registered that would see packets which we pass on. */
static bool is_unwatched(const struct sluice_net *sn, u8 family)
{
	struct nf_hook_entries __rcu *const *hooks = hooks_of(sn, family);

	return are_harmless(sn, &hooks[NF_INET_LOCAL_IN]) &&
	       are_harmless(sn, &hooks[NF_INET_PRE_ROUTING]) &&
	       are_harmless(sn, &hooks[NF_INET_FORWARD]) &&
	       are_harmless(sn, &hooks[NF_INET_POST_ROUTING]);
}

/* Would anybody see a tunnel packet, which is one of this host's own. */
static bool is_tunnel_watched(const struct sluice_net *sn, u8 family)
{
	return !are_harmless(sn, &hooks_of(sn, family)[NF_INET_LOCAL_OUT]);
}

/* May a route be taken for all packets to a server, with nothing to choose. */
static bool is_only_way(const struct sluice_net *sn, const struct sk_buff *skb,
			const struct dst_entry *dst)
{
	u8 family = dst->ops->family;

	/* There may be several ways through devices without addresses. */
	if (sluice_route_by_rules(sn->net, family) ||
	    READ_ONCE(dst->dev)->flags & (IFF_POINTOPOINT | IFF_NOARP))
		return false;
	if (family == AF_INET)
		return !(ip_hdr(skb)->tos & INET_DSCP_MASK) &&
		       !dst_rtable(dst)->rt_gw_family;
	return !(ip6_flowinfo(ipv6_hdr(skb)) & IPV6_TCLASS_MASK) &&
	       !(dst_rt6_info(dst)->rt6i_flags & RTF_GATEWAY);
}

/* Remember the way to a server, where all packets to it take that one. */
static void note_path(const struct sluice_net *sn, const struct sk_buff *skb,
		      const struct sluice_conn *conn,
		      const struct dst_entry *dst, u64 path)
{
	if (is_only_way(sn, skb, dst) &&
	    READ_ONCE(conn->server->path) != path)
		WRITE_ONCE(conn->server->path, path);
}

static u64 route_to_server(struct sluice_net *sn, struct sk_buff *skb,
			   const struct sluice_conn *conn)
{
	union nf_inet_addr source;
	struct dst_entry *dst;
	u64 path;

	dst = sluice_route_to_server(sn->net, skb, conn, &source);
	if (IS_ERR(dst))
		return 0;
	path = path_of(sn, skb->dev, dst, &source);
	if (path)
		note_path(sn, skb, conn, dst, path);
	dst_release(dst);
	return path;
}

/*
 * The path of a client's packet, if all to its server take the same. Servers on a
 * network of this host are mostly reached in that way.
 */
static struct sluice_path *known_path(const struct sluice_net *sn,
				      const struct sk_buff *skb,
				      const struct sluice_conn *conn)
{
	bool is_tunnel = conn->forward == SLUICE_FORWARD_TUNNEL;
	struct sluice_path *path;

	path = sluice_path_lookup(sn, READ_ONCE(conn->server->path));
	if (!path || !sluice_path_is_fresh(path) ||
	    !sluice_path_is_valid(path) ||
	    sluice_path_has_source(path) != is_tunnel ||
	    !is_only_way(sn, skb, path->dst))
		return NULL;
	sluice_path_use(path);
	return path;
}

/* Would anybody see the packet on its way out as a tunnel packet. */
static bool is_seen_leaving(const struct sluice_net *sn,
			    const struct sluice_conn *conn)
{
	return conn->forward == SLUICE_FORWARD_TUNNEL &&
	       is_tunnel_watched(sn, conn->original6.base.family);
}

/* The path of a client's packet whose source has been found valid. */
static u64 path_to_server(struct sluice_net *sn, struct sk_buff *skb,
			  const struct sluice_conn *conn)
{
	struct sluice_path *path;

	if (is_seen_leaving(sn, conn))
		return 0;
	path = known_path(sn, skb, conn);
	return path ? path->id : route_to_server(sn, skb, conn);
}

/*
 * May the next packets of a connection take the fast path, after one that has
 * passed the firewall.
 */
static bool may_lease(struct sluice_net *sn, const struct sk_buff *skb,
		      struct sluice_conn *conn)
{
	return !skb->mark && !secpath_exists(skb) &&
	       !sluice_conntrack_changes(skb) && is_settled(conn, skb) &&
	       !is_kept_slow(sn, conn);
}

static void give(struct sluice_net *sn, struct sk_buff *skb,
		 struct sluice_conn *conn, enum sluice_dir dir, u64 path,
		 const struct net_device *in)
{
	sluice_conntrack_lease(skb, SLUICE_LEASE);
	sluice_port_wish(sn, in);
	grant(conn, dir, path, in);
}

/**
 * sluice_lease_offer() - let the next packets of a connection take the fast path
 * @sn: namespace
 * @skb: a packet of it that has passed the firewall, with what conntrack knows
 * @conn: the connection
 * @dir: direction of the packet
 * @dst: the route it takes
 * @source: source address of a tunnel, otherwise zero
 * @in: the device it came in by
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_lease_offer(struct sluice_net *sn, struct sk_buff *skb,
			struct sluice_conn *conn, enum sluice_dir dir,
			struct dst_entry *dst, const union nf_inet_addr *source,
			const struct net_device *in)
{
	u64 path;

	if (!may_lease(sn, skb, conn))
		return;
	path = path_of(sn, in, dst, source);
	if (!path)
		return;
	if (dir == SLUICE_DIR_ORIGINAL)
		note_path(sn, skb, conn, dst, path);
	give(sn, skb, conn, dir, path, in);
}

/**
 * sluice_lease_give() - the same where the path is known
 * @sn: namespace
 * @skb: as for sluice_lease_offer()
 * @conn: the connection
 * @dir: direction of the packet
 * @path: the path it takes, of sluice_lease_way()
 * @in: the device it came in by
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_lease_give(struct sluice_net *sn, struct sk_buff *skb,
		       struct sluice_conn *conn, enum sluice_dir dir,
		       const struct sluice_path *path,
		       const struct net_device *in)
{
	if (may_lease(sn, skb, conn))
		give(sn, skb, conn, dir, path->id, in);
}

/**
 * sluice_lease_way() - the way of a client's packet that has passed the firewall
 * @sn: namespace
 * @skb: packet at LOCAL_IN
 * @conn: its connection
 *
 * Context: RCU read side, bottom halves off.
 * Return: a path that leads to its server, with nobody on the way who would see
 * the packet; NULL where the IP layer has to look for one.
 */
const struct sluice_path *sluice_lease_way(const struct sluice_net *sn,
					   const struct sk_buff *skb,
					   const struct sluice_conn *conn)
{
	u8 family = conn->original6.base.family;

	if (is_seen_leaving(sn, conn) ||
	    !are_harmless(sn, &hooks_of(sn, family)[NF_INET_POST_ROUTING]))
		return NULL;
	return known_path(sn, skb, conn);
}

static bool has_servers(const struct sluice_service *service, unsigned int view)
{
	const struct sluice_sched_set *set;
	const struct sluice_pool *pool;

	pool = rcu_dereference(service->view[view].pool);
	set = rcu_dereference(pool->set[view]);
	return set && set->count;
}

/**
 * sluice_lease_begin() - begin a connection where nobody watches
 * @sn: namespace
 * @skb: packet without a connection, skb->data at its network header
 * @p: what was found in it
 * @path: set to the &sluice_path.id of the packet's way, which its connection
 *	has a lease for; to 0 where the way is not plain
 *
 * Context: RCU read side, bottom halves off.
 * Return: the connection; NULL where the packet has to go on to the slow path;
 * ERR_PTR() where it is refused without an answer.
 */
struct sluice_conn *sluice_lease_begin(struct sluice_net *sn,
				       struct sk_buff *skb,
				       const struct sluice_packet *p, u64 *path)
{
	unsigned int view = sluice_view(sn);
	struct sluice_service *service;
	u8 family = p->tuple.family;
	struct sluice_conn *conn;

	/* A firewall is mostly in INPUT. */
	if ((p->tuple.protocol == IPPROTO_TCP && p->event != SLUICE_TCP_SYN) ||
	    !are_harmless(sn, &hooks_of(sn, family)[NF_INET_LOCAL_IN]))
		return NULL;
	service = sluice_service_in(sn, &p->tuple, view);
	if (!service || service->stratum != SLUICE_STRATUM_FLOW ||
	    sluice_service_is_slow(service) || !has_servers(service, view) ||
	    !is_unwatched(sn, family) ||
	    !sluice_source_is_valid(sn, skb, family))
		return NULL;
	conn = sluice_schedule(sn, service, p, view);
	if (IS_ERR(conn))
		return conn;
	*path = path_to_server(sn, skb, conn);
	if (*path)
		grant(conn, SLUICE_DIR_ORIGINAL, *path, skb->dev);
	return conn;
}

/**
 * sluice_lease_renew() - renew a lease where nobody watches
 * @sn: namespace
 * @skb: packet of the connection, skb->data at its network header
 * @conn: the connection
 * @dir: direction of the packet
 *
 * Context: RCU read side, bottom halves off.
 * Return: the &sluice_path.id of the packet's way, or 0 where it has to go on to
 * the slow path.
 */
u64 sluice_lease_renew(struct sluice_net *sn, struct sk_buff *skb,
		       struct sluice_conn *conn, enum sluice_dir dir)
{
	static const union nf_inet_addr no_source;
	u8 family = conn->original6.base.family;
	u64 path;

	if (conn->tracked || !is_unwatched(sn, family) || is_kept_slow(sn, conn))
		return 0;
	if (dir == SLUICE_DIR_ORIGINAL) {
		if (!sluice_source_is_valid(sn, skb, family))
			return 0;
		path = path_to_server(sn, skb, conn);
	} else {
		if (sluice_route_by_rules(sn->net, family) ||
		    sluice_route_onward(sn->net, skb, family))
			return 0;
		path = path_of(sn, skb->dev, skb_dst(skb), &no_source);
		skb_dst_drop(skb);
	}
	if (path)
		grant(conn, dir, path, skb->dev);
	return path;
}
