// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listener_address.h"
#include "listening.h"

/* What the system allows at most (net.core.somaxconn) is taken. */
#define BACKLOG 65535
/* Seconds for which a client that says nothing is not even accepted. */
#define DEFER_S 3

static struct listening *find(const struct listening_list *list,
			      const struct sluice_endpoint *at)
{
	struct listening *item;

	TAILQ_FOREACH(item, list, of_proxy)
	if (sluice_endpoint_compare(&item->at, at) == 0)
		break;
	return item;
}

static int bind_to(int fd, const struct sluice_endpoint *at)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons(at->port),
				   .sin6_addr = at->address.v6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_port = htons(at->port),
				  .sin_addr = at->address.v4 };

	return at->address.family == AF_INET ?
		       bind(fd, (struct sockaddr *)(void *)&v4, sizeof(v4)) :
		       bind(fd, (struct sockaddr *)(void *)&v6, sizeof(v6));
}

static int open_one(const struct sluice_endpoint *at)
{
	int one = 1, defer = DEFER_S, err;
	int fd = socket(at->address.family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	/* Accepted sockets inherit what is set here. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &defer,
		       sizeof(defer)) ||
	    (at->address.family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one))) ||
	    bind_to(fd, at) || listen(fd, BACKLOG)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static void close_item(struct listening_list *list, struct listening *item)
{
	for (unsigned int i = 0; i < item->count; i++)
		close(item->fds[i]);
	TAILQ_REMOVE(list, item, of_proxy);
	free(item->fds);
	free(item);
}

static struct listening *find_or_add(struct listening_list *list,
				     const struct sluice_endpoint *at)
{
	struct listening *item = find(list, at);

	if (!item)
		item = calloc(1, sizeof(*item));
	else
		return item;
	if (!item)
		return NULL;
	item->at = *at;
	item->is_new = true;
	TAILQ_INSERT_TAIL(list, item, of_proxy);
	return item;
}

/* @fd belongs to the item now, but for where memory is out. */
static int add_fd(struct listening *item, int fd)
{
	if (item->count == item->room) {
		unsigned int room = item->room ? item->room * 2 : 8;
		int *fds = reallocarray(item->fds, room, sizeof(*fds));

		if (!fds)
			return -ENOMEM;
		item->fds = fds;
		item->room = room;
	}
	item->fds[item->count++] = fd;
	return 0;
}

static int add(struct listening_list *list, const struct sluice_endpoint *at,
	       unsigned int workers)
{
	struct listening *item = find_or_add(list, at);

	if (!item)
		return -ENOMEM;
	while (item->count < workers) {
		int fd = open_one(at), err;

		if (fd < 0)
			return fd;
		err = add_fd(item, fd);
		if (err) {
			close(fd);
			return err;
		}
	}
	return 0;
}

int listening_inherit(struct listening_list *list, int fd, char *error,
		      size_t size)
{
	struct listening *item = NULL;
	struct sluice_endpoint at;
	int err = listener_address(fd, &at);

	if (!err) {
		item = find_or_add(list, &at);
		err = item ? add_fd(item, fd) : -ENOMEM;
	}
	if (!err)
		return 0;
	close(fd);
	snprintf(error, size, "a socket that is taken over: %s",
		 err == -EINVAL ? "it does not listen" : strerror(-err));
	return err;
}

int *listening_fds(const struct listening_list *list, size_t *count)
{
	const struct listening *item;
	size_t room = 1;
	int *fds;

	TAILQ_FOREACH(item, list, of_proxy)
	room += item->count;
	fds = calloc(room, sizeof(*fds));
	*count = 0;
	if (!fds)
		return NULL;
	TAILQ_FOREACH(item, list, of_proxy)
	for (unsigned int i = 0; i < item->count; i++)
		fds[(*count)++] = item->fds[i];
	return fds;
}

bool listening_open(struct listening_list *list, const struct plan *plan,
		    unsigned int workers, struct config_errors *errors)
{
	char text[SLUICE_ENDPOINT_TEXT];
	bool right = true;

	for (size_t i = 0; i < plan->service_count; i++) {
		const struct config_service *service = plan->services[i].config;

		for (size_t j = 0; j < service->addresses.count; j++) {
			const struct sluice_endpoint *at =
				&service->addresses.items[j];
			int err;

			err = add(list, at, workers);
			if (!err)
				continue;
			config_error_add(
				errors, service->at,
				"services.%s.address: cannot listen on %s: %s",
				service->name,
				sluice_endpoint_print(text, sizeof(text), at),
				strerror(-err));
			right = false;
		}
	}
	return right;
}

void listening_abandon(struct listening_list *list)
{
	struct listening *item, *next;

	for (item = TAILQ_FIRST(list); item; item = next) {
		next = TAILQ_NEXT(item, of_proxy);
		if (item->is_new)
			close_item(list, item);
	}
}

void listening_commit(struct listening_list *list, const struct plan *plan)
{
	struct listening *item;

	TAILQ_FOREACH(item, list, of_proxy)
	{
		item->service = NULL;
		item->is_new = false;
	}
	for (size_t i = 0; i < plan->service_count; i++) {
		const struct config_service *service = plan->services[i].config;

		for (size_t j = 0; j < service->addresses.count; j++) {
			item = find(list, &service->addresses.items[j]);
			if (item)
				item->service = service->name;
		}
	}
}

struct listener *listening_for(const struct listening_list *list,
			       unsigned int worker, unsigned int workers,
			       size_t *count)
{
	const struct listening *item;
	struct listener *listeners;
	size_t room = 1;

	*count = 0;
	TAILQ_FOREACH(item, list, of_proxy)
	room += item->count;
	listeners = calloc(room, sizeof(*listeners));
	if (!listeners)
		return NULL;
	TAILQ_FOREACH(item, list, of_proxy)
	{
		for (unsigned int i = worker; item->service && i < item->count;
		     i += workers) {
			listeners[*count].fd.fd = item->fds[i];
			listeners[*count].at = item->at;
			listeners[*count].service = item->service;
			++*count;
		}
	}
	return listeners;
}

void listening_close_stale(struct listening_list *list)
{
	struct listening *item, *next;

	for (item = TAILQ_FIRST(list); item; item = next) {
		next = TAILQ_NEXT(item, of_proxy);
		if (!item->service && !item->is_new)
			close_item(list, item);
	}
}

void listening_close_all(struct listening_list *list)
{
	struct listening *item, *next;

	for (item = TAILQ_FIRST(list); item; item = next) {
		next = TAILQ_NEXT(item, of_proxy);
		close_item(list, item);
	}
}
