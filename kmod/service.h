/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SERVICE_H
#define _SLUICE_SERVICE_H

#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <linux/rhashtable.h>

#include "commit.h"
#include "stats.h"

struct sluice_net;
struct sluice_pool;
struct sluice_route_set;
struct sluice_scheduler;

/**
 * struct sluice_service_key - what tells services apart
 * @addr: virtual address, bytes past the family's are zero
 * @port: virtual port, network byte order
 * @family: AF_INET or AF_INET6
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 */
struct sluice_service_key {
	union nf_inet_addr addr;
	__be16 port;
	u8 family;
	u8 protocol;
};

/**
 * struct sluice_service_params - what a service is for good, or nearly
 * @stratum: &enum sluice_stratum
 * @parse: &enum sluice_parse
 */
struct sluice_service_params {
	u8 stratum;
	u8 parse;
};

/**
 * struct sluice_service_view - what can change of a service
 * @pool: its pool, never NULL
 * @routes: its routes, NULL if there are none
 * @present: the service is there; what has just been made, or is about to go, is
 *	there for some packets only
 * @slow_path: every packet passes the firewall
 * @parse: &enum sluice_parse
 *
 * Written under &sluice_net.lock; @pool and @routes are read under RCU, the others
 * with READ_ONCE().
 */
struct sluice_service_view {
	struct sluice_pool __rcu *pool;
	struct sluice_route_set __rcu *routes;
	bool present;
	bool slow_path;
	u8 parse;
};

/**
 * struct sluice_service - what clients connect to
 * @hash: in &sluice_net.services; there may be two of one key in it, of which
 *	only one is present
 * @key: protocol, address and port; never changes
 * @view: what can change, by sluice_view()
 * @stratum: &enum sluice_stratum; never changes
 * @offer: &union sluice_offer.word: what clients are told of its servers; 0 while
 *	nothing is known of them. Written by packets.
 * @offer_time: low 32 bits of the time in jiffies since which @offer was learned
 * @stats: connections; packets and bytes are counted by server
 * @list: in &sluice_net.service_list, under &sluice_net.lock
 * @change: what a commit does to it
 * @id: number of the service
 * @zero: reading of @stats at the last reset, under &sluice_net.lock
 * @rcu: frees it after the last reader
 * @refusals: connections refused; apart from what each new connection reads
 */
struct sluice_service {
	struct rhash_head hash;
	struct sluice_service_key key;
	struct sluice_service_view view[2];
	u8 stratum;
	u32 offer;
	u32 offer_time;
	struct sluice_stats_cpu __percpu *stats;
	struct list_head list;
	struct sluice_change change;
	u64 id;
	struct sluice_stats zero;
	struct rcu_head rcu;
	struct sluice_refusals refusals ____cacheline_aligned_in_smp;
};

int sluice_services_init(struct sluice_net *sn);
void sluice_services_exit(struct sluice_net *sn);
struct sluice_service *sluice_service_lookup(struct sluice_net *sn,
					     const struct sluice_service_key *key);
struct sluice_service *sluice_service_of(struct sluice_net *sn,
					 const struct sluice_tuple *original);
struct sluice_service *sluice_service_in(struct sluice_net *sn,
					 const struct sluice_tuple *original,
					 unsigned int view);
struct sluice_service *sluice_service_add(struct sluice_net *sn,
					  const struct sluice_service_key *key,
					  const struct sluice_service_params *params,
					  struct sluice_pool *pool,
					  struct netlink_ext_ack *extack);
void sluice_service_set_pool(struct sluice_net *sn,
			     struct sluice_service *service,
			     struct sluice_pool *pool);
void sluice_service_set_slow_path(struct sluice_net *sn,
				  struct sluice_service *service,
				  bool slow_path);
void sluice_service_set_parse(struct sluice_net *sn,
			      struct sluice_service *service, u8 parse);
void sluice_service_del(struct sluice_net *sn, struct sluice_service *service);
struct sluice_pool *sluice_service_pool(struct sluice_net *sn,
					const struct sluice_service *service);
bool sluice_service_is_changed(struct sluice_net *sn,
			       const struct sluice_service *service);
void sluice_service_touch(struct sluice_net *sn, struct sluice_service *service);
void sluice_service_settle(struct sluice_net *sn,
			   struct sluice_service *service, unsigned int from,
			   unsigned int to);
struct sluice_service *sluice_service_relayed(struct sluice_net *sn,
					      const struct sluice_service_key *key,
					      unsigned int view);
struct sluice_pool *sluice_service_rest(const struct sluice_service *service,
					unsigned int view);
bool sluice_service_is_slow(const struct sluice_service *service);
u8 sluice_service_parse(struct sluice_net *sn,
			const struct sluice_service *service);
void sluice_service_read_stats(struct sluice_net *sn,
			       const struct sluice_service *service,
			       struct sluice_stats *stats);
void sluice_service_reset_stats(struct sluice_net *sn,
				struct sluice_service *service);
void sluice_refused(struct sluice_net *sn, struct sluice_service *service,
		    enum sluice_refusal reason);
void sluice_flush(struct sluice_net *sn);

/**
 * sluice_stratum_has_routes() - does a stratum decide by what clients say
 * @stratum: &enum sluice_stratum
 *
 * Its servers answer through this host, so they are of forwarding method nat.
 *
 * Return: whether its services have routes.
 */
static inline bool sluice_stratum_has_routes(u8 stratum)
{
	return stratum == SLUICE_STRATUM_SNIFF || stratum == SLUICE_STRATUM_RELAY;
}

#endif /* _SLUICE_SERVICE_H */
