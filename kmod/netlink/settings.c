// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about the settings of a namespace. */

#include "event.h"
#include "gen.h"
#include "parse.h"

/* Which attribute sets the time-out of which state. */
static const u8 timeout_state[SLUICE_A_TIMEOUTS_MAX + 1] = {
	[SLUICE_A_TIMEOUTS_TCP_SYN_SENT] = SLUICE_CONN_STATE_SYN_SENT,
	[SLUICE_A_TIMEOUTS_TCP_SYN_RECV] = SLUICE_CONN_STATE_SYN_RECV,
	[SLUICE_A_TIMEOUTS_TCP_ESTABLISHED] = SLUICE_CONN_STATE_ESTABLISHED,
	[SLUICE_A_TIMEOUTS_TCP_FIN_WAIT] = SLUICE_CONN_STATE_FIN_WAIT,
	[SLUICE_A_TIMEOUTS_TCP_CLOSE_WAIT] = SLUICE_CONN_STATE_CLOSE_WAIT,
	[SLUICE_A_TIMEOUTS_TCP_LAST_ACK] = SLUICE_CONN_STATE_LAST_ACK,
	[SLUICE_A_TIMEOUTS_TCP_TIME_WAIT] = SLUICE_CONN_STATE_TIME_WAIT,
	[SLUICE_A_TIMEOUTS_TCP_CLOSE] = SLUICE_CONN_STATE_CLOSE,
	[SLUICE_A_TIMEOUTS_UDP_NEW] = SLUICE_CONN_STATE_UDP_NEW,
	[SLUICE_A_TIMEOUTS_UDP] = SLUICE_CONN_STATE_UDP,
};

static int fill_settings(struct sk_buff *skb, struct sluice_net *sn,
			 const void *object)
{
	struct nlattr *nest = nla_nest_start(skb, SLUICE_A_SETTINGS_TIMEOUTS);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		if (nla_put_u32(skb, i, sn->timeouts[timeout_state[i]]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return nla_put_u32(skb, SLUICE_A_SETTINGS_CONNECTIONS_MAX,
			   sn->conns.max);
}

int sluice_nl_settings_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_reply(info, fill_settings, NULL);
}

int sluice_nl_settings_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[SLUICE_A_SETTINGS_TIMEOUTS];
	struct nlattr *max = info->attrs[SLUICE_A_SETTINGS_CONNECTIONS_MAX];
	struct nlattr *timeouts[SLUICE_A_TIMEOUTS_MAX + 1] = {};
	struct sluice_net *sn = sluice_nl_net(info);
	int err, i;

	if (!nest && !max) {
		NL_SET_ERR_MSG(info->extack,
			       "nothing to change: give time-outs or connections-max");
		return -EINVAL;
	}
	if (nest) {
		err = nla_parse_nested(timeouts, SLUICE_A_TIMEOUTS_MAX, nest,
				       sluice_timeouts_nl_policy, info->extack);
		if (err)
			return err;
	}
	if (max && nla_get_u32(max) > SLUICE_CONNS_DEFAULT &&
	    !capable(CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG_ATTR(info->extack, max,
				    "more than 1048576 connections take CAP_NET_ADMIN of the host");
		return -EPERM;
	}
	for (i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		if (timeouts[i])
			sluice_timeout_set(sn, timeout_state[i],
					   nla_get_u32(timeouts[i]));
	if (max)
		WRITE_ONCE(sn->conns.max, nla_get_u32(max));
	sluice_nl_event(sn, SLUICE_CMD_SETTINGS_NTF, fill_settings, NULL);
	return 0;
}
