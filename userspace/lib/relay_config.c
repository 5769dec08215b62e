// SPDX-License-Identifier: GPL-2.0-or-later
/* How services of stratum relay are relayed, and what has been done there. */
#include <errno.h>

#include "netlink.h"
#include "sluice_relay.h"

static const struct nla_policy policy[] = {
	[SLUICE_RELAY_A_CONFIG_SERVICE] = { .type = NLA_NESTED },
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_HEAD] = { .type = NLA_U32 },
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_IDLE] = { .type = NLA_U32 },
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_BODY] = { .type = NLA_U32 },
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_CONNECT] = { .type = NLA_U32 },
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_RESPONSE] = { .type = NLA_U32 },
	[SLUICE_RELAY_A_CONFIG_TIMEOUT_TUNNEL] = { .type = NLA_U32 },
	[SLUICE_RELAY_A_CONFIG_REQUESTS_MAX] = { .type = NLA_U32 },
	[SLUICE_RELAY_A_CONFIG_RETRIES] = { .type = NLA_U8 },
	[SLUICE_RELAY_A_CONFIG_ADD] = { .type = NLA_U32 },
	[SLUICE_RELAY_A_CONFIG_WEBSOCKET] = { .type = NLA_U8 },
	[SLUICE_RELAY_A_CONFIG_LISTEN] = { .type = NLA_U8 },
	[SLUICE_RELAY_A_CONFIG_REQUEST_ID] = { .type = NLA_STRING,
					       .maxlen =
						       SLUICE_RELAY_FIELD_LEN +
						       1 },
	[SLUICE_RELAY_A_CONFIG_KEYED] = { .type = NLA_U8 },
};

/* Numbers of which 0 says that they are not given. */
static const struct {
	int attr;
	size_t offset;
} timeouts[] = {
	{ SLUICE_RELAY_A_CONFIG_TIMEOUT_HEAD,
	  offsetof(struct sluice_relay_config, timeout_head) },
	{ SLUICE_RELAY_A_CONFIG_TIMEOUT_IDLE,
	  offsetof(struct sluice_relay_config, timeout_idle) },
	{ SLUICE_RELAY_A_CONFIG_TIMEOUT_BODY,
	  offsetof(struct sluice_relay_config, timeout_body) },
	{ SLUICE_RELAY_A_CONFIG_TIMEOUT_CONNECT,
	  offsetof(struct sluice_relay_config, timeout_connect) },
	{ SLUICE_RELAY_A_CONFIG_TIMEOUT_RESPONSE,
	  offsetof(struct sluice_relay_config, timeout_response) },
	{ SLUICE_RELAY_A_CONFIG_TIMEOUT_TUNNEL,
	  offsetof(struct sluice_relay_config, timeout_tunnel) },
};

static int parse(struct nlattr *const *tb, void *object)
{
	struct sluice_relay_config *config = object;

	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++)
		*(uint32_t *)((char *)object + timeouts[i].offset) =
			sluice_get_u32(tb[timeouts[i].attr]);
	config->has_requests_max = tb[SLUICE_RELAY_A_CONFIG_REQUESTS_MAX];
	config->requests_max =
		sluice_get_u32(tb[SLUICE_RELAY_A_CONFIG_REQUESTS_MAX]);
	config->has_retries = tb[SLUICE_RELAY_A_CONFIG_RETRIES];
	config->retries = sluice_get_u8(tb[SLUICE_RELAY_A_CONFIG_RETRIES]);
	config->has_add = tb[SLUICE_RELAY_A_CONFIG_ADD];
	config->add = sluice_get_u32(tb[SLUICE_RELAY_A_CONFIG_ADD]);
	config->has_websocket = tb[SLUICE_RELAY_A_CONFIG_WEBSOCKET];
	config->websocket = sluice_get_u8(tb[SLUICE_RELAY_A_CONFIG_WEBSOCKET]);
	config->has_listen = tb[SLUICE_RELAY_A_CONFIG_LISTEN];
	config->listen = sluice_get_u8(tb[SLUICE_RELAY_A_CONFIG_LISTEN]);
	sluice_get_name(config->request_id, sizeof(config->request_id),
			tb[SLUICE_RELAY_A_CONFIG_REQUEST_ID]);
	config->keyed = sluice_get_u8(tb[SLUICE_RELAY_A_CONFIG_KEYED]);
	return sluice_get_service(&config->service,
				  tb[SLUICE_RELAY_A_CONFIG_SERVICE]);
}

static const struct sluice_object config_object = {
	.policy = policy,
	.max = ARRAY_SIZE(policy) - 1,
	.size = sizeof(struct sluice_relay_config),
	.parse = parse,
};

static int put_timeouts(struct nl_msg *msg,
			const struct sluice_relay_config *config)
{
	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		uint32_t value = *(const uint32_t *)((const char *)config +
						     timeouts[i].offset);

		if (value && nla_put_u32(msg, timeouts[i].attr, value) < 0)
			return -NLE_NOMEM;
	}
	return 0;
}

