// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about the routes of services. */

#include <linux/slab.h>

#include "../service_route.h"
#include "event.h"
#include "gen.h"
#include "parse.h"

/* The numbers of the interface are those of the code that compares. */
static_assert((int)SLUICE_PATH_HOW_ANY == SLUICE_ROUTE_PATH_ANY);
static_assert((int)SLUICE_PATH_HOW_EXACT == SLUICE_ROUTE_PATH_EXACT);
static_assert((int)SLUICE_PATH_HOW_PREFIX == SLUICE_ROUTE_PATH_PREFIX);
static_assert((int)SLUICE_CONDITION_WHAT_METHOD == SLUICE_ROUTE_METHOD);
static_assert((int)SLUICE_CONDITION_WHAT_QUERY == SLUICE_ROUTE_QUERY);
static_assert((int)SLUICE_CONDITION_WHAT_HEADER == SLUICE_ROUTE_HEADER);
static_assert((int)SLUICE_CONDITION_WHAT_COOKIE == SLUICE_ROUTE_COOKIE);
static_assert((int)SLUICE_CONDITION_WHAT_ALPN == SLUICE_ROUTE_ALPN);
static_assert((int)SLUICE_CONDITION_HOW_PRESENT == SLUICE_ROUTE_PRESENT);
static_assert((int)SLUICE_CONDITION_HOW_EXACT == SLUICE_ROUTE_EXACT);
static_assert((int)SLUICE_CONDITION_HOW_PREFIX == SLUICE_ROUTE_PREFIX);
static_assert(SLUICE_MATCH_TEXT_MAX == SLUICE_ROUTE_TEXT_MAX);

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
	if (IS_ERR(service) || service->stratum == SLUICE_STRATUM_SNIFF)
		return service;
	NL_SET_ERR_MSG_ATTR(info->extack, nest,
			    "a service of stratum flow has no routes, make it one of sniff");
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

/* What put_match() and put_action() take at most, nests included. */
static size_t params_size(const struct sluice_route_rule *rule,
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
	       params_size(&route->rule, &route->action);
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
		return nla_put_be16(skb, SLUICE_A_ROUTE_PROXY_PORT,
				    action->port);
	default:
		return nla_put_u16(skb, SLUICE_A_ROUTE_STATUS, action->status);
	}
}

static int put_service_key(struct sk_buff *skb,
			   const struct sluice_service_key *key)
{
	struct nlattr *nest = nla_nest_start(skb, SLUICE_A_ROUTE_SERVICE);

	if (!nest ||
	    nla_put_u8(skb, SLUICE_A_SERVICE_PROTOCOL, key->protocol) ||
	    sluice_nl_put_address(skb, SLUICE_A_SERVICE_ADDRESS, &key->addr,
				  key->family) ||
	    nla_put_be16(skb, SLUICE_A_SERVICE_PORT, key->port))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_route(struct sk_buff *skb, struct sluice_net *sn,
		      const void *object)
{
	const struct listed_route *listed = object;
	const struct sluice_service_route *route = listed->route;

	if (put_service_key(skb, &listed->service->key) ||
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

/* In. */

static struct sluice_text get_text(const struct nlattr *attr)
{
	struct sluice_text text = {};

	if (!attr)
		return text;
	text.data = nla_data(attr);
	text.len = strlen(text.data);
	return text;
}

static int get_condition(const struct nlattr *nest,
			 struct sluice_route_condition *condition,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[SLUICE_A_ROUTE_CONDITION_MAX + 1];
	struct nlattr *what, *how;
	int err;

	err = nla_parse_nested(attrs, SLUICE_A_ROUTE_CONDITION_MAX, nest,
			       sluice_route_condition_nl_policy, extack);
	if (err)
		return err;
	what = attrs[SLUICE_A_ROUTE_CONDITION_WHAT];
	how = attrs[SLUICE_A_ROUTE_CONDITION_HOW];
	if (!what) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "say what the condition is about");
		return -EINVAL;
	}
	condition->what = nla_get_u8(what);
	condition->how = how ? nla_get_u8(how) : SLUICE_ROUTE_EXACT;
	condition->name = get_text(attrs[SLUICE_A_ROUTE_CONDITION_NAME]);
	condition->value = get_text(attrs[SLUICE_A_ROUTE_CONDITION_VALUE]);
	return 0;
}

static int get_source(const struct nlattr *nest,
		      struct sluice_route_source *source,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[SLUICE_A_ROUTE_SOURCE_MAX + 1];
	struct nlattr *address, *bits;
	union nf_inet_addr addr;
	u8 family;
	int err;

	err = nla_parse_nested(attrs, SLUICE_A_ROUTE_SOURCE_MAX, nest,
			       sluice_route_source_nl_policy, extack);
	if (err)
		return err;
	address = attrs[SLUICE_A_ROUTE_SOURCE_ADDRESS];
	bits = attrs[SLUICE_A_ROUTE_SOURCE_PREFIX_LEN];
	if (!address) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "a source needs an address");
		return -EINVAL;
	}
	err = sluice_nl_get_address(address, &addr, &family, extack);
	if (err)
		return err;
	memcpy(source->address, &addr, sizeof(source->address));
	source->address_len = nla_len(address);
	source->bits = bits ? nla_get_u8(bits) : nla_len(address) * 8;
	return 0;
}

