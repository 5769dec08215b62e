// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/tls.h>
#include <string.h>
#include <sys/socket.h>

#include "stream_keys.h"
#include "stream_ktls.h"
#include "stream_tls.h"

#ifndef SOL_TLS
#define SOL_TLS 282
#endif

/* Types of records, and of what is in them (RFC 8446). */
#define RECORD_ALERT 21
#define RECORD_HANDSHAKE 22
#define RECORD_DATA 23
#define ALERT_WARNING 1
#define ALERT_CLOSE_NOTIFY 0
#define ALERT_USER_CANCELED 90
#define ALERT_SIZE 2

/* Records in a row that bring no data; more have no purpose but to keep us busy. */
#define EMPTY_MAX 32

int stream_ktls_prepare(struct stream *stream)
{
	stream->keys = stream_keys_create();
	if (!stream->keys)
		return -ENOMEM;
	SSL_set_options(stream->tls, SSL_OP_ENABLE_KTLS);
	SSL_set_read_ahead(stream->tls, 0);
	return 0;
}

static bool is_at_rest(const struct stream *stream)
{
	return stream->keys && stream->secured && !stream->error &&
	       !stream->unsent && !stream->begun && !stream->ended &&
	       !SSL_has_pending(stream->tls) && !SSL_get_shutdown(stream->tls);
}

int stream_ktls_begin(struct stream *stream, struct traffic_secrets *secrets)
{
	int err = is_at_rest(stream) ?
			  stream_keys_use(stream->keys, stream->fd.fd) :
			  -EOPNOTSUPP;

	if (!err)
		stream_keys_tell(stream->keys, secrets);
	stream_keys_free(stream->keys);
	stream->keys = NULL;
	if (err == -EOPNOTSUPP) {
		/* A later change of keys is not for the kernel: OpenSSL may read ahead again. */
		SSL_clear_options(stream->tls, SSL_OP_ENABLE_KTLS);
		SSL_set_read_ahead(stream->tls, 1);
		return err;
	}
	if (err) {
		stream->error = err;
		return err;
	}
	stream_tls_free(stream);
	stream_ktls_adopt(stream);
	return 0;
}

void stream_ktls_adopt(struct stream *stream)
{
	stream->ktls = true;
	stream->secured = true;
	stream->readable = true;
	stream->writable = true;
}

static uint8_t record_of(struct msghdr *message)
{
	const struct cmsghdr *head = CMSG_FIRSTHDR(message);

	/* What ends the connection has no record. */
	if (!head || head->cmsg_level != SOL_TLS ||
	    head->cmsg_type != TLS_GET_RECORD_TYPE)
		return 0;
	return *CMSG_DATA(head);
}

/* Return: 0: it says nothing; -ENODATA: the peer's end; or another negative errno. */
static int take_alert(const uint8_t *alert, ssize_t size)
{
	if (size != ALERT_SIZE)
		return -EPROTO;
	if (alert[1] == ALERT_CLOSE_NOTIFY)
		return -ENODATA;
	return alert[0] == ALERT_WARNING && alert[1] == ALERT_USER_CANCELED ?
		       0 :
		       -EPROTO;
}

/* A record, or as much of it as fits. Return: bytes, -ENODATA: the end; or errno. */
static ssize_t read_record(struct stream *stream, void *to, size_t size,
			   uint8_t *record)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(uint8_t))];
	} control;
	struct iovec part = { to, size };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got;

	do
		got = recvmsg(stream->fd.fd, &message, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	*record = record_of(&message);
	return got;
}

ssize_t stream_ktls_read(struct stream *stream, void *to, size_t size)
{
	unsigned int empty = 0;

	if (stream->error)
		return stream->error;
	if (stream->ended)
		return 0;
	while (stream->readable) {
		uint8_t record = 0;
		ssize_t got = read_record(stream, to, size, &record);

		if (got == -EAGAIN) {
			stream->readable = false;
			break;
		}
		if (got < 0)
			return stream->error = (int)got;
		if (got > 0 && record == RECORD_DATA)
			return got;
		if (got == 0 && record == 0)
			return stream->error = -EPIPE;
		if (record == RECORD_ALERT) {
			int err = take_alert(to, got);

			stream->ended = err == -ENODATA;
			if (stream->ended)
				return 0;
			if (err)
				return stream->error = err;
		} else if (record != RECORD_DATA) {
			/*
			 * New keys (KeyUpdate), which only OpenSSL could make: nothing more
			 * can be read, but what is under way to the client goes on.
			 */
			stream->ended = true;
			return 0;
		}
		if (++empty == EMPTY_MAX)
			return stream->error = -EPROTO;
	}
	return -EAGAIN;
}

/*
 * MSG_MORE is no hint here: what was said with it waits until something follows, and
 * nobody says that nothing does.
 */
ssize_t stream_ktls_write(struct stream *stream, const struct iovec *parts,
			  int count)
{
	const struct msghdr message = { .msg_iov = (struct iovec *)parts,
					.msg_iovlen = (size_t)count };
	ssize_t sent;

	if (!stream->writable)
		return -EAGAIN;
	do
		sent = sendmsg(stream->fd.fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0 && errno == EAGAIN)
		stream->writable = false;
	return sent < 0 ? -errno : sent;
}

/* A record that is not data. Return: 0 or a negative errno. */
static int send_record(int fd, uint8_t type, const void *data, size_t size)
{
	struct iovec part = { (void *)data, size };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(uint8_t))];
	} control = { .head = { .cmsg_level = SOL_TLS,
				.cmsg_type = TLS_SET_RECORD_TYPE,
				.cmsg_len = CMSG_LEN(sizeof(uint8_t)) } };
	const struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t sent;

	*CMSG_DATA(&control.head) = type;
	do
		sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int stream_ktls_shutdown(struct stream *stream)
{
	const uint8_t alert[ALERT_SIZE] = { ALERT_WARNING, ALERT_CLOSE_NOTIFY };
	int err =
		send_record(stream->fd.fd, RECORD_ALERT, alert, sizeof(alert));

	if (err == -EAGAIN)
		stream->writable = false;
	return err;
}

static bool set_keys(int fd, int option, const union traffic_keys *keys)
{
	return setsockopt(fd, SOL_TLS, option, keys,
			  (socklen_t)traffic_keys_size(
				  keys->head.cipher_type)) == 0;
}

int stream_ktls_rekey(int fd, const union traffic_keys *read,
		      const union traffic_keys *write)
{
	/* KeyUpdate (RFC 8446 section 4.6.3) that asks for nothing. */
	static const uint8_t update[] = { 24, 0, 0, 1, 0 };

	if (write && send_record(fd, RECORD_HANDSHAKE, update, sizeof(update)))
		return -EKEYEXPIRED;
	if (write && !set_keys(fd, TLS_TX, write))
		return -EPIPE;
	return set_keys(fd, TLS_RX, read) ? 0 : -EKEYEXPIRED;
}
