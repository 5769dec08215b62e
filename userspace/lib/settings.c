// SPDX-License-Identifier: GPL-2.0-or-later
/* Settings of the network namespace. */
#include <errno.h>

#include "netlink.h"

static const struct nla_policy policy[] = {
	[SLUICE_A_SETTINGS_TIMEOUTS] = { .type = NLA_NESTED },
	[SLUICE_A_SETTINGS_CONNECTIONS_MAX] = { .type = NLA_U32 },
	[SLUICE_A_SETTINGS_SNIFF] = { .type = NLA_NESTED },
	[SLUICE_A_SETTINGS_RELAY_CLIENTS_MAX] = { .type = NLA_U32 },
};

static int parse_sniff(struct nlattr *nest, struct sluice_settings *settings)
{
	static const struct nla_policy sniff_policy[] = {
		[SLUICE_A_SNIFF_HEAD_TIMEOUT] = { .type = NLA_U32 },
		[SLUICE_A_SNIFF_CONNECT_TIMEOUT] = { .type = NLA_U32 },
		[SLUICE_A_SNIFF_CONNECT_RETRIES] = { .type = NLA_U32 },
		[SLUICE_A_SNIFF_HELD_MAX] = SLUICE_UINT_POLICY,
	};
	struct nlattr *tb[ARRAY_SIZE(sniff_policy)];

	if (!nest)
		return 0;
	if (nla_parse_nested(tb, ARRAY_SIZE(sniff_policy) - 1, nest,
			     sniff_policy) < 0)
		return -EBADMSG;
	settings->head_timeout =
		sluice_get_u32(tb[SLUICE_A_SNIFF_HEAD_TIMEOUT]);
	settings->connect_timeout =
		sluice_get_u32(tb[SLUICE_A_SNIFF_CONNECT_TIMEOUT]);
	settings->has_connect_retries = tb[SLUICE_A_SNIFF_CONNECT_RETRIES] !=
					NULL;
	settings->connect_retries =
		sluice_get_u32(tb[SLUICE_A_SNIFF_CONNECT_RETRIES]);
	settings->held_max = sluice_get_uint(tb[SLUICE_A_SNIFF_HELD_MAX]);
	return 0;
}

static int parse(struct nlattr *const *tb, void *object)
{
	struct nla_policy u32s[SLUICE_A_TIMEOUTS_MAX + 1];
	struct nlattr *times[SLUICE_A_TIMEOUTS_MAX + 1];
	struct sluice_settings *settings = object;

	settings->connections_max =
		sluice_get_u32(tb[SLUICE_A_SETTINGS_CONNECTIONS_MAX]);
	settings->relay_clients_max =
		sluice_get_u32(tb[SLUICE_A_SETTINGS_RELAY_CLIENTS_MAX]);
	if (parse_sniff(tb[SLUICE_A_SETTINGS_SNIFF], settings) < 0)
		return -EBADMSG;
	if (!tb[SLUICE_A_SETTINGS_TIMEOUTS])
		return 0;
	for (int i = 0; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		u32s[i] = (struct nla_policy){ .type = NLA_U32 };
	if (nla_parse_nested(times, SLUICE_A_TIMEOUTS_MAX,
			     tb[SLUICE_A_SETTINGS_TIMEOUTS], u32s) < 0)
		return -EBADMSG;
	for (int i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		settings->timeouts[i] = sluice_get_u32(times[i]);
	return 0;
}

const struct sluice_object sluice_settings_object = {
	.policy = policy,
	.max = ARRAY_SIZE(policy) - 1,
	.size = sizeof(struct sluice_settings),
	.parse = parse,
};

int sluice_settings_get(struct sluice *sl, struct sluice_settings *settings)
{
	return sluice_msg_get(sl,
			      sluice_msg_new(sl, SLUICE_CMD_SETTINGS_GET, 0),
			      &sluice_settings_object, settings);
}

static int put_timeouts(struct nl_msg *msg,
			const struct sluice_settings *settings)
{
	struct nlattr *nest = NULL;

	for (int i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++) {
		if (!settings->timeouts[i])
			continue;
		if (!nest)
			nest = nla_nest_start(msg, SLUICE_A_SETTINGS_TIMEOUTS);
		if (!nest || nla_put_u32(msg, i, settings->timeouts[i]) < 0)
			return -NLE_NOMEM;
	}
	return nest ? nla_nest_end(msg, nest) : 0;
}

static int put_sniff(struct nl_msg *msg, const struct sluice_settings *settings)
{
	struct nlattr *nest;

	if (!settings->head_timeout && !settings->connect_timeout &&
	    !settings->has_connect_retries && !settings->held_max)
		return 0;
	nest = nla_nest_start(msg, SLUICE_A_SETTINGS_SNIFF);
	if (!nest ||
	    (settings->head_timeout &&
	     nla_put_u32(msg, SLUICE_A_SNIFF_HEAD_TIMEOUT,
			 settings->head_timeout) < 0) ||
	    (settings->connect_timeout &&
	     nla_put_u32(msg, SLUICE_A_SNIFF_CONNECT_TIMEOUT,
			 settings->connect_timeout) < 0) ||
	    (settings->has_connect_retries &&
	     nla_put_u32(msg, SLUICE_A_SNIFF_CONNECT_RETRIES,
			 settings->connect_retries) < 0) ||
	    (settings->held_max &&
	     nla_put_u64(msg, SLUICE_A_SNIFF_HELD_MAX, settings->held_max) < 0))
		return -NLE_NOMEM;
	return nla_nest_end(msg, nest);
}

int sluice_settings_set(struct sluice *sl,
			const struct sluice_settings *settings)
{
	struct nl_msg *msg = sluice_msg_new(sl, SLUICE_CMD_SETTINGS_SET, 0);

	if (msg &&
	    (put_timeouts(msg, settings) < 0 || put_sniff(msg, settings) < 0 ||
	     (settings->connections_max &&
	      nla_put_u32(msg, SLUICE_A_SETTINGS_CONNECTIONS_MAX,
			  settings->connections_max) < 0) ||
	     (settings->relay_clients_max &&
	      nla_put_u32(msg, SLUICE_A_SETTINGS_RELAY_CLIENTS_MAX,
			  settings->relay_clients_max) < 0))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sluice_msg_do(sl, msg);
}
