// SPDX-License-Identifier: GPL-2.0
/* Deadlines of servers that drain. */

#include "deadline.h"
#include "leave.h"
#include "net.h"
#include "netlink/event.h"
#include "pool.h"
#include "server.h"

/* Deadlines closer together than this are seen to at once. */
#define DEADLINE_GRAIN max(HZ / 100, 1)

static void arm(struct sluice_net *sn, u64 when)
{
	struct sluice_deadlines *d = &sn->deadlines;
	u64 now = get_jiffies_64(), delay = when > now ? when - now : 0;

	lockdep_assert_held(&sn->lock);
	d->next = when;
	mod_delayed_work(sluice_conn_queue, &d->work,
			 clamp_t(u64, delay, DEADLINE_GRAIN, MAX_JIFFY_OFFSET));
}

static void drained(struct sluice_net *sn, struct sluice_server *server)
{
	struct sluice_pool *pool;

	pool = rcu_dereference_protected(server->pool,
					 lockdep_is_held(&sn->lock));
	server->params.drained = true;
	list_del_init(&server->deadline_list);
	sluice_server_fit(server);
	sluice_leave_fit(sn, pool, server);
	sluice_nl_server_drained(sn, server);
}

static void work(struct work_struct *work)
{
	struct sluice_deadlines *d = container_of(to_delayed_work(work),
						  struct sluice_deadlines, work);
	struct sluice_net *sn = container_of(d, struct sluice_net, deadlines);
	struct sluice_server *server, *other;
	u64 now = get_jiffies_64(), next = U64_MAX;

	mutex_lock(&sn->lock);
	list_for_each_entry_safe(server, other, &d->list, deadline_list) {
		if (server->params.deadline <= now)
			drained(sn, server);
		else
			next = min(next, server->params.deadline);
		cond_resched();
	}
	d->next = U64_MAX;
	if (next != U64_MAX)
		arm(sn, next);
	mutex_unlock(&sn->lock);
}

/**
 * sluice_deadline_fit() - a server may have got another deadline, or none
 * @sn: namespace
 * @server: a server that is not deleted
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_deadline_fit(struct sluice_net *sn, struct sluice_server *server)
{
	const struct sluice_server_params *params = &server->params;

	lockdep_assert_held(&sn->lock);
	list_del_init(&server->deadline_list);
	if (!params->has_deadline || params->drained)
		return;
	list_add_tail(&server->deadline_list, &sn->deadlines.list);
	if (params->deadline < sn->deadlines.next)
		arm(sn, params->deadline);
}

/**
 * sluice_deadline_left() - how long a server may drain
 * @params: what it is, with a deadline
 *
 * Return: milliseconds, 0 where that is over.
 */
u32 sluice_deadline_left(const struct sluice_server_params *params)
{
	s64 left = params->deadline - get_jiffies_64();

	if (params->drained)
		return 0;
	return max_t(u64, jiffies64_to_msecs(max(left, 0)), 1);
}

/**
 * sluice_deadlines_init() - prepare a namespace
 * @sn: namespace
 */
void sluice_deadlines_init(struct sluice_net *sn)
{
	INIT_LIST_HEAD(&sn->deadlines.list);
	INIT_DELAYED_WORK(&sn->deadlines.work, work);
	sn->deadlines.next = U64_MAX;
}

/**
 * sluice_deadlines_stop() - nothing is due any more
 * @sn: namespace that nobody configures any more
 *
 * Context: process context; waits for what is under way.
 */
void sluice_deadlines_stop(struct sluice_net *sn)
{
	cancel_delayed_work_sync(&sn->deadlines.work);
}
