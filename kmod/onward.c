// SPDX-License-Identifier: GPL-2.0
/*
 * From the firewall straight to the server: where the way is known and nobody
 * would see the packet on it, a packet that has passed INPUT leaves as by the fast
 * path. Most first packets of connections do.
 */

#include "conntrack.h"
#include "gso.h"
#include "lease.h"
#include "onward.h"
#include "send.h"

/* Is true of the packet what the fast path asks of each. */
static bool is_plain(struct sk_buff *skb, const struct sluice_packet *p,
		     const struct sluice_conn *conn)
{
	unsigned int length = p->transport;

	if (p->kind != SLUICE_PACKET_FLOW || sluice_is_burdened(skb) ||
	    READ_ONCE(conn->translation.flags) &
		    (SLUICE_HELD | SLUICE_SMALL_MSS | SLUICE_RESETTING) ||
	    (sluice_is_translated(conn) && sluice_gso_is_list(skb)))
		return false;
	length += p->tuple.protocol == IPPROTO_TCP ? sizeof(struct tcphdr) :
						     sizeof(struct udphdr);
	if (!pskb_may_pull(skb, length))
		return false;
	/* Without options, and not put together of fragments. */
	if (p->tuple.family == AF_INET)
		return p->transport == sizeof(struct iphdr) &&
		       ip_hdr(skb)->ttl > 1 && !IPCB(skb)->frag_max_size;
	return p->transport == sizeof(struct ipv6hdr) &&
	       ipv6_hdr(skb)->hop_limit > 1 && !IP6CB(skb)->frag_max_size;
}

/**
 * sluice_onward() - send a client's packet that has passed the firewall
 * @sn: namespace
 * @skb: packet at LOCAL_IN
 * @p: what was found in it
 * @conn: its connection
 * @in: the device it came in by
 *
 * Context: RCU read side, bottom halves off.
 * Return: NF_STOLEN where it was sent, or dropped because memory was short;
 * NF_DROP where conntrack wants that; NF_ACCEPT where the IP layer has to route
 * it, for which nothing of it was changed.
 */
unsigned int sluice_onward(struct sluice_net *sn, struct sk_buff *skb,
			   const struct sluice_packet *p,
			   struct sluice_conn *conn,
			   const struct net_device *in)
{
	const struct sluice_path *path;
	struct sluice_hop hop;

	if (!is_plain(skb, p, conn))
		return NF_ACCEPT;
	path = sluice_lease_way(sn, skb, conn);
	if (!path || !sluice_hop_find(skb, skb->len, p, conn,
				      SLUICE_DIR_ORIGINAL, path, &hop))
		return NF_ACCEPT;

	if (!sluice_conntrack_confirm(skb))
		return NF_DROP;
	sluice_conn_seen(&sn->conns, conn, SLUICE_DIR_ORIGINAL, p->event);
	sluice_stats_packet(conn->server->stats, SLUICE_DIR_ORIGINAL, skb->len);
	/* There may be none before the state that the packet has led to. */
	sluice_lease_give(sn, skb, conn, SLUICE_DIR_ORIGINAL, path, in);
	skb_dst_drop(skb);
	sluice_hop_send(skb, skb->len, p, conn, SLUICE_DIR_ORIGINAL, path, &hop);
	return NF_STOLEN;
}
