// SPDX-License-Identifier: GPL-2.0
/* The netlink command that reports one connection or many. */

#include <linux/slab.h>

#include "../conn.h"
#include "../server.h"
#include "gen.h"
#include "parse.h"

/**
 * struct conn_filter - which connections a dump reports
 * @protocol: IPPROTO_*, 0 for any
 * @client: address and port, where the family is not 0 or the port is not
 * @virtual: likewise
 * @server: likewise
 */
struct conn_filter {
	u8 protocol;
	struct conn_filter_end {
		union nf_inet_addr addr;
		u8 family;
		__be16 port;
	} client, virtual, server;
};

/* Nodes looked at in one RCU read side section. */
#define DUMP_BATCH 4096

/* What a dump keeps from one call to the next. */
struct conn_dump {
	u64 position;
	struct conn_filter filter;
};

static struct conn_dump **dump_slot(struct netlink_callback *cb)
{
	return (struct conn_dump **)cb->ctx;
}

static int parse_end(struct conn_filter_end *end, const struct nlattr *addr,
		     const struct nlattr *port, struct netlink_ext_ack *extack)
{
	if (port)
		end->port = nla_get_be16(port);
	if (!addr)
		return 0;
	return sluice_nl_get_address(addr, &end->addr, &end->family, extack);
}

static int parse_filter(const struct genl_info *info, struct conn_filter *filter)
{
	struct nlattr **attrs = info->attrs;
	int err;

	if (attrs[SLUICE_A_CONNECTION_PROTOCOL])
		filter->protocol =
			nla_get_u8(attrs[SLUICE_A_CONNECTION_PROTOCOL]);
	err = parse_end(&filter->client,
			attrs[SLUICE_A_CONNECTION_CLIENT_ADDRESS],
			attrs[SLUICE_A_CONNECTION_CLIENT_PORT], info->extack);
	if (err)
		return err;
	err = parse_end(&filter->virtual,
			attrs[SLUICE_A_CONNECTION_VIRTUAL_ADDRESS],
			attrs[SLUICE_A_CONNECTION_VIRTUAL_PORT], info->extack);
	if (err)
		return err;
	return parse_end(&filter->server,
			 attrs[SLUICE_A_CONNECTION_SERVER_ADDRESS],
			 attrs[SLUICE_A_CONNECTION_SERVER_PORT], info->extack);
}

static bool end_matches(const struct conn_filter_end *end,
			const union nf_inet_addr *addr, __be16 port, u8 family)
{
	if (end->port && end->port != port)
		return false;
	return !end->family || (end->family == family &&
				nf_inet_addr_cmp(&end->addr, addr));
}

static bool conn_matches(const struct conn_filter *filter,
			 const struct sluice_conn *conn)
{
	struct sluice_tuple original, reply;

	sluice_conn_tuple(conn, SLUICE_DIR_ORIGINAL, &original);
	sluice_conn_tuple(conn, SLUICE_DIR_REPLY, &reply);
	if (filter->protocol && filter->protocol != original.protocol)
		return false;
	return end_matches(&filter->client, &original.src, original.sport,
			   original.family) &&
	       end_matches(&filter->virtual, &original.dst, original.dport,
			   original.family) &&
	       end_matches(&filter->server, &reply.src, reply.sport,
			   reply.family);
}

static int fill_conn(struct sk_buff *skb, const struct sluice_conn *conn,
		     enum sluice_state state, s32 remaining)
{
	struct sluice_tuple original, reply;
	const struct sluice_pool *pool;

