/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network namespaces by name, for the calling thread and one call. */
#ifndef DAEMON_CHECK_NETNS_H
#define DAEMON_CHECK_NETNS_H

#include <sys/stat.h>

/**
 * struct check_netns - a namespace under /run/netns
 * @path: its file; NULL: the daemon's own
 * @fd: of the file as it was last opened, -1: it was not
 * @home: the daemon's own, -1: it was not needed yet
 * @dev: device of that file
 * @ino: inode of that file: a namespace made anew has another
 */
struct check_netns {
	char *path;
	int fd;
	int home;
	dev_t dev;
	ino_t ino;
};

/**
 * check_netns_init() - remember a name
 * @netns: to be filled in
 * @name: under /run/netns, or NULL; without '/'
 *
 * Return: 0, or a negative errno
 */
int check_netns_init(struct check_netns *netns, const char *name);

/**
 * check_netns_exit() - forget it
 * @netns: after check_netns_init()
 */
void check_netns_exit(struct check_netns *netns);

/**
 * check_netns_open() - the namespace as it is now
 * @netns: whose @path is not NULL; a namespace that was removed and made again
 *	under its name is opened anew
 *
 * Return: its descriptor, which stays @netns's, or a negative errno
 */
int check_netns_open(struct check_netns *netns);

/**
 * check_netns_socket() - make a socket there
 * @netns: where
 * @family: as of socket()
 * @type: as of socket()
 * @protocol: as of socket()
 *
 * The thread is back in its own namespace when this returns; if that should be
 * impossible, the process ends: it would go on in the wrong one.
 *
 * Return: the socket, or a negative errno
 */
int check_netns_socket(struct check_netns *netns, int family, int type,
		       int protocol);

#endif /* DAEMON_CHECK_NETNS_H */
