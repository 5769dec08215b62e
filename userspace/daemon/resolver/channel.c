// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include "channel.h"

#define HOST_FILE "/etc/resolv.conf"

/* "[address]:port" and what is between two. */
#define SERVER_SIZE (INET6_ADDRSTRLEN + 10)

struct channel_socket {
	struct loop_fd fd;
	struct resolver_channel *channel;
	LIST_ENTRY(channel_socket) entry;
};

struct resolver_channel {
	struct loop *loop;
	ares_channel_t *ares;
	/* When c-ares has something to do though nothing comes. */
	struct wheel_timer timer;
	/* As many as there are questions: looking for one costs nothing. */
	LIST_HEAD(, channel_socket) sockets;
	char *servers;
	bool host;
	/* HOST_FILE, as it was; all zero where there was none. */
	struct stat file;
};

static void set_timer(struct resolver_channel *channel)
{
	struct timeval left;

	/* c-ares has a clock of its own, and does nothing if it is not yet time. */
	if (!ares_timeout(channel->ares, NULL, &left))
		loop_timer_del(channel->loop, &channel->timer);
	else
		loop_timer_set(channel->loop, &channel->timer,
			       (uint64_t)left.tv_sec * 1000 +
				       (uint64_t)left.tv_usec / 1000 + 1);
}

static void ready(struct loop_fd *fd, uint32_t events)
{
	struct resolver_channel *channel =
		loop_owner(fd, struct channel_socket, fd)->channel;
	ares_fd_events_t event = { .fd = fd->fd };

	if (events & ~(uint32_t)EPOLLOUT)
		event.events |= ARES_FD_EVENT_READ;
	if (events & EPOLLOUT)
		event.events |= ARES_FD_EVENT_WRITE;
	ares_process_fds(channel->ares, &event, 1, ARES_PROCESS_FLAG_NONE);
	set_timer(channel);
}

static void expire(struct wheel_timer *timer)
{
	struct resolver_channel *channel =
		loop_owner(timer, struct resolver_channel, timer);

	ares_process_fds(channel->ares, NULL, 0, ARES_PROCESS_FLAG_NONE);
	set_timer(channel);
}

/* Where memory is short the socket is not watched, and its question times out. */
static void watch(struct resolver_channel *channel, int fd, uint32_t events)
{
	struct channel_socket *socket = calloc(1, sizeof(*socket));

	if (!socket)
		return;
	socket->channel = channel;
	socket->fd.ready = ready;
	if (loop_fd_add(channel->loop, &socket->fd, fd, events) != 0) {
		free(socket);
		return;
	}
	LIST_INSERT_HEAD(&channel->sockets, socket, entry);
}

/* Neither of both: c-ares is about to close it. */
static void socket_state(void *data, ares_socket_t fd, int readable,
			 int writable)
{
	struct resolver_channel *channel = data;
	uint32_t events = (readable ? EPOLLIN : 0) | (writable ? EPOLLOUT : 0);
	struct channel_socket *socket;

	LIST_FOREACH(socket, &channel->sockets, entry)
		if (socket->fd.fd == fd)
			break;
	if (!socket) {
		if (events)
			watch(channel, fd, events);
		return;
	}
	if (events) {
		loop_fd_mod(channel->loop, &socket->fd, events);
		return;
	}
	loop_fd_del(channel->loop, &socket->fd);
	LIST_REMOVE(socket, entry);
	free(socket);
}

static int init(struct resolver_channel *channel,
		const struct config_resolver *config)
{
	static char host_file[] = HOST_FILE, no_file[] = "/dev/null";
	struct ares_options options = {
		.flags = ARES_FLAG_EDNS,
		.timeout = (int)config->timeout,
		.maxtimeout = (int)config->timeout,
		.tries = (int)config->attempts,
		.sock_state_cb = socket_state,
		.sock_state_cb_data = channel,
		.resolvconf_path = channel->host ? host_file : no_file,
		/* A source port of its own for each question (RFC 5452). */
		.udp_max_queries = 1,
		/* Answers are kept by those who ask. */
		.qcache_max_ttl = 0,
	};
	int given = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS |
		    ARES_OPT_MAXTIMEOUTMS | ARES_OPT_TRIES |
		    ARES_OPT_SOCK_STATE_CB | ARES_OPT_RESOLVCONF |
		    ARES_OPT_UDP_MAX_QUERIES | ARES_OPT_QUERY_CACHE;

	/* What the host's file says of the order, "options rotate", is its own. */
	if (!channel->host)
		given |= ARES_OPT_NOROTATE;
	return ares_init_options(&channel->ares, &options, given);
}

