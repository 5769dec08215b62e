/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients that stay with their server. An inserted cookie names the server by its
 * key, signed with HMAC-SHA256 so that no client can choose one, in base64url. An
 * application's cookie is remembered by its value.
 */
#ifndef PROXY_STICKY_H
#define PROXY_STICKY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sluice/http_response.h>
#include <sluice/route_match.h>
#include <sluice/sticky.h>

#include "config/pool.h"

#define STICKY_SECRET_SIZE SLUICE_STICKY_SECRET_SIZE
/* Longest value of Set-Cookie that sticky_cookie() writes, with the 0. */
#define STICKY_COOKIE_MAX SLUICE_STICKY_TEXT_MAX

/**
 * sticky_server() - which server an inserted cookie names
 * @secret: of the daemon, the same on all nodes that share clients
 * @pool: its name is signed, too
 * @value: of the cookie
 * @length: bytes
 * @key: filled in: &balance_load.key
 *
 * The value is compared in constant time, but for its length and characters that
 * none has. One in quotes is taken, too.
 *
 * Context: any thread; no system call, and no memory but once for a thread.
 * Return: whether it is one of ours.
 */
bool sticky_server(const uint8_t secret[STICKY_SECRET_SIZE],
		   const struct config_pool *pool, const char *value,
		   size_t length, uint64_t *key);

/**
 * sticky_cookie() - the value of Set-Cookie that names a server
 * @to: NAME=VALUE; Path=/; HttpOnly; SameSite=Lax[; Secure]
 * @size: room there
 * @secret: as above
 * @pool: has &config_pool.sticky
 * @key: of the server
 * @secure: the client's connection is TLS
 *
 * The session of the client is how long it lasts; nothing says when it ends. On nodes
 * with the same secret the same server has the same cookie.
 *
 * Return: bytes without the 0, -ENOSPC or -ENOMEM.
 */
int sticky_cookie(char *to, size_t size,
		  const uint8_t secret[STICKY_SECRET_SIZE],
		  const struct config_pool *pool, uint64_t key, bool secure);

/* Values of an application's cookie, and their servers; shared by all workers. */
struct sticky_table;

/**
 * sticky_table_create() - make an empty table
 * @max: values it may have, of which each takes 40 to 48 bytes from the begin; the one
 *	that was used least recently, of a part of the table, goes first
 *
 * Return: or NULL with errno.
 */
struct sticky_table *sticky_table_create(size_t max);
void sticky_table_free(struct sticky_table *table);

/* Return: whether it is known. Context: any worker; short lock of a part. */
bool sticky_table_find(struct sticky_table *table, const char *value,
		       size_t length, uint64_t *key);
void sticky_table_set(struct sticky_table *table, const char *value,
		      size_t length, uint64_t key);

/*
 * The value of a cookie that a response sets, in @buf; the last one where there are
 * several. Without data: it sets none, or an empty one.
 */
struct sluice_text sticky_set_cookie(const uint8_t *buf,
				     const struct sluice_http_response *head,
				     const char *name);

#endif /* PROXY_STICKY_H */
