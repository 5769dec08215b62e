/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_GSO_H
#define _SLUICE_GSO_H

#include <linux/skbuff.h>

#include "packet.h"

/**
 * sluice_gso_is_list() - was a packet put together as a list
 * @skb: packet
 *
 * As devices do it with rx-gro-list: each segment keeps its headers, and when the list is
 * taken apart gets the addresses and ports of the first one, but no more of it.
 *
 * Return: whether the headers of the first segment do not speak for the others.
 */
static inline bool sluice_gso_is_list(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->gso_type & SKB_GSO_FRAGLIST;
}

int sluice_gso_whole(struct sk_buff *skb, const struct sluice_packet *p,
		     unsigned int header);

#endif /* _SLUICE_GSO_H */
