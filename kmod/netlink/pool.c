// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about pools. */

#include "../../lib/http.h"
#include "../sticky.h"
#include "event.h"
#include "gen.h"
#include "parse.h"
#include "transaction.h"

static struct sluice_pool *get_pool(struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, SLUICE_A_POOL_NAME)) {
		NL_SET_ERR_MSG(info->extack, "a pool is named by its name");
		return ERR_PTR(-EINVAL);
	}
	return sluice_nl_get_pool(sluice_nl_net(info),
				  info->attrs[SLUICE_A_POOL_NAME],
				  info->extack);
}

static int fill_sticky(struct sk_buff *skb, const struct sluice_sticky *sticky)
{
	if (sticky &&
	    (nla_put_string(skb, SLUICE_A_POOL_STICKY_COOKIE, sticky->cookie) ||
	     nla_put_string(skb, SLUICE_A_POOL_STICKY_POOL, sticky->pool)))
		return -EMSGSIZE;
	return 0;
}

/**
 * sluice_nl_fill_pool() - write a pool
 * @skb: message
 * @sn: namespace
 * @object: the pool
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or -EMSGSIZE.
 */
int sluice_nl_fill_pool(struct sk_buff *skb, struct sluice_net *sn,
			const void *object)
{
	const struct sluice_pool *pool = object;
	struct sluice_stats stats;

	sluice_pool_read_stats(pool, &stats);
	if (nla_put_string(skb, SLUICE_A_POOL_NAME, pool->name) ||
	    nla_put_u8(skb, SLUICE_A_POOL_FAMILY, pool->family) ||
	    nla_put_string(skb, SLUICE_A_POOL_SCHEDULER, pool->now.sched->name) ||
	    (pool->owned && nla_put_flag(skb, SLUICE_A_POOL_OWNED)) ||
	    nla_put_uint(skb, SLUICE_A_POOL_ID, pool->id) ||
	    nla_put_u32(skb, SLUICE_A_POOL_SERVERS, pool->now.server_count) ||
	    nla_put_u32(skb, SLUICE_A_POOL_SERVICES, pool->now.service_count) ||
	    sluice_nl_put_stats(skb, SLUICE_A_POOL_STATS, &stats) ||
	    nla_put_u8(skb, SLUICE_A_POOL_PROXY_PROTOCOL,
		       pool->now.proxy_protocol) ||
	    nla_put_u32(skb, SLUICE_A_POOL_ROUTES, pool->now.route_count) ||
	    nla_put_u8(skb, SLUICE_A_POOL_ON_DOWN, pool->now.on_down) ||
	    nla_put_u8(skb, SLUICE_A_POOL_ON_DRAIN, pool->now.on_drain))
		return -EMSGSIZE;
	return fill_sticky(skb, pool->now.sticky);
}

int sluice_nl_pool_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_pool *pool = get_pool(info);

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	return sluice_nl_reply(info, sluice_nl_fill_pool, pool);
}

static const struct sluice_nl_kind pool_kind = {
	.list = offsetof(struct sluice_pool, list),
	.id = offsetof(struct sluice_pool, id),
	.fill = sluice_nl_fill_pool,
};

int sluice_nl_pool_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct sluice_net *sn = sluice_nl_dump_begin(cb);
	int err = sluice_nl_dump_list(skb, cb, &pool_kind, &sn->pool_list);

	sluice_nl_dump_end(sn);
	return err;
}

/* The version that a request gives, or that was there. */
static int get_proxy_protocol(struct genl_info *info, u8 was)
{
	struct nlattr *attr = info->attrs[SLUICE_A_POOL_PROXY_PROTOCOL];
	u8 version;

	if (!attr)
		return was;
	version = nla_get_u8(attr);
	if (!version || version == 2)
		return version;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "proxy-protocol must be 2, or 0 for none");
	return -EINVAL;
}

/* What becomes of connections: what a request gives, or that was there. */
static int get_fates(struct genl_info *info, struct sluice_pool_config *config)
{
	struct nlattr *on_down = info->attrs[SLUICE_A_POOL_ON_DOWN];
	struct nlattr *on_drain = info->attrs[SLUICE_A_POOL_ON_DRAIN];

	if (on_down)
		config->on_down = nla_get_u8(on_down);
	if (on_drain)
		config->on_drain = nla_get_u8(on_drain);
	if (config->on_drain != SLUICE_FATE_KEEP)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, on_drain,
			    "on-drain must be 1 (reset) or 2 (rebalance): what is to be kept needs no deadline");
	return -EINVAL;
}

