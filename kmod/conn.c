// SPDX-License-Identifier: GPL-2.0
/* The connection table: lookup, insertion, removal and time of last use. */

#include <linux/slab.h>
#include <net/ipv6.h>
#include <kunit/visibility.h>

#include "conn.h"
#include "line.h"
#include "net.h"
#include "server.h"

/*
 * The smallest table, as a power of two: 256 kB, so that a burst of the first
 * ten thousand connections finds no long chains.
 */
#define TABLE_BITS_MIN 15

/* The key and the state of a connection are one cache line, the rest another. */
static_assert(SLUICE_IN_FIRST_LINE(struct sluice_conn, node4));
static_assert(SLUICE_IN_FIRST_LINE(struct sluice_conn, original6));
static_assert(offsetof(struct sluice_conn, lease) <= 64);
static_assert(offsetof(struct sluice_conn, reply6) <= 128);
/* What each packet reads is not where new connections are counted. */
static_assert(SLUICE_APART(struct sluice_conn_table, hash, count));
static_assert(SLUICE_APART(struct sluice_conn_table, lifetime, count));
static_assert(SLUICE_APART(struct sluice_conn_table, max, count));

/* Connections of IPv4 end before sluice_conn.reply6. */
static struct kmem_cache *conn4_cache, *conn6_cache;

static void node_tuple(const struct sluice_conn_node *node,
		       struct sluice_tuple *tuple)
{
	const struct sluice_conn_node4 *node4;
	const struct sluice_conn_node6 *node6;

	tuple->flow = node->flow;
	if (node->family == AF_INET) {
		node4 = container_of(node, struct sluice_conn_node4, base);
		tuple->src = (union nf_inet_addr){ .ip = node4->src };
		tuple->dst = (union nf_inet_addr){ .ip = node4->dst };
	} else {
		node6 = container_of(node, struct sluice_conn_node6, base);
		tuple->src.in6 = node6->src;
		tuple->dst.in6 = node6->dst;
	}
}

/* Fill the nodes of an IPv4 connection. */
static void fill4(struct sluice_conn *conn, const struct sluice_tuple *original,
		  const struct sluice_server *server)
{
	struct sluice_conn_node4 *there = &conn->node4[SLUICE_DIR_ORIGINAL];
	struct sluice_conn_node4 *back = &conn->node4[SLUICE_DIR_REPLY];

	there->base.flow = original->flow;
	there->src = original->src.ip;
	there->dst = original->dst.ip;
	back->base.flow = original->flow;
	back->base.dir = SLUICE_DIR_REPLY;
	back->base.sport = server->port;
	back->base.dport = original->sport;
	back->src = server->addr.ip;
	back->dst = original->src.ip;
}

static void fill6(struct sluice_conn *conn, const struct sluice_tuple *original,
		  const struct sluice_server *server)
{
	struct sluice_conn_node6 *there = &conn->original6;
	struct sluice_conn_node6 *back = &conn->reply6;

	there->base.flow = original->flow;
	there->src = original->src.in6;
	there->dst = original->dst.in6;
	back->base.flow = original->flow;
	back->base.dir = SLUICE_DIR_REPLY;
	back->base.sport = server->port;
	back->base.dport = original->sport;
	back->src = server->addr.in6;
	back->dst = original->src.in6;
}

static u32 node_hash(const struct sluice_table_node *link,
		     const struct sluice_table *table)
{
	const struct sluice_conn_node *node;
	const struct sluice_conn_node4 *node4;
	const struct sluice_conn_node6 *node6;

	node = container_of(link, struct sluice_conn_node, link);
	if (node->family == AF_INET) {
		node4 = container_of(node, struct sluice_conn_node4, base);
		return sluice_hash4(node->flow, node4->addrs, table->seed);
	}
	node6 = container_of(node, struct sluice_conn_node6, base);
	return sluice_hash6(node->flow, &node6->src, &node6->dst, table->seed);
}

static u64 node_count(struct sluice_table *hash)
{
	struct sluice_conn_table *table;

	table = container_of(hash, struct sluice_conn_table, hash);
	/* Nearly all have two nodes. */
	return percpu_counter_read_positive(&table->count) * SLUICE_DIR_COUNT;
}

static const struct sluice_table_ops table_ops = {
	.hash = node_hash,
	.count = node_count,
};

/* Have two nodes the same key. */
static bool node_equals(const struct sluice_table_node *link, const void *key)
{
	const struct sluice_conn_node *a, *b;

	a = container_of(link, struct sluice_conn_node, link);
	b = container_of(key, struct sluice_conn_node, link);
	if ((a->flow ^ b->flow) & SLUICE_FLOW_KEY)
		return false;
	if (a->family == AF_INET)
		return container_of(a, struct sluice_conn_node4, base)->addrs ==
		       container_of(b, struct sluice_conn_node4, base)->addrs;
	return !memcmp(a + 1, b + 1, 2 * sizeof(struct in6_addr));
}

