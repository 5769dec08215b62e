// SPDX-License-Identifier: GPL-2.0
/*
 * A client that has no server yet: its bytes are kept until its head is complete,
 * and it is told that they have arrived, or gets an answer from here.
 */

#include <linux/tcp.h>
#include <net/dsfield.h>
#include <net/tcp.h>

#include "bind.h"
#include "client.h"
#include "hold.h"
#include "net.h"
#include "out.h"
#include "service.h"
#include "sniff.h"

/* A client whose head is not complete is told what has arrived, after this time. */
#define DELAY msecs_to_jiffies(40)
/* A client has to take an answer, and to close, within this time. */
#define ANSWER_TIME (5 * HZ)

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

static void acknowledge(struct sluice_hold *hold, struct sluice_out *out)
{
	hold->acked = max(hold->acked, hold->have);
	hold->delayed = false;
	sluice_tell_client(hold, out, TCPHDR_ACK, 0, 0);
}

/* What it does not know to have arrived may keep a client from sending more. */
static void acknowledge_soon(struct sluice_hold *hold)
{
	if (hold->delayed)
		return;
	hold->delayed = true;
	sluice_hold_arm(hold, jiffies + DELAY);
}

/**
 * sluice_client_reset() - reset a client, and hold it no longer
 * @hold: the client, locked, and not over
 * @out: gets the segment
 */
void sluice_client_reset(struct sluice_hold *hold, struct sluice_out *out)
{
	hold->acked = max(hold->acked, hold->have);
	sluice_tell_client(hold, out, TCPHDR_RST | TCPHDR_ACK,
			   hold->ack - hold->cookie - 1, 0);
	sluice_hold_end(hold);
}

/**
 * sluice_client_window() - how many bytes a client takes
 * @hold: the client, locked
 *
 * Return: its window, in bytes.
 */
u32 sluice_client_window(const struct sluice_hold *hold)
{
	u32 window = hold->window;

	if (hold->options.flags & SLUICE_OPTION_WINDOW_SCALE)
		window <<= hold->options.window_scale;
	return window;
}

/* Send what the client's window takes of the answer, and the end with the last. */
static void answer(struct sluice_hold *hold, struct sluice_out *out)
{
	s32 end = min_t(s64, hold->answer,
			(s64)hold->una + sluice_client_window(hold));
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
		sluice_tell_client(hold, out, flags, hold->sent, length);
		hold->sent += length + !!(flags & TCPHDR_FIN);
	}
}

static void answer_begin(struct sluice_hold *hold, struct sluice_out *out)
{
	hold->phase = SLUICE_PHASE_ANSWERED;
	hold->acked = max(hold->acked, hold->have);
	hold->sent = 0;
	hold->una = 0;
	hold->interval = SLUICE_SNIFF_INTERVAL;
	hold->deadline = jiffies + ANSWER_TIME;
	answer(hold, out);
	sluice_hold_arm(hold, jiffies + hold->interval);
}

/**
 * sluice_client_settle() - end with a client that gets no server
 * @hold: the client, locked, and not over
 * @out: gets what is to be sent
 * @judgement: SLUICE_JUDGEMENT_ANSWER where &sluice_hold.data has an answer for it;
 *	otherwise it is reset
 */
void sluice_client_settle(struct sluice_hold *hold, struct sluice_out *out,
			  enum sluice_judgement judgement)
{
	if (judgement == SLUICE_JUDGEMENT_ANSWER)
		answer_begin(hold, out);
	else
		sluice_client_reset(hold, out);
}

/**
 * sluice_client_refuse() - refuse a client, also where its service has gone
 * @hold: the client, locked, and not over
 * @out: gets what is to be sent
 * @reason: what is counted
 * @status: of the answer, where it speaks HTTP; 0 for a reset
 *
 * Context: RCU read side.
 */
void sluice_client_refuse(struct sluice_hold *hold, struct sluice_out *out,
			  enum sluice_refusal reason, u16 status)
{
	struct sluice_service *service;

	service = sluice_service_of(hold->sn, &hold->tuple);
	if (!service) {
		sluice_refused(hold->sn, NULL, reason);
		sluice_client_reset(hold, out);
		return;
	}
	sluice_client_settle(hold, out,
			     sluice_head_refuse(hold, service, reason, status));
}

/* More of the head has come. */
static void judge(struct sluice_hold *hold, struct sluice_out *out,
		  struct sluice_service *service)
{
	enum sluice_judgement judgement;
	struct sluice_pool *pool;