static bool is_token(const char *text)
{
	while (is_char(*text, CHAR_TOKEN))
		text++;
	return !*text;
}

/*
 * How clients are kept: what a request gives, or that was there. With a reference,
 * NULL where they are not, or ERR_PTR().
 */
static struct sluice_sticky *get_sticky(struct genl_info *info,
					struct sluice_sticky *was,
					const char *name)
{
	struct nlattr *cookie = info->attrs[SLUICE_A_POOL_STICKY_COOKIE];
	struct nlattr *pool = info->attrs[SLUICE_A_POOL_STICKY_POOL];
	struct sluice_sticky *sticky;

	if (!cookie && pool) {
		NL_SET_ERR_MSG_ATTR(info->extack, pool,
				    "sticky-pool is given together with sticky-cookie");
		return ERR_PTR(-EINVAL);
	}
	if (!cookie)
		return sluice_sticky_get(was);
	if (!is_token(nla_data(cookie))) {
		NL_SET_ERR_MSG_ATTR(info->extack, cookie,
				    "the name of a cookie has letters, digits and !#$%&'*+-.^_`|~ only");
		return ERR_PTR(-EINVAL);
	}
	if (!*(const char *)nla_data(cookie))
		return NULL;
	if (pool) {
		int err = sluice_nl_check_name(pool, "pool", true, info->extack);

		if (err)
			return ERR_PTR(err);
		name = nla_data(pool);
	}
	if (sluice_sticky_is(was, nla_data(cookie), name))
		return sluice_sticky_get(was);
	sticky = sluice_sticky_alloc(nla_data(cookie), name);
	return sticky ?: ERR_PTR(-ENOMEM);
}

static int pool_new(struct genl_info *info)
{
	struct sluice_pool_config config = {
		.on_down = SLUICE_FATE_KEEP,
		.on_drain = SLUICE_FATE_RESET,
	};
	struct netlink_ext_ack *extack = info->extack;
	struct sluice_net *sn = sluice_nl_net(info);
	const struct sluice_scheduler *sched;
	struct nlattr **attrs = info->attrs;
	struct sluice_sticky *sticky;
	struct sluice_pool *pool;
	int err, version;
	u8 family;

	if (GENL_REQ_ATTR_CHECK(info, SLUICE_A_POOL_NAME) ||
	    GENL_REQ_ATTR_CHECK(info, SLUICE_A_POOL_FAMILY)) {
		NL_SET_ERR_MSG(extack, "a new pool needs a name and a family");
		return -EINVAL;
	}
	err = sluice_nl_check_name(attrs[SLUICE_A_POOL_NAME], "pool", false,
				   extack);
	if (err)
		return err;
	family = nla_get_u8(attrs[SLUICE_A_POOL_FAMILY]);
	if (family != AF_INET && family != AF_INET6) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[SLUICE_A_POOL_FAMILY],
				    "family must be 2 (IPv4) or 10 (IPv6)");
		return -EINVAL;
	}
	sched = sluice_nl_get_scheduler(attrs[SLUICE_A_POOL_SCHEDULER], extack);
	if (IS_ERR(sched))
		return PTR_ERR(sched);
	version = get_proxy_protocol(info, 0);
	if (version < 0)
		return version;
	err = get_fates(info, &config);
	if (err)
		return err;
	if (sluice_pool_lookup(sn, nla_data(attrs[SLUICE_A_POOL_NAME]))) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[SLUICE_A_POOL_NAME],
				    "the pool exists already");
		return -EEXIST;
	}
	sticky = get_sticky(info, NULL, nla_data(attrs[SLUICE_A_POOL_NAME]));
	if (IS_ERR(sticky))
		return PTR_ERR(sticky);
	pool = sluice_pool_add(sn, nla_data(attrs[SLUICE_A_POOL_NAME]), family,
			       false, sched, extack);
	if (IS_ERR(pool)) {
		sluice_sticky_put(sticky);
		return PTR_ERR(pool);
	}
	sluice_pool_set_proxy_protocol(sn, pool, version);
	sluice_pool_set_sticky(sn, pool, sticky);
	sluice_pool_set_fates(sn, pool, config.on_down, config.on_drain);
	if (sluice_pool_is_changed(pool))
		sluice_nl_event(sn, SLUICE_CMD_POOL_NTF, sluice_nl_fill_pool,
				pool);
	return 0;
}

