// SPDX-License-Identifier: GPL-2.0
/*
 * Binding a client to a server: the server is sent the client's handshake and what
 * the client has sent, and the difference of the numbers is worked out. Where it
 * does not answer, another one is tried.
 *
 * The server gets the head from here and from nowhere else, so it cannot be sent
 * another one than was judged. What follows the head is acknowledged by the server
 * alone and repeated by the client, where it is lost.
 */

#include <linux/tcp.h>
#include <net/tcp.h>

#include "answer.h"
#include "bind.h"
#include "client.h"
#include "hold.h"
#include "net.h"
#include "offer.h"
#include "out.h"
#include "pool.h"
#include "schedule.h"
#include "segment.h"
#include "server.h"
#include "service.h"
#include "sniff.h"

/* A server that answered has to take the head within this time. */
#define HAND_OVER_TIME (15 * HZ)
/* The least that a server is believed to take in a segment. */
#define MSS_MIN 88

static void send_syn(struct sluice_hold *hold, struct sluice_out *out)
{
	struct sluice_segment segment = {
		.tuple = hold->tuple,
		.options = hold->options,
		.seq = hold->isn - hold->prefix_length,
		.window = min(sluice_client_window(hold), U16_MAX),
		.flags = TCPHDR_SYN,
		.tos = hold->tos,
		.mark = hold->mark,
	};

	segment.options.echo = 0;
	sluice_tell_server(hold, out, &segment, 0, 0);
}

/**
 * sluice_bind_due() - what is to be delivered from here
 * @hold: the client, locked
 *
 * Nobody else has it any more, or may send it.
 *
 * Return: the byte of the client's stream up to which it is.
 */
s32 sluice_bind_due(const struct sluice_hold *hold)
{
	return max(hold->head, hold->acked);
}

/**
 * sluice_bind_push() - send the server what there is and its window takes
 * @hold: the client, locked, in SLUICE_PHASE_HANDING_OVER
 * @out: gets the segments, an ACK at least
 */
void sluice_bind_push(struct sluice_hold *hold, struct sluice_out *out)
{
	s32 all = hold->have + (hold->fin == hold->have), from, length, end;
	struct sluice_segment segment = {
		.tuple = hold->tuple,
		.ack = hold->ack,
		.window = hold->window,
		.tos = hold->tos,
		.mark = hold->mark,
	};
	bool sent = false;

	if (hold->server_stamps) {
		segment.options.flags = SLUICE_OPTION_TIMESTAMP;
		segment.options.timestamp = hold->options.timestamp;
		segment.options.echo = hold->options.echo;
	}
	end = min_t(s64, all, (s64)hold->una + hold->server_window);
	for (from = hold->sent; from < end || !sent; from += length) {
		length = min_t(s32, max(min_t(s32, end, hold->have) - from, 0),
			       hold->server_mss);
		segment.seq = hold->isn + 1 + from;
		segment.flags = TCPHDR_ACK;
		if (length && from + length == hold->have)
			segment.flags |= TCPHDR_PSH;
		if (from + length == hold->fin && end > hold->have)
			segment.flags |= TCPHDR_FIN;
		sluice_tell_server(hold, out, &segment, from, length);
		length += !!(segment.flags & TCPHDR_FIN);
		sent = true;
	}
	hold->sent = max(hold->sent, end);
}

/* The PROXY protocol, version 2: who the client is and what it connected to. */
static void set_prefix(struct sluice_hold *hold, const struct sluice_pool *pool)
{
	static const u8 signature[12] = "\r\n\r\n\0\r\nQUIT\n";
	const struct sluice_tuple *t = &hold->tuple;
	bool is_ipv4 = t->family == AF_INET;
	unsigned int addr = is_ipv4 ? 4 : 16;
	u8 *at = hold->prefix;

	hold->prefix_length = 0;
	if (!sluice_pool_proxy_protocol(pool, hold->view))
		return;
	memcpy(at, signature, sizeof(signature));
	at += sizeof(signature);
	*at++ = 0x21;
	*at++ = is_ipv4 ? 0x11 : 0x21;
	*at++ = 0;
	*at++ = 2 * addr + 4;
	memcpy(at, &t->src, addr);
	memcpy(at + addr, &t->dst, addr);
	memcpy(at + 2 * addr, &t->sport, 2);
	memcpy(at + 2 * addr + 2, &t->dport, 2);
	hold->prefix_length = at + 2 * addr + 4 - hold->prefix;
}

