// SPDX-License-Identifier: GPL-2.0-or-later
/* Routes of services of stratum sniff. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"

static const struct nla_policy policy[] = {
	[SLUICE_A_ROUTE_SERVICE] = { .type = NLA_NESTED },
	[SLUICE_A_ROUTE_NAME] = SLUICE_NAME_POLICY,
	[SLUICE_A_ROUTE_ID] = SLUICE_UINT_POLICY,
	[SLUICE_A_ROUTE_POSITION] = { .type = NLA_U32 },
	[SLUICE_A_ROUTE_MATCH] = { .type = NLA_NESTED },
	[SLUICE_A_ROUTE_ACTION] = { .type = NLA_U8 },
	[SLUICE_A_ROUTE_POOL] = { .type = NLA_NESTED },
	[SLUICE_A_ROUTE_STATUS] = { .type = NLA_U16 },
	[SLUICE_A_ROUTE_PROXY_PORT] = { .type = NLA_U16 },
	[SLUICE_A_ROUTE_HITS] = SLUICE_UINT_POLICY,
};

static const struct nla_policy match_policy[] = {
	[SLUICE_A_ROUTE_MATCH_HOST] = { .type = NLA_STRING },
	[SLUICE_A_ROUTE_MATCH_PORT] = { .type = NLA_U16 },
	[SLUICE_A_ROUTE_MATCH_PATH] = { .type = NLA_STRING },
	[SLUICE_A_ROUTE_MATCH_PATH_HOW] = { .type = NLA_U8 },
	[SLUICE_A_ROUTE_MATCH_CONDITION] = { .type = NLA_NESTED },
	[SLUICE_A_ROUTE_MATCH_SOURCE] = { .type = NLA_NESTED },
	[SLUICE_A_ROUTE_MATCH_SHARE] = { .type = NLA_U16 },
	[SLUICE_A_ROUTE_MATCH_SALT] = { .type = NLA_U32 },
};

/**
 * struct memory - what a route points to, in one block
 * @conditions: array
 * @sources: array
 * @pools: array
 * @attrs: the attributes as they came, which texts point into
 */
struct memory {
	struct sluice_route_condition *conditions;
	struct sluice_route_source *sources;
	struct sluice_route_pool *pools;
	struct nlattr *attrs;
};

static size_t count_attrs(struct nlattr *first, int length, int type)
{
	struct nlattr *attr;
	size_t count = 0;
	int left;

	nla_for_each_attr(attr, first, length, left)
		count += nla_type(attr) == type;
	return count;
}

static size_t count_nested(struct nlattr *nest, int type)
{
	return nest ? count_attrs(nla_data(nest), nla_len(nest), type) : 0;
}

/* Room for all that the attributes hold, and a copy of them. */
static struct memory *make_memory(struct nlattr *attrs, int length)
{
	struct nlattr *match = nla_find(attrs, length, SLUICE_A_ROUTE_MATCH);
	size_t conditions = count_nested(match, SLUICE_A_ROUTE_MATCH_CONDITION);
	size_t sources = count_nested(match, SLUICE_A_ROUTE_MATCH_SOURCE);
	size_t pools = count_attrs(attrs, length, SLUICE_A_ROUTE_POOL);
	struct memory *memory;

	/* What needs less alignment comes later. */
	memory = calloc(
		1, sizeof(*memory) + conditions * sizeof(*memory->conditions) +
			   pools * sizeof(*memory->pools) + (size_t)length +
			   sources * sizeof(*memory->sources));
	if (!memory)
		return NULL;
	memory->conditions = (void *)(memory + 1);
	memory->pools = (void *)(memory->conditions + conditions);
	memory->attrs = (void *)(memory->pools + pools);
	memory->sources = (void *)((char *)memory->attrs + length);
	memcpy(memory->attrs, attrs, (size_t)length);
	return memory;
}

static struct sluice_text get_text(const struct nlattr *attr)
{
	struct sluice_text text = { NULL, 0 };

	if (!attr)
		return text;
	text.data = nla_data(attr);
	text.len = (u32)strnlen(text.data, (size_t)nla_len(attr));
	return text;
}

static int get_condition(struct nlattr *nest,
			 struct sluice_route_condition *condition)
{
	static const struct nla_policy condition_policy[] = {
		[SLUICE_A_ROUTE_CONDITION_WHAT] = { .type = NLA_U8 },
		[SLUICE_A_ROUTE_CONDITION_HOW] = { .type = NLA_U8 },
		[SLUICE_A_ROUTE_CONDITION_NAME] = { .type = NLA_STRING },
		[SLUICE_A_ROUTE_CONDITION_VALUE] = { .type = NLA_STRING },
	};
	struct nlattr *tb[ARRAY_SIZE(condition_policy)];

