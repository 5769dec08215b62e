/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What sessions of servers and clients have in common. What belongs to a context
 * hangs on it and ends with it, so that a session, which holds its context, holds
 * all of it.
 */
#ifndef PROXY_TLS_CONTEXT_H
#define PROXY_TLS_CONTEXT_H

#include <openssl/ssl.h>
#include <stdbool.h>

/**
 * tls_context_create() - versions, ciphers, groups, buffers
 * @method: TLS_server_method() or TLS_client_method()
 * @min_version: 12 or 13
 * @owner: what hangs on it
 * @release: called with @owner at the end of the context; any thread
 *
 * Return: a context for SSL_CTX_free(), or NULL: nothing is called then.
 */
SSL_CTX *tls_context_create(const SSL_METHOD *method, int min_version,
			    void *owner, void (*release)(void *owner));

/* What hangs on the context of a session, or on a context. */
void *tls_context_owner(SSL_CTX *context);

/*
 * What OpenSSL says of the first error in its queue, which is emptied; or @other,
 * also where a file just has nothing in PEM.
 */
const char *tls_context_reason(const char *other);

#endif /* PROXY_TLS_CONTEXT_H */
