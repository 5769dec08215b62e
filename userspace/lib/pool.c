// SPDX-License-Identifier: GPL-2.0-or-later
/* Pools. */
#include <errno.h>

#include "netlink.h"

static const struct nla_policy policy[] = {
	[SLUICE_A_POOL_NAME] = SLUICE_NAME_POLICY,
	[SLUICE_A_POOL_FAMILY] = { .type = NLA_U8 },
	[SLUICE_A_POOL_SCHEDULER] = SLUICE_NAME_POLICY,
	[SLUICE_A_POOL_OWNED] = { .type = NLA_FLAG },
	[SLUICE_A_POOL_ID] = SLUICE_UINT_POLICY,
	[SLUICE_A_POOL_SERVERS] = { .type = NLA_U32 },
	[SLUICE_A_POOL_SERVICES] = { .type = NLA_U32 },
	[SLUICE_A_POOL_STATS] = { .type = NLA_NESTED },
	[SLUICE_A_POOL_PROXY_PROTOCOL] = { .type = NLA_U8 },
	[SLUICE_A_POOL_ROUTES] = { .type = NLA_U32 },
	[SLUICE_A_POOL_ON_DOWN] = { .type = NLA_U8 },
	[SLUICE_A_POOL_ON_DRAIN] = { .type = NLA_U8 },
	[SLUICE_A_POOL_STICKY_COOKIE] = { .type = NLA_STRING,
					  .maxlen = SLUICE_COOKIE_LEN + 1 },
	[SLUICE_A_POOL_STICKY_POOL] = SLUICE_NAME_POLICY,
};

static int parse(struct nlattr *const *tb, void *object)
{
	struct sluice_pool *pool = object;

	sluice_get_name(pool->name, sizeof(pool->name), tb[SLUICE_A_POOL_NAME]);
	pool->family = sluice_get_u8(tb[SLUICE_A_POOL_FAMILY]);
	sluice_get_name(pool->scheduler, sizeof(pool->scheduler),
			tb[SLUICE_A_POOL_SCHEDULER]);
	pool->owned = tb[SLUICE_A_POOL_OWNED] != NULL;
	pool->id = sluice_get_uint(tb[SLUICE_A_POOL_ID]);
	pool->servers = sluice_get_u32(tb[SLUICE_A_POOL_SERVERS]);
	pool->services = sluice_get_u32(tb[SLUICE_A_POOL_SERVICES]);
	pool->routes = sluice_get_u32(tb[SLUICE_A_POOL_ROUTES]);
	pool->has_proxy_protocol = tb[SLUICE_A_POOL_PROXY_PROTOCOL] != NULL;
	pool->proxy_protocol = sluice_get_u8(tb[SLUICE_A_POOL_PROXY_PROTOCOL]);
	pool->has_on_down = tb[SLUICE_A_POOL_ON_DOWN] != NULL;
	pool->on_down = sluice_get_u8(tb[SLUICE_A_POOL_ON_DOWN]);
	pool->has_on_drain = tb[SLUICE_A_POOL_ON_DRAIN] != NULL;
	pool->on_drain = sluice_get_u8(tb[SLUICE_A_POOL_ON_DRAIN]);
	pool->has_sticky = tb[SLUICE_A_POOL_STICKY_COOKIE] != NULL;
	sluice_get_name(pool->sticky_cookie, sizeof(pool->sticky_cookie),
			tb[SLUICE_A_POOL_STICKY_COOKIE]);
	sluice_get_name(pool->sticky_pool, sizeof(pool->sticky_pool),
			tb[SLUICE_A_POOL_STICKY_POOL]);
	return sluice_get_stats(&pool->stats, tb[SLUICE_A_POOL_STATS]);
}

const struct sluice_object sluice_pool_object = {
	.policy = policy,
	.max = ARRAY_SIZE(policy) - 1,
	.size = sizeof(struct sluice_pool),
	.parse = parse,
};

static struct nl_msg *name_msg(struct sluice *sl, uint8_t cmd, const char *name)
{
	struct nl_msg *msg = sluice_msg_new(sl, cmd, 0);

	if (msg && sluice_put_name(msg, SLUICE_A_POOL_NAME, name) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* An empty name is put, too: it says that there is no cookie. */
static int put_sticky(struct nl_msg *msg, const struct sluice_pool *pool)
{
	if (!pool->has_sticky)
		return 0;
	if (nla_put_string(msg, SLUICE_A_POOL_STICKY_COOKIE,
			   pool->sticky_cookie) < 0)
		return -NLE_NOMEM;
	return sluice_put_name(msg, SLUICE_A_POOL_STICKY_POOL,
			       pool->sticky_pool);
}

static struct nl_msg *pool_msg(struct sluice *sl, uint8_t cmd,
			       const struct sluice_pool *pool)
{
	struct nl_msg *msg = name_msg(sl, cmd, pool->name);

	if (!msg)
		return NULL;
	if ((pool->family &&
	     nla_put_u8(msg, SLUICE_A_POOL_FAMILY, (uint8_t)pool->family)) ||
	    sluice_put_name(msg, SLUICE_A_POOL_SCHEDULER, pool->scheduler) <
		    0 ||
	    (pool->has_proxy_protocol &&
	     nla_put_u8(msg, SLUICE_A_POOL_PROXY_PROTOCOL,
			pool->proxy_protocol) < 0) ||
	    (pool->has_on_down &&
	     nla_put_u8(msg, SLUICE_A_POOL_ON_DOWN, pool->on_down) < 0) ||
	    (pool->has_on_drain &&
	     nla_put_u8(msg, SLUICE_A_POOL_ON_DRAIN, pool->on_drain) < 0) ||
	    put_sticky(msg, pool) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int sluice_pool_get(struct sluice *sl, const char *name,
		    struct sluice_pool *pool)
{
	return sluice_msg_get(sl, name_msg(sl, SLUICE_CMD_POOL_GET, name),
			      &sluice_pool_object, pool);
}

static struct nl_msg *list_msg(struct sluice *sl, const void *arg)
{
	(void)arg;
	return sluice_msg_new(sl, SLUICE_CMD_POOL_GET, NLM_F_DUMP);
}

int sluice_pool_list(struct sluice *sl, struct sluice_pool **list,
		     size_t *count)
{
	return sluice_msg_list(sl, list_msg, NULL, &sluice_pool_object,
			       (void **)list, count);
}

int sluice_pool_new(struct sluice *sl, const struct sluice_pool *pool)
{
	return sluice_msg_do(sl, pool_msg(sl, SLUICE_CMD_POOL_NEW, pool));
}

int sluice_pool_set(struct sluice *sl, const struct sluice_pool *pool)
{
	return sluice_msg_do(sl, pool_msg(sl, SLUICE_CMD_POOL_SET, pool));
}

int sluice_pool_del(struct sluice *sl, const char *name)
{
	return sluice_msg_do(sl, name_msg(sl, SLUICE_CMD_POOL_DEL, name));
}
