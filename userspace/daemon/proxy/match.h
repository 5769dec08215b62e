/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which route a request takes, with the same code as in the kernel. */
#ifndef PROXY_MATCH_H
#define PROXY_MATCH_H

#include "exchange.h"

/**
 * match_route() - find the route of a request
 * @x: with its head and path
 * @found: filled in: the route, or NULL: none fits
 *
 * Return: false: a regular expression has come to no result within its limit, as
 * somebody may have meant it to. Whether its route fits is not known then, and a
 * route behind it must not be taken.
 */
bool match_route(const struct exchange *x, const struct plan_route **found);

/* What a worker matches regular expressions with. Return: false: out of memory. */
bool match_init(struct worker *worker);
void match_exit(struct worker *worker);

/**
 * match_source_hash() - the number of a client that shares of routes go by
 * @source: its address
 *
 * Return: the same as the kernel module's (Bob Jenkins' lookup3, as jhash()).
 */
uint32_t match_source_hash(const struct sluice_address *source);

#endif /* PROXY_MATCH_H */
