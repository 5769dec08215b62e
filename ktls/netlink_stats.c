// SPDX-License-Identifier: GPL-2.0
/* The netlink command that reports what stratum relay has done. */

#include "gen.h"
#include "netlink.h"
#include "relay.h"

/* Attributes are counted from 1 on, reasons from 0 on, in the same order. */
static_assert((int)SLUICE_RELAY_A_RETURNED_ROUTE == SLUICE_RELAY_WHY_ROUTE + 1);
static_assert((int)SLUICE_RELAY_A_RETURNED_MAX == SLUICE_RELAY_WHY_COUNT);

static int fill_returned(struct sk_buff *msg, struct net *net)
{
	struct nlattr *nest = nla_nest_start(msg, SLUICE_RELAY_A_STATS_RETURNED);
	int why;

	if (!nest)
		return -EMSGSIZE;
	for (why = 0; why < SLUICE_RELAY_WHY_COUNT; why++)
		if (nla_put_uint(msg, SLUICE_RELAY_A_RETURNED_ROUTE + why,
				 sluice_relay_returned(net, why)))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int fill_stats(struct sk_buff *msg, struct net *net)
{
	static const int attrs[SLUICE_RELAY_COUNTERS] = {
		[SLUICE_RELAY_COUNT_CLIENTS] = SLUICE_RELAY_A_STATS_ACCEPTED,
		[SLUICE_RELAY_COUNT_REQUESTS] = SLUICE_RELAY_A_STATS_REQUESTS,
		[SLUICE_RELAY_COUNT_ANSWERS] = SLUICE_RELAY_A_STATS_ANSWERS,
		[SLUICE_RELAY_COUNT_CONNECTS] = SLUICE_RELAY_A_STATS_CONNECTS,
		[SLUICE_RELAY_COUNT_RETRIES] = SLUICE_RELAY_A_STATS_RETRIES,
		[SLUICE_RELAY_COUNT_TIMEOUTS] = SLUICE_RELAY_A_STATS_TIMEOUTS,
		[SLUICE_RELAY_COUNT_ERRORS] = SLUICE_RELAY_A_STATS_ERRORS,
		[SLUICE_RELAY_COUNT_RECORDS] = SLUICE_RELAY_A_STATS_RECORDS,
		[SLUICE_RELAY_COUNT_KEY_UPDATES] = SLUICE_RELAY_A_STATS_KEY_UPDATES,
		[SLUICE_RELAY_COUNT_REFUSED] = SLUICE_RELAY_A_STATS_REFUSED,
	};
	int i;

	if (nla_put_u32(msg, SLUICE_RELAY_A_STATS_CLIENTS,
			sluice_relay_clients(net)))
		return -EMSGSIZE;
	for (i = 0; i < SLUICE_RELAY_COUNTERS; i++)
		if (nla_put_uint(msg, attrs[i], sluice_relay_counted(net, i)))
			return -EMSGSIZE;
	return fill_returned(msg, net);
}

int sluice_relay_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *header;

	if (!msg)
		return -ENOMEM;
	header = genlmsg_iput(msg, info);
	if (!header || fill_stats(msg, genl_info_net(info))) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, header);
	return genlmsg_reply(msg, info);
}
