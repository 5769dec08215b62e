/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_DEADLINE_H
#define _SLUICE_DEADLINE_H

#include <linux/list.h>
#include <linux/workqueue.h>

struct sluice_net;
struct sluice_server;
struct sluice_server_params;

/**
 * struct sluice_deadlines - servers of a namespace that drain until a deadline
 * @list: they, by &sluice_server.deadline_list
 * @next: when @work is due, of get_jiffies_64(); U64_MAX for never
 * @work: ends the draining
 *
 * Protected by &sluice_net.lock.
 */
struct sluice_deadlines {
	struct list_head list;
	u64 next;
	struct delayed_work work;
};

void sluice_deadlines_init(struct sluice_net *sn);
void sluice_deadlines_stop(struct sluice_net *sn);
void sluice_deadline_fit(struct sluice_net *sn, struct sluice_server *server);
u32 sluice_deadline_left(const struct sluice_server_params *params);

#endif /* _SLUICE_DEADLINE_H */
