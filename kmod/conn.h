/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_CONN_H
#define _SLUICE_CONN_H

#include <linux/bits.h>
#include <linux/jiffies.h>
#include <linux/percpu_counter.h>
#include <linux/workqueue.h>

#include <uapi/linux/sluice.h>

#include "table.h"
#include "tcp.h"
#include "tuple.h"

struct sluice_net;
struct sluice_server;

/**
 * struct sluice_conn_node - one direction of a connection in the hash table
 * @link: link in &sluice_conn_table.hash
 * @family: AF_INET or AF_INET6
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @dir: &enum sluice_dir
 * @pad: zero
 * @sport: source port, network byte order
 * @dport: destination port, network byte order
 * @flow: the same as &sluice_tuple.flow
 *
 * The addresses follow, in &struct sluice_conn_node4 or 6.
 */
struct sluice_conn_node {
	struct sluice_table_node link;
	union {
		struct {
			u8 family;
			u8 protocol;
			u8 dir;
			u8 pad;
			__be16 sport;
			__be16 dport;
		};
		u64 flow;
	};
};

/**
 * struct sluice_conn_node4 - a node with IPv4 addresses
 * @base: what all nodes have
 * @src: source address, network byte order
 * @dst: destination address, network byte order
 * @addrs: both as one word
 */
struct sluice_conn_node4 {
	struct sluice_conn_node base;
	union {
		struct {
			__be32 src;
			__be32 dst;
		};
		u64 addrs;
	};
};

/**
 * struct sluice_conn_node6 - a node with IPv6 addresses
 * @base: what all nodes have
 * @src: source address
 * @dst: destination address
 */
struct sluice_conn_node6 {
	struct sluice_conn_node base;
	struct in6_addr src;
	struct in6_addr dst;
};

/**
 * struct sluice_lease - leave for one direction to take the fast path
 * @path: &sluice_path.id of the way out; 0 for none
 * @end: low 32 bits of the time in jiffies when the slow path has to renew it
 * @iif: index of the device that packets have to arrive on
 *
 * Written by the slow path without a lock. A reader may meet the path of one
 * writing with the device of another; each is right by itself.
 */
struct sluice_lease {
	u64 path;
	u32 end;
	u32 iif;
};

/* Flags of &sluice_translation.flags. */
/* The numbers of the server differ from those that the client knows. */
#define SLUICE_TRANSLATED BIT(0)
/* What the client sends may not pass as it is yet, see hold.h. */
#define SLUICE_HELD BIT(1)
/* Both sides have timestamps. */
#define SLUICE_TIMESTAMPS BIT(2)
/* Client and service agreed on options that the server does not have. */
#define SLUICE_NO_TIMESTAMPS BIT(3)
/* The server may take smaller segments than the client agreed on, see mss.c. */
#define SLUICE_SMALL_MSS BIT(4)
/* Both ends are to be reset, see reset.c; set once, of connections not held. */
#define SLUICE_RESETTING BIT(5)

/**
 * struct sluice_translation - what makes the numbers of a server those that the
 *	client was told before the server was known
 * @seq: added to sequence numbers of the server
 * @timestamp: added to timestamps of the server
 * @flags: SLUICE_TRANSLATED and so on; 0 for connections that the client opened
 *	with the server itself. The rest is set before SLUICE_HELD is cleared.
 * @window: shift of the windows that the server announces; above 0 to the left
 * @client_window: shift to the left of those of the client
 * @asked: how often its ends were asked, with SLUICE_RESETTING
 */
struct sluice_translation {
	u32 seq;
	u32 timestamp;
	u8 flags;
	s8 window;
	u8 client_window;
	u8 asked;
};

/**
 * struct sluice_conn - one tracked connection
 * @server: the server; the connection holds a reference
 * @state: &enum sluice_state. Whoever changes it with cmpxchg() settles the
 *	server's counts for that change; the one who makes it
 *	SLUICE_STATE_DEAD takes the connection out of the table.
 * @seen: low 32 bits of the time in jiffies of its last packet, or a little
 *	earlier: see &sluice_lifetime.grain
 * @node4: both directions of an IPv4 connection. The original tuple is client
 *	to service, the reply tuple is server to client: each end of a
 *	translation is found in the other direction's tuple.
 * @original6: the original tuple of an IPv6 connection
 * @lease: fast path of each direction
 * @rcu: frees it after the last reader
 * @next_dead: the collector's list of what it has taken out
 * @translation: of TCP's numbers
 * @forward: &enum sluice_forward, as the server had it at the beginning
 * @tracked: conntrack knows of it; set and never cleared
 * @mss: the MSS that the server announced, with SLUICE_SMALL_MSS
 * @reply6: the reply tuple of an IPv6 connection; IPv4 ones end before it
 *
 * A connection that is not forwarded by NAT has only its original node in the
 * table, since replies do not pass here. Its reply tuple is filled all the same.
 *
 * There is no reference count: a connection found in the table stays valid
 * until the end of the RCU read side section it was found in. A packet may
 * thus be sent by a connection that has just died, which is no different from
 * the packet having come a moment earlier.
 *
 * What packets read comes first, in the order they read it.
 */
struct sluice_conn {
	struct sluice_server *server;
	u32 state;
	u32 seen;
	union {
		struct sluice_conn_node4 node4[SLUICE_DIR_COUNT];
		struct sluice_conn_node6 original6;
	};
	struct sluice_lease lease[SLUICE_DIR_COUNT];
	union {
		struct rcu_head rcu;
		struct sluice_conn *next_dead;
	};
	struct sluice_translation translation;
	u8 forward;
	bool tracked;
	u16 mss;
	struct sluice_conn_node6 reply6;
};