/**
 * sluice_bind() - choose a server, and shake hands with it in the client's name
 * @hold: the client, locked; it is refused where no server can be had
 * @out: gets what is to be sent; &sluice_out.conn becomes its connection
 * @service: the client's service
 * @pool: the pool that was chosen by its head
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_bind(struct sluice_hold *hold, struct sluice_out *out,
		 struct sluice_service *service, struct sluice_pool *pool)
{
	struct sluice_net *sn = hold->sn;
	struct sluice_conn *conn;
	enum sluice_judgement judgement;

	conn = sluice_schedule_held(sn, service, pool, hold);
	if (IS_ERR(conn)) {
		/* It has been counted. */
		judgement = SLUICE_JUDGEMENT_RESET;
		if (hold->parse == SLUICE_PARSE_HTTP &&
		    sluice_answer_status(hold, 503))
			judgement = SLUICE_JUDGEMENT_ANSWER;
		sluice_client_settle(hold, out, judgement);
		return;
	}
	set_prefix(hold, pool);
	hold->phase = SLUICE_PHASE_CONNECTING;
	hold->server = conn->server->id;
	hold->cleared = false;
	hold->tries++;
	hold->interval = SLUICE_SNIFF_INTERVAL;
	hold->deadline = jiffies + READ_ONCE(sn->sniff.connect_timeout);
	out->conn = conn;
	send_syn(hold, out);
	sluice_hold_arm(hold, jiffies + hold->interval);
}

/* The server is to forget the client. */
static void reset_server(struct sluice_hold *hold, struct sluice_out *out,
			 s32 from)
{
	struct sluice_segment segment = {
		.tuple = hold->tuple,
		.seq = hold->isn + 1 + from,
		.flags = TCPHDR_RST,
		.tos = hold->tos,
		.mark = hold->mark,
	};

	sluice_tell_server(hold, out, &segment, 0, 0);
	if (out->conn)
		sluice_conn_kill(&hold->sn->conns, out->conn);
	out->conn = NULL;
}

/**
 * sluice_bind_drop() - have the server of a client that was not handed over forget it
 * @hold: the client, locked
 * @out: gets what is to be sent; &sluice_out.conn is its connection, or NULL
 */
void sluice_bind_drop(struct sluice_hold *hold, struct sluice_out *out)
{
	if (hold->phase == SLUICE_PHASE_CONNECTING)
		reset_server(hold, out, -(s32)hold->prefix_length);
	else if (hold->phase == SLUICE_PHASE_HANDING_OVER)
		reset_server(hold, out, hold->una);
}

/* This server does not take the client: the next one, or none. */
static void connect_again(struct sluice_hold *hold, struct sluice_out *out)
{
	struct sluice_net *sn = hold->sn;
	struct sluice_service *service;
	struct sluice_pool *pool = NULL;

	service = sluice_service_of(sn, &hold->tuple);
	if (out->conn)
		pool = rcu_dereference(out->conn->server->pool);
	reset_server(hold, out, -(s32)hold->prefix_length);
	if (!service || !pool || hold->tries > READ_ONCE(sn->sniff.retries))
		sluice_client_refuse(hold, out, SLUICE_REFUSAL_CONNECT, 503);
	else
		sluice_bind(hold, out, service, pool);
}

/* What makes the server's numbers ours. */
static void set_translation(struct sluice_hold *hold, struct sluice_conn *conn,
			    const struct tcphdr *th,
			    const struct sluice_tcp_options *theirs, u16 mss)
{
	struct sluice_translation *t = &conn->translation;
	u8 flags = SLUICE_TRANSLATED | SLUICE_HELD;

	conn->mss = mss;
	if (mss < sluice_offer_mss_max(hold->tuple.family))
		flags |= SLUICE_SMALL_MSS;
	t->seq = hold->cookie - ntohl(th->seq);
	t->window = 0;
	t->client_window = 0;
	if (hold->options.flags & SLUICE_OPTION_WINDOW_SCALE) {
		t->window = -SLUICE_WINDOW_SCALE;
		if (theirs->flags & SLUICE_OPTION_WINDOW_SCALE)
			t->window += theirs->window_scale;
		else
			t->client_window = hold->options.window_scale;
	}
	if (hold->options.flags & SLUICE_OPTION_TIMESTAMP) {
		if (theirs->flags & SLUICE_OPTION_TIMESTAMP) {
			hold->options.echo = sluice_hold_stamp(hold);
			t->timestamp = hold->options.echo - theirs->timestamp;
			flags |= SLUICE_TIMESTAMPS;
		} else {
			flags |= SLUICE_NO_TIMESTAMPS;
		}
	}
	/* Pairs with smp_load_acquire() in sluice_is_translated(). */
	smp_store_release(&t->flags, flags);
}

