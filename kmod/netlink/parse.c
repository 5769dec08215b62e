// SPDX-License-Identifier: GPL-2.0
/* What several objects have in common: attributes in and out. */

#include <linux/ctype.h>
#include <linux/inetdevice.h>
#include <net/ipv6.h>

#include "../compat.h"
#include "gen.h"
#include "parse.h"

/**
 * sluice_nl_get_address() - read any address
 * @attr: binary attribute
 * @addr: filled, zero past the family's bytes
 * @family: set to AF_INET or AF_INET6, by the length
 * @extack: gets what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int sluice_nl_get_address(const struct nlattr *attr, union nf_inet_addr *addr,
			  u8 *family, struct netlink_ext_ack *extack)
{
	memset(addr, 0, sizeof(*addr));
	switch (nla_len(attr)) {
	case sizeof(addr->ip):
		*family = AF_INET;
		break;
	case sizeof(addr->ip6):
		*family = AF_INET6;
		break;
	default:
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "an address has 4 bytes (IPv4) or 16 bytes (IPv6)");
		return -EINVAL;
	}
	nla_memcpy(addr, attr, sizeof(*addr));
	return 0;
}
EXPORT_SYMBOL_SLUICE(sluice_nl_get_address);

static const char loopback[] =
	"address is loopback: packets of other hosts never reach it";

static const char *bad_ipv4(__be32 addr)
{
	if (ipv4_is_zeronet(addr))
		return "address is unspecified (0.0.0.0)";
	if (ipv4_is_loopback(addr))
		return loopback;
	if (ipv4_is_multicast(addr) || ipv4_is_lbcast(addr))
		return "address is multicast or broadcast, it must be unicast";
	return NULL;
}

static const char *bad_ipv6(const struct in6_addr *addr)
{
	int type = ipv6_addr_type(addr);

	if (ipv6_addr_any(addr))
		return "address is unspecified (::)";
	if (type & IPV6_ADDR_LOOPBACK)
		return loopback;
	if (type & IPV6_ADDR_MULTICAST)
		return "address is multicast, it must be unicast";
	if (type & IPV6_ADDR_LINKLOCAL)
		return "address is link-local, it must be valid on more than one link";
	if (type & IPV6_ADDR_MAPPED)
		return "address is IPv4 mapped into IPv6, give 4 bytes for IPv4";
	return NULL;
}

/**
 * sluice_nl_get_host_address() - read the address of a service or server
 * @attr: binary attribute
 * @addr: filled, zero past the family's bytes
 * @family: set to AF_INET or AF_INET6, by the length
 * @extack: gets what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int sluice_nl_get_host_address(const struct nlattr *attr,
			       union nf_inet_addr *addr, u8 *family,
			       struct netlink_ext_ack *extack)
{
	const char *bad;
	int err;

	err = sluice_nl_get_address(attr, addr, family, extack);
	if (err)
		return err;
	bad = *family == AF_INET ? bad_ipv4(addr->ip) : bad_ipv6(&addr->in6);
	if (!bad)
		return 0;
	/* Not by NL_SET_ERR_MSG_ATTR(), which wants a literal. */
	extack->_msg = bad;
	NL_SET_BAD_ATTR(extack, attr);
	return -EINVAL;
}

/**
 * sluice_nl_get_service_key() - read what names a service
 * @attrs: attributes of the set service
 * @nest: where they are nested in another attribute, that, or NULL
 * @key: filled
 * @extack: gets what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int sluice_nl_get_service_key(struct nlattr **attrs,
			      struct nlattr *nest,
			      struct sluice_service_key *key,
			      struct netlink_ext_ack *extack)
{
	static const int needed[] = {
		SLUICE_A_SERVICE_PROTOCOL,
		SLUICE_A_SERVICE_ADDRESS,
		SLUICE_A_SERVICE_PORT,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		if (NL_REQ_ATTR_CHECK(extack, nest, attrs, needed[i])) {
			NL_SET_ERR_MSG(extack,
				       "a service is named by protocol, address and port");
			return -EINVAL;
		}
	}
	memset(key, 0, sizeof(*key));
	key->protocol = nla_get_u8(attrs[SLUICE_A_SERVICE_PROTOCOL]);
	if (key->protocol != IPPROTO_TCP && key->protocol != IPPROTO_UDP) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[SLUICE_A_SERVICE_PROTOCOL],
				    "protocol must be 6 (TCP) or 17 (UDP)");
		return -EINVAL;
	}
	key->port = nla_get_be16(attrs[SLUICE_A_SERVICE_PORT]);
	return sluice_nl_get_host_address(attrs[SLUICE_A_SERVICE_ADDRESS],
					  &key->addr, &key->family, extack);
}
EXPORT_SYMBOL_SLUICE(sluice_nl_get_service_key);

/**
 * sluice_nl_get_service() - find the service that a nest names
 * @sn: namespace
 * @nest: attributes of the set service-key
 * @extack: gets what is wrong
 *
 * Context: &sluice_net.lock is held.
 * Return: the service or ERR_PTR().
 */
