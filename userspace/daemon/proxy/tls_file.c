// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tls_file.h"

#define NS_PER_S INT64_C(1000000000)
/* File systems with times in seconds are the coarsest. */
#define YOUNG (2 * NS_PER_S)

static int64_t ns(const struct timespec *time)
{
	return time->tv_sec * NS_PER_S + time->tv_nsec;
}

struct tls_file_state tls_file_look(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct tls_file_state){ 0 };
	return (struct tls_file_state){
		.device = st.st_dev,
		.inode = st.st_ino,
		.size = (uint64_t)st.st_size,
		.modified = ns(&st.st_mtim),
		.changed = ns(&st.st_ctim),
	};
}

bool tls_file_same(const struct tls_file_state *a,
		   const struct tls_file_state *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && a->modified == b->modified &&
	       a->changed == b->changed;
}

bool tls_file_is_young(const struct tls_file_state *state)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return state->inode && ns(&now) - state->changed < YOUNG;
}

static int read_whole(int fd, struct tls_file *file)
{
	while (file->size <= TLS_FILE_MAX) {
		ssize_t count = read(fd, file->data + file->size,
				     TLS_FILE_MAX + 1 - file->size);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0) {
			file->data[file->size] = '\0';
			return 0;
		}
		file->size += (size_t)count;
	}
	return -EFBIG;
}

int tls_file_read(const char *path, struct tls_file *file)
{
	struct stat st;
	int fd, err;

	*file = (struct tls_file){ 0 };
	/* Not waiting for the writer of a pipe. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0) {
		err = -errno;
		goto err_close;
	}
	err = -EINVAL;
	if (!S_ISREG(st.st_mode))
		goto err_close;
	err = -ENOMEM;
	file->data = malloc(TLS_FILE_MAX + 2);
	if (!file->data)
		goto err_close;
	err = read_whole(fd, file);
	if (err)
		tls_file_free(file);
err_close:
	close(fd);
	return err;
}

void tls_file_free(struct tls_file *file)
{
	if (file->data)
		explicit_bzero(file->data, file->size);
	free(file->data);
	*file = (struct tls_file){ 0 };
}

const char *tls_file_error(int err)
{
	switch (err) {
	case -EACCES:
		return "permission denied; the user of sluiced (settings.user) has to be able to read it and its folder";
	case -EFBIG:
		return "larger than 1 MB; that is the limit";
	case -EINVAL:
		return "not a regular file; give one";
	case -ENOENT:
		return "no such file";
	default:
		return strerror(-err);
	}
}
