/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_CONNTRACK_H
#define _SLUICE_CONNTRACK_H

#include <linux/skbuff.h>

bool sluice_conntrack_changes(const struct sk_buff *skb);
bool sluice_conntrack_follows(const struct sk_buff *skb);
bool sluice_conntrack_confirm(struct sk_buff *skb);
void sluice_conntrack_lease(struct sk_buff *skb, u32 lease);
void sluice_conntrack_ignore(struct sk_buff *skb);
bool sluice_conntrack_is_ignored(const struct sk_buff *skb);

#endif /* _SLUICE_CONNTRACK_H */