	if (nla_parse_nested(tb, ARRAY_SIZE(condition_policy) - 1, nest,
			     condition_policy) < 0)
		return -EBADMSG;
	condition->what = sluice_get_u8(tb[SLUICE_A_ROUTE_CONDITION_WHAT]);
	condition->how = sluice_get_u8(tb[SLUICE_A_ROUTE_CONDITION_HOW]);
	condition->name = get_text(tb[SLUICE_A_ROUTE_CONDITION_NAME]);
	condition->value = get_text(tb[SLUICE_A_ROUTE_CONDITION_VALUE]);
	return 0;
}

static int get_source(struct nlattr *nest, struct sluice_route_source *source)
{
	static const struct nla_policy source_policy[] = {
		[SLUICE_A_ROUTE_SOURCE_ADDRESS] = SLUICE_ADDRESS_POLICY,
		[SLUICE_A_ROUTE_SOURCE_PREFIX_LEN] = { .type = NLA_U8 },
	};
	struct nlattr *tb[ARRAY_SIZE(source_policy)];
	struct sluice_address address;

	if (nla_parse_nested(tb, ARRAY_SIZE(source_policy) - 1, nest,
			     source_policy) < 0 ||
	    sluice_get_address(&address, tb[SLUICE_A_ROUTE_SOURCE_ADDRESS]) < 0)
		return -EBADMSG;
	source->address_len = address.family == AF_INET6 ? 16 : 4;
	memcpy(source->address, &address.v4, source->address_len);
	source->bits = sluice_get_u8(tb[SLUICE_A_ROUTE_SOURCE_PREFIX_LEN]);
	return 0;
}

static int get_match(struct nlattr *nest, struct memory *memory,
		     struct sluice_route_rule *rule)
{
	struct nlattr *tb[ARRAY_SIZE(match_policy)];
	struct nlattr *attr;
	int err = 0;
	int left;

	if (nla_parse_nested(tb, ARRAY_SIZE(match_policy) - 1, nest,
			     match_policy) < 0)
		return -EBADMSG;
	rule->host = get_text(tb[SLUICE_A_ROUTE_MATCH_HOST]);
	rule->port = sluice_get_port(tb[SLUICE_A_ROUTE_MATCH_PORT]);
	rule->path = get_text(tb[SLUICE_A_ROUTE_MATCH_PATH]);
	rule->path_how = sluice_get_u8(tb[SLUICE_A_ROUTE_MATCH_PATH_HOW]);
	rule->share = sluice_get_u16(tb[SLUICE_A_ROUTE_MATCH_SHARE]);
	rule->salt = sluice_get_u32(tb[SLUICE_A_ROUTE_MATCH_SALT]);
	rule->conditions = memory->conditions;
	rule->sources = memory->sources;
	nla_for_each_nested(attr, nest, left) {
		if (nla_type(attr) == SLUICE_A_ROUTE_MATCH_CONDITION)
			err = get_condition(
				attr,
				&memory->conditions[rule->condition_count++]);
		else if (nla_type(attr) == SLUICE_A_ROUTE_MATCH_SOURCE)
			err = get_source(
				attr, &memory->sources[rule->source_count++]);
		if (err < 0)
			return err;
	}
	return 0;
}

static int get_pool(struct nlattr *nest, struct sluice_route_pool *pool)
{
	static const struct nla_policy pool_policy[] = {
		[SLUICE_A_ROUTE_POOL_NAME] = SLUICE_NAME_POLICY,
		[SLUICE_A_ROUTE_POOL_WEIGHT] = { .type = NLA_U32 },
	};
	struct nlattr *tb[ARRAY_SIZE(pool_policy)];

	if (nla_parse_nested(tb, ARRAY_SIZE(pool_policy) - 1, nest,
			     pool_policy) < 0)
		return -EBADMSG;
	sluice_get_name(pool->name, sizeof(pool->name),
			tb[SLUICE_A_ROUTE_POOL_NAME]);
	pool->weight = sluice_get_u32(tb[SLUICE_A_ROUTE_POOL_WEIGHT]);
	return 0;
}

static int parse_copy(struct memory *memory, int length,
		      struct sluice_route *route)
{
	struct nlattr *tb[ARRAY_SIZE(policy)];
	struct nlattr *attr;
	int left;

