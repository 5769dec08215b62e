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

static int find_path(const char *folder, char path[PATH_MAX], char *error,
		     size_t size)
{
	struct stat netns;

	if (stat("/proc/self/ns/net", &netns) < 0)
		return failed("/proc/self/ns/net", error, size);
	snprintf(path, PATH_MAX, "%s/netns-%lu.lock", folder,
		 (unsigned long)netns.st_ino);
	return 0;
}

int lock_take(const char *folder, char *error, size_t size)
{
	char path[PATH_MAX];
	int fd = find_path(folder, path, error, size);

	if (fd < 0)
		return fd;
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return failed(folder, error, size);
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
	lock_sign(fd);
	return fd;
}

int lock_adopt(const char *folder, int fd, char *error, size_t size)
{
	char path[PATH_MAX];
	struct stat given, ours;
	int err = find_path(folder, path, error, size);

	if (err)
		return err;
	if (fstat(fd, &given) < 0 || stat(path, &ours) < 0)
		return failed(path, error, size);
	if (given.st_dev == ours.st_dev && given.st_ino == ours.st_ino) {
		/* It belongs to what is open, which is the same. */
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		return failed(path, error, size);
	}
	snprintf(
		error, size,
		"the sluiced that runs is in another network namespace; start this one there");
	return -EXDEV;
}

void lock_sign(int fd)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d\n", getpid());

	/* Not being able to say it is no failure. */
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)length, 0) < 0)
		return;
}
