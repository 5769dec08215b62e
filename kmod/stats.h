/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_STATS_H
#define _SLUICE_STATS_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

#include "tuple.h"

/**
 * struct sluice_stats - counters of a server, service or pool
 * @connections: connections scheduled
 * @packets: packets by direction
 * @bytes: bytes by direction, from the network header on
 */
struct sluice_stats {
	u64 connections;
	u64 packets[SLUICE_DIR_COUNT];
	u64 bytes[SLUICE_DIR_COUNT];
};

/**
 * struct sluice_stats_cpu - one CPU's share of a &struct sluice_stats
 * @connections: connections scheduled
 * @packets: packets by direction
 * @bytes: bytes by direction
 * @syncp: makes the counters readable from another CPU on 32-bit machines
 *
 * Written only in softirq context or with bottom halves off.
 */
struct sluice_stats_cpu {
	u64_stats_t connections;
	u64_stats_t packets[SLUICE_DIR_COUNT];
	u64_stats_t bytes[SLUICE_DIR_COUNT];
	struct u64_stats_sync syncp;
};

struct sluice_stats_cpu __percpu *sluice_stats_alloc(gfp_t gfp);
void sluice_stats_read(const struct sluice_stats_cpu __percpu *cpu_stats,
		       struct sluice_stats *sum);
void sluice_stats_add(struct sluice_stats *to, const struct sluice_stats *more);
void sluice_stats_sub(struct sluice_stats *from,
		      const struct sluice_stats *less);

/**
 * sluice_stats_packet() - count one packet
 * @cpu_stats: counters
 * @dir: its direction
 * @bytes: its length from the network header on
 *
 * Context: bottom halves are off.
 */
static inline void sluice_stats_packet(struct sluice_stats_cpu __percpu *cpu_stats,
				       enum sluice_dir dir, unsigned int bytes)
{
	struct sluice_stats_cpu *s = this_cpu_ptr(cpu_stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->packets[dir]);
	u64_stats_add(&s->bytes[dir], bytes);
	u64_stats_update_end(&s->syncp);
}

/**
 * sluice_stats_bytes() - count bytes that are in no packet
 * @cpu_stats: counters
 * @to_server: bytes of the original direction
 * @to_client: bytes of the reply direction
 *
 * Context: bottom halves are off.
 */
static inline void sluice_stats_bytes(struct sluice_stats_cpu __percpu *cpu_stats,
				      u64 to_server, u64 to_client)
{
	struct sluice_stats_cpu *s = this_cpu_ptr(cpu_stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_add(&s->bytes[SLUICE_DIR_ORIGINAL], to_server);
	u64_stats_add(&s->bytes[SLUICE_DIR_REPLY], to_client);
	u64_stats_update_end(&s->syncp);
}

/**
 * sluice_stats_connection() - count one scheduled connection
 * @cpu_stats: counters
 *
 * Context: bottom halves are off.
 */
static inline void sluice_stats_connection(struct sluice_stats_cpu __percpu *cpu_stats)
{
	struct sluice_stats_cpu *s = this_cpu_ptr(cpu_stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->connections);
	u64_stats_update_end(&s->syncp);
}

/**
 * enum sluice_refusal - why a new connection was refused
 * @SLUICE_REFUSAL_NO_SERVER: no server of the pool may take it
 * @SLUICE_REFUSAL_LIMIT: the namespace is full
 * @SLUICE_REFUSAL_MEMORY: an allocation failed
 * @SLUICE_REFUSAL_CLASH: every server's reply tuple is taken
 * @SLUICE_REFUSAL_NO_ROUTE: no route fits
 * @SLUICE_REFUSAL_REJECTED: a route said so
 * @SLUICE_REFUSAL_MALFORMED: the first bytes are no head
 * @SLUICE_REFUSAL_HEAD_TIMEOUT: the head was not complete in time
 * @SLUICE_REFUSAL_CONNECT: no server answered
 * @SLUICE_REFUSAL_PRESSURE: held bytes are at their limit
 * @SLUICE_REFUSAL_CLOSED: the client closed before its head was complete
 */
enum sluice_refusal {
	SLUICE_REFUSAL_NO_SERVER,
	SLUICE_REFUSAL_LIMIT,
	SLUICE_REFUSAL_MEMORY,
	SLUICE_REFUSAL_CLASH,
	SLUICE_REFUSAL_NO_ROUTE,
	SLUICE_REFUSAL_REJECTED,
	SLUICE_REFUSAL_MALFORMED,
	SLUICE_REFUSAL_HEAD_TIMEOUT,
	SLUICE_REFUSAL_CONNECT,
	SLUICE_REFUSAL_PRESSURE,
	SLUICE_REFUSAL_CLOSED,
	/* private: */
	SLUICE_REFUSAL_COUNT,
};

/**
 * struct sluice_refusals - counters of refused connections
 * @count: by &enum sluice_refusal
 *
 * Refusals are rare or a sign of overload that has other costs, so one shared
 * counter each is enough.
 */
struct sluice_refusals {
	atomic64_t count[SLUICE_REFUSAL_COUNT];
};

#endif /* _SLUICE_STATS_H */
