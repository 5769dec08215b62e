// SPDX-License-Identifier: GPL-2.0
/* The connection table: lookup, insertion, removal and time of last use. */

#include <linux/slab.h>
#include <kunit/visibility.h>

#include "conn.h"
#include "net.h"
#include "server.h"

static struct kmem_cache *conn_cache;

static u32 node_hash_key(const void *key, u32 len, u32 seed)
{
	return sluice_tuple_hash(key, seed);
}

static u32 node_hash_object(const void *object, u32 len, u32 seed)
{
	const struct sluice_conn_node *node = object;

	return sluice_tuple_hash(&node->tuple, seed);
}

static int node_compare(struct rhashtable_compare_arg *arg, const void *object)
{
	const struct sluice_conn_node *node = object;

	return !sluice_tuple_equal(arg->key, &node->tuple);
}

static const struct rhashtable_params conn_params = {
	.head_offset = offsetof(struct sluice_conn_node, hash),
	.key_offset = offsetof(struct sluice_conn_node, tuple),
	.key_len = SLUICE_TUPLE_KEY_LEN,
	.hashfn = node_hash_key,
	.obj_hashfn = node_hash_object,
	.obj_cmpfn = node_compare,
	.automatic_shrinking = true,
};

/* Which part of &enum sluice_conn_state a state is shown as. */
static const u8 public_state[SLUICE_STATE_COUNT] = {
	[SLUICE_STATE_SYN_SENT] = SLUICE_CONN_STATE_SYN_SENT,
	[SLUICE_STATE_SYN_RECV] = SLUICE_CONN_STATE_SYN_RECV,
	[SLUICE_STATE_ESTABLISHED] = SLUICE_CONN_STATE_ESTABLISHED,
	[SLUICE_STATE_FIN_CLIENT] = SLUICE_CONN_STATE_FIN_WAIT,
	[SLUICE_STATE_FIN_SERVER] = SLUICE_CONN_STATE_FIN_WAIT,
	[SLUICE_STATE_CLOSE_CLIENT] = SLUICE_CONN_STATE_CLOSE_WAIT,
	[SLUICE_STATE_CLOSE_SERVER] = SLUICE_CONN_STATE_CLOSE_WAIT,
	[SLUICE_STATE_LAST_ACK] = SLUICE_CONN_STATE_LAST_ACK,
	[SLUICE_STATE_TIME_WAIT] = SLUICE_CONN_STATE_TIME_WAIT,
	[SLUICE_STATE_RESET_CLIENT] = SLUICE_CONN_STATE_CLOSE,
	[SLUICE_STATE_RESET_SERVER] = SLUICE_CONN_STATE_CLOSE,
	[SLUICE_STATE_UDP_NEW] = SLUICE_CONN_STATE_UDP_NEW,
	[SLUICE_STATE_UDP] = SLUICE_CONN_STATE_UDP,
};

/**
 * sluice_conn_public_state() - the state as user space knows it
 * @state: internal state
 *
 * Return: the state for netlink, SLUICE_CONN_STATE_NONE for a dead one.
 */
enum sluice_conn_state sluice_conn_public_state(enum sluice_state state)
{
	return public_state[state];
}

/**
 * sluice_state_is_active() - does a connection count as active
 * @state: its state
 *
 * Return: whether it counts in &sluice_server.active rather than @inactive.
 */
bool sluice_state_is_active(enum sluice_state state)
{
	return state == SLUICE_STATE_ESTABLISHED || state == SLUICE_STATE_UDP;
}

/**
 * sluice_conn_lookup() - find the connection of a packet
 * @table: table of the packet's namespace
 * @tuple: the packet's addresses and ports
 * @dir: set to the packet's direction
 *
 * Context: RCU read side.
 * Return: a connection that is neither dead nor expired, without a reference,
 * or NULL.
 */
struct sluice_conn *sluice_conn_lookup(struct sluice_conn_table *table,
				       const struct sluice_tuple *tuple,
				       enum sluice_dir *dir)
{
	struct sluice_conn_node *node;
	struct sluice_conn *conn;

	node = rhashtable_lookup(&table->hash, tuple, conn_params);
	if (!node)
		return NULL;
	conn = sluice_conn_of(node);
	/* Pairs with smp_store_release() in sluice_conn_insert(). */
	if (!sluice_conn_is_live(smp_load_acquire(&conn->state)))
		return NULL;
	if (sluice_conn_expired(conn)) {
		/* Out of the way of a new connection with this tuple. */
		sluice_conn_kill(table, conn);
		return NULL;
	}
	*dir = node->tuple.dir;
	return conn;
}

/**
 * sluice_conn_alloc() - make a connection for sluice_conn_insert()
 * @server: its server
 * @original: tuple of the client's packet
 *
 * Context: RCU read side, so that @server stays valid until it is referenced.
 * Return: the connection, which owns a reference to @server, or NULL where
 * memory is short, or ERR_PTR(-ENOENT) where @server has just been deleted.
 */
