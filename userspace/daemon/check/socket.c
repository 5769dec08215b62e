// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "socket.h"
#include "spare.h"

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

/* Return: a socket as the check wants it, -1: the run is over */
static int make(struct check_run *run, int type, int protocol)
{
	struct check_netns *netns = &run->check->netns;
	const char *what;
	int fd, err;

	fd = check_netns_socket(netns, run->address->ss_family,
				type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (fd < 0) {
		check_break(run, "socket%s%s: %s",
			    netns->path ? " in network namespace " : "",
			    netns->path ? netns->path + strlen("/run/netns/") :
					  "",
			    strerror(-fd));
		return -1;
	}
	err = prepare(run->check, fd, &what);
	if (err) {
		close(fd);
		check_break(run, "%s: %s", what, strerror(err));
		return -1;
	}
	return fd;
}

static int connect_to(const struct check_run *run, int fd, bool tcp)
{
	static const int zero = 0;

	/*
	 * The acknowledgement goes with what is sent first. Where nothing is to be
	 * sent, the reset comes in its place, and the server's program never sees
	 * the connection: its kernel has answered for it. Without the option the
	 * check says the same, with a packet more.
	 */
	if (tcp)
		setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &zero, sizeof(zero));
	if (connect(fd, (const struct sockaddr *)run->address,
		    address_size(run->address)) != 0 &&
	    errno != EINPROGRESS)
		return errno;
	return 0;
}

bool check_socket_connect(struct check_run *run, int type, int protocol)
{
	bool tcp = type == SOCK_STREAM && !protocol;
	bool spare = tcp && check_spare_take(run);
	int fd, err;

	run->waiting_for = "the connection";
	fd = spare ? run->fd.fd : make(run, type, protocol);
	if (fd < 0)
		return false;
	err = connect_to(run, fd, tcp);
	if (err) {
		if (!spare)
			close(fd);
		check_socket_failed(run, err);
		return false;
	}
	if (spare)
		return true;
	err = loop_fd_add(run->loop, &run->fd, fd, LOOP_STREAM);
	if (err) {
		close(fd);
		check_break(run, "epoll: %s", strerror(-err));
		return false;
	}
	return true;
}

void check_socket_listen(struct check_run *run)
{
	static const int one = 1;

	setsockopt(run->fd.fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
}

void check_socket_close(struct check_run *run)
{
	static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	if (run->fd.fd < 0)
		return;
	if (run->connected && !run->goodbye) {
		if (check_spare_keep(run))
			return;
		setsockopt(run->fd.fd, SOL_SOCKET, SO_LINGER, &reset,
			   sizeof(reset));
	}
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
