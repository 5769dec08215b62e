/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_CONN_H
#define _SLUICE_CONN_H

#include <linux/jiffies.h>
#include <linux/percpu_counter.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>

#include <uapi/linux/sluice.h>

#include "tcp.h"
#include "tuple.h"

struct sluice_net;
struct sluice_server;

/**
 * struct sluice_conn_node - one direction of a connection in the hash table
 * @hash: link in &sluice_conn_table.hash
 * @tuple: a packet of this direction as it arrives at the balancer
 */
struct sluice_conn_node {
	struct rhash_head hash;
	struct sluice_tuple tuple;
};

/**
 * struct sluice_conn - one tracked connection
 * @node: both directions. The original tuple is client to service, the reply
 *	tuple is server to client: each end of a translation is found in the
 *	other direction's tuple.
 * @server: the server; the connection holds a reference
 * @expires: low 32 bits of the time in jiffies when it is forgotten
 * @state: &enum sluice_state. Whoever changes it with cmpxchg() settles the
 *	server's counts for that change; the one who makes it
 *	SLUICE_STATE_DEAD takes the connection out of the table.
 * @rcu: frees it after the last reader
 *
 * There is no reference count: a connection found in the table stays valid
 * until the end of the RCU read side section it was found in. A packet may
 * thus be sent by a connection that has just died, which is no different from
 * the packet having come a moment earlier.
 */
struct sluice_conn {
	struct sluice_conn_node node[SLUICE_DIR_COUNT];
	struct sluice_server *server;
	u32 expires;
	u32 state;
	struct rcu_head rcu;
};

/**
 * struct sluice_conn_table - the connections of a namespace
 * @hash: both nodes of every connection
 * @count: connections in @hash
 * @max: most that may be; read with READ_ONCE()
 * @full: low 32 bits of the last time in jiffies when there were @max
 * @gc: takes out what has expired
 * @walk: where @gc goes on
 */
struct sluice_conn_table {
	struct rhashtable hash;
	struct percpu_counter count;
	u32 max;
	u32 full;
	struct delayed_work gc;
	struct rhashtable_iter walk;
};

/*
 * Limit on the connections of a new namespace; more take a capability of the
 * host, since who owns a namespace may be anybody.
 */
#define SLUICE_CONNS_DEFAULT 1048576

int sluice_conn_init(void);
void sluice_conn_exit(void);
int sluice_conn_table_init(struct sluice_conn_table *table);
void sluice_conn_table_exit(struct sluice_conn_table *table);
void sluice_conn_gc_start(struct sluice_conn_table *table);
void sluice_conn_gc_stop(struct sluice_conn_table *table);
int sluice_conn_gc_init(void);
void sluice_conn_gc_exit(void);
void sluice_conn_gc(struct work_struct *work);

struct sluice_conn *sluice_conn_lookup(struct sluice_conn_table *table,
				       const struct sluice_tuple *tuple,
				       enum sluice_dir *dir);
struct sluice_conn *sluice_conn_alloc(struct sluice_server *server,
				      const struct sluice_tuple *original);
int sluice_conn_insert(struct sluice_net *sn, struct sluice_conn *conn,
		       enum sluice_state state, struct sluice_conn **other);
void sluice_conn_kill(struct sluice_conn_table *table, struct sluice_conn *conn);
void sluice_conn_seen(struct sluice_net *sn, struct sluice_conn *conn,
		      enum sluice_dir dir, enum sluice_tcp_event event);
bool sluice_conn_table_is_full(struct sluice_conn_table *table);
enum sluice_conn_state sluice_conn_public_state(enum sluice_state state);
bool sluice_state_is_active(enum sluice_state state);

/**
 * sluice_conn_of() - the connection that a node belongs to
 * @node: a node in the table
 *
 * Return: its connection.
 */
static inline struct sluice_conn *sluice_conn_of(struct sluice_conn_node *node)
{
	return container_of(node, struct sluice_conn, node[node->tuple.dir]);
}

/**
 * sluice_conn_is_live() - is it in use
 * @state: a connection's state
 *
 * Return: false where it is still being made or dead already.
 */
static inline bool sluice_conn_is_live(enum sluice_state state)
{
	return state != SLUICE_STATE_DEAD && state != SLUICE_STATE_NEW;
}

/**
 * sluice_conn_expired() - is it past its time
 * @conn: a connection
 *
 * Return: whether it must be taken for gone, though it may still be in the
 * table.
 */
static inline bool sluice_conn_expired(const struct sluice_conn *conn)
{
	return (s32)(READ_ONCE(conn->expires) - (u32)jiffies) <= 0;
}

#endif /* _SLUICE_CONN_H */
