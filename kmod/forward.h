/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_FORWARD_H
#define _SLUICE_FORWARD_H

#include <linux/netfilter.h>

#include "packet.h"

struct sluice_conn;
struct sluice_net;

unsigned int sluice_forward(struct sluice_net *sn, struct sk_buff *skb,
			    const struct sluice_packet *p,
			    struct sluice_conn *conn,
			    const struct nf_hook_state *state);
unsigned int sluice_reply(struct sluice_net *sn, struct sk_buff *skb,
			  const struct sluice_packet *p,
			  struct sluice_conn *conn,
			  const struct nf_hook_state *state);
unsigned int sluice_reject(struct sk_buff *skb, const struct sluice_packet *p,
			   const struct nf_hook_state *state);

#endif /* _SLUICE_FORWARD_H */
