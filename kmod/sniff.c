// SPDX-License-Identifier: GPL-2.0
/*
 * Stratum sniff: delayed binding. A client shakes hands with the balancer, and
 * what it sends first tells which server it gets. That server is then sent the
 * client's handshake and its bytes, from the client's address and with its
 * sequence numbers; from then on the connection is one of stratum flow whose
 * numbers are translated, see translate.c.
 *
 *   SYN              answered by a cookie; nothing is kept
 *   ACK, data        SLUICE_PHASE_HEAD: bytes are held until the head is complete
 *   head complete    SLUICE_PHASE_CONNECTING: a connection is made, marked as
 *                    held, and its server is sent a SYN; another server, where
 *                    this one does not answer
 *   SYN-ACK          SLUICE_PHASE_HANDING_OVER: the server is sent the bytes
 *   they arrived     the hold is over, and the connection one like any other
 *
 * The server gets the head from here and from nowhere else, so it cannot be sent
 * another one than was judged. What follows the head is acknowledged by the
 * server alone and repeated by the client, where it is lost.
 *
 * Packets are made under the lock of a hold and sent after it was released.
 */

#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <net/dsfield.h>
#include <net/dst.h>
#include <net/tcp.h>

#include "answer.h"
#include "conntrack.h"
#include "cookie.h"
#include "forward.h"
#include "head.h"
#include "hold.h"
#include "net.h"
#include "pool.h"
#include "schedule.h"
#include "segment.h"
#include "server.h"
#include "service.h"
#include "sniff.h"

/* A client whose head is not complete is told what has arrived, after this time. */
#define DELAY msecs_to_jiffies(40)
/* First repetitions towards a server and of an answer; each takes twice as long. */
#define INTERVAL msecs_to_jiffies(300)
/* A server that answered has to take the head within this time. */
#define HAND_OVER_TIME (15 * HZ)
/* A client has to take an answer, and to close, within this time. */
#define ANSWER_TIME (5 * HZ)
/* The least that a server is believed to take in a segment. */
#define MSS_MIN 88
/* What IP and TCP take of a packet, without options. */
#define HEADERS4 40
#define HEADERS6 60
/* What the way to servers is taken to let pass while nothing is known of them. */
#define ETHERNET_MTU 1500

/* What is to be sent when no lock is held; @conn is whose server is told from now on. */
struct out {
	struct sk_buff_head to_client;
	struct sk_buff_head to_server;
	struct sluice_conn *conn;
};

static void out_init(struct out *out)
{
	__skb_queue_head_init(&out->to_client);
	__skb_queue_head_init(&out->to_server);
	out->conn = NULL;
}

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

/* In the RCU read side section in which the connections were found. */
static void out_send(struct sluice_net *sn, struct out *out)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&out->to_client)))
		sluice_segment_to_client(sn->net, skb);
	while ((skb = __skb_dequeue(&out->to_server)))
		send_to_server(sn, skb);
}

/* The connection of a client that a server was chosen for; it may have ended. */
static struct sluice_conn *held_conn(const struct sluice_hold *hold)
{
	struct sluice_conn *conn;
	enum sluice_dir dir;

	conn = sluice_conn_lookup(&hold->sn->conns, &hold->tuple, &dir);
	return conn && dir == SLUICE_DIR_ORIGINAL && sluice_conn_is_held(conn) ?
		       conn :
		       NULL;
}

static unsigned long earlier(unsigned long a, unsigned long b)
{
	return time_before(a, b) ? a : b;
}

static unsigned int consume(struct sk_buff *skb)
{
	consume_skb(skb);
	return NF_STOLEN;
}

/*
 * The TCP header with its options in one piece; NULL where the segment is damaged.
 * What is held is sent again with a checksum of its own.
 */
static const struct tcphdr *whole_header(struct sk_buff *skb,
					 const struct sluice_packet *p,
					 const struct nf_hook_state *state)
{
	const struct tcphdr *th;

	if (nf_checksum(skb, state->hook, p->transport, IPPROTO_TCP, state->pf))
		return NULL;
	if (!pskb_may_pull(skb, p->transport + sizeof(*th)))
		return NULL;
	th = (const struct tcphdr *)(skb->data + p->transport);
	if (th->doff * 4 < sizeof(*th) ||
	    !pskb_may_pull(skb, p->transport + th->doff * 4))
		return NULL;
	return (const struct tcphdr *)(skb->data + p->transport);
}

/* Where a segment's data begin, and how many there are. */
static u32 data_of(const struct sk_buff *skb, const struct sluice_packet *p,
		   const struct tcphdr *th, unsigned int *offset)
{
	unsigned int length = skb->len;

	if (p->tuple.family == AF_INET)
		length = min(length, ntohs(ip_hdr(skb)->tot_len));
	*offset = p->transport + th->doff * 4;
	return length > *offset ? length - *offset : 0;
}

