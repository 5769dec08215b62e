// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about servers. */

#include <linux/ctype.h>

#include "../deadline.h"
#include "event.h"
#include "gen.h"
#include "parse.h"
#include "transaction.h"

static struct sluice_pool *get_pool_by_service(struct sluice_net *sn,
					       struct nlattr *nest,
					       struct netlink_ext_ack *extack)
{
	struct sluice_service *service = sluice_nl_get_service(sn, nest, extack);

	if (IS_ERR(service))
		return ERR_CAST(service);
	return sluice_service_pool(sn, service);
}

/* The pool that a request names, by itself or by a service. */
static struct sluice_pool *get_pool(const struct genl_info *info)
{
	struct nlattr *service = info->attrs[SLUICE_A_SERVER_SERVICE];
	struct nlattr *pool = info->attrs[SLUICE_A_SERVER_POOL];
	struct sluice_net *sn = sluice_nl_net(info);

	if (!pool == !service) {
		NL_SET_ERR_MSG(info->extack,
			       "name the server's pool, or a service that uses it, and not both");
		return ERR_PTR(-EINVAL);
	}
	if (service)
		return get_pool_by_service(sn, service, info->extack);
	return sluice_nl_get_pool(sn, pool, info->extack);
}

static int get_key(struct genl_info *info, const struct sluice_pool *pool,
		   struct sluice_server_key *key)
{
	struct nlattr **attrs = info->attrs;
	u8 family;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, SLUICE_A_SERVER_ADDRESS) ||
	    GENL_REQ_ATTR_CHECK(info, SLUICE_A_SERVER_PORT)) {
		NL_SET_ERR_MSG(info->extack,
			       "a server is named by address and port");
		return -EINVAL;
	}
	memset(key, 0, sizeof(*key));
	key->port = nla_get_be16(attrs[SLUICE_A_SERVER_PORT]);
	err = sluice_nl_get_host_address(attrs[SLUICE_A_SERVER_ADDRESS],
					 &key->addr, &family, info->extack);
	if (err)
		return err;
	if (family != pool->family) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[SLUICE_A_SERVER_ADDRESS],
				    "server and pool are of different address families");
		return -EAFNOSUPPORT;
	}
	return 0;
}

/* A server with its pool, which a deleted one does not know any more. */
struct pool_server {
	struct sluice_pool *pool;
	struct sluice_server *server;
};

/* The server that a request names. */
static int get_server(struct genl_info *info, struct pool_server *named)
{
	struct sluice_server_key key;
	int err;

	named->pool = get_pool(info);
	if (IS_ERR(named->pool))
		return PTR_ERR(named->pool);
	err = get_key(info, named->pool, &key);
	if (err)
		return err;
	named->server = sluice_pool_server_lookup(named->pool, &key);
	if (named->server)
		return 0;
	NL_SET_ERR_MSG(info->extack, "no such server in the pool");
	return -ENOENT;
}

static int get_reason(struct genl_info *info, struct sluice_server_params *params)
{
	struct nlattr *attr = info->attrs[SLUICE_A_SERVER_REASON];
	const char *c;

	for (c = nla_data(attr); isascii(*c) && isprint(*c); c++)
		;
	if (!*c) {
		strscpy_pad(params->reason, nla_data(attr));
		return 0;
	}
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "a reason is up to 127 printable ASCII characters");
	return -EINVAL;
}

static int get_deadline(struct genl_info *info,
			struct sluice_server_params *params)
{
	struct nlattr *attr = info->attrs[SLUICE_A_SERVER_DEADLINE];
	u32 left = nla_get_u32(attr);

	if (params->state != SLUICE_SERVER_STATE_DRAINING) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a deadline is for state draining only");
		return -EINVAL;
	}
	params->has_deadline = true;
	params->drained = !left;
	params->deadline = get_jiffies_64() + msecs_to_jiffies(left);
	return 0;
}

