// SPDX-License-Identifier: GPL-2.0-or-later
/* Clients are taken from listening sockets, as many as there is room for. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "log.h"

/* Until clients are accepted again when there was no room for one. */
#define FULL_MS 100
/* From one listening socket in one turn. */
#define ACCEPTS_MAX 64

static void accept_again(struct wheel_timer *timer)
{
	struct listener *listener = loop_owner(timer, struct listener, again);

	loop_fd_mod(listener->worker->loop, &listener->fd, EPOLLIN);
}

/* Clients that wait announce themselves all the time: not while there is no room. */
static void pause_listener(struct listener *listener, int err)
{
	struct loop *loop = listener->worker->loop;

	log_error(NULL, "clients have to wait: %s", strerror(err));
	loop_fd_mod(loop, &listener->fd, 0);
	listener->again.expire = accept_again;
	loop_timer_set(loop, &listener->again, FULL_MS);
}

/* Return: whether there may be another one. */
static bool accept_failed(struct listener *listener, int err)
{
	switch (err) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		pause_listener(listener, err);
		return false;
	case EAGAIN:
		return false;
	default:
		/* Of that client only: see accept(2). */
		return true;
	}
}

/* Return: whether there was one. */
static bool accept_one(struct listener *listener,
		       const struct plan_service *service)
{
	uint32_t max = service->http->connections_max, count;
	struct sockaddr_in6 from = { .sin6_family = AF_UNSPEC };
	socklen_t size = sizeof(from);
	struct sluice_endpoint source;
	struct client *client;
	int fd;

	fd = accept4(listener->fd.fd, (struct sockaddr *)(void *)&from, &size,
		     SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return accept_failed(listener, errno);
	count = __atomic_add_fetch(&service->load->connections, 1,
				   __ATOMIC_RELAXED);
	client_set_endpoint(&source, &from);
	client = max && count > max ? NULL :
				      client_create(listener->worker, service,
						    fd, &source, &listener->at);
	if (!client) {
		__atomic_sub_fetch(&service->load->connections, 1,
				   __ATOMIC_RELAXED);
		close(fd);
		return true;
	}
	client_begin(client);
	return true;
}

void client_accept(struct listener *listener)
{
	const struct plan_service *service = plan_service_lookup(
		listener->worker->view->plan, listener->service);

	/* The last call of a turn finds nothing: as few turns as possible have one. */
	for (unsigned int i = 0; service && i < listener->burst; i++)
		if (!accept_one(listener, service)) {
			listener->burst = i > 1 ? i : 1;
			return;
		}
	if (listener->burst < ACCEPTS_MAX)
		listener->burst *= 2;
}
