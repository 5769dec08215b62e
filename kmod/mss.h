/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_MSS_H
#define _SLUICE_MSS_H

#include <linux/skbuff.h>

#include "conn.h"
#include "packet.h"

bool sluice_mss_exceeded(const struct sk_buff *skb,
			 const struct sluice_packet *p,
			 const struct sluice_conn *conn);
int sluice_mss_cut(struct sk_buff *skb, const struct sluice_packet *p,
		   const struct sluice_conn *conn);

#endif /* _SLUICE_MSS_H */
