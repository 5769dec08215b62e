/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What sluice_ktls.ko, stratum relay, uses of sluice.ko: where a request goes, and
 * what has to be known of servers. Services, routes, pools and servers are the same
 * objects as in the other strata.
 *
 * A request's source and hash are set by sluice_request_set_source(), see request.h.
 */
#ifndef _SLUICE_RELAY_H
#define _SLUICE_RELAY_H

#include <linux/types.h>

#include <sluice/route_match.h>

#include "request.h"
#include "server.h"
#include "service.h"

struct net;
struct sluice_sticky;

/**
 * enum sluice_relay_verdict - what becomes of a request
 * @SLUICE_RELAY_SERVER: it goes to a server
 * @SLUICE_RELAY_REJECT: it is answered with a status, or reset
 * @SLUICE_RELAY_REDIRECT: it is redirected to https
 * @SLUICE_RELAY_PROXY: the daemon has to serve it (action proxy)
 * @SLUICE_RELAY_NO_SERVER: no server of its pool may take it
 * @SLUICE_RELAY_NO_ROUTE: no route fits, and the service has no servers of its own
 * @SLUICE_RELAY_NO_SERVICE: there is no such service of stratum relay any more
 */
enum sluice_relay_verdict {
	SLUICE_RELAY_SERVER,
	SLUICE_RELAY_REJECT,
	SLUICE_RELAY_REDIRECT,
	SLUICE_RELAY_PROXY,
	SLUICE_RELAY_NO_SERVER,
	SLUICE_RELAY_NO_ROUTE,
	SLUICE_RELAY_NO_SERVICE,
};

/**
 * struct sluice_relay_way - where a request goes
 * @verdict: &enum sluice_relay_verdict
 * @status: HTTP status of SLUICE_RELAY_REJECT (0: reset) and SLUICE_RELAY_REDIRECT
 * @family: of @server's address
 * @proxy_protocol: version of the PROXY protocol that @server gets first, or 0
 * @server: of SLUICE_RELAY_SERVER, with a reference, to be given back with
 *	sluice_server_put()
 * @sticky: of a client that @server is new to and that is to be kept there, with a
 *	reference, to be given back with sluice_sticky_put(); or NULL
 */
struct sluice_relay_way {
	u8 verdict;
	u16 status;
	u8 family;
	u8 proxy_protocol;
	struct sluice_server *server;
	struct sluice_sticky *sticky;
};

/**
 * struct sluice_relay_ask - where does a request go
 * @req: the request, its source and hash set by sluice_request_set_source()
 * @avoid: &sluice_server.id of a server that was tried in vain, and that is taken
 *	again only where there is no other; 0 the first time
 * @kept: reads from the request at which server its client is kept, the number of
 *	sluice_sticky_server(); returns whether it says so. Called for the pool that
 *	the request goes to, and not where it has been tried in vain, in an RCU read
 *	side section with bottom halves off
 *
 * Part of what @kept looks at.
 */
struct sluice_relay_ask {
	const struct sluice_request *req;
	u64 avoid;
	bool (*kept)(const struct sluice_relay_ask *ask,
		     const struct sluice_sticky *sticky, u64 *server);
};

/**
 * struct sluice_relay_ops - what sluice.ko tells stratum relay
 * @leave: connections have to go that are with servers of which
 *	sluice_relay_leaves() is true. In process context, may sleep; also for
 *	namespaces where there are none, and while one goes. Returns whether some
 *	are left, so that it is to be called again in a while.
 * @gone: a service was deleted, and no request finds it any more: what was said of
 *	it goes, too. In process context, may sleep, with &sluice_net.lock held; not
 *	at the end of a namespace. May be NULL.
 */
struct sluice_relay_ops {
	bool (*leave)(struct net *net);
	void (*gone)(struct net *net, const struct sluice_service_key *key);
};

int sluice_relay_register(const struct sluice_relay_ops *ops);
void sluice_relay_unregister(const struct sluice_relay_ops *ops);
bool sluice_relay_is_there(void);
bool sluice_relay_leave(struct net *net);
void sluice_relay_gone(struct net *net, const struct sluice_service_key *key);

bool sluice_relay_serves(struct net *net, const struct sluice_service_key *key);
u32 sluice_relay_clients_max(struct net *net);
void sluice_relay_route(struct net *net, const struct sluice_service_key *key,
			const struct sluice_relay_ask *ask,
			struct sluice_relay_way *way);
void sluice_relay_refused(struct net *net, const struct sluice_service_key *key,
			  enum sluice_refusal reason);
void sluice_relay_begin(struct net *net, const struct sluice_service_key *key,
			struct sluice_server *server);
void sluice_relay_end(struct sluice_server *server);
void sluice_relay_count(struct sluice_server *server, u64 from_client,
			u64 from_server);

/**
 * sluice_relay_leaves() - do connections have to leave a server
 * @server: the server, with a reference
 *
 * To be asked once a connection is where &sluice_relay_ops.leave finds it: then
 * either this sees that the server is left, or that meets the connection.
 *
 * Return: whether it is down, or past its deadline, and its pool's connections do
 * not stay then.
 */
static inline bool sluice_relay_leaves(const struct sluice_server *server)
{
	/* Pairs with the one in sluice_relay_leave(). */
	smp_mb();
	return READ_ONCE(server->leave) >= SLUICE_LEAVE_RESET;
}

#endif /* _SLUICE_RELAY_H */
