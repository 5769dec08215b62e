// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about the routes of services. */

#include "../service_route.h"
#include "event.h"
#include "gen.h"
#include "parse.h"
#include "route.h"
#include "transaction.h"

/**
 * struct listed_route - a route with what it does not know itself
 * @service: its service
 * @route: the route
 * @at: its place, from 0
 */
struct listed_route {
	const struct sluice_service *service;
	const struct sluice_service_route *route;
	u32 at;
};

static struct sluice_service *get_service(struct genl_info *info)
{
	struct nlattr *nest = info->attrs[SLUICE_A_ROUTE_SERVICE];
	struct sluice_service *service;

	if (!nest) {
		NL_SET_ERR_MSG(info->extack, "name the service of the route");
		return ERR_PTR(-EINVAL);
	}
	service = sluice_nl_get_service(sluice_nl_net(info), nest,
					info->extack);
	if (IS_ERR(service) || sluice_stratum_has_routes(service->stratum))
		return service;
	NL_SET_ERR_MSG_ATTR(info->extack, nest,
			    "a service of stratum flow has no routes, make it one of sniff or relay");
	return ERR_PTR(-EOPNOTSUPP);
}

static int check_has_name(struct genl_info *info)
{
	if (info->attrs[SLUICE_A_ROUTE_NAME])
		return 0;
	NL_SET_ERR_MSG(info->extack,
		       "a route is named by its service and its name");
	return -EINVAL;
}

static void list_route(struct sluice_net *sn,
		       const struct sluice_service *service, u32 at,
		       struct listed_route *listed)
{
	listed->service = service;
	listed->route = sluice_service_routes(sn, service)->slot[at].route;
	listed->at = at;
}

/* The service and the route that a request names. */
static struct sluice_service *get_route(struct genl_info *info,
					struct listed_route *named)
{
	struct sluice_service *service = get_service(info);
	struct nlattr *name = info->attrs[SLUICE_A_ROUTE_NAME];
	struct sluice_net *sn = sluice_nl_net(info);
	int at;

	if (IS_ERR(service))
		return service;
	at = check_has_name(info);
	if (at)
		return ERR_PTR(at);
	at = sluice_service_route_lookup(sn, service, nla_data(name));
	if (at < 0) {
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "the service has no route of this name");
		return ERR_PTR(-ENOENT);
	}
	list_route(sn, service, at, named);
	return service;
}

/* Out. */

static size_t text_size(struct sluice_text text)
{
	return text.len ? nla_total_size(text.len + 1) : 0;
}

/**
 * sluice_nl_route_size() - what a route takes in a message
 * @rule: what it matches
 * @action: what it does
 *
 * Return: bytes of both at most, nests included, without what names the route.
 */
size_t sluice_nl_route_size(const struct sluice_route_rule *rule,
			    const struct sluice_action *action)
{
	size_t size = 12 * nla_total_size(sizeof(u32));
	u32 i;

	size += text_size(rule->host) + text_size(rule->path);
	for (i = 0; i < rule->condition_count; i++)
		size += nla_total_size(0) + 2 * nla_total_size(sizeof(u8)) +
			text_size(rule->conditions[i].name) +
			text_size(rule->conditions[i].value);
	for (i = 0; i < rule->source_count; i++)
		size += nla_total_size(0) + nla_total_size(sizeof(u8)) +
			nla_total_size(rule->sources[i].address_len);
	for (i = 0; i < action->pool_count; i++)
		size += nla_total_size(0) + nla_total_size(sizeof(u32)) +
			nla_total_size(strlen(action->pools[i].pool->name) + 1);
	return size;
}

/* A route in a message, with what names it. */
static size_t route_size(const struct sluice_service_route *route)
{
	return nla_total_size(0) + nla_total_size(sizeof(union nf_inet_addr)) +
	       2 * nla_total_size(sizeof(u32)) +
	       nla_total_size(SLUICE_NAME_LEN + 1) +
	       2 * nla_total_size(sizeof(u64)) +
	       sluice_nl_route_size(&route->rule, &route->action);
}

