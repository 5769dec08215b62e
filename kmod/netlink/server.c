// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about servers. */

#include "event.h"
#include "gen.h"
#include "parse.h"

static struct sluice_pool *get_pool_by_service(struct sluice_net *sn,
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
	if (!service) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "no such service");
		return ERR_PTR(-ENOENT);
	}
	return sluice_service_pool(sn, service);
}

/* The pool that a request names, by itself or by a service. */
static struct sluice_pool *get_pool(struct sluice_net *sn,
				    struct nlattr **attrs,
				    struct netlink_ext_ack *extack)
{
	struct nlattr *service = attrs[SLUICE_A_SERVER_SERVICE];
	struct nlattr *pool = attrs[SLUICE_A_SERVER_POOL];

	if (!pool == !service) {
		NL_SET_ERR_MSG(extack,
			       "name the server's pool, or a service that uses it, and not both");
		return ERR_PTR(-EINVAL);
	}
	if (service)
		return get_pool_by_service(sn, service, extack);
	return sluice_nl_get_pool(sn, pool, extack);
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

/* The server that a request names; sets @pool too. */
static struct sluice_server *get_server(struct sluice_net *sn,
					struct genl_info *info,
					struct sluice_pool **pool)
{
	struct sluice_server_key key;
	struct sluice_server *server;
	int err;

	*pool = get_pool(sn, info->attrs, info->extack);
	if (IS_ERR(*pool))
		return ERR_CAST(*pool);
	err = get_key(info, *pool, &key);
	if (err)
		return ERR_PTR(err);
	server = sluice_pool_server_lookup(*pool, &key);
	if (server)
		return server;
	NL_SET_ERR_MSG(info->extack, "no such server in the pool");
	return ERR_PTR(-ENOENT);
}

/* Change what the request gives; the policy has checked the values. */
static void get_params(struct nlattr **attrs,
		       struct sluice_server_params *params)
{
	if (attrs[SLUICE_A_SERVER_WEIGHT])
		params->weight = nla_get_u32(attrs[SLUICE_A_SERVER_WEIGHT]);
	if (attrs[SLUICE_A_SERVER_STATE])
		params->state = nla_get_u8(attrs[SLUICE_A_SERVER_STATE]);
	if (attrs[SLUICE_A_SERVER_FORWARD])
		params->forward = nla_get_u8(attrs[SLUICE_A_SERVER_FORWARD]);
}

/**
 * sluice_nl_fill_server() - write a server
 * @skb: message
 * @pool: its pool
 * @server: the server
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or -EMSGSIZE.
 */
int sluice_nl_fill_server(struct sk_buff *skb, const struct sluice_pool *pool,
			  const struct sluice_server *server)
{
	struct sluice_stats stats;

	sluice_server_read_stats(server, &stats);
	if (nla_put_string(skb, SLUICE_A_SERVER_POOL, pool->name) ||
	    sluice_nl_put_address(skb, SLUICE_A_SERVER_ADDRESS, &server->addr,
				  pool->family) ||
	    nla_put_be16(skb, SLUICE_A_SERVER_PORT, server->port) ||
	    nla_put_u8(skb, SLUICE_A_SERVER_FORWARD, server->forward) ||
	    nla_put_u32(skb, SLUICE_A_SERVER_WEIGHT, server->weight) ||
	    nla_put_u8(skb, SLUICE_A_SERVER_STATE, server->state) ||
	    nla_put_uint(skb, SLUICE_A_SERVER_ID, server->id) ||
	    nla_put_u32(skb, SLUICE_A_SERVER_ACTIVE,
			sluice_server_count_read(&server->active)) ||
	    nla_put_u32(skb, SLUICE_A_SERVER_INACTIVE,
			sluice_server_count_read(&server->inactive)) ||
	    sluice_nl_put_stats(skb, SLUICE_A_SERVER_STATS, &stats))
		return -EMSGSIZE;
	return 0;
}

int sluice_nl_server_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_net(genl_info_net(info));
	struct sluice_server *server;
	struct sluice_pool *pool;
	struct sk_buff *msg;
	void *header;
	int err;

	msg = sluice_nl_reply_new(info, &header);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&sn->lock);
	server = get_server(sn, info, &pool);
	if (IS_ERR(server))
		err = PTR_ERR(server);
	else
		err = sluice_nl_fill_server(msg, pool, server);
	mutex_unlock(&sn->lock);
	return sluice_nl_reply_send(msg, header, err, info);
}

