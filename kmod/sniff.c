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
 * What a client sends is handled in client.c, and what its server does in bind.c.
 */

#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <net/tcp.h>

#include "bind.h"
#include "client.h"
#include "conntrack.h"
#include "cookie.h"
#include "hold.h"
#include "net.h"
#include "offer.h"
#include "out.h"
#include "segment.h"
#include "service.h"
#include "sniff.h"

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

/* Somebody else is let go, to make room. */
static void give_up_oldest(struct sluice_net *sn)
{
	struct sluice_hold *hold = sluice_hold_oldest(sn);
	struct sluice_out out;

	if (!hold)
		return;
	sluice_out_init(&out);
	spin_lock(&hold->lock);
	if (hold->phase != SLUICE_PHASE_OVER) {
		sluice_refused(sn, sluice_service_of(sn, &hold->tuple),
			       SLUICE_REFUSAL_PRESSURE);
		out.conn = sluice_held_conn(hold);
		sluice_bind_drop(hold, &out);
		sluice_client_reset(hold, &out);
	}
	spin_unlock(&hold->lock);
	sluice_hold_put(hold);
	sluice_out_send(sn, &out);
}

/* Make room for one more client, or for more of one. */
static void make_room(struct sluice_net *sn)
{
	int i;

	for (i = 0; i < 2 && sluice_hold_is_full(sn); i++)
		give_up_oldest(sn);
}

static void time_over(struct sluice_hold *hold, struct sluice_out *out)
{
	bool late = time_after_eq(jiffies, hold->deadline);

	hold->interval = min(2 * hold->interval, (u32)HZ * 4);
	if (hold->phase == SLUICE_PHASE_CONNECTING ||
	    hold->phase == SLUICE_PHASE_HANDING_OVER)
		sluice_bind_time(hold, out, late);
	else
		sluice_client_time(hold, out, late);
}

/* While a head is waited for nothing has to be repeated. */
static unsigned long next_time(const struct sluice_hold *hold)
{
	return hold->phase == SLUICE_PHASE_HEAD ? hold->deadline :
						  jiffies + hold->interval;
}

static void timer_over(struct timer_list *timer)
{
	struct sluice_hold *hold = container_of(timer, struct sluice_hold, timer);
	struct sluice_net *sn = hold->sn;
	struct sluice_out out;

	sluice_out_init(&out);
	rcu_read_lock();
	spin_lock(&hold->lock);
	/* A namespace that goes has no devices any more. */
	if (hold->phase != SLUICE_PHASE_OVER && !READ_ONCE(sn->holds.closing)) {
		out.conn = sluice_held_conn(hold);
		hold->view = sluice_view(sn);
		time_over(hold, &out);
		if (hold->phase != SLUICE_PHASE_OVER && !timer_pending(timer))
			sluice_hold_arm(hold, next_time(hold));
	}
	spin_unlock(&hold->lock);
	sluice_out_send(sn, &out);
	rcu_read_unlock();
	sluice_hold_put(hold);
}

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
	hold->parse = READ_ONCE(service->view[sluice_view(sn)].parse);
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
	union sluice_offer offer = sluice_offer_make(service, skb, p->tuple.family);
	struct sk_buff *answer = sluice_cookie_answer(skb, p, offer);

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
	struct sluice_out out;
	bool pass;

	sluice_out_init(&out);
	make_room(sn);
	spin_lock(&hold->lock);
	hold->view = sluice_view(sn);
	service = sluice_service_in(sn, &hold->tuple, hold->view);
	/* Only now is it known which server it has. */
	out.conn = sluice_held_conn(hold);
	if (hold->phase == SLUICE_PHASE_OVER) {
		/* It may have been handed over this moment. */
		pass = conn && !sluice_conn_is_held(conn);
	} else {
		pass = sluice_client_segment(hold, &out, service, skb, p, th);
	}
	/* By the connection that the caller has, or not at all. */
	pass = pass && conn && (!out.conn || out.conn == conn);
	spin_unlock(&hold->lock);
	sluice_out_send(sn, &out);
	return pass ? NF_ACCEPT : consume(skb);
}

/* The client has begun anew from the same port. */
static void replace(struct sluice_hold *hold)
{
	struct sluice_out out;

	sluice_out_init(&out);
	spin_lock(&hold->lock);
	if (hold->phase != SLUICE_PHASE_OVER) {
		sluice_client_closed(hold);
		out.conn = sluice_held_conn(hold);
		sluice_bind_drop(hold, &out);
		sluice_hold_end(hold);
	}
	spin_unlock(&hold->lock);
	sluice_out_send(hold->sn, &out);
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
	if (hold && sluice_client_expects(hold, th))
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
		return sluice_client_expects(hold, th) ?
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
 * sluice_sniff_leave() - have a client that is held leave its server
 * @sn: namespace
 * @conn: its connection
 * @all: also where the server has taken the handshake
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_sniff_leave(struct sluice_net *sn, struct sluice_conn *conn, bool all)
{
	struct sluice_tuple original;
	struct sluice_hold *hold;
	struct sluice_out out;

	sluice_conn_tuple(conn, SLUICE_DIR_ORIGINAL, &original);
	hold = sluice_hold_lookup(sn, &original);
	if (!hold)
		return;
	sluice_out_init(&out);
	spin_lock(&hold->lock);
	out.conn = sluice_held_conn(hold);
	if (out.conn == conn) {
		hold->view = sluice_view(sn);
		sluice_bind_leave(hold, &out, all);
	}
	spin_unlock(&hold->lock);
	sluice_out_send(sn, &out);
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
	struct sluice_out out;
	bool pass;

	if (!th)
		return NF_DROP;
	sluice_conn_tuple(conn, SLUICE_DIR_ORIGINAL, &original);
	hold = sluice_hold_lookup(sn, &original);
	if (!hold) {
		/* Pairs with smp_store_release() in hand_over(). */
		smp_rmb();
		return sluice_conn_is_held(conn) ? consume(skb) : NF_ACCEPT;
	}
	sluice_out_init(&out);
	spin_lock(&hold->lock);
	out.conn = sluice_held_conn(hold);
	if (out.conn != conn) {
		/* Handed over this moment, or a server that was given up. */
		pass = !sluice_conn_is_held(conn);
	} else {
		hold->view = sluice_view(sn);
		pass = sluice_bind_segment(hold, &out, conn, skb, p, th);
	}
	spin_unlock(&hold->lock);
	sluice_out_send(sn, &out);
	return pass ? NF_ACCEPT : consume(skb);
}
