// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about services. */

#include "event.h"
#include "gen.h"
#include "parse.h"
#include "transaction.h"
#include "../service_route.h"

static struct sluice_service *get_service(struct genl_info *info)
{
	struct sluice_service_key key;
	struct sluice_service *service;
	int err;

	err = sluice_nl_get_service_key(info->attrs, NULL, &key, info->extack);
	if (err)
		return ERR_PTR(err);
	service = sluice_service_lookup(sluice_nl_net(info), &key);
	if (service)
		return service;
	NL_SET_ERR_MSG(info->extack, "no such service");
	return ERR_PTR(-ENOENT);
}

static int fill_service(struct sk_buff *skb, struct sluice_net *sn,
			const void *object)
{
	const struct sluice_service *service = object;
	const struct sluice_service_key *key = &service->key;
	const struct sluice_pool *pool = sluice_service_pool(sn, service);
	const struct sluice_route_set *routes;
	const struct sluice_service_view *view;
	struct sluice_stats stats;

	view = &service->view[sluice_edit(sn)];
	routes = sluice_service_routes(sn, service);
	sluice_service_read_stats(sn, service, &stats);
	if (nla_put_u8(skb, SLUICE_A_SERVICE_PROTOCOL, key->protocol) ||
	    sluice_nl_put_address(skb, SLUICE_A_SERVICE_ADDRESS, &key->addr,
				  key->family) ||
	    nla_put_be16(skb, SLUICE_A_SERVICE_PORT, key->port) ||
	    nla_put_string(skb, SLUICE_A_SERVICE_POOL, pool->name) ||
	    nla_put_string(skb, SLUICE_A_SERVICE_SCHEDULER,
			   pool->now.sched->name) ||
	    (pool->owned && nla_put_flag(skb, SLUICE_A_SERVICE_OWN_POOL)) ||
	    nla_put_uint(skb, SLUICE_A_SERVICE_ID, service->id) ||
	    sluice_nl_put_stats(skb, SLUICE_A_SERVICE_STATS, &stats) ||
	    sluice_nl_put_refusals(skb, SLUICE_A_SERVICE_REFUSALS,
				   &service->refusals) ||
	    nla_put_u8(skb, SLUICE_A_SERVICE_SLOW_PATH, view->slow_path) ||
	    nla_put_u8(skb, SLUICE_A_SERVICE_STRATUM, service->stratum) ||
	    nla_put_u8(skb, SLUICE_A_SERVICE_PARSE, view->parse) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_ROUTES,
			routes ? routes->count : 0))
		return -EMSGSIZE;
	return 0;
}

int sluice_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_service *service = get_service(info);

	if (IS_ERR(service))
		return PTR_ERR(service);
	return sluice_nl_reply(info, fill_service, service);
}

static const struct sluice_nl_kind service_kind = {
	.list = offsetof(struct sluice_service, list),
	.id = offsetof(struct sluice_service, id),
	.fill = fill_service,
};

int sluice_nl_service_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct sluice_net *sn = sluice_nl_dump_begin(cb);
	int err = sluice_nl_dump_list(skb, cb, &service_kind,
				      &sn->service_list);

	sluice_nl_dump_end(sn);
	return err;
}

/* The pool that a service owns: tcp/192.0.2.1:80, udp/[2001:db8::1]:53. */
static void own_pool_name(const struct sluice_service_key *key, char *name)
{
	const char *protocol = key->protocol == IPPROTO_TCP ? "tcp" : "udp";

	if (key->family == AF_INET)
		snprintf(name, SLUICE_NAME_LEN + 1, "%s/%pI4:%u", protocol,
			 &key->addr.ip, ntohs(key->port));
	else
		snprintf(name, SLUICE_NAME_LEN + 1, "%s/[%pI6c]:%u", protocol,
			 &key->addr.in6, ntohs(key->port));
}

/* The named pool that a service is to use. */
static struct sluice_pool *get_named_pool(struct genl_info *info, u8 family,
					  u8 stratum)
{
	struct nlattr *scheduler = info->attrs[SLUICE_A_SERVICE_SCHEDULER];

	if (scheduler) {
		NL_SET_ERR_MSG_ATTR(info->extack, scheduler,
				    "a named pool has a scheduler already, set it there");
		return ERR_PTR(-EINVAL);
	}
	return sluice_nl_get_shared_pool(sluice_nl_net(info),
					 info->attrs[SLUICE_A_SERVICE_POOL],
					 family, sluice_stratum_has_routes(stratum),
					 info->extack);
}

/* Which first bytes a service of stratum sniff or relay reads. */
static int get_parse(struct genl_info *info, u8 stratum, u8 *parse)
{
	struct nlattr *attr = info->attrs[SLUICE_A_SERVICE_PARSE];

	if (stratum == SLUICE_STRATUM_RELAY) {
		*parse = SLUICE_PARSE_HTTP;
		if (!attr || nla_get_u8(attr) == SLUICE_PARSE_HTTP)
			return 0;
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "stratum relay reads http, there is no other parse");
		return -EINVAL;
	}
	*parse = attr ? nla_get_u8(attr) : SLUICE_PARSE_NONE;
	if (*parse != SLUICE_PARSE_NONE)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "stratum sniff needs parse tls or http");
	return -EINVAL;
}

