/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS that the kernel does (kTLS): the handshake is OpenSSL's, and what follows, in
 * both directions, is not. Such a stream has no session of OpenSSL (@tls is NULL), and
 * its socket may be handed to others and be taken back, as stratum relay does it.
 */
#ifndef PROXY_STREAM_KTLS_H
#define PROXY_STREAM_KTLS_H

#include "stream.h"
#include "traffic_keys.h"

/**
 * stream_ktls_prepare() - the kernel is to go on after the handshake
 * @stream: with stream_secure(), before stream_handshake()
 *
 * Nothing is read ahead from now on: what follows the handshake is left in the socket.
 *
 * Return: 0, or -ENOMEM: nothing has changed.
 */
int stream_ktls_prepare(struct stream *stream);

/**
 * stream_ktls_begin() - have the kernel go on
 * @stream: prepared, its handshake done; nothing was read or written since
 * @secrets: with success set to what its next keys are made of, which is to be wiped
 *
 * With success OpenSSL's session is gone, and whatever has come of the client since
 * the handshake is in the socket, not a byte of it read.
 *
 * Return: 0; -EOPNOTSUPP: not with this kernel, this cipher, or this client: OpenSSL
 * goes on; or another negative errno: the connection cannot go on.
 */
int stream_ktls_begin(struct stream *stream, struct traffic_secrets *secrets);

/* A socket on which the kernel does TLS both ways. @stream: all zero, but for @fd. */
void stream_ktls_adopt(struct stream *stream);

/**
 * stream_ktls_rekey() - give a socket new keys: its peer has changed its own
 * @fd: on which the kernel does TLS 1.3, and has read the KeyUpdate; there is room for
 *	a record
 * @read: what is read with from now on
 * @write: what is written with, after the peer was told; NULL: as before
 *
 * Return: 0; -EKEYEXPIRED: nothing more can be read; -EPIPE: nor written.
 */
int stream_ktls_rekey(int fd, const union traffic_keys *read,
		      const union traffic_keys *write);

/* What stream.c does with such streams; arguments and results as there. */
ssize_t stream_ktls_read(struct stream *stream, void *to, size_t size);
ssize_t stream_ktls_write(struct stream *stream, const struct iovec *parts,
			  int count);
int stream_ktls_shutdown(struct stream *stream);

#endif /* PROXY_STREAM_KTLS_H */
