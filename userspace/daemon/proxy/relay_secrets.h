/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets of clients that stratum relay has, for when they change their keys: the
 * kernel asks then (relay_back.c). Workers add them, the main thread uses them. They are
 * in pages that are in no core and no child, and are wiped when a client has ended.
 */
#ifndef PROXY_RELAY_SECRETS_H
#define PROXY_RELAY_SECRETS_H

#include <stdbool.h>

#include "traffic_keys.h"

struct relay_secrets;

/* Return: for relay_secrets_free(), or NULL. */
struct relay_secrets *relay_secrets_create(void);
/* @table may be NULL. */
void relay_secrets_free(struct relay_secrets *table);

/**
 * relay_secrets_listen() - say where the kernel asks from now on
 * @table: empty afterwards: clients that are there ask elsewhere
 * @port: a netlink socket of this process; 0: nowhere, and nothing is added
 */
void relay_secrets_listen(struct relay_secrets *table, uint32_t port);

/**
 * relay_secrets_clear() - forget all: nobody says any more who has ended
 * @table: the secrets
 */
void relay_secrets_clear(struct relay_secrets *table);

/**
 * relay_secrets_add() - keep the secrets of a client
 * @table: where
 * @secrets: copied
 * @port: set to the netlink socket where the kernel asks for them
 *
 * Context: any thread.
 * Return: their number, which the kernel is told and nobody else ever gets; 0: they are
 * not kept, for want of memory, of room, or of that socket.
 */
uint64_t relay_secrets_add(struct relay_secrets *table,
			   const struct traffic_secrets *secrets,
			   uint32_t *port);

/**
 * relay_secrets_drop() - a client has ended
 * @table: where
 * @number: of its secrets; one that is not there any more is left alone
 *
 * Context: any thread.
 */
void relay_secrets_drop(struct relay_secrets *table, uint64_t number);

/**
 * relay_secrets_update() - the next keys of a client
 * @table: where
 * @number: of its secrets
 * @read: what the client sends with from now on; to be wiped by the caller
 * @write: what is to be sent to it with, NULL: it goes on with those that it has
 *
 * Context: any thread.
 * Return: bytes of each; 0: nobody has them.
 */
size_t relay_secrets_update(struct relay_secrets *table, uint64_t number,
			    union traffic_keys *read,
			    union traffic_keys *write);

#endif /* PROXY_RELAY_SECRETS_H */
