// SPDX-License-Identifier: GPL-2.0
/*
 * Where packets meet Sluice.
 *
 *   from a client   PRE_ROUTING  routed to local input
 *                   LOCAL_IN     past the firewall: scheduled, sent to a server
 *   from a server   PRE_ROUTING  source rewritten before conntrack; goes on by
 *                                FORWARD, or to a client on this host
 *                   FORWARD      past the firewall; routed anew where there
 *                                are policy rules
 *   from a client   LOCAL_OUT    past the firewall: scheduled, sent to a server
 *   on this host
 *   from a server   LOCAL_OUT    source rewritten before conntrack
 *   on this host
 *
 * ICMP errors take the way of the packets they answer.
 */

#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <net/dst_metadata.h>
#include <net/ip_fib.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "conn.h"
#include "conntrack.h"
#include "fast.h"
#include "forward.h"
#include "lease.h"
#include "net.h"
#include "own.h"
#include "packet.h"
#include "path.h"
#include "port.h"
#include "reset.h"
#include "route.h"
#include "schedule.h"
#include "server.h"
#include "service.h"
#include "sniff.h"
#include "translate.h"
#include "tunnel.h"

/* Before conntrack, after fragments were put together. */
#define PRIORITY_EARLY (NF_IP_PRI_CONNTRACK - 1)
/* After the filter and security tables, before source NAT. */
#define PRIORITY_LATE (NF_IP_PRI_SECURITY + 10)

/* Is this for us: a frame sent to this host, or a packet made by it. */
static bool is_ours(const struct sk_buff *skb, const struct nf_hook_state *state)
{
	return state->hook == NF_INET_LOCAL_OUT || skb->pkt_type == PACKET_HOST;
}

/* Is the packet one of a connection, or an error about one. */
static bool parse_own(const struct sk_buff *skb,
		      const struct nf_hook_state *state, struct sluice_packet *p)
{
	enum sluice_packet_kind kind = sluice_packet_parse(skb, state->pf, p);

	return kind == SLUICE_PACKET_FLOW || kind == SLUICE_PACKET_ERROR;
}

/* Is this a frame from port to port, which br_netfilter shows in FORWARD. */
static bool is_bridged(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	return nf_bridge_get_physoutif(skb);
#else
	return false;
#endif
}

/*
 * br_netfilter shows what a bridge handles. Whether that will be routed here is
 * not known yet, so nothing is dropped or routed; replies that turn out to be
 * are rewritten in FORWARD or LOCAL_IN, and conntrack is to know of none.
 */
static unsigned int bridged(struct sk_buff *skb, bool is_reply)
{
	if (is_reply)
		sluice_conntrack_ignore(skb);
	return NF_ACCEPT;
}

static unsigned int pre_routing(struct sluice_net *sn, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct sluice_conn *conn;
	struct sluice_packet p;
	unsigned int verdict;
	enum sluice_dir dir;
	bool is_reply;

	/* Otherwise it has been asked about the packet before. */
	if (!sluice_port_is_attached(sn, state->in)) {
		verdict = sluice_fast(sn, skb, state->pf);
		if (verdict != NF_ACCEPT) {
			sluice_port_wish(sn, state->in);
			return verdict;
		}
	}

	if (!is_ours(skb, state) || !parse_own(skb, state, &p))
		return NF_ACCEPT;
	conn = sluice_conn_lookup(&sn->conns, &p.tuple, &dir);
	is_reply = conn && dir == SLUICE_DIR_REPLY;
	if (nf_bridge_in_prerouting(skb))
		return bridged(skb, is_reply);
	if (is_reply)
		return sluice_reply(sn, skb, &p, conn, state);
	if (!conn && (p.kind == SLUICE_PACKET_ERROR || !sluice_service_of(sn, &p.tuple)))
		return NF_ACCEPT;
	if (skb_valid_dst(skb))
		return NF_ACCEPT;
	return sluice_route_to_local(sn, skb, state->pf) ? NF_DROP : NF_ACCEPT;
}

/*
 * Must a packet of a known connection begin a new one? A client that reuses its
 * port after a close must not wait for the old entry, and what has not been
 * answered, was reset, or has no connection of its own (UDP), must not stick to
 * a server that is gone.
 */
static bool begins_anew(const struct sluice_conn *conn,
			const struct sluice_packet *p)
{
	enum sluice_state state = READ_ONCE(conn->state);

	if (p->tuple.protocol == IPPROTO_UDP)
		return state == SLUICE_STATE_DEAD ||
		       sluice_server_is_gone(conn->server);
	if (p->event != SLUICE_TCP_SYN)
		return false;
	if (sluice_is_resetting(conn))
		return true;
	switch (state) {
	case SLUICE_STATE_DEAD:
	case SLUICE_STATE_TIME_WAIT:
		return true;
	case SLUICE_STATE_FIN_CLIENT:
		/* Where the server's FIN is not seen, the SYN is the proof. */
		return sluice_conn_nodes(conn) == 1;
	case SLUICE_STATE_SYN_SENT:
	case SLUICE_STATE_RESET_CLIENT:
	case SLUICE_STATE_RESET_SERVER:
		/* Only we may shake hands with a server that others are judged for. */
		return sluice_is_translated(conn) ||
		       !sluice_server_takes_new(conn->server);
	case SLUICE_STATE_LAST_ACK:
		return sluice_is_translated(conn);
	default:
		return false;
	}
}

