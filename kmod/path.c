// SPDX-License-Identifier: GPL-2.0
/*
 * Ways out that the fast path takes without asking the routing tables.
 *
 * The routes of the kernel are shared by all packets to one next hop, so there
 * are few paths however many connections there are. Holding each route once,
 * here, spares connections a reference that all CPUs would write.
 */

#include <linux/hash.h>
#include <linux/slab.h>
#include <net/ip6_fib.h>

#include "lease.h"
#include "line.h"
#include "path.h"

static_assert(SLUICE_ALIGNED(struct sluice_path));
static_assert(SLUICE_IN_FIRST_LINE(struct sluice_path, source));

static struct hlist_head *by_dst(struct sluice_path_table *paths,
				 const struct dst_entry *dst)
{
	return &paths->by_dst[hash_ptr(dst, ilog2(SLUICE_PATHS_MAX / 4))];
}

static struct sluice_path *find(struct sluice_path_table *paths,
				const struct dst_entry *dst, u32 cookie,
				const union nf_inet_addr *source)
{
	struct sluice_path *path;

	hlist_for_each_entry_rcu(path, by_dst(paths, dst), by_dst)
		if (path->dst == dst && path->cookie == cookie &&
		    nf_inet_addr_cmp(&path->source, source) &&
		    sluice_path_is_fresh(path))
			return path;
	return NULL;
}

static u32 cookie_of(struct dst_entry *dst)
{
	return dst->ops->family == AF_INET6 ? rt6_get_cookie(dst_rt6_info(dst)) :
					      0;
}

/* A path without an id, which nobody knows yet; it has a reference to @dst. */
static struct sluice_path *alloc(struct dst_entry *dst, u32 cookie,
				 const union nf_inet_addr *source)
{
	struct sluice_path *path;

	path = kmalloc(sizeof(*path), GFP_ATOMIC | __GFP_NOWARN);
	if (!path)
		return NULL;
	if (!dst_hold_safe(dst)) {
		kfree(path);
		return NULL;
	}
	*path = (struct sluice_path){
		.dst = dst,
		.cookie = cookie,
		.used = (u32)jiffies,
		.born = (u32)jiffies,
		.source = *source,
	};
	return path;
}

static struct sluice_path *make(struct sluice_path_table *paths,
				struct dst_entry *dst, u32 cookie,
				const union nf_inet_addr *source)
{
	struct sluice_path *path;
	u32 slot;

	lockdep_assert_held(&paths->lock);
	if (paths->count == SLUICE_PATHS_MAX)
		return NULL;
	path = alloc(dst, cookie, source);
	if (!path)
		return NULL;
	do {
		slot = ++paths->serial % SLUICE_PATHS_MAX;
	} while (rcu_access_pointer(paths->slot[slot]));
	path->id = paths->serial;
	WRITE_ONCE(paths->count, paths->count + 1);
	hlist_add_head_rcu(&path->by_dst, by_dst(paths, dst));
	rcu_assign_pointer(paths->slot[slot], path);
	return path;
}

/**
 * sluice_path_enter() - get the path of a route
 * @sn: namespace
 * @dst: route that a packet of a connection takes
 * @source: source address of a tunnel, otherwise zero
 *
 * Where the path is known already, nothing that CPUs share is written but the
 * time of its last use, at most once a second.
 *
 * Context: RCU read side, bottom halves off.
 * Return: the path's number, or 0 where there are too many or memory is short.
 */
u64 sluice_path_enter(struct sluice_net *sn, struct dst_entry *dst,
		      const union nf_inet_addr *source)
{
	struct sluice_path_table *paths = sn->paths;
	u32 cookie = cookie_of(dst);
	struct sluice_path *path;

	path = find(paths, dst, cookie, source);
	if (!path && READ_ONCE(paths->count) < SLUICE_PATHS_MAX) {
		spin_lock(&paths->lock);
		path = find(paths, dst, cookie, source);
		if (!path)
			path = make(paths, dst, cookie, source);
		spin_unlock(&paths->lock);
	}
	if (!path)
		return 0;
	sluice_path_use(path);
	return path->id;
}

static struct sluice_path __rcu **
local_place(struct sluice_path_table *paths, const union nf_inet_addr *addr)
{
	u64 bits = (u64)(addr->all[0] ^ addr->all[2]) << 32 |
		   (addr->all[1] ^ addr->all[3]);

	return &paths->local[hash_64(bits, ilog2(SLUICE_LOCALS_MAX))];
}

/**
 * sluice_path_local() - find the local route of an address
 * @sn: namespace
 * @addr: the address, bytes past its family's are zero
 * @family: AF_INET or AF_INET6; the same bytes may be an address of either
 *
 * Context: RCU read side.
 * Return: a route that is valid, without a reference, or NULL where none is known.
 */