/* Towards the client. */

/* Our clock never goes behind what the client has seen of it. */
static u32 stamp(const struct sluice_hold *hold)
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
	segment->options.timestamp = stamp(hold);
	segment->options.echo = hold->options.timestamp;
}

/* Make a segment to the client with bytes of the answer from @from on. */
static void tell_client(struct sluice_hold *hold, struct out *out, u8 flags,
			u32 from, u32 length)
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

static void acknowledge(struct sluice_hold *hold, struct out *out)
{
	hold->acked = max(hold->acked, hold->have);
	hold->delayed = false;
	tell_client(hold, out, TCPHDR_ACK, 0, 0);
}

/* What it does not know to have arrived may keep a client from sending more. */
static void acknowledge_soon(struct sluice_hold *hold)
{
	if (hold->delayed)
		return;
	hold->delayed = true;
	sluice_hold_arm(hold, earlier(jiffies + DELAY, hold->deadline));
}

static void reset_client(struct sluice_hold *hold, struct out *out)
{
	hold->acked = max(hold->acked, hold->have);
	tell_client(hold, out, TCPHDR_RST | TCPHDR_ACK,
		    hold->ack - hold->cookie - 1, 0);
	sluice_hold_end(hold);
}

/* The client's window, in bytes. */
static u32 client_window(const struct sluice_hold *hold)
{
	u32 window = hold->window;

	if (hold->options.flags & SLUICE_OPTION_WINDOW_SCALE)
		window <<= hold->options.window_scale;
	return window;
}

/* Send what the client's window takes of the answer, and the end with the last. */
static void answer(struct sluice_hold *hold, struct out *out)
{
	s32 end = min_t(s64, hold->answer, (s64)hold->una + client_window(hold));
	u32 mss = hold->options.mss, length;
	u8 flags;

	if (hold->options.flags & SLUICE_OPTION_TIMESTAMP)
		mss -= min(mss / 2, TCPOLEN_TSTAMP_ALIGNED);
	while (hold->sent <= (s32)hold->answer) {
		/* The window may have become smaller. */
		length = min_t(u32, max(end - hold->sent, 0), mss);
		if (!length && hold->sent < (s32)hold->answer)
			return;
		flags = TCPHDR_ACK;
		if (hold->sent + length == hold->answer)
			flags |= TCPHDR_PSH | TCPHDR_FIN;
		tell_client(hold, out, flags, hold->sent, length);
		hold->sent += length + !!(flags & TCPHDR_FIN);
	}
}

static void answer_begin(struct sluice_hold *hold, struct out *out)
{
	hold->phase = SLUICE_PHASE_ANSWERED;
	hold->acked = max(hold->acked, hold->have);
	hold->sent = 0;
	hold->una = 0;
	hold->interval = INTERVAL;
	hold->deadline = jiffies + ANSWER_TIME;
	answer(hold, out);
	sluice_hold_arm(hold, jiffies + hold->interval);
}

/* Towards the server. */

static void tell_server(struct sluice_hold *hold, struct out *out,
			const struct sluice_segment *segment, s32 from, u32 length)
{
	struct sk_buff *skb;
	u8 *data;

	if (!out->conn)
		return;
	skb = sluice_segment_make(segment, length, &data);
	if (!skb)
		return;
	*conn_of(skb) = out->conn;
	for (; from < 0 && length; from++, length--)
		*data++ = hold->prefix[hold->prefix_length + from];
	if (length)
		memcpy(data, hold->data + from, length);
	__skb_queue_tail(&out->to_server, skb);
}

static void send_syn(struct sluice_hold *hold, struct out *out)
{
	struct sluice_segment segment = {
		.tuple = hold->tuple,
		.options = hold->options,
		.seq = hold->isn - hold->prefix_length,
		.window = min(client_window(hold), U16_MAX),
		.flags = TCPHDR_SYN,
		.tos = hold->tos,
		.mark = hold->mark,
	};

	segment.options.echo = 0;
	tell_server(hold, out, &segment, 0, 0);
}

/* What is to be delivered from here: nobody else has it any more, or may send it. */
static s32 must_deliver(const struct sluice_hold *hold)
{
	return max(hold->head, hold->acked);
}

/* Send the server what there is and its window takes; an ACK at least. */
static void push(struct sluice_hold *hold, struct out *out)
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
		tell_server(hold, out, &segment, from, length);
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
	if (!READ_ONCE(pool->proxy_protocol))
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

static void settle(struct sluice_hold *hold, struct out *out,
		   enum sluice_judgement judgement)
{
	if (judgement == SLUICE_JUDGEMENT_ANSWER)
		answer_begin(hold, out);
	else
		reset_client(hold, out);
}

/* Refuse a client, also where its service has gone. */
static void refuse(struct sluice_hold *hold, struct out *out,
		   enum sluice_refusal reason, u16 status)
{
	struct sluice_service *service;

