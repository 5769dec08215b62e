// SPDX-License-Identifier: GPL-2.0
/* The servers of a pool, for those who configure. */

#include "deadline.h"
#include "net.h"
#include "pool.h"

static void server_touch(struct sluice_net *sn, struct sluice_server *server)
{
	if (sluice_change_touch(&server->change, &sn->commit.servers))
		server->before = server->params;
}

static void count_direct(struct sluice_pool *pool, u8 forward, int n)
{
	if (forward != SLUICE_FORWARD_NAT)
		pool->now.direct_count += n;
}

/* @gone: the one that the commit has deleted. */
static struct sluice_server *find(const struct sluice_pool *pool,
				  const struct sluice_server_key *key,
				  bool gone)
{
	struct sluice_server *server;

	list_for_each_entry(server, &pool->servers, list)
		if (server->port == key->port && server->change.gone == gone &&
		    nf_inet_addr_cmp(&server->addr, &key->addr))
			return server;
	return NULL;
}

/**
 * sluice_pool_server_lookup() - find a server of a pool
 * @pool: the pool
 * @key: address and port
 *
 * Context: &sluice_net.lock is held.
 * Return: the server or NULL.
 */
struct sluice_server *
sluice_pool_server_lookup(const struct sluice_pool *pool,
			  const struct sluice_server_key *key)
{
	return find(pool, key, false);
}

/**
 * sluice_server_is_changed() - has the commit made a server, or changed it
 * @server: one that it has touched
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: whether there is anything to tell.
 */
bool sluice_server_is_changed(const struct sluice_server *server)
{
	const struct sluice_server_params *now = &server->params;
	const struct sluice_server_params *before = &server->before;

	return server->change.made || now->weight != before->weight ||
	       now->state != before->state || now->forward != before->forward ||
	       now->has_deadline != before->has_deadline ||
	       now->deadline != before->deadline ||
	       strcmp(now->reason, before->reason);
}

/**
 * sluice_pool_server_add() - add a server to a pool
 * @sn: namespace
 * @pool: the pool
 * @key: address and port, of the pool's family and not in it yet
 * @params: what it is, valid
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held.
 * Return: the server, owned by @pool, or ERR_PTR().
 */
struct sluice_server *
sluice_pool_server_add(struct sluice_net *sn, struct sluice_pool *pool,
		       const struct sluice_server_key *key,
		       const struct sluice_server_params *params,
		       struct netlink_ext_ack *extack)
{
	struct sluice_server *server;

	lockdep_assert_held(&sn->lock);
	if (pool->now.server_count >= SLUICE_POOL_SERVERS_MAX) {
		NL_SET_ERR_MSG(extack, "too many servers in this pool");
		return ERR_PTR(-ENOSPC);
	}
	if (sn->server_count >= SLUICE_SERVERS_MAX && !pool->hidden) {
		NL_SET_ERR_MSG(extack, "too many servers in this namespace");
		return ERR_PTR(-ENOSPC);
	}
	server = find(pool, key, true);
	if (server) {
		sluice_change_revive(&server->change);
		server->params = *params;
	} else {
		server = sluice_server_alloc(key, params);
		if (!server)
			return ERR_PTR(-ENOMEM);
		server_touch(sn, server);
		server->change.made = true;
		server->id = ++sn->next_id;
		rcu_assign_pointer(server->pool, pool);
		list_add_tail(&server->list, &pool->servers);
	}
	sluice_pool_touch(sn, pool);
	pool->now.server_count++;
	if (!pool->hidden)
		sn->server_count++;
	count_direct(pool, params->forward, 1);
	return server;
}

/**
 * sluice_pool_server_set() - change a server
 * @sn: namespace
 * @pool: its pool
 * @server: the server
 * @params: what it is from now on, valid
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_pool_server_set(struct sluice_net *sn, struct sluice_pool *pool,
			    struct sluice_server *server,
			    const struct sluice_server_params *params)
{
	sluice_pool_touch(sn, pool);
	server_touch(sn, server);
	count_direct(pool, server->params.forward, -1);
	count_direct(pool, params->forward, 1);
	server->params = *params;
}

/**
 * sluice_pool_server_del() - take a server out of its pool
 * @sn: namespace
 * @pool: its pool
 * @server: the server; freed when its last connection is
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_pool_server_del(struct sluice_net *sn, struct sluice_pool *pool,
			    struct sluice_server *server)
{
	sluice_pool_touch(sn, pool);
	server_touch(sn, server);
	server->change.gone = true;
	pool->now.server_count--;
	if (!pool->hidden)
		sn->server_count--;
	count_direct(pool, server->params.forward, -1);
}

/**
 * sluice_pool_server_settle() - end a commit for a server
 * @sn: namespace
 * @server: one that the commit has touched; if it goes, no set that a packet can
 *	find has it
 * @is_done: it was carried out, not aborted
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_pool_server_settle(struct sluice_net *sn,
			       struct sluice_server *server, bool is_done)
{
	bool goes = is_done ? server->change.gone : server->change.made;
	struct sluice_stats stats;
	struct sluice_pool *pool;

	lockdep_assert_held(&sn->lock);
	if (!is_done)
		server->params = server->before;
	sluice_change_settle(&server->change);
	if (!goes) {
		sluice_server_fit(server);
		sluice_deadline_fit(sn, server);
		return;
	}
	pool = rcu_dereference_protected(server->pool,
					 lockdep_is_held(&sn->lock));
	sluice_server_read_stats(server, &stats);
	sluice_stats_add(&pool->gone, &stats);
	list_del(&server->list);
	list_del_init(&server->deadline_list);
	WRITE_ONCE(server->serves, SLUICE_SERVES_NONE);
	RCU_INIT_POINTER(server->pool, NULL);
	sluice_server_release(server);
}
