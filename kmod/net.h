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

#include "conn.h"
#include "sniff_settings.h"
#include "hold.h"
#include "stats.h"

struct sluice_path_table;

/* Hooks in a namespace. */
#define SLUICE_HOOK_COUNT 6

/**
 * struct sluice_net - all of Sluice in one network namespace
 * @net: the namespace; it owns this structure
 * @lock: protects the configuration: lists, counts, @next_id, @generation and
 *	every change of a service, route, pool or server. Taken in process
 *	context only, never while packets are handled.
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
 * @generation: grows with each change, so that a dump can tell that it was
 *	interrupted
 * @hooked: the hooks are registered; set once, by the first service
 * @conns: connections
 * @holds: clients that have no server yet
 * @timeouts: milliseconds by &enum sluice_conn_state, under @lock; connections
 *	go by &sluice_conn_table.lifetime
 * @sniff: limits of stratum sniff
 * @refusals: connections refused
 * @paths: ways out that the fast path knows; NULL before the first service,
 *	then never changed
 * @ports: devices that balanced traffic arrives on, see port.c
 * @ports_work: attaches to new ones
 * @hooks: registrations with netfilter, which get this structure as argument
 */
struct sluice_net {
	struct net *net;
	struct mutex lock;	/* see above */
	struct rhashtable services;
	struct rhashtable pools;
	struct list_head service_list;
	struct list_head pool_list;
	u32 service_count;
	u32 pool_count;
	u32 server_count;
	u32 route_count;
	u64 next_id;
	unsigned int generation;
	bool hooked;
	struct sluice_conn_table conns;
	struct sluice_hold_table holds;
	u32 timeouts[SLUICE_CONN_STATE_UDP + 1];
	struct sluice_sniff_settings sniff;
	struct sluice_refusals refusals ____cacheline_aligned_in_smp;
	struct sluice_path_table *paths;
	struct xarray ports;
	struct work_struct ports_work;
	struct nf_hook_ops hooks[SLUICE_HOOK_COUNT];
};

/* Most services, pools and servers of one namespace. */
#define SLUICE_SERVICES_MAX 65536
#define SLUICE_POOLS_MAX 65536
#define SLUICE_SERVERS_MAX 1048576

struct sluice_net *sluice_net(const struct net *net);
void sluice_timeout_set(struct sluice_net *sn, enum sluice_conn_state state,
			u32 ms);
int sluice_hooks_register(struct sluice_net *sn);
void sluice_hooks_unregister(struct sluice_net *sn);

#endif /* _SLUICE_NET_H */