static u32 count_nested(const struct nlattr *nest, int type)
{
	const struct nlattr *attr;
	u32 count = 0;
	int left;

	nla_for_each_nested_type(attr, type, nest, left)
		count++;
	return count;
}

/* The attribute of which there are many, by its number, or NULL. */
static const struct nlattr *nth_nested(const struct nlattr *nest, int type,
				       u32 number)
{
	const struct nlattr *attr;
	int left;

	nla_for_each_nested_type(attr, type, nest, left)
		if (!number--)
			return attr;
	return NULL;
}

/**
 * struct route_request - a route as a request gives it
 * @params: what it is to be; points into the request and to the arrays here
 * @conditions: kvmalloc() memory, or NULL
 * @sources: the same
 * @pools: the same
 */
struct route_request {
	struct sluice_service_route_params params;
	struct sluice_route_condition *conditions;
	struct sluice_route_source *sources;
	struct sluice_action_share *pools;
};

static void free_request(struct route_request *req)
{
	kvfree(req->conditions);
	kvfree(req->sources);
	kvfree(req->pools);
}

static int get_lists(const struct nlattr *nest, struct route_request *req,
		     struct netlink_ext_ack *extack)
{
	struct sluice_route_rule *rule = &req->params.rule;
	const struct nlattr *attr;
	u32 conditions = 0, sources = 0;
	int left, err = 0;

	rule->condition_count = count_nested(nest, SLUICE_A_ROUTE_MATCH_CONDITION);
	rule->source_count = count_nested(nest, SLUICE_A_ROUTE_MATCH_SOURCE);
	req->conditions = kvcalloc(rule->condition_count + 1,
				   sizeof(*req->conditions), GFP_KERNEL);
	req->sources = kvcalloc(rule->source_count + 1, sizeof(*req->sources),
				GFP_KERNEL);
	if (!req->conditions || !req->sources)
		return -ENOMEM;
	rule->conditions = req->conditions;
	rule->sources = req->sources;
	nla_for_each_nested(attr, nest, left) {
		if (nla_type(attr) == SLUICE_A_ROUTE_MATCH_CONDITION)
			err = get_condition(attr, &req->conditions[conditions++],
					    extack);
		else if (nla_type(attr) == SLUICE_A_ROUTE_MATCH_SOURCE)
			err = get_source(attr, &req->sources[sources++],
					 extack);
		if (err)
			return err;
	}
	return 0;
}

