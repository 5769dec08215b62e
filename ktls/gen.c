// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sluice-relay.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "gen.h"

#include <uapi/linux/sluice_relay.h>

/* Integer value ranges */
static const struct netlink_range_validation sluice_relay_a_config_timeout_head_range = {
	.min	= SLUICE_RELAY_TIMEOUT_MIN,
	.max	= SLUICE_RELAY_TIMEOUT_MAX,
};

static const struct netlink_range_validation sluice_relay_a_config_timeout_idle_range = {
	.min	= SLUICE_RELAY_TIMEOUT_MIN,
	.max	= SLUICE_RELAY_TIMEOUT_MAX,
};

static const struct netlink_range_validation sluice_relay_a_config_timeout_body_range = {
	.min	= SLUICE_RELAY_TIMEOUT_MIN,
	.max	= SLUICE_RELAY_TIMEOUT_MAX,
};

static const struct netlink_range_validation sluice_relay_a_config_timeout_connect_range = {
	.min	= SLUICE_RELAY_TIMEOUT_MIN,
	.max	= SLUICE_RELAY_TIMEOUT_MAX,
};

static const struct netlink_range_validation sluice_relay_a_config_timeout_response_range = {
	.min	= SLUICE_RELAY_TIMEOUT_MIN,
	.max	= SLUICE_RELAY_TIMEOUT_MAX,
};

static const struct netlink_range_validation sluice_relay_a_config_timeout_tunnel_range = {
	.min	= SLUICE_RELAY_TIMEOUT_MIN,
	.max	= SLUICE_RELAY_TIMEOUT_MAX,
};

/* Common nested types */
const struct nla_policy sluice_relay_service_nl_policy[SLUICE_RELAY_A_SERVICE_PORT + 1] = {
	[SLUICE_RELAY_A_SERVICE_PROTOCOL] = { .type = NLA_U8, },
	[SLUICE_RELAY_A_SERVICE_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_RELAY_A_SERVICE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

/* SLUICE_RELAY_CMD_CLIENT_HAND - do */
static const struct nla_policy sluice_relay_client_hand_nl_policy[SLUICE_RELAY_A_CLIENT_OWN + 1] = {
	[SLUICE_RELAY_A_CLIENT_SERVICE] = NLA_POLICY_NESTED(sluice_relay_service_nl_policy),
	[SLUICE_RELAY_A_CLIENT_FD] = NLA_POLICY_MIN(NLA_S32, 0),
	[SLUICE_RELAY_A_CLIENT_SOURCE] = { .type = NLA_BINARY, },
	[SLUICE_RELAY_A_CLIENT_TLS] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_RELAY_A_CLIENT_DATA] = { .type = NLA_BINARY, },
	[SLUICE_RELAY_A_CLIENT_KEYS_PORT] = NLA_POLICY_MIN(NLA_U32, 1),
	[SLUICE_RELAY_A_CLIENT_KEYS] = { .type = NLA_UINT, },
	[SLUICE_RELAY_A_CLIENT_OWN] = NLA_POLICY_RANGE(NLA_U8, 1, 1),
};

/* SLUICE_RELAY_CMD_CLIENT_TAKE - do */
static const struct nla_policy sluice_relay_client_take_nl_policy[SLUICE_RELAY_A_CLIENT_ID + 1] = {
	[SLUICE_RELAY_A_CLIENT_ID] = { .type = NLA_UINT, },
};

/* SLUICE_RELAY_CMD_CLIENT_GET - dump */
static const struct nla_policy sluice_relay_client_get_nl_policy[SLUICE_RELAY_A_CLIENT_PHASE + 1] = {
	[SLUICE_RELAY_A_CLIENT_SERVICE] = NLA_POLICY_NESTED(sluice_relay_service_nl_policy),
	[SLUICE_RELAY_A_CLIENT_PHASE] = NLA_POLICY_MAX(NLA_U8, 7),
};

/* SLUICE_RELAY_CMD_CLIENT_DEL - do */
static const struct nla_policy sluice_relay_client_del_nl_policy[SLUICE_RELAY_A_CLIENT_ID + 1] = {
	[SLUICE_RELAY_A_CLIENT_ID] = { .type = NLA_UINT, },
};

/* SLUICE_RELAY_CMD_CONFIG_SET - do */
static const struct nla_policy sluice_relay_config_set_nl_policy[SLUICE_RELAY_A_CONFIG_STICKY_KEY + 1] = {
	[SLUICE_RELAY_A_CONFIG_SERVICE] = NLA_POLICY_NESTED(sluice_relay_service_nl_policy),
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_HEAD] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_relay_a_config_timeout_head_range),
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_IDLE] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_relay_a_config_timeout_idle_range),
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_BODY] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_relay_a_config_timeout_body_range),
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_CONNECT] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_relay_a_config_timeout_connect_range),
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_RESPONSE] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_relay_a_config_timeout_response_range),
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_TUNNEL] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_relay_a_config_timeout_tunnel_range),
	[SLUICE_RELAY_A_CONFIG_REQUESTS_MAX] = { .type = NLA_U32, },
	[SLUICE_RELAY_A_CONFIG_RETRIES] = NLA_POLICY_MAX(NLA_U8, 16),
	[SLUICE_RELAY_A_CONFIG_ADD] = NLA_POLICY_MASK(NLA_U32, 0x7),
	[SLUICE_RELAY_A_CONFIG_WEBSOCKET] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_RELAY_A_CONFIG_LISTEN] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_RELAY_A_CONFIG_REQUEST_ID] = { .type = NLA_NUL_STRING, .len = SLUICE_RELAY_FIELD_LEN, },
	[SLUICE_RELAY_A_CONFIG_STICKY_KEY] = NLA_POLICY_EXACT_LEN(SLUICE_RELAY_STICKY_KEY_LEN),
};