static int get_params(struct genl_info *info,
		      const struct sluice_service_key *key,
		      struct sluice_service_params *params)
{
	struct nlattr *stratum = info->attrs[SLUICE_A_SERVICE_STRATUM];
	struct nlattr *parse = info->attrs[SLUICE_A_SERVICE_PARSE];

	params->stratum = stratum ? nla_get_u8(stratum) : SLUICE_STRATUM_FLOW;
	params->parse = SLUICE_PARSE_NONE;
	switch (params->stratum) {
	case SLUICE_STRATUM_FLOW:
		if (!parse || nla_get_u8(parse) == SLUICE_PARSE_NONE)
			return 0;
		NL_SET_ERR_MSG_ATTR(info->extack, parse,
				    "stratum flow reads no first bytes, give stratum sniff");
		return -EINVAL;
	default:
		if (key->protocol == IPPROTO_TCP)
			return get_parse(info, params->stratum, &params->parse);
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, stratum,
					"stratum %s is for TCP only",
					params->stratum == SLUICE_STRATUM_SNIFF ?
						"sniff" :
						"relay");
		return -EINVAL;
	}
}

/* May a service be kept off the fast path, or let on it? */
static int check_slow_path(struct genl_info *info, u8 stratum)
{
	struct nlattr *attr = info->attrs[SLUICE_A_SERVICE_SLOW_PATH];

	if (!attr || !nla_get_u8(attr) || stratum != SLUICE_STRATUM_RELAY)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "stratum relay has no fast path: every packet passes the firewall");
	return -EINVAL;
}

static struct sluice_pool *make_own_pool(struct genl_info *info,
					 const struct sluice_service_key *key)
{
	struct nlattr *attr = info->attrs[SLUICE_A_SERVICE_SCHEDULER];
	const struct sluice_scheduler *sched;
	char name[SLUICE_NAME_LEN + 1];

	sched = sluice_nl_get_scheduler(attr, info->extack);
	if (IS_ERR(sched))
		return ERR_CAST(sched);
	own_pool_name(key, name);
	return sluice_pool_add(sluice_nl_net(info), name, key->family, true,
			       sched, info->extack);
}

static int service_new(struct genl_info *info)
{
	struct nlattr *slow_path = info->attrs[SLUICE_A_SERVICE_SLOW_PATH];
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_service_params params;
	struct sluice_service_key key;
	struct sluice_service *service;
	struct sluice_pool *pool;
	int err;

	err = sluice_nl_get_service_key(info->attrs, NULL, &key, info->extack);
	if (err)
		return err;
	err = get_params(info, &key, &params);
	if (!err)
		err = check_slow_path(info, params.stratum);
	if (err)
		return err;
	if (sluice_service_lookup(sn, &key)) {
		NL_SET_ERR_MSG(info->extack, "the service exists already");
		return -EEXIST;
	}
	if (info->attrs[SLUICE_A_SERVICE_POOL])
		pool = get_named_pool(info, key.family, params.stratum);
	else
		pool = make_own_pool(info, &key);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	service = sluice_service_add(sn, &key, &params, pool, info->extack);
	if (IS_ERR(service))
		return PTR_ERR(service);
	if (slow_path)
		sluice_service_set_slow_path(sn, service,
					     nla_get_u8(slow_path));
	if (sluice_service_is_changed(sn, service))
		sluice_nl_event(sn, SLUICE_CMD_SERVICE_NTF, fill_service,
				service);
	return 0;
}

int sluice_nl_service_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, service_new);
}

static int set_scheduler(struct genl_info *info, struct sluice_pool *pool,
			 struct nlattr *attr)
{
	const struct sluice_scheduler *sched;

	sched = sluice_nl_get_scheduler(attr, info->extack);
	if (IS_ERR(sched))
		return PTR_ERR(sched);
	if (!pool->owned) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a named pool has a scheduler already, set it there");
		return -EINVAL;
	}
	sluice_pool_set_sched(sluice_nl_net(info), pool, sched);
	return 0;
}

/* What cannot be changed may be given as it is. */
static int check_kept(struct genl_info *info,
		      const struct sluice_service *service, u8 *parse)
{
	struct nlattr *stratum = info->attrs[SLUICE_A_SERVICE_STRATUM];
	struct nlattr *attr = info->attrs[SLUICE_A_SERVICE_PARSE];

	*parse = sluice_service_parse(sluice_nl_net(info), service);
	if (stratum && nla_get_u8(stratum) != service->stratum) {
		NL_SET_ERR_MSG_ATTR(info->extack, stratum,
				    "a service cannot change its stratum, delete it and make it anew");
		return -EOPNOTSUPP;
	}
	if (!attr || nla_get_u8(attr) == *parse)
		return 0;
	if (service->stratum == SLUICE_STRATUM_FLOW) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "stratum flow reads no first bytes");
		return -EINVAL;
	}
	if (sluice_service_routes(sluice_nl_net(info), service)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the service has routes, which are for what it reads now: delete those first");
		return -EBUSY;
	}
	return get_parse(info, service->stratum, parse);
}

