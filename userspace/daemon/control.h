/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: a request is a JSON object in one line, and so is its answer,
 * after which the connection ends. Only root and the daemon's own user are heard.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <jansson.h>

#include "loop.h"

/* Bytes of a request. */
#define CONTROL_REQUEST_MAX 65536

struct control;

/* Return: the answer, a new reference; NULL if memory is out. */
typedef json_t *(*control_answer_fn)(void *arg, const json_t *request);

/**
 * control_open() - listen
 * @loop: of this thread
 * @path: of the socket; one that nobody listens on is replaced
 * @answer: called for each request
 * @arg: passed to @answer
 * @error: says what is wrong
 * @size: room there
 *
 * Return: the socket, or NULL.
 */
struct control *control_open(struct loop *loop, const char *path,
			     control_answer_fn answer, void *arg, char *error,
			     size_t size);

/**
 * control_open_beside() - listen at @path with .new behind it for now
 *
 * While another process, that is to be replaced, listens at @path itself. All else is
 * as with control_open().
 */
struct control *control_open_beside(struct loop *loop, const char *path,
				    control_answer_fn answer, void *arg,
				    char *error, size_t size);

/**
 * control_publish() - take the place of who listens at the path
 * @control: of control_open_beside()
 * @error: says what is wrong
 * @size: room there
 *
 * There is no moment without a socket there.
 *
 * Return: 0 or a negative errno.
 */
int control_publish(struct control *control, char *error, size_t size);

/* The socket there is, or will be, another process's: control_close() leaves it. */
void control_leave(struct control *control);

/**
 * control_take() - take over the connection of the request that is being answered
 * @control: in a call of &control_answer_fn
 *
 * What that returns is not sent then.
 *
 * Return: its descriptor, not blocking, or -EINVAL.
 */
int control_take(struct control *control);

/**
 * control_close() - stop listening; the socket goes, and so do its clients
 * @control: or NULL
 */
void control_close(struct control *control);

/**
 * control_text() - any text as JSON
 * @text: bytes; those that are no UTF-8 become question marks
 *
 * Return: a string, or NULL if memory is out.
 */
json_t *control_text(const char *text);

/**
 * control_error() - an answer that says what is wrong
 * @format: of one line
 *
 * Return: {"errors": [...]}, or where memory is out false, never NULL.
 */
json_t *control_error(const char *format, ...)
	__attribute__((format(printf, 1, 2), returns_nonnull));

#endif /* DAEMON_CONTROL_H */