/* Has a node the key of a tuple. */
static bool node_matches(const struct sluice_table_node *link, const void *key)
{
	const struct sluice_conn_node *node;
	const struct sluice_conn_node4 *node4;
	const struct sluice_conn_node6 *node6;
	const struct sluice_tuple *tuple = key;

	node = container_of(link, struct sluice_conn_node, link);
	if ((node->flow ^ tuple->flow) & SLUICE_FLOW_KEY)
		return false;
	if (tuple->family == AF_INET) {
		node4 = container_of(node, struct sluice_conn_node4, base);
		return node4->addrs == sluice_addrs4(tuple->src.ip, tuple->dst.ip);
	}
	node6 = container_of(node, struct sluice_conn_node6, base);
	return ipv6_addr_equal(&node6->src, &tuple->src.in6) &&
	       ipv6_addr_equal(&node6->dst, &tuple->dst.in6);
}

static struct kmem_cache *conn_cache(u8 family)
{
	return family == AF_INET ? conn4_cache : conn6_cache;
}

/**
 * sluice_conn_tuple() - the addresses and ports of one direction
 * @conn: the connection
 * @dir: the direction
 * @tuple: filled
 */
void sluice_conn_tuple(const struct sluice_conn *conn, enum sluice_dir dir,
		       struct sluice_tuple *tuple)
{
	node_tuple(sluice_conn_node((struct sluice_conn *)conn, dir), tuple);
}

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
	struct sluice_table_node *link;
	struct sluice_conn_node *node;
	struct sluice_conn *conn;

	link = sluice_table_lookup(&table->hash,
				   sluice_tuple_hash(tuple, table->hash.seed),
				   node_matches, tuple);
	if (!link)
		return NULL;
	node = container_of(link, struct sluice_conn_node, link);
	conn = sluice_conn_of(node);
	/* Pairs with smp_store_release() in sluice_conn_insert(). */
	if (!sluice_conn_is_live(smp_load_acquire(&conn->state)))
		return NULL;
	if (sluice_conn_expired(table, conn)) {
		/* Out of the way of a new connection with this tuple. */
		sluice_conn_kill(table, conn);
		return NULL;
	}
	*dir = node->dir;
	return conn;
}

/**
 * sluice_conn_alloc() - make a connection for sluice_conn_insert()
 * @server: its server
 * @forward: &enum sluice_forward
 * @original: tuple of the client's packet, direction original
 *
 * Context: RCU read side, so that @server stays valid until it is referenced.
 * Return: the connection, which owns a reference to @server, or NULL where
 * memory is short, or ERR_PTR(-ENOENT) where @server has just been deleted.
 */
struct sluice_conn *sluice_conn_alloc(struct sluice_server *server, u8 forward,
				      const struct sluice_tuple *original)
{
	struct sluice_conn *conn;

	if (!sluice_server_tryget(server))
		return ERR_PTR(-ENOENT);
	conn = kmem_cache_alloc(conn_cache(original->family),
				GFP_ATOMIC | __GFP_NOWARN);
	if (!conn) {
		sluice_server_put(server);
		return NULL;
	}
	conn->server = server;
	conn->state = SLUICE_STATE_NEW;
	conn->forward = forward;
	conn->tracked = false;
	memset(conn->lease, 0, sizeof(conn->lease));
	memset(&conn->translation, 0, sizeof(conn->translation));
	if (original->family == AF_INET)
		fill4(conn, original, server);
	else
		fill6(conn, original, server);
	return conn;
}

/**
 * sluice_conn_free() - free a connection that nobody can meet any more
 * @conn: from sluice_conn_alloc(), and where it was in the table a grace period
 *	has passed since it was taken out
 */
void sluice_conn_free(struct sluice_conn *conn)
{
	sluice_server_put(conn->server);
	kmem_cache_free(conn_cache(conn->original6.base.family), conn);
}

static void conn_free_rcu(struct rcu_head *rcu)
{
	sluice_conn_free(container_of(rcu, struct sluice_conn, rcu));
}

/**
 * sluice_conn_set_timeout() - set how long connections of a state live
 * @table: the table; the change holds for connections that are in it, too
 * @state: the state as user space knows it
 * @ms: milliseconds
 */
void sluice_conn_set_timeout(struct sluice_conn_table *table,
			     enum sluice_conn_state state, u32 ms)
{
	u32 timeout = clamp_t(unsigned long, msecs_to_jiffies(ms), 1, S32_MAX);
	int i;

