// SPDX-License-Identifier: GPL-2.0
/* Packets of several segments, and those that are to be cut into some. */

#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "gso.h"

static __sum16 pseudo_sum(const struct sk_buff *skb, u8 family,
			  unsigned int length)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	const struct iphdr *iph = ip_hdr(skb);

	if (family == AF_INET)
		return ~tcp_v4_check(length, iph->saddr, iph->daddr, 0);
	return ~tcp_v6_check(length, &ip6h->saddr, &ip6h->daddr, 0);
}

/* Whoever cuts it makes the sums of what it is cut into, from this one's start. */
static int leave_sum(struct sk_buff *skb, const struct sluice_packet *p)
{
	u8 family = p->tuple.family;
	struct tcphdr *th;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		return 0;
	/*
	 * It would be right afterwards, whatever is in it. The sums of a list were looked at
	 * before it was put together; there is none of all of it.
	 */
	if (!sluice_gso_is_list(skb) &&
	    nf_checksum(skb, NF_INET_LOCAL_IN, p->transport, IPPROTO_TCP,
			family))
		return -EBADMSG;
	if (!skb_partial_csum_set(skb, p->transport,
				  offsetof(struct tcphdr, check)))
		return -EBADMSG;
	th = (struct tcphdr *)(skb->data + p->transport);
	th->check = pseudo_sum(skb, family, skb->len - p->transport);
	return 0;
}

/**
 * sluice_gso_whole() - have the headers of a packet speak for all of it
 * @skb: TCP packet, skb->data at its network header, with the addresses that it was
 *	summed with
 * @p: what was found in it
 * @header: bytes of its TCP header
 *
 * Afterwards it can be cut anywhere: it is no list of packets, nobody else has its
 * data, its headers can be written, and its sum is left to whoever cuts it.
 *
 * Return: 0, -EBADMSG where it is damaged, -ENOMEM where memory is short.
 */
int sluice_gso_whole(struct sk_buff *skb, const struct sluice_packet *p,
		     unsigned int header)
{
	int err;

	/* What was merged from packets can only be cut where they met. */
	if (skb_has_frag_list(skb) && skb_linearize(skb))
		return -ENOMEM;
	if (skb_unclone(skb, GFP_ATOMIC) ||
	    sluice_make_writable(skb, p->transport + header))
		return -ENOMEM;
	err = leave_sum(skb, p);
	if (!err)
		skb_shinfo(skb)->gso_type &= ~SKB_GSO_FRAGLIST;
	return err;
}
