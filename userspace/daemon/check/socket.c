// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "socket.h"

static socklen_t address_size(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
						sizeof(struct sockaddr_in);
}

/* Return: 0, or an errno with what was tried in @what. */
static int prepare(const struct check *check, int fd, const char **what)
{
	static const int one = 1;

	*what = "mark";
	if (check->spec->mark &&
	    setsockopt(fd, SOL_SOCKET, SO_MARK, &check->spec->mark,
		       sizeof(check->spec->mark)) != 0)
		return errno;
	if (check->source.ss_family == AF_UNSPEC)
		return 0;
	/*
	 * The port is chosen when the destination is known: as many connections
	 * as there are ports to each server, not in all. Not all protocols have it.
	 */
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	*what = "source address";
	if (bind(fd, (const struct sockaddr *)&check->source,
		 address_size(&check->source)) != 0)
		return errno;
	return 0;
}

void check_socket_failed(struct check_run *run, int error)
{
	switch (error) {
	case EAGAIN:
	case EADDRNOTAVAIL:
		check_break(run, "no local port is free");
		break;
	case ENOMEM:
	case ENOBUFS:
	case EAFNOSUPPORT:
	case EBADF:
		check_break(run, "socket: %s", strerror(error));
		break;
	default:
		check_fail(run, "%s, waiting for %s", strerror(error),
			   run->waiting_for);
	}
}

bool check_socket_connect(struct check_run *run, int type, int protocol)
{
	struct check_netns *netns = &run->check->netns;
	const char *what;
	int fd, err;

	run->waiting_for = "the connection";
	fd = check_netns_socket(netns, run->address->ss_family,
				type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (fd < 0) {
		check_break(run, "socket%s%s: %s",
			    netns->path ? " in network namespace " : "",
			    netns->path ? netns->path + strlen("/run/netns/") :
					  "",
			    strerror(-fd));
		return false;
	}
	err = prepare(run->check, fd, &what);
	if (err) {
		close(fd);
		check_break(run, "%s: %s", what, strerror(err));
		return false;
	}
	if (connect(fd, (const struct sockaddr *)run->address,
		    address_size(run->address)) != 0 &&
	    errno != EINPROGRESS) {
		err = errno;
		close(fd);
		check_socket_failed(run, err);
		return false;
	}
	err = loop_fd_add(run->loop, &run->fd, fd, LOOP_STREAM);
	if (err) {
		close(fd);
		check_break(run, "epoll: %s", strerror(-err));
		return false;
	}
	return true;
}

void check_socket_close(struct check_run *run)
{
	static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	if (run->fd.fd < 0)
		return;
	if (run->connected && !run->goodbye)
		setsockopt(run->fd.fd, SOL_SOCKET, SO_LINGER, &reset,
			   sizeof(reset));
	loop_fd_close(run->loop, &run->fd);
}

int check_socket_error(const struct check_run *run)
{
	socklen_t size = sizeof(int);
	int error = 0;

	if (getsockopt(run->fd.fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		return errno;
	return error;
}
