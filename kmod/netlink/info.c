// SPDX-License-Identifier: GPL-2.0
/* The netlink command that reports what is loaded, and the totals. */

#include "../relay.h"
#include "gen.h"
#include "parse.h"

static int fill_info(struct sk_buff *skb, struct sluice_net *sn,
		     const void *object)
{
	u32 strata = SLUICE_STRATA_FLOW | SLUICE_STRATA_SNIFF;
	unsigned int i;

	if (sluice_relay_is_there())
		strata |= SLUICE_STRATA_RELAY;

	if (nla_put_u32(skb, SLUICE_A_INFO_ABI, SLUICE_ABI) ||
	    nla_put_string(skb, SLUICE_A_INFO_VERSION, SLUICE_VERSION) ||
	    nla_put_u32(skb, SLUICE_A_INFO_STRATA, strata))
		return -EMSGSIZE;
	for (i = 0; i < sluice_scheduler_count; i++)
		if (nla_put_string(skb, SLUICE_A_INFO_SCHEDULER,
				   sluice_schedulers[i]->name))
			return -EMSGSIZE;
	if (nla_put_u32(skb, SLUICE_A_INFO_SERVICES, sn->service_count) ||
	    nla_put_u32(skb, SLUICE_A_INFO_POOLS, sn->pool_count) ||
	    nla_put_u32(skb, SLUICE_A_INFO_SERVERS, sn->server_count) ||
	    nla_put_uint(skb, SLUICE_A_INFO_CONNECTIONS,
			 percpu_counter_sum_positive(&sn->conns.count)) ||
	    nla_put_u32(skb, SLUICE_A_INFO_CONNECTIONS_MAX, sn->conns.max) ||
	    sluice_nl_put_refusals(skb, SLUICE_A_INFO_REFUSALS, &sn->refusals) ||
	    nla_put_uint(skb, SLUICE_A_INFO_GENERATION, sn->generation))
		return -EMSGSIZE;
	return 0;
}

int sluice_nl_info_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_reply(info, fill_info, NULL);
}
