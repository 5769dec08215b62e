// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that are larger than a server takes. A client of stratum sniff agrees
 * on their size before its server is known, and may get one that takes less than
 * those which the service knew of. Its segments are then cut on their way out, as
 * a host's own large ones are: by the device, or for it.
 */

#include <linux/tcp.h>

#include "gso.h"
#include "mss.h"
#include "translate.h"

/* Options take their part of a segment (RFC 6691). */
static unsigned int room(const struct sluice_conn *conn, unsigned int header)
{
	return conn->mss + sizeof(struct tcphdr) - header;
}

/**
 * sluice_mss_exceeded() - does the server take no segments as large as this one
 * @skb: a client's segment, skb->data at its network header, its transport header
 *	pulled without the options
 * @p: what was found in it
 * @conn: its connection, with SLUICE_SMALL_MSS
 *
 * Return: whether it has to be cut.
 */
bool sluice_mss_exceeded(const struct sk_buff *skb,
			 const struct sluice_packet *p,
			 const struct sluice_conn *conn)
{
	const struct tcphdr *th = (void *)skb->data + p->transport;
	unsigned int header = th->doff * 4;

	if (skb_is_gso(skb))
		return skb_shinfo(skb)->gso_size > room(conn, header);
	return skb->len > p->transport + sizeof(*th) + conn->mss;
}

/**
 * sluice_mss_cut() - have a segment cut that is larger than the server takes
 * @skb: a client's packet, skb->data at its network header, with the addresses
 *	that the client sent it with
 * @p: what was found in it
 * @conn: its connection
 *
 * Return: 0, also where there is nothing to cut; -EBADMSG where the segment is
 * damaged, -ENOMEM where memory is short.
 */
int sluice_mss_cut(struct sk_buff *skb, const struct sluice_packet *p,
		   const struct sluice_conn *conn)
{
	struct skb_shared_info *shinfo;
	unsigned int header, data;
	const struct tcphdr *th;
	int err;

	/* Pairs with smp_store_release() in bind.c. */
	if (likely(!(smp_load_acquire(&conn->translation.flags) &
		     SLUICE_SMALL_MSS)) ||
	    p->kind != SLUICE_PACKET_FLOW)
		return 0;
	header = sluice_tcp_header_length(skb, p);
	if (!header || skb->len <= p->transport + header ||
	    !sluice_mss_exceeded(skb, p, conn))
		return 0;
	err = sluice_gso_whole(skb, p, header);
	if (err)
		return err;
	data = skb->len - p->transport - header;
	th = (const struct tcphdr *)(skb->data + p->transport);
	shinfo = skb_shinfo(skb);
	if (!shinfo->gso_type) {
		shinfo->gso_type = p->tuple.family == AF_INET ? SKB_GSO_TCPV4 :
								SKB_GSO_TCPV6;
		if (th->cwr)
			shinfo->gso_type |= SKB_GSO_TCP_ECN;
	}
	shinfo->gso_size = room(conn, header);
	shinfo->gso_segs = DIV_ROUND_UP(data, shinfo->gso_size);
	return 0;
}
