// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state_file.h"

#define SIZE_MAX_READ (64 << 20)

/* The daemon's user may write there, and who reads may be root. */
FILE *state_file_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat stat_;
	FILE *from = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &stat_) < 0 || !S_ISREG(stat_.st_mode))
		errno = EINVAL;
	else if (stat_.st_size > SIZE_MAX_READ)
		errno = EFBIG;
	else
		from = fdopen(fd, "r");
	if (!from)
		close(fd);
	return from;
}

static int write_text(const char *path, const char *text)
{
	size_t left = strlen(text);
	int err = 0, fd;

	/* Whatever is there, of whomever: the folder is ours. */
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (!err && left > 0) {
		ssize_t written = write(fd, text, left);

		if (written < 0 && errno != EINTR)
			err = -errno;
		if (written < 0)
			continue;
		text += written;
		left -= (size_t)written;
	}
	if (!err && fsync(fd) < 0)
		err = -errno;
	if (close(fd) < 0 && !err)
		err = -errno;
	return err;
}

int state_file_write(const char *path, const char *text)
{
	char *next;
	int err;

	if (asprintf(&next, "%s.new", path) < 0)
		return -ENOMEM;
	err = write_text(next, text);
	if (!err && rename(next, path) < 0)
		err = -errno;
	if (err)
		unlink(next);
	free(next);
	return err;
}
