/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates by the names of hosts: exact, then wildcard, then the first. */
#ifndef PROXY_TLS_NAMES_H
#define PROXY_TLS_NAMES_H

#include "tls_certificate.h"

/**
 * struct tls_choice - certificates for a name
 * @by_kind: NULL: none of this kind; the handshake finds out which kind it takes
 */
struct tls_choice {
	struct tls_certificate *by_kind[TLS_KEY_KINDS];
};

/* A table; nothing of it changes. */
struct tls_names;

/**
 * tls_names_create() - make a table
 * @certificates: held by it; where two have the same name and kind of key, the
 *	first one is taken
 * @count: how many, at least 1
 *
 * Return: for tls_names_put(), or NULL: no memory.
 */
struct tls_names *tls_names_create(struct tls_certificate *const *certificates,
				   size_t count);
struct tls_names *tls_names_get(struct tls_names *names);
void tls_names_put(struct tls_names *names);

/**
 * tls_names_find() - choose
 * @names: the table
 * @host: as a client sent it, any case; NULL: none
 *
 * Return: what is best for it; lives as long as the table.
 */
const struct tls_choice *tls_names_find(const struct tls_names *names,
					const char *host);

/* How many certificates there are, and how many of them without a valid staple. */
size_t tls_names_count(const struct tls_names *names, size_t *unstapled);

#endif /* PROXY_TLS_NAMES_H */