	service = sluice_service_of(hold->sn, &hold->tuple);
	if (!service) {
		sluice_refused(hold->sn, NULL, reason);
		reset_client(hold, out);
		return;
	}
	settle(hold, out, sluice_head_refuse(hold, service, reason, status));
}

/* Choose a server, and shake hands with it in the client's name. */
static void connect(struct sluice_hold *hold, struct out *out,
		    struct sluice_service *service, struct sluice_pool *pool)
{
	struct sluice_net *sn = hold->sn;
	struct sluice_conn *conn;
	enum sluice_judgement judgement;

	conn = sluice_schedule_held(sn, service, pool, &hold->tuple,
				    hold->server);
	if (IS_ERR(conn)) {
		/* It has been counted. */
		judgement = SLUICE_JUDGEMENT_RESET;
		if (hold->parse == SLUICE_PARSE_HTTP &&
		    sluice_answer_status(hold, 503))
			judgement = SLUICE_JUDGEMENT_ANSWER;
		settle(hold, out, judgement);
		return;
	}
	set_prefix(hold, pool);
	hold->phase = SLUICE_PHASE_CONNECTING;
	hold->server = conn->server->id;
	hold->cleared = false;
	hold->tries++;
	hold->interval = INTERVAL;
	hold->deadline = jiffies + READ_ONCE(sn->sniff.connect_timeout);
	out->conn = conn;
	send_syn(hold, out);
	sluice_hold_arm(hold, jiffies + hold->interval);
}

/* The server is to forget the client. */
static void reset_server(struct sluice_hold *hold, struct out *out, s32 from)
{
	struct sluice_segment segment = {
		.tuple = hold->tuple,
		.seq = hold->isn + 1 + from,
		.flags = TCPHDR_RST,
		.tos = hold->tos,
		.mark = hold->mark,
	};

	tell_server(hold, out, &segment, 0, 0);
	if (out->conn)
		sluice_conn_kill(&hold->sn->conns, out->conn);
	out->conn = NULL;
}

/* This server does not take the client: the next one, or none. */
static void connect_again(struct sluice_hold *hold, struct out *out)
{
	struct sluice_net *sn = hold->sn;
	struct sluice_service *service;
	struct sluice_pool *pool = NULL;

	service = sluice_service_of(sn, &hold->tuple);
	if (out->conn)
		pool = rcu_dereference(out->conn->server->pool);
	reset_server(hold, out, -(s32)hold->prefix_length);
	if (!service || !pool || hold->tries > READ_ONCE(sn->sniff.retries))
		refuse(hold, out, SLUICE_REFUSAL_CONNECT, 503);
	else
		connect(hold, out, service, pool);
}

/* More of the head has come. */
static void judge(struct sluice_hold *hold, struct out *out,
		  struct sluice_service *service)
{
	enum sluice_judgement judgement;
	struct sluice_pool *pool;

	judgement = sluice_head_judge(hold, service, &pool);
	switch (judgement) {
	case SLUICE_JUDGEMENT_POOL:
		sluice_hold_free(hold, hold->parser);
		hold->parser = NULL;
		connect(hold, out, service, pool);
		return;
	case SLUICE_JUDGEMENT_MORE:
		break;
	default:
		settle(hold, out, judgement);
		return;
	}
	if (hold->fin == hold->have) {
		refuse(hold, out, SLUICE_REFUSAL_CLOSED, 400);
		return;
	}
	acknowledge_soon(hold);
}

/* Keep what a segment of the client has. Return whether there is more than before. */
static bool store(struct sluice_hold *hold, struct sk_buff *skb,
		  const struct sluice_packet *p, const struct tcphdr *th)
{
	u32 had = hold->have, fin = hold->fin, length, skip = 0;
	unsigned int offset;
	s32 start;

	length = data_of(skb, p, th, &offset);
	start = ntohl(th->seq) - (hold->isn + 1);
	if (start < 0)
		skip = min_t(u32, -start, length);
	if (start + (s32)length < 0 || start > SLUICE_HELD_MAX)
		return false;
	if (length > skip &&
	    !sluice_hold_store(hold, start + skip, skb, offset + skip,
			       length - skip))
		return false;
	/* The end counts once all before it is there. */
	if (th->fin && start + length <= SLUICE_HELD_MAX)
		hold->fin = min(hold->fin, start + length);
	return hold->have > had || hold->fin != fin;
}

