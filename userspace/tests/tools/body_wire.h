/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection of body-client and body-origin, in clear or in TLS, that may wait: each
 * has a thread of its own. What fails says why in @wrong, once.
 */
#ifndef TOOLS_BODY_WIRE_H
#define TOOLS_BODY_WIRE_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "body_content.h"

/* Silence after which a transfer has failed. */
#define WIRE_PATIENCE 120
#define WIRE_SECOND 1000000000ull
/* At a pace, so much is moved between two rests. */
#define WIRE_STEP ((size_t)32 * 1024)

/**
 * struct wire - a connection
 * @fd: blocking
 * @tls: NULL: in clear
 * @pace: bytes a second that wire_rest() lets through; 0: all
 * @since: when they began to be counted, in ns
 * @paced: of them
 * @start: of what was read and not used yet
 * @end: of it
 * @wrong: what failed, empty: nothing did
 * @in: what was read
 */
struct wire {
	int fd;
	SSL *tls;
	uint64_t pace;
	uint64_t since;
	uint64_t paced;
	size_t start;
	size_t end;
	char wrong[160];
	uint8_t in[CONTENT_PIECE];
};

static inline bool __attribute__((format(printf, 2, 3)))
wire_fail(struct wire *wire, const char *format, ...)
{
	va_list values;

	if (!wire->wrong[0]) {
		va_start(values, format);
		vsnprintf(wire->wrong, sizeof(wire->wrong), format, values);
		va_end(values);
	}
	return false;
}

static inline bool wire_fail_tls(struct wire *wire, const char *what)
{
	unsigned long error = ERR_get_error();
	int reason = errno;

	ERR_clear_error();
	return wire_fail(wire, "%s: %s", what,
			 error ? ERR_reason_error_string(error) :
				 strerror(reason));
}

static inline uint64_t wire_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * WIRE_SECOND + (uint64_t)now.tv_nsec;
}

/* What the pace allows now, of @count bytes. */
static inline size_t wire_step(const struct wire *wire, size_t count)
{
	return wire->pace && count > WIRE_STEP ? WIRE_STEP : count;
}

/* @count bytes were moved: wait until that is not too much. */
static inline void wire_rest(struct wire *wire, size_t count)
{
	uint64_t now, due;
	struct timespec rest;

	if (!wire->pace)
		return;
	now = wire_now();
	if (!wire->paced)
		wire->since = now;
	wire->paced += count;
	due = wire->since + wire->paced * WIRE_SECOND / wire->pace;
	if (due <= now)
		return;
	rest.tv_sec = (time_t)((due - now) / WIRE_SECOND);
	rest.tv_nsec = (long)((due - now) % WIRE_SECOND);
	nanosleep(&rest, NULL);
}

static inline void wire_pace(struct wire *wire, uint64_t pace)
{
	wire->pace = pace;
	wire->paced = 0;
}

/* A connection that is there; with @context, the handshake follows. */
static inline bool wire_open(struct wire *wire, int fd, SSL_CTX *context,
			     bool accepts)
{
	const struct timeval patience = { .tv_sec = WIRE_PATIENCE };
	const int one = 1;

	memset(wire, 0, offsetof(struct wire, in));
	wire->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!context)
		return true;
	wire->tls = SSL_new(context);
	if (!wire->tls || SSL_set_fd(wire->tls, fd) != 1)
		return wire_fail(wire, "TLS: no memory");
	if (!accepts)
		SSL_set_tlsext_host_name(wire->tls, "www.example.com");
	if ((accepts ? SSL_accept(wire->tls) : SSL_connect(wire->tls)) != 1)
		return wire_fail_tls(wire, "handshake");
	return true;
}

static inline void wire_close(struct wire *wire)
{
	if (wire->tls) {
		if (!wire->wrong[0])
			SSL_shutdown(wire->tls);
		SSL_free(wire->tls);
		ERR_clear_error();
	}
	wire->tls = NULL;
	if (wire->fd >= 0)
		close(wire->fd);
	wire->fd = -1;
}

/* Read more behind what is there; there is room. False at the end, too. */
static inline bool wire_fill(struct wire *wire)
{
	ssize_t count;
	size_t room, got;

	if (wire->start == wire->end) {
		wire->start = 0;
		wire->end = 0;
	}
	room = wire_step(wire, sizeof(wire->in) - wire->end);
	if (!room)
		return wire_fail(wire, "too much in one piece");
	if (wire->tls) {
		if (SSL_read_ex(wire->tls, wire->in + wire->end, room, &got) !=
		    1)
			return SSL_get_error(wire->tls, 0) ==
					       SSL_ERROR_ZERO_RETURN ?
				       wire_fail(wire, "closed") :
				       wire_fail_tls(wire, "read");
	} else {
		count = recv(wire->fd, wire->in + wire->end, room, 0);
		if (count < 0)
			return wire_fail(wire, "read: %s", strerror(errno));
		if (count == 0)
			return wire_fail(wire, "closed");
		got = (size_t)count;
	}
	wire->end += got;
	wire_rest(wire, got);
	return true;
}

/* The next line, without its end, in @in; NULL: there is none. */
static inline char *wire_line(struct wire *wire)
{
	char *line, *end;

	for (;;) {
		line = (char *)wire->in + wire->start;
		end = memmem(line, wire->end - wire->start, "\r\n", 2);
		if (end)
			break;
		/* Lines are short: what is left of one is moved to the start. */
		if (wire->start) {
			memmove(wire->in, line, wire->end - wire->start);
			wire->end -= wire->start;
			wire->start = 0;
		}
		if (!wire_fill(wire))
			return NULL;
	}
	*end = '\0';
	wire->start = (size_t)((uint8_t *)end - wire->in) + 2;
	return line;
}

static inline bool wire_send_tls(struct wire *wire, const struct iovec *parts,
				 int count)
{
	for (int i = 0; i < count; i++) {
		size_t sent;

		if (parts[i].iov_len &&
		    SSL_write_ex(wire->tls, parts[i].iov_base, parts[i].iov_len,
				 &sent) != 1)
			return wire_fail_tls(wire, "write");
	}
	return true;
}

/* All of some parts, which are used up. */
static inline bool wire_send(struct wire *wire, struct iovec *parts, int count)
{
	if (wire->tls)
		return wire_send_tls(wire, parts, count);
	while (count) {
		const struct msghdr message = { .msg_iov = parts,
						.msg_iovlen = (size_t)count };
		ssize_t sent = sendmsg(wire->fd, &message, MSG_NOSIGNAL);

		if (sent < 0)
			return wire_fail(wire, "write: %s", strerror(errno));
		while (count && (size_t)sent >= parts->iov_len) {
			sent -= (ssize_t)parts->iov_len;
			parts++;
			count--;
		}
		if (count) {
			parts->iov_base = (uint8_t *)parts->iov_base + sent;
			parts->iov_len -= (size_t)sent;
		}
	}
	return true;
}

static inline bool wire_say(struct wire *wire, const char *text)
{
	struct iovec part = { (void *)text, strlen(text) };

	return wire_send(wire, &part, 1);
}

#endif /* TOOLS_BODY_WIRE_H */
