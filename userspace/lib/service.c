// SPDX-License-Identifier: GPL-2.0-or-later
/* Services, and what is done to all of them at once. */
#include <errno.h>

#include "netlink.h"

static const struct nla_policy policy[] = {
	[SLUICE_A_SERVICE_PROTOCOL] = { .type = NLA_U8 },
	[SLUICE_A_SERVICE_ADDRESS] = SLUICE_ADDRESS_POLICY,
	[SLUICE_A_SERVICE_PORT] = { .type = NLA_U16 },
	[SLUICE_A_SERVICE_POOL] = SLUICE_NAME_POLICY,
	[SLUICE_A_SERVICE_SCHEDULER] = SLUICE_NAME_POLICY,
	[SLUICE_A_SERVICE_OWN_POOL] = { .type = NLA_FLAG },
	[SLUICE_A_SERVICE_ID] = SLUICE_UINT_POLICY,
	[SLUICE_A_SERVICE_STATS] = { .type = NLA_NESTED },
	[SLUICE_A_SERVICE_REFUSALS] = { .type = NLA_NESTED },
	[SLUICE_A_SERVICE_SLOW_PATH] = { .type = NLA_U8 },
	[SLUICE_A_SERVICE_STRATUM] = { .type = NLA_U8 },
	[SLUICE_A_SERVICE_PARSE] = { .type = NLA_U8 },
	[SLUICE_A_SERVICE_ROUTES] = { .type = NLA_U32 },
};

static int parse(struct nlattr *const *tb, void *object)
{
	struct sluice_service *service = object;

	service->key.protocol = sluice_get_u8(tb[SLUICE_A_SERVICE_PROTOCOL]);
	service->key.at.port = sluice_get_port(tb[SLUICE_A_SERVICE_PORT]);
	sluice_get_name(service->pool, sizeof(service->pool),
			tb[SLUICE_A_SERVICE_POOL]);
	sluice_get_name(service->scheduler, sizeof(service->scheduler),
			tb[SLUICE_A_SERVICE_SCHEDULER]);
	service->own_pool = tb[SLUICE_A_SERVICE_OWN_POOL] != NULL;
	service->has_slow_path = tb[SLUICE_A_SERVICE_SLOW_PATH] != NULL;
	service->slow_path = sluice_get_u8(tb[SLUICE_A_SERVICE_SLOW_PATH]);
	service->has_stratum = tb[SLUICE_A_SERVICE_STRATUM] != NULL;
	service->stratum = sluice_get_u8(tb[SLUICE_A_SERVICE_STRATUM]);
	service->has_parse = tb[SLUICE_A_SERVICE_PARSE] != NULL;
	service->parse = sluice_get_u8(tb[SLUICE_A_SERVICE_PARSE]);
	service->routes = sluice_get_u32(tb[SLUICE_A_SERVICE_ROUTES]);
	service->id = sluice_get_uint(tb[SLUICE_A_SERVICE_ID]);
	if (sluice_get_address(&service->key.at.address,
			       tb[SLUICE_A_SERVICE_ADDRESS]) < 0 ||
	    sluice_get_stats(&service->stats, tb[SLUICE_A_SERVICE_STATS]) < 0 ||
	    sluice_get_refusals(&service->refusals,
				tb[SLUICE_A_SERVICE_REFUSALS]) < 0)
		return -EBADMSG;
	return 0;
}

const struct sluice_object sluice_service_object = {
	.policy = policy,
	.max = ARRAY_SIZE(policy) - 1,
	.size = sizeof(struct sluice_service),
	.parse = parse,
};

/* A request about one service; @key NULL: about all. */
static struct nl_msg *key_msg(struct sluice *sl, uint8_t cmd,
			      const struct sluice_service_key *key)
{
	struct nl_msg *msg = sluice_msg_new(sl, cmd, 0);

	if (msg && key && sluice_put_service_key(msg, key) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int put_params(struct nl_msg *msg, const struct sluice_service *service)
{
	if (sluice_put_name(msg, SLUICE_A_SERVICE_POOL, service->pool) < 0 ||
	    sluice_put_name(msg, SLUICE_A_SERVICE_SCHEDULER,
			    service->scheduler) < 0 ||
	    (service->has_slow_path &&
	     nla_put_u8(msg, SLUICE_A_SERVICE_SLOW_PATH, service->slow_path) <
		     0) ||
	    (service->has_stratum &&
	     nla_put_u8(msg, SLUICE_A_SERVICE_STRATUM, service->stratum) < 0) ||
	    (service->has_parse &&
	     nla_put_u8(msg, SLUICE_A_SERVICE_PARSE, service->parse) < 0))
		return -NLE_NOMEM;
	return 0;
}

static struct nl_msg *service_msg(struct sluice *sl, uint8_t cmd,
				  const struct sluice_service *service)
{
	struct nl_msg *msg = key_msg(sl, cmd, &service->key);

	if (msg && put_params(msg, service) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int sluice_service_get(struct sluice *sl, const struct sluice_service_key *key,
		       struct sluice_service *service)
{
	return sluice_msg_get(sl, key_msg(sl, SLUICE_CMD_SERVICE_GET, key),
			      &sluice_service_object, service);
}

static struct nl_msg *list_msg(struct sluice *sl, const void *arg)
{
	(void)arg;
	return sluice_msg_new(sl, SLUICE_CMD_SERVICE_GET, NLM_F_DUMP);
}

int sluice_service_list(struct sluice *sl, struct sluice_service **list,
			size_t *count)
{
	return sluice_msg_list(sl, list_msg, NULL, &sluice_service_object,
			       (void **)list, count);
}

int sluice_service_new(struct sluice *sl, const struct sluice_service *service)
{
	return sluice_msg_do(sl,
			     service_msg(sl, SLUICE_CMD_SERVICE_NEW, service));
}

int sluice_service_set(struct sluice *sl, const struct sluice_service *service)
{
	return sluice_msg_do(sl,
			     service_msg(sl, SLUICE_CMD_SERVICE_SET, service));
}

int sluice_service_del(struct sluice *sl, const struct sluice_service_key *key)
{
	return sluice_msg_do(sl, key_msg(sl, SLUICE_CMD_SERVICE_DEL, key));
}

int sluice_stats_reset(struct sluice *sl, const struct sluice_service_key *key)
{
	return sluice_msg_do(sl, key_msg(sl, SLUICE_CMD_STATS_RESET, key));
}

int sluice_flush(struct sluice *sl)
{
	return sluice_msg_do(sl, sluice_msg_new(sl, SLUICE_CMD_FLUSH, 0));
}