static void note_client(struct sluice_hold *hold, const struct sk_buff *skb,
			const struct tcphdr *th)
{
	struct sluice_tcp_options options;

	hold->window = ntohs(th->window);
	hold->mark = skb->mark;
	hold->tos = hold->tuple.family == AF_INET ? ip_hdr(skb)->tos :
						    ipv6_get_dsfield(ipv6_hdr(skb));
	if ((s32)(ntohl(th->ack_seq) - hold->ack) > 0)
		hold->ack = ntohl(th->ack_seq);
	if (!(hold->options.flags & SLUICE_OPTION_TIMESTAMP))
		return;
	sluice_tcp_options_read(th, &options);
	if (!(options.flags & SLUICE_OPTION_TIMESTAMP) ||
	    (s32)(options.timestamp - hold->options.timestamp) < 0)
		return;
	hold->options.timestamp = options.timestamp;
	if ((s32)(options.echo - hold->options.echo) > 0)
		hold->options.echo = options.echo;
}

/* An ACK or more while an answer is on its way or has arrived. */
static void client_answered(struct sluice_hold *hold, struct out *out,
			    struct sk_buff *skb, const struct sluice_packet *p,
			    const struct tcphdr *th)
{
	s32 una = ntohl(th->ack_seq) - (hold->cookie + 1), end;
	unsigned int offset;
	u32 length;

	if (una > hold->una) {
		hold->una = una;
		hold->sent = max(hold->sent, una);
		hold->interval = INTERVAL;
	}
	/* The rest of its request is of no interest. */
	length = data_of(skb, p, th, &offset);
	end = ntohl(th->seq) - (hold->isn + 1) + length;
	if (end > (s32)hold->acked)
		hold->acked = end;
	if (th->fin)
		hold->fin = min(hold->fin, (u32)end);
	if (hold->sent <= (s32)hold->answer)
		answer(hold, out);
	else if (length || th->fin)
		tell_client(hold, out, TCPHDR_ACK, hold->sent, 0);
	if (hold->fin != U32_MAX && hold->una > (s32)hold->answer)
		sluice_hold_end(hold);
}

/*
 * A segment of a client that is held, in window. Return whether it goes on to the
 * server as it is.
 */
static bool client_segment(struct sluice_hold *hold, struct out *out,
			   struct sluice_service *service, struct sk_buff *skb,
			   const struct sluice_packet *p, const struct tcphdr *th)
{
	s32 start = ntohl(th->seq) - (hold->isn + 1);
	unsigned int offset;
	u32 length;

	note_client(hold, skb, th);
	length = data_of(skb, p, th, &offset);
	switch (hold->phase) {
	case SLUICE_PHASE_HEAD:
		if (!service)
			refuse(hold, out, SLUICE_REFUSAL_NO_SERVER, 0);
		else if (store(hold, skb, p, th) && hold->have)
			judge(hold, out, service);
		else if (hold->fin == hold->have)
			refuse(hold, out, SLUICE_REFUSAL_CLOSED, 0);
		else if (start < (s32)hold->acked)
			/* It has not heard what it was told, or asks. */
			acknowledge(hold, out);
		else if (length)
			acknowledge_soon(hold);
		return false;
	case SLUICE_PHASE_CONNECTING:
		store(hold, skb, p, th);
		return false;
	case SLUICE_PHASE_HANDING_OVER:
		if (!out->conn)
			return false;
		if (start >= must_deliver(hold) || (!length && !th->fin))
			return true;
		if (store(hold, skb, p, th))
			push(hold, out);
		return false;
	case SLUICE_PHASE_ANSWERED:
		client_answered(hold, out, skb, p, th);
		return false;
	default:
		return false;
	}
}

/* Could a segment be of this client's connection, by its numbers? */
static bool is_in_window(const struct sluice_hold *hold, const struct tcphdr *th)
{
	bool handed = hold->phase == SLUICE_PHASE_HANDING_OVER;
	s32 most = hold->phase == SLUICE_PHASE_ANSWERED ? hold->answer + 1 : 0;
	s32 start = ntohl(th->seq) - (hold->isn + 1);
	s32 ack = ntohl(th->ack_seq) - (hold->cookie + 1);

	/* One byte below is a keepalive. */
	return start >= -1 &&
	       (handed || start <= (s32)hold->acked + SLUICE_HELD_MAX) &&
	       (!th->ack || (ack >= 0 && (handed || ack <= most)));
}

/* A client that leaves before it said what it wants. */
static void count_closed(const struct sluice_hold *hold)
{
	if (hold->phase == SLUICE_PHASE_HEAD)
		sluice_refused(hold->sn, sluice_service_of(hold->sn, &hold->tuple),
			       SLUICE_REFUSAL_CLOSED);
}

/*
 * The client says that it is gone, which has to be exact or is asked back (RFC
 * 5961, section 3.2). The server is told in our words: the client cannot say
 * anything to it before the head has arrived. Return whether its own go on.
 */
