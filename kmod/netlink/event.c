// SPDX-License-Identifier: GPL-2.0
/*
 * Notifications to the multicast group "events".
 *
 * They are built and sent under &sluice_net.lock, in the order of the changes: sent
 * when the commit is sure, with what each object was at its turn. A listener that misses one, for want of memory or of room in its socket, gets
 * ENOBUFS from the socket and knows to read everything anew.
 */

#include "event.h"
#include "gen.h"
#include "parse.h"

/**
 * sluice_nl_event() - tell of an object
 * @sn: namespace
 * @cmd: SLUICE_CMD_*_NTF
 * @fill: writes the object
 * @object: passed to @fill; changed already or about to be deleted
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_nl_event(struct sluice_net *sn, u8 cmd, sluice_nl_fill_fn fill,
		     const void *object)
{
	sluice_nl_event_sized(sn, cmd, GENLMSG_DEFAULT_SIZE, fill, object);
}

/**
 * sluice_nl_event_sized() - tell of an object of any size
 * @sn: namespace
 * @cmd: SLUICE_CMD_*_NTF
 * @size: bytes that its attributes take
 * @fill: writes the object
 * @object: passed to @fill; changed already or about to be deleted
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_nl_event_sized(struct sluice_net *sn, u8 cmd, size_t size,
			   sluice_nl_fill_fn fill, const void *object)
{
	void *header = NULL;
	struct sk_buff *msg;

	lockdep_assert_held(&sn->lock);
	if (!genl_has_listeners(&sluice_nl_family, sn->net,
				SLUICE_NLGRP_EVENTS))
		return;
	msg = genlmsg_new(size, GFP_KERNEL_ACCOUNT);
	if (msg)
		header = genlmsg_put(msg, 0, 0, &sluice_nl_family, 0, cmd);
	if (!header || fill(msg, sn, object)) {
		nlmsg_free(msg);
		sn->commit.events_lost = true;
		return;
	}
	genlmsg_end(msg, header);
	/* There may be many that wait; one need not be shorter. */
	if (!skb_queue_empty(&sn->commit.events))
		pskb_expand_head(msg, 0, -skb_tailroom(msg),
				 GFP_KERNEL_ACCOUNT);
	__skb_queue_tail(&sn->commit.events, msg);
}

/**
 * sluice_nl_events_send() - send what a commit has told
 * @sn: namespace
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_nl_events_send(struct sluice_net *sn)
{
	struct sk_buff *msg;

	lockdep_assert_held(&sn->lock);
	while ((msg = __skb_dequeue(&sn->commit.events))) {
		genlmsg_multicast_netns(&sluice_nl_family, sn->net, msg, 0,
					SLUICE_NLGRP_EVENTS, GFP_KERNEL);
		cond_resched();
	}
	if (sn->commit.events_lost)
		genl_set_err(&sluice_nl_family, sn->net, 0, SLUICE_NLGRP_EVENTS,
			     -ENOBUFS);
}

/**
 * sluice_nl_events_drop() - forget what a commit has told
 * @sn: namespace
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_nl_events_drop(struct sluice_net *sn)
{
	lockdep_assert_held(&sn->lock);
	__skb_queue_purge(&sn->commit.events);
}
