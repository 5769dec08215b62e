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

#include "conntrack.h"

#if IS_ENABLED(CONFIG_NF_CONNTRACK)
/*
 * Enter a new connection in conntrack's table. Its own hook for this comes at
 * the end of LOCAL_IN, which the packet does not reach. Its event goes out with
 * the first reply.
 */
static bool confirm(struct sk_buff *skb)
{
	const struct nf_ct_hook *hook = rcu_dereference(nf_ct_hook);
	struct nf_conn *ct = (struct nf_conn *)skb_nfct(skb);

	if (!ct || !hook || nf_ct_is_template(ct) || nf_ct_is_confirmed(ct))
		return true;
	return hook->confirm(skb) == NF_ACCEPT;
}
#else
static bool confirm(struct sk_buff *skb)
{
	return true;
}
#endif

/**
 * sluice_conntrack_leave() - a packet leaves what conntrack knows of
 * @skb: packet past the firewall's INPUT or OUTPUT rules
 *
 * Context: RCU read side.
 * Return: false where conntrack wants the packet dropped.
 */
bool sluice_conntrack_leave(struct sk_buff *skb)
{
	if (!confirm(skb))
		return false;
	sluice_conntrack_ignore(skb);
	return true;
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