static int put_text(struct sk_buff *skb, int type, struct sluice_text text)
{
	struct nlattr *attr;
	char *to;

	if (!text.len)
		return 0;
	attr = nla_reserve(skb, type, text.len + 1);
	if (!attr)
		return -EMSGSIZE;
	to = nla_data(attr);
	memcpy(to, text.data, text.len);
	to[text.len] = '\0';
	return 0;
}

static int put_condition(struct sk_buff *skb,
			 const struct sluice_route_condition *condition)
{
	struct nlattr *nest = nla_nest_start(skb, SLUICE_A_ROUTE_MATCH_CONDITION);

	if (!nest ||
	    nla_put_u8(skb, SLUICE_A_ROUTE_CONDITION_WHAT, condition->what) ||
	    nla_put_u8(skb, SLUICE_A_ROUTE_CONDITION_HOW, condition->how) ||
	    put_text(skb, SLUICE_A_ROUTE_CONDITION_NAME, condition->name) ||
	    put_text(skb, SLUICE_A_ROUTE_CONDITION_VALUE, condition->value))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_source(struct sk_buff *skb,
		      const struct sluice_route_source *source)
{
	struct nlattr *nest = nla_nest_start(skb, SLUICE_A_ROUTE_MATCH_SOURCE);

	if (!nest ||
	    nla_put(skb, SLUICE_A_ROUTE_SOURCE_ADDRESS, source->address_len,
		    source->address) ||
	    nla_put_u8(skb, SLUICE_A_ROUTE_SOURCE_PREFIX_LEN, source->bits))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_match(struct sk_buff *skb, const struct sluice_route_rule *rule)
{
	struct nlattr *nest = nla_nest_start(skb, SLUICE_A_ROUTE_MATCH);
	u32 i;

	if (!nest || put_text(skb, SLUICE_A_ROUTE_MATCH_HOST, rule->host) ||
	    (rule->port && nla_put_be16(skb, SLUICE_A_ROUTE_MATCH_PORT,
					htons(rule->port))) ||
	    put_text(skb, SLUICE_A_ROUTE_MATCH_PATH, rule->path) ||
	    nla_put_u8(skb, SLUICE_A_ROUTE_MATCH_PATH_HOW, rule->path_how) ||
	    nla_put_u16(skb, SLUICE_A_ROUTE_MATCH_SHARE, rule->share) ||
	    nla_put_u32(skb, SLUICE_A_ROUTE_MATCH_SALT, rule->salt))
		return -EMSGSIZE;
	for (i = 0; i < rule->condition_count; i++)
		if (put_condition(skb, rule->conditions + i))
			return -EMSGSIZE;
	for (i = 0; i < rule->source_count; i++)
		if (put_source(skb, rule->sources + i))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_pool(struct sk_buff *skb,
		    const struct sluice_action_share *share)
{
	struct nlattr *nest = nla_nest_start(skb, SLUICE_A_ROUTE_POOL);

	if (!nest ||
	    nla_put_string(skb, SLUICE_A_ROUTE_POOL_NAME, share->pool->name) ||
	    nla_put_u32(skb, SLUICE_A_ROUTE_POOL_WEIGHT, share->weight))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_action(struct sk_buff *skb, const struct sluice_action *action)
{
	u32 i;

	if (nla_put_u8(skb, SLUICE_A_ROUTE_ACTION, action->kind))
		return -EMSGSIZE;
	switch (action->kind) {
	case SLUICE_ROUTE_ACTION_POOL:
		for (i = 0; i < action->pool_count; i++)
			if (put_pool(skb, action->pools + i))
				return -EMSGSIZE;
		return 0;
	case SLUICE_ROUTE_ACTION_PROXY:
		return action->port ? nla_put_be16(skb,
						   SLUICE_A_ROUTE_PROXY_PORT,
						   action->port) :
				      0;
	default:
		return nla_put_u16(skb, SLUICE_A_ROUTE_STATUS, action->status);
	}
}

static int fill_route(struct sk_buff *skb, struct sluice_net *sn,
		      const void *object)
{
	const struct listed_route *listed = object;
	const struct sluice_service_route *route = listed->route;

	if (sluice_nl_put_service_key(skb, SLUICE_A_ROUTE_SERVICE,
				      &listed->service->key) ||
	    nla_put_string(skb, SLUICE_A_ROUTE_NAME, route->name) ||
	    nla_put_uint(skb, SLUICE_A_ROUTE_ID, route->id) ||
	    nla_put_u32(skb, SLUICE_A_ROUTE_POSITION, listed->at + 1) ||
	    put_match(skb, &route->rule) || put_action(skb, &route->action) ||
	    nla_put_uint(skb, SLUICE_A_ROUTE_HITS,
			 sluice_service_route_hits(route)))
		return -EMSGSIZE;
	return 0;
}

static void tell(struct sluice_net *sn, u8 cmd,
		 const struct listed_route *listed)
{
	sluice_nl_event_sized(sn, cmd, route_size(listed->route), fill_route,
			      listed);
}

int sluice_nl_route_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct listed_route named;
	struct sluice_service *service = get_route(info, &named);

	if (IS_ERR(service))
		return PTR_ERR(service);
	return sluice_nl_reply_sized(info, route_size(named.route), fill_route,
				     &named);
}

int sluice_nl_route_get_start(struct netlink_callback *cb)
{
	/* Any route fits an empty message. */
	cb->min_dump_alloc = nlmsg_total_size(GENL_HDRLEN +
					      SLUICE_ROUTE_BYTES_MAX);
	return 0;
}

static int dump_service(struct sk_buff *skb, struct netlink_callback *cb,
			struct sluice_net *sn,
			const struct sluice_service *service)
{
	const struct sluice_route_set *set = sluice_service_routes(sn, service);
	struct sluice_nl_dump *at = sluice_nl_dump(cb);
	struct listed_route listed;
	int err;

	if (service->id != at->pool) {
		at->pool = service->id;
		at->last = 0;
	}
	for (; set && at->last < set->count; at->last++) {
		cond_resched();
		list_route(sn, service, at->last, &listed);
		err = sluice_nl_dump_one(skb, cb, fill_route, &listed);
		if (err)
			return err;
	}
	return 0;
}

static int dump_all(struct sk_buff *skb, struct netlink_callback *cb,
		    struct sluice_net *sn)
{
	struct sluice_service *service;
	int err;

	list_for_each_entry(service, &sn->service_list, list) {
		if (service->id < sluice_nl_dump(cb)->pool)
			continue;
		err = dump_service(skb, cb, sn, service);
		if (err)
			return err;
	}
	return 0;
}

int sluice_nl_route_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	struct sluice_net *sn = sluice_nl_dump_begin(cb);
	struct nlattr *nest = info->attrs[SLUICE_A_ROUTE_SERVICE];
	struct sluice_service *service;
	int err;

	if (!nest) {
		err = dump_all(skb, cb, sn);
	} else {
		service = sluice_nl_get_service(sn, nest, info->extack);
		err = PTR_ERR_OR_ZERO(service) ?:
		      dump_service(skb, cb, sn, service);
	}
	sluice_nl_dump_end(sn);
	return err;
}

/* Where a request wants a route: before another one, or at the end. */
static int get_place(struct genl_info *info,
		     const struct sluice_service *service)
{
	struct nlattr *before = info->attrs[SLUICE_A_ROUTE_BEFORE];
	struct sluice_net *sn = sluice_nl_net(info);
	const struct sluice_route_set *set;
	int at;

	if (!before) {
		set = sluice_service_routes(sn, service);
		return set ? set->count : 0;
	}
	at = sluice_service_route_lookup(sn, service, nla_data(before));
	if (at < 0)
		NL_SET_ERR_MSG_ATTR(info->extack, before,
				    "the service has no route of this name");
	return at;
}

static int route_new(struct genl_info *info)
{
	struct sluice_nl_route req = {
		.params.rule.share = SLUICE_ROUTE_SHARE_ALL,
	};
	struct sluice_service *service = get_service(info);
	struct nlattr *name = info->attrs[SLUICE_A_ROUTE_NAME];
	struct sluice_net *sn = sluice_nl_net(info);
	struct listed_route new;
	int err, at;

	if (IS_ERR(service))
		return PTR_ERR(service);
	err = check_has_name(info);
	if (!err)
		err = sluice_nl_check_name(name, "route", true, info->extack);
	if (err)
		return err;
	if (sluice_service_route_lookup(sn, service, nla_data(name)) >= 0) {
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "the service has a route of this name already");
		return -EEXIST;
	}
	at = get_place(info, service);
	if (at < 0)
		return at;
	if (!info->attrs[SLUICE_A_ROUTE_ACTION]) {
		NL_SET_ERR_MSG(info->extack,
			       "a route needs an action: pool, reject, redirect or proxy");
		return -EINVAL;
	}
	err = sluice_nl_route_get(info, service, &req);
	if (!err)
		err = sluice_service_route_add(sn, service, nla_data(name), at,
					       &req.params, info->extack);
	sluice_nl_route_free(&req);
	if (err)
		return err;
	list_route(sn, service, at, &new);
	if (new.route->change.made)
		tell(sn, SLUICE_CMD_ROUTE_NTF, &new);
	return 0;
}

int sluice_nl_route_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, route_new);
}

