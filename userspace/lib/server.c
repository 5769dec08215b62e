// SPDX-License-Identifier: GPL-2.0-or-later
/* Servers. */
#include <errno.h>

#include "netlink.h"

static const struct nla_policy policy[] = {
	[SLUICE_A_SERVER_POOL] = SLUICE_NAME_POLICY,
	[SLUICE_A_SERVER_SERVICE] = { .type = NLA_NESTED },
	[SLUICE_A_SERVER_ADDRESS] = SLUICE_ADDRESS_POLICY,
	[SLUICE_A_SERVER_PORT] = { .type = NLA_U16 },
	[SLUICE_A_SERVER_FORWARD] = { .type = NLA_U8 },
	[SLUICE_A_SERVER_WEIGHT] = { .type = NLA_U32 },
	[SLUICE_A_SERVER_STATE] = { .type = NLA_U8 },
	[SLUICE_A_SERVER_ID] = SLUICE_UINT_POLICY,
	[SLUICE_A_SERVER_ACTIVE] = { .type = NLA_U32 },
	[SLUICE_A_SERVER_INACTIVE] = { .type = NLA_U32 },
	[SLUICE_A_SERVER_STATS] = { .type = NLA_NESTED },
	[SLUICE_A_SERVER_DEADLINE] = { .type = NLA_U32 },
	[SLUICE_A_SERVER_REASON] = { .type = NLA_STRING,
				     .maxlen = SLUICE_REASON_LEN + 1 },
};

static int parse(struct nlattr *const *tb, void *object)
{
	struct sluice_server *server = object;

	sluice_get_name(server->pool, sizeof(server->pool),
			tb[SLUICE_A_SERVER_POOL]);
	server->at.port = sluice_get_port(tb[SLUICE_A_SERVER_PORT]);
	server->has_forward = tb[SLUICE_A_SERVER_FORWARD] != NULL;
	server->forward = sluice_get_u8(tb[SLUICE_A_SERVER_FORWARD]);
	server->has_weight = tb[SLUICE_A_SERVER_WEIGHT] != NULL;
	server->weight = sluice_get_u32(tb[SLUICE_A_SERVER_WEIGHT]);
	server->has_state = tb[SLUICE_A_SERVER_STATE] != NULL;
	server->state = sluice_get_u8(tb[SLUICE_A_SERVER_STATE]);
	server->has_deadline = tb[SLUICE_A_SERVER_DEADLINE] != NULL;
	server->deadline = sluice_get_u32(tb[SLUICE_A_SERVER_DEADLINE]);
	sluice_get_name(server->reason, sizeof(server->reason),
			tb[SLUICE_A_SERVER_REASON]);
	server->id = sluice_get_uint(tb[SLUICE_A_SERVER_ID]);
	server->active = sluice_get_u32(tb[SLUICE_A_SERVER_ACTIVE]);
	server->inactive = sluice_get_u32(tb[SLUICE_A_SERVER_INACTIVE]);
	if (sluice_get_address(&server->at.address,
			       tb[SLUICE_A_SERVER_ADDRESS]) < 0)
		return -EBADMSG;
	return sluice_get_stats(&server->stats, tb[SLUICE_A_SERVER_STATS]);
}

const struct sluice_object sluice_server_object = {
	.policy = policy,
	.max = ARRAY_SIZE(policy) - 1,
	.size = sizeof(struct sluice_server),
	.parse = parse,
};

/* A request about the pool of @of, or about all if that names none. */
static struct nl_msg *pool_msg(struct sluice *sl, uint8_t cmd, int flags,
			       const struct sluice_server *of)
{
	struct nl_msg *msg = sluice_msg_new(sl, cmd, flags);
	int err;

	if (!msg || !of)
		return msg;
	if (!of->pool[0] && of->service.protocol)
		err = sluice_put_service(msg, SLUICE_A_SERVER_SERVICE,
					 &of->service);
	else
		err = sluice_put_name(msg, SLUICE_A_SERVER_POOL, of->pool);
	if (err < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static struct nl_msg *key_msg(struct sluice *sl, uint8_t cmd,
			      const struct sluice_server *key)
{
	struct nl_msg *msg = pool_msg(sl, cmd, 0, key);

	if (msg &&
	    (sluice_put_address(msg, SLUICE_A_SERVER_ADDRESS,
				&key->at.address) < 0 ||
	     sluice_put_port(msg, SLUICE_A_SERVER_PORT, key->at.port) < 0)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static struct nl_msg *server_msg(struct sluice *sl, uint8_t cmd,
				 const struct sluice_server *server)
{
	struct nl_msg *msg = key_msg(sl, cmd, server);

	if (!msg)
		return NULL;
	if ((server->has_forward &&
	     nla_put_u8(msg, SLUICE_A_SERVER_FORWARD, server->forward) < 0) ||
	    (server->has_weight &&
	     nla_put_u32(msg, SLUICE_A_SERVER_WEIGHT, server->weight) < 0) ||
	    (server->has_state &&
	     nla_put_u8(msg, SLUICE_A_SERVER_STATE, server->state) < 0) ||
	    (server->has_deadline && nla_put_u32(msg, SLUICE_A_SERVER_DEADLINE,
						 server->deadline) < 0) ||
	    sluice_put_name(msg, SLUICE_A_SERVER_REASON, server->reason) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int sluice_server_get(struct sluice *sl, const struct sluice_server *key,
		      struct sluice_server *server)
{
	return sluice_msg_get(sl, key_msg(sl, SLUICE_CMD_SERVER_GET, key),
			      &sluice_server_object, server);
}

static struct nl_msg *list_msg(struct sluice *sl, const void *of)
{
	return pool_msg(sl, SLUICE_CMD_SERVER_GET, NLM_F_DUMP, of);
}

int sluice_server_list(struct sluice *sl, const struct sluice_server *of,
		       struct sluice_server **list, size_t *count)
{
	return sluice_msg_list(sl, list_msg, of, &sluice_server_object,
			       (void **)list, count);
}

int sluice_server_new(struct sluice *sl, const struct sluice_server *server)
{
	return sluice_msg_do(sl, server_msg(sl, SLUICE_CMD_SERVER_NEW, server));
}

int sluice_server_set(struct sluice *sl, const struct sluice_server *server)
{
	return sluice_msg_do(sl, server_msg(sl, SLUICE_CMD_SERVER_SET, server));
}

int sluice_server_del(struct sluice *sl, const struct sluice_server *key)
{
	return sluice_msg_do(sl, key_msg(sl, SLUICE_CMD_SERVER_DEL, key));
}
