// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sluice.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "gen.h"

#include <uapi/linux/sluice.h>

/* Integer value ranges */
static const struct netlink_range_validation sluice_a_server_weight_range = {
	.max	= 65535ULL,
};

static const struct netlink_range_validation sluice_a_server_deadline_range = {
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_timeouts_tcp_syn_sent_range = {
	.min	= 100ULL,
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_timeouts_tcp_syn_recv_range = {
	.min	= 100ULL,
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_timeouts_tcp_established_range = {
	.min	= 100ULL,
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_timeouts_tcp_fin_wait_range = {
	.min	= 100ULL,
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_timeouts_tcp_close_wait_range = {
	.min	= 100ULL,
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_timeouts_tcp_last_ack_range = {
	.min	= 100ULL,
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_timeouts_tcp_time_wait_range = {
	.min	= 100ULL,
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_timeouts_tcp_close_range = {
	.min	= 100ULL,
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_timeouts_udp_new_range = {
	.min	= 100ULL,
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_timeouts_udp_range = {
	.min	= 100ULL,
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_sniff_head_timeout_range = {
	.min	= 100ULL,
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_sniff_connect_timeout_range = {
	.min	= 100ULL,
	.max	= 1000000000ULL,
};

static const struct netlink_range_validation sluice_a_sniff_held_max_range = {
	.min	= 1048576ULL,
	.max	= 1099511627776ULL,
};

static const struct netlink_range_validation sluice_a_route_pool_weight_range = {
	.min	= 1ULL,
	.max	= 65535ULL,
};

/* Common nested types */
const struct nla_policy sluice_route_condition_nl_policy[SLUICE_A_ROUTE_CONDITION_VALUE + 1] = {
	[SLUICE_A_ROUTE_CONDITION_WHAT] = NLA_POLICY_MAX(NLA_U8, 4),
	[SLUICE_A_ROUTE_CONDITION_HOW] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_ROUTE_CONDITION_NAME] = { .type = NLA_NUL_STRING, .len = SLUICE_MATCH_TEXT_MAX, },
	[SLUICE_A_ROUTE_CONDITION_VALUE] = { .type = NLA_NUL_STRING, .len = SLUICE_MATCH_TEXT_MAX, },
};

const struct nla_policy sluice_route_match_nl_policy[SLUICE_A_ROUTE_MATCH_SALT + 1] = {
	[SLUICE_A_ROUTE_MATCH_HOST] = { .type = NLA_NUL_STRING, .len = SLUICE_MATCH_TEXT_MAX, },
	[SLUICE_A_ROUTE_MATCH_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[SLUICE_A_ROUTE_MATCH_PATH] = { .type = NLA_NUL_STRING, .len = SLUICE_MATCH_TEXT_MAX, },
	[SLUICE_A_ROUTE_MATCH_PATH_HOW] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_ROUTE_MATCH_CONDITION] = NLA_POLICY_NESTED(sluice_route_condition_nl_policy),
	[SLUICE_A_ROUTE_MATCH_SOURCE] = NLA_POLICY_NESTED(sluice_route_source_nl_policy),
	[SLUICE_A_ROUTE_MATCH_SHARE] = NLA_POLICY_MAX(NLA_U16, 10000),
	[SLUICE_A_ROUTE_MATCH_SALT] = { .type = NLA_U32, },
};

const struct nla_policy sluice_route_pool_nl_policy[SLUICE_A_ROUTE_POOL_WEIGHT + 1] = {
	[SLUICE_A_ROUTE_POOL_NAME] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_ROUTE_POOL_WEIGHT] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_route_pool_weight_range),
};

const struct nla_policy sluice_route_source_nl_policy[SLUICE_A_ROUTE_SOURCE_PREFIX_LEN + 1] = {
	[SLUICE_A_ROUTE_SOURCE_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_ROUTE_SOURCE_PREFIX_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
};

const struct nla_policy sluice_service_key_nl_policy[SLUICE_A_SERVICE_PORT + 1] = {
	[SLUICE_A_SERVICE_PROTOCOL] = { .type = NLA_U8, },
	[SLUICE_A_SERVICE_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_SERVICE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

const struct nla_policy sluice_sniff_nl_policy[SLUICE_A_SNIFF_HELD_MAX + 1] = {
	[SLUICE_A_SNIFF_HEAD_TIMEOUT] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_sniff_head_timeout_range),
	[SLUICE_A_SNIFF_CONNECT_TIMEOUT] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_sniff_connect_timeout_range),
	[SLUICE_A_SNIFF_CONNECT_RETRIES] = NLA_POLICY_MAX(NLA_U32, 16),
	[SLUICE_A_SNIFF_HELD_MAX] = NLA_POLICY_FULL_RANGE(NLA_UINT, &sluice_a_sniff_held_max_range),
};

const struct nla_policy sluice_timeouts_nl_policy[SLUICE_A_TIMEOUTS_UDP + 1] = {
	[SLUICE_A_TIMEOUTS_TCP_SYN_SENT] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_timeouts_tcp_syn_sent_range),
	[SLUICE_A_TIMEOUTS_TCP_SYN_RECV] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_timeouts_tcp_syn_recv_range),
	[SLUICE_A_TIMEOUTS_TCP_ESTABLISHED] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_timeouts_tcp_established_range),
	[SLUICE_A_TIMEOUTS_TCP_FIN_WAIT] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_timeouts_tcp_fin_wait_range),
	[SLUICE_A_TIMEOUTS_TCP_CLOSE_WAIT] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_timeouts_tcp_close_wait_range),
	[SLUICE_A_TIMEOUTS_TCP_LAST_ACK] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_timeouts_tcp_last_ack_range),
	[SLUICE_A_TIMEOUTS_TCP_TIME_WAIT] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_timeouts_tcp_time_wait_range),
	[SLUICE_A_TIMEOUTS_TCP_CLOSE] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_timeouts_tcp_close_range),
	[SLUICE_A_TIMEOUTS_UDP_NEW] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_timeouts_udp_new_range),
	[SLUICE_A_TIMEOUTS_UDP] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_timeouts_udp_range),
};

