// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "splice.h"
#include "stream.h"

/* What an unprivileged user may have without asking (pipe-user-pages-soft). */
#define PIPE_SIZE (256 * 1024)
#define FREE_MAX 16

struct splice_pipe *splice_get(struct splice_pipes *pipes)
{
	struct splice_pipe *pipe = pipes->free;
	int size;

	if (pipe) {
		pipes->free = pipe->next;
		pipes->count--;
		return pipe;
	}
	pipe = malloc(sizeof(*pipe));
	if (!pipe)
		return NULL;
	if (pipe2(pipe->fds, O_NONBLOCK | O_CLOEXEC) < 0) {
		free(pipe);
		return NULL;
	}
	size = fcntl(pipe->fds[1], F_SETPIPE_SZ, PIPE_SIZE);
	if (size < 0)
		size = fcntl(pipe->fds[1], F_GETPIPE_SZ);
	pipe->size = size < 0 ? BUFSIZ : (size_t)size;
	pipe->held = 0;
	return pipe;
}

static void close_pipe(struct splice_pipe *pipe)
{
	close(pipe->fds[0]);
	close(pipe->fds[1]);
	free(pipe);
}

void splice_put(struct splice_pipes *pipes, struct splice_pipe **pipe)
{
	struct splice_pipe *gone = *pipe;

	if (!gone)
		return;
	*pipe = NULL;
	if (gone->held || pipes->count >= FREE_MAX) {
		close_pipe(gone);
		return;
	}
	gone->next = pipes->free;
	pipes->free = gone;
	pipes->count++;
}

void splice_exit(struct splice_pipes *pipes)
{
	struct splice_pipe *pipe;

	while ((pipe = pipes->free)) {
		pipes->free = pipe->next;
		close_pipe(pipe);
	}
	pipes->count = 0;
}

ssize_t splice_read(struct splice_pipe *pipe, struct stream *from, size_t max)
{
	size_t room = pipe->size - pipe->held;
	ssize_t got;

	if (max > room)
		max = room;
	got = splice(from->fd.fd, NULL, pipe->fds[1], NULL, max,
		     SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (got > 0)
		pipe->held += (size_t)got;
	/* A full pipe (of many small pages) and an empty socket look the same. */
	if (got < 0 && errno == EAGAIN && !pipe->held)
		from->readable = false;
	return got < 0 ? -errno : got;
}

ssize_t splice_write(struct splice_pipe *pipe, struct stream *to, int more)
{
	ssize_t sent = splice(pipe->fds[0], NULL, to->fd.fd, NULL, pipe->held,
			      SPLICE_F_MOVE | SPLICE_F_NONBLOCK |
				      (more ? SPLICE_F_MORE : 0));

	if (sent > 0)
		pipe->held -= (size_t)sent;
	if (sent < 0 && errno == EAGAIN)
		to->writable = false;
	return sent < 0 ? -errno : sent;
}
