/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server that does what it is told, well or badly, to one client. A step each:
 *
 *	<        read once
 *	>text    send the text
 *	=bytes   send what bytes.h makes of it
 *	@bytes   the same, the first two bytes as in what was read last
 *	~text    send the text until the client has gone
 *	.text    send it byte by byte, 10 ms apart, until the client has gone
 *	_        wait until the client has gone
 *	!        reset the connection
 *
 * and then it closes.
 */
#ifndef TESTS_FAKE_H
#define TESTS_FAKE_H

#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../bytes.h"

/* Nobody waits for longer: more than a check may take (TIMEOUT_LONG). */
static const struct timeval fake_limit = { .tv_sec = 30 };

struct fake {
	const char *const *steps;
	SSL_CTX *tls;
	int type;
	int family;
	/* Filled in. */
	int fd;
	SSL *ssl;
	struct sockaddr_storage address;
	unsigned char last[4096];
	size_t last_length;
	/* The client has reset the connection. */
	bool reset;
	/* Nothing more is to come that the client waits for: a step . or _, or the end. */
	atomic_bool waits;
	pthread_t thread;
};

static inline ssize_t fake_send(struct fake *fake, int fd, const void *data,
				size_t length)
{
	if (fake->ssl)
		return SSL_write(fake->ssl, data, (int)length);
	return send(fd, data, length, MSG_NOSIGNAL);
}

static inline ssize_t fake_read(struct fake *fake, int fd)
{
	ssize_t count;

	if (fake->ssl)
		count = SSL_read(fake->ssl, fake->last, sizeof(fake->last));
	else
		count = recv(fd, fake->last, sizeof(fake->last), 0);
	fake->last_length = count > 0 ? (size_t)count : 0;
	fake->reset = count < 0 && errno == ECONNRESET;
	return count;
}

static inline void fake_step(struct fake *fake, int fd, const char *step)
{
	const struct linger reset = { 1, 0 };
	const char *text = step + 1;
	unsigned char bytes[8192];
	size_t length;

	switch (*step) {
	case '<':
		fake_read(fake, fd);
		break;
	case '>':
		fake_send(fake, fd, text, strlen(text));
		break;
	case '=':
	case '@':
		length = bytes_make(text, bytes, sizeof(bytes));
		if (*step == '@')
			memcpy(bytes, fake->last, 2);
		fake_send(fake, fd, bytes, length);
		break;
	case '~':
		while (fake_send(fake, fd, text, strlen(text)) > 0)
			;
		break;
	case '.':
		fake->waits = true;
		for (size_t i = 0; fake_send(fake, fd, text + i, 1) > 0; i++) {
			usleep(10000);
			if (!text[i + 1])
				i = (size_t)-1;
		}
		break;
	case '_':
		fake->waits = true;
		while (fake_read(fake, fd) > 0)
			;
		break;
	case '!':
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		break;
	}
}

static inline void fake_serve(struct fake *fake)
{
	int fd = fake->fd;

	if (fake->type == SOCK_STREAM) {
		fd = accept(fake->fd, NULL, NULL);
		if (fd < 0)
			return;
	} else {
		struct sockaddr_storage client;
		socklen_t size = sizeof(client);
		ssize_t count;

		count = recvfrom(fd, fake->last, sizeof(fake->last), 0,
				 (struct sockaddr *)&client, &size);
		fake->last_length = count > 0 ? (size_t)count : 0;
		if (connect(fd, (struct sockaddr *)&client, size) != 0)
			return;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &fake_limit,
		   sizeof(fake_limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &fake_limit,
		   sizeof(fake_limit));
	if (fake->tls) {
		fake->ssl = SSL_new(fake->tls);
		SSL_set_fd(fake->ssl, fd);
		SSL_accept(fake->ssl);
	}
	for (size_t i = 0; fake->steps[i]; i++)
		fake_step(fake, fd, fake->steps[i]);
	SSL_free(fake->ssl);
	fake->ssl = NULL;
	if (fd != fake->fd)
		close(fd);
}

static inline void *fake_run(void *argument)
{
	struct fake *fake = argument;

	fake_serve(fake);
	fake->waits = true;
	return NULL;
}

/* Listens on loopback; what it is to do is filled in. */
static inline void fake_start(struct fake *fake)
{
	struct sockaddr_in6 *in6 = (void *)&fake->address;
	struct sockaddr_in *in = (void *)&fake->address;
	socklen_t size = sizeof(fake->address);

	if (!fake->type)
		fake->type = SOCK_STREAM;
	memset(&fake->address, 0, sizeof(fake->address));
	if (fake->family == AF_INET6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_addr = in6addr_loopback;
	} else {
		in->sin_family = AF_INET;
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	fake->fd =
		socket(fake->address.ss_family, fake->type | SOCK_CLOEXEC, 0);
	setsockopt(fake->fd, SOL_SOCKET, SO_RCVTIMEO, &fake_limit,
		   sizeof(fake_limit));
	if (fake->fd < 0 ||
	    bind(fake->fd, (struct sockaddr *)&fake->address, size) != 0 ||
	    (fake->type == SOCK_STREAM && listen(fake->fd, 1) != 0) ||
	    getsockname(fake->fd, (struct sockaddr *)&fake->address, &size) !=
		    0) {
		printf("Bail out! no socket to listen on\n");
		exit(1);
	}
	pthread_create(&fake->thread, NULL, fake_run, fake);
}

/* Whoever has connected by now is served to the end. */
static inline void fake_stop(struct fake *fake)
{
	int client;

	/* Nobody closes what datagrams come from; nobody may have connected. */
	if (fake->type == SOCK_DGRAM) {
		shutdown(fake->fd, SHUT_RDWR);
	} else {
		client = socket(fake->address.ss_family,
				SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (client < 0 ||
		    (connect(client, (struct sockaddr *)&fake->address,
			     sizeof(fake->address)) != 0 &&
		     errno != EINPROGRESS && errno != EAGAIN)) {
			printf("Bail out! no connection to a server of ours\n");
			exit(1);
		}
		close(client);
	}
	pthread_join(fake->thread, NULL);
	close(fake->fd);
}

#endif /* TESTS_FAKE_H */
