/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_COMMIT_H
#define _SLUICE_COMMIT_H

#include <linux/list.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>

#include "settings.h"

struct sluice_net;

/**
 * struct sluice_change - what a commit does to an object
 * @list: in a list of &struct sluice_commit; empty where the commit has not
 *	touched the object
 * @made: the commit makes it
 * @gone: the commit deletes it; it stays in its lists and tables until the end
 *	of the commit, and all who configure pass it over
 * @reset: its counters are to begin at zero
 * @flushed: it is @gone by a flush, which tells of it at the end: what is made again
 *	in the same commit is the same object, with its counters and connections, and
 *	who listens need not know
 *
 * Part of each object that is configured, protected by &sluice_net.lock. Between
 * commits it is empty.
 */
struct sluice_change {
	struct list_head list;
	bool made;
	bool gone;
	bool reset;
	bool flushed;
};

/**
 * struct sluice_commit - the commit that is under way in a namespace
 * @services: those that it touches
 * @pools: the same, hidden ones too
 * @servers: the same
 * @routes: the same
 * @events: notifications, to be sent when it is done
 * @events_lost: one of them could not be made
 * @changed: something is to be changed
 * @keeps_slow: a service is to be kept off the fast path that was on it
 * @sets: @settings are to hold
 * @settings: what is to be set
 * @next_id: &sluice_net.next_id before, as the counts that follow
 * @service_count: the same
 * @pool_count: the same
 * @server_count: the same
 * @route_count: the same
 *
 * Protected by &sluice_net.lock.
 */
struct sluice_commit {
	struct list_head services;
	struct list_head pools;
	struct list_head servers;
	struct list_head routes;
	struct sk_buff_head events;
	bool events_lost;
	bool changed;
	bool keeps_slow;
	bool sets;
	struct sluice_settings settings;
	u64 next_id;
	u32 service_count;
	u32 pool_count;
	u32 server_count;
	u32 route_count;
};

/**
 * enum sluice_commit_how - how a commit gets to packets
 * @SLUICE_COMMIT_QUICK: object by object, in an order in which nothing that a
 *	packet finds leads nowhere; for one request
 * @SLUICE_COMMIT_AT_ONCE: each packet finds all of it or nothing of it; takes a
 *	grace period
 */
enum sluice_commit_how {
	SLUICE_COMMIT_QUICK,
	SLUICE_COMMIT_AT_ONCE,
};

void sluice_commit_init(struct sluice_net *sn);
void sluice_commit_begin(struct sluice_net *sn);
int sluice_commit_end(struct sluice_net *sn, enum sluice_commit_how how,
		      struct netlink_ext_ack *extack);
void sluice_commit_abort(struct sluice_net *sn);
struct sluice_settings *sluice_commit_settings(struct sluice_net *sn);

/**
 * sluice_change_init() - make the part of a new object
 * @change: its part
 */
static inline void sluice_change_init(struct sluice_change *change)
{
	INIT_LIST_HEAD(&change->list);
}

/**
 * sluice_change_touch() - an object is to be changed
 * @change: its part
 * @list: of the commit, for objects of its kind
 *
 * Return: whether this is the first time in this commit.
 */
static inline bool sluice_change_touch(struct sluice_change *change,
				       struct list_head *list)
{
	if (!list_empty(&change->list))
		return false;
	list_add_tail(&change->list, list);
	return true;
}

/**
 * sluice_change_revive() - what the commit has deleted is there again
 * @change: the object's part
 */
static inline void sluice_change_revive(struct sluice_change *change)
{
	change->gone = false;
	change->flushed = false;
}

/**
 * sluice_change_settle() - the commit is over for an object
 * @change: its part
 */
static inline void sluice_change_settle(struct sluice_change *change)
{
	list_del_init(&change->list);
	change->made = false;
	change->gone = false;
	change->reset = false;
	change->flushed = false;
}

#endif /* _SLUICE_COMMIT_H */