static int service_set(struct genl_info *info)
{
	struct nlattr *scheduler = info->attrs[SLUICE_A_SERVICE_SCHEDULER];
	struct nlattr *slow_path = info->attrs[SLUICE_A_SERVICE_SLOW_PATH];
	struct nlattr *attr = info->attrs[SLUICE_A_SERVICE_POOL];
	struct sluice_service *service = get_service(info);
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_pool *pool, *old;
	u8 parse;
	int err;

	if (IS_ERR(service))
		return PTR_ERR(service);
	err = check_kept(info, service, &parse);
	if (!err)
		err = check_slow_path(info, service->stratum);
	if (err)
		return err;
	old = sluice_service_pool(sn, service);
	if (attr) {
		pool = get_named_pool(info, service->key.family,
				      service->stratum);
		if (IS_ERR(pool))
			return PTR_ERR(pool);
		if (old->owned && old != pool)
			sluice_nl_event(sn, SLUICE_CMD_POOL_DEL_NTF,
					sluice_nl_fill_pool, old);
		sluice_service_set_pool(sn, service, pool);
	} else if (scheduler) {
		err = set_scheduler(info, old, scheduler);
		if (err)
			return err;
	} else if (!slow_path && !info->attrs[SLUICE_A_SERVICE_STRATUM] &&
		   !info->attrs[SLUICE_A_SERVICE_PARSE]) {
		NL_SET_ERR_MSG(info->extack,
			       "nothing to change: give a pool, a scheduler, slow-path or parse");
		return -EINVAL;
	}
	if (parse != sluice_service_parse(sn, service))
		sluice_service_set_parse(sn, service, parse);
	if (slow_path)
		sluice_service_set_slow_path(sn, service,
					     nla_get_u8(slow_path));
	sluice_nl_event(sn, SLUICE_CMD_SERVICE_NTF, fill_service, service);
	return 0;
}

int sluice_nl_service_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, service_set);
}

static int service_del(struct genl_info *info)
{
	struct sluice_service *service = get_service(info);
	struct sluice_net *sn = sluice_nl_net(info);

	if (IS_ERR(service))
		return PTR_ERR(service);
	sluice_nl_event(sn, SLUICE_CMD_SERVICE_DEL_NTF, fill_service, service);
	sluice_service_del(sn, service);
	return 0;
}

int sluice_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, service_del);
}

static int flush(struct genl_info *info)
{
	sluice_flush(sluice_nl_net(info));
	return 0;
}

/**
 * sluice_nl_tell_flushed() - tell of what a flush has deleted
 * @sn: namespace
 *
 * Context: &sluice_net.lock is held, in a commit that is carried out.
 */
void sluice_nl_tell_flushed(struct sluice_net *sn)
{
	struct sluice_service *service;
	struct sluice_pool *pool;

	list_for_each_entry(service, &sn->commit.services, change.list)
		if (service->change.flushed && !service->change.made)
			sluice_nl_event(sn, SLUICE_CMD_SERVICE_DEL_NTF,
					fill_service, service);
	list_for_each_entry(pool, &sn->commit.pools, change.list)
		if (pool->change.flushed && !pool->change.made && !pool->owned)
			sluice_nl_event(sn, SLUICE_CMD_POOL_DEL_NTF,
					sluice_nl_fill_pool, pool);
}

int sluice_nl_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, flush);
}

static void reset_service(struct sluice_net *sn, struct sluice_service *service)
{
	sluice_service_touch(sn, service);
	service->change.reset = true;
}

static void reset_pool(struct sluice_net *sn, struct sluice_pool *pool)
{
	sluice_pool_touch(sn, pool);
	pool->change.reset = true;
}

static int stats_reset(struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_service *service;
	struct sluice_pool *pool;

	if (info->attrs[SLUICE_A_SERVICE_PROTOCOL] ||
	    info->attrs[SLUICE_A_SERVICE_ADDRESS] ||
	    info->attrs[SLUICE_A_SERVICE_PORT]) {
		service = get_service(info);
		if (IS_ERR(service))
			return PTR_ERR(service);
		reset_service(sn, service);
		reset_pool(sn, sluice_service_pool(sn, service));
		return 0;
	}
	list_for_each_entry(service, &sn->service_list, list) {
		reset_service(sn, service);
		cond_resched();
	}
	list_for_each_entry(pool, &sn->pool_list, list) {
		reset_pool(sn, pool);
		cond_resched();
	}
	return 0;
}

int sluice_nl_stats_reset_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, stats_reset);
}
