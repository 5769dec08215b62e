// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of what is configured, made together.
 *
 * All that packets read of a service or a pool and that can change is there twice;
 * &sluice_net.view says which of the two they go by. Between commits both are the
 * same. Those who configure read and change the other one, which no packet looks
 * at. So a commit can be given up at any point by making the other one as it was;
 * and it gets to packets by exchanging the two, which is one word that each packet
 * reads once. After a grace period nobody goes by the old values, and they are
 * made the same as the new ones.
 *
 * A single request takes no grace period: it makes the values that packets go by
 * the same as the other ones, object by object.
 *
 * What is deleted and made again in one commit is the same object, whose counters and
 * connections stay: so a transaction that begins with a flush replaces all that is
 * configured, and leaves what is the same alone.
 *
 * What packets do not read is changed in place, with what it was beside it.
 * Objects that are deleted stay where they are, marked, until it is sure that the
 * commit is carried out.
 */

#include "net.h"
#include "netlink/event.h"
#include "path.h"
#include "pool.h"
#include "service.h"
#include "service_route.h"

/**
 * sluice_commit_init() - prepare a namespace for commits
 * @sn: namespace
 */
void sluice_commit_init(struct sluice_net *sn)
{
	struct sluice_commit *commit = &sn->commit;

	INIT_LIST_HEAD(&commit->services);
	INIT_LIST_HEAD(&commit->pools);
	INIT_LIST_HEAD(&commit->servers);
	INIT_LIST_HEAD(&commit->routes);
	__skb_queue_head_init(&commit->events);
}

/**
 * sluice_commit_begin() - begin to change what is configured
 * @sn: namespace
 *
 * Context: &sluice_net.lock is held until sluice_commit_end() or
 * sluice_commit_abort().
 */
void sluice_commit_begin(struct sluice_net *sn)
{
	struct sluice_commit *commit = &sn->commit;

	lockdep_assert_held(&sn->lock);
	commit->events_lost = false;
	commit->changed = false;
	commit->keeps_slow = false;
	commit->sets = false;
	commit->next_id = sn->next_id;
	commit->service_count = sn->service_count;
	commit->pool_count = sn->pool_count;
	commit->server_count = sn->server_count;
	commit->route_count = sn->route_count;
}

/**
 * sluice_commit_settings() - change settings
 * @sn: namespace
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: what will hold after the commit, to be changed.
 */
struct sluice_settings *sluice_commit_settings(struct sluice_net *sn)
{
	struct sluice_commit *commit = &sn->commit;

	if (!commit->sets)
		sluice_settings_read(sn, &commit->settings);
	commit->sets = true;
	commit->changed = true;
	return &commit->settings;
}

/* What can fail. */
static int prepare(struct sluice_net *sn, struct netlink_ext_ack *extack)
{
	struct sluice_pool *pool;
	int err;

	list_for_each_entry(pool, &sn->commit.pools, change.list) {
		err = sluice_pool_prepare(sn, pool, extack);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/* What is beside the two views. */
static void carry_out(struct sluice_net *sn)
{
	struct sluice_commit *commit = &sn->commit;
	struct sluice_service *service;
	struct sluice_server *server;
	struct sluice_pool *pool;

	list_for_each_entry(service, &commit->services, change.list) {
		if (service->change.reset && !service->change.gone)
			sluice_service_reset_stats(sn, service);
		cond_resched();
	}
	list_for_each_entry(pool, &commit->pools, change.list) {
		if (pool->change.reset && !pool->change.gone)
			sluice_pool_reset_stats(pool);
		cond_resched();
	}
	list_for_each_entry(server, &commit->servers, change.list) {
		if (!server->change.gone)
			sluice_server_raise(server);
		cond_resched();
	}
	if (commit->sets)
		sluice_settings_apply(sn, &commit->settings);
}

/*
 * Let all that was touched be in the view @to as it is in @from. Pools come first,
 * which services and routes lead to; objects that go are last.
 */
static void settle(struct sluice_net *sn, unsigned int from, unsigned int to,
		   bool is_done)
{
	struct sluice_commit *commit = &sn->commit;
	struct sluice_service_route *route, *next_route;
	struct sluice_service *service, *next_service;
	struct sluice_server *server, *next_server;
	struct sluice_pool *pool, *next_pool;

	list_for_each_entry(pool, &commit->pools, change.list) {
		sluice_pool_publish(sn, pool, from, to);
		cond_resched();
	}
	list_for_each_entry_safe(service, next_service, &commit->services,
				 change.list) {
		sluice_service_settle(sn, service, from, to);
		cond_resched();
	}
	list_for_each_entry_safe(route, next_route, &commit->routes,
				 change.list) {
		sluice_service_route_settle(sn, route, is_done);
		cond_resched();
	}
	list_for_each_entry_safe(server, next_server, &commit->servers,
				 change.list) {
		sluice_pool_server_settle(sn, server, is_done);
		cond_resched();
	}
	list_for_each_entry_safe(pool, next_pool, &commit->pools,
				 change.list) {
		sluice_pool_settle(sn, pool, is_done);
		cond_resched();
	}
}

/**
 * sluice_commit_abort() - leave all as it was
 * @sn: namespace
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_commit_abort(struct sluice_net *sn)
{
	struct sluice_commit *commit = &sn->commit;

	settle(sn, sn->view, sluice_edit(sn), false);
	sn->next_id = commit->next_id;
	sn->service_count = commit->service_count;
	sn->pool_count = commit->pool_count;
	sn->server_count = commit->server_count;
	sn->route_count = commit->route_count;
	sluice_nl_events_drop(sn);
}

/**
 * sluice_commit_end() - carry out what was changed
 * @sn: namespace
 * @how: how it gets to packets
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: 0, or -ENOMEM where the commit was aborted.
 */
int sluice_commit_end(struct sluice_net *sn, enum sluice_commit_how how,
		      struct netlink_ext_ack *extack)
{
	unsigned int edit = sluice_edit(sn);
	int err = prepare(sn, extack);

	if (err) {
		sluice_commit_abort(sn);
		return err;
	}
	carry_out(sn);
	sluice_nl_tell_flushed(sn);
	if (how == SLUICE_COMMIT_AT_ONCE && sn->commit.changed) {
		/* Pairs with smp_load_acquire() in sluice_view(). */
		smp_store_release(&sn->view, edit);
		synchronize_rcu();
	}
	settle(sn, edit, !edit, true);
	if (sn->commit.keeps_slow) {
		/* Whoever has read the old value gives its leases first. */
		if (how == SLUICE_COMMIT_QUICK)
			synchronize_rcu();
		sluice_paths_flush(sn);
	}
	if (sn->commit.changed)
		sn->generation++;
	sluice_nl_events_send(sn);
	return 0;
}