static int set_servers(struct resolver_channel *channel,
		       const struct config_resolver *config)
{
	char *text = calloc(config->servers.count + 1, SERVER_SIZE);
	size_t length = 0;
	int status;

	if (!text)
		return ARES_ENOMEM;
	for (size_t i = 0; i < config->servers.count; i++) {
		const struct sluice_endpoint *at = &config->servers.items[i];
		bool v6 = at->address.family == AF_INET6;
		char address[INET6_ADDRSTRLEN] = "";

		inet_ntop(at->address.family,
			  v6 ? (const void *)&at->address.v6 :
			       (const void *)&at->address.v4,
			  address, sizeof(address));
		length += (size_t)snprintf(text + length, SERVER_SIZE,
					   "%s%s%s%s:%u", i ? "," : "",
					   v6 ? "[" : "", address,
					   v6 ? "]" : "", at->port);
	}
	status = ares_set_servers_csv(channel->ares, text);
	free(text);
	return status;
}

/* With a space after each comma. */
static char *list_servers(const ares_channel_t *ares)
{
	char *from = ares_get_servers_csv(ares), *to, *at;

	at = to = from ? malloc(2 * strlen(from) + 1) : NULL;
	for (const char *c = from; to && *c; c++) {
		*at++ = *c;
		if (*c == ',')
			*at++ = ' ';
	}
	if (to)
		*at = '\0';
	ares_free_string(from);
	return to;
}

struct resolver_channel *
resolver_channel_open(struct loop *loop, const struct config_resolver *config,
		      char *error, size_t size)
{
	struct resolver_channel *channel = calloc(1, sizeof(*channel));
	int status = ARES_ENOMEM;

	if (!channel)
		goto err;
	channel->loop = loop;
	channel->timer.expire = expire;
	channel->host = !config->servers.count;
	/* Before it is read: what changes in between is seen later. */
	if (channel->host && stat(HOST_FILE, &channel->file) != 0)
		memset(&channel->file, 0, sizeof(channel->file));
	status = ares_library_init(ARES_LIB_INIT_ALL);
	if (status != ARES_SUCCESS)
		goto err_free;
	status = init(channel, config);
	if (status != ARES_SUCCESS)
		goto err_library;
	if (!channel->host)
		status = set_servers(channel, config);
	if (status != ARES_SUCCESS)
		goto err_ares;
	status = ARES_ENOMEM;
	channel->servers = list_servers(channel->ares);
	if (!channel->servers)
		goto err_ares;
	return channel;

err_ares:
	ares_destroy(channel->ares);
err_library:
	ares_library_cleanup();
err_free:
	free(channel);
err:
	snprintf(error, size, "resolver: %s%s", ares_strerror(status),
		 config->servers.count ? "" : ", reading " HOST_FILE);
	return NULL;
}

void resolver_channel_close(struct resolver_channel *channel)
{
	if (!channel)
		return;
	ares_destroy(channel->ares);
	ares_library_cleanup();
	loop_timer_del(channel->loop, &channel->timer);
	free(channel->servers);
	free(channel);
}

void resolver_channel_ask(struct resolver_channel *channel, const char *name,
			  ares_dns_rec_type_t type, ares_callback_dnsrec done,
			  void *arg)
{
	ares_query_dnsrec(channel->ares, name, ARES_CLASS_IN, type, done, arg,
			  NULL);
	set_timer(channel);
}

const char *resolver_channel_servers(const struct resolver_channel *channel)
{
	return channel->servers;
}

bool resolver_channel_outdated(const struct resolver_channel *channel)
{
	const struct stat *old = &channel->file;
	struct stat now;

	if (!channel->host)
		return false;
	if (stat(HOST_FILE, &now) != 0)
		memset(&now, 0, sizeof(now));
	return now.st_dev != old->st_dev || now.st_ino != old->st_ino ||
	       now.st_size != old->st_size ||
	       now.st_mtim.tv_sec != old->st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != old->st_mtim.tv_nsec;
}
