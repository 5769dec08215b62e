/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of servers, looked up in the DNS again and again, in the loop: nothing
 * waits for an answer, and a server of names that is silent costs a socket and a
 * timer.
 *
 * A name that is known stays known. Whatever its next lookups say is wrong, that
 * nobody answers, that a server fails or that there is no such name any more, its
 * last good addresses stay, and the answer says what the problem is: servers that
 * are really gone fail their checks, and a mistake in the DNS must not take away
 * those that are not. An address goes when a good answer comes without it.
 *
 * Names are looked up whole, as they are written: no search list, no /etc/hosts.
 */
#ifndef DAEMON_RESOLVER_H
#define DAEMON_RESOLVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "config/pool.h"
#include "config/settings.h"
#include "loop.h"

/* Addresses of one name; those past that, in the order of an answer, are left out. */
#define RESOLVER_ADDRESSES_MAX 256

/* Targets of one SRV name; those past that, by name and port, are left out. */
#define RESOLVER_TARGETS_MAX 64

struct resolver;
struct resolver_name;

/**
 * struct resolver_address - where a name leads
 * @at: address, and port: SRV's, or the watch's own
 * @weight: SRV's, 0 to 65535; 0 where there is none
 */
struct resolver_address {
	struct sluice_endpoint at;
	uint32_t weight;
};

/**
 * struct resolver_answer - what is known about a name
 * @addresses: the last good ones, each once, sorted by family, address and port
 * @count: how many; 0: there was no good answer yet
 * @problem: one line if something is wrong with the last lookup: it failed, and
 *	@addresses are from before, or part of it was refused; else NULL
 * @valid_ms: how long @addresses hold, from their lookup: the lowest TTL in it,
 *	within the limits of the configuration
 */
struct resolver_answer {
	const struct resolver_address *addresses;
	size_t count;
	const char *problem;
	uint64_t valid_ms;
};

/**
 * struct resolver_watch - somebody who wants to know about a name
 * @changed: called when addresses have changed, or the answer's problem is there,
 *	gone, or of another kind; never from a function of this file. The answer is
 *	valid during the call only. It may remove this and any other watch, and add
 *	some.
 * @name: what is looked up; shared by all watches of one name, kind and port
 * @entry: in the list of @name
 */
struct resolver_watch {
	void (*changed)(struct resolver_watch *watch,
			const struct resolver_answer *answer);
	struct resolver_name *name;
	LIST_ENTRY(resolver_watch) entry;
};

/**
 * struct resolver_stats - counters of a resolver
 * @names: that are looked up, targets of SRV names among them
 * @lookups: ended since the start
 * @failures: those of them without a good answer
 * @in_flight: begun and not ended
 */
struct resolver_stats {
	uint64_t names;
	uint64_t lookups;
	uint64_t failures;
	uint64_t in_flight;
};

/**
 * resolver_create() - make a resolver
 * @loop: of this thread
 * @config: whom to ask, and how often; copied
 * @error: why there is none, in one line
 * @size: of @error
 *
 * Without servers in @config it asks those of /etc/resolv.conf, and follows that
 * file.
 *
 * Return: the resolver, or NULL with @error
 */
struct resolver *resolver_create(struct loop *loop,
				 const struct config_resolver *config,
				 char *error, size_t size);

/**
 * resolver_configure() - go on with another configuration
 * @r: resolver
 * @config: copied
 * @error: why not, in one line
 * @size: of @error
 *
 * Names and answers stay. If there are other servers, or they are asked in another
 * way, lookups in flight begin again, and names whose last lookup failed do not
 * wait for their next turn.
 *
 * Return: 0, or a negative errno with @error, and nothing has changed
 */
int resolver_configure(struct resolver *r, const struct config_resolver *config,
		       char *error, size_t size);

/**
 * resolver_free() - the end of a resolver
 * @r: resolver, not from one of its callbacks; or NULL
 *
 * Lookups in flight are given up. Watches that are left are removed.
 */
void resolver_free(struct resolver *r);

/**
 * resolver_watch_add() - somebody wants to know about a name
 * @r: resolver
 * @watch: with @changed filled in
 * @name: of the DNS, with or without the last dot; copied
 * @resolve: enum config_resolve
 * @port: of the addresses; of no meaning where SRV says it
 *
 * A name that is known already has its answer at once: resolver_watch_answer().
 * @changed is not called for that one.
 *
 * Return: 0, or a negative errno: EINVAL: not a name; ENOMEM
 */
int resolver_watch_add(struct resolver *r, struct resolver_watch *watch,
		       const char *name, int resolve, uint16_t port);

/**
 * resolver_watch_del() - not any more
 * @watch: added, or all zero
 *
 * With its last watch, a name is forgotten. A reload that adds new watches before
 * it removes old ones looks nothing up.
 */
void resolver_watch_del(struct resolver_watch *watch);

/**
 * resolver_watch_answer() - what is known by now
 * @watch: added before
 *
 * Return: the last answer, valid until the loop turns or the watch is removed;
 * NULL before the first
 */
const struct resolver_answer *
resolver_watch_answer(const struct resolver_watch *watch);

/**
 * resolver_stats() - read the counters
 * @r: to read
 *
 * Return: a copy
 */
struct resolver_stats resolver_stats(const struct resolver *r);

#endif /* DAEMON_RESOLVER_H */
