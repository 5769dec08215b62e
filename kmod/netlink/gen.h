/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sluice.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_SLUICE_GEN_H
#define _LINUX_SLUICE_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/sluice.h>

/* Common nested types */
extern const struct nla_policy sluice_route_condition_nl_policy[SLUICE_A_ROUTE_CONDITION_VALUE + 1];
extern const struct nla_policy sluice_route_match_nl_policy[SLUICE_A_ROUTE_MATCH_SALT + 1];
extern const struct nla_policy sluice_route_pool_nl_policy[SLUICE_A_ROUTE_POOL_WEIGHT + 1];
extern const struct nla_policy sluice_route_source_nl_policy[SLUICE_A_ROUTE_SOURCE_PREFIX_LEN + 1];
extern const struct nla_policy sluice_service_key_nl_policy[SLUICE_A_SERVICE_PORT + 1];
extern const struct nla_policy sluice_sniff_nl_policy[SLUICE_A_SNIFF_HELD_MAX + 1];
extern const struct nla_policy sluice_timeouts_nl_policy[SLUICE_A_TIMEOUTS_UDP + 1];

int sluice_nl_lock(const struct genl_split_ops *ops, struct sk_buff *skb,
		   struct genl_info *info);
void
sluice_nl_unlock(const struct genl_split_ops *ops, struct sk_buff *skb,
		 struct genl_info *info);
int sluice_nl_connection_get_start(struct netlink_callback *cb);
int sluice_nl_route_get_start(struct netlink_callback *cb);
int sluice_nl_connection_get_done(struct netlink_callback *cb);

int sluice_nl_info_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_settings_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_settings_set_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_service_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int sluice_nl_service_new_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_service_set_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_pool_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_pool_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int sluice_nl_pool_new_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_pool_set_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_pool_del_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_server_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_server_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int sluice_nl_server_new_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_server_set_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_server_del_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_connection_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_connection_get_dumpit(struct sk_buff *skb,
				    struct netlink_callback *cb);
int sluice_nl_stats_reset_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_flush_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_route_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_route_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int sluice_nl_route_new_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_route_set_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_route_del_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_route_move_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_transaction_begin_doit(struct sk_buff *skb,
				     struct genl_info *info);
int sluice_nl_transaction_commit_doit(struct sk_buff *skb,
				      struct genl_info *info);
int sluice_nl_transaction_abort_doit(struct sk_buff *skb,
				     struct genl_info *info);

enum {
	SLUICE_NLGRP_EVENTS,
};

extern struct genl_family sluice_nl_family;

#endif /* _LINUX_SLUICE_GEN_H */
