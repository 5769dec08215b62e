/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data from socket to socket without a copy to user space, by splice(2) and a pipe
 * between. For what is large and in clear on both sides.
 */
#ifndef PROXY_SPLICE_H
#define PROXY_SPLICE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct stream;

/* What is left of a message below this passes through a buffer. */
#define SPLICE_MIN 65536

/**
 * struct splice_pipe - a pipe
 * @next: while it is free
 * @fds: reading end, writing end
 * @size: bytes that it holds
 * @held: bytes in it
 */
struct splice_pipe {
	struct splice_pipe *next;
	int fds[2];
	size_t size;
	size_t held;
};

/**
 * struct splice_pipes - pipes of a worker that nobody uses
 * @free: all of them empty
 * @count: how many
 */
struct splice_pipes {
	struct splice_pipe *free;
	size_t count;
};

/* Return: an empty pipe, or NULL: then data pass through a buffer. */
struct splice_pipe *splice_get(struct splice_pipes *pipes);

/* Give a pipe back; one that is not empty is closed. */
void splice_put(struct splice_pipes *pipes, struct splice_pipe **pipe);

void splice_exit(struct splice_pipes *pipes);

/**
 * splice_read() - into a pipe
 * @pipe: with room
 * @from: in clear
 * @max: bytes at most
 *
 * Return: bytes, 0 at the end, -EAGAIN, or another negative errno.
 */
ssize_t splice_read(struct splice_pipe *pipe, struct stream *from, size_t max);

/**
 * splice_write() - out of a pipe
 * @pipe: that holds something
 * @to: in clear
 * @more: more follows
 *
 * Return: bytes, -EAGAIN, or another negative errno.
 */
ssize_t splice_write(struct splice_pipe *pipe, struct stream *to, int more);

#endif /* PROXY_SPLICE_H */
