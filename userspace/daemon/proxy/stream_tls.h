/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stream.c does with TLS; arguments and results as there. */
#ifndef PROXY_STREAM_TLS_H
#define PROXY_STREAM_TLS_H

#include "stream.h"

ssize_t stream_tls_read(struct stream *stream, void *to, size_t size);
ssize_t stream_tls_write(struct stream *stream, const struct iovec *parts,
			 int count, bool more);
int stream_tls_shutdown(struct stream *stream);
/*
 * For SSL_CTX_set_keylog_callback(), by which alone OpenSSL tells secrets: those of a
 * stream that the kernel is to go on with are noted for its keys.
 */
void stream_tls_secret(const SSL *tls, const char *line);
/* The session, and what was not sent. */
void stream_tls_free(struct stream *stream);

#endif /* PROXY_STREAM_TLS_H */
