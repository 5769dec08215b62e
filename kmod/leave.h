/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_LEAVE_H
#define _SLUICE_LEAVE_H

#include <linux/workqueue.h>

struct sluice_net;
struct sluice_pool;
struct sluice_server;

/**
 * struct sluice_leaving - connections that have to leave their servers
 * @walk: passes over the connections
 * @wanted: since @walk last looked, a server got connections that have to leave
 * @pending: in this pass some have been met that are not done with
 * @again: the next run begins another pass for those
 * @position: where @walk goes on, see sluice_table_walk()
 * @left: how far it has to go, of SLUICE_TABLE_END; 0 where it has nothing to do
 * @went_on: when that was last, in jiffies
 * @number: what is in questions, see reset.c; never changes
 *
 * What has no lock is for @walk alone, but @wanted.
 */
struct sluice_leaving {
	struct delayed_work walk;
	u32 wanted;
	bool pending;
	bool again;
	u64 position;
	u64 left;
	unsigned long went_on;
	u32 number;
};

void sluice_leave_init(struct sluice_net *sn);
void sluice_leave_stop(struct sluice_net *sn);
void sluice_leave_fit(struct sluice_net *sn, const struct sluice_pool *pool,
		      struct sluice_server *server);

#endif /* _SLUICE_LEAVE_H */
