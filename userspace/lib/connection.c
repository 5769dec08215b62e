// SPDX-License-Identifier: GPL-2.0-or-later
/* Tracked connections: there can be millions, so they are only passed on. */
#include <errno.h>

#include "netlink.h"

static const struct nla_policy policy[] = {
	[SLUICE_A_CONNECTION_PROTOCOL] = { .type = NLA_U8 },
	[SLUICE_A_CONNECTION_CLIENT_ADDRESS] = SLUICE_ADDRESS_POLICY,
	[SLUICE_A_CONNECTION_CLIENT_PORT] = { .type = NLA_U16 },
	[SLUICE_A_CONNECTION_VIRTUAL_ADDRESS] = SLUICE_ADDRESS_POLICY,
	[SLUICE_A_CONNECTION_VIRTUAL_PORT] = { .type = NLA_U16 },
	[SLUICE_A_CONNECTION_SERVER_ADDRESS] = SLUICE_ADDRESS_POLICY,
	[SLUICE_A_CONNECTION_SERVER_PORT] = { .type = NLA_U16 },
	[SLUICE_A_CONNECTION_FORWARD] = { .type = NLA_U8 },
	[SLUICE_A_CONNECTION_STATE] = { .type = NLA_U8 },
	[SLUICE_A_CONNECTION_EXPIRES] = { .type = NLA_U32 },
	[SLUICE_A_CONNECTION_POOL] = SLUICE_NAME_POLICY,
};

static int get_endpoint(struct sluice_endpoint *to, struct nlattr *const *tb,
			int address, int port)
{
	to->port = sluice_get_port(tb[port]);
	return sluice_get_address(&to->address, tb[address]);
}

static int parse(struct nlattr *const *tb, void *object)
{
	struct sluice_connection *conn = object;

	conn->protocol = sluice_get_u8(tb[SLUICE_A_CONNECTION_PROTOCOL]);
	conn->forward = sluice_get_u8(tb[SLUICE_A_CONNECTION_FORWARD]);
	conn->state = sluice_get_u8(tb[SLUICE_A_CONNECTION_STATE]);
	conn->expires = sluice_get_u32(tb[SLUICE_A_CONNECTION_EXPIRES]);
	sluice_get_name(conn->pool, sizeof(conn->pool),
			tb[SLUICE_A_CONNECTION_POOL]);
	if (get_endpoint(&conn->client, tb, SLUICE_A_CONNECTION_CLIENT_ADDRESS,
			 SLUICE_A_CONNECTION_CLIENT_PORT) < 0 ||
	    get_endpoint(&conn->virtual_at, tb,
			 SLUICE_A_CONNECTION_VIRTUAL_ADDRESS,
			 SLUICE_A_CONNECTION_VIRTUAL_PORT) < 0 ||
	    get_endpoint(&conn->server, tb, SLUICE_A_CONNECTION_SERVER_ADDRESS,
			 SLUICE_A_CONNECTION_SERVER_PORT) < 0)
		return -EBADMSG;
	return 0;
}

static const struct sluice_object connection_object = {
	.policy = policy,
	.max = ARRAY_SIZE(policy) - 1,
	.size = sizeof(struct sluice_connection),
	.parse = parse,
};

static int put_endpoint(struct nl_msg *msg, const struct sluice_endpoint *at,
			int address, int port)
{
	if (sluice_put_address(msg, address, &at->address) < 0)
		return -NLE_NOMEM;
	return sluice_put_port(msg, port, at->port);
}

static int put_filter(struct nl_msg *msg,
		      const struct sluice_connection *filter)
{
	if (filter->protocol &&
	    nla_put_u8(msg, SLUICE_A_CONNECTION_PROTOCOL, filter->protocol) < 0)
		return -NLE_NOMEM;
	if (put_endpoint(msg, &filter->client,
			 SLUICE_A_CONNECTION_CLIENT_ADDRESS,
			 SLUICE_A_CONNECTION_CLIENT_PORT) < 0 ||
	    put_endpoint(msg, &filter->virtual_at,
			 SLUICE_A_CONNECTION_VIRTUAL_ADDRESS,
			 SLUICE_A_CONNECTION_VIRTUAL_PORT) < 0)
		return -NLE_NOMEM;
	return put_endpoint(msg, &filter->server,
			    SLUICE_A_CONNECTION_SERVER_ADDRESS,
			    SLUICE_A_CONNECTION_SERVER_PORT);
}

struct consumer {
	sluice_connection_fn fn;
	void *arg;
};

static int pass_on(void *object, void *arg)
{
	const struct consumer *consumer = arg;

	return consumer->fn(object, consumer->arg);
}

int sluice_connection_dump(struct sluice *sl,
			   const struct sluice_connection *filter,
			   sluice_connection_fn fn, void *arg)
{
	struct consumer consumer = { fn, arg };
	struct nl_msg *msg =
		sluice_msg_new(sl, SLUICE_CMD_CONNECTION_GET, NLM_F_DUMP);
	int err;

	if (msg && filter && put_filter(msg, filter) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	err = sluice_msg_dump(sl, msg, &connection_object, pass_on, &consumer);
	/* What is promised of a listing holds whatever changed meanwhile. */
	return err == -EINTR ? 0 : err;
}
