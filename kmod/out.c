// SPDX-License-Identifier: GPL-2.0
/*
 * What is sent to clients and servers from here. Packets for a client that has no
 * server yet, and for its server, are made under the lock of a hold and sent after
 * it was released.
 */

#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <net/dst.h>
#include <net/tcp.h>

#include "conntrack.h"
#include "cookie.h"
#include "forward.h"
#include "hold.h"
#include "net.h"
#include "out.h"
#include "segment.h"
#include "sniff.h"

/* The connection of a packet in &out.to_server. */
static struct sluice_conn **conn_of(struct sk_buff *skb)
{
	return (struct sluice_conn **)skb->cb;
}

/* A packet made here takes the way of one that a client on this host sends. */
static void send_to_server(struct sluice_net *sn, struct sk_buff *skb)
{
	struct nf_hook_state state = {
		.hook = NF_INET_LOCAL_OUT,
		.pf = skb->protocol == htons(ETH_P_IP) ? NFPROTO_IPV4 :
							 NFPROTO_IPV6,
		.net = sn->net,
	};
	struct sluice_conn *conn = *conn_of(skb);
	unsigned int verdict = NF_DROP;
	struct sluice_packet p;

	memset(skb->cb, 0, sizeof(skb->cb));
	/* Also where the server is on this host, and conntrack sees it come in. */
	sluice_conntrack_ignore(skb);
	if (sluice_packet_parse(skb, state.pf, &p) == SLUICE_PACKET_FLOW)
		verdict = sluice_forward(sn, skb, &p, conn, &state);
	if (verdict == NF_ACCEPT)
		dst_output(sn->net, NULL, skb);
	else if (verdict != NF_STOLEN)
		kfree_skb(skb);
}

/**
 * sluice_out_send() - send what was made
 * @sn: namespace
 * @out: the packets; empty afterwards
 *
 * Context: no hold is locked; in the RCU read side section in which the connections
 * were found, bottom halves off.
 */
void sluice_out_send(struct sluice_net *sn, struct sluice_out *out)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&out->to_client)))
		sluice_segment_to_client(sn->net, skb);
	while ((skb = __skb_dequeue(&out->to_server)))
		send_to_server(sn, skb);
}

/**
 * sluice_held_conn() - find the connection of a client that is held
 * @hold: the client
 *
 * Context: RCU read side.
 * Return: the connection to the server that was chosen for it, without a reference;
 * NULL where none was, or where it has ended.
 */
struct sluice_conn *sluice_held_conn(const struct sluice_hold *hold)
{
	struct sluice_conn *conn;
	enum sluice_dir dir;

	conn = sluice_conn_lookup(&hold->sn->conns, &hold->tuple, &dir);
	return conn && dir == SLUICE_DIR_ORIGINAL && sluice_conn_is_held(conn) ?
		       conn :
		       NULL;
}

/**
 * sluice_hold_stamp() - read the clock of the timestamps that a client gets
 * @hold: the client, locked
 *
 * Return: milliseconds; never behind what the client has seen.
 */
u32 sluice_hold_stamp(const struct sluice_hold *hold)
{
	u32 now = sluice_cookie_clock();

	return (s32)(now - hold->options.echo) > 0 ? now : hold->options.echo;
}

static void stamp_client(const struct sluice_hold *hold,
			 struct sluice_segment *segment)
{
	if (!(hold->options.flags & SLUICE_OPTION_TIMESTAMP))
		return;
	segment->options.flags = SLUICE_OPTION_TIMESTAMP;
	segment->options.timestamp = sluice_hold_stamp(hold);
	segment->options.echo = hold->options.timestamp;
}

/**
 * sluice_tell_client() - make a segment for the client
 * @hold: the client, locked
 * @out: gets the segment; without memory it does not
 * @flags: TCPHDR_ACK and others
 * @from: first byte of &sluice_hold.data, which is the answer, or where there is
 *	none, how many sequence numbers of ours the client has had
 * @length: bytes of data
 */
void sluice_tell_client(struct sluice_hold *hold, struct sluice_out *out,
			u8 flags, u32 from, u32 length)
{
	struct sluice_segment segment = {
		.seq = hold->cookie + 1 + from,
		.ack = hold->isn + 1 + hold->acked,
		.flags = flags,
		.mark = hold->mark,
		.tos = hold->tos,
	};
	u32 window = SLUICE_HELD_MAX - min(hold->acked, SLUICE_HELD_MAX);
	struct sk_buff *skb;
	u8 *data;

	if (hold->fin != U32_MAX && hold->acked >= hold->fin)
		segment.ack++;
	if (hold->options.flags & SLUICE_OPTION_WINDOW_SCALE)
		window >>= SLUICE_WINDOW_SCALE;
	segment.window = window;
	sluice_tuple_invert(&hold->tuple, &segment.tuple);
	stamp_client(hold, &segment);
	skb = sluice_segment_make(&segment, length, &data);
	if (!skb)
		return;
	if (length)
		memcpy(data, hold->data + from, length);
	__skb_queue_tail(&out->to_client, skb);
}

/**
 * sluice_out_to_server() - have a segment sent to the server of a connection
 * @out: gets it
 * @conn: the connection
 * @skb: the segment, as the client would send it
 */
void sluice_out_to_server(struct sluice_out *out, struct sluice_conn *conn,
			  struct sk_buff *skb)
{
	*conn_of(skb) = conn;
	__skb_queue_tail(&out->to_server, skb);
}

/**
 * sluice_tell_server() - make a segment for the server
 * @hold: the client that it gets it from, locked
 * @out: gets the segment; without memory or connection it does not
 * @segment: the segment but for its data
 * @from: first byte of the client's stream, below zero for the prefix
 * @length: bytes of data
 */
void sluice_tell_server(struct sluice_hold *hold, struct sluice_out *out,
			const struct sluice_segment *segment, s32 from,
			u32 length)
{
	struct sk_buff *skb;
	u8 *data;

	if (!out->conn)
		return;
	skb = sluice_segment_make(segment, length, &data);
	if (!skb)
		return;
	for (; from < 0 && length; from++, length--)
		*data++ = hold->prefix[hold->prefix_length + from];
	if (length)
		memcpy(data, hold->data + from, length);
	sluice_out_to_server(out, out->conn, skb);
}