/* The server's window, in bytes. */
static u32 server_window(const struct sluice_hold *hold,
			 const struct sluice_conn *conn,
			 const struct tcphdr *th)
{
	u32 window = ntohs(th->window);
	s8 shift = conn->translation.window + SLUICE_WINDOW_SCALE;

	if (hold->options.flags & SLUICE_OPTION_WINDOW_SCALE && !th->syn)
		window <<= shift;
	return window;
}

static void server_answers(struct sluice_hold *hold, struct sluice_out *out,
			   struct sluice_conn *conn, const struct tcphdr *th)
{
	struct sluice_tcp_options theirs;
	u16 mss;

	sluice_tcp_options_read(th, &theirs);
	mss = sluice_default_mss(hold->tuple.family);
	if (theirs.flags & SLUICE_OPTION_MSS)
		mss = max(theirs.mss, MSS_MIN);
	sluice_offer_learn(hold, &theirs, mss);
	set_translation(hold, conn, th, &theirs, mss);
	hold->server_stamps = theirs.flags & hold->options.flags &
			      SLUICE_OPTION_TIMESTAMP;
	hold->server_mss = mss - TCPOLEN_TSTAMP_ALIGNED;
	hold->server_window = server_window(hold, conn, th);
	hold->phase = SLUICE_PHASE_HANDING_OVER;
	hold->sent = -(s32)hold->prefix_length;
	hold->una = hold->sent;
	hold->interval = SLUICE_SNIFF_INTERVAL;
	hold->deadline = jiffies + HAND_OVER_TIME;
	sluice_bind_push(hold, out);
	sluice_hold_arm(hold, jiffies + hold->interval);
}

/*
 * The server remembers an earlier connection of the client, from the same port
 * and perhaps to another service. It is told that there is none, and asked again
 * (RFC 9293, section 3.10.7.3); only once at once, since it may not believe it.
 */
static void clear_server(struct sluice_hold *hold, struct sluice_out *out,
			 u32 ack)
{
	struct sluice_segment segment = {
		.tuple = hold->tuple,
		.seq = ack,
		.flags = TCPHDR_RST,
		.tos = hold->tos,
		.mark = hold->mark,
	};

	sluice_tell_server(hold, out, &segment, 0, 0);
	if (hold->cleared)
		return;
	hold->cleared = true;
	send_syn(hold, out);
}

/* While a server's SYN-ACK is waited for. */
static void server_connecting(struct sluice_hold *hold, struct sluice_out *out,
			      struct sluice_conn *conn, const struct tcphdr *th)
{
	u32 expected = hold->isn - hold->prefix_length + 1;

	if (!th->ack)
		return;
	if (ntohl(th->ack_seq) != expected) {
		if (!th->rst)
			clear_server(hold, out, ntohl(th->ack_seq));
		return;
	}
	if (th->rst)
		connect_again(hold, out);
	else if (th->syn)
		server_answers(hold, out, conn, th);
}

/* The client is not to hear of bytes that it does not know, nor of fewer than before. */
static bool raise_ack(struct sk_buff *skb, const struct sluice_packet *p,
		      u32 ack)
{
	struct tcphdr *th;
	__be32 old;

	if (sluice_make_writable(skb, p->transport + sizeof(*th)))
		return false;
	th = (struct tcphdr *)(skb->data + p->transport);
	old = th->ack_seq;
	th->ack_seq = htonl(ack);
	inet_proto_csum_replace4(&th->check, skb, old, th->ack_seq, false);
	return true;
}

/* From now on packets go from one to the other. */
static void hand_over(struct sluice_hold *hold, struct sluice_conn *conn)
{
	/* First: who finds no hold any more has to find this. */
	smp_store_release(&conn->translation.flags,
			  conn->translation.flags & ~SLUICE_HELD);
	sluice_hold_end(hold);
}

/*
 * While a server gets what is held. Return whether its segment goes on to the
 * client.
 */