struct sluice_conn *sluice_conn_alloc(struct sluice_server *server,
				      const struct sluice_tuple *original)
{
	struct sluice_tuple *reply;
	struct sluice_conn *conn;

	if (!sluice_server_tryget(server))
		return ERR_PTR(-ENOENT);
	conn = kmem_cache_alloc(conn_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!conn) {
		sluice_server_put(server);
		return NULL;
	}
	conn->server = server;
	conn->state = SLUICE_STATE_NEW;
	conn->node[SLUICE_DIR_ORIGINAL].tuple = *original;
	conn->node[SLUICE_DIR_ORIGINAL].tuple.dir = SLUICE_DIR_ORIGINAL;
	reply = &conn->node[SLUICE_DIR_REPLY].tuple;
	sluice_tuple_invert(original, reply);
	reply->src = server->addr;
	reply->sport = server->port;
	reply->dir = SLUICE_DIR_REPLY;
	return conn;
}

static void conn_free_rcu(struct rcu_head *rcu)
{
	struct sluice_conn *conn = container_of(rcu, struct sluice_conn, rcu);

	sluice_server_put(conn->server);
	kmem_cache_free(conn_cache, conn);
}

static u32 state_timeout(struct sluice_net *sn, enum sluice_state state)
{
	u32 ms = READ_ONCE(sn->timeouts[public_state[state]]);

	return max_t(unsigned long, msecs_to_jiffies(ms), 1);
}

/*
 * Is a connection in the way of a new one only by its entry in the table. One
 * that was reset is not: the reset may be forged.
 */
static bool conn_is_over(const struct sluice_conn *conn)
{
	enum sluice_state state = READ_ONCE(conn->state);

	if (state == SLUICE_STATE_NEW)
		return false;
	return state == SLUICE_STATE_DEAD || state == SLUICE_STATE_TIME_WAIT ||
	       sluice_conn_expired(conn);
}

static struct sluice_conn *insert_node(struct sluice_conn_table *table,
				       struct sluice_conn *conn,
				       enum sluice_dir dir)
{
	struct sluice_conn_node *node = &conn->node[dir], *found;
	struct sluice_conn *old;
	int tries;

	for (tries = 0; tries < 3; tries++) {
		found = rhashtable_lookup_get_insert_key(&table->hash,
							 &node->tuple,
							 &node->hash,
							 conn_params);
		if (IS_ERR_OR_NULL(found))
			return ERR_CAST(found);
		old = sluice_conn_of(found);
		if (!conn_is_over(old))
			return old;
		sluice_conn_kill(table, old);
		/* Another CPU may have killed it and not unlinked it yet. */
		rhashtable_remove_fast(&table->hash, &found->hash, conn_params);
	}
	return ERR_PTR(-EBUSY);
}

/**
 * sluice_conn_insert() - make a connection known
 * @sn: namespace
 * @conn: from sluice_conn_alloc()
 * @state: its first state
 * @other: set with -EEXIST to the connection that has the same original tuple,
 *	or to NULL where only the reply tuple is taken by another one
 *
 * Each node can be found as soon as it is in: by a late packet of an earlier
 * connection, say. Until both are, the state tells everyone else to let the
 * connection be, so that nobody ends one that is half made.
 *
 * Context: RCU read side, bottom halves off.
 * Return: 0, -EEXIST (see @other), -ENOMEM, or -EBUSY and -E2BIG where the
 * hash table cannot grow fast enough. On an error @conn is freed.
 */
int sluice_conn_insert(struct sluice_net *sn, struct sluice_conn *conn,
		       enum sluice_state state, struct sluice_conn **other)
{
	const struct sluice_tuple *original;
	struct sluice_conn_table *table = &sn->conns;
	struct sluice_conn *old;

	original = &conn->node[SLUICE_DIR_ORIGINAL].tuple;
	WRITE_ONCE(conn->expires, (u32)jiffies + state_timeout(sn, state));

	old = insert_node(table, conn, SLUICE_DIR_REPLY);
	if (old)
		goto err_conn;
	old = insert_node(table, conn, SLUICE_DIR_ORIGINAL);
	if (old)
		goto err_reply;
	percpu_counter_inc(&table->count);
	sluice_server_count(conn->server, SLUICE_STATE_DEAD, state);
	/* Pairs with smp_load_acquire() in sluice_conn_lookup(). */
	smp_store_release(&conn->state, state);
	return 0;

err_reply:
	rhashtable_remove_fast(&table->hash, &conn->node[SLUICE_DIR_REPLY].hash,
			       conn_params);
err_conn:
	/* A reader may have met the reply node. */
	call_rcu(&conn->rcu, conn_free_rcu);
	if (IS_ERR(old))
		return PTR_ERR(old);
	if (sluice_tuple_equal(&old->node[SLUICE_DIR_ORIGINAL].tuple, original))
		*other = old;
	else
		*other = NULL;
	return -EEXIST;
}

/**
 * sluice_conn_kill() - take a connection out of the table
 * @table: its table
 * @conn: may be killed by several at once; only the first does anything. One
 *	that is still being entered is left alone.
 *
 * Context: RCU read side or process context.
 */