static bool client_reset(struct sluice_hold *hold, struct out *out,
			 const struct tcphdr *th)
{
	s32 start = ntohl(th->seq) - (hold->isn + 1);
	s32 next = hold->have + (hold->fin == hold->have);

	if (hold->phase == SLUICE_PHASE_HANDING_OVER)
		return out->conn && start >= must_deliver(hold);
	if (hold->phase == SLUICE_PHASE_ANSWERED)
		next = hold->acked + (hold->fin != U32_MAX);
	if (start != next) {
		tell_client(hold, out, TCPHDR_ACK,
			    hold->phase == SLUICE_PHASE_ANSWERED ? hold->sent : 0,
			    0);
		return false;
	}
	count_closed(hold);
	if (hold->phase == SLUICE_PHASE_CONNECTING)
		reset_server(hold, out, -(s32)hold->prefix_length);
	sluice_hold_end(hold);
	return false;
}

/* Let a client go that has not been handed over, and its server know. */
static void drop(struct sluice_hold *hold, struct out *out)
{
	out->conn = held_conn(hold);
	if (hold->phase == SLUICE_PHASE_CONNECTING)
		reset_server(hold, out, -(s32)hold->prefix_length);
	else if (hold->phase == SLUICE_PHASE_HANDING_OVER)
		reset_server(hold, out, hold->una);
}

/* Somebody else is let go, to make room. */
static void give_up_oldest(struct sluice_net *sn)
{
	struct sluice_hold *hold = sluice_hold_oldest(sn);
	struct out out;

	if (!hold)
		return;
	out_init(&out);
	spin_lock(&hold->lock);
	if (hold->phase != SLUICE_PHASE_OVER) {
		sluice_refused(sn, sluice_service_of(sn, &hold->tuple),
			       SLUICE_REFUSAL_PRESSURE);
		drop(hold, &out);
		reset_client(hold, &out);
	}
	spin_unlock(&hold->lock);
	sluice_hold_put(hold);
	out_send(sn, &out);
}

/* Make room for one more client, or for more of one. */
static void make_room(struct sluice_net *sn)
{
	int i;

	for (i = 0; i < 2 && sluice_hold_is_full(sn); i++)
		give_up_oldest(sn);
}

static void timer_over(struct timer_list *timer);

/* Begin to hold a client whose cookie was right. */
static struct sluice_hold *begin(struct sluice_net *sn,
				 struct sluice_service *service,
				 const struct sluice_packet *p,
				 const struct tcphdr *th,
				 const struct sluice_tcp_options *options)
{
	struct sluice_hold *hold;

	make_room(sn);
	hold = sluice_hold_new(sn, &p->tuple, timer_over);
	if (!hold) {
		sluice_refused(sn, service, SLUICE_REFUSAL_MEMORY);
		return NULL;
	}
	hold->phase = SLUICE_PHASE_HEAD;
	hold->parse = READ_ONCE(service->parse);
	hold->isn = ntohl(th->seq) - 1;
	hold->cookie = ntohl(th->ack_seq) - 1;
	hold->ack = ntohl(th->ack_seq);
	hold->options = *options;
	hold->deadline = jiffies + READ_ONCE(sn->sniff.head_timeout);
	return sluice_hold_add(hold) ? NULL : hold;
}

static void answer_syn(struct sluice_net *sn, struct sluice_service *service,
		       struct sk_buff *skb, const struct sluice_packet *p)
{
	union sluice_offer offer = { .word = READ_ONCE(service->offer) };
	u32 headers = p->tuple.family == AF_INET ? HEADERS4 : HEADERS6;
	struct net_device *dev = skb->dev ?: skb_dst(skb)->dev;
	u32 mtu = min(READ_ONCE(dev->mtu), ETHERNET_MTU);
	struct sk_buff *answer;

	if (!offer.word)
		offer = (union sluice_offer){
			.mss = U16_MAX,
			.flags = SLUICE_OPTION_MSS | SLUICE_OPTION_SACK |
				 SLUICE_OPTION_WINDOW_SCALE |
				 SLUICE_OPTION_TIMESTAMP,
		};
	offer.mss = min(offer.mss, max(mtu, 2 * headers) - headers);
	offer.window_scale = SLUICE_WINDOW_SCALE;
	answer = sluice_cookie_answer(skb, p, offer);
	if (answer)
		sluice_segment_to_client(sn->net, answer);
}

/* Handle a segment of a client. Return the verdict. */
static unsigned int with_hold(struct sluice_hold *hold, struct sk_buff *skb,
			      const struct sluice_packet *p,
			      const struct tcphdr *th,
			      const struct sluice_conn *conn)
{
	struct sluice_net *sn = hold->sn;
	struct sluice_service *service;
	bool pass = false;
	struct out out;

	out_init(&out);
	make_room(sn);
	spin_lock(&hold->lock);
	service = sluice_service_of(sn, &hold->tuple);
	/* Only now is it known which server it has. */
	out.conn = held_conn(hold);
	if (hold->phase == SLUICE_PHASE_OVER) {
		/* It may have been handed over this moment. */
		pass = conn && !sluice_conn_is_held(conn);
	} else if (is_in_window(hold, th)) {
		if (th->rst)
			pass = client_reset(hold, &out, th);
		else if (th->ack && !th->syn)
			pass = client_segment(hold, &out, service, skb, p, th);
	}
	/* By the connection that the caller has, or not at all. */
	pass = pass && conn && (!out.conn || out.conn == conn);
	spin_unlock(&hold->lock);
	out_send(sn, &out);
	return pass ? NF_ACCEPT : consume(skb);
}

