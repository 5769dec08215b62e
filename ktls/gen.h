/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sluice-relay.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_SLUICE_RELAY_GEN_H
#define _LINUX_SLUICE_RELAY_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/sluice_relay.h>

/* Common nested types */
extern const struct nla_policy sluice_relay_service_nl_policy[SLUICE_RELAY_A_SERVICE_PORT + 1];

int sluice_relay_nl_client_get_start(struct netlink_callback *cb);

int sluice_relay_nl_client_hand_doit(struct sk_buff *skb,
				     struct genl_info *info);
int sluice_relay_nl_client_take_doit(struct sk_buff *skb,
				     struct genl_info *info);
int sluice_relay_nl_client_get_dumpit(struct sk_buff *skb,
				      struct netlink_callback *cb);
int sluice_relay_nl_client_del_doit(struct sk_buff *skb,
				    struct genl_info *info);
int sluice_relay_nl_config_get_dumpit(struct sk_buff *skb,
				      struct netlink_callback *cb);
int sluice_relay_nl_config_set_doit(struct sk_buff *skb,
				    struct genl_info *info);
int sluice_relay_nl_config_del_doit(struct sk_buff *skb,
				    struct genl_info *info);
int sluice_relay_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_relay_nl_client_lend_doit(struct sk_buff *skb,
				     struct genl_info *info);
int sluice_relay_nl_client_rekey_doit(struct sk_buff *skb,
				      struct genl_info *info);

enum {
	SLUICE_RELAY_NLGRP_BACK,
};

extern struct genl_family sluice_relay_nl_family;

#endif /* _LINUX_SLUICE_RELAY_GEN_H */
