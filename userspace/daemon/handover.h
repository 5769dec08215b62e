/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that is replaced: it hands over what it has, goes on meanwhile, and
 * lets go when the new one says that it is ready; or never, if that gives up.
 */
#ifndef DAEMON_HANDOVER_H
#define DAEMON_HANDOVER_H

#include "handover_wire.h"
#include "loop.h"

/* For the new process to be ready: it may have many certificates to read. */
#define HANDOVER_MS 60000

struct handover;

/* What becomes of it. */
enum handover_event {
	/* The new process has given up; the hand-over is freed after this. */
	HANDOVER_FAILED,
	/* It has all: from now on it is the one. */
	HANDOVER_DONE,
	/* Nobody waits for us any more; freed after this. */
	HANDOVER_OVER,
};

/**
 * struct handover_user - who hands over
 * @moved: called with what has become of it; @why is for HANDOVER_FAILED
 * @arg: for it
 */
struct handover_user {
	void (*moved)(void *arg, enum handover_event event, const char *why);
	void *arg;
};

/**
 * handover_create() - begin
 * @loop: of this thread
 * @fd: of the connection, not blocking; belongs to it, also on failure
 * @user: told of what becomes of it
 *
 * Return: or NULL with errno.
 */
struct handover *handover_create(struct loop *loop, int fd,
				 const struct handover_user *user);

/**
 * handover_add() - something to be handed over
 * @handover: before handover_send_all()
 * @kind: enum handover_kind
 * @fds: descriptors, which stay open as long as the hand-over lasts
 * @count: any number: of many, several records are made
 * @data: bytes of the first of them; copied, and wiped when they are sent
 * @size: how many
 *
 * Return: 0 or a negative errno.
 */
int handover_add(struct handover *handover, enum handover_kind kind,
		 const int *fds, size_t count, const void *data, size_t size);

/* All is added: send it as the other side takes it. */
void handover_send_all(struct handover *handover);

/* Forget it: the new process sees the end of the connection. @handover may be NULL. */
void handover_free(struct handover *handover);

#endif /* DAEMON_HANDOVER_H */