/* The client has begun anew from the same port. */
static void replace(struct sluice_hold *hold)
{
	struct out out;

	out_init(&out);
	spin_lock(&hold->lock);
	if (hold->phase != SLUICE_PHASE_OVER) {
		count_closed(hold);
		drop(hold, &out);
		sluice_hold_end(hold);
	}
	spin_unlock(&hold->lock);
	out_send(hold->sn, &out);
}

/**
 * sluice_sniff() - handle a packet to a service of stratum sniff
 * @sn: namespace
 * @service: the service
 * @skb: packet past the firewall that no connection was found for
 * @p: what was found in it
 * @state: the hook
 *
 * Context: RCU read side, bottom halves off.
 * Return: the verdict for netfilter, or SLUICE_NOBODYS where the packet belongs to
 * no connection and begins none.
 */
unsigned int sluice_sniff(struct sluice_net *sn, struct sluice_service *service,
			  struct sk_buff *skb, const struct sluice_packet *p,
			  const struct nf_hook_state *state)
{
	const struct tcphdr *th = whole_header(skb, p, state);
	struct sluice_tcp_options options;
	enum sluice_cookie cookie;
	struct sluice_hold *hold;

	if (!th)
		return NF_DROP;
	if (th->syn) {
		if (!th->ack && !th->rst && !th->fin)
			answer_syn(sn, service, skb, p);
		return consume(skb);
	}
	hold = sluice_hold_lookup(sn, &p->tuple);
	if (hold && is_in_window(hold, th))
		return with_hold(hold, skb, p, th, NULL);
	if (th->rst || !th->ack)
		return hold ? consume(skb) : SLUICE_NOBODYS;
	cookie = sluice_cookie_check(skb, p, &options);
	if (cookie == SLUICE_COOKIE_WRONG && !hold)
		return SLUICE_NOBODYS;
	if (cookie != SLUICE_COOKIE_VALID)
		return consume(skb);
	if (hold)
		replace(hold);
	if (!sluice_conntrack_confirm(skb))
		return NF_DROP;
	hold = begin(sn, service, p, th, &options);
	if (!hold)
		return consume(skb);
	return with_hold(hold, skb, p, th, NULL);
}

/**
 * sluice_sniff_client() - handle a packet of a client that has not been handed
 *	over yet
 * @sn: namespace
 * @skb: packet past the firewall
 * @p: what was found in it: a segment
 * @conn: its connection
 * @state: the hook
 *
 * Context: RCU read side, bottom halves off.
 * Return: NF_ACCEPT where it goes on to the server; SLUICE_NOBODYS where it is not
 * of this connection and is to be handled as if there were none; otherwise the
 * verdict.
 */
unsigned int sluice_sniff_client(struct sluice_net *sn, struct sk_buff *skb,
				 const struct sluice_packet *p,
				 struct sluice_conn *conn,
				 const struct nf_hook_state *state)
{
	const struct tcphdr *th = whole_header(skb, p, state);
	struct sluice_hold *hold;

	if (!th)
		return NF_DROP;
	hold = sluice_hold_lookup(sn, &p->tuple);
	if (hold)
		return is_in_window(hold, th) ?
			       with_hold(hold, skb, p, th, conn) :
			       SLUICE_NOBODYS;
	/* Pairs with smp_store_release() in hand_over(). */
	smp_rmb();
	if (!sluice_conn_is_held(conn))
		return NF_ACCEPT;
	/* It was given up. */
	sluice_conn_kill(&sn->conns, conn);
	return SLUICE_NOBODYS;
}

/**
 * sluice_sniff_syn() - make an ACK of a SYN on a connection that was handed over
 * @skb: a packet with a SYN, past the firewall
 * @p: what was found in it; corrected
 *
 * A SYN must not get to the server: the client would shake hands with it itself,
 * and send it another head. As an ACK of numbers that are not right it makes the
 * server say which are, by which a client that has begun anew knows that it has to
 * reset first (RFC 5961, section 4.2).
 *
 * Return: false without memory.
 */
bool sluice_sniff_syn(struct sk_buff *skb, struct sluice_packet *p)
{
	__be32 old, new;
	struct tcphdr *th;

	if (sluice_make_writable(skb, p->transport + sizeof(*th)))
		return false;
	th = (struct tcphdr *)(skb->data + p->transport);
	old = tcp_flag_word(th);
	new = (old & ~(TCP_FLAG_SYN | TCP_FLAG_ECE | TCP_FLAG_CWR)) | TCP_FLAG_ACK;
	tcp_flag_word(th) = new;
	inet_proto_csum_replace4(&th->check, skb, old, new, false);
	p->event = SLUICE_TCP_ACK;
	return true;
}