static int route_set(struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_nl_route req = {};
	struct sluice_service *service;
	struct listed_route named;
	int err;

	service = get_route(info, &named);
	if (IS_ERR(service))
		return PTR_ERR(service);
	if (!info->attrs[SLUICE_A_ROUTE_MATCH] &&
	    !info->attrs[SLUICE_A_ROUTE_ACTION]) {
		NL_SET_ERR_MSG(info->extack,
			       "nothing to change: give a match or an action");
		return -EINVAL;
	}
	req.params.rule = named.route->rule;
	req.params.action = named.route->action;
	err = sluice_nl_route_get(info, service, &req);
	if (!err)
		err = sluice_service_route_set(sn, service, named.at,
					       &req.params, info->extack);
	sluice_nl_route_free(&req);
	if (err)
		return err;
	list_route(sn, service, named.at, &named);
	tell(sn, SLUICE_CMD_ROUTE_NTF, &named);
	return 0;
}

int sluice_nl_route_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, route_set);
}

static int route_del(struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_service *service;
	struct listed_route named;
	int err;

	service = get_route(info, &named);
	if (IS_ERR(service))
		return PTR_ERR(service);
	err = sluice_service_route_del(sn, service, named.at, info->extack);
	if (err)
		return err;
	tell(sn, SLUICE_CMD_ROUTE_DEL_NTF, &named);
	return 0;
}

int sluice_nl_route_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, route_del);
}

static int route_move(struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_service *service;
	struct listed_route named;
	int err, to;

	service = get_route(info, &named);
	if (IS_ERR(service))
		return PTR_ERR(service);
	to = get_place(info, service);
	if (to < 0)
		return to;
	/* Counted without the one that moves; before itself is where it is. */
	if (to > named.at)
		to--;
	err = sluice_service_route_move(sn, service, named.at, to,
					info->extack);
	if (err)
		return err;
	list_route(sn, service, to, &named);
	tell(sn, SLUICE_CMD_ROUTE_NTF, &named);
	return 0;
}

int sluice_nl_route_move_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, route_move);
}