int sluice_nl_pool_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, pool_new);
}

/* May the servers of a pool get a header of the PROXY protocol in front? */
static int check_proxy_protocol(struct genl_info *info,
				const struct sluice_pool *pool)
{
	struct nlattr *attr = info->attrs[SLUICE_A_POOL_PROXY_PROTOCOL];

	if (sluice_pool_is_for_flow(pool)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a service of stratum flow uses the pool: proxy-protocol needs sniff or relay");
		return -EINVAL;
	}
	if (pool->now.direct_count) {
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
					"proxy-protocol takes nat only, the pool has %u other server(s)",
					pool->now.direct_count);
		return -EINVAL;
	}
	return 0;
}

static int pool_set(struct genl_info *info)
{
	struct nlattr *proxy = info->attrs[SLUICE_A_POOL_PROXY_PROTOCOL];
	struct nlattr *attr = info->attrs[SLUICE_A_POOL_SCHEDULER];
	struct sluice_pool *pool = get_pool(info);
	struct sluice_net *sn = sluice_nl_net(info);
	const struct sluice_scheduler *sched;
	struct sluice_pool_config config;
	struct sluice_sticky *sticky;
	int err = 0, version;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	if (!attr && !proxy && !info->attrs[SLUICE_A_POOL_ON_DOWN] &&
	    !info->attrs[SLUICE_A_POOL_ON_DRAIN] &&
	    !info->attrs[SLUICE_A_POOL_STICKY_COOKIE] &&
	    !info->attrs[SLUICE_A_POOL_STICKY_POOL]) {
		NL_SET_ERR_MSG(info->extack,
			       "nothing to change: give a scheduler, proxy-protocol, on-down, on-drain or sticky-cookie");
		return -EINVAL;
	}
	sched = attr ? sluice_nl_get_scheduler(attr, info->extack) : pool->now.sched;
	if (IS_ERR(sched))
		return PTR_ERR(sched);
	version = get_proxy_protocol(info, pool->now.proxy_protocol);
	if (version < 0)
		return version;
	if (version && proxy)
		err = check_proxy_protocol(info, pool);
	if (err)
		return err;
	config = pool->now;
	err = get_fates(info, &config);
	if (err)
		return err;
	sticky = get_sticky(info, pool->now.sticky, pool->name);
	if (IS_ERR(sticky))
		return PTR_ERR(sticky);
	sluice_pool_set_sched(sn, pool, sched);
	sluice_pool_set_sticky(sn, pool, sticky);
	sluice_pool_set_proxy_protocol(sn, pool, version);
	sluice_pool_set_fates(sn, pool, config.on_down, config.on_drain);
	sluice_nl_event(sn, SLUICE_CMD_POOL_NTF, sluice_nl_fill_pool, pool);
	return 0;
}

int sluice_nl_pool_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, pool_set);
}

static int pool_del(struct genl_info *info)
{
	struct sluice_pool *pool = get_pool(info);
	struct sluice_net *sn = sluice_nl_net(info);

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	if (pool->owned) {
		NL_SET_ERR_MSG(info->extack,
			       "this pool belongs to a service and goes with it");
		return -EBUSY;
	}
	if (pool->now.service_count) {
		NL_SET_ERR_MSG_FMT(info->extack,
				   "the pool is in use by %u service(s), delete those first",
				   pool->now.service_count);
		return -EBUSY;
	}
	if (pool->now.route_count) {
		NL_SET_ERR_MSG_FMT(info->extack,
				   "the pool is in use by %u route(s), delete those first",
				   pool->now.route_count);
		return -EBUSY;
	}
	sluice_nl_event(sn, SLUICE_CMD_POOL_DEL_NTF, sluice_nl_fill_pool, pool);
	sluice_pool_del(sn, pool);
	return 0;
}

int sluice_nl_pool_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, pool_del);
}
