/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Responses of OCSP that are sent with a certificate. */
#ifndef PROXY_TLS_STAPLE_H
#define PROXY_TLS_STAPLE_H

#include <openssl/ssl.h>
#include <stdbool.h>

/**
 * tls_staple_set() - hang a response on a certificate
 * @leaf: the certificate
 * @chain: begins with who issued it
 * @data: DER
 * @size: bytes
 *
 * It has to be signed, about this certificate, "good", and valid now.
 *
 * Return: NULL, or what is wrong; a static text.
 */
const char *tls_staple_set(X509 *leaf, STACK_OF(X509) * chain,
			   const uint8_t *data, size_t size);

/* Whether a response hangs on it that is still valid. */
bool tls_staple_valid(const X509 *leaf);

/* For SSL_CTX_set_tlsext_status_cb(): staple what is valid. */
int tls_staple_send(SSL *ssl, void *arg);

#endif /* PROXY_TLS_STAPLE_H */