static bool server_handing_over(struct sluice_hold *hold,
				struct sluice_out *out,
				struct sluice_conn *conn, struct sk_buff *skb,
				const struct sluice_packet *p,
				const struct tcphdr *th)
{
	s32 una;

	if (th->syn) {
		/* Our ACK did not arrive. */
		hold->sent = hold->una;
		sluice_bind_push(hold, out);
		return false;
	}
	if (th->rst) {
		hand_over(hold, conn);
		return true;
	}
	if (!th->ack)
		return false;
	una = ntohl(th->ack_seq) - (hold->isn + 1);
	hold->server_window = server_window(hold, conn, th);
	if (una > hold->una) {
		hold->una = una;
		hold->sent = max(hold->sent, una);
		hold->interval = SLUICE_SNIFF_INTERVAL;
	}
	if (una < (s32)hold->acked &&
	    !raise_ack(skb, p, hold->isn + 1 + hold->acked))
		return false;
	if (hold->una >= sluice_bind_due(hold)) {
		hand_over(hold, conn);
	} else if (hold->sent < (s32)hold->have &&
		   hold->sent < hold->una + (s32)hold->server_window) {
		sluice_bind_push(hold, out);
	}
	return true;
}

/**
 * sluice_bind_segment() - handle a segment of a server whose client is held
 * @hold: the client, locked
 * @out: gets what is to be sent; &sluice_out.conn is @conn
 * @conn: its connection
 * @skb: the segment, as the server sent it; it stays the caller's
 * @p: what was found in it
 * @th: its TCP header
 *
 * Context: RCU read side, bottom halves off.
 * Return: whether it goes on to the client.
 */
bool sluice_bind_segment(struct sluice_hold *hold, struct sluice_out *out,
			 struct sluice_conn *conn, struct sk_buff *skb,
			 const struct sluice_packet *p, const struct tcphdr *th)
{
	switch (hold->phase) {
	case SLUICE_PHASE_CONNECTING:
		if (th->syn && th->ack)
			sluice_conn_seen(&hold->sn->conns, conn,
					 SLUICE_DIR_REPLY, p->event);
		server_connecting(hold, out, conn, th);
		return false;
	case SLUICE_PHASE_HANDING_OVER:
		return server_handing_over(hold, out, conn, skb, p, th);
	default:
		return false;
	}
}

/* A server that took the handshake does not take the head. */
static void give_up(struct sluice_hold *hold, struct sluice_out *out)
{
	reset_server(hold, out, hold->una);
	sluice_refused(hold->sn, sluice_service_of(hold->sn, &hold->tuple),
		       SLUICE_REFUSAL_CONNECT);
	sluice_client_reset(hold, out);
}

/**
 * sluice_bind_leave() - a client's server is not to have it any more
 * @hold: the client, locked
 * @out: gets what is to be sent; &sluice_out.conn is its connection
 * @all: also where the server has taken the handshake; otherwise only where it
 *	has said nothing, so that another one can take its place
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_bind_leave(struct sluice_hold *hold, struct sluice_out *out, bool all)
{
	if (hold->phase == SLUICE_PHASE_CONNECTING) {
		/* It was not this server's fault. */
		hold->tries--;
		connect_again(hold, out);
	} else if (hold->phase == SLUICE_PHASE_HANDING_OVER && all) {
		give_up(hold, out);
	}
}

static void push_again(struct sluice_hold *hold, struct sluice_out *out)
{
	u16 mss = sluice_default_mss(hold->tuple.family);

	/* Perhaps the way does not take so much, and nobody can tell us. */
	if (hold->interval > 2 * SLUICE_SNIFF_INTERVAL)
		hold->server_mss = min_t(u16, hold->server_mss,
					 mss - TCPOLEN_TSTAMP_ALIGNED);
	/* A window that opened may not have been heard of. */
	hold->server_window = max(hold->server_window, 1);
	hold->sent = hold->una;
	sluice_bind_push(hold, out);
}

/**
 * sluice_bind_time() - do what is due for a client that gets a server
 * @hold: the client, locked, in SLUICE_PHASE_CONNECTING or
 *	SLUICE_PHASE_HANDING_OVER
 * @out: gets what is to be sent; &sluice_out.conn is its connection, or NULL
 * @late: the phase's time is over
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_bind_time(struct sluice_hold *hold, struct sluice_out *out,
		      bool late)
{
	late = late || !out->conn;
	if (hold->phase == SLUICE_PHASE_CONNECTING) {
		if (late)
			connect_again(hold, out);
		else
			send_syn(hold, out);
	} else if (late) {
		give_up(hold, out);
	} else {
		push_again(hold, out);
	}
}
