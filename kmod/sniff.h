/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SNIFF_H
#define _SLUICE_SNIFF_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

#include "conn.h"
#include "packet.h"

struct sluice_net;
struct sluice_service;

/* Shift of the windows that clients are told, and later get those of servers in. */
#define SLUICE_WINDOW_SCALE 9

/* First repetition of what is sent from here; each takes twice as long. */
#define SLUICE_SNIFF_INTERVAL msecs_to_jiffies(300)

/* A verdict: the packet belongs to no connection of ours and begins none. */
#define SLUICE_NOBODYS (NF_MAX_VERDICT + 1)

unsigned int sluice_sniff(struct sluice_net *sn, struct sluice_service *service,
			  struct sk_buff *skb, const struct sluice_packet *p,
			  const struct nf_hook_state *state);
unsigned int sluice_sniff_client(struct sluice_net *sn, struct sk_buff *skb,
				 const struct sluice_packet *p,
				 struct sluice_conn *conn,
				 const struct nf_hook_state *state);
unsigned int sluice_sniff_server(struct sluice_net *sn, struct sk_buff *skb,
				 const struct sluice_packet *p,
				 struct sluice_conn *conn,
				 const struct nf_hook_state *state);
void sluice_sniff_leave(struct sluice_net *sn, struct sluice_conn *conn, bool all);
bool sluice_sniff_syn(struct sk_buff *skb, struct sluice_packet *p);

/**
 * sluice_conn_is_held() - has a connection not been handed over yet
 * @conn: the connection
 *
 * Return: whether its packets have to go by sniff.c.
 */
static inline bool sluice_conn_is_held(const struct sluice_conn *conn)
{
	return READ_ONCE(conn->translation.flags) & SLUICE_HELD;
}

#endif /* _SLUICE_SNIFF_H */