/* Say what is wrong with a rule, and with which attribute of @nest. */
static int refuse_rule(const struct nlattr *nest, struct nlattr **attrs,
		       const struct sluice_route_error *error,
		       struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = NULL;

	if (!strcmp(error->field, "condition"))
		attr = nth_nested(nest, SLUICE_A_ROUTE_MATCH_CONDITION,
				  error->index);
	else if (!strcmp(error->field, "source"))
		attr = nth_nested(nest, SLUICE_A_ROUTE_MATCH_SOURCE,
				  error->index);
	else if (!strcmp(error->field, "host"))
		attr = attrs[SLUICE_A_ROUTE_MATCH_HOST];
	else if (!strcmp(error->field, "path"))
		attr = attrs[SLUICE_A_ROUTE_MATCH_PATH];
	else if (!strcmp(error->field, "share"))
		attr = attrs[SLUICE_A_ROUTE_MATCH_SHARE];
	NL_SET_ERR_MSG_ATTR_FMT(extack, attr, "%s: %s", error->field,
				error->reason);
	return -EINVAL;
}

/* What a service that reads TLS, or HTTP, never sees. */
static int check_visible(const struct nlattr *nest, struct nlattr **attrs,
			 const struct sluice_route_rule *rule, u8 parse,
			 struct netlink_ext_ack *extack)
{
	bool tls = parse == SLUICE_PARSE_TLS, alpn;
	u32 i;

	if (tls && rule->path_how != SLUICE_ROUTE_PATH_ANY) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[SLUICE_A_ROUTE_MATCH_PATH],
				    "the service reads TLS, where no path is seen");
		return -EINVAL;
	}
	for (i = 0; i < rule->condition_count; i++) {
		alpn = rule->conditions[i].what == SLUICE_ROUTE_ALPN;
		if (tls == alpn)
			continue;
		if (tls)
			NL_SET_ERR_MSG(extack,
				       "the service reads TLS, where only host, alpn and source are seen");
		else
			NL_SET_ERR_MSG(extack,
				       "the service reads HTTP, which has no alpn");
		NL_SET_BAD_ATTR(extack,
				nth_nested(nest, SLUICE_A_ROUTE_MATCH_CONDITION,
					   i));
		return -EINVAL;
	}
	return 0;
}

static int get_match(const struct nlattr *nest, u8 parse,
		     struct route_request *req, struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[SLUICE_A_ROUTE_MATCH_MAX + 1];
	struct sluice_route_rule *rule = &req->params.rule;
	struct sluice_route_error error;
	struct nlattr *attr;
	int err;

	err = nla_parse_nested(attrs, SLUICE_A_ROUTE_MATCH_MAX, nest,
			       sluice_route_match_nl_policy, extack);
	if (err)
		return err;
	memset(rule, 0, sizeof(*rule));
	rule->host = get_text(attrs[SLUICE_A_ROUTE_MATCH_HOST]);
	attr = attrs[SLUICE_A_ROUTE_MATCH_PORT];
	rule->port = attr ? ntohs(nla_get_be16(attr)) : 0;
	attr = attrs[SLUICE_A_ROUTE_MATCH_PATH];
	rule->path = get_text(attr);
	rule->path_how = attr ? SLUICE_ROUTE_PATH_PREFIX : SLUICE_ROUTE_PATH_ANY;
	attr = attrs[SLUICE_A_ROUTE_MATCH_PATH_HOW];
	if (attr)
		rule->path_how = nla_get_u8(attr);
	attr = attrs[SLUICE_A_ROUTE_MATCH_SHARE];
	rule->share = attr ? nla_get_u16(attr) : SLUICE_ROUTE_SHARE_ALL;
	attr = attrs[SLUICE_A_ROUTE_MATCH_SALT];
	rule->salt = attr ? nla_get_u32(attr) : 0;
	err = get_lists(nest, req, extack);
	if (err)
		return err;
	if (!sluice_route_check(rule, &error))
		return refuse_rule(nest, attrs, &error, extack);
	return check_visible(nest, attrs, rule, parse, extack);
}

