/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_CONNTRACK_H
#define _SLUICE_CONNTRACK_H

#include <linux/skbuff.h>

bool sluice_conntrack_leave(struct sk_buff *skb);
void sluice_conntrack_ignore(struct sk_buff *skb);
bool sluice_conntrack_is_ignored(const struct sk_buff *skb);

#endif /* _SLUICE_CONNTRACK_H */