	sluice_conn_tuple(conn, SLUICE_DIR_ORIGINAL, &original);
	sluice_conn_tuple(conn, SLUICE_DIR_REPLY, &reply);
	pool = rcu_dereference(conn->server->pool);
	if (nla_put_u8(skb, SLUICE_A_CONNECTION_PROTOCOL, original.protocol) ||
	    sluice_nl_put_address(skb, SLUICE_A_CONNECTION_CLIENT_ADDRESS,
				  &original.src, original.family) ||
	    nla_put_be16(skb, SLUICE_A_CONNECTION_CLIENT_PORT,
			 original.sport) ||
	    sluice_nl_put_address(skb, SLUICE_A_CONNECTION_VIRTUAL_ADDRESS,
				  &original.dst, original.family) ||
	    nla_put_be16(skb, SLUICE_A_CONNECTION_VIRTUAL_PORT,
			 original.dport) ||
	    sluice_nl_put_address(skb, SLUICE_A_CONNECTION_SERVER_ADDRESS,
				  &reply.src, reply.family) ||
	    nla_put_be16(skb, SLUICE_A_CONNECTION_SERVER_PORT, reply.sport) ||
	    nla_put_u8(skb, SLUICE_A_CONNECTION_FORWARD, conn->forward) ||
	    nla_put_u8(skb, SLUICE_A_CONNECTION_STATE,
		       sluice_conn_public_state(state)) ||
	    nla_put_u32(skb, SLUICE_A_CONNECTION_EXPIRES,
			jiffies_to_msecs(remaining)) ||
	    (pool && nla_put_string(skb, SLUICE_A_CONNECTION_POOL, pool->name)))
		return -EMSGSIZE;
	return 0;
}

/*
 * Read the tuple of the client's packets, which names a connection. The request
 * has none of the attributes of servers: its array ends before them.
 */
static int get_tuple(const struct genl_info *info, struct sluice_tuple *tuple)
{
	static const int needed[] = {
		SLUICE_A_CONNECTION_PROTOCOL,
		SLUICE_A_CONNECTION_CLIENT_ADDRESS,
		SLUICE_A_CONNECTION_CLIENT_PORT,
		SLUICE_A_CONNECTION_VIRTUAL_ADDRESS,
		SLUICE_A_CONNECTION_VIRTUAL_PORT,
	};
	struct conn_filter_end client = {}, virtual = {};
	struct nlattr **attrs = info->attrs;
	int err, i;

	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		if (GENL_REQ_ATTR_CHECK(info, needed[i])) {
			GENL_SET_ERR_MSG(info,
					 "a connection is named by protocol, and address and port of client and service");
			return -EINVAL;
		}
	}
	err = parse_end(&client, attrs[SLUICE_A_CONNECTION_CLIENT_ADDRESS],
			attrs[SLUICE_A_CONNECTION_CLIENT_PORT], info->extack);
	if (err)
		return err;
	err = parse_end(&virtual, attrs[SLUICE_A_CONNECTION_VIRTUAL_ADDRESS],
			attrs[SLUICE_A_CONNECTION_VIRTUAL_PORT], info->extack);
	if (err)
		return err;
	if (client.family != virtual.family) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    attrs[SLUICE_A_CONNECTION_VIRTUAL_ADDRESS],
				    "client and service are of different address families");
		return -EAFNOSUPPORT;
	}
	*tuple = (struct sluice_tuple) {
		.family = client.family,
		.protocol = nla_get_u8(attrs[SLUICE_A_CONNECTION_PROTOCOL]),
		.sport = client.port,
		.dport = virtual.port,
		.src = client.addr,
		.dst = virtual.addr,
	};
	return 0;
}

static int fill_by_tuple(struct sk_buff *skb, struct sluice_conn_table *table,
			 const struct sluice_tuple *tuple)
{
	const struct sluice_conn *conn;
	enum sluice_state state;
	enum sluice_dir dir;
	s32 remaining;

	conn = sluice_conn_lookup(table, tuple, &dir);
	if (!conn || dir != SLUICE_DIR_ORIGINAL)
		return -ENOENT;
	/* Read once: the connection goes on while it is reported. */
	state = READ_ONCE(conn->state);
	remaining = sluice_conn_remaining(table, conn);
	if (!sluice_conn_is_live(state) || remaining <= 0)
		return -ENOENT;
	return fill_conn(skb, conn, state, remaining);
}

/**
 * sluice_nl_connection_get_doit() - report one connection
 * @skb: the request's message
 * @info: the request
 *
 * Like packets it needs no lock.
 *
 * Return: 0 or a negative error, -ENOENT where there is no such connection.
 */
