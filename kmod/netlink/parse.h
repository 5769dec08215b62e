/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_NETLINK_PARSE_H
#define _SLUICE_NETLINK_PARSE_H

#include <net/genetlink.h>

#include "../net.h"
#include "../pool.h"
#include "../service.h"

int sluice_nl_get_address(const struct nlattr *attr, union nf_inet_addr *addr,
			  u8 *family, struct netlink_ext_ack *extack);
int sluice_nl_get_host_address(const struct nlattr *attr,
			       union nf_inet_addr *addr, u8 *family,
			       struct netlink_ext_ack *extack);
int sluice_nl_get_service_key(struct nlattr **attrs,
			      struct nlattr *nest,
			      struct sluice_service_key *key,
			      struct netlink_ext_ack *extack);
const struct sluice_scheduler *
sluice_nl_get_scheduler(const struct nlattr *attr,
			struct netlink_ext_ack *extack);
struct sluice_pool *sluice_nl_get_pool(struct sluice_net *sn,
				       const struct nlattr *attr,
				       struct netlink_ext_ack *extack);

int sluice_nl_put_address(struct sk_buff *skb, int type,
			  const union nf_inet_addr *addr, u8 family);
int sluice_nl_put_stats(struct sk_buff *skb, int type,
			const struct sluice_stats *stats);
int sluice_nl_put_refusals(struct sk_buff *skb, int type,
			   const struct sluice_refusals *refusals);

int sluice_nl_fill_service(struct sk_buff *skb, struct sluice_net *sn,
			   const struct sluice_service *service);
int sluice_nl_fill_pool(struct sk_buff *skb, const struct sluice_pool *pool);
int sluice_nl_fill_server(struct sk_buff *skb, const struct sluice_pool *pool,
			  const struct sluice_server *server);
int sluice_nl_fill_settings(struct sk_buff *skb, struct sluice_net *sn);

/* The reply to a do request: a message with its header, to be filled. */
struct sk_buff *sluice_nl_reply_new(struct genl_info *info, void **header);
int sluice_nl_reply_send(struct sk_buff *msg, void *header, int err,
			 struct genl_info *info);

/**
 * struct sluice_nl_dump - where a dump goes on, in &netlink_callback.ctx
 * @outer: number of the last object, or of its pool
 * @inner: number of the last server of that pool
 */
struct sluice_nl_dump {
	u64 outer;
	u64 inner;
};

static inline struct sluice_nl_dump *sluice_nl_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct sluice_nl_dump) >
		     sizeof_field(struct netlink_callback, ctx));
	return (struct sluice_nl_dump *)cb->ctx;
}

#endif /* _SLUICE_NETLINK_PARSE_H */
