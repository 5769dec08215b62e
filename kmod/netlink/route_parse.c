// SPDX-License-Identifier: GPL-2.0
/* Reading routes from netlink requests: all that can be wrong with one. */

#include <linux/slab.h>

#include "../service_route.h"
#include "gen.h"
#include "parse.h"
#include "route.h"

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
 * sluice_nl_route_free() - free what a request gave
 * @req: from sluice_nl_route_get(), also where that failed
 */
void sluice_nl_route_free(struct sluice_nl_route *req)
{
	kvfree(req->conditions);
	kvfree(req->sources);
	kvfree(req->pools);
}

static int get_lists(const struct nlattr *nest, struct sluice_nl_route *req,
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
		     struct sluice_nl_route *req, struct netlink_ext_ack *extack)
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
		     struct sluice_nl_route *req)
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

	if (service->stratum == SLUICE_STRATUM_RELAY) {
		if (!attr)
			return 0;
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "stratum relay gives the client itself to the daemon: no proxy-port");
		return -EINVAL;
	}
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
		      struct sluice_nl_route *req)
{
	u8 parse = sluice_service_parse(sluice_nl_net(info), service);
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
		if (parse == SLUICE_PARSE_HTTP)
			break;
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the service reads TLS, where nothing can be redirected");
		return -EINVAL;
	}
	return get_status(info, parse, action);
}

/**
 * sluice_nl_route_get() - read a route from a request
 * @info: the request, SLUICE_CMD_ROUTE_NEW or SLUICE_CMD_ROUTE_SET
 * @service: its service, of stratum sniff or relay
 * @req: what there was; overwritten as far as the request gives it. Zero but for
 *	@params at first, and to be given to sluice_nl_route_free() in any case.
 *
 * Context: &sluice_net.lock is held.
 * Return: 0, or a negative error after the extended ACK was set.
 */
int sluice_nl_route_get(struct genl_info *info,
			const struct sluice_service *service,
			struct sluice_nl_route *req)
{
	struct nlattr *match = info->attrs[SLUICE_A_ROUTE_MATCH];
	struct sluice_service_route_params *params = &req->params;
	u8 parse = sluice_service_parse(sluice_nl_net(info), service);
	int err;

	if (match) {
		err = get_match(match, parse, req, info->extack);
		if (err)
			return err;
	}
	if (info->attrs[SLUICE_A_ROUTE_ACTION])
		err = get_action(info, service, req);
	else
		err = check_action_attrs(info, NO_ACTION);
	if (err)
		return err;
	if (sluice_nl_route_size(&params->rule, &params->action) + 256 <=
	    SLUICE_ROUTE_BYTES_MAX)
		return 0;
	NL_SET_ERR_MSG(info->extack,
		       "a route takes at most 16384 bytes in a message");
	return -E2BIG;
}