struct sluice_service *sluice_nl_get_service(struct sluice_net *sn,
					     struct nlattr *nest,
					     struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[SLUICE_A_SERVICE_PORT + 1];
	struct sluice_service_key key;
	struct sluice_service *service;
	int err;

	err = nla_parse_nested(attrs, SLUICE_A_SERVICE_PORT, nest,
			       sluice_service_key_nl_policy, extack);
	if (err)
		return ERR_PTR(err);
	err = sluice_nl_get_service_key(attrs, nest, &key, extack);
	if (err)
		return ERR_PTR(err);
	service = sluice_service_lookup(sn, &key);
	if (service)
		return service;
	NL_SET_ERR_MSG_ATTR(extack, nest, "no such service");
	return ERR_PTR(-ENOENT);
}

/**
 * sluice_nl_get_scheduler() - read the name of a scheduler
 * @attr: string attribute, or NULL for the default
 * @extack: gets what is wrong
 *
 * Return: the scheduler or ERR_PTR(-ENOENT).
 */
const struct sluice_scheduler *
sluice_nl_get_scheduler(const struct nlattr *attr,
			struct netlink_ext_ack *extack)
{
	const struct sluice_scheduler *sched;

	if (!attr)
		return &sluice_sched_wlc;
	sched = sluice_sched_lookup(nla_data(attr));
	if (sched)
		return sched;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "no such scheduler, there are rr, wrr, lc and wlc");
	return ERR_PTR(-ENOENT);
}

/**
 * sluice_nl_get_pool() - find the pool that an attribute names
 * @sn: namespace
 * @attr: string attribute
 * @extack: gets what is wrong
 *
 * Context: &sluice_net.lock is held.
 * Return: the pool or ERR_PTR(-ENOENT).
 */
struct sluice_pool *sluice_nl_get_pool(struct sluice_net *sn,
				       const struct nlattr *attr,
				       struct netlink_ext_ack *extack)
{
	struct sluice_pool *pool = sluice_pool_lookup(sn, nla_data(attr));

	if (pool)
		return pool;
	NL_SET_ERR_MSG_ATTR(extack, attr, "no pool of this name");
	return ERR_PTR(-ENOENT);
}

static int check_shared(const struct sluice_pool *pool, struct nlattr *attr,
			u8 family, bool routed, struct netlink_ext_ack *extack)
{
	if (pool->owned) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "this pool belongs to one service and cannot be shared");
		return -EINVAL;
	}
	if (pool->family != family) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "pool and service are of different address families");
		return -EAFNOSUPPORT;
	}
	if (routed && pool->now.direct_count) {
		NL_SET_ERR_MSG_ATTR_FMT(extack, attr,
					"strata sniff and relay take nat only, the pool has %u other server(s)",
					pool->now.direct_count);
		return -EINVAL;
	}
	if (!routed && pool->now.proxy_protocol) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the pool has proxy-protocol, which needs a service of stratum sniff or relay");
		return -EINVAL;
	}
	return 0;
}

/**
 * sluice_nl_get_shared_pool() - find the pool that a service or route is to use
 * @sn: namespace
 * @attr: string attribute with its name
 * @family: family of the service
 * @routed: the service is of stratum sniff or relay
 * @extack: gets what is wrong
 *
 * Context: &sluice_net.lock is held.
 * Return: a pool that fits, or ERR_PTR().
 */
struct sluice_pool *sluice_nl_get_shared_pool(struct sluice_net *sn,
					      struct nlattr *attr, u8 family,
					      bool routed,
					      struct netlink_ext_ack *extack)
{
	struct sluice_pool *pool = sluice_nl_get_pool(sn, attr, extack);
	int err;

	if (IS_ERR(pool))
		return pool;
	err = check_shared(pool, attr, family, routed, extack);
	return err ? ERR_PTR(err) : pool;
}

