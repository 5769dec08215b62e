/* SPDX-License-Identifier: GPL-2.0-or-later */
/* c-ares in the daemon's loop: questions to name servers, one socket each. */
#ifndef DAEMON_RESOLVER_CHANNEL_H
#define DAEMON_RESOLVER_CHANNEL_H

#include <ares.h>
#include <stdbool.h>
#include <stddef.h>

#include "../config/settings.h"
#include "../loop.h"

struct resolver_channel;

/**
 * resolver_channel_open() - make a channel to name servers
 * @loop: of this thread
 * @config: whom to ask, and how long; without servers those of /etc/resolv.conf
 * @error: why there is none, in one line
 * @size: of @error
 *
 * Return: the channel, or NULL with @error
 */
struct resolver_channel *
resolver_channel_open(struct loop *loop, const struct config_resolver *config,
		      char *error, size_t size);

/**
 * resolver_channel_close() - the end of a channel
 * @channel: not from one of its callbacks; or NULL
 *
 * Questions that are not answered end with ARES_EDESTRUCTION before it returns.
 */
void resolver_channel_close(struct resolver_channel *channel);

/**
 * resolver_channel_ask() - ask the name servers
 * @channel: channel
 * @name: as it is
 * @type: of records
 * @done: called once with what came, perhaps before this returns; it must not call
 *	any of these functions. The message is c-ares's.
 * @arg: for @done
 */
void resolver_channel_ask(struct resolver_channel *channel, const char *name,
			  ares_dns_rec_type_t type, ares_callback_dnsrec done,
			  void *arg);

/**
 * resolver_channel_servers() - whom it asks
 * @channel: channel
 *
 * Return: addresses and ports in one line, as long as the channel
 */
const char *resolver_channel_servers(const struct resolver_channel *channel);

/**
 * resolver_channel_outdated() - whether to open another one
 * @channel: channel
 *
 * Return: true if it asks the servers of /etc/resolv.conf, and that file is not
 * any more what it was
 */
bool resolver_channel_outdated(const struct resolver_channel *channel);

#endif /* DAEMON_RESOLVER_CHANNEL_H */
