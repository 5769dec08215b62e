// SPDX-License-Identifier: GPL-2.0
/* Making a connection: choosing its server and entering it in the table. */

#include "net.h"
#include "pool.h"
#include "schedule.h"
#include "service.h"

/* Servers tried for one connection when reply tuples are taken. */
#define SCHEDULE_TRIES 16

static struct sluice_conn *refuse(struct sluice_net *sn,
				  struct sluice_service *service,
				  enum sluice_refusal reason)
{
	static const int error[SLUICE_REFUSAL_COUNT] = {
		[SLUICE_REFUSAL_NO_SERVER] = -EHOSTUNREACH,
		[SLUICE_REFUSAL_LIMIT] = -ENOBUFS,
		[SLUICE_REFUSAL_MEMORY] = -ENOMEM,
		[SLUICE_REFUSAL_CLASH] = -EADDRINUSE,
	};

	atomic64_inc(&sn->refusals.count[reason]);
	atomic64_inc(&service->refusals.count[reason]);
	return ERR_PTR(error[reason]);
}

/**
 * sluice_schedule() - make the connection of a client's first packet
 * @sn: namespace
 * @service: service that the packet is for
 * @p: the packet, TCP (a SYN) or UDP
 *
 * Where two CPUs meet with the same first packet, sent twice by the client,
 * both get the same connection. Each refusal is counted.
 *
 * Context: RCU read side, bottom halves off.
 * Return: the connection, without a reference, or ERR_PTR(): -EHOSTUNREACH
 * without a server, -ENOBUFS at the limit of connections, -ENOMEM, or
 * -EADDRINUSE where the client's address and port are in use with each server.
 */
struct sluice_conn *sluice_schedule(struct sluice_net *sn,
				    struct sluice_service *service,
				    const struct sluice_packet *p)
{
	const struct sluice_pool *pool = rcu_dereference(service->pool);
	enum sluice_refusal reason = SLUICE_REFUSAL_NO_SERVER;
	struct sluice_conn *conn, *other;
	struct sluice_sched_set *set;
	enum sluice_state state;
	u32 first, i;
	int err;

	set = rcu_dereference(pool->set);
	if (!set || !set->count)
		return refuse(sn, service, SLUICE_REFUSAL_NO_SERVER);
	if (sluice_conn_table_is_full(&sn->conns))
		return refuse(sn, service, SLUICE_REFUSAL_LIMIT);

	state = p->tuple.protocol == IPPROTO_TCP ? SLUICE_STATE_SYN_SENT :
						   SLUICE_STATE_UDP_NEW;
	first = sluice_sched_pick(set);
	for (i = 0; i < min(set->count, SCHEDULE_TRIES); i++) {
		u32 slot = (first + i) % set->count;

		conn = sluice_conn_alloc(set->slot[slot].server, &p->tuple);
		if (!conn)
			return refuse(sn, service, SLUICE_REFUSAL_MEMORY);
		if (IS_ERR(conn))
			continue;
		err = sluice_conn_insert(sn, conn, state, &other);
		if (!err) {
			sluice_stats_connection(conn->server->stats);
			sluice_stats_connection(service->stats);
			return conn;
		}
		if (other)
			return other;
		reason = SLUICE_REFUSAL_CLASH;
	}
	return refuse(sn, service, reason);
}
