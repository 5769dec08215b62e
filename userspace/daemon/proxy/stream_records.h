/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of TLS on their way to a socket. A thread has one buffer, in which those
 * of one call come together; only what the socket does not take is kept with the
 * stream.
 */
#ifndef PROXY_STREAM_RECORDS_H
#define PROXY_STREAM_RECORDS_H

#include "stream.h"

/**
 * stream_records_add() - note bytes for the socket
 * @stream: whose call this is
 * @data: part of a record, or records
 * @size: bytes
 *
 * Return: 0; -EAGAIN: too much waits already; or another negative errno.
 */
int stream_records_add(struct stream *stream, const void *data, size_t size);

/**
 * stream_records_mark() - what was added last holds bytes of the owner
 * @stream: whose call this is
 * @bytes: so many; they are added to @taken when the socket has taken them
 */
void stream_records_mark(struct stream *stream, uint32_t bytes);

/**
 * stream_records_send() - give them to the socket
 * @stream: whose call this is; no call may end before this one
 * @more: more follows at once
 *
 * Return: 0: all are sent; -EAGAIN: the rest is kept; or another negative errno,
 * which is in @error from now on.
 */
int stream_records_send(struct stream *stream, bool more);

/* Whether as many bytes can be added without sending. */
bool stream_records_room(const struct stream *stream, size_t size);

/* What is kept with a stream. */
void stream_records_free(struct stream *stream);

#endif /* PROXY_STREAM_RECORDS_H */