	judgement = sluice_head_judge(hold, service, &pool);
	switch (judgement) {
	case SLUICE_JUDGEMENT_POOL:
		sluice_hold_free(hold, hold->parser);
		hold->parser = NULL;
		sluice_bind(hold, out, service, pool);
		return;
	case SLUICE_JUDGEMENT_MORE:
		break;
	default:
		sluice_client_settle(hold, out, judgement);
		return;
	}
	if (hold->fin == hold->have) {
		sluice_client_refuse(hold, out, SLUICE_REFUSAL_CLOSED, 400);
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
	if (length > skip && !sluice_hold_store(hold, start + skip, skb,
						offset + skip, length - skip))
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
	hold->tos = hold->tuple.family == AF_INET ?
			    ip_hdr(skb)->tos :
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
static void client_answered(struct sluice_hold *hold, struct sluice_out *out,
			    struct sk_buff *skb, const struct sluice_packet *p,
			    const struct tcphdr *th)
{
	s32 una = ntohl(th->ack_seq) - (hold->cookie + 1), end;
	unsigned int offset;
	u32 length;

	if (una > hold->una) {
		hold->una = una;
		hold->sent = max(hold->sent, una);
		hold->interval = SLUICE_SNIFF_INTERVAL;
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
		sluice_tell_client(hold, out, TCPHDR_ACK, hold->sent, 0);
	if (hold->fin != U32_MAX && hold->una > (s32)hold->answer)
		sluice_hold_end(hold);
}

/**
 * sluice_client_closed() - count a client that leaves before it said what it wants
 * @hold: the client, locked
 *
 * Context: RCU read side.
 */
void sluice_client_closed(const struct sluice_hold *hold)
{
	if (hold->phase == SLUICE_PHASE_HEAD)
		sluice_refused(hold->sn,
			       sluice_service_of(hold->sn, &hold->tuple),
			       SLUICE_REFUSAL_CLOSED);
}

/*
 * The client says that it is gone, which has to be exact or is asked back (RFC
 * 5961, section 3.2). The server is told in our words: the client cannot say
 * anything to it before the head has arrived. Return whether its own go on.
 */
static bool client_reset(struct sluice_hold *hold, struct sluice_out *out,
			 const struct tcphdr *th)
{
	s32 start = ntohl(th->seq) - (hold->isn + 1);
	s32 next = hold->have + (hold->fin == hold->have);
	u32 told = 0;

	if (hold->phase == SLUICE_PHASE_HANDING_OVER)
		return out->conn && start >= sluice_bind_due(hold);
	if (hold->phase == SLUICE_PHASE_ANSWERED) {
		next = hold->acked + (hold->fin != U32_MAX);
		told = hold->sent;
	}
	if (start != next) {
		sluice_tell_client(hold, out, TCPHDR_ACK, told, 0);
		return false;
	}
	sluice_client_closed(hold);
	sluice_bind_drop(hold, out);
	sluice_hold_end(hold);
	return false;
}

/* An ACK or data. Return whether they go on to the server as they are. */
static bool client_sent(struct sluice_hold *hold, struct sluice_out *out,
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
			sluice_client_refuse(hold, out,
					     SLUICE_REFUSAL_NO_SERVER, 0);
		else if (store(hold, skb, p, th) && hold->have)
			judge(hold, out, service);
		else if (hold->fin == hold->have)
			sluice_client_refuse(hold, out, SLUICE_REFUSAL_CLOSED,
					     0);
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
		if (start >= sluice_bind_due(hold) || (!length && !th->fin))
			return true;
		if (store(hold, skb, p, th))
			sluice_bind_push(hold, out);
		return false;
	case SLUICE_PHASE_ANSWERED:
		client_answered(hold, out, skb, p, th);
		return false;
	default:
		return false;
	}
}

/**
 * sluice_client_expects() - could a segment be of this client, by its numbers?
 * @hold: the client
 * @th: TCP header
 *
 * Return: whether it is in the window.
 */
bool sluice_client_expects(const struct sluice_hold *hold,
			   const struct tcphdr *th)
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

/**
 * sluice_client_segment() - handle a segment of a client that is held
 * @hold: the client, locked, and not over
 * @out: gets what is to be sent; &sluice_out.conn is its connection
 * @service: its service, or NULL where that has gone
 * @skb: the segment; it stays the caller's
 * @p: what was found in it
 * @th: its TCP header
 *
 * Context: RCU read side, bottom halves off.
 * Return: whether it goes on to the server as it is.
 */
bool sluice_client_segment(struct sluice_hold *hold, struct sluice_out *out,
			   struct sluice_service *service, struct sk_buff *skb,
			   const struct sluice_packet *p,
			   const struct tcphdr *th)
{
	if (!sluice_client_expects(hold, th))
		return false;
	if (th->rst)
		return client_reset(hold, out, th);
	if (!th->ack || th->syn)
		return false;
	return client_sent(hold, out, service, skb, p, th);
}

/**
 * sluice_client_time() - do what is due for a client that has no server
 * @hold: the client, locked, in SLUICE_PHASE_HEAD or SLUICE_PHASE_ANSWERED
 * @out: gets what is to be sent
 * @late: the phase's time is over
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_client_time(struct sluice_hold *hold, struct sluice_out *out,
			bool late)
{
	if (hold->phase == SLUICE_PHASE_HEAD) {
		if (late)
			sluice_client_refuse(hold, out,
					     SLUICE_REFUSAL_HEAD_TIMEOUT,
					     hold->have ? 408 : 0);
		else if (hold->delayed)
			acknowledge(hold, out);
	} else if (late) {
		sluice_hold_end(hold);
	} else if (hold->una <= (s32)hold->answer) {
		hold->sent = hold->una;
		answer(hold, out);
	}
}
