// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about how services are relayed. */

#include <linux/mutex.h>

#include <sluice/http_claim.h>
#include <sluice/sticky.h>

#include "../kmod/netlink/parse.h"
#include "../lib/http.h"
#include "gen.h"
#include "netlink.h"
#include "relay.h"

/*
 * Protects what is said of a service from being changed between the moment that it
 * is read and the one that it is written anew; of all namespaces, since that is rare.
 */
static DEFINE_MUTEX(config_mutex);

static void get_u32(const struct nlattr *attr, u32 *to)
{
	if (attr)
		*to = nla_get_u32(attr);
}

static void get_u8(const struct nlattr *attr, u8 *to)
{
	if (attr)
		*to = nla_get_u8(attr);
}

static void get_bool(const struct nlattr *attr, bool *to)
{
	if (attr)
		*to = nla_get_u8(attr);
}

/* The length of a key is in the policy. */
static_assert(SLUICE_RELAY_STICKY_KEY_LEN == SLUICE_STICKY_SECRET_SIZE);

static int get_request_id(const struct nlattr *attr,
			  struct sluice_relay_config *config,
			  struct netlink_ext_ack *extack)
{
	const char *name;
	u32 length = 0;

	if (!attr)
		return 0;
	name = nla_data(attr);
	while (is_char(name[length], CHAR_TOKEN))
		length++;
	if (!length || name[length]) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the name of a field is 1 to 63 letters, digits and !#$%&'*+-.^_`|~");
		return -EINVAL;
	}
	if (sluice_http_name_is_ours((const u8 *)name, length)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "this field is written as the message needs it, take another one");
		return -EINVAL;
	}
	strscpy_pad(config->request_id, name);
	return 0;
}

/* What is not given stays; the policy has seen to the ranges. */
static void get_config(struct nlattr **attrs, struct sluice_relay_config *config)
{
	get_u32(attrs[SLUICE_RELAY_A_CONFIG_TIMEOUT_HEAD], &config->timeout_head);
	get_u32(attrs[SLUICE_RELAY_A_CONFIG_TIMEOUT_IDLE], &config->timeout_idle);
	get_u32(attrs[SLUICE_RELAY_A_CONFIG_TIMEOUT_BODY], &config->timeout_body);
	get_u32(attrs[SLUICE_RELAY_A_CONFIG_TIMEOUT_CONNECT],
		&config->timeout_connect);
	get_u32(attrs[SLUICE_RELAY_A_CONFIG_TIMEOUT_RESPONSE],
		&config->timeout_response);
	get_u32(attrs[SLUICE_RELAY_A_CONFIG_TIMEOUT_TUNNEL],
		&config->timeout_tunnel);
	get_u32(attrs[SLUICE_RELAY_A_CONFIG_REQUESTS_MAX], &config->requests_max);
	get_u8(attrs[SLUICE_RELAY_A_CONFIG_RETRIES], &config->retries);
	if (attrs[SLUICE_RELAY_A_CONFIG_ADD])
		config->add = nla_get_u32(attrs[SLUICE_RELAY_A_CONFIG_ADD]);
	get_bool(attrs[SLUICE_RELAY_A_CONFIG_WEBSOCKET], &config->websocket);
	get_bool(attrs[SLUICE_RELAY_A_CONFIG_LISTEN], &config->listen);
}

/* Up to the last one that a request may have. */
static bool is_empty(struct nlattr **attrs)
{
	int i;

	for (i = SLUICE_RELAY_A_CONFIG_SERVICE + 1;
	     i <= SLUICE_RELAY_A_CONFIG_STICKY_KEY; i++)
		if (attrs[i])
			return false;
	return true;
}

int sluice_relay_nl_config_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *key = info->attrs[SLUICE_RELAY_A_CONFIG_STICKY_KEY];
	struct net *net = genl_info_net(info);
	struct sluice_relay_config config;
	struct sluice_service_key service;
	int err;

	err = sluice_relay_nl_get_served(info,
					 info->attrs[SLUICE_RELAY_A_CONFIG_SERVICE],
					 &service);
	if (err)
		return err;
	if (is_empty(info->attrs)) {
		NL_SET_ERR_MSG(info->extack,
			       "nothing to say of the service: give a time-out, requests-max, retries, add, websocket, listen, request-id or sticky-key");
		return -EINVAL;
	}
	mutex_lock(&config_mutex);
	if (!sluice_relay_config_get(net, &service, &config))
		sluice_relay_config_default(&config);
	get_config(info->attrs, &config);
	err = get_request_id(info->attrs[SLUICE_RELAY_A_CONFIG_REQUEST_ID],
			     &config, info->extack);
	if (!err)
		err = sluice_relay_configure(net, &service, &config,
					     key ? nla_data(key) : NULL,
					     info->extack);
	mutex_unlock(&config_mutex);
	return err;
}