/* SLUICE_CMD_SETTINGS_SET - do */
static const struct nla_policy sluice_settings_set_nl_policy[SLUICE_A_SETTINGS_RELAY_CLIENTS_MAX + 1] = {
	[SLUICE_A_SETTINGS_TIMEOUTS] = NLA_POLICY_NESTED(sluice_timeouts_nl_policy),
	[SLUICE_A_SETTINGS_CONNECTIONS_MAX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SLUICE_A_SETTINGS_SNIFF] = NLA_POLICY_NESTED(sluice_sniff_nl_policy),
	[SLUICE_A_SETTINGS_RELAY_CLIENTS_MAX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* SLUICE_CMD_SERVICE_GET - do */
static const struct nla_policy sluice_service_get_nl_policy[SLUICE_A_SERVICE_PORT + 1] = {
	[SLUICE_A_SERVICE_PROTOCOL] = { .type = NLA_U8, },
	[SLUICE_A_SERVICE_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_SERVICE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

/* SLUICE_CMD_SERVICE_NEW - do */
static const struct nla_policy sluice_service_new_nl_policy[SLUICE_A_SERVICE_PARSE + 1] = {
	[SLUICE_A_SERVICE_PROTOCOL] = { .type = NLA_U8, },
	[SLUICE_A_SERVICE_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_SERVICE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[SLUICE_A_SERVICE_POOL] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_SERVICE_SCHEDULER] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_SERVICE_SLOW_PATH] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_A_SERVICE_STRATUM] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_SERVICE_PARSE] = NLA_POLICY_MAX(NLA_U8, 2),
};

/* SLUICE_CMD_SERVICE_SET - do */
static const struct nla_policy sluice_service_set_nl_policy[SLUICE_A_SERVICE_PARSE + 1] = {
	[SLUICE_A_SERVICE_PROTOCOL] = { .type = NLA_U8, },
	[SLUICE_A_SERVICE_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_SERVICE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[SLUICE_A_SERVICE_POOL] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_SERVICE_SCHEDULER] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_SERVICE_SLOW_PATH] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_A_SERVICE_STRATUM] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_SERVICE_PARSE] = NLA_POLICY_MAX(NLA_U8, 2),
};