/* No connection and none to be made: has this host an answer for it? */
static unsigned int stray(struct sk_buff *skb, const struct sluice_packet *p,
			  const struct nf_hook_state *state)
{
	if (state->hook == NF_INET_LOCAL_OUT || p->event == SLUICE_TCP_RST ||
	    sluice_addr_is_local(state->net, skb->dev, &p->tuple.dst,
				 state->pf))
		return NF_ACCEPT;
	return sluice_reject(skb, p, state);
}

/* Client to service, past the firewall. */
static unsigned int past_firewall(struct sluice_net *sn, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	struct sluice_service *service;
	struct sluice_conn *conn;
	unsigned int verdict, view;
	struct sluice_packet p;
	enum sluice_dir dir;

	if (!is_ours(skb, state) ||
	    sluice_packet_parse(skb, state->pf, &p) == SLUICE_PACKET_OTHER)
		return NF_ACCEPT;
	conn = sluice_conn_lookup(&sn->conns, &p.tuple, &dir);
	if (p.kind == SLUICE_PACKET_TUNNEL_ERROR) {
		if (conn && dir == SLUICE_DIR_ORIGINAL)
			sluice_tunnel_error(state->net, skb, &p, conn);
		return NF_ACCEPT;
	}
	/* To a client on this host, and not rewritten because of a bridge. */
	if (conn && dir == SLUICE_DIR_REPLY)
		return sluice_reply(sn, skb, &p, conn, state);
	if (p.kind == SLUICE_PACKET_ERROR)
		return conn ? sluice_forward(sn, skb, &p, conn, state) :
			      NF_ACCEPT;
	if (conn && sluice_conn_is_held(conn)) {
		verdict = sluice_sniff_client(sn, skb, &p, conn, state);
		if (verdict == SLUICE_NOBODYS)
			conn = NULL;
		else if (verdict != NF_ACCEPT)
			return verdict;
	} else if (conn && begins_anew(conn, &p)) {
		sluice_conn_kill(&sn->conns, conn);
		conn = NULL;
	} else if (conn && sluice_is_resetting(conn)) {
		verdict = sluice_reset_segment(sn, skb, &p, conn,
					       SLUICE_DIR_ORIGINAL);
		if (verdict != NF_ACCEPT)
			return verdict;
	} else if (conn && p.event == SLUICE_TCP_SYN &&
		   sluice_is_translated(conn) && !sluice_sniff_syn(skb, &p)) {
		return NF_DROP;
	}
	if (!conn) {
		view = sluice_view(sn);
		service = sluice_service_in(sn, &p.tuple, view);
		if (!service)
			return NF_ACCEPT;
		if (service->stratum == SLUICE_STRATUM_SNIFF) {
			verdict = sluice_sniff(sn, service, skb, &p, state);
			return verdict == SLUICE_NOBODYS ?
				       stray(skb, &p, state) :
				       verdict;
		}
		if (p.tuple.protocol == IPPROTO_TCP &&
		    p.event != SLUICE_TCP_SYN)
			return stray(skb, &p, state);
		conn = sluice_schedule(sn, service, &p, view);
		if (conn == ERR_PTR(-EHOSTUNREACH))
			return sluice_reject(skb, &p, state);
		if (IS_ERR(conn))
			return NF_DROP;
	}
	return sluice_forward(sn, skb, &p, conn, state);
}

/* A server on this host answers, or this host reports an error itself. */
static unsigned int local_out(struct sluice_net *sn, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct sluice_conn *conn;
	struct sluice_packet p;
	enum sluice_dir dir;

	if (!parse_own(skb, state, &p))
		return NF_ACCEPT;
	conn = sluice_conn_lookup(&sn->conns, &p.tuple, &dir);
	if (conn && dir == SLUICE_DIR_REPLY)
		return sluice_reply(sn, skb, &p, conn, state);
	if (conn && p.kind == SLUICE_PACKET_ERROR)
		return sluice_forward(sn, skb, &p, conn, state);
	return NF_ACCEPT;
}

/* Replies that came by a bridge, before the firewall. */
static unsigned int forward(struct sluice_net *sn, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	struct sluice_conn *conn;
	struct sluice_packet p;
	enum sluice_dir dir;

	if (!sluice_conntrack_is_ignored(skb) || is_bridged(skb) ||
	    !parse_own(skb, state, &p))
		return NF_ACCEPT;
	conn = sluice_conn_lookup(&sn->conns, &p.tuple, &dir);
	if (conn && dir == SLUICE_DIR_REPLY)
		return sluice_reply(sn, skb, &p, conn, state);
	return NF_ACCEPT;
}

/*
 * A reply, past the firewall. It was routed with the server's source; where
 * rules may choose a route by the source, they are to see the service's. IPv6
 * replies are routed after they were rewritten.
 */
