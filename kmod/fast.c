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

#include "conn.h"
#include "conntrack.h"
#include "fast.h"
#include "gso.h"
#include "lease.h"
#include "mss.h"
#include "port.h"
#include "send.h"
#include "service.h"
#include "sniff.h"

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
	if (sluice_is_burdened(skb))
		return true;
	/* Not to be pulled. */
	if (skb_shared(skb) && skb_is_nonlinear(skb))
		return true;
	/* Of a VRF, whose routes and addresses are others. */
	if (netif_is_l3_slave(skb->dev) || netif_is_l3_master(skb->dev))
		return true;
	return skb->pkt_type != PACKET_HOST || skb->mark || skb_dst(skb) ||
	       skb_sk_is_prefetched(skb);
}

/* Is it a segment that is not to be passed on as it is. */
static __always_inline bool is_special(const struct sk_buff *skb,
				       const struct sluice_packet *p,
				       const struct sluice_conn *conn,
				       enum sluice_dir dir)
{
	/* Pairs with smp_store_release() in bind.c. */
	u8 flags = smp_load_acquire(&conn->translation.flags);

	if (likely(!(flags & (SLUICE_TRANSLATED | SLUICE_HELD |
			      SLUICE_SMALL_MSS | SLUICE_RESETTING))))
		return false;
	if (flags & (SLUICE_HELD | SLUICE_RESETTING) ||
	    (flags & SLUICE_TRANSLATED && sluice_gso_is_list(skb)))
		return true;
	return flags & SLUICE_SMALL_MSS && dir == SLUICE_DIR_ORIGINAL &&
	       sluice_mss_exceeded(skb, p, conn);
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
	struct sluice_packet p = { .kind = SLUICE_PACKET_FLOW };
	struct sluice_conn *conn;
	struct sluice_hop hop;
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
		if (IS_ERR(conn)) {
			kfree_skb(skb);
			return NF_STOLEN;
		}
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
	if (!path || !sluice_hop_find(skb, length, &p, conn, dir, path, &hop))
		return NF_ACCEPT;
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return NF_STOLEN;
	sluice_conn_seen(&sn->conns, conn, dir, p.event);
	sluice_stats_packet(conn->server->stats, dir, length);
	sluice_hop_send(skb, length, &p, conn, dir, path, &hop);
	return NF_STOLEN;
}
