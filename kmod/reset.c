// SPDX-License-Identifier: GPL-2.0
/*
 * Resetting both ends of an established TCP connection, from the middle.
 *
 * A reset is taken only with the right sequence number (RFC 5961, section 3), and
 * none are kept here. But each segment has them: that of one end acknowledges what
 * it expects of the other, and says what the other one expects of it. So a
 * connection that is resetting stays in the table, passes nothing on, and answers
 * each segment by a reset for either end.
 *
 * An end that says nothing is asked, by an ACK with numbers that cannot be right:
 * it has to answer by one with those that are (RFC 9293, section 3.10.7.4). Of two
 * numbers that are 2^31 apart one at least is outside of any window, so both are
 * used. The timestamp is for ends that drop segments without one (RFC 7323,
 * section 3.2); to those that compare it the segment is an old one, which they
 * answer, too.
 *
 * Where what the server answers comes by here it is asked first, and then in turn
 * with the client: its answer has the numbers of both, and comes also where a
 * firewall in front of the client drops the question. Any segment may be lost, so
 * it is asked until the client answers by a reset: it knows no such connection.
 */

#include <linux/netfilter.h>
#include <kunit/visibility.h>
#include <net/tcp.h>

#include "net.h"
#include "out.h"
#include "reset.h"
#include "server.h"
#include "translate.h"

/* A connection shown as closed, that goes with the time-out of one. */
static void close_state(struct sluice_conn *conn)
{
	u32 state = READ_ONCE(conn->state);

	do {
		if (!sluice_conn_is_live(state) ||
		    state == SLUICE_STATE_RESET_SERVER)
			return;
	} while (!try_cmpxchg(&conn->state, &state, SLUICE_STATE_RESET_SERVER));
	sluice_server_count(conn->server, state, SLUICE_STATE_RESET_SERVER);
}

static struct sk_buff *make(const struct sluice_segment *segment)
{
	u8 *data;

	return sluice_segment_make(segment, 0, &data);
}

static void to_client(struct sluice_out *out, const struct sluice_conn *conn,
		      struct sluice_segment *segment)
{
	struct sluice_tuple original;
	struct sk_buff *skb;

	sluice_conn_tuple(conn, SLUICE_DIR_ORIGINAL, &original);
	sluice_tuple_invert(&original, &segment->tuple);
	skb = make(segment);
	if (skb)
		__skb_queue_tail(&out->to_client, skb);
}

static void to_server(struct sluice_out *out, struct sluice_conn *conn,
		      struct sluice_segment *segment)
{
	struct sk_buff *skb;

	sluice_conn_tuple(conn, SLUICE_DIR_ORIGINAL, &segment->tuple);
	skb = make(segment);
	if (skb)
		sluice_out_to_server(out, conn, skb);
}

/**
 * sluice_reset_ask() - ask the ends of a connection for their numbers
 * @sn: namespace
 * @conn: a connection that is resetting
 *
 * Context: RCU read side, bottom halves off.
 * Return: whether they were asked: it was time to, and not too often.
 */
bool sluice_reset_ask(struct sluice_net *sn, struct sluice_conn *conn)
{
	u8 asked = READ_ONCE(conn->translation.asked);
	u32 now = jiffies;
	struct sluice_segment question = {
		.seq = sn->leaving.number + ((u32)(asked & 2) << 30),
		.ack = ~sn->leaving.number,
		.flags = TCPHDR_ACK,
		.options = {
			.flags = SLUICE_OPTION_TIMESTAMP,
			.timestamp = sn->leaving.number,
		},
	};
	struct sluice_out out;

	if (asked >= SLUICE_ASKED_MAX ||
	    (asked && now - READ_ONCE(conn->seen) < SLUICE_ASKED_INTERVAL))
		return false;
	/* First: it may be long since, and the new state live shortly. */
	WRITE_ONCE(conn->seen, now);
	/* A segment that was on its way may have made it another one. */
	close_state(conn);
	WRITE_ONCE(conn->translation.asked, asked + 1);
	sluice_out_init(&out);
	if (conn->forward == SLUICE_FORWARD_NAT && asked % 2 == 0)
		to_server(&out, conn, &question);
	else
		to_client(&out, conn, &question);
	sluice_out_send(sn, &out);
	return true;
}

