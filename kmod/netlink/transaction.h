/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_NETLINK_TRANSACTION_H
#define _SLUICE_NETLINK_TRANSACTION_H

#include <net/genetlink.h>

struct sluice_net;

/* Most transactions that are open in one namespace, and bytes in all of them. */
#define SLUICE_TRANSACTIONS_MAX 64
#define SLUICE_TRANSACTION_BYTES_MAX (256UL << 20)

/**
 * typedef sluice_nl_change_fn - carry out a request that changes something
 * @info: the request; of its socket only the namespace is to be used, since it may
 *	have been sent long ago
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: 0, or a negative error after which the commit is aborted.
 */
typedef int (*sluice_nl_change_fn)(struct genl_info *info);

int sluice_nl_change(struct sk_buff *skb, struct genl_info *info,
		     sluice_nl_change_fn fn);
int sluice_nl_transactions_register(void);
void sluice_nl_transactions_unregister(void);
void sluice_nl_transactions_init(struct sluice_net *sn);
void sluice_nl_transactions_exit(struct sluice_net *sn);

#endif /* _SLUICE_NETLINK_TRANSACTION_H */
