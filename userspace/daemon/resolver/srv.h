/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRV names (RFC 2782): an answer made of what is known of their targets.
 *
 * Each target is two names of its own, A and AAAA, with their own TTLs, which keep
 * their addresses while lookups fail. Used are the addresses of all targets of one
 * priority, the lowest at which there are any.
 */
#ifndef DAEMON_RESOLVER_SRV_H
#define DAEMON_RESOLVER_SRV_H

#include "name.h"

/**
 * resolver_srv_create() - what an SRV name has
 * @name: name
 *
 * Return: without targets; or NULL: out of memory
 */
struct resolver_srv *resolver_srv_create(struct resolver_name *name);

/**
 * resolver_srv_free() - its end
 * @srv: or NULL; its targets are watched no more
 */
void resolver_srv_free(struct resolver_srv *srv);

/**
 * resolver_srv_update() - a lookup of the name has ended
 * @srv: of the name
 * @records: its targets, taken over; without any those from before stay
 *
 * The answer follows when enough of the targets is known.
 */
void resolver_srv_update(struct resolver_srv *srv,
			 struct resolver_records *records);

#endif /* DAEMON_RESOLVER_SRV_H */
