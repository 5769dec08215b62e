/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_CONNTRACK_H
#define _SLUICE_CONNTRACK_H

#include <linux/skbuff.h>

bool sluice_conntrack_leave(struct sk_buff *skb);

#endif /* _SLUICE_CONNTRACK_H */
