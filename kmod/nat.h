/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_NAT_H
#define _SLUICE_NAT_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

#include "packet.h"

/**
 * enum sluice_nat_end - which end of a packet is rewritten
 * @SLUICE_NAT_SRC: source address and port
 * @SLUICE_NAT_DST: destination address and port
 */
enum sluice_nat_end {
	SLUICE_NAT_SRC,
	SLUICE_NAT_DST,
};

void sluice_nat_rewrite(struct sk_buff *skb, const struct sluice_packet *p,
			enum sluice_nat_end end, const union nf_inet_addr *addr,
			__be16 port, __wsum diff);
int sluice_nat(struct sk_buff *skb, const struct sluice_packet *p,
	       enum sluice_nat_end end, const union nf_inet_addr *addr,
	       __be16 port);
int sluice_nat_error(struct sk_buff *skb, const struct sluice_packet *p,
		     enum sluice_nat_end end, const union nf_inet_addr *addr,
		     __be16 port);

#endif /* _SLUICE_NAT_H */
