/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_NET_H
#define _SLUICE_NET_H

#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>

#include <uapi/linux/sluice.h>

#include "commit.h"
#include "conn.h"
#include "deadline.h"
#include "hold.h"
#include "leave.h"
#include "settings.h"
#include "stats.h"

struct sluice_own;
struct sluice_path_table;

/* Ports of a namespace that are found without a search, a power of two. */
#define SLUICE_PORTS_AT_HAND 16

/* Hooks in a namespace. */
#define SLUICE_HOOK_COUNT 6

/**
 * struct sluice_net - all of Sluice in one network namespace
 * @net: the namespace; it owns this structure
 * @lock: protects the configuration: lists, counts, @next_id, @generation,
 *	@commit, @transactions and every change of a service, route, pool or
 *	server. Taken in process context only, never while packets are handled.
 * @view: 0 or 1: which of the two values of all that is configured packets go
 *	by, see commit.c; read by packets, written under @lock
 * @services: services by protocol, address and port; read under RCU,
 *	changed under @lock
 * @pools: pools by name; read and changed under @lock
 * @service_list: services in the order they were made
 * @pool_list: pools in the order they were made
 * @service_count: length of @service_list
 * @pool_count: length of @pool_list
 * @server_count: servers in all pools
 * @route_count: routes of all services
 * @next_id: number for the next object
 * @generation: grows with each commit that changes something, so that a dump
 *	can tell that it was interrupted, and a transaction that somebody else
 *	was faster
 * @commit: what is being changed
 * @transactions: those that are open, by netlink socket
 * @transaction_count: how many
 * @transaction_bytes: what is staged in all of them
 * @hooked: the hooks are registered; set once, by the first service
 * @keeps_slow: a service has been kept off the fast path; written under @lock and
 *	never cleared, read by packets
 * @paths: ways out that the fast path knows; NULL before the first service,
 *	then never changed
 * @own: addresses of the host, counted; NULL before the first service, then
 *	never changed
 * @ports: devices that balanced traffic arrives on, see port.c
 * @attached: indices of some of them that have their hook, each in the place of
 *	its low bits, others 0; written under RTNL, read with READ_ONCE()
 * @conns: connections
 * @holds: clients that have no server yet
 * @deadlines: of servers that drain
 * @leaving: connections that have to leave their servers
 * @timeouts: see &sluice_settings.timeouts, under @lock; connections go by
 *	&sluice_conn_table.lifetime
 * @sniff: limits of stratum sniff
 * @relay_clients_max: most clients of stratum relay; read without a lock
 * @refusals: connections refused
 * @ports_work: attaches to new @ports
 * @hooks: registrations with netfilter, which get this structure as argument
 *
 * Every packet reads @paths and the beginning of @conns, and each new connection
 * @view, @own, @services, @ports and @attached: they are written by those who configure, if at all.
 * What packets write, @refusals, has cache lines that nobody else needs.
 */
struct sluice_net {
	struct net *net;
	struct mutex lock;	/* see above */
	unsigned int view;
	struct rhashtable services;
	struct rhashtable pools;
	struct list_head service_list;
	struct list_head pool_list;
	u32 service_count;
	u32 pool_count;
	u32 server_count;
	u32 route_count;
	u64 next_id;
	u64 generation;
	struct sluice_commit commit;
	struct list_head transactions;
	u32 transaction_count;
	size_t transaction_bytes;
	bool hooked;
	bool keeps_slow;
	struct sluice_path_table *paths;
	struct sluice_own *own;
	struct xarray ports;
	u32 attached[SLUICE_PORTS_AT_HAND];
	struct sluice_conn_table conns;
	struct sluice_hold_table holds;
	struct sluice_deadlines deadlines;
	struct sluice_leaving leaving;
	u32 timeouts[SLUICE_TIMEOUTS];
	struct sluice_sniff_settings sniff;
	u32 relay_clients_max;
	struct sluice_refusals refusals ____cacheline_aligned_in_smp;
	struct work_struct ports_work;
	struct nf_hook_ops hooks[SLUICE_HOOK_COUNT];
};

/* Most services, pools and servers of one namespace. */
#define SLUICE_SERVICES_MAX 65536
#define SLUICE_POOLS_MAX 65536
#define SLUICE_SERVERS_MAX 1048576

/**
 * sluice_view() - which values of all that is configured a packet goes by
 * @sn: namespace
 *
 * To be read once for all that has to fit together.
 *
 * Context: RCU read side.
 * Return: an index of the pairs in &struct sluice_service and &struct sluice_pool.
 */
static inline unsigned int sluice_view(const struct sluice_net *sn)
{
	/* Pairs with smp_store_release() in sluice_commit_end(). */
	return smp_load_acquire(&sn->view);
}

/**
 * sluice_edit() - which values those who configure read and change
 * @sn: namespace
 *
 * Between commits both are the same; while there is one, no packet looks at these.
 *
 * Context: &sluice_net.lock is held.
 * Return: the other index.
 */
static inline unsigned int sluice_edit(const struct sluice_net *sn)
{
	lockdep_assert_held(&sn->lock);
	return !sn->view;
}

struct sluice_net *sluice_net(const struct net *net);
int sluice_hooks_register(struct sluice_net *sn);
void sluice_hooks_unregister(struct sluice_net *sn);

#endif /* _SLUICE_NET_H */
