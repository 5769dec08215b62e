// SPDX-License-Identifier: GPL-2.0
/*
 * What the commands of family sluice-relay have in common, and its event. One file
 * an object has the commands: netlink_client.c, netlink_config.c, netlink_stats.c.
 */

#include "../kmod/compat.h"
#include "../kmod/netlink/parse.h"
#include "../kmod/relay.h"
#include "gen.h"
#include "netlink.h"
#include "relay.h"

SLUICE_IMPORT;
MODULE_ALIAS_GENL_FAMILY(SLUICE_RELAY_FAMILY_NAME);

/* So that what reads and writes a service in sluice.ko does it here, too. */
static_assert((int)SLUICE_RELAY_A_SERVICE_PROTOCOL == (int)SLUICE_A_SERVICE_PROTOCOL);
static_assert((int)SLUICE_RELAY_A_SERVICE_ADDRESS == (int)SLUICE_A_SERVICE_ADDRESS);
static_assert((int)SLUICE_RELAY_A_SERVICE_PORT == (int)SLUICE_A_SERVICE_PORT);

/**
 * sluice_relay_nl_get_service() - read what names a service
 * @nest: attribute of the set service, or NULL
 * @key: filled
 * @extack: gets what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int sluice_relay_nl_get_service(struct nlattr *nest,
				struct sluice_service_key *key,
				struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[SLUICE_RELAY_A_SERVICE_MAX + 1];
	int err;

	if (!nest) {
		NL_SET_ERR_MSG(extack, "name the service");
		return -EINVAL;
	}
	err = nla_parse_nested(attrs, SLUICE_RELAY_A_SERVICE_MAX, nest,
			       sluice_relay_service_nl_policy, extack);
	if (!err)
		err = sluice_nl_get_service_key(attrs, nest, key, extack);
	if (err || key->protocol == IPPROTO_TCP)
		return err;
	NL_SET_ERR_MSG_ATTR(extack, nest, "stratum relay is for TCP only");
	return -EINVAL;
}

/**
 * sluice_relay_nl_get_served() - read what names a service that there is
 * @info: the request
 * @nest: attribute of the set service, or NULL
 * @key: filled
 *
 * Return: 0, -EINVAL, or -ENOENT where it is not one of stratum relay.
 */
int sluice_relay_nl_get_served(const struct genl_info *info,
			       struct nlattr *nest,
			       struct sluice_service_key *key)
{
	int err = sluice_relay_nl_get_service(nest, key, info->extack);

	if (err || sluice_relay_serves(genl_info_net(info), key))
		return err;
	NL_SET_ERR_MSG_ATTR(info->extack, nest,
			    "no such service of stratum relay");
	return -ENOENT;
}

static int fill_back(struct sk_buff *msg, u64 id, enum sluice_relay_why why,
		     const struct sluice_service_key *service)
{
	if (nla_put_uint(msg, SLUICE_RELAY_A_CLIENT_ID, id) ||
	    nla_put_u8(msg, SLUICE_RELAY_A_CLIENT_WHY, why))
		return -EMSGSIZE;
	return sluice_nl_put_service_key(msg, SLUICE_RELAY_A_CLIENT_SERVICE,
					 service);
}

/**
 * sluice_relay_nl_back() - tell who listens that a client waits for the daemon
 * @net: namespace
 * @id: number of the client, which can be taken from now on
 * @why: why it is given back
 * @service: its service
 *
 * A listener that misses one, for want of memory or of room in its socket, gets
 * ENOBUFS from the socket, and has to ask for those that wait.
 *
 * Context: any.
 * Return: 0, or -ESRCH where nobody listens.
 */
int sluice_relay_nl_back(struct net *net, u64 id, enum sluice_relay_why why,
			 const struct sluice_service_key *service)
{
	void *header = NULL;
	struct sk_buff *msg;

	/* Those of other namespaces are among them. */
	if (!genl_has_listeners(&sluice_relay_nl_family, net,
				SLUICE_RELAY_NLGRP_BACK))
		return -ESRCH;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (msg)
		header = genlmsg_put(msg, 0, 0, &sluice_relay_nl_family, 0,
				     SLUICE_RELAY_CMD_CLIENT_BACK);
	if (!header || fill_back(msg, id, why, service)) {
		nlmsg_free(msg);
		genl_set_err(&sluice_relay_nl_family, net, 0,
			     SLUICE_RELAY_NLGRP_BACK, -ENOBUFS);
		return 0;
	}
	genlmsg_end(msg, header);
	if (genlmsg_multicast_netns(&sluice_relay_nl_family, net, msg, 0,
				    SLUICE_RELAY_NLGRP_BACK, GFP_ATOMIC) == -ESRCH)
		return -ESRCH;
	return 0;
}

/* An event about a client for one socket; @requested: of a key update, or -1. */
static int tell(struct net *net, u32 port, u8 cmd, u64 id, u64 keys,
		int requested)
{
	struct sk_buff *msg;
	void *header;

	msg = genlmsg_new(nla_total_size_64bit(sizeof(id)) +
			  nla_total_size_64bit(sizeof(keys)) +
			  nla_total_size(sizeof(u8)), GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	header = genlmsg_put(msg, 0, 0, &sluice_relay_nl_family, 0, cmd);
	if (!header || nla_put_uint(msg, SLUICE_RELAY_A_CLIENT_ID, id) ||
	    nla_put_uint(msg, SLUICE_RELAY_A_CLIENT_KEYS, keys) ||
	    (requested >= 0 &&
	     nla_put_u8(msg, SLUICE_RELAY_A_CLIENT_UPDATE_REQUESTED, requested))) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, header);
	return genlmsg_unicast(net, msg, port);
}

/**
 * sluice_relay_nl_key_update() - tell who has a client's secrets that it has other keys
 * @net: namespace
 * @port: netlink socket of who has them
 * @id: number of the client, which waits for keys from now on
 * @keys: number by which the owner of @port knows it
 * @requested: it wants other keys for what it gets, too
 *
 * Context: may sleep.
 * Return: 0, or a negative error where nobody has heard it.
 */
int sluice_relay_nl_key_update(struct net *net, u32 port, u64 id, u64 keys,
			       bool requested)
{
	return tell(net, port, SLUICE_RELAY_CMD_CLIENT_KEY_UPDATE, id, keys,
		    requested);
}

/**
 * sluice_relay_nl_gone() - tell who has a client's secrets that it has ended
 * @net: namespace
 * @port: netlink socket of who has them
 * @id: number of the client
 * @keys: number by which the owner of @port knows it
 *
 * An owner whose socket has no room gets ENOBUFS from it.
 *
 * Context: may sleep.
 */
void sluice_relay_nl_gone(struct net *net, u32 port, u64 id, u64 keys)
{
	tell(net, port, SLUICE_RELAY_CMD_CLIENT_GONE, id, keys, -1);
}