/* SLUICE_CMD_SERVICE_DEL - do */
static const struct nla_policy sluice_service_del_nl_policy[SLUICE_A_SERVICE_PORT + 1] = {
	[SLUICE_A_SERVICE_PROTOCOL] = { .type = NLA_U8, },
	[SLUICE_A_SERVICE_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_SERVICE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

/* SLUICE_CMD_POOL_GET - do */
static const struct nla_policy sluice_pool_get_nl_policy[SLUICE_A_POOL_NAME + 1] = {
	[SLUICE_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
};

/* SLUICE_CMD_POOL_NEW - do */
static const struct nla_policy sluice_pool_new_nl_policy[SLUICE_A_POOL_STICKY_POOL + 1] = {
	[SLUICE_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_POOL_FAMILY] = { .type = NLA_U8, },
	[SLUICE_A_POOL_SCHEDULER] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_POOL_PROXY_PROTOCOL] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_POOL_ON_DOWN] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_POOL_ON_DRAIN] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_POOL_STICKY_COOKIE] = { .type = NLA_NUL_STRING, .len = SLUICE_COOKIE_LEN, },
	[SLUICE_A_POOL_STICKY_POOL] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
};

/* SLUICE_CMD_POOL_SET - do */
static const struct nla_policy sluice_pool_set_nl_policy[SLUICE_A_POOL_STICKY_POOL + 1] = {
	[SLUICE_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_POOL_SCHEDULER] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_POOL_PROXY_PROTOCOL] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_POOL_ON_DOWN] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_POOL_ON_DRAIN] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_POOL_STICKY_COOKIE] = { .type = NLA_NUL_STRING, .len = SLUICE_COOKIE_LEN, },
	[SLUICE_A_POOL_STICKY_POOL] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
};

/* SLUICE_CMD_POOL_DEL - do */
static const struct nla_policy sluice_pool_del_nl_policy[SLUICE_A_POOL_NAME + 1] = {
	[SLUICE_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
};

/* SLUICE_CMD_SERVER_GET - do */
static const struct nla_policy sluice_server_get_do_nl_policy[SLUICE_A_SERVER_PORT + 1] = {
	[SLUICE_A_SERVER_POOL] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_SERVER_SERVICE] = NLA_POLICY_NESTED(sluice_service_key_nl_policy),
	[SLUICE_A_SERVER_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_SERVER_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

/* SLUICE_CMD_SERVER_GET - dump */
static const struct nla_policy sluice_server_get_dump_nl_policy[SLUICE_A_SERVER_SERVICE + 1] = {
	[SLUICE_A_SERVER_POOL] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_SERVER_SERVICE] = NLA_POLICY_NESTED(sluice_service_key_nl_policy),
};

/* SLUICE_CMD_SERVER_NEW - do */
static const struct nla_policy sluice_server_new_nl_policy[SLUICE_A_SERVER_REASON + 1] = {
	[SLUICE_A_SERVER_POOL] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_SERVER_SERVICE] = NLA_POLICY_NESTED(sluice_service_key_nl_policy),
	[SLUICE_A_SERVER_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_SERVER_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[SLUICE_A_SERVER_FORWARD] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_SERVER_WEIGHT] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_server_weight_range),
	[SLUICE_A_SERVER_STATE] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_SERVER_DEADLINE] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_server_deadline_range),
	[SLUICE_A_SERVER_REASON] = { .type = NLA_NUL_STRING, .len = SLUICE_REASON_LEN, },
};

/* SLUICE_CMD_SERVER_SET - do */
static const struct nla_policy sluice_server_set_nl_policy[SLUICE_A_SERVER_REASON + 1] = {
	[SLUICE_A_SERVER_POOL] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_SERVER_SERVICE] = NLA_POLICY_NESTED(sluice_service_key_nl_policy),
	[SLUICE_A_SERVER_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_SERVER_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[SLUICE_A_SERVER_FORWARD] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_SERVER_WEIGHT] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_server_weight_range),
	[SLUICE_A_SERVER_STATE] = NLA_POLICY_MAX(NLA_U8, 2),
	[SLUICE_A_SERVER_DEADLINE] = NLA_POLICY_FULL_RANGE(NLA_U32, &sluice_a_server_deadline_range),
	[SLUICE_A_SERVER_REASON] = { .type = NLA_NUL_STRING, .len = SLUICE_REASON_LEN, },
};