int sluice_relay_nl_config_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[SLUICE_RELAY_A_CONFIG_SERVICE];
	struct sluice_service_key service;
	int err;

	/* It may have outlived its service. */
	err = sluice_relay_nl_get_service(nest, &service, info->extack);
	if (err)
		return err;
	mutex_lock(&config_mutex);
	err = sluice_relay_unconfigure(genl_info_net(info), &service);
	mutex_unlock(&config_mutex);
	if (err == -ENOENT)
		NL_SET_ERR_MSG_ATTR(info->extack, nest,
				    "nothing was said of this service");
	return err;
}

static int fill_timeouts(struct sk_buff *skb,
			 const struct sluice_relay_config *config)
{
	if (nla_put_u32(skb, SLUICE_RELAY_A_CONFIG_TIMEOUT_HEAD,
			config->timeout_head) ||
	    nla_put_u32(skb, SLUICE_RELAY_A_CONFIG_TIMEOUT_IDLE,
			config->timeout_idle) ||
	    nla_put_u32(skb, SLUICE_RELAY_A_CONFIG_TIMEOUT_BODY,
			config->timeout_body) ||
	    nla_put_u32(skb, SLUICE_RELAY_A_CONFIG_TIMEOUT_CONNECT,
			config->timeout_connect) ||
	    nla_put_u32(skb, SLUICE_RELAY_A_CONFIG_TIMEOUT_RESPONSE,
			config->timeout_response) ||
	    nla_put_u32(skb, SLUICE_RELAY_A_CONFIG_TIMEOUT_TUNNEL,
			config->timeout_tunnel))
		return -EMSGSIZE;
	return 0;
}

static int fill_config(struct sk_buff *skb,
		       const struct sluice_service_key *service,
		       const struct sluice_relay_config *config)
{
	if (sluice_nl_put_service_key(skb, SLUICE_RELAY_A_CONFIG_SERVICE,
				      service) ||
	    fill_timeouts(skb, config) ||
	    nla_put_u32(skb, SLUICE_RELAY_A_CONFIG_REQUESTS_MAX,
			config->requests_max) ||
	    nla_put_u8(skb, SLUICE_RELAY_A_CONFIG_RETRIES, config->retries) ||
	    nla_put_u32(skb, SLUICE_RELAY_A_CONFIG_ADD, config->add) ||
	    nla_put_u8(skb, SLUICE_RELAY_A_CONFIG_WEBSOCKET,
		       config->websocket) ||
	    nla_put_u8(skb, SLUICE_RELAY_A_CONFIG_LISTEN, config->listen) ||
	    nla_put_string(skb, SLUICE_RELAY_A_CONFIG_REQUEST_ID,
			   config->request_id) ||
	    nla_put_u8(skb, SLUICE_RELAY_A_CONFIG_KEYED, config->keyed))
		return -EMSGSIZE;
	return 0;
}

/* How many have been reported, in &netlink_callback.ctx. */
static u32 *dumped(struct netlink_callback *cb)
{
	return (u32 *)cb->ctx;
}

int sluice_relay_nl_config_get_dumpit(struct sk_buff *skb,
				      struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	struct net *net = genl_info_net(info);
	struct sluice_relay_config config;
	struct sluice_service_key service;
	u32 *at = dumped(cb);
	void *header;

	/* Services that go meanwhile move those behind them. */
	cb->seq = sluice_relay_config_version(net);
	for (; sluice_relay_config_next(net, *at, &service, &config); ++*at) {
		cond_resched();
		header = __genlmsg_iput(skb, info, NLM_F_MULTI);
		if (!header)
			return -EMSGSIZE;
		genl_dump_check_consistent(cb, header);
		if (fill_config(skb, &service, &config)) {
			genlmsg_cancel(skb, header);
			return -EMSGSIZE;
		}
		genlmsg_end(skb, header);
	}
	/* The end says it, if nothing before does. */
	cb->seq = sluice_relay_config_version(net);
	return 0;
}