static int get_pool(struct genl_info *info, struct nlattr *nest,
		    const struct sluice_service *service,
		    struct sluice_action *action,
		    struct sluice_action_share *share)
{
	struct nlattr *attrs[SLUICE_A_ROUTE_POOL_MAX + 1];
	struct nlattr *name, *weight;
	u32 i;
	int err;

	err = nla_parse_nested(attrs, SLUICE_A_ROUTE_POOL_MAX, nest,
			       sluice_route_pool_nl_policy, info->extack);
	if (err)
		return err;
	name = attrs[SLUICE_A_ROUTE_POOL_NAME];
	weight = attrs[SLUICE_A_ROUTE_POOL_WEIGHT];
	if (!name) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "name the pool");
		return -EINVAL;
	}
	share->pool = sluice_nl_get_shared_pool(sluice_nl_net(info), name,
						service->key.family, true,
						info->extack);
	if (IS_ERR(share->pool))
		return PTR_ERR(share->pool);
	share->weight = weight ? nla_get_u32(weight) : 1;
	for (i = 0; i < action->pool_count; i++) {
		if (action->pools[i].pool != share->pool)
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "the pool is given twice");
		return -EINVAL;
	}
	return 0;
}

static int get_pools(struct genl_info *info,
		     const struct sluice_service *service,
		     struct route_request *req)
{
	struct sluice_action *action = &req->params.action;
	struct nlattr *attr;
	u32 count = 0;
	int left, err;

	nlmsg_for_each_attr_type(attr, SLUICE_A_ROUTE_POOL, info->nlhdr,
				 GENL_HDRLEN, left)
		count++;
	if (!count || count > SLUICE_ROUTE_POOLS_MAX) {
		NL_SET_ERR_MSG(info->extack, "action pool needs 1 to 256 pools");
		return -EINVAL;
	}
	req->pools = kvcalloc(count, sizeof(*req->pools), GFP_KERNEL);
	if (!req->pools)
		return -ENOMEM;
	action->pools = req->pools;
	nlmsg_for_each_attr_type(attr, SLUICE_A_ROUTE_POOL, info->nlhdr,
				 GENL_HDRLEN, left) {
		err = get_pool(info, attr, service, action,
			       req->pools + action->pool_count);
		if (err)
			return err;
		action->pool_count++;
	}
	return 0;
}

static int get_status(struct genl_info *info, u8 parse,
		      struct sluice_action *action)
{
	struct nlattr *attr = info->attrs[SLUICE_A_ROUTE_STATUS];

	if (action->kind == SLUICE_ROUTE_ACTION_REDIRECT) {
		action->status = attr ? nla_get_u16(attr) : 308;
		if (action->status == 301 || action->status == 308)
			return 0;
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the status of a redirection is 301 or 308");
		return -EINVAL;
	}
	action->status = attr ? nla_get_u16(attr) : 0;
	switch (action->status) {
	case 400:
	case 403:
	case 404:
	case 503:
		if (parse == SLUICE_PARSE_HTTP)
			return 0;
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the service reads TLS, where a rejection is a reset: no status");
		return -EINVAL;
	case 0:
		return 0;
	default:
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the status of a rejection is 400, 403, 404, 503, or 0 for a reset");
		return -EINVAL;
	}
}

/* Not a kind of action. */
#define NO_ACTION 7

/* What belongs to another action is not passed over in silence. */
static int check_action_attrs(struct genl_info *info, u8 kind)
{
	static const struct {
		int attr;
		u8 kinds;
	} fits[] = {
		{ SLUICE_A_ROUTE_POOL, BIT(SLUICE_ROUTE_ACTION_POOL) },
		{ SLUICE_A_ROUTE_STATUS, BIT(SLUICE_ROUTE_ACTION_REJECT) |
					 BIT(SLUICE_ROUTE_ACTION_REDIRECT) },
		{ SLUICE_A_ROUTE_PROXY_PORT, BIT(SLUICE_ROUTE_ACTION_PROXY) },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(fits); i++) {
		if (!info->attrs[fits[i].attr] || fits[i].kinds & BIT(kind))
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[fits[i].attr],
				    "of no use with this action, or without one");
		return -EINVAL;
	}
	return 0;
}

