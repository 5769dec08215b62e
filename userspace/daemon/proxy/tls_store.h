/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates as servers and clients see them: always the newest. */
#ifndef PROXY_TLS_STORE_H
#define PROXY_TLS_STORE_H

#include "tls.h"
#include "tls_names.h"

/* Some of the certificates of a configuration, by name. */
struct tls_view;

/**
 * tls_view_create() - choose certificates
 * @certificates: held by it
 * @names: in the configuration, in the order in which they are preferred
 * @count: how many
 * @at: place of @names, for errors
 * @path: of @names in the configuration, for errors
 * @errors: what is wrong
 *
 * Context: main thread. Return: for tls_view_free(), or NULL with errors.
 */
struct tls_view *tls_view_create(struct tls_certificates *certificates,
				 char *const *names, size_t count,
				 struct config_place at, const char *path,
				 struct config_errors *errors);

/* Context: any thread. */
void tls_view_free(struct tls_view *view);

/**
 * tls_view_names() - the table as it is now
 * @view: of the caller
 *
 * Context: any thread; a lock for the time of counting. Return: for
 * tls_names_put().
 */
struct tls_names *tls_view_names(struct tls_view *view);

/**
 * tls_view_use() - let a session have the certificates for a name
 * @view: of its server or client
 * @ssl: in its callback for certificates
 * @host: NULL: none
 *
 * Return: whether that worked.
 */
bool tls_view_use(struct tls_view *view, SSL *ssl, const char *host);

#endif /* PROXY_TLS_STORE_H */