/**
 * sluice_nl_check_name() - look whether a name may be given to an object
 * @attr: string attribute
 * @what: kind of the object, for the message
 * @slash: whether it may have slashes
 * @extack: gets what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int sluice_nl_check_name(const struct nlattr *attr, const char *what,
			 bool slash, struct netlink_ext_ack *extack)
{
	const char *name = nla_data(attr), *c;

	for (c = name; isascii(*c) && isgraph(*c) && (slash || *c != '/'); c++)
		;
	if (c != name && !*c)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(extack, attr,
				"a %s's name is 1 to 63 printable ASCII characters without blank%s",
				what, slash ? "" : " or slash");
	return -EINVAL;
}

/**
 * sluice_nl_put_address() - write an address
 * @skb: message
 * @type: attribute
 * @addr: address
 * @family: AF_INET or AF_INET6
 *
 * Return: 0 or -EMSGSIZE.
 */
int sluice_nl_put_address(struct sk_buff *skb, int type,
			  const union nf_inet_addr *addr, u8 family)
{
	int length = family == AF_INET ? sizeof(addr->ip) : sizeof(addr->ip6);

	return nla_put(skb, type, length, addr);
}
EXPORT_SYMBOL_SLUICE(sluice_nl_put_address);

/**
 * sluice_nl_put_service_key() - write what names a service
 * @skb: message
 * @type: attribute that it is nested in
 * @key: the service
 *
 * Return: 0 or -EMSGSIZE.
 */
int sluice_nl_put_service_key(struct sk_buff *skb, int type,
			      const struct sluice_service_key *key)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    nla_put_u8(skb, SLUICE_A_SERVICE_PROTOCOL, key->protocol) ||
	    sluice_nl_put_address(skb, SLUICE_A_SERVICE_ADDRESS, &key->addr,
				  key->family) ||
	    nla_put_be16(skb, SLUICE_A_SERVICE_PORT, key->port))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
EXPORT_SYMBOL_SLUICE(sluice_nl_put_service_key);

/**
 * sluice_nl_put_stats() - write counters
 * @skb: message
 * @type: attribute that they are nested in
 * @stats: counters
 *
 * Return: 0 or -EMSGSIZE.
 */
int sluice_nl_put_stats(struct sk_buff *skb, int type,
			const struct sluice_stats *stats)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    nla_put_uint(skb, SLUICE_A_STATS_CONNECTIONS, stats->connections) ||
	    nla_put_uint(skb, SLUICE_A_STATS_IN_PACKETS,
			 stats->packets[SLUICE_DIR_ORIGINAL]) ||
	    nla_put_uint(skb, SLUICE_A_STATS_IN_BYTES,
			 stats->bytes[SLUICE_DIR_ORIGINAL]) ||
	    nla_put_uint(skb, SLUICE_A_STATS_OUT_PACKETS,
			 stats->packets[SLUICE_DIR_REPLY]) ||
	    nla_put_uint(skb, SLUICE_A_STATS_OUT_BYTES,
			 stats->bytes[SLUICE_DIR_REPLY]))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * sluice_nl_put_refusals() - write counters of refused connections
 * @skb: message
 * @type: attribute that they are nested in
 * @refusals: counters
 *
 * Return: 0 or -EMSGSIZE.
 */
int sluice_nl_put_refusals(struct sk_buff *skb, int type,
			   const struct sluice_refusals *refusals)
{
	static const int attr[SLUICE_REFUSAL_COUNT] = {
		[SLUICE_REFUSAL_NO_SERVER] = SLUICE_A_REFUSALS_NO_SERVER,
		[SLUICE_REFUSAL_LIMIT] = SLUICE_A_REFUSALS_LIMIT,
		[SLUICE_REFUSAL_MEMORY] = SLUICE_A_REFUSALS_MEMORY,
		[SLUICE_REFUSAL_CLASH] = SLUICE_A_REFUSALS_CLASH,
		[SLUICE_REFUSAL_NO_ROUTE] = SLUICE_A_REFUSALS_NO_ROUTE,
		[SLUICE_REFUSAL_REJECTED] = SLUICE_A_REFUSALS_REJECTED,
		[SLUICE_REFUSAL_MALFORMED] = SLUICE_A_REFUSALS_MALFORMED,
		[SLUICE_REFUSAL_HEAD_TIMEOUT] = SLUICE_A_REFUSALS_HEAD_TIMEOUT,
		[SLUICE_REFUSAL_CONNECT] = SLUICE_A_REFUSALS_CONNECT,
		[SLUICE_REFUSAL_PRESSURE] = SLUICE_A_REFUSALS_PRESSURE,
		[SLUICE_REFUSAL_CLOSED] = SLUICE_A_REFUSALS_CLOSED,
	};
	struct nlattr *nest = nla_nest_start(skb, type);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < SLUICE_REFUSAL_COUNT; i++)
		if (nla_put_uint(skb, attr[i],
				 atomic64_read(&refusals->count[i])))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * sluice_nl_lock() - begin a do request
 * @ops: its operation
 * @skb: message
 * @info: the request
 *
 * Return: 0, with &sluice_net.lock held.
 */