	if (nla_parse(tb, ARRAY_SIZE(policy) - 1, memory->attrs, length,
		      policy) < 0 ||
	    !tb[SLUICE_A_ROUTE_SERVICE] || !tb[SLUICE_A_ROUTE_MATCH] ||
	    /* There is room for what is in the first one. */
	    tb[SLUICE_A_ROUTE_MATCH] !=
		    nla_find(memory->attrs, length, SLUICE_A_ROUTE_MATCH) ||
	    sluice_get_service(&route->service, tb[SLUICE_A_ROUTE_SERVICE]) <
		    0 ||
	    get_match(tb[SLUICE_A_ROUTE_MATCH], memory, &route->match) < 0)
		return -EBADMSG;
	route->has_match = true;
	route->has_action = true;
	sluice_get_name(route->name, sizeof(route->name),
			tb[SLUICE_A_ROUTE_NAME]);
	route->id = sluice_get_uint(tb[SLUICE_A_ROUTE_ID]);
	route->position = sluice_get_u32(tb[SLUICE_A_ROUTE_POSITION]);
	route->action = sluice_get_u8(tb[SLUICE_A_ROUTE_ACTION]);
	route->status = sluice_get_u16(tb[SLUICE_A_ROUTE_STATUS]);
	route->proxy_port = sluice_get_port(tb[SLUICE_A_ROUTE_PROXY_PORT]);
	route->hits = sluice_get_uint(tb[SLUICE_A_ROUTE_HITS]);
	route->pools = memory->pools;
	nla_for_each_attr(attr, memory->attrs, length, left)
		if (nla_type(attr) == SLUICE_A_ROUTE_POOL &&
		    get_pool(attr, &memory->pools[route->pools_count++]) < 0)
			return -EBADMSG;
	return 0;
}

static int parse_all(struct nlattr *attrs, int length, void *object)
{
	struct sluice_route *route = object;
	struct memory *memory = make_memory(attrs, length);
	int err;

	if (!memory)
		return -ENOMEM;
	err = parse_copy(memory, length, route);
	if (err < 0)
		free(memory);
	else
		route->memory = memory;
	return err;
}

static void release(void *object)
{
	sluice_route_free(object);
}

const struct sluice_object sluice_route_object = {
	.size = sizeof(struct sluice_route),
	.parse_all = parse_all,
	.release = release,
};

void sluice_route_free(struct sluice_route *route)
{
	free(route->memory);
	route->memory = NULL;
}

void sluice_route_list_free(struct sluice_route *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sluice_route_free(&list[i]);
	free(list);
}

static int put_text(struct nl_msg *msg, int type, struct sluice_text text)
{
	struct nlattr *attr;

	if (!text.len)
		return 0;
	attr = nla_reserve(msg, type, (int)text.len + 1);
	if (!attr)
		return -NLE_NOMEM;
	memcpy(nla_data(attr), text.data, text.len);
	((char *)nla_data(attr))[text.len] = '\0';
	return 0;
}

static int put_condition(struct nl_msg *msg,
			 const struct sluice_route_condition *condition)
{
	struct nlattr *nest =
		nla_nest_start(msg, SLUICE_A_ROUTE_MATCH_CONDITION);

	if (!nest ||
	    nla_put_u8(msg, SLUICE_A_ROUTE_CONDITION_WHAT, condition->what) <
		    0 ||
	    nla_put_u8(msg, SLUICE_A_ROUTE_CONDITION_HOW, condition->how) < 0 ||
	    put_text(msg, SLUICE_A_ROUTE_CONDITION_NAME, condition->name) < 0 ||
	    put_text(msg, SLUICE_A_ROUTE_CONDITION_VALUE, condition->value) < 0)
		return -NLE_NOMEM;
	return nla_nest_end(msg, nest);
}

static int put_source(struct nl_msg *msg,
		      const struct sluice_route_source *source)
{
	struct nlattr *nest = nla_nest_start(msg, SLUICE_A_ROUTE_MATCH_SOURCE);

	if (!nest ||
	    nla_put(msg, SLUICE_A_ROUTE_SOURCE_ADDRESS, source->address_len,
		    source->address) < 0 ||
	    nla_put_u8(msg, SLUICE_A_ROUTE_SOURCE_PREFIX_LEN, source->bits) < 0)
		return -NLE_NOMEM;
	return nla_nest_end(msg, nest);
}

static int put_match(struct nl_msg *msg, const struct sluice_route_rule *rule)
{
	/* An empty one says something, too. */
	struct nlattr *nest = nla_nest_start(msg, SLUICE_A_ROUTE_MATCH);

	if (!nest || put_text(msg, SLUICE_A_ROUTE_MATCH_HOST, rule->host) < 0 ||
	    sluice_put_port(msg, SLUICE_A_ROUTE_MATCH_PORT, rule->port) < 0 ||
	    put_text(msg, SLUICE_A_ROUTE_MATCH_PATH, rule->path) < 0 ||
	    nla_put_u8(msg, SLUICE_A_ROUTE_MATCH_PATH_HOW, rule->path_how) <
		    0 ||
	    nla_put_u16(msg, SLUICE_A_ROUTE_MATCH_SHARE, rule->share) < 0 ||
	    nla_put_u32(msg, SLUICE_A_ROUTE_MATCH_SALT, rule->salt) < 0)
		return -NLE_NOMEM;
	for (u32 i = 0; i < rule->condition_count; i++)
		if (put_condition(msg, &rule->conditions[i]) < 0)
			return -NLE_NOMEM;
	for (u32 i = 0; i < rule->source_count; i++)
		if (put_source(msg, &rule->sources[i]) < 0)
			return -NLE_NOMEM;
	return nla_nest_end(msg, nest);
}

