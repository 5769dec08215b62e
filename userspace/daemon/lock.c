// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lock.h"

static int failed(const char *path, char *error, size_t size)
{
	int err = -errno;

	snprintf(error, size, "%s: %s", path, strerror(errno));
	return err;
}

static void say_who(int fd, char *error, size_t size)
{
	char who[16] = "";
	ssize_t length = pread(fd, who, sizeof(who) - 1, 0);

	if (length > 0)
		who[strspn(who, "0123456789")] = '\0';
	snprintf(
		error, size,
		"process %s runs sluiced in this network namespace already; stop it first",
		length > 0 ? who : "?");
}

int lock_take(const char *folder, char *error, size_t size)
{
	char path[PATH_MAX];
	struct stat netns;
	int fd;

	if (stat("/proc/self/ns/net", &netns) < 0)
		return failed("/proc/self/ns/net", error, size);
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return failed(folder, error, size);
	snprintf(path, sizeof(path), "%s/netns-%lu.lock", folder,
		 (unsigned long)netns.st_ino);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return failed(path, error, size);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			say_who(fd, error, size);
		else
			failed(path, error, size);
		close(fd);
		return -EBUSY;
	}
	/* For whoever comes next; not being able to say it is no failure. */
	if (ftruncate(fd, 0) == 0)
		dprintf(fd, "%d\n", getpid());
	return fd;
}
