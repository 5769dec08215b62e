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
struct sluice_service *sluice_nl_get_service(struct sluice_net *sn,
					     struct nlattr *nest,
					     struct netlink_ext_ack *extack);
const struct sluice_scheduler *
sluice_nl_get_scheduler(const struct nlattr *attr,
			struct netlink_ext_ack *extack);
struct sluice_pool *sluice_nl_get_pool(struct sluice_net *sn,
				       const struct nlattr *attr,
				       struct netlink_ext_ack *extack);
struct sluice_pool *sluice_nl_get_shared_pool(struct sluice_net *sn,
					      struct nlattr *attr, u8 family,
					      bool routed,
					      struct netlink_ext_ack *extack);
int sluice_nl_check_name(const struct nlattr *attr, const char *what,
			 bool slash, struct netlink_ext_ack *extack);

int sluice_nl_put_address(struct sk_buff *skb, int type,
			  const union nf_inet_addr *addr, u8 family);
int sluice_nl_put_service_key(struct sk_buff *skb, int type,
			      const struct sluice_service_key *key);
int sluice_nl_put_stats(struct sk_buff *skb, int type,
			const struct sluice_stats *stats);
int sluice_nl_put_refusals(struct sk_buff *skb, int type,
			   const struct sluice_refusals *refusals);

/**
 * typedef sluice_nl_fill_fn - write one object
 * @skb: message
 * @sn: namespace
 * @object: the object
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or -EMSGSIZE.
 */
typedef int (*sluice_nl_fill_fn)(struct sk_buff *skb, struct sluice_net *sn,
				 const void *object);

int sluice_nl_fill_pool(struct sk_buff *skb, struct sluice_net *sn,
			const void *object);

int sluice_nl_reply(struct genl_info *info, sluice_nl_fill_fn fill,
		    const void *object);
int sluice_nl_reply_sized(struct genl_info *info, size_t size,
			  sluice_nl_fill_fn fill, const void *object);

/**
 * struct sluice_nl_kind - a kind of objects that are kept in a list
 * @list: offset of their link in it
 * @id: offset of their number, which grows along the list
 * @fill: writes one
 */
struct sluice_nl_kind {
	size_t list;
	size_t id;
	sluice_nl_fill_fn fill;
};

/**
 * struct sluice_nl_dump - where a dump goes on, in &netlink_callback.ctx
 * @last: number of the last object that was reported; of routes, how many of
 *	their service were
 * @pool: number of its pool or service, where the objects are servers or routes
 */
struct sluice_nl_dump {
	u64 last;
	u64 pool;
};

static inline struct sluice_nl_dump *sluice_nl_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct sluice_nl_dump) >
		     sizeof_field(struct netlink_callback, ctx));
	return (struct sluice_nl_dump *)cb->ctx;
}

struct sluice_net *sluice_nl_dump_begin(struct netlink_callback *cb);
void sluice_nl_dump_end(struct sluice_net *sn);
int sluice_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		       sluice_nl_fill_fn fill, const void *object);
int sluice_nl_dump_list(struct sk_buff *skb, struct netlink_callback *cb,
			const struct sluice_nl_kind *kind,
			const struct list_head *list);

/**
 * sluice_nl_net() - the namespace of a request
 * @info: the request
 *
 * Return: its namespace.
 */
static inline struct sluice_net *sluice_nl_net(const struct genl_info *info)
{
	return sluice_net(genl_info_net(info));
}

#endif /* _SLUICE_NETLINK_PARSE_H */