static int put_pool(struct nl_msg *msg, const struct sluice_route_pool *pool)
{
	struct nlattr *nest = nla_nest_start(msg, SLUICE_A_ROUTE_POOL);

	if (!nest ||
	    sluice_put_name(msg, SLUICE_A_ROUTE_POOL_NAME, pool->name) < 0 ||
	    nla_put_u32(msg, SLUICE_A_ROUTE_POOL_WEIGHT, pool->weight) < 0)
		return -NLE_NOMEM;
	return nla_nest_end(msg, nest);
}

static int put_action(struct nl_msg *msg, const struct sluice_route *route)
{
	if (nla_put_u8(msg, SLUICE_A_ROUTE_ACTION, route->action) < 0 ||
	    (route->status &&
	     nla_put_u16(msg, SLUICE_A_ROUTE_STATUS, route->status) < 0) ||
	    sluice_put_port(msg, SLUICE_A_ROUTE_PROXY_PORT, route->proxy_port) <
		    0)
		return -NLE_NOMEM;
	for (size_t i = 0; i < route->pools_count; i++)
		if (put_pool(msg, &route->pools[i]) < 0)
			return -NLE_NOMEM;
	return 0;
}

static int put_route(struct nl_msg *msg, const struct sluice_route *route)
{
	if (sluice_put_service(msg, SLUICE_A_ROUTE_SERVICE, &route->service) <
		    0 ||
	    sluice_put_name(msg, SLUICE_A_ROUTE_NAME, route->name) < 0 ||
	    sluice_put_name(msg, SLUICE_A_ROUTE_BEFORE, route->before) < 0 ||
	    (route->has_match && put_match(msg, &route->match) < 0) ||
	    (route->has_action && put_action(msg, route) < 0))
		return -NLE_NOMEM;
	return 0;
}

static int change(struct sluice *sl, uint8_t cmd,
		  const struct sluice_route *route)
{
	/* More than the module takes, so that this says how much that is. */
	struct nl_msg *msg =
		sluice_msg_new_sized(sl, cmd, 2ul * SLUICE_ROUTE_BYTES_MAX);

	if (msg && put_route(msg, route) < 0) {
		nlmsg_free(msg);
		return sluice_fail(
			sl, E2BIG,
			"a route takes at most %d bytes in a message",
			SLUICE_ROUTE_BYTES_MAX);
	}
	return sluice_msg_do(sl, msg);
}

static struct nl_msg *key_msg(struct sluice *sl, uint8_t cmd,
			      const struct sluice_route *key)
{
	struct nl_msg *msg = sluice_msg_new(sl, cmd, 0);

	if (msg && (sluice_put_service(msg, SLUICE_A_ROUTE_SERVICE,
				       &key->service) < 0 ||
		    sluice_put_name(msg, SLUICE_A_ROUTE_NAME, key->name) < 0)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int sluice_route_get(struct sluice *sl, const struct sluice_route *key,
		     struct sluice_route *route)
{
	return sluice_msg_get(sl, key_msg(sl, SLUICE_CMD_ROUTE_GET, key),
			      &sluice_route_object, route);
}

static struct nl_msg *list_msg(struct sluice *sl, const void *of)
{
	struct nl_msg *msg =
		sluice_msg_new(sl, SLUICE_CMD_ROUTE_GET, NLM_F_DUMP);

	if (msg && of &&
	    sluice_put_service(msg, SLUICE_A_ROUTE_SERVICE, of) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int sluice_route_list(struct sluice *sl, const struct sluice_service_key *of,
		      struct sluice_route **list, size_t *count)
{
	return sluice_msg_list(sl, list_msg, of, &sluice_route_object,
			       (void **)list, count);
}

int sluice_route_new(struct sluice *sl, const struct sluice_route *route)
{
	return change(sl, SLUICE_CMD_ROUTE_NEW, route);
}

int sluice_route_set(struct sluice *sl, const struct sluice_route *route)
{
	return change(sl, SLUICE_CMD_ROUTE_SET, route);
}

int sluice_route_move(struct sluice *sl, const struct sluice_route *route)
{
	return change(sl, SLUICE_CMD_ROUTE_MOVE, route);
}

int sluice_route_del(struct sluice *sl, const struct sluice_route *key)
{
	return sluice_msg_do(sl, key_msg(sl, SLUICE_CMD_ROUTE_DEL, key));
}
