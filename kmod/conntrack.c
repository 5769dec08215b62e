// SPDX-License-Identifier: GPL-2.0
/*
 * Living beside nf_conntrack, where it is loaded, without needing it.
 *
 * Conntrack sees the connection between client and service: the client's
 * packets before their destination is rewritten, the server's after their
 * source is. So the firewall may use connection states as for any service of
 * the host. Nothing of the server's side is tracked.
 */

#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_helper.h>

#include "conntrack.h"

#if IS_ENABLED(CONFIG_NF_CONNTRACK)
static struct nf_conn *get(const struct sk_buff *skb)
{
	enum ip_conntrack_info info;
	struct nf_conn *ct = nf_ct_get(skb, &info);

	return ct && !nf_ct_is_template(ct) ? ct : NULL;
}

/*
 * Conntrack does not see the sequence numbers of what takes the fast path, so
 * it must not judge the rest by them.
 */
static void tolerate_gaps(struct nf_conn *ct)
{
	int dir;

	if (nf_ct_protonum(ct) != IPPROTO_TCP ||
	    READ_ONCE(ct->proto.tcp.seen[0].flags) & IP_CT_TCP_FLAG_BE_LIBERAL)
		return;
	spin_lock_bh(&ct->lock);
	for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
		ct->proto.tcp.seen[dir].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
	spin_unlock_bh(&ct->lock);
}

/* With this packet conntrack has begun to count its own time-out anew. */
static void extend(struct nf_conn *ct, u32 lease)
{
	if (!test_bit(IPS_FIXED_TIMEOUT_BIT, &ct->status))
		WRITE_ONCE(ct->timeout, READ_ONCE(ct->timeout) + lease);
}

static bool confirm(struct sk_buff *skb)
{
	const struct nf_ct_hook *hook = rcu_dereference(nf_ct_hook);
	struct nf_conn *ct = get(skb);

	if (!ct || !hook || nf_ct_is_confirmed(ct))
		return true;
	return hook->confirm(skb) == NF_ACCEPT;
}

static bool changes(const struct sk_buff *skb)
{
	const struct nf_conn *ct = get(skb);

	return ct && (ct->status & (IPS_NAT_MASK | IPS_SEQ_ADJUST) ||
		      nfct_help(ct));
}

static void lease_to(struct sk_buff *skb, u32 lease)
{
	struct nf_conn *ct = get(skb);

	if (!ct || !nf_ct_is_confirmed(ct))
		return;
	tolerate_gaps(ct);
	extend(ct, lease);
}
#else
static void *get(const struct sk_buff *skb)
{
	return NULL;
}

static bool changes(const struct sk_buff *skb)
{
	return false;
}

static bool confirm(struct sk_buff *skb)
{
	return true;
}

static void lease_to(struct sk_buff *skb, u32 lease)
{
}
#endif

/**
 * sluice_conntrack_follows() - does conntrack know a packet's connection
 * @skb: packet
 *
 * Return: whether it does.
 */
bool sluice_conntrack_follows(const struct sk_buff *skb)
{
	return get(skb);
}

/**
 * sluice_conntrack_changes() - does conntrack rewrite a packet's connection
 * @skb: packet
 *
 * Return: whether rules of the user translate its addresses, or a helper reads
 * its content, so that all of its packets have to come by.
 */
bool sluice_conntrack_changes(const struct sk_buff *skb)
{
	return changes(skb);
}

/**
 * sluice_conntrack_confirm() - enter a new connection in conntrack's table
 * @skb: packet past the firewall's INPUT or OUTPUT rules
 *
 * Conntrack's own hook for this comes at the end of LOCAL_IN, which the packet
 * does not reach. Its event goes out with the first reply.
 *
 * Context: RCU read side.
 * Return: false where conntrack wants the packet dropped.
 */
bool sluice_conntrack_confirm(struct sk_buff *skb)
{
	return confirm(skb);
}

/**
 * sluice_conntrack_lease() - the next packets will not come past conntrack
 * @skb: packet of the connection
 * @lease: jiffies until one of them does
 *
 * Conntrack keeps the connection for that much longer than by its own time-out,
 * unless the user has fixed that.
 *
 * Context: RCU read side.
 */
void sluice_conntrack_lease(struct sk_buff *skb, u32 lease)
{
	lease_to(skb, lease);
}

/**
 * sluice_conntrack_ignore() - conntrack is to leave a packet alone
 * @skb: packet
 */
void sluice_conntrack_ignore(struct sk_buff *skb)
{
	nf_reset_ct(skb);
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
}

/**
 * sluice_conntrack_is_ignored() - does conntrack leave a packet alone
 * @skb: packet
 *
 * Return: whether somebody said so; true where there is no conntrack.
 */
bool sluice_conntrack_is_ignored(const struct sk_buff *skb)
{
	enum ip_conntrack_info info;

	if (!IS_ENABLED(CONFIG_NF_CONNTRACK))
		return true;
	return !nf_ct_get(skb, &info) && info == IP_CT_UNTRACKED;
}
