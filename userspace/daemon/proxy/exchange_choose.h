/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an exchange's files have from each other of the choice of a server. */
#ifndef PROXY_EXCHANGE_CHOOSE_H
#define PROXY_EXCHANGE_CHOOSE_H

#include "exchange.h"

/**
 * exchange_choose() - find a server that has room, and take it
 * @x: has a pool and no server
 *
 * The one that the client is bound to by a cookie, if it has room; otherwise one of
 * those for which nobody waits in particular.
 *
 * Return: 0: &exchange.server is set, and counts the request; -EAGAIN: those that
 * could serve it are full; -ENOENT: none is up.
 */
int exchange_choose(struct exchange *x);

/**
 * exchange_own() - find the server that a request belongs to, with room or without
 * @x: has a pool and no server
 *
 * By a cookie of the client, or else by the hash of scheduler maglev. A server that is
 * down, left out, or was tried, is nobody's.
 *
 * Return: its place in the pool, or EXCHANGE_ANY: any server will do.
 */
unsigned int exchange_own(struct exchange *x);

/**
 * exchange_take() - take a certain server, if it has room
 * @x: has a pool and no server
 * @i: its place in the pool
 *
 * Return: whether &exchange.server is set, and counts the request.
 */
bool exchange_take(struct exchange *x, unsigned int i);

/**
 * exchange_may_have() - could a request that any server will do for have this one?
 * @x: has a pool
 * @i: place in the pool
 *
 * Return: whether it takes new clients, is not left out, and was not tried.
 */
bool exchange_may_have(const struct exchange *x, unsigned int i);

/**
 * exchange_may_keep() - can a request go on waiting for the server it belongs to?
 * @x: has a pool
 * @i: place in the pool
 *
 * Return: whether it is not down, has not drained, and is not left out.
 */
bool exchange_may_keep(const struct exchange *x, unsigned int i);

#endif /* PROXY_EXCHANGE_CHOOSE_H */