/**
 * sluice_reset_begin() - begin to reset both ends of a connection
 * @sn: namespace
 * @conn: a TCP connection that is not held
 *
 * Only one at a time may do this in a namespace.
 *
 * Context: RCU read side, bottom halves off.
 * Return: whether it was begun; otherwise there are no two ends to be reset.
 */
bool sluice_reset_begin(struct sluice_net *sn, struct sluice_conn *conn)
{
	struct sluice_translation *t = &conn->translation;
	enum sluice_state state = READ_ONCE(conn->state);

	if (!sluice_conn_is_live(state) || state == SLUICE_STATE_TIME_WAIT)
		return false;
	/*
	 * Nobody else writes the flags once the connection is not held. From here on
	 * its segments take the slow path.
	 */
	WRITE_ONCE(t->flags, READ_ONCE(t->flags) | SLUICE_RESETTING);
	return sluice_reset_ask(sn, conn);
}

/**
 * sluice_reset_numbers() - what a segment says of the resets that both ends take
 * @th: its header, as its sender made it
 * @dir: its direction
 * @t: the connection's translation
 * @client: set to the reset for the client, without flags where there is none
 * @server: the same for the server, with the numbers that the client would send
 *
 * The sender is answered as by a host that does not know the connection (RFC 9293,
 * section 3.10.7.1). The other end takes the segment for lost, so what it expects
 * next is where the segment begins.
 */
void sluice_reset_numbers(const struct tcphdr *th, enum sluice_dir dir,
			  const struct sluice_translation *t,
			  struct sluice_segment *client,
			  struct sluice_segment *server)
{
	struct sluice_segment *sender = client, *other = server;
	u32 shift = 0;

	*client = (struct sluice_segment){};
	*server = (struct sluice_segment){};
	if (!th->ack)
		return;
	if (dir == SLUICE_DIR_REPLY) {
		sender = server;
		other = client;
		shift = t->flags & SLUICE_TRANSLATED ? t->seq : 0;
	}
	sender->flags = TCPHDR_RST;
	sender->seq = ntohl(th->ack_seq);
	other->flags = TCPHDR_RST | TCPHDR_ACK;
	other->seq = ntohl(th->seq) + shift;
	other->ack = ntohl(th->ack_seq);
}
EXPORT_SYMBOL_IF_KUNIT(sluice_reset_numbers);

static void answer(struct sluice_net *sn, struct sk_buff *skb,
		   const struct sluice_packet *p, struct sluice_conn *conn,
		   enum sluice_dir dir)
{
	struct sluice_segment client, server;
	const struct tcphdr *th;
	struct sluice_out out;

	if (!pskb_may_pull(skb, p->transport + sizeof(*th)))
		return;
	th = (const struct tcphdr *)(skb->data + p->transport);
	sluice_reset_numbers(th, dir, &conn->translation, &client, &server);
	if (!client.flags)
		return;
	client.mark = skb->mark;
	server.mark = skb->mark;
	sluice_out_init(&out);
	to_client(&out, conn, &client);
	to_server(&out, conn, &server);
	sluice_out_send(sn, &out);
}

/**
 * sluice_reset_segment() - handle a segment of a connection that is resetting
 * @sn: namespace
 * @skb: the segment, as its sender made it; not a client's SYN
 * @p: what was found in it
 * @conn: its connection
 * @dir: its direction
 *
 * A reset of one end is passed on to the other one: it is right by itself, or not
 * taken.
 *
 * Context: RCU read side, bottom halves off.
 * Return: NF_ACCEPT where it is to be passed on; otherwise the verdict.
 */
unsigned int sluice_reset_segment(struct sluice_net *sn, struct sk_buff *skb,
				  const struct sluice_packet *p,
				  struct sluice_conn *conn, enum sluice_dir dir)
{
	if (dir == SLUICE_DIR_ORIGINAL)
		nf_ct_set_closing(skb_nfct(skb));
	if (p->event == SLUICE_TCP_RST) {
		if (dir == SLUICE_DIR_ORIGINAL)
			WRITE_ONCE(conn->translation.asked, SLUICE_ASKED_MAX);
		return NF_ACCEPT;
	}
	answer(sn, skb, p, conn, dir);
	consume_skb(skb);
	return NF_STOLEN;
}
