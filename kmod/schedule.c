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

	sluice_refused(sn, service, reason);
	return ERR_PTR(error[reason]);
}

/* What a connection is made with. */
struct wish {
	const struct sluice_pool *pool;
	const struct sluice_tuple *original;
	unsigned int view;
	enum sluice_state state;
	u8 flags;	/* &sluice_translation.flags */
	u64 avoid;	/* id of a server to be passed over, or 0 */
};

static struct sluice_conn *make_conn(struct sluice_net *sn,
				     struct sluice_service *service,
				     const struct wish *wish)
{
	enum sluice_refusal reason = SLUICE_REFUSAL_NO_SERVER;
	struct sluice_conn *conn, *other;
	struct sluice_sched_set *set;
	struct sluice_sched_slot *slot;
	u32 first, i;
	int err;

	set = rcu_dereference(wish->pool->set[wish->view]);
	if (!set || !set->count)
		return refuse(sn, service, SLUICE_REFUSAL_NO_SERVER);
	if (sluice_conn_table_is_full(&sn->conns))
		return refuse(sn, service, SLUICE_REFUSAL_LIMIT);

	first = sluice_sched_pick(set);
	for (i = 0; i < min(set->count, SCHEDULE_TRIES); i++) {
		slot = &set->slot[(first + i) % set->count];
		if (slot->server->id == wish->avoid && set->count > 1)
			continue;
		/* The pool may have become one for stratum flow meanwhile. */
		if (wish->flags & SLUICE_HELD &&
		    slot->forward != SLUICE_FORWARD_NAT)
			continue;
		conn = sluice_conn_alloc(slot->server, slot->forward,
					 wish->original);
		if (!conn)
			return refuse(sn, service, SLUICE_REFUSAL_MEMORY);
		if (IS_ERR(conn))
			continue;
		conn->translation.flags = wish->flags;
		err = sluice_conn_insert(sn, conn, wish->state, &other);
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

/**
 * sluice_schedule() - make the connection of a client's first packet
 * @sn: namespace
 * @service: service that the packet is for
 * @p: the packet, TCP (a SYN) or UDP
 * @view: what the packet goes by, of sluice_view()
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
				    const struct sluice_packet *p,
				    unsigned int view)
{
	const struct wish wish = {
		.pool = rcu_dereference(service->view[view].pool),
		.original = &p->tuple,
		.view = view,
		.state = p->tuple.protocol == IPPROTO_TCP ?
				 SLUICE_STATE_SYN_SENT :
				 SLUICE_STATE_UDP_NEW,
	};

	return make_conn(sn, service, &wish);
}

/**
 * sluice_schedule_held() - the same for a client that shook hands with us
 * @sn: namespace
 * @service: the service
 * @pool: the pool that its head chose
 * @hold: the client, locked; the last server that was tried is taken only where
 *	there is no other
 *
 * The connection is marked with SLUICE_HELD from the beginning.
 *
 * Context: RCU read side, bottom halves off.
 * Return: as sluice_schedule(), or ERR_PTR(-EEXIST) where the client has a
 * connection already.
 */
struct sluice_conn *sluice_schedule_held(struct sluice_net *sn,
					 struct sluice_service *service,
					 const struct sluice_pool *pool,
					 const struct sluice_hold *hold)
{
	const struct wish wish = {
		.pool = pool,
		.original = &hold->tuple,
		.view = hold->view,
		.state = SLUICE_STATE_SYN_SENT,
		.flags = SLUICE_HELD,
		.avoid = hold->server,
	};
	struct sluice_conn *conn = make_conn(sn, service, &wish);

	if (!IS_ERR(conn) && !(READ_ONCE(conn->translation.flags) & SLUICE_HELD))
		return ERR_PTR(-EEXIST);
	return conn;
}
