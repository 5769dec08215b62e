/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_TRANSLATE_H
#define _SLUICE_TRANSLATE_H

#include <linux/skbuff.h>

#include "conn.h"
#include "packet.h"

int sluice_translate_segment(struct sk_buff *skb, const struct sluice_packet *p,
			     const struct sluice_conn *conn, enum sluice_dir dir);
int sluice_translate_error(struct sk_buff *skb, const struct sluice_packet *p,
			   const struct sluice_conn *conn);

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
	/* Pairs with smp_store_release() in sniff.c. */
	if (likely(!(smp_load_acquire(&conn->translation.flags) &
		     SLUICE_TRANSLATED)))
		return 0;
	if (p->kind == SLUICE_PACKET_FLOW)
		return sluice_translate_segment(skb, p, conn, dir);
	return dir == SLUICE_DIR_ORIGINAL ? sluice_translate_error(skb, p, conn) :
					    0;
}

#endif /* _SLUICE_TRANSLATE_H */