	for (i = 0; i < SLUICE_STATE_COUNT; i++) {
		if (public_state[i] != state)
			continue;
		WRITE_ONCE(table->lifetime[i].grain, min(HZ, timeout / 4));
		WRITE_ONCE(table->lifetime[i].timeout, timeout);
	}
}

/*
 * Is a connection in the way of a new one only by its entry in the table. One
 * that was reset is not: the reset may be forged.
 */
static bool conn_is_over(const struct sluice_conn_table *table,
			 const struct sluice_conn *conn)
{
	enum sluice_state state = READ_ONCE(conn->state);

	if (state == SLUICE_STATE_NEW)
		return false;
	return state == SLUICE_STATE_DEAD || state == SLUICE_STATE_TIME_WAIT ||
	       sluice_conn_expired(table, conn);
}

static void remove_node(struct sluice_conn_table *table,
			struct sluice_conn *conn, enum sluice_dir dir)
{
	struct sluice_table_node *link = &sluice_conn_node(conn, dir)->link;

	sluice_table_remove(&table->hash, link, node_hash(link, &table->hash));
}

/* Return NULL, or the connection that is in the way. */
static struct sluice_conn *insert_node(struct sluice_conn_table *table,
				       struct sluice_conn *conn,
				       enum sluice_dir dir)
{
	struct sluice_table_node *link = &sluice_conn_node(conn, dir)->link;
	struct sluice_table_node *found;
	struct sluice_conn *old;
	u32 hash;

	hash = node_hash(link, &table->hash);
	for (;;) {
		found = sluice_table_insert(&table->hash, link, hash, node_equals,
					    link);
		if (!found)
			return NULL;
		old = sluice_conn_of(container_of(found, struct sluice_conn_node,
						  link));
		if (!conn_is_over(table, old))
			return old;
		sluice_conn_kill(table, old);
		/* Another CPU may have killed it and not unlinked it yet. */
		sluice_table_remove(&table->hash, found, hash);
	}
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
 * Return: 0, or -EEXIST (see @other) with @conn freed.
 */
int sluice_conn_insert(struct sluice_net *sn, struct sluice_conn *conn,
		       enum sluice_state state, struct sluice_conn **other)
{
	struct sluice_conn_table *table = &sn->conns;
	struct sluice_tuple original, tuple;
	bool both = sluice_conn_nodes(conn) > 1;
	struct sluice_conn *old;

	WRITE_ONCE(conn->seen, (u32)jiffies);
	if (both) {
		old = insert_node(table, conn, SLUICE_DIR_REPLY);
		if (old)
			goto err_conn;
	}
	old = insert_node(table, conn, SLUICE_DIR_ORIGINAL);
	if (old)
		goto err_reply;
	percpu_counter_inc(&table->count);
	sluice_server_count(conn->server, SLUICE_STATE_DEAD, state);
	/* Pairs with smp_load_acquire() in sluice_conn_lookup(). */
	smp_store_release(&conn->state, state);
	return 0;

err_reply:
	if (both)
		remove_node(table, conn, SLUICE_DIR_REPLY);
err_conn:
	sluice_conn_tuple(conn, SLUICE_DIR_ORIGINAL, &original);
	/* A reader may have met the reply node. */
	call_rcu(&conn->rcu, conn_free_rcu);
	sluice_conn_tuple(old, SLUICE_DIR_ORIGINAL, &tuple);
	if (sluice_tuple_equal(&original, &tuple))
		*other = old;
	else
		*other = NULL;
	return -EEXIST;
}

/**
 * sluice_conn_take_out() - take a connection out of the table, to be freed later
 * @table: its table
 * @conn: may be taken out by several at once; only the first does anything. One
 *	that is still being entered is left alone.
 *
 * Context: RCU read side.
 * Return: whether this call has taken it out: then the caller owns it, and frees
 * it after a grace period.
 */
bool sluice_conn_take_out(struct sluice_conn_table *table,
			  struct sluice_conn *conn)
{
	u32 old = READ_ONCE(conn->state);
	int dir, nodes = sluice_conn_nodes(conn);