int sluice_nl_lock(const struct genl_split_ops *ops, struct sk_buff *skb,
		   struct genl_info *info)
{
	mutex_lock(&sluice_nl_net(info)->lock);
	return 0;
}

/**
 * sluice_nl_unlock() - end what sluice_nl_lock() began
 * @ops: its operation
 * @skb: message
 * @info: the request
 */
void sluice_nl_unlock(const struct genl_split_ops *ops, struct sk_buff *skb,
		      struct genl_info *info)
{
	mutex_unlock(&sluice_nl_net(info)->lock);
}

/**
 * sluice_nl_reply() - answer a do request with one object
 * @info: the request
 * @fill: writes the object
 * @object: passed to @fill
 *
 * Return: 0 or a negative error.
 */
int sluice_nl_reply(struct genl_info *info, sluice_nl_fill_fn fill,
		    const void *object)
{
	return sluice_nl_reply_sized(info, GENLMSG_DEFAULT_SIZE, fill, object);
}

/**
 * sluice_nl_reply_sized() - answer a do request with one object of any size
 * @info: the request
 * @size: bytes that its attributes take
 * @fill: writes the object
 * @object: passed to @fill
 *
 * Return: 0 or a negative error.
 */
int sluice_nl_reply_sized(struct genl_info *info, size_t size,
			  sluice_nl_fill_fn fill, const void *object)
{
	struct sk_buff *msg = genlmsg_new(size, GFP_KERNEL);
	void *header;

	if (!msg)
		return -ENOMEM;
	header = genlmsg_iput(msg, info);
	if (!header || fill(msg, sluice_nl_net(info), object)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, header);
	return genlmsg_reply(msg, info);
}

/**
 * sluice_nl_dump_begin() - begin one message of a dump
 * @cb: the dump
 *
 * Return: the namespace, with &sluice_net.lock held until
 * sluice_nl_dump_end().
 */
struct sluice_net *sluice_nl_dump_begin(struct netlink_callback *cb)
{
	struct sluice_net *sn = sluice_nl_net(genl_info_dump(cb));

	mutex_lock(&sn->lock);
	cb->seq = sn->generation;
	return sn;
}

/**
 * sluice_nl_dump_end() - undo sluice_nl_dump_begin()
 * @sn: namespace
 */
void sluice_nl_dump_end(struct sluice_net *sn)
{
	mutex_unlock(&sn->lock);
}

/**
 * sluice_nl_dump_one() - report one object in a dump
 * @skb: message
 * @cb: the dump
 * @fill: writes the object
 * @object: passed to @fill
 *
 * Context: &sluice_net.lock is held.
 * Return: 0, or -EMSGSIZE where it does not fit.
 */
int sluice_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		       sluice_nl_fill_fn fill, const void *object)
{
	const struct genl_info *info = genl_info_dump(cb);
	void *header = __genlmsg_iput(skb, info, NLM_F_MULTI);

	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	if (fill(skb, sluice_nl_net(info), object)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

/**
 * sluice_nl_dump_list() - report what is left of a list in a dump
 * @skb: message
 * @cb: the dump; &sluice_nl_dump.last says where it goes on
 * @kind: kind of the objects
 * @list: they, in the order of their numbers
 *
 * Context: &sluice_net.lock is held.
 * Return: 0, or -EMSGSIZE where the dump goes on in the next message.
 */
int sluice_nl_dump_list(struct sk_buff *skb, struct netlink_callback *cb,
			const struct sluice_nl_kind *kind,
			const struct list_head *list)
{
	struct sluice_nl_dump *at = sluice_nl_dump(cb);
	const struct list_head *entry;
	const void *object;
	int err;
	u64 id;

	list_for_each(entry, list) {
		object = (const void *)entry - kind->list;
		id = *(const u64 *)(object + kind->id);
		if (id <= at->last)
			continue;
		cond_resched();
		err = sluice_nl_dump_one(skb, cb, kind->fill, object);
		if (err)
			return err;
		at->last = id;
	}
	return 0;
}
