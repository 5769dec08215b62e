// SPDX-License-Identifier: GPL-2.0-or-later
/* Settings of the network namespace. */
#include <errno.h>

#include "netlink.h"

static const struct nla_policy policy[] = {
	[SLUICE_A_SETTINGS_TIMEOUTS] = { .type = NLA_NESTED },
	[SLUICE_A_SETTINGS_CONNECTIONS_MAX] = { .type = NLA_U32 },
};

static int parse(struct nlattr *const *tb, void *object)
{
	struct nla_policy u32s[SLUICE_A_TIMEOUTS_MAX + 1];
	struct nlattr *times[SLUICE_A_TIMEOUTS_MAX + 1];
	struct sluice_settings *settings = object;

	settings->connections_max =
		sluice_get_u32(tb[SLUICE_A_SETTINGS_CONNECTIONS_MAX]);
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

int sluice_settings_set(struct sluice *sl,
			const struct sluice_settings *settings)
{
	struct nl_msg *msg = sluice_msg_new(sl, SLUICE_CMD_SETTINGS_SET, 0);

	if (msg && (put_timeouts(msg, settings) < 0 ||
		    (settings->connections_max &&
		     nla_put_u32(msg, SLUICE_A_SETTINGS_CONNECTIONS_MAX,
				 settings->connections_max) < 0))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sluice_msg_do(sl, msg);
}
