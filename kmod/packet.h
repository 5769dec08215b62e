/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_PACKET_H
#define _SLUICE_PACKET_H

#include <linux/skbuff.h>

#include "tcp.h"
#include "tuple.h"

/**
 * enum sluice_packet_kind - what a packet may be to the balancer
 * @SLUICE_PACKET_OTHER: nothing that a service or connection could have
 * @SLUICE_PACKET_FLOW: TCP or UDP
 * @SLUICE_PACKET_ERROR: an ICMP error about a TCP or UDP packet
 * @SLUICE_PACKET_TUNNEL_ERROR: an ICMP error about a tunnel packet with such a
 *	packet inside
 */
enum sluice_packet_kind {
	SLUICE_PACKET_OTHER,
	SLUICE_PACKET_FLOW,
	SLUICE_PACKET_ERROR,
	SLUICE_PACKET_TUNNEL_ERROR,
};

/**
 * struct sluice_packet - what was read from a packet's headers
 * @kind: see there; the rest is set only where it is not OTHER
 * @event: for TCP, what the flags mean
 * @tuple: its addresses and ports; of an error, those of a packet that goes
 *	the other way than the one the error is about, so that a lookup finds
 *	the same node that an answer would; of a tunnel error, those of the
 *	packet inside the tunnel packet
 * @transport: offset of the transport or ICMP header from skb->data
 * @inner: of an error, offset of the IP header of the packet it is about
 * @inner_transport: of an error, offset of what follows that header
 *
 * Offsets hold until the packet is changed in length or pulled.
 */
struct sluice_packet {
	enum sluice_packet_kind kind;
	enum sluice_tcp_event event;
	struct sluice_tuple tuple;
	unsigned int transport;
	unsigned int inner;
	unsigned int inner_transport;
};

/**
 * sluice_make_writable() - get ready to change the beginning of a packet
 * @skb: packet, skb->data at its network header
 * @length: how much of it
 *
 * The same as skb_ensure_writable(), without a call for nearly all packets.
 *
 * Return: 0, or -ENOMEM where memory or the packet is too short. Pointers into the
 * packet are not valid any more.
 */
static inline int sluice_make_writable(struct sk_buff *skb, unsigned int length)
{
	if (likely(length <= skb_headlen(skb) &&
		   (!skb_cloned(skb) || skb_clone_writable(skb, length))))
		return 0;
	return skb_ensure_writable(skb, length);
}

enum sluice_packet_kind sluice_packet_parse(const struct sk_buff *skb,
					    u8 family, struct sluice_packet *p);

#endif /* _SLUICE_PACKET_H */
