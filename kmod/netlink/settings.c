// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about the settings of a namespace. */

#include "event.h"
#include "gen.h"
#include "parse.h"
#include "transaction.h"

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

static int put_sniff(struct sk_buff *skb,
		     const struct sluice_sniff_settings *sniff)
{
	struct nlattr *nest = nla_nest_start(skb, SLUICE_A_SETTINGS_SNIFF);

	if (!nest ||
	    nla_put_u32(skb, SLUICE_A_SNIFF_HEAD_TIMEOUT,
			sniff->head_timeout_ms) ||
	    nla_put_u32(skb, SLUICE_A_SNIFF_CONNECT_TIMEOUT,
			sniff->connect_timeout_ms) ||
	    nla_put_u32(skb, SLUICE_A_SNIFF_CONNECT_RETRIES, sniff->retries) ||
	    nla_put_uint(skb, SLUICE_A_SNIFF_HELD_MAX, sniff->held_max))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_settings(struct sk_buff *skb, struct sluice_net *sn,
			 const void *object)
{
	struct nlattr *nest = nla_nest_start(skb, SLUICE_A_SETTINGS_TIMEOUTS);
	const struct sluice_settings *settings = object;
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		if (nla_put_u32(skb, i, settings->timeouts[timeout_state[i]]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	if (nla_put_u32(skb, SLUICE_A_SETTINGS_CONNECTIONS_MAX,
			settings->connections_max))
		return -EMSGSIZE;
	if (nla_put_u32(skb, SLUICE_A_SETTINGS_RELAY_CLIENTS_MAX,
			settings->relay_clients_max))
		return -EMSGSIZE;
	return put_sniff(skb, &settings->sniff);
}

int sluice_nl_settings_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_settings settings;

	sluice_settings_read(sluice_nl_net(info), &settings);
	return sluice_nl_reply(info, fill_settings, &settings);
}

/* A limit on what takes memory is raised above its default by the host's owner only. */
static bool may_limit(const struct nlattr *attr, u32 initial)
{
	return !attr || nla_get_u32(attr) <= initial || capable(CAP_NET_ADMIN);
}

/* Look whether all that is given may be set. */
static int parse_sniff(struct nlattr *nest, struct nlattr **attrs,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *held;
	int err;

	err = nla_parse_nested(attrs, SLUICE_A_SNIFF_MAX, nest,
			       sluice_sniff_nl_policy, extack);
	if (err)
		return err;
	held = attrs[SLUICE_A_SNIFF_HELD_MAX];
	if (held && nla_get_uint(held) > SLUICE_HELD_DEFAULT &&
	    !capable(CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG_ATTR(extack, held,
				    "to hold more than 67108864 bytes takes CAP_NET_ADMIN of the host");
		return -EPERM;
	}
	return 0;
}

static void set_sniff(struct sluice_sniff_settings *sniff,
		      struct nlattr **attrs)
{
	struct nlattr *head = attrs[SLUICE_A_SNIFF_HEAD_TIMEOUT];
	struct nlattr *connect = attrs[SLUICE_A_SNIFF_CONNECT_TIMEOUT];
	struct nlattr *retries = attrs[SLUICE_A_SNIFF_CONNECT_RETRIES];
	struct nlattr *held = attrs[SLUICE_A_SNIFF_HELD_MAX];

	if (head)
		sluice_sniff_set_head_timeout(sniff, nla_get_u32(head));
	if (connect)
		sluice_sniff_set_connect_timeout(sniff, nla_get_u32(connect));
	if (retries)
		WRITE_ONCE(sniff->retries, nla_get_u32(retries));
	if (held)
		WRITE_ONCE(sniff->held_max, nla_get_uint(held));
}

static int settings_set(struct genl_info *info)
{
	struct nlattr *nest = info->attrs[SLUICE_A_SETTINGS_TIMEOUTS];
	struct nlattr *max = info->attrs[SLUICE_A_SETTINGS_CONNECTIONS_MAX];
	struct nlattr *clients =
		info->attrs[SLUICE_A_SETTINGS_RELAY_CLIENTS_MAX];
	struct nlattr *sniff_nest = info->attrs[SLUICE_A_SETTINGS_SNIFF];
	struct nlattr *sniff[SLUICE_A_SNIFF_MAX + 1] = {};
	struct nlattr *timeouts[SLUICE_A_TIMEOUTS_MAX + 1] = {};
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_settings *settings;
	int err, i;

	if (!nest && !max && !sniff_nest && !clients) {
		NL_SET_ERR_MSG(info->extack,
			       "nothing to change: give time-outs, connections-max, sniff or relay-clients-max");
		return -EINVAL;
	}
	if (nest) {
		err = nla_parse_nested(timeouts, SLUICE_A_TIMEOUTS_MAX, nest,
				       sluice_timeouts_nl_policy, info->extack);
		if (err)
			return err;
	}
	if (!may_limit(max, SLUICE_CONNS_DEFAULT)) {
		NL_SET_ERR_MSG_ATTR(info->extack, max,
				    "more than 1048576 connections take CAP_NET_ADMIN of the host");
		return -EPERM;
	}
	if (!may_limit(clients, SLUICE_RELAY_CLIENTS_DEFAULT)) {
		NL_SET_ERR_MSG_ATTR(info->extack, clients,
				    "more than 262144 clients of stratum relay take CAP_NET_ADMIN of the host");
		return -EPERM;
	}
	if (sniff_nest) {
		err = parse_sniff(sniff_nest, sniff, info->extack);
		if (err)
			return err;
	}
	settings = sluice_commit_settings(sn);
	for (i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		if (timeouts[i])
			settings->timeouts[timeout_state[i]] =
				nla_get_u32(timeouts[i]);
	if (max)
		settings->connections_max = nla_get_u32(max);
	if (clients)
		settings->relay_clients_max = nla_get_u32(clients);
	set_sniff(&settings->sniff, sniff);
	sluice_nl_event(sn, SLUICE_CMD_SETTINGS_NTF, fill_settings, settings);
	return 0;
}

int sluice_nl_settings_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, settings_set);
}
