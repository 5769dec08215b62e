/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_OUT_H
#define _SLUICE_OUT_H

#include <linux/skbuff.h>

struct sluice_conn;
struct sluice_hold;
struct sluice_net;
struct sluice_segment;

/**
 * struct sluice_out - what is to be sent when no lock is held
 * @to_client: segments for clients
 * @to_server: segments for servers, each with its connection
 * @conn: whose server is told from now on, or NULL; without a reference, for the
 *	RCU read side section in which it was found
 */
struct sluice_out {
	struct sk_buff_head to_client;
	struct sk_buff_head to_server;
	struct sluice_conn *conn;
};

/**
 * sluice_out_init() - begin with nothing to send
 * @out: set
 */
static inline void sluice_out_init(struct sluice_out *out)
{
	__skb_queue_head_init(&out->to_client);
	__skb_queue_head_init(&out->to_server);
	out->conn = NULL;
}

void sluice_out_send(struct sluice_net *sn, struct sluice_out *out);
void sluice_out_to_server(struct sluice_out *out, struct sluice_conn *conn,
			  struct sk_buff *skb);
struct sluice_conn *sluice_held_conn(const struct sluice_hold *hold);
u32 sluice_hold_stamp(const struct sluice_hold *hold);
void sluice_tell_client(struct sluice_hold *hold, struct sluice_out *out, u8 flags,
			u32 from, u32 length);
void sluice_tell_server(struct sluice_hold *hold, struct sluice_out *out,
			const struct sluice_segment *segment, s32 from, u32 length);

#endif /* _SLUICE_OUT_H */
