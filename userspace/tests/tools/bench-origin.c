// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The origin server of benchmarks of HTTP: it answers GET /N with N bytes and costs
 * as little as it can, so that what is in front of it is what is measured.
 *
 *	bench-origin PORT	on all addresses of both families; says "ready"
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define EVENTS 256
#define REQUEST_MAX 8192

/* Content, sent again and again. */
static char content[1 << 20];
static int poller;

/* @waiting: of @request, bytes that are not answered yet. */
struct client {
	int fd;
	bool close;
	size_t waiting;
	size_t head_length;
	size_t head_sent;
	uint64_t content_left;
	char head[256];
	char request[REQUEST_MAX];
};

static void client_close(struct client *client)
{
	close(client->fd);
	free(client);
}

static bool answering(const struct client *client)
{
	return client->head_sent < client->head_length || client->content_left;
}

/* Whether the whole answer is sent. */
static bool answer_write(struct client *client)
{
	while (answering(client)) {
		size_t head = client->head_length - client->head_sent;
		size_t body = client->content_left < sizeof(content) ?
				      (size_t)client->content_left :
				      sizeof(content);
		struct iovec parts[] = {
			{ client->head + client->head_sent, head },
			{ content, body },
		};
		const struct msghdr message = { .msg_iov = parts,
						.msg_iovlen = 2 };
		ssize_t count = sendmsg(client->fd, &message, MSG_NOSIGNAL);

		if (count < 0)
			return false;
		if ((size_t)count < head) {
			client->head_sent += (size_t)count;
			continue;
		}
		client->head_sent = client->head_length;
		client->content_left -= (size_t)count - head;
	}
	return true;
}

static void answer_begin(struct client *client, size_t request)
{
	unsigned long long length = 0;
	const char *status = "404 Not Found";
	char *end = NULL;

	client->request[request - 1] = '\0';
	if (strncmp(client->request, "GET /", 5) == 0) {
		length = strtoull(client->request + 5, &end, 10);
		if (end > client->request + 5 && *end == ' ')
			status = "200 OK";
		else
			length = 0;
	}
	client->close = strcasestr(client->request, "\r\nconnection: close");
	client->head_sent = 0;
	client->content_left = length;
	client->head_length = (size_t)snprintf(
		client->head, sizeof(client->head),
		"HTTP/1.1 %s\r\n"
		"Server: origin\r\n"
		"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		"Content-Type: application/octet-stream\r\n"
		"Content-Length: %llu\r\n%s\r\n",
		status, length, client->close ? "Connection: close\r\n" : "");
	client->waiting -= request;
	memmove(client->request, client->request + request, client->waiting);
}

/* Whether there is a request to be answered. */
static bool request_take(struct client *client)
{
	const char *end =
		memmem(client->request, client->waiting, "\r\n\r\n", 4);

	if (!end)
		return false;
	answer_begin(client, (size_t)(end - client->request) + 4);
	return true;
}

/* Bytes are in @request; false: there are none yet, or the client is gone. */
static bool request_read(struct client *client)
{
	ssize_t count = recv(client->fd, client->request + client->waiting,
			     sizeof(client->request) - client->waiting, 0);

	if (count < 0 && errno == EAGAIN)
		return false;
	if (count <= 0) {
		client_close(client);
		return false;
	}
	client->waiting += (size_t)count;
	return true;
}

static void serve(struct client *client)
{
	for (;;) {
		if (!answer_write(client)) {
			if (errno != EAGAIN)
				client_close(client);
			return;
		}
		if (client->close) {
			client_close(client);
			return;
		}
		if (!request_take(client) && !request_read(client))
			return;
	}
}

static void take(int listener)
{
	const int one = 1;

	for (;;) {
		struct epoll_event event = { .events = EPOLLIN | EPOLLOUT |
						       EPOLLET };
		struct client *client;
		int fd = accept4(listener, NULL, NULL,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		client = calloc(1, sizeof(*client));
		if (!client) {
			close(fd);
			return;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		client->fd = fd;
		event.data.ptr = client;
		epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
	}
}

static int listen_on(unsigned int port)
{
	const struct sockaddr_in6 any = { .sin6_family = AF_INET6,
					  .sin6_port = htons((uint16_t)port) };
	int fd =
		socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int one = 1, zero = 0;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) != 0 ||
	    listen(fd, 4096) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int main(int argc, char *argv[])
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	struct epoll_event events[EVENTS];
	int listener;

	if (argc != 2) {
		fprintf(stderr, "usage: bench-origin PORT\n");
		return 2;
	}
	memset(content, 'x', sizeof(content));
	poller = epoll_create1(EPOLL_CLOEXEC);
	listener = listen_on((unsigned int)strtoul(argv[1], NULL, 10));
	if (poller < 0 || listener < 0 ||
	    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) != 0) {
		fprintf(stderr, "bench-origin: port %s: %s\n", argv[1],
			strerror(errno));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		int count = epoll_wait(poller, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr)
				serve(events[i].data.ptr);
			else
				take(listener);
		}
	}
}