static unsigned int reply_past_firewall(struct sluice_net *sn,
					struct sk_buff *skb,
					const struct nf_hook_state *state)
{
	static const union nf_inet_addr no_source;
	struct sluice_tuple original;
	struct sluice_packet p;
	struct sluice_conn *conn;
	enum sluice_dir dir;

	if (is_bridged(skb) ||
	    sluice_packet_parse(skb, state->pf, &p) != SLUICE_PACKET_FLOW)
		return NF_ACCEPT;
	sluice_tuple_invert(&p.tuple, &original);
	conn = sluice_conn_lookup(&sn->conns, &original, &dir);
	if (!conn || dir != SLUICE_DIR_ORIGINAL)
		return NF_ACCEPT;
	if (state->pf == AF_INET &&
	    sluice_route_by_rules(state->net, AF_INET) &&
	    ip_route_me_harder(state->net, NULL, skb, RTN_UNSPEC))
		return NF_DROP;
	if (READ_ONCE(conn->lease[SLUICE_DIR_REPLY].iif) != state->in->ifindex ||
	    sluice_conn_is_held(conn))
		return NF_ACCEPT;
	sluice_lease_offer(sn, skb, conn, SLUICE_DIR_REPLY, skb_dst(skb),
			   &no_source, state->in);
	return NF_ACCEPT;
}

/*
 * Hooks run with bottom halves on where a local process sends, and where a
 * program gives a packet back by NFQUEUE.
 */
#define DEFINE_HOOK(name)                                                      \
	static unsigned int hook_##name(void *priv, struct sk_buff *skb,       \
					const struct nf_hook_state *state)     \
	{                                                                      \
		unsigned int verdict;                                          \
									       \
		local_bh_disable();                                            \
		verdict = name(priv, skb, state);                              \
		local_bh_enable();                                             \
		return verdict;                                                \
	}

DEFINE_HOOK(pre_routing)
DEFINE_HOOK(past_firewall)
DEFINE_HOOK(local_out)
DEFINE_HOOK(forward)
DEFINE_HOOK(reply_past_firewall)

static const struct nf_hook_ops hook_templates[] = {
	{
		.hook = hook_pre_routing,
		.pf = NFPROTO_INET,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = PRIORITY_EARLY,
	},
	{
		.hook = hook_past_firewall,
		.pf = NFPROTO_INET,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = PRIORITY_LATE,
	},
	{
		.hook = hook_forward,
		.pf = NFPROTO_INET,
		.hooknum = NF_INET_FORWARD,
		.priority = PRIORITY_EARLY,
	},
	{
		.hook = hook_reply_past_firewall,
		.pf = NFPROTO_INET,
		.hooknum = NF_INET_FORWARD,
		.priority = PRIORITY_LATE,
	},
	{
		.hook = hook_local_out,
		.pf = NFPROTO_INET,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = PRIORITY_EARLY,
	},
	{
		.hook = hook_past_firewall,
		.pf = NFPROTO_INET,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = PRIORITY_LATE,
	},
};

static_assert(ARRAY_SIZE(hook_templates) == SLUICE_HOOK_COUNT);

/**
 * sluice_hooks_register() - let packets of a namespace come here
 * @sn: namespace; nothing is done where this has been done before
 *
 * A namespace without services pays nothing. The hooks stay when the last
 * service goes, for connections that go on.
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or a negative error.
 */
int sluice_hooks_register(struct sluice_net *sn)
{
	int err, i;

	lockdep_assert_held(&sn->lock);
	if (sn->hooked)
		return 0;
	err = sluice_paths_init(sn);
	if (err)
		return err;
	err = sluice_own_init(sn);
	if (err)
		return err;
	err = sluice_conn_table_start(&sn->conns);
	if (err)
		return err;
	err = sluice_hold_table_start(sn);
	if (err)
		return err;
	err = nf_defrag_ipv4_enable(sn->net);
	if (err)
		return err;
	err = nf_defrag_ipv6_enable(sn->net);
	if (err)
		goto err_defrag4;
	for (i = 0; i < SLUICE_HOOK_COUNT; i++) {
		sn->hooks[i] = hook_templates[i];
		sn->hooks[i].priv = sn;
	}
	err = nf_register_net_hooks(sn->net, sn->hooks, SLUICE_HOOK_COUNT);
	if (err)
		goto err_defrag6;
	sn->hooked = true;
	sluice_conn_gc_start(&sn->conns);
	return 0;

err_defrag6:
	nf_defrag_ipv6_disable(sn->net);
err_defrag4:
	nf_defrag_ipv4_disable(sn->net);
	return err;
}

/**
 * sluice_hooks_unregister() - no packet comes here any more
 * @sn: namespace
 *
 * Packets that are being handled may go on until the end of an RCU grace
 * period, for which the caller waits.
 */
void sluice_hooks_unregister(struct sluice_net *sn)
{
	if (!sn->hooked)
		return;
	nf_unregister_net_hooks(sn->net, sn->hooks, SLUICE_HOOK_COUNT);
	nf_defrag_ipv6_disable(sn->net);
	nf_defrag_ipv4_disable(sn->net);
	sn->hooked = false;
}
