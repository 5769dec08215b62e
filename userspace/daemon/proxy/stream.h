/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection as a stream of bytes, in clear or in TLS, without blocking.
 *
 * The descriptor is in its loop once, edge-triggered: @readable and @writable say
 * what epoll has announced and nobody has used up yet. A call that returns
 * -EAGAIN has cleared the one that it waits for. With TLS a read may wait for
 * writing and the other way round: the owner calls again whatever was announced.
 *
 * A read that the socket does not fill has emptied it, and a write that it does not
 * take whole has filled it: no system call is made to find that out a second time.
 */
#ifndef PROXY_STREAM_H
#define PROXY_STREAM_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "loop.h"

/* Parts that one call of stream_write() takes. */
#define STREAM_PARTS_MAX 16

struct stream_keys;
struct stream_records;

/**
 * struct stream - a connection; all zero is one without descriptor, in clear
 * @fd: in the loop, its @ready is the owner's
 * @tls: NULL: in clear; belongs to the stream (stream_secure())
 * @keys: for the kernel, until the handshake is done (stream_ktls_prepare()), or NULL
 * @unsent: records that the socket has not taken yet, NULL: none
 * @begun: bytes of the owner in records, of which it does not know yet that they
 *	are taken
 * @taken: those of @begun whose records the socket has taken
 * @sent: bytes sent in TLS, no longer counted when records are of full size
 * @error: negative errno after which nothing can be sent in order any more
 * @readable: bytes, an end or an error may be there
 * @writable: there may be room
 * @ended: the peer has sent its end: reads return 0 (or what is left)
 * @shut: our end is sent
 * @secured: the handshake is done, or there is none
 * @ktls: the kernel does TLS (stream_ktls.h), and @tls is NULL
 * @drained: with TLS: the socket is empty, whatever @tls still has
 * @hangup: epoll has announced an end or an error: reads go on until it comes
 * @broken: epoll has announced an error, or the end of both directions
 *
 * The owner may read all flags at any time. It sets @readable and @writable where it
 * knows better than epoll (a connection that was just accepted; its own calls for
 * the socket), and @secured where there is no TLS.
 */
struct stream {
	struct loop_fd fd;
	SSL *tls;
	struct stream_keys *keys;
	struct stream_records *unsent;
	uint32_t begun;
	uint32_t taken;
	uint32_t sent;
	int error;
	bool readable;
	bool writable;
	bool ended;
	bool shut;
	bool secured;
	bool ktls;
	bool drained;
	bool hangup;
	bool broken;
};

/* Call first in @ready of a stream: notes what epoll says, and sends @unsent. */
void stream_event(struct stream *stream, uint32_t events);

/**
 * stream_secure() - speak TLS from now on
 * @stream: with its descriptor; it stays where it is in memory
 * @tls: belongs to the stream afterwards, also after an error
 *
 * tls_server_accept() and tls_client_connect() call it.
 *
 * Return: 0, or -ENOMEM.
 */
int stream_secure(struct stream *stream, SSL *tls);

/**
 * stream_handshake() - go on with the handshake of TLS
 * @stream: with @tls
 *
 * Return: 0: done, @secured is set; -EAGAIN; or another negative errno, of which
 * tls_error() knows more: -EPIPE: the peer closed; -EPROTO: one of both did not
 * like what the other one sent.
 */
int stream_handshake(struct stream *stream);

/**
 * stream_read() - take bytes
 * @stream: secured
 * @to: where to
 * @size: room there, not 0
 *
 * In TLS as many records as fit are taken.
 *
 * Return: bytes; 0: the peer has sent its end, in TLS by close_notify; -EAGAIN;
 * -EPIPE: TLS ended without close_notify; or another negative errno.
 */
ssize_t stream_read(struct stream *stream, void *to, size_t size);

/**
 * stream_write() - give bytes
 * @stream: secured
 * @parts: what, in this order; not empty
 * @count: how many parts, at most STREAM_PARTS_MAX
 * @more: more follows at once: what is small may wait for it
 *
 * In TLS, parts are joined to records, and many records are sent by one call.
 * What was not taken may be given in other parts the next time, but has to be the
 * same bytes: they may be in records already.
 *
 * Return: bytes, at least 1; -EAGAIN; or another negative errno.
 */
ssize_t stream_write(struct stream *stream, const struct iovec *parts,
		     int count, bool more);

/**
 * stream_shutdown() - send our end
 * @stream: all is written
 *
 * In clear the sending side of the socket is closed; in TLS close_notify is sent
 * and the socket left as it is. Nothing happens when it is sent already.
 *
 * Return: 0, -EAGAIN (TLS: close_notify has no room), or another negative errno.
 */
int stream_shutdown(struct stream *stream);

/**
 * stream_close() - the end of it; at once, without close_notify
 * @stream: in @loop, or with @fd.fd -1; may be used anew afterwards
 * @loop: of this thread
 */
void stream_close(struct stream *stream, struct loop *loop);

/* Bytes on the socket are those that are read and written. */
static inline bool stream_is_clear(const struct stream *stream)
{
	return !stream->tls && !stream->ktls;
}

#endif /* PROXY_STREAM_H */