static int dump_server(struct sk_buff *skb, struct netlink_callback *cb,
		       const struct sluice_pool *pool,
		       const struct sluice_server *server)
{
	void *header;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			     &sluice_nl_family, NLM_F_MULTI,
			     SLUICE_CMD_SERVER_GET);
	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	if (sluice_nl_fill_server(skb, pool, server)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int dump_pool_servers(struct sk_buff *skb, struct netlink_callback *cb,
			     const struct sluice_pool *pool)
{
	struct sluice_nl_dump *at = sluice_nl_dump(cb);
	struct sluice_server *server;
	int err;

	if (pool->id != at->outer) {
		at->outer = pool->id;
		at->inner = 0;
	}
	list_for_each_entry(server, &pool->servers, list) {
		if (server->id <= at->inner)
			continue;
		err = dump_server(skb, cb, pool, server);
		if (err)
			return err;
		at->inner = server->id;
	}
	return 0;
}

int sluice_nl_server_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	struct sluice_net *sn = sluice_net(sock_net(skb->sk));
	struct sluice_nl_dump *at = sluice_nl_dump(cb);
	struct sluice_pool *pool;
	int err = 0;

	mutex_lock(&sn->lock);
	cb->seq = sn->generation;
	if (info->attrs[SLUICE_A_SERVER_POOL] ||
	    info->attrs[SLUICE_A_SERVER_SERVICE]) {
		pool = get_pool(sn, info->attrs, info->extack);
		err = IS_ERR(pool) ? PTR_ERR(pool) :
				     dump_pool_servers(skb, cb, pool);
		goto out;
	}
	list_for_each_entry(pool, &sn->pool_list, list) {
		if (pool->id < at->outer)
			continue;
		err = dump_pool_servers(skb, cb, pool);
		if (err)
			break;
	}
out:
	mutex_unlock(&sn->lock);
	return err;
}

static int server_new(struct sluice_net *sn, struct genl_info *info)
{
	struct sluice_server_params params = {
		.weight = 1,
		.state = SLUICE_SERVER_STATE_UP,
		.forward = SLUICE_FORWARD_NAT,
	};
	struct sluice_server_key key;
	struct sluice_server *server;
	struct sluice_pool *pool;
	int err;

	pool = get_pool(sn, info->attrs, info->extack);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = get_key(info, pool, &key);
	if (err)
		return err;
	if (sluice_pool_server_lookup(pool, &key)) {
		NL_SET_ERR_MSG(info->extack, "the pool has this server already");
		return -EEXIST;
	}
	get_params(info->attrs, &params);
	server = sluice_pool_server_add(sn, pool, &key, &params, info->extack);
	if (IS_ERR(server))
		return PTR_ERR(server);
	sluice_nl_event_server(sn, SLUICE_CMD_SERVER_NTF, pool, server);
	return 0;
}

int sluice_nl_server_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_net(genl_info_net(info));
	int err;

	mutex_lock(&sn->lock);
	err = server_new(sn, info);
	mutex_unlock(&sn->lock);
	return err;
}

static int server_set(struct sluice_net *sn, struct genl_info *info)
{
	struct sluice_server_params params;
	struct sluice_server *server;
	struct sluice_pool *pool;
	int err;

	server = get_server(sn, info, &pool);
	if (IS_ERR(server))
		return PTR_ERR(server);
	params.weight = server->weight;
	params.state = server->state;
	params.forward = server->forward;
	get_params(info->attrs, &params);
	err = sluice_pool_server_set(sn, pool, server, &params, info->extack);
	if (err)
		return err;
	sluice_nl_event_server(sn, SLUICE_CMD_SERVER_NTF, pool, server);
	return 0;
}

int sluice_nl_server_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_net(genl_info_net(info));
	int err;

	mutex_lock(&sn->lock);
	err = server_set(sn, info);
	mutex_unlock(&sn->lock);
	return err;
}

int sluice_nl_server_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_net(genl_info_net(info));
	struct sluice_server *server;
	struct sluice_pool *pool;
	int err;

	mutex_lock(&sn->lock);
	server = get_server(sn, info, &pool);
	if (IS_ERR(server)) {
		err = PTR_ERR(server);
		goto out;
	}
	sluice_server_hold(server);
	err = sluice_pool_server_del(sn, pool, server, info->extack);
	if (!err)
		sluice_nl_event_server(sn, SLUICE_CMD_SERVER_DEL_NTF, pool,
				       server);
	sluice_server_put(server);
out:
	mutex_unlock(&sn->lock);
	return err;
}
