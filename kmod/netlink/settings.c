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

/**
 * sluice_nl_fill_settings() - write the settings
 * @skb: message
 * @sn: namespace
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or -EMSGSIZE.
 */
int sluice_nl_fill_settings(struct sk_buff *skb, struct sluice_net *sn)
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
	struct sluice_net *sn = sluice_net(genl_info_net(info));
	struct sk_buff *msg;
	void *header;
	int err;

	msg = sluice_nl_reply_new(info, &header);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&sn->lock);
	err = sluice_nl_fill_settings(msg, sn);
	mutex_unlock(&sn->lock);
	return sluice_nl_reply_send(msg, header, err, info);
}

int sluice_nl_settings_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[SLUICE_A_SETTINGS_TIMEOUTS];
	struct nlattr *max = info->attrs[SLUICE_A_SETTINGS_CONNECTIONS_MAX];
	struct nlattr *timeouts[SLUICE_A_TIMEOUTS_MAX + 1] = {};
	struct sluice_net *sn = sluice_net(genl_info_net(info));
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
	mutex_lock(&sn->lock);
	for (i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		if (timeouts[i])
			WRITE_ONCE(sn->timeouts[timeout_state[i]],
				   nla_get_u32(timeouts[i]));
	if (max)
		WRITE_ONCE(sn->conns.max, nla_get_u32(max));
	sluice_nl_event_settings(sn);
	mutex_unlock(&sn->lock);
	return 0;
}