/* Change what the request gives; the policy has checked the ranges. */
static int get_params(struct genl_info *info,
		      struct sluice_server_params *params)
{
	struct nlattr **attrs = info->attrs;
	int err = 0;

	if (attrs[SLUICE_A_SERVER_WEIGHT])
		params->weight = nla_get_u32(attrs[SLUICE_A_SERVER_WEIGHT]);
	if (attrs[SLUICE_A_SERVER_FORWARD])
		params->forward = nla_get_u8(attrs[SLUICE_A_SERVER_FORWARD]);
	if (attrs[SLUICE_A_SERVER_STATE]) {
		params->state = nla_get_u8(attrs[SLUICE_A_SERVER_STATE]);
		params->has_deadline = false;
		params->drained = false;
		params->deadline = 0;
		memset(params->reason, 0, sizeof(params->reason));
	}
	if (attrs[SLUICE_A_SERVER_DEADLINE])
		err = get_deadline(info, params);
	if (!err && attrs[SLUICE_A_SERVER_REASON])
		err = get_reason(info, params);
	return err;
}

/* What strata sniff and relay handle has to come back to this host. */
static int check_forward(struct genl_info *info, const struct sluice_pool *pool,
			 const struct sluice_server_params *params)
{
	if (params->forward == SLUICE_FORWARD_NAT ||
	    !sluice_pool_is_routed(pool))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SLUICE_A_SERVER_FORWARD],
			    "the pool is one for strata sniff and relay, which take nat only");
	return -EINVAL;
}

static int fill_server(struct sk_buff *skb, struct sluice_net *sn,
		       const void *object)
{
	const struct pool_server *named = object;
	const struct sluice_server *server = named->server;
	const struct sluice_pool *pool = named->pool;
	struct sluice_stats stats;

	sluice_server_read_stats(server, &stats);
	if (nla_put_string(skb, SLUICE_A_SERVER_POOL, pool->name) ||
	    sluice_nl_put_address(skb, SLUICE_A_SERVER_ADDRESS, &server->addr,
				  pool->family) ||
	    nla_put_be16(skb, SLUICE_A_SERVER_PORT, server->port) ||
	    nla_put_u8(skb, SLUICE_A_SERVER_FORWARD,
		       server->params.forward) ||
	    nla_put_u32(skb, SLUICE_A_SERVER_WEIGHT,
			server->params.weight) ||
	    nla_put_u8(skb, SLUICE_A_SERVER_STATE, server->params.state) ||
	    nla_put_uint(skb, SLUICE_A_SERVER_ID, server->id) ||
	    nla_put_u32(skb, SLUICE_A_SERVER_ACTIVE,
			sluice_server_count_read(&server->active)) ||
	    nla_put_u32(skb, SLUICE_A_SERVER_INACTIVE,
			sluice_server_count_read(&server->inactive)) ||
	    sluice_nl_put_stats(skb, SLUICE_A_SERVER_STATS, &stats) ||
	    (server->params.has_deadline &&
	     nla_put_u32(skb, SLUICE_A_SERVER_DEADLINE,
			 sluice_deadline_left(&server->params))) ||
	    (server->params.reason[0] &&
	     nla_put_string(skb, SLUICE_A_SERVER_REASON,
			    server->params.reason)))
		return -EMSGSIZE;
	return 0;
}

int sluice_nl_server_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pool_server named;
	int err = get_server(info, &named);

	return err ?: sluice_nl_reply(info, fill_server, &named);
}

static int fill_listed(struct sk_buff *skb, struct sluice_net *sn,
		       const void *object)
{
	struct sluice_server *server = (struct sluice_server *)object;
	struct pool_server listed = {
		.pool = rcu_dereference_protected(server->pool,
						  lockdep_is_held(&sn->lock)),
		.server = server,
	};

	return fill_server(skb, sn, &listed);
}

/**
 * sluice_nl_server_drained() - tell that the deadline of a server is over
 * @sn: namespace
 * @server: a server of a pool
 *
 * Context: &sluice_net.lock is held, not in a commit.
 */