	do {
		if (!sluice_conn_is_live(old))
			return false;
	} while (!try_cmpxchg(&conn->state, &old, SLUICE_STATE_DEAD));
	local_bh_disable();
	sluice_server_count(conn->server, old, SLUICE_STATE_DEAD);
	for (dir = 0; dir < nodes; dir++)
		remove_node(table, conn, dir);
	percpu_counter_dec(&table->count);
	local_bh_enable();
	return true;
}

/**
 * sluice_conn_kill() - take a connection out of the table and have it freed
 * @table: its table
 * @conn: as for sluice_conn_take_out()
 *
 * Context: RCU read side.
 */
void sluice_conn_kill(struct sluice_conn_table *table, struct sluice_conn *conn)
{
	if (sluice_conn_take_out(table, conn))
		call_rcu(&conn->rcu, conn_free_rcu);
}

/**
 * sluice_conn_next_state() - the state that a packet leads to
 * @conn: the connection
 * @state: its state, live
 * @dir: direction of the packet
 * @event: what its TCP flags mean; ignored for UDP
 *
 * Return: the state after it.
 */
enum sluice_state sluice_conn_next_state(const struct sluice_conn *conn,
					 enum sluice_state state,
					 enum sluice_dir dir,
					 enum sluice_tcp_event event)
{
	bool one_way = sluice_conn_nodes(conn) == 1;

	if (state >= SLUICE_STATE_UDP_NEW)
		return one_way || dir == SLUICE_DIR_REPLY ? SLUICE_STATE_UDP :
							    state;
	if (one_way)
		return sluice_tcp_next_one_way(state, event);
	return sluice_tcp_next(state, dir, event);
}

/**
 * sluice_conn_seen() - note a packet of a connection
 * @table: its table
 * @conn: the connection
 * @dir: direction of the packet
 * @event: what its TCP flags mean; ignored for UDP
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_conn_seen(struct sluice_conn_table *table, struct sluice_conn *conn,
		      enum sluice_dir dir, enum sluice_tcp_event event)
{
	u32 state = READ_ONCE(conn->state), now = jiffies, new;

	do {
		if (!sluice_conn_is_live(state))
			return;
		new = sluice_conn_next_state(conn, state, dir, event);
		/* First: it may be long since, and the new state live shortly. */
		if (new != state)
			WRITE_ONCE(conn->seen, now);
		/* Pairs with smp_load_acquire() in sluice_conn_remaining(). */
	} while (new != state && !try_cmpxchg(&conn->state, &state, new));

	if (new != state)
		sluice_server_count(conn->server, state, new);
	/* At most once a second, to keep the cache line shared. */
	else if (now - READ_ONCE(conn->seen) >=
		 READ_ONCE(table->lifetime[new].grain))
		WRITE_ONCE(conn->seen, now);
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
 * sluice_conn_table_init() - prepare the table of a new namespace
 * @table: the table; until sluice_conn_table_start() nothing is looked up
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_conn_table_init(struct sluice_conn_table *table)
{
	table->max = SLUICE_CONNS_DEFAULT;
	table->full = (u32)jiffies - 1;
	INIT_DELAYED_WORK(&table->gc, sluice_conn_gc);
	return percpu_counter_init(&table->count, 0, GFP_KERNEL_ACCOUNT);
}

/**
 * sluice_conn_table_start() - make a table ready for connections
 * @table: the table; nothing is done where it is ready
 *
 * Namespaces without services are spared the memory.
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or -ENOMEM.
 */
int sluice_conn_table_start(struct sluice_conn_table *table)
{
	int err;

	if (table->started)
		return 0;
	err = sluice_table_init(&table->hash, &table_ops, sluice_conn_queue,
				TABLE_BITS_MIN);
	if (err)
		return err;
	/* Pairs with smp_load_acquire() in dumps. */
	smp_store_release(&table->started, true);
	return 0;
}

static void conn_destroy(struct sluice_table_node *link, void *arg)
{
	struct sluice_conn *conn;

	conn = sluice_conn_of(container_of(link, struct sluice_conn_node, link));
	/* Each node is visited; the last one frees it. */
	if (sluice_conn_nodes(conn) == 1 || conn->state == SLUICE_STATE_DEAD)
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
	if (table->started)
		sluice_table_exit(&table->hash, conn_destroy, NULL);
	percpu_counter_destroy(&table->count);
}

/**
 * sluice_conn_init() - allocate what all namespaces share
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_conn_init(void)
{
	conn4_cache = kmem_cache_create("sluice_conn4",
					offsetof(struct sluice_conn, reply6), 0,
					SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT, NULL);
	if (!conn4_cache)
		return -ENOMEM;
	conn6_cache = kmem_cache_create("sluice_conn6",
					sizeof(struct sluice_conn), 0,
					SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT, NULL);
	if (!conn6_cache)
		goto err_conn4;
	if (sluice_conn_gc_init())
		goto err_conn6;
	return 0;

err_conn6:
	kmem_cache_destroy(conn6_cache);
err_conn4:
	kmem_cache_destroy(conn4_cache);
	return -ENOMEM;
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
	kmem_cache_destroy(conn6_cache);
	kmem_cache_destroy(conn4_cache);
}
