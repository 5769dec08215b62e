// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin.h"
#include "admin_client.h"
#include "listener_address.h"
#include "log.h"

/* Clients that are let in in one turn. */
#define ACCEPTS 16

/* What the kernel holds for a client that does not read. */
#define SEND_BUFFER 262144

/* After descriptors or memory ran out. */
#define PAUSE_MS 1000

/* @at has no family, and @listener no descriptor, while it listens nowhere. */
struct admin {
	struct loop *loop;
	struct admin_clients clients;
	struct sluice_endpoint at;
	struct loop_fd listener;
	struct wheel_timer pause;
};

/* Return: whether another one may be waiting */
static bool accept_one(struct admin *admin)
{
	const int one = 1, buffer = SEND_BUFFER;
	int fd = accept4(admin->listener.fd, NULL, NULL,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
		admin_client_add(&admin->clients, fd);
		return true;
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM) {
		log_warning(
			NULL,
			"a client of the admin address cannot be let in: %s",
			strerror(errno));
		/* It would be reported again at once. */
		loop_fd_mod(admin->loop, &admin->listener, 0);
		loop_timer_set(admin->loop, &admin->pause, PAUSE_MS);
		return false;
	}
	/* Others are about a client that has gone. */
	return errno != EAGAIN;
}

static void ready(struct loop_fd *fd, uint32_t events)
{
	struct admin *admin = loop_owner(fd, struct admin, listener);

	(void)events;
	for (int i = 0; i < ACCEPTS && accept_one(admin); i++)
		;
}

static void pause_over(struct wheel_timer *timer)
{
	struct admin *admin = loop_owner(timer, struct admin, pause);

	loop_fd_mod(admin->loop, &admin->listener, EPOLLIN);
}

struct admin *admin_create(struct loop *loop, const struct admin_source *source)
{
	struct admin *admin = calloc(1, sizeof(*admin));

	if (!admin)
		return NULL;
	admin->loop = loop;
	admin->listener.ready = ready;
	admin->listener.fd = -1;
	admin->pause.expire = pause_over;
	admin->clients.loop = loop;
	TAILQ_INIT(&admin->clients.list);
	admin->clients.pages = admin_pages_create(loop, source);
	if (admin->clients.pages)
		return admin;
	free(admin);
	return NULL;
}

static socklen_t socket_address(struct sockaddr_storage *address,
				const struct sluice_endpoint *at)
{
	struct sockaddr_in6 *in6 = (void *)address;
	struct sockaddr_in *in = (void *)address;

	*address = (struct sockaddr_storage){ .ss_family = at->address.family };
	if (at->address.family == AF_INET) {
		in->sin_addr = at->address.v4;
		in->sin_port = htons(at->port);
		return sizeof(*in);
	}
	in6->sin6_addr = at->address.v6;
	in6->sin6_port = htons(at->port);
	return sizeof(*in6);
}

/* Return: a socket that listens, or a negative errno */
static int open_listener(const struct sluice_endpoint *at)
{
	struct sockaddr_storage address;
	socklen_t size = socket_address(&address, at);
	const int one = 1;
	int fd, err;

	fd = socket(address.ss_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* [::] is IPv6, as an address of a service is. */
	if (address.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, size) == 0 &&
	    listen(fd, ADMIN_CLIENTS_MAX) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static void stop_listening(struct admin *admin)
{
	if (admin->listener.fd < 0)
		return;
	loop_timer_del(admin->loop, &admin->pause);
	loop_fd_close(admin->loop, &admin->listener);
	admin->at = (struct sluice_endpoint){ .port = 0 };
}

/* Return: 0, or a negative errno: then it listens nowhere, and @fd is closed */
static int start_listening(struct admin *admin,
			   const struct sluice_endpoint *at, int fd)
{
	int err;

	stop_listening(admin);
	err = loop_fd_add(admin->loop, &admin->listener, fd, EPOLLIN);
	if (err)
		close(fd);
	else
		admin->at = *at;
	return err;
}

static bool in_the_way(const struct admin *admin,
		       const struct sluice_endpoint *at)
{
	return admin->at.address.family == at->address.family &&
	       admin->at.port == at->port;
}

/* What has the port is ours: one after the other, and back if that fails. */
static int replace_listener(struct admin *admin,
			    const struct sluice_endpoint *at)
{
	struct sluice_endpoint before = admin->at;
	int fd, back;

	stop_listening(admin);
	fd = open_listener(at);
	if (fd >= 0)
		return fd;
	back = open_listener(&before);
	if (back >= 0)
		back = start_listening(admin, &before, back);
	if (back < 0)
		log_error(
			NULL,
			"the admin address that was open cannot be opened again: %s",
			strerror(-back));
	return fd;
}

int admin_listen(struct admin *admin, const struct sluice_endpoint *at,
		 char *error, size_t size)
{
	char text[SLUICE_ENDPOINT_TEXT];
	int fd;

	if (!at->address.family) {
		stop_listening(admin);
		return 0;
	}
	if (sluice_endpoint_compare(at, &admin->at) == 0)
		return 0;
	fd = open_listener(at);
	if (fd == -EADDRINUSE && in_the_way(admin, at))
		fd = replace_listener(admin, at);
	if (fd >= 0)
		fd = start_listening(admin, at, fd);
	if (fd < 0)
		snprintf(
			error, size,
			"settings.admin: %s: %s; an address of this host and a port that is free are expected",
			sluice_endpoint_print(text, sizeof(text), at),
			strerror(-fd));
	return fd;
}

int admin_inherit(struct admin *admin, int fd)
{
	struct sluice_endpoint at;
	int err = listener_address(fd, &at);

	if (!err)
		return start_listening(admin, &at, fd);
	close(fd);
	return err;
}

int admin_socket(const struct admin *admin)
{
	return admin->listener.fd;
}

void admin_free(struct admin *admin)
{
	if (!admin)
		return;
	stop_listening(admin);
	admin_clients_close(&admin->clients);
	admin_pages_free(admin->clients.pages);
	free(admin);
}
