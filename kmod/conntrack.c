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
/* Enter a new connection in conntrack's table. Its own hook for this comes at
 * the end of LOCAL_IN, which the packet does not reach.
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
	nf_reset_ct(skb);
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	return true;
}