static int get_proxy_port(struct genl_info *info,
			  const struct sluice_service *service,
			  struct sluice_action *action)
{
	struct nlattr *attr = info->attrs[SLUICE_A_ROUTE_PROXY_PORT];

	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "action proxy needs proxy-port");
		return -EINVAL;
	}
	action->port = nla_get_be16(attr);
	if (action->port != service->key.port)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "this is the port of the service itself");
	return -EINVAL;
}

static int get_action(struct genl_info *info,
		      const struct sluice_service *service,
		      struct route_request *req)
{
	struct nlattr *attr = info->attrs[SLUICE_A_ROUTE_ACTION];
	struct sluice_action *action = &req->params.action;
	int err;

	memset(action, 0, sizeof(*action));
	action->kind = nla_get_u8(attr);
	err = check_action_attrs(info, action->kind);
	if (err)
		return err;
	switch (action->kind) {
	case SLUICE_ROUTE_ACTION_POOL:
		return get_pools(info, service, req);
	case SLUICE_ROUTE_ACTION_PROXY:
		return get_proxy_port(info, service, action);
	case SLUICE_ROUTE_ACTION_REDIRECT:
		if (service->parse == SLUICE_PARSE_HTTP)
			break;
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the service reads TLS, where nothing can be redirected");
		return -EINVAL;
	}
	return get_status(info, service->parse, action);
}

/* Fill in what the request gives; @req has what was there. */
static int get_params(struct genl_info *info,
		      const struct sluice_service *service,
		      struct route_request *req)
{
	struct nlattr *match = info->attrs[SLUICE_A_ROUTE_MATCH];
	struct sluice_service_route_params *params = &req->params;
	int err;

	if (match) {
		err = get_match(match, service->parse, req, info->extack);
		if (err)
			return err;
	}
	if (info->attrs[SLUICE_A_ROUTE_ACTION])
		err = get_action(info, service, req);
	else
		err = check_action_attrs(info, NO_ACTION);
	if (err)
		return err;
	if (params_size(&params->rule, &params->action) + 256 <=
	    SLUICE_ROUTE_BYTES_MAX)
		return 0;
	NL_SET_ERR_MSG(info->extack,
		       "a route takes at most 16384 bytes in a message");
	return -E2BIG;
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

int sluice_nl_route_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct route_request req = {
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
	err = get_params(info, service, &req);
	if (!err)
		err = sluice_service_route_add(sn, service, nla_data(name), at,
					       &req.params, info->extack);
	free_request(&req);
	if (err)
		return err;
	list_route(sn, service, at, &new);
	tell(sn, SLUICE_CMD_ROUTE_NTF, &new);
	return 0;
}

int sluice_nl_route_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct route_request req = {};
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
	err = get_params(info, service, &req);
	if (!err)
		err = sluice_service_route_set(sn, service, named.at,
					       &req.params, info->extack);
	free_request(&req);
	if (err)
		return err;
	list_route(sn, service, named.at, &named);
	tell(sn, SLUICE_CMD_ROUTE_NTF, &named);
	return 0;
}

int sluice_nl_route_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_service_route *gone;
	struct sluice_service *service;
	struct listed_route named;

	service = get_route(info, &named);
	if (IS_ERR(service))
		return PTR_ERR(service);
	gone = sluice_service_route_del(sn, service, named.at, info->extack);
	if (IS_ERR(gone))
		return PTR_ERR(gone);
	tell(sn, SLUICE_CMD_ROUTE_DEL_NTF, &named);
	sluice_service_route_release(sn, gone);
	return 0;
}

int sluice_nl_route_move_doit(struct sk_buff *skb, struct genl_info *info)
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
