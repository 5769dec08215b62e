/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stratum proxy: workers that serve what sites place there. This is what the main
 * thread has of it.
 */
#ifndef DAEMON_PROXY_H
#define DAEMON_PROXY_H

#include "counts.h"
#include "site.h"
#include "sticky.h"

struct plan;
struct proxy;
struct proxy_change;
struct relay_secrets;
struct sluice_relay_client;
struct tls_tickets;

/**
 * proxy_create() - no worker yet; they are started with the first service
 * @loop: of the main thread
 * @threads: how many; 0: as many as processors
 *
 * Return: for proxy_free(), or NULL with errno.
 */
struct proxy *proxy_create(struct loop *loop, unsigned int threads);

/**
 * proxy_free() - the end, at once: clients are cut off
 * @proxy: or NULL
 */
void proxy_free(struct proxy *proxy);

/**
 * proxy_prepare() - make all ready that a site needs, and change nothing yet
 * @proxy: the proxy
 * @site: to come into force
 * @built: bits of the strata that there are
 * @errors: what is wrong: an address in use, a certificate
 *
 * Return: for proxy_commit() or proxy_abandon(), or NULL with errors.
 */
struct proxy_change *proxy_prepare(struct proxy *proxy, const struct site *site,
				   unsigned int built,
				   struct config_errors *errors);

/**
 * proxy_commit() - put it in force
 * @change: used up
 *
 * Connections go on; those that have no service any more end with their request.
 */
void proxy_commit(struct proxy_change *change);
void proxy_abandon(struct proxy_change *change);

/**
 * proxy_refresh() - servers of the site have changed
 * @proxy: the proxy
 * @site: in force
 * @built: as for proxy_prepare()
 */
void proxy_refresh(struct proxy *proxy, const struct site *site,
		   unsigned int built);

/**
 * proxy_is_idle() - whether nobody uses a server
 * @proxy: the proxy
 * @server: of the site in force
 */
bool proxy_is_idle(const struct proxy *proxy, const struct site_server *server);

/**
 * proxy_drain() - take no new clients, and end when the last is gone
 * @proxy: the proxy
 * @gently: a client that waits between two requests may send another one, which is
 *	the last; otherwise it is closed at once, and what it sends then is lost
 * @ended: called in the main thread when that is so; maybe at once
 * @arg: for it
 */
void proxy_drain(struct proxy *proxy, bool gently, void (*ended)(void *arg),
		 void *arg);

/**
 * proxy_set_secret() - what cookies are signed with
 * @proxy: without any worker; it has random bytes until then
 * @secret: bytes
 */
void proxy_set_secret(struct proxy *proxy,
		      const uint8_t secret[STICKY_SECRET_SIZE]);

/**
 * proxy_inherit() - a listening socket of a process that is replaced
 * @proxy: before the first proxy_prepare()
 * @fd: belongs to the proxy now, also on failure
 * @error: says what is wrong with it
 * @size: room there
 *
 * One whose address no service has is closed by the first proxy_commit().
 *
 * Return: 0 or a negative errno.
 */
int proxy_inherit(struct proxy *proxy, int fd, char *error, size_t size);

/**
 * proxy_sockets() - all listening sockets
 * @proxy: the proxy, whose they stay
 * @count: filled in
 *
 * Return: an array for free(), or NULL if memory is out.
 */
int *proxy_sockets(const struct proxy *proxy, size_t *count);

/**
 * proxy_adopt() - a client was given back by stratum relay
 * @proxy: the proxy
 * @client: its descriptor and bytes belong to the proxy now; one whose service is not
 *	there any more is closed
 */
void proxy_adopt(struct proxy *proxy, const struct sluice_relay_client *client);

/* Keys of session tickets, to be handed on. */
struct tls_tickets *proxy_tickets(const struct proxy *proxy);

/* Secrets of clients that stratum relay has. Context: any thread. */
struct relay_secrets *proxy_secrets(const struct proxy *proxy);

/* The plan in force, or NULL: for who looks at it. Context: main thread. */
const struct plan *proxy_plan(const struct proxy *proxy);

/* What it has done, for metrics. */
struct counts_table *proxy_counts(const struct proxy *proxy);
const struct access_files *proxy_access(const struct proxy *proxy);

/* Open access logs anew (SIGUSR1). */
void proxy_reopen(struct proxy *proxy);

#endif /* DAEMON_PROXY_H */
