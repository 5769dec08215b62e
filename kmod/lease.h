/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_LEASE_H
#define _SLUICE_LEASE_H

#include <linux/jiffies.h>
#include <linux/netfilter.h>
#include <net/dst.h>

#include "conn.h"
#include "packet.h"
#include "path.h"

void sluice_lease_offer(struct sluice_net *sn, struct sk_buff *skb,
			struct sluice_conn *conn, enum sluice_dir dir,
			struct dst_entry *dst, const union nf_inet_addr *source,
			const struct net_device *in);
void sluice_lease_give(struct sluice_net *sn, struct sk_buff *skb,
		       struct sluice_conn *conn, enum sluice_dir dir,
		       const struct sluice_path *path,
		       const struct net_device *in);
const struct sluice_path *sluice_lease_way(const struct sluice_net *sn,
					   const struct sk_buff *skb,
					   const struct sluice_conn *conn);
struct sluice_conn *sluice_lease_begin(struct sluice_net *sn,
				       struct sk_buff *skb,
				       const struct sluice_packet *p, u64 *path);
u64 sluice_lease_renew(struct sluice_net *sn, struct sk_buff *skb,
		       struct sluice_conn *conn, enum sluice_dir dir);

/**
 * sluice_lease_arrive() - a packet has been rewritten that came by a device
 * @lease: lease of its connection and direction
 * @in: the device
 *
 * The lease that it may get at the end of the slow path is for this device only:
 * nobody else's packet, made to look like the rewritten one, can move it.
 */
static inline void sluice_lease_arrive(struct sluice_lease *lease,
				       const struct net_device *in)
{
	if (READ_ONCE(lease->iif) == in->ifindex)
		return;
	WRITE_ONCE(lease->end, (u32)jiffies);
	WRITE_ONCE(lease->iif, in->ifindex);
}

/**
 * sluice_lease_is_valid() - may a packet take the fast path
 * @lease: lease of its connection and direction
 * @in: the device it came in by
 *
 * Return: whether it may, as far as the lease is concerned.
 */
static inline bool sluice_lease_is_valid(const struct sluice_lease *lease,
					 const struct net_device *in)
{
	return (s32)(READ_ONCE(lease->end) - (u32)jiffies) > 0 &&
	       READ_ONCE(lease->iif) == in->ifindex;
}

#endif /* _SLUICE_LEASE_H */
