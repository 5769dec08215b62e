// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns.h"

int check_netns_init(struct check_netns *netns, const char *name)
{
	netns->path = NULL;
	netns->fd = -1;
	netns->home = -1;
	if (name && asprintf(&netns->path, "/run/netns/%s", name) < 0) {
		netns->path = NULL;
		return -ENOMEM;
	}
	return 0;
}

void check_netns_exit(struct check_netns *netns)
{
	if (netns->fd >= 0)
		close(netns->fd);
	if (netns->home >= 0)
		close(netns->home);
	free(netns->path);
}

int check_netns_open(struct check_netns *netns)
{
	struct stat st;
	int fd;

	if (stat(netns->path, &st) != 0)
		return -errno;
	if (netns->fd >= 0 && st.st_dev == netns->dev &&
	    st.st_ino == netns->ino)
		return netns->fd;

	fd = open(netns->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0) {
		close(fd);
		return -EIO;
	}
	if (netns->fd >= 0)
		close(netns->fd);
	netns->fd = fd;
	netns->dev = st.st_dev;
	netns->ino = st.st_ino;
	return fd;
}

static int enter_and_make(struct check_netns *netns, int family, int type,
			  int protocol)
{
	int fd;

	if (netns->home < 0)
		netns->home =
			open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (netns->home < 0 || setns(netns->fd, CLONE_NEWNET) != 0)
		return -errno;
	fd = socket(family, type, protocol);
	if (fd < 0)
		fd = -errno;
	if (setns(netns->home, CLONE_NEWNET) != 0) {
		fprintf(stderr,
			"sluiced: cannot return from a network namespace\n");
		abort();
	}
	return fd;
}

int check_netns_socket(struct check_netns *netns, int family, int type,
		       int protocol)
{
	int fd;

	if (netns->path) {
		fd = check_netns_open(netns);
		if (fd < 0)
			return fd;
		return enter_and_make(netns, family, type, protocol);
	}
	fd = socket(family, type, protocol);
	return fd < 0 ? -errno : fd;
}