void sluice_conn_kill(struct sluice_conn_table *table, struct sluice_conn *conn)
{
	u32 old = READ_ONCE(conn->state);
	int dir;

	do {
		if (!sluice_conn_is_live(old))
			return;
	} while (!try_cmpxchg(&conn->state, &old, SLUICE_STATE_DEAD));
	local_bh_disable();
	sluice_server_count(conn->server, old, SLUICE_STATE_DEAD);
	for (dir = 0; dir < SLUICE_DIR_COUNT; dir++)
		rhashtable_remove_fast(&table->hash, &conn->node[dir].hash,
				       conn_params);
	percpu_counter_dec(&table->count);
	local_bh_enable();
	call_rcu(&conn->rcu, conn_free_rcu);
}

/**
 * sluice_conn_seen() - note a packet of a connection
 * @sn: namespace
 * @conn: the connection
 * @dir: direction of the packet
 * @event: what its TCP flags mean; ignored for UDP
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_conn_seen(struct sluice_net *sn, struct sluice_conn *conn,
		      enum sluice_dir dir, enum sluice_tcp_event event)
{
	u32 state = READ_ONCE(conn->state), new, timeout, expires;

	do {
		if (!sluice_conn_is_live(state))
			return;
		if (state < SLUICE_STATE_UDP_NEW)
			new = sluice_tcp_next(state, dir, event);
		else
			new = dir == SLUICE_DIR_REPLY ? SLUICE_STATE_UDP : state;
	} while (new != state && !try_cmpxchg(&conn->state, &state, new));

	timeout = state_timeout(sn, new);
	expires = (u32)jiffies + timeout;
	if (new != state) {
		sluice_server_count(conn->server, state, new);
		WRITE_ONCE(conn->expires, expires);
	} else if (abs((s32)(expires - READ_ONCE(conn->expires))) >=
		   min_t(u32, HZ, timeout / 4)) {
		/*
		 * At most once a second, to keep the cache line shared. Where
		 * another CPU has just changed the state this may write the
		 * time-out of the old one; the next packet corrects it.
		 */
		WRITE_ONCE(conn->expires, expires);
	}
}

/**
 * sluice_conn_table_is_full() - may no more connections be made
 * @table: the table
 *
 * The exact count is a sum over all CPUs, too much for every packet of a flood;
 * once it has reached the limit it is not asked again within the same jiffy.
 *
 * Return: whether the limit is reached. CPUs that ask at the same time may
 * exceed it by one connection each.
 */
bool sluice_conn_table_is_full(struct sluice_conn_table *table)
{
	if (READ_ONCE(table->full) == (u32)jiffies)
		return true;
	if (percpu_counter_compare(&table->count, READ_ONCE(table->max)) < 0)
		return false;
	WRITE_ONCE(table->full, (u32)jiffies);
	return true;
}

/**
 * sluice_conn_table_init() - prepare an empty table
 * @table: the table
 *
 * The collector is started by the first service.
 *
 * Return: 0 or a negative error.
 */
int sluice_conn_table_init(struct sluice_conn_table *table)
{
	int err;

	err = rhashtable_init(&table->hash, &conn_params);
	if (err)
		return err;
	err = percpu_counter_init(&table->count, 0, GFP_KERNEL_ACCOUNT);
	if (err)
		goto err_hash;
	table->max = SLUICE_CONNS_DEFAULT;
	table->full = (u32)jiffies - 1;
	rhashtable_walk_enter(&table->hash, &table->walk);
	INIT_DELAYED_WORK(&table->gc, sluice_conn_gc);
	return 0;

err_hash:
	rhashtable_destroy(&table->hash);
	return err;
}

static void conn_destroy(void *object, void *arg)
{
	struct sluice_conn *conn = sluice_conn_of(object);

	/* Both nodes are visited; the second one frees it. */
	if (conn->state == SLUICE_STATE_DEAD)
		call_rcu(&conn->rcu, conn_free_rcu);
	conn->state = SLUICE_STATE_DEAD;
}

/**
 * sluice_conn_table_exit() - free all connections and the table
 * @table: no packet can reach it any more
 */
void sluice_conn_table_exit(struct sluice_conn_table *table)
{
	sluice_conn_gc_stop(table);
	rhashtable_walk_exit(&table->walk);
	rhashtable_free_and_destroy(&table->hash, conn_destroy, NULL);
	percpu_counter_destroy(&table->count);
}

/**
 * sluice_conn_init() - allocate what all namespaces share
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_conn_init(void)
{
	conn_cache = KMEM_CACHE(sluice_conn, SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT);
	if (!conn_cache)
		return -ENOMEM;
	if (sluice_conn_gc_init()) {
		kmem_cache_destroy(conn_cache);
		return -ENOMEM;
	}
	return 0;
}

/**
 * sluice_conn_exit() - undo sluice_conn_init()
 *
 * Waits for connections that are still to be freed.
 */
void sluice_conn_exit(void)
{
	sluice_conn_gc_exit();
	rcu_barrier();
	kmem_cache_destroy(conn_cache);
}
