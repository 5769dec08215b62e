// SPDX-License-Identifier: GPL-2.0
/*
 * Notifications to the multicast group "events".
 *
 * They are built and sent under &sluice_net.lock, in the order of the changes.
 * A listener that misses one, for want of memory or of room in its socket, gets
 * ENOBUFS from the socket and knows to read everything anew.
 */

#include "event.h"
#include "gen.h"
#include "parse.h"

static struct sk_buff *event_new(struct sluice_net *sn, u8 cmd, void **header)
{
	struct sk_buff *msg;

	if (!genl_has_listeners(&sluice_nl_family, sn->net,
				SLUICE_NLGRP_EVENTS))
		return NULL;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (msg)
		*header = genlmsg_put(msg, 0, 0, &sluice_nl_family, 0, cmd);
	if (!msg || !*header) {
		nlmsg_free(msg);
		genl_set_err(&sluice_nl_family, sn->net, 0, SLUICE_NLGRP_EVENTS,
			     -ENOBUFS);
		return NULL;
	}
	return msg;
}

static void event_send(struct sluice_net *sn, struct sk_buff *msg, void *header,
		       int err)
{
	if (err) {
		nlmsg_free(msg);
		genl_set_err(&sluice_nl_family, sn->net, 0, SLUICE_NLGRP_EVENTS,
			     -ENOBUFS);
		return;
	}
	genlmsg_end(msg, header);
	genlmsg_multicast_netns(&sluice_nl_family, sn->net, msg, 0,
				SLUICE_NLGRP_EVENTS, GFP_KERNEL);
}

/**
 * sluice_nl_event_service() - tell of a service
 * @sn: namespace
 * @cmd: SLUICE_CMD_SERVICE_NTF or SLUICE_CMD_SERVICE_DEL_NTF
 * @service: the service, changed already or about to be deleted
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_nl_event_service(struct sluice_net *sn, u8 cmd,
			     const struct sluice_service *service)
{
	void *header;
	struct sk_buff *msg = event_new(sn, cmd, &header);

	if (msg)
		event_send(sn, msg, header,
			   sluice_nl_fill_service(msg, sn, service));
}

/**
 * sluice_nl_event_pool() - tell of a pool
 * @sn: namespace
 * @cmd: SLUICE_CMD_POOL_NTF or SLUICE_CMD_POOL_DEL_NTF
 * @pool: the pool, changed already or about to be deleted
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_nl_event_pool(struct sluice_net *sn, u8 cmd,
			  const struct sluice_pool *pool)
{
	void *header;
	struct sk_buff *msg = event_new(sn, cmd, &header);

	if (msg)
		event_send(sn, msg, header, sluice_nl_fill_pool(msg, pool));
}

/**
 * sluice_nl_event_server() - tell of a server
 * @sn: namespace
 * @cmd: SLUICE_CMD_SERVER_NTF or SLUICE_CMD_SERVER_DEL_NTF
 * @pool: its pool
 * @server: the server, changed already or about to be deleted
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_nl_event_server(struct sluice_net *sn, u8 cmd,
			    const struct sluice_pool *pool,
			    const struct sluice_server *server)
{
	void *header;
	struct sk_buff *msg = event_new(sn, cmd, &header);

	if (msg)
		event_send(sn, msg, header,
			   sluice_nl_fill_server(msg, pool, server));
}

/**
 * sluice_nl_event_settings() - tell of changed settings
 * @sn: namespace
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_nl_event_settings(struct sluice_net *sn)
{
	void *header;
	struct sk_buff *msg = event_new(sn, SLUICE_CMD_SETTINGS_NTF, &header);

	if (msg)
		event_send(sn, msg, header, sluice_nl_fill_settings(msg, sn));
}
