// SPDX-License-Identifier: GPL-2.0-or-later
/* What is loaded, and the totals of the network namespace. */
#include "netlink.h"

static const struct nla_policy policy[] = {
	[SLUICE_A_INFO_ABI] = { .type = NLA_U32 },
	[SLUICE_A_INFO_VERSION] = { .type = NLA_STRING },
	[SLUICE_A_INFO_STRATA] = { .type = NLA_U32 },
	[SLUICE_A_INFO_SCHEDULER] = SLUICE_NAME_POLICY,
	[SLUICE_A_INFO_SERVICES] = { .type = NLA_U32 },
	[SLUICE_A_INFO_POOLS] = { .type = NLA_U32 },
	[SLUICE_A_INFO_SERVERS] = { .type = NLA_U32 },
	[SLUICE_A_INFO_CONNECTIONS] = SLUICE_UINT_POLICY,
	[SLUICE_A_INFO_CONNECTIONS_MAX] = { .type = NLA_U32 },
	[SLUICE_A_INFO_REFUSALS] = { .type = NLA_NESTED },
	[SLUICE_A_INFO_GENERATION] = SLUICE_UINT_POLICY,
};

static int parse(struct nlattr *const *tb, void *object)
{
	struct sluice_info *info = object;

	info->abi = sluice_get_u32(tb[SLUICE_A_INFO_ABI]);
	sluice_get_name(info->version, sizeof(info->version),
			tb[SLUICE_A_INFO_VERSION]);
	info->strata = sluice_get_u32(tb[SLUICE_A_INFO_STRATA]);
	info->services = sluice_get_u32(tb[SLUICE_A_INFO_SERVICES]);
	info->pools = sluice_get_u32(tb[SLUICE_A_INFO_POOLS]);
	info->servers = sluice_get_u32(tb[SLUICE_A_INFO_SERVERS]);
	info->connections = sluice_get_uint(tb[SLUICE_A_INFO_CONNECTIONS]);
	info->connections_max =
		sluice_get_u32(tb[SLUICE_A_INFO_CONNECTIONS_MAX]);
	info->generation = sluice_get_uint(tb[SLUICE_A_INFO_GENERATION]);
	return sluice_get_refusals(&info->refusals, tb[SLUICE_A_INFO_REFUSALS]);
}

/* The schedulers come one attribute each. */
static void parse_each(const struct nlattr *attr, void *object)
{
	struct sluice_info *info = object;

	if (nla_type(attr) != SLUICE_A_INFO_SCHEDULER ||
	    info->schedulers_count == SLUICE_SCHEDULERS_MAX)
		return;
	sluice_get_name(info->schedulers[info->schedulers_count++],
			sizeof(info->schedulers[0]), attr);
}

static const struct sluice_object info_object = {
	.policy = policy,
	.max = ARRAY_SIZE(policy) - 1,
	.size = sizeof(struct sluice_info),
	.parse = parse,
	.parse_each = parse_each,
};

int sluice_info_get(struct sluice *sl, struct sluice_info *info)
{
	return sluice_msg_get(sl, sluice_msg_new(sl, SLUICE_CMD_INFO_GET, 0),
			      &info_object, info);
}
