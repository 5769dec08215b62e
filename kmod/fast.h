/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_FAST_H
#define _SLUICE_FAST_H

#include <linux/skbuff.h>

struct sluice_net;

unsigned int sluice_fast(struct sluice_net *sn, struct sk_buff *skb, u8 family);

#endif /* _SLUICE_FAST_H */