void sluice_nl_server_drained(struct sluice_net *sn, struct sluice_server *server)
{
	sn->commit.events_lost = false;
	sluice_nl_event(sn, SLUICE_CMD_SERVER_NTF, fill_listed, server);
	sluice_nl_events_send(sn);
}

static const struct sluice_nl_kind server_kind = {
	.list = offsetof(struct sluice_server, list),
	.id = offsetof(struct sluice_server, id),
	.fill = fill_listed,
};

static int dump_pool(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct sluice_pool *pool)
{
	struct sluice_nl_dump *at = sluice_nl_dump(cb);

	if (pool->id != at->pool) {
		at->pool = pool->id;
		at->last = 0;
	}
	return sluice_nl_dump_list(skb, cb, &server_kind, &pool->servers);
}

static int dump_all(struct sk_buff *skb, struct netlink_callback *cb,
		    struct sluice_net *sn)
{
	struct sluice_pool *pool;
	int err;

	list_for_each_entry(pool, &sn->pool_list, list) {
		if (pool->id < sluice_nl_dump(cb)->pool)
			continue;
		err = dump_pool(skb, cb, pool);
		if (err)
			return err;
	}
	return 0;
}

int sluice_nl_server_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	struct sluice_net *sn = sluice_nl_dump_begin(cb);
	struct sluice_pool *pool;
	int err;

	if (!info->attrs[SLUICE_A_SERVER_POOL] &&
	    !info->attrs[SLUICE_A_SERVER_SERVICE]) {
		err = dump_all(skb, cb, sn);
	} else {
		pool = get_pool(info);
		err = PTR_ERR_OR_ZERO(pool) ?: dump_pool(skb, cb, pool);
	}
	sluice_nl_dump_end(sn);
	return err;
}

static int server_new(struct genl_info *info)
{
	struct sluice_server_params params = {
		.weight = 1,
		.state = SLUICE_SERVER_STATE_UP,
		.forward = SLUICE_FORWARD_NAT,
	};
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_server_key key;
	struct pool_server new;
	int err;

	new.pool = get_pool(info);
	if (IS_ERR(new.pool))
		return PTR_ERR(new.pool);
	err = get_key(info, new.pool, &key);
	if (err)
		return err;
	if (sluice_pool_server_lookup(new.pool, &key)) {
		NL_SET_ERR_MSG(info->extack, "the pool has this server already");
		return -EEXIST;
	}
	err = get_params(info, &params);
	if (err)
		return err;
	err = check_forward(info, new.pool, &params);
	if (err)
		return err;
	new.server = sluice_pool_server_add(sn, new.pool, &key, &params,
					    info->extack);
	if (IS_ERR(new.server))
		return PTR_ERR(new.server);
	if (sluice_server_is_changed(new.server))
		sluice_nl_event(sn, SLUICE_CMD_SERVER_NTF, fill_server, &new);
	return 0;
}

int sluice_nl_server_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, server_new);
}

static int server_set(struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_server_params params;
	struct pool_server named;
	int err;

	err = get_server(info, &named);
	if (err)
		return err;
	params = named.server->params;
	err = get_params(info, &params);
	if (err)
		return err;
	err = check_forward(info, named.pool, &params);
	if (err)
		return err;
	sluice_pool_server_set(sn, named.pool, named.server, &params);
	sluice_nl_event(sn, SLUICE_CMD_SERVER_NTF, fill_server, &named);
	return 0;
}

int sluice_nl_server_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, server_set);
}

static int server_del(struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct pool_server named;
	int err;

	err = get_server(info, &named);
	if (err)
		return err;
	sluice_pool_server_del(sn, named.pool, named.server);
	sluice_nl_event(sn, SLUICE_CMD_SERVER_DEL_NTF, fill_server, &named);
	return 0;
}

int sluice_nl_server_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_change(skb, info, server_del);
}