/* How long it is remembered what servers do not agree to. */
#define OFFER_TIME (60 * HZ)

/* What clients of the service are told of its servers from now on. */
static void learn(struct sluice_hold *hold,
		  const struct sluice_tcp_options *theirs, u16 mss)
{
	struct sluice_service *service;
	union sluice_offer old, new;

	service = sluice_service_of(hold->sn, &hold->tuple);
	if (!service)
		return;
	old.word = READ_ONCE(service->offer);
	if ((u32)jiffies - READ_ONCE(service->offer_time) > OFFER_TIME) {
		old.word = 0;
		WRITE_ONCE(service->offer_time, (u32)jiffies);
	}
	/* What the client did not ask for the server was not asked either. */
	new = (union sluice_offer){
		.mss = mss,
		.flags = SLUICE_OPTION_MSS | SLUICE_OPTION_WINDOW_SCALE |
			 ((SLUICE_OPTION_SACK | SLUICE_OPTION_TIMESTAMP) &
			  (theirs->flags | ~hold->options.flags)),
	};
	if (old.word) {
		new.mss = min(new.mss, old.mss);
		new.flags &= old.flags;
	}
	if (new.word != READ_ONCE(service->offer))
		WRITE_ONCE(service->offer, new.word);
}

/* What makes the server's numbers ours. */
static void set_translation(struct sluice_hold *hold, struct sluice_conn *conn,
			    const struct tcphdr *th,
			    const struct sluice_tcp_options *theirs)
{
	struct sluice_translation *t = &conn->translation;
	u8 flags = SLUICE_TRANSLATED | SLUICE_HELD;

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
			hold->options.echo = stamp(hold);
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
			 const struct sluice_conn *conn, const struct tcphdr *th)
{
	u32 window = ntohs(th->window);
	s8 shift = conn->translation.window + SLUICE_WINDOW_SCALE;

	if (hold->options.flags & SLUICE_OPTION_WINDOW_SCALE && !th->syn)
		window <<= shift;
	return window;
}

static void server_answers(struct sluice_hold *hold, struct out *out,
			   struct sluice_conn *conn, const struct tcphdr *th)
{
	struct sluice_tcp_options theirs;
	u16 mss;

	sluice_tcp_options_read(th, &theirs);
	mss = sluice_default_mss(hold->tuple.family);
	if (theirs.flags & SLUICE_OPTION_MSS)
		mss = max(theirs.mss, MSS_MIN);
	learn(hold, &theirs, mss);
	set_translation(hold, conn, th, &theirs);
	hold->server_stamps = theirs.flags & hold->options.flags &
			      SLUICE_OPTION_TIMESTAMP;
	hold->server_mss = mss - TCPOLEN_TSTAMP_ALIGNED;
	hold->server_window = server_window(hold, conn, th);
	hold->phase = SLUICE_PHASE_HANDING_OVER;
	hold->sent = -(s32)hold->prefix_length;
	hold->una = hold->sent;
	hold->interval = INTERVAL;
	hold->deadline = jiffies + HAND_OVER_TIME;
	push(hold, out);
	sluice_hold_arm(hold, jiffies + hold->interval);
}

/*
 * The server remembers an earlier connection of the client, from the same port
 * and perhaps to another service. It is told that there is none, and asked again
 * (RFC 9293, section 3.10.7.3); only once at once, since it may not believe it.
 */
static void clear_server(struct sluice_hold *hold, struct out *out, u32 ack)
{
	struct sluice_segment segment = {
		.tuple = hold->tuple,
		.seq = ack,
		.flags = TCPHDR_RST,
		.tos = hold->tos,
		.mark = hold->mark,
	};

	tell_server(hold, out, &segment, 0, 0);
	if (hold->cleared)
		return;
	hold->cleared = true;
	send_syn(hold, out);
}

