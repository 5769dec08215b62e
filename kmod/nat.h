/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_NAT_H
#define _SLUICE_NAT_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/checksum.h>

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

/**
 * sluice_add_diff() - update a checksum by a difference (RFC 1624, equation 3)
 * @sum: the checksum as it is in headers, complemented
 * @diff: what was added to what it covers
 */
static inline void sluice_add_diff(__sum16 *sum, __wsum diff)
{
	*sum = csum_fold(csum_add(~csum_unfold(*sum), diff));
}

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
