// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/socket.h>

#include "stream_ktls.h"
#include "stream_records.h"
#include "stream_tls.h"

void stream_event(struct stream *stream, uint32_t events)
{
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		stream->hangup = true;
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
		stream->readable = true;
		stream->drained = false;
	}
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		stream->writable = true;
	if (events & (EPOLLHUP | EPOLLERR))
		stream->broken = true;
	/* The owner may have nothing to write any more; errors are kept. */
	if (stream->unsent && stream->writable)
		stream_records_send(stream, false);
}

ssize_t stream_read(struct stream *stream, void *to, size_t size)
{
	ssize_t count;

	if (stream->tls)
		return stream_tls_read(stream, to, size);
	if (stream->ktls)
		return stream_ktls_read(stream, to, size);
	if (!stream->readable)
		return -EAGAIN;
	do
		count = recv(stream->fd.fd, to, size, 0);
	while (count < 0 && errno == EINTR);
	if (count < 0) {
		if (errno == EAGAIN)
			stream->readable = false;
		return -errno;
	}
	if (count == 0)
		stream->ended = true;
	else if ((size_t)count < size && !stream->hangup)
		stream->readable = false;
	return count;
}

static size_t sum(const struct iovec *parts, int count)
{
	size_t total = 0;

	for (int i = 0; i < count; i++)
		total += parts[i].iov_len;
	return total;
}

ssize_t stream_write(struct stream *stream, const struct iovec *parts,
		     int count, bool more)
{
	struct msghdr message = { .msg_iov = (struct iovec *)parts,
				  .msg_iovlen = (size_t)count };
	int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
	ssize_t sent;

	if (stream->tls)
		return stream_tls_write(stream, parts, count, more);
	if (stream->ktls)
		return stream_ktls_write(stream, parts, count);
	if (!stream->writable)
		return -EAGAIN;
	do
		sent = count == 1 ? send(stream->fd.fd, parts[0].iov_base,
					 parts[0].iov_len, flags) :
				    sendmsg(stream->fd.fd, &message, flags);
	while (sent < 0 && errno == EINTR);
	if (sent < 0) {
		if (errno == EAGAIN)
			stream->writable = false;
		return -errno;
	}
	if ((size_t)sent < sum(parts, count))
		stream->writable = false;
	return sent;
}

int stream_shutdown(struct stream *stream)
{
	int err = 0;

	if (stream->shut)
		return 0;
	if (stream->tls)
		err = stream_tls_shutdown(stream);
	else if (stream->ktls)
		err = stream_ktls_shutdown(stream);
	else if (shutdown(stream->fd.fd, SHUT_WR) != 0)
		err = -errno;
	stream->shut = !err;
	return err;
}

void stream_close(struct stream *stream, struct loop *loop)
{
	if (stream->tls)
		stream_tls_free(stream);
	if (stream->fd.fd >= 0)
		loop_fd_close(loop, &stream->fd);
	*stream = (struct stream){ .fd = stream->fd };
}
