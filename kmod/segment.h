/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SEGMENT_H
#define _SLUICE_SEGMENT_H

#include <linux/skbuff.h>
#include <net/net_namespace.h>

#include "tcp_option.h"
#include "tuple.h"

/**
 * struct sluice_segment - a TCP segment that Sluice itself makes
 * @tuple: addresses and ports as it has them
 * @options: its options
 * @seq: sequence number
 * @ack: the number that is acknowledged, where TCPHDR_ACK is among @flags
 * @window: as it is in the header, not shifted
 * @flags: TCPHDR_SYN and so on
 * @tos: of the IP header, the bits of ECN left out
 * @mark: of the packet, for policy routing
 */
struct sluice_segment {
	struct sluice_tuple tuple;
	struct sluice_tcp_options options;
	u32 seq;
	u32 ack;
	u16 window;
	u8 flags;
	u8 tos;
	u32 mark;
};

struct sk_buff *sluice_segment_make(const struct sluice_segment *segment,
				    unsigned int length, u8 **data);
void sluice_segment_to_client(struct net *net, struct sk_buff *skb);

#endif /* _SLUICE_SEGMENT_H */