/* While a server's SYN-ACK is waited for. */
static void server_connecting(struct sluice_hold *hold, struct out *out,
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
static bool server_handing_over(struct sluice_hold *hold, struct out *out,
				struct sluice_conn *conn, struct sk_buff *skb,
				const struct sluice_packet *p,
				const struct tcphdr *th)
{
	s32 una;

	if (th->syn) {
		/* Our ACK did not arrive. */
		hold->sent = hold->una;
		push(hold, out);
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
		hold->interval = INTERVAL;
	}
	if (una < (s32)hold->acked &&
	    !raise_ack(skb, p, hold->isn + 1 + hold->acked))
		return false;
	if (hold->una >= must_deliver(hold)) {
		hand_over(hold, conn);
	} else if (hold->sent < (s32)hold->have &&
		   hold->sent < hold->una + (s32)hold->server_window) {
		push(hold, out);
	}
	return true;
}

/**
 * sluice_sniff_server() - handle a packet of a server whose client has not been
 *	handed over yet
 * @sn: namespace
 * @skb: packet, as the server sent it
 * @p: what was found in it: a segment
 * @conn: its connection
 * @state: the hook
 *
 * Context: RCU read side, bottom halves off.
 * Return: NF_ACCEPT where it goes on to the client; otherwise the verdict.
 */
unsigned int sluice_sniff_server(struct sluice_net *sn, struct sk_buff *skb,
				 const struct sluice_packet *p,
				 struct sluice_conn *conn,
				 const struct nf_hook_state *state)
{
	const struct tcphdr *th = whole_header(skb, p, state);
	struct sluice_tuple original;
	struct sluice_hold *hold;
	bool pass = false;
	struct out out;

	if (!th)
		return NF_DROP;
	sluice_conn_tuple(conn, SLUICE_DIR_ORIGINAL, &original);
	hold = sluice_hold_lookup(sn, &original);
	if (!hold) {
		/* Pairs with smp_store_release() in hand_over(). */
		smp_rmb();
		return sluice_conn_is_held(conn) ? consume(skb) : NF_ACCEPT;
	}
	out_init(&out);
	spin_lock(&hold->lock);
	out.conn = held_conn(hold);
	if (out.conn != conn) {
		/* Handed over this moment, or a server that was given up. */
		pass = !sluice_conn_is_held(conn);
	} else if (hold->phase == SLUICE_PHASE_CONNECTING) {
		if (th->syn && th->ack)
			sluice_conn_seen(&sn->conns, conn, SLUICE_DIR_REPLY,
					 p->event);
		server_connecting(hold, &out, conn, th);
	} else if (hold->phase == SLUICE_PHASE_HANDING_OVER) {
		pass = server_handing_over(hold, &out, conn, skb, p, th);
	}
	spin_unlock(&hold->lock);
	out_send(sn, &out);
	return pass ? NF_ACCEPT : consume(skb);
}

/* A server that took the handshake does not take the head. */
static void give_up(struct sluice_hold *hold, struct out *out)
{
	reset_server(hold, out, hold->una);
	sluice_refused(hold->sn, sluice_service_of(hold->sn, &hold->tuple),
		       SLUICE_REFUSAL_CONNECT);
	reset_client(hold, out);
}

static void push_again(struct sluice_hold *hold, struct out *out)
{
	u16 mss = sluice_default_mss(hold->tuple.family) - TCPOLEN_TSTAMP_ALIGNED;

	/* Perhaps the way does not take so much, and nobody can tell us. */
	if (hold->interval > 2 * INTERVAL)
		hold->server_mss = min(hold->server_mss, mss);
	/* A window that opened may not have been heard of. */
	hold->server_window = max(hold->server_window, 1);
	hold->sent = hold->una;
	push(hold, out);
}

/* The time of a hold has come. Return when the next one is. */
static unsigned long time_over(struct sluice_hold *hold, struct out *out)
{
	bool late = time_after_eq(jiffies, hold->deadline);

	hold->interval = min(2 * hold->interval, (u32)HZ * 4);
	switch (hold->phase) {
	case SLUICE_PHASE_HEAD:
		if (late)
			refuse(hold, out, SLUICE_REFUSAL_HEAD_TIMEOUT,
			       hold->have ? 408 : 0);
		else if (hold->delayed)
			acknowledge(hold, out);
		return hold->deadline;
	case SLUICE_PHASE_CONNECTING:
		if (late || !out->conn)
			connect_again(hold, out);
		else
			send_syn(hold, out);
		break;
	case SLUICE_PHASE_HANDING_OVER:
		if (late || !out->conn)
			give_up(hold, out);
		else
			push_again(hold, out);
		break;
	case SLUICE_PHASE_ANSWERED:
		if (late) {
			sluice_hold_end(hold);
		} else if (hold->una <= (s32)hold->answer) {
			hold->sent = hold->una;
			answer(hold, out);
		}
		break;
	}
	return earlier(jiffies + hold->interval, hold->deadline);
}

static void timer_over(struct timer_list *timer)
{
	struct sluice_hold *hold = container_of(timer, struct sluice_hold, timer);
	struct sluice_net *sn = hold->sn;
	unsigned long next;
	struct out out;

	out_init(&out);
	rcu_read_lock();
	spin_lock(&hold->lock);
	/* A namespace that goes has no devices any more. */
	if (hold->phase != SLUICE_PHASE_OVER && !READ_ONCE(sn->holds.closing)) {
		out.conn = held_conn(hold);
		next = time_over(hold, &out);
		if (hold->phase != SLUICE_PHASE_OVER && !timer_pending(timer))
			sluice_hold_arm(hold, next);
	}
	spin_unlock(&hold->lock);
	out_send(sn, &out);
	rcu_read_unlock();
	sluice_hold_put(hold);
}
