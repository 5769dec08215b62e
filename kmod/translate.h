/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_TRANSLATE_H
#define _SLUICE_TRANSLATE_H

#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "conn.h"
#include "packet.h"

__wsum sluice_translate_original(struct tcphdr *th,
				 const struct sluice_translation *t);
__wsum sluice_translate_reply(struct tcphdr *th,
			      const struct sluice_translation *t);
int sluice_translate_segment(struct sk_buff *skb, const struct sluice_packet *p,
			     const struct sluice_conn *conn, enum sluice_dir dir);
int sluice_translate_error(struct sk_buff *skb, const struct sluice_packet *p,
			   const struct sluice_conn *conn);

/**
 * sluice_is_translated() - do the numbers of both sides differ
 * @conn: the connection
 *
 * Return: whether they do; then the rest of &sluice_conn.translation is known.
 */
static inline bool sluice_is_translated(const struct sluice_conn *conn)
{
	/* Pairs with smp_store_release() in bind.c. */
	return smp_load_acquire(&conn->translation.flags) & SLUICE_TRANSLATED;
}

/**
 * sluice_tcp_header_length() - how long a TCP header is
 * @skb: packet, skb->data at its network header
 * @p: what was found in it
 *
 * Return: bytes, or 0 where the packet has not so many, or too few. Pointers into
 * the packet are not valid any more.
 */
static inline unsigned int sluice_tcp_header_length(struct sk_buff *skb,
						    const struct sluice_packet *p)
{
	unsigned int length;

	if (!pskb_may_pull(skb, p->transport + sizeof(struct tcphdr)))
		return 0;
	length = ((const struct tcphdr *)(skb->data + p->transport))->doff * 4;
	if (length < sizeof(struct tcphdr) ||
	    !pskb_may_pull(skb, p->transport + length))
		return 0;
	return length;
}

/**
 * sluice_translate() - make a segment's numbers those that its receiver knows
 * @skb: packet, skb->data at its network header
 * @p: what was found in it
 * @conn: its connection
 * @dir: its direction
 *
 * Context: RCU read side.
 * Return: 0, or -ENOMEM where memory or the packet is too short.
 */
static inline int sluice_translate(struct sk_buff *skb,
				   const struct sluice_packet *p,
				   const struct sluice_conn *conn,
				   enum sluice_dir dir)
{
	if (likely(!sluice_is_translated(conn)))
		return 0;
	if (p->kind == SLUICE_PACKET_FLOW)
		return sluice_translate_segment(skb, p, conn, dir);
	return dir == SLUICE_DIR_ORIGINAL ? sluice_translate_error(skb, p, conn) :
					    0;
}

#endif /* _SLUICE_TRANSLATE_H */