/**
 * struct sluice_lifetime - how long a connection lives without packets
 * @timeout: jiffies
 * @grain: jiffies by which &sluice_conn.seen may lag behind, so that it is
 *	written at most once a second
 */
struct sluice_lifetime {
	u32 timeout;
	u32 grain;
};

/**
 * struct sluice_conn_table - the connections of a namespace
 * @hash: the nodes of every connection
 * @started: @hash is there, since the first service was made
 * @lifetime: by &enum sluice_state; read with READ_ONCE()
 * @max: most connections that may be; read with READ_ONCE()
 * @count: connections in @hash
 * @full: low 32 bits of the last time in jiffies when there were @max
 * @gc: takes out what has expired
 * @walk: where @gc goes on, see sluice_table_walk()
 */
struct sluice_conn_table {
	struct sluice_table hash;
	bool started;
	struct sluice_lifetime lifetime[SLUICE_STATE_COUNT];
	u32 max;
	/* What is written while packets read the above. */
	struct percpu_counter count ____cacheline_aligned_in_smp;
	u32 full;
	struct delayed_work gc;
	u64 walk;
};

/*
 * Limit on the connections of a new namespace; more take a capability of the
 * host, since who owns a namespace may be anybody.
 */
#define SLUICE_CONNS_DEFAULT 1048576

int sluice_conn_init(void);
void sluice_conn_exit(void);
extern struct workqueue_struct *sluice_conn_queue;

int sluice_conn_table_init(struct sluice_conn_table *table);
int sluice_conn_table_start(struct sluice_conn_table *table);
void sluice_conn_table_exit(struct sluice_conn_table *table);
void sluice_conn_gc_start(struct sluice_conn_table *table);
void sluice_conn_gc_stop(struct sluice_conn_table *table);
int sluice_conn_gc_init(void);
void sluice_conn_gc_exit(void);
void sluice_conn_gc(struct work_struct *work);

struct sluice_conn *sluice_conn_lookup(struct sluice_conn_table *table,
				       const struct sluice_tuple *tuple,
				       enum sluice_dir *dir);
struct sluice_conn *sluice_conn_alloc(struct sluice_server *server, u8 forward,
				      const struct sluice_tuple *original);
void sluice_conn_tuple(const struct sluice_conn *conn, enum sluice_dir dir,
		       struct sluice_tuple *tuple);
int sluice_conn_insert(struct sluice_net *sn, struct sluice_conn *conn,
		       enum sluice_state state, struct sluice_conn **other);
bool sluice_conn_take_out(struct sluice_conn_table *table,
			  struct sluice_conn *conn);
void sluice_conn_kill(struct sluice_conn_table *table, struct sluice_conn *conn);
void sluice_conn_free(struct sluice_conn *conn);
void sluice_conn_set_timeout(struct sluice_conn_table *table,
			     enum sluice_conn_state state, u32 ms);
enum sluice_state sluice_conn_next_state(const struct sluice_conn *conn,
					 enum sluice_state state,
					 enum sluice_dir dir,
					 enum sluice_tcp_event event);
void sluice_conn_seen(struct sluice_conn_table *table, struct sluice_conn *conn,
		      enum sluice_dir dir, enum sluice_tcp_event event);
bool sluice_conn_table_is_full(struct sluice_conn_table *table);
enum sluice_conn_state sluice_conn_public_state(enum sluice_state state);
bool sluice_state_is_active(enum sluice_state state);

/**
 * sluice_conn_node() - one direction of a connection
 * @conn: the connection
 * @dir: the direction
 *
 * Return: its node.
 */
static inline struct sluice_conn_node *sluice_conn_node(struct sluice_conn *conn,
							enum sluice_dir dir)
{
	if (conn->node4[SLUICE_DIR_ORIGINAL].base.family == AF_INET)
		return &conn->node4[dir].base;
	return dir == SLUICE_DIR_REPLY ? &conn->reply6.base :
					 &conn->original6.base;
}

/**
 * sluice_conn_of() - the connection that a node belongs to
 * @node: a node in the table
 *
 * Return: its connection.
 */
static inline struct sluice_conn *sluice_conn_of(struct sluice_conn_node *node)
{
	if (node->family == AF_INET)
		return container_of(node, struct sluice_conn,
				    node4[node->dir].base);
	if (node->dir == SLUICE_DIR_REPLY)
		return container_of(node, struct sluice_conn, reply6.base);
	return container_of(node, struct sluice_conn, original6.base);
}

/**
 * sluice_conn_nodes() - how many of its nodes are in the table
 * @conn: the connection
 *
 * Return: the number, from the original direction on.
 */
static inline int sluice_conn_nodes(const struct sluice_conn *conn)
{
	return conn->forward == SLUICE_FORWARD_NAT ? SLUICE_DIR_COUNT : 1;
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
 * sluice_conn_remaining() - how long will it live without another packet
 * @table: its table
 * @conn: a connection
 *
 * Return: jiffies, at most 0 where it must be taken for gone, though it may
 * still be in the table.
 */
static inline s32 sluice_conn_remaining(const struct sluice_conn_table *table,
					const struct sluice_conn *conn)
{
	/* Whoever changes the state writes the time before. */
	u32 state = smp_load_acquire(&conn->state);
	u32 timeout = READ_ONCE(table->lifetime[state].timeout);

	return READ_ONCE(conn->seen) + timeout - (u32)jiffies;
}

/**
 * sluice_conn_expired() - is it past its time
 * @table: its table
 * @conn: a connection
 *
 * Return: whether it must be taken for gone.
 */
static inline bool sluice_conn_expired(const struct sluice_conn_table *table,
				       const struct sluice_conn *conn)
{
	return sluice_conn_remaining(table, conn) <= 0;
}

#endif /* _SLUICE_CONN_H */