static int put_config(struct nl_msg *msg,
		      const struct sluice_relay_config *config)
{
	if (sluice_put_service(msg, SLUICE_RELAY_A_CONFIG_SERVICE,
			       &config->service) < 0 ||
	    put_timeouts(msg, config) < 0 ||
	    (config->has_requests_max &&
	     nla_put_u32(msg, SLUICE_RELAY_A_CONFIG_REQUESTS_MAX,
			 config->requests_max) < 0) ||
	    (config->has_retries &&
	     nla_put_u8(msg, SLUICE_RELAY_A_CONFIG_RETRIES, config->retries) <
		     0) ||
	    (config->has_add &&
	     nla_put_u32(msg, SLUICE_RELAY_A_CONFIG_ADD, config->add) < 0) ||
	    (config->has_websocket &&
	     nla_put_u8(msg, SLUICE_RELAY_A_CONFIG_WEBSOCKET,
			config->websocket) < 0) ||
	    (config->has_listen && nla_put_u8(msg, SLUICE_RELAY_A_CONFIG_LISTEN,
					      config->listen) < 0) ||
	    sluice_put_name(msg, SLUICE_RELAY_A_CONFIG_REQUEST_ID,
			    config->request_id) < 0 ||
	    (config->has_sticky_key &&
	     nla_put(msg, SLUICE_RELAY_A_CONFIG_STICKY_KEY,
		     sizeof(config->sticky_key), config->sticky_key) < 0))
		return -NLE_NOMEM;
	return 0;
}

int sluice_relay_config_set(struct sluice *sl,
			    const struct sluice_relay_config *config)
{
	struct nl_msg *msg = sluice_msg_new(sl, SLUICE_RELAY_CMD_CONFIG_SET, 0);

	if (msg && put_config(msg, config) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sluice_msg_do(sl, msg);
}

static struct nl_msg *list_msg(struct sluice *sl, const void *arg)
{
	(void)arg;
	return sluice_msg_new(sl, SLUICE_RELAY_CMD_CONFIG_GET, NLM_F_DUMP);
}

int sluice_relay_config_list(struct sluice *sl,
			     struct sluice_relay_config **list, size_t *count)
{
	return sluice_msg_list(sl, list_msg, NULL, &config_object,
			       (void **)list, count);
}

int sluice_relay_config_del(struct sluice *sl,
			    const struct sluice_service_key *service)
{
	struct nl_msg *msg = sluice_msg_new(sl, SLUICE_RELAY_CMD_CONFIG_DEL, 0);

	if (msg && sluice_put_service(msg, SLUICE_RELAY_A_CONFIG_SERVICE,
				      service) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sluice_msg_do(sl, msg);
}

static const struct nla_policy stats_policy[] = {
	[SLUICE_RELAY_A_STATS_CLIENTS] = { .type = NLA_U32 },
	[SLUICE_RELAY_A_STATS_ACCEPTED] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_STATS_REQUESTS] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_STATS_ANSWERS] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_STATS_CONNECTS] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_STATS_RETRIES] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_STATS_TIMEOUTS] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_STATS_ERRORS] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_STATS_RECORDS] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_STATS_RETURNED] = { .type = NLA_NESTED },
	[SLUICE_RELAY_A_STATS_KEY_UPDATES] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_STATS_REFUSED] = SLUICE_UINT_POLICY,
};

static int get_returned(struct sluice_relay_stats *stats, struct nlattr *nest)
{
	static const struct nla_policy uints[SLUICE_RELAY_A_RETURNED_MAX + 1] = {
		[1 ... SLUICE_RELAY_A_RETURNED_MAX] = SLUICE_UINT_POLICY,
	};
	struct nlattr *tb[SLUICE_RELAY_A_RETURNED_MAX + 1];

	if (!nest)
		return 0;
	if (nla_parse_nested(tb, SLUICE_RELAY_A_RETURNED_MAX, nest, uints) < 0)
		return -EBADMSG;
	for (int i = 1; i <= SLUICE_RELAY_A_RETURNED_MAX; i++)
		stats->returned[i - 1] = sluice_get_uint(tb[i]);
	return 0;
}

static int parse_stats(struct nlattr *const *tb, void *object)
{
	struct sluice_relay_stats *stats = object;

	stats->clients = sluice_get_u32(tb[SLUICE_RELAY_A_STATS_CLIENTS]);
	stats->accepted = sluice_get_uint(tb[SLUICE_RELAY_A_STATS_ACCEPTED]);
	stats->requests = sluice_get_uint(tb[SLUICE_RELAY_A_STATS_REQUESTS]);
	stats->answers = sluice_get_uint(tb[SLUICE_RELAY_A_STATS_ANSWERS]);
	stats->connects = sluice_get_uint(tb[SLUICE_RELAY_A_STATS_CONNECTS]);
	stats->retries = sluice_get_uint(tb[SLUICE_RELAY_A_STATS_RETRIES]);
	stats->timeouts = sluice_get_uint(tb[SLUICE_RELAY_A_STATS_TIMEOUTS]);
	stats->errors = sluice_get_uint(tb[SLUICE_RELAY_A_STATS_ERRORS]);
	stats->records = sluice_get_uint(tb[SLUICE_RELAY_A_STATS_RECORDS]);
	stats->key_updates =
		sluice_get_uint(tb[SLUICE_RELAY_A_STATS_KEY_UPDATES]);
	stats->refused = sluice_get_uint(tb[SLUICE_RELAY_A_STATS_REFUSED]);
	return get_returned(stats, tb[SLUICE_RELAY_A_STATS_RETURNED]);
}

static const struct sluice_object stats_object = {
	.policy = stats_policy,
	.max = ARRAY_SIZE(stats_policy) - 1,
	.size = sizeof(struct sluice_relay_stats),
	.parse = parse_stats,
};

int sluice_relay_stats_get(struct sluice *sl, struct sluice_relay_stats *stats)
{
	return sluice_msg_get(sl,
			      sluice_msg_new(sl, SLUICE_RELAY_CMD_STATS_GET, 0),
			      &stats_object, stats);
}