struct dst_entry *sluice_path_local(const struct sluice_net *sn,
				    const union nf_inet_addr *addr, u8 family)
{
	struct sluice_path *path;

	path = rcu_dereference(*local_place(sn->paths, addr));
	if (!path || !nf_inet_addr_cmp(&path->source, addr) ||
	    path->dst->ops->family != family || !sluice_path_is_valid(path))
		return NULL;
	sluice_path_use(path);
	return path->dst;
}

static void path_free_rcu(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct sluice_path, rcu));
}

/* Routes are freed under RCU, too: packets that have one may go on. */
static void release(struct sluice_path *path)
{
	dst_release(path->dst);
	call_rcu(&path->rcu, path_free_rcu);
}

/**
 * sluice_path_local_enter() - note the local route of an address
 * @sn: namespace
 * @addr: as for sluice_path_local()
 * @dst: route that any packet to @addr may take
 *
 * Of addresses whose places are the same, the first one keeps it as long as its
 * route is valid and used, so that they do not drive out each other.
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_path_local_enter(const struct sluice_net *sn,
			     const union nf_inet_addr *addr,
			     struct dst_entry *dst)
{
	struct sluice_path_table *paths = sn->paths;
	struct sluice_path __rcu **place = local_place(paths, addr);
	struct sluice_path *path, *old = rcu_dereference(*place);

	if (old && sluice_path_is_valid(old))
		return;
	spin_lock(&paths->lock);
	old = rcu_dereference_protected(*place, lockdep_is_held(&paths->lock));
	if (!old || !sluice_path_is_valid(old)) {
		path = alloc(dst, cookie_of(dst), addr);
		if (path) {
			rcu_assign_pointer(*place, path);
			if (old)
				release(old);
		}
	}
	spin_unlock(&paths->lock);
}

static void drop(struct sluice_path_table *paths, struct sluice_path *path)
{
	lockdep_assert_held(&paths->lock);
	RCU_INIT_POINTER(paths->slot[path->id % SLUICE_PATHS_MAX], NULL);
	hlist_del_rcu(&path->by_dst);
	WRITE_ONCE(paths->count, paths->count - 1);
	release(path);
}

/* Is there nobody who may still want to take this path? */
static bool is_stale(const struct sluice_path *path)
{
	return !sluice_path_is_valid(path) ||
	       (u32)jiffies - READ_ONCE(path->used) > SLUICE_LEASE + HZ;
}

static void drop_all(struct sluice_net *sn,
		     bool (*condition)(const struct sluice_path *path))
{
	struct sluice_path_table *paths = sn->paths;
	struct sluice_path *path;
	u32 i;

	if (!paths)
		return;
	spin_lock_bh(&paths->lock);
	for (i = 0; i < SLUICE_PATHS_MAX && paths->count; i++) {
		path = rcu_dereference_protected(paths->slot[i],
						 lockdep_is_held(&paths->lock));
		if (path && (!condition || condition(path)))
			drop(paths, path);
	}
	for (i = 0; i < SLUICE_LOCALS_MAX; i++) {
		path = rcu_dereference_protected(paths->local[i],
						 lockdep_is_held(&paths->lock));
		if (!path || (condition && !condition(path)))
			continue;
		RCU_INIT_POINTER(paths->local[i], NULL);
		release(path);
	}
	spin_unlock_bh(&paths->lock);
}

/**
 * sluice_paths_gc() - drop paths that nobody uses any more
 * @sn: namespace
 *
 * Context: process context, once a second.
 */
void sluice_paths_gc(struct sluice_net *sn)
{
	drop_all(sn, is_stale);
}

/**
 * sluice_paths_flush() - let every connection take the slow path once
 * @sn: namespace
 *
 * Context: process context.
 */
void sluice_paths_flush(struct sluice_net *sn)
{
	drop_all(sn, NULL);
}

/**
 * sluice_paths_init() - allocate the table of a namespace
 * @sn: namespace; nothing is done where it has one
 *
 * Context: &sluice_net.lock is held, no packet comes here yet.
 * Return: 0 or -ENOMEM.
 */
int sluice_paths_init(struct sluice_net *sn)
{
	if (sn->paths)
		return 0;
	sn->paths = kvzalloc(sizeof(*sn->paths), GFP_KERNEL_ACCOUNT);
	if (!sn->paths)
		return -ENOMEM;
	spin_lock_init(&sn->paths->lock);
	return 0;
}

/**
 * sluice_paths_exit() - free the table of a namespace
 * @sn: namespace that no packet reaches any more
 */
void sluice_paths_exit(struct sluice_net *sn)
{
	sluice_paths_flush(sn);
	kvfree(sn->paths);
}
