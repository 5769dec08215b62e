/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tickets of sessions are encrypted with, as contexts need it. */
#ifndef PROXY_TLS_TICKETS_H
#define PROXY_TLS_TICKETS_H

#include "tls.h"

/* Between two new keys, and for how long a session may be resumed. */
#define TLS_ROTATE_SECONDS 3600L
#define TLS_SESSION_SECONDS (3 * TLS_ROTATE_SECONDS)

/**
 * tls_tickets_callback() - for SSL_CTX_set_tlsext_ticket_key_evp_cb()
 * @tickets: of the service
 *
 * All other arguments, and what is returned, are those of OpenSSL's callback.
 * AES-256-CBC and HMAC-SHA-256, encrypt-then-MAC: what that callback is for.
 */
int tls_tickets_callback(struct tls_tickets *tickets, unsigned char *name,
			 unsigned char *iv, EVP_CIPHER_CTX *cipher,
			 EVP_MAC_CTX *mac, int encrypt);

#endif /* PROXY_TLS_TICKETS_H */
