/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_PATH_H
#define _SLUICE_PATH_H

#include <linux/jiffies.h>
#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <net/dst.h>

#include "net.h"

/*
 * Most ways out of one namespace that the fast path knows at a time. The kernel
 * has a route for each next hop and CPU.
 */
#define SLUICE_PATHS_MAX 16384

/*
 * Jiffies for which a connection may take the fast path before the slow one
 * looks at it again. So whatever changes without our notice, in the firewall
 * say, holds for all connections after this time; of routes after twice that,
 * since a path is given to connections for as long.
 */
#define SLUICE_LEASE (60 * HZ)

/**
 * struct sluice_path - a way out of this host, for the fast path
 * @id: names it as long as it exists, and nothing else ever: the low bits are
 *	its slot, the rest is drawn from a counter
 * @dst: route, with a reference
 * @cookie: what makes @dst valid, for dst_check()
 * @used: low 32 bits of the time in jiffies when a lease was last given on it
 * @born: the same of when the route was looked up
 * @source: address of this host that a tunnel packet leaves with; otherwise zero.
 *	Of a path in &sluice_path_table.local, the address that it leads to.
 * @by_dst: in &sluice_path_table.by_dst
 * @rcu: frees it after the last reader
 *
 * A path belongs to the namespace. Connections name it by @id, not by pointer,
 * so none of them keeps it: what a route says may go at any time.
 *
 * Every packet reads its first cache line, in which nobody else has anything.
 */
struct sluice_path {
	u64 id;
	struct dst_entry *dst;
	u32 cookie;
	u32 used;
	u32 born;
	union nf_inet_addr source;
	struct hlist_node by_dst;
	struct rcu_head rcu;
} ____cacheline_aligned_in_smp;

/* Most addresses whose way into this host is known; of others it is looked up. */
#define SLUICE_LOCALS_MAX 1024

/**
 * struct sluice_path_table - the paths of a namespace
 * @slot: paths by the low bits of their id; read under RCU, changed under @lock
 * @by_dst: paths by address of their route; likewise
 * @local: local routes of addresses of services, each in the place of its hash;
 *	likewise. They are in neither of the above, and have no id.
 * @lock: protects changes
 * @serial: for the id of the next path, under @lock
 * @count: paths there are; written under @lock, read with READ_ONCE()
 */
struct sluice_path_table {
	struct sluice_path __rcu *slot[SLUICE_PATHS_MAX];
	struct hlist_head by_dst[SLUICE_PATHS_MAX / 4];
	struct sluice_path __rcu *local[SLUICE_LOCALS_MAX];
	spinlock_t lock;	/* see above */
	u64 serial;
	u32 count;
};

int sluice_paths_init(struct sluice_net *sn);
void sluice_paths_exit(struct sluice_net *sn);
void sluice_paths_flush(struct sluice_net *sn);
void sluice_paths_gc(struct sluice_net *sn);
u64 sluice_path_enter(struct sluice_net *sn, struct dst_entry *dst,
		      const union nf_inet_addr *source);
struct dst_entry *sluice_path_local(const struct sluice_net *sn,
				    const union nf_inet_addr *addr, u8 family);
void sluice_path_local_enter(const struct sluice_net *sn,
			     const union nf_inet_addr *addr,
			     struct dst_entry *dst);

/**
 * sluice_path_lookup() - find a path
 * @sn: namespace
 * @id: its number, or 0
 *
 * Context: RCU read side.
 * Return: the path, or NULL where there is none or no more.
 */
static inline struct sluice_path *sluice_path_lookup(const struct sluice_net *sn,
						     u64 id)
{
	struct sluice_path *path;

	path = rcu_dereference(sn->paths->slot[id % SLUICE_PATHS_MAX]);
	return path && path->id == id ? path : NULL;
}

/**
 * sluice_path_use() - note that a lease was given on a path
 * @path: the path
 *
 * Written at most once a second, to keep the cache line shared.
 */
static inline void sluice_path_use(struct sluice_path *path)
{
	if ((u32)jiffies - READ_ONCE(path->used) >= HZ)
		WRITE_ONCE(path->used, jiffies);
}

/**
 * sluice_path_is_fresh() - may further connections take a path
 * @path: the path
 *
 * What a cookie does not tell, such as a route of a table that is asked before, is
 * found out when the route is looked up again.
 *
 * Return: false where it was looked up more than SLUICE_LEASE ago.
 */
static inline bool sluice_path_is_fresh(const struct sluice_path *path)
{
	return (u32)jiffies - path->born <= SLUICE_LEASE;
}

/**
 * sluice_path_has_source() - is it the path of a tunnel
 * @path: the path
 *
 * Return: whether &sluice_path.source is set.
 */
static inline bool sluice_path_has_source(const struct sluice_path *path)
{
	return path->source.all[0] | path->source.all[1] |
	       path->source.all[2] | path->source.all[3];
}

/**
 * sluice_path_is_valid() - does a path still lead anywhere
 * @path: the path
 *
 * Return: false where routes have changed.
 */
static inline bool sluice_path_is_valid(const struct sluice_path *path)
{
	return dst_check(path->dst, path->cookie);
}

#endif /* _SLUICE_PATH_H */