/* SLUICE_RELAY_CMD_CONFIG_DEL - do */
static const struct nla_policy sluice_relay_config_del_nl_policy[SLUICE_RELAY_A_CONFIG_SERVICE + 1] = {
	[SLUICE_RELAY_A_CONFIG_SERVICE] = NLA_POLICY_NESTED(sluice_relay_service_nl_policy),
};

/* SLUICE_RELAY_CMD_CLIENT_LEND - do */
static const struct nla_policy sluice_relay_client_lend_nl_policy[SLUICE_RELAY_A_CLIENT_ID + 1] = {
	[SLUICE_RELAY_A_CLIENT_ID] = { .type = NLA_UINT, },
};

/* SLUICE_RELAY_CMD_CLIENT_REKEY - do */
static const struct nla_policy sluice_relay_client_rekey_nl_policy[SLUICE_RELAY_A_CLIENT_REKEYED + 1] = {
	[SLUICE_RELAY_A_CLIENT_ID] = { .type = NLA_UINT, },
	[SLUICE_RELAY_A_CLIENT_REKEYED] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* For commands without attributes */
static const struct nla_policy sluice_relay_no_attributes_policy[2] = {
	[1] = { .type = NLA_REJECT, },
};

/* Ops table for sluice_relay */
static const struct genl_split_ops sluice_relay_nl_ops[] = {
	{
		.cmd		= SLUICE_RELAY_CMD_CLIENT_HAND,
		.doit		= sluice_relay_nl_client_hand_doit,
		.policy		= sluice_relay_client_hand_nl_policy,
		.maxattr	= SLUICE_RELAY_A_CLIENT_OWN,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_RELAY_CMD_CLIENT_TAKE,
		.doit		= sluice_relay_nl_client_take_doit,
		.policy		= sluice_relay_client_take_nl_policy,
		.maxattr	= SLUICE_RELAY_A_CLIENT_ID,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_RELAY_CMD_CLIENT_GET,
		.start		= sluice_relay_nl_client_get_start,
		.dumpit		= sluice_relay_nl_client_get_dumpit,
		.policy		= sluice_relay_client_get_nl_policy,
		.maxattr	= SLUICE_RELAY_A_CLIENT_PHASE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SLUICE_RELAY_CMD_CLIENT_DEL,
		.doit		= sluice_relay_nl_client_del_doit,
		.policy		= sluice_relay_client_del_nl_policy,
		.maxattr	= SLUICE_RELAY_A_CLIENT_ID,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SLUICE_RELAY_CMD_CONFIG_GET,
		.dumpit	= sluice_relay_nl_config_get_dumpit,
		.policy		= sluice_relay_no_attributes_policy,
		.maxattr	= 1,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SLUICE_RELAY_CMD_CONFIG_SET,
		.doit		= sluice_relay_nl_config_set_doit,
		.policy		= sluice_relay_config_set_nl_policy,
		.maxattr	= SLUICE_RELAY_A_CONFIG_STICKY_KEY,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_RELAY_CMD_CONFIG_DEL,
		.doit		= sluice_relay_nl_config_del_doit,
		.policy		= sluice_relay_config_del_nl_policy,
		.maxattr	= SLUICE_RELAY_A_CONFIG_SERVICE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SLUICE_RELAY_CMD_STATS_GET,
		.doit	= sluice_relay_nl_stats_get_doit,
		.policy		= sluice_relay_no_attributes_policy,
		.maxattr	= 1,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_RELAY_CMD_CLIENT_LEND,
		.doit		= sluice_relay_nl_client_lend_doit,
		.policy		= sluice_relay_client_lend_nl_policy,
		.maxattr	= SLUICE_RELAY_A_CLIENT_ID,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_RELAY_CMD_CLIENT_REKEY,
		.doit		= sluice_relay_nl_client_rekey_doit,
		.policy		= sluice_relay_client_rekey_nl_policy,
		.maxattr	= SLUICE_RELAY_A_CLIENT_REKEYED,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group sluice_relay_nl_mcgrps[] = {
	[SLUICE_RELAY_NLGRP_BACK] = { "back", .flags = GENL_MCAST_CAP_NET_ADMIN, },
};

struct genl_family sluice_relay_nl_family __ro_after_init = {
	.name		= SLUICE_RELAY_FAMILY_NAME,
	.version	= SLUICE_RELAY_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= sluice_relay_nl_ops,
	.n_split_ops	= ARRAY_SIZE(sluice_relay_nl_ops),
	.mcgrps		= sluice_relay_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(sluice_relay_nl_mcgrps),
};