int sluice_nl_connection_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_tuple tuple;
	struct sk_buff *msg;
	void *header;
	int err;

	err = get_tuple(info, &tuple);
	if (err)
		return err;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	err = -EMSGSIZE;
	header = genlmsg_iput(msg, info);
	if (!header)
		goto err_msg;
	err = -ENOENT;
	/* Pairs with smp_store_release() in sluice_conn_table_start(). */
	if (smp_load_acquire(&sn->conns.started)) {
		rcu_read_lock();
		err = fill_by_tuple(msg, &sn->conns, &tuple);
		rcu_read_unlock();
	}
	if (err == -ENOENT)
		GENL_SET_ERR_MSG(info, "no such connection");
	if (err)
		goto err_msg;
	genlmsg_end(msg, header);
	return genlmsg_reply(msg, info);

err_msg:
	nlmsg_free(msg);
	return err;
}

/* One call of a dump. */
struct conn_visit {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	const struct sluice_conn_table *table;
	const struct conn_filter *filter;
	int err;
};

/* Return false where there is no more room: it is the first of the next call. */
static bool dump_node(struct sluice_table_node *link, void *arg)
{
	struct conn_visit *v = arg;
	struct sluice_conn_node *node;
	const struct sluice_conn *conn;
	enum sluice_state state;
	s32 remaining;
	void *header;

	node = container_of(link, struct sluice_conn_node, link);
	conn = sluice_conn_of(node);
	/* Read once: the connection goes on while it is reported. */
	state = READ_ONCE(conn->state);
	remaining = sluice_conn_remaining(v->table, conn);
	if (node->dir != SLUICE_DIR_ORIGINAL || !sluice_conn_is_live(state) ||
	    remaining <= 0 || !conn_matches(v->filter, conn))
		return true;

	header = genlmsg_put(v->skb, NETLINK_CB(v->cb->skb).portid,
			     v->cb->nlh->nlmsg_seq, &sluice_nl_family,
			     NLM_F_MULTI, SLUICE_CMD_CONNECTION_GET);
	if (header && !fill_conn(v->skb, conn, state, remaining)) {
		genlmsg_end(v->skb, header);
		return true;
	}
	if (header)
		genlmsg_cancel(v->skb, header);
	v->err = -EMSGSIZE;
	return false;
}

/**
 * sluice_nl_connection_get_start() - begin a dump of connections
 * @cb: the dump
 *
 * Return: 0 or a negative error.
 */
int sluice_nl_connection_get_start(struct netlink_callback *cb)
{
	struct conn_dump *dump;
	int err;

	dump = kzalloc(sizeof(*dump), GFP_KERNEL_ACCOUNT);
	if (!dump)
		return -ENOMEM;
	err = parse_filter(genl_info_dump(cb), &dump->filter);
	if (err) {
		kfree(dump);
		return err;
	}
	*dump_slot(cb) = dump;
	return 0;
}

int sluice_nl_connection_get_dumpit(struct sk_buff *skb,
				    struct netlink_callback *cb)
{
	struct sluice_net *sn = sluice_net(sock_net(cb->skb->sk));
	struct conn_dump *dump = *dump_slot(cb);
	struct conn_visit v = {
		.skb = skb,
		.cb = cb,
		.table = &sn->conns,
		.filter = &dump->filter,
	};

	/* Pairs with smp_store_release() in sluice_conn_table_start(). */
	if (!smp_load_acquire(&sn->conns.started))
		return 0;
	while (!v.err && dump->position < SLUICE_TABLE_END) {
		rcu_read_lock();
		sluice_table_walk(&sn->conns.hash, &dump->position, DUMP_BATCH,
				  dump_node, &v);
		rcu_read_unlock();
		cond_resched();
	}
	return v.err;
}

/**
 * sluice_nl_connection_get_done() - end a dump of connections
 * @cb: the dump
 *
 * Return: 0.
 */
int sluice_nl_connection_get_done(struct netlink_callback *cb)
{
	kfree(*dump_slot(cb));
	return 0;
}
