// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The server that sl-load talks to, one process for any number of connections.
 *
 *   sl-echo PORT...     TCP and UDP in both families on each port, until killed
 *
 * A TCP request has a header: one byte, which is 'S' where the server is to
 * close after the answer, and its length, four bytes, most significant first.
 * The answer is the request. A datagram is sent back.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum kind {
	LISTEN,
	DATAGRAM,
	CONNECTION
};

struct end {
	enum kind kind;
	int fd;
	/* Of the request that is being read. */
	unsigned char header[5];
	unsigned int got;
	uint32_t left;
};

static int epoll;
static unsigned char buffer[65536];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void watch(enum kind kind, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct end *end = calloc(1, sizeof(*end));

	if (!end)
		die("calloc");
	end->kind = kind;
	end->fd = fd;
	event.data.ptr = end;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		die("epoll_ctl");
}

static void open_port(unsigned int port, int type)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6 };
	int fd, on = 1, off = 0;

	addr.sin6_port = htons(port);
	fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("bind");
	if (type == SOCK_STREAM && listen(fd, 4096))
		die("listen");
	watch(type == SOCK_STREAM ? LISTEN : DATAGRAM, fd);
}

static void end_connection(struct end *end)
{
	close(end->fd);
	free(end);
}

static bool send_all(int fd, const unsigned char *data, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	ssize_t done;

	while (size) {
		done = send(fd, data, size, MSG_NOSIGNAL);
		if (done < 0) {
			if (errno != EAGAIN || poll(&p, 1, 1000) <= 0)
				return false;
			continue;
		}
		data += done;
		size -= done;
	}
	return true;
}

/* Follow the requests in what was read. Return whether the connection stays. */
static bool follow(struct end *end, const unsigned char *data, size_t size)
{
	size_t part;

	while (size) {
		if (end->got < sizeof(end->header)) {
			end->header[end->got++] = *data++;
			size--;
			memcpy(&end->left, end->header + 1, sizeof(end->left));
			end->left = ntohl(end->left);
			continue;
		}
		part = size < end->left ? size : end->left;
		data += part;
		size -= part;
		end->left -= part;
		if (end->left)
			continue;
		if (end->header[0] == 'S')
			return false;
		end->got = 0;
	}
	return true;
}

static void serve(struct end *end)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	ssize_t got;
	int fd;

	switch (end->kind) {
	case LISTEN:
		while ((fd = accept4(end->fd, NULL, NULL,
				     SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
			watch(CONNECTION, fd);
		break;
	case DATAGRAM:
		while ((got = recvfrom(end->fd, buffer, sizeof(buffer), 0,
				       (struct sockaddr *)&peer, &length)) >=
		       0) {
			sendto(end->fd, buffer, got, 0,
			       (struct sockaddr *)&peer, length);
			length = sizeof(peer);
		}
		break;
	case CONNECTION:
		got = recv(end->fd, buffer, sizeof(buffer), 0);
		if (got < 0 && errno == EAGAIN)
			break;
		if (got <= 0 || !send_all(end->fd, buffer, got) ||
		    !follow(end, buffer, got))
			end_connection(end);
		break;
	}
}

int main(int argc, char **argv)
{
	struct epoll_event events[64];
	int i, n;

	if (argc < 2) {
		fprintf(stderr, "usage: sl-echo PORT...\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		die("epoll_create1");
	for (i = 1; i < argc; i++) {
		open_port(atoi(argv[i]), SOCK_STREAM);
		open_port(atoi(argv[i]), SOCK_DGRAM);
	}
	for (;;) {
		n = epoll_wait(epoll, events, 64, -1);
		if (n < 0 && errno != EINTR)
			die("epoll_wait");
		for (i = 0; i < n; i++)
			serve(events[i].data.ptr);
	}
}