/* SLUICE_CMD_SERVER_DEL - do */
static const struct nla_policy sluice_server_del_nl_policy[SLUICE_A_SERVER_PORT + 1] = {
	[SLUICE_A_SERVER_POOL] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_SERVER_SERVICE] = NLA_POLICY_NESTED(sluice_service_key_nl_policy),
	[SLUICE_A_SERVER_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_SERVER_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

/* SLUICE_CMD_CONNECTION_GET - do */
static const struct nla_policy sluice_connection_get_do_nl_policy[SLUICE_A_CONNECTION_VIRTUAL_PORT + 1] = {
	[SLUICE_A_CONNECTION_PROTOCOL] = { .type = NLA_U8, },
	[SLUICE_A_CONNECTION_CLIENT_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_CONNECTION_CLIENT_PORT] = { .type = NLA_U16, },
	[SLUICE_A_CONNECTION_VIRTUAL_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_CONNECTION_VIRTUAL_PORT] = { .type = NLA_U16, },
};

/* SLUICE_CMD_CONNECTION_GET - dump */
static const struct nla_policy sluice_connection_get_dump_nl_policy[SLUICE_A_CONNECTION_SERVER_PORT + 1] = {
	[SLUICE_A_CONNECTION_PROTOCOL] = { .type = NLA_U8, },
	[SLUICE_A_CONNECTION_CLIENT_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_CONNECTION_CLIENT_PORT] = { .type = NLA_U16, },
	[SLUICE_A_CONNECTION_VIRTUAL_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_CONNECTION_VIRTUAL_PORT] = { .type = NLA_U16, },
	[SLUICE_A_CONNECTION_SERVER_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_CONNECTION_SERVER_PORT] = { .type = NLA_U16, },
};

/* SLUICE_CMD_STATS_RESET - do */
static const struct nla_policy sluice_stats_reset_nl_policy[SLUICE_A_SERVICE_PORT + 1] = {
	[SLUICE_A_SERVICE_PROTOCOL] = { .type = NLA_U8, },
	[SLUICE_A_SERVICE_ADDRESS] = { .type = NLA_BINARY, },
	[SLUICE_A_SERVICE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

/* SLUICE_CMD_ROUTE_GET - do */
static const struct nla_policy sluice_route_get_do_nl_policy[SLUICE_A_ROUTE_NAME + 1] = {
	[SLUICE_A_ROUTE_SERVICE] = NLA_POLICY_NESTED(sluice_service_key_nl_policy),
	[SLUICE_A_ROUTE_NAME] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
};

/* SLUICE_CMD_ROUTE_GET - dump */
static const struct nla_policy sluice_route_get_dump_nl_policy[SLUICE_A_ROUTE_SERVICE + 1] = {
	[SLUICE_A_ROUTE_SERVICE] = NLA_POLICY_NESTED(sluice_service_key_nl_policy),
};

/* SLUICE_CMD_ROUTE_NEW - do */
static const struct nla_policy sluice_route_new_nl_policy[SLUICE_A_ROUTE_PROXY_PORT + 1] = {
	[SLUICE_A_ROUTE_SERVICE] = NLA_POLICY_NESTED(sluice_service_key_nl_policy),
	[SLUICE_A_ROUTE_NAME] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_ROUTE_BEFORE] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_ROUTE_MATCH] = NLA_POLICY_NESTED(sluice_route_match_nl_policy),
	[SLUICE_A_ROUTE_ACTION] = NLA_POLICY_MAX(NLA_U8, 3),
	[SLUICE_A_ROUTE_POOL] = NLA_POLICY_NESTED(sluice_route_pool_nl_policy),
	[SLUICE_A_ROUTE_STATUS] = { .type = NLA_U16, },
	[SLUICE_A_ROUTE_PROXY_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

/* SLUICE_CMD_ROUTE_SET - do */
static const struct nla_policy sluice_route_set_nl_policy[SLUICE_A_ROUTE_PROXY_PORT + 1] = {
	[SLUICE_A_ROUTE_SERVICE] = NLA_POLICY_NESTED(sluice_service_key_nl_policy),
	[SLUICE_A_ROUTE_NAME] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_ROUTE_MATCH] = NLA_POLICY_NESTED(sluice_route_match_nl_policy),
	[SLUICE_A_ROUTE_ACTION] = NLA_POLICY_MAX(NLA_U8, 3),
	[SLUICE_A_ROUTE_POOL] = NLA_POLICY_NESTED(sluice_route_pool_nl_policy),
	[SLUICE_A_ROUTE_STATUS] = { .type = NLA_U16, },
	[SLUICE_A_ROUTE_PROXY_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

/* SLUICE_CMD_ROUTE_DEL - do */
static const struct nla_policy sluice_route_del_nl_policy[SLUICE_A_ROUTE_NAME + 1] = {
	[SLUICE_A_ROUTE_SERVICE] = NLA_POLICY_NESTED(sluice_service_key_nl_policy),
	[SLUICE_A_ROUTE_NAME] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
};

/* SLUICE_CMD_ROUTE_MOVE - do */
static const struct nla_policy sluice_route_move_nl_policy[SLUICE_A_ROUTE_BEFORE + 1] = {
	[SLUICE_A_ROUTE_SERVICE] = NLA_POLICY_NESTED(sluice_service_key_nl_policy),
	[SLUICE_A_ROUTE_NAME] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
	[SLUICE_A_ROUTE_BEFORE] = { .type = NLA_NUL_STRING, .len = SLUICE_NAME_LEN, },
};

/* SLUICE_CMD_TRANSACTION_BEGIN - do */
static const struct nla_policy sluice_transaction_begin_nl_policy[SLUICE_A_TRANSACTION_GENERATION + 1] = {
	[SLUICE_A_TRANSACTION_GENERATION] = { .type = NLA_UINT, },
};

/* SLUICE_CMD_TRANSACTION_COMMIT - do */
static const struct nla_policy sluice_transaction_commit_nl_policy[SLUICE_A_TRANSACTION_REQUESTS + 1] = {
	[SLUICE_A_TRANSACTION_REQUESTS] = { .type = NLA_U32, },
};

/* For commands without attributes */
static const struct nla_policy sluice_no_attributes_policy[2] = {
	[1] = { .type = NLA_REJECT, },
};

/* Ops table for sluice */
static const struct genl_split_ops sluice_nl_ops[] = {
	{
		.cmd		= SLUICE_CMD_INFO_GET,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_info_get_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_no_attributes_policy,
		.maxattr	= 1,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_SETTINGS_GET,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_settings_get_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_no_attributes_policy,
		.maxattr	= 1,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_SETTINGS_SET,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_settings_set_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_settings_set_nl_policy,
		.maxattr	= SLUICE_A_SETTINGS_RELAY_CLIENTS_MAX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_SERVICE_GET,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_service_get_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_service_get_nl_policy,
		.maxattr	= SLUICE_A_SERVICE_PORT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SLUICE_CMD_SERVICE_GET,
		.dumpit	= sluice_nl_service_get_dumpit,
		.policy		= sluice_no_attributes_policy,
		.maxattr	= 1,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SLUICE_CMD_SERVICE_NEW,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_service_new_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_service_new_nl_policy,
		.maxattr	= SLUICE_A_SERVICE_PARSE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_SERVICE_SET,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_service_set_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_service_set_nl_policy,
		.maxattr	= SLUICE_A_SERVICE_PARSE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_SERVICE_DEL,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_service_del_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_service_del_nl_policy,
		.maxattr	= SLUICE_A_SERVICE_PORT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_POOL_GET,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_pool_get_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_pool_get_nl_policy,
		.maxattr	= SLUICE_A_POOL_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SLUICE_CMD_POOL_GET,
		.dumpit	= sluice_nl_pool_get_dumpit,
		.policy		= sluice_no_attributes_policy,
		.maxattr	= 1,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SLUICE_CMD_POOL_NEW,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_pool_new_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_pool_new_nl_policy,
		.maxattr	= SLUICE_A_POOL_STICKY_POOL,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_POOL_SET,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_pool_set_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_pool_set_nl_policy,
		.maxattr	= SLUICE_A_POOL_STICKY_POOL,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_POOL_DEL,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_pool_del_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_pool_del_nl_policy,
		.maxattr	= SLUICE_A_POOL_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_SERVER_GET,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_server_get_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_server_get_do_nl_policy,
		.maxattr	= SLUICE_A_SERVER_PORT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_SERVER_GET,
		.dumpit		= sluice_nl_server_get_dumpit,
		.policy		= sluice_server_get_dump_nl_policy,
		.maxattr	= SLUICE_A_SERVER_SERVICE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SLUICE_CMD_SERVER_NEW,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_server_new_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_server_new_nl_policy,
		.maxattr	= SLUICE_A_SERVER_REASON,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_SERVER_SET,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_server_set_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_server_set_nl_policy,
		.maxattr	= SLUICE_A_SERVER_REASON,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_SERVER_DEL,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_server_del_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_server_del_nl_policy,
		.maxattr	= SLUICE_A_SERVER_PORT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_CONNECTION_GET,
		.doit		= sluice_nl_connection_get_doit,
		.policy		= sluice_connection_get_do_nl_policy,
		.maxattr	= SLUICE_A_CONNECTION_VIRTUAL_PORT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_CONNECTION_GET,
		.start		= sluice_nl_connection_get_start,
		.dumpit		= sluice_nl_connection_get_dumpit,
		.done		= sluice_nl_connection_get_done,
		.policy		= sluice_connection_get_dump_nl_policy,
		.maxattr	= SLUICE_A_CONNECTION_SERVER_PORT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SLUICE_CMD_STATS_RESET,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_stats_reset_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_stats_reset_nl_policy,
		.maxattr	= SLUICE_A_SERVICE_PORT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_FLUSH,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_flush_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_no_attributes_policy,
		.maxattr	= 1,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_ROUTE_GET,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_route_get_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_route_get_do_nl_policy,
		.maxattr	= SLUICE_A_ROUTE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_ROUTE_GET,
		.start		= sluice_nl_route_get_start,
		.dumpit		= sluice_nl_route_get_dumpit,
		.policy		= sluice_route_get_dump_nl_policy,
		.maxattr	= SLUICE_A_ROUTE_SERVICE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SLUICE_CMD_ROUTE_NEW,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_route_new_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_route_new_nl_policy,
		.maxattr	= SLUICE_A_ROUTE_PROXY_PORT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_ROUTE_SET,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_route_set_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_route_set_nl_policy,
		.maxattr	= SLUICE_A_ROUTE_PROXY_PORT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_ROUTE_DEL,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_route_del_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_route_del_nl_policy,
		.maxattr	= SLUICE_A_ROUTE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_ROUTE_MOVE,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_route_move_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_route_move_nl_policy,
		.maxattr	= SLUICE_A_ROUTE_BEFORE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_TRANSACTION_BEGIN,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_transaction_begin_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_transaction_begin_nl_policy,
		.maxattr	= SLUICE_A_TRANSACTION_GENERATION,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_TRANSACTION_COMMIT,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_transaction_commit_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_transaction_commit_nl_policy,
		.maxattr	= SLUICE_A_TRANSACTION_REQUESTS,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SLUICE_CMD_TRANSACTION_ABORT,
		.pre_doit	= sluice_nl_lock,
		.doit		= sluice_nl_transaction_abort_doit,
		.post_doit	= sluice_nl_unlock,
		.policy		= sluice_no_attributes_policy,
		.maxattr	= 1,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group sluice_nl_mcgrps[] = {
	[SLUICE_NLGRP_EVENTS] = { "events", .flags = GENL_MCAST_CAP_NET_ADMIN, },
};

struct genl_family sluice_nl_family __ro_after_init = {
	.name		= SLUICE_FAMILY_NAME,
	.version	= SLUICE_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= sluice_nl_ops,
	.n_split_ops	= ARRAY_SIZE(sluice_nl_ops),
	.mcgrps		= sluice_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(sluice_nl_mcgrps),
};
