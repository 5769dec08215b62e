// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "handover.h"

/**
 * struct parcel - a record that is to be sent
 * @next: entry in the list
 * @fds: descriptors
 * @count: of those
 * @sent: bytes
 * @size: bytes of @bytes
 * @bytes: head and data
 */
struct parcel {
	STAILQ_ENTRY(parcel) next;
	int fds[HANDOVER_FDS_MAX];
	size_t count;
	size_t sent;
	size_t size;
	char bytes[];
};

/**
 * struct handover - a hand-over
 * @loop: of the main thread
 * @fd: the connection
 * @timer: ends it where the other side does not
 * @user: told of what becomes of it
 * @parcels: to be sent
 * @sending: all are added
 * @writing: it is to be said when more can be sent
 * @done: we have let go
 * @in: the head of what the other side says
 * @got: bytes of that
 */
struct handover {
	struct loop *loop;
	struct loop_fd fd;
	struct wheel_timer timer;
	struct handover_user user;
	STAILQ_HEAD(, parcel) parcels;
	bool sending;
	bool writing;
	bool done;
	struct handover_head in;
	size_t got;
};

static void free_parcel(struct handover *handover, struct parcel *parcel)
{
	STAILQ_REMOVE_HEAD(&handover->parcels, next);
	explicit_bzero(parcel->bytes, parcel->size);
	free(parcel);
}

void handover_free(struct handover *handover)
{
	struct parcel *parcel;

	if (!handover)
		return;
	while ((parcel = STAILQ_FIRST(&handover->parcels)))
		free_parcel(handover, parcel);
	loop_timer_del(handover->loop, &handover->timer);
	loop_fd_close(handover->loop, &handover->fd);
	free(handover);
}

static ptrdiff_t say(struct handover *handover, enum handover_kind kind)
{
	const struct handover_head head = { .kind = kind };

	return handover_send(handover->fd.fd, &head, sizeof(head), NULL, 0);
}

static void end(struct handover *handover, const char *why)
{
	/* Within a record there is no room for another one. */
	if (!handover->done && STAILQ_EMPTY(&handover->parcels))
		say(handover, HANDOVER_KEPT);
	handover->user.moved(handover->user.arg,
			     handover->done ? HANDOVER_OVER : HANDOVER_FAILED,
			     why);
	handover_free(handover);
}

static void expire(struct wheel_timer *timer)
{
	end(loop_owner(timer, struct handover, timer),
	    "it was not ready in time");
}

/* Return: whether the hand-over is still there. */
static bool send_parcels(struct handover *handover)
{
	struct parcel *parcel;

	while ((parcel = STAILQ_FIRST(&handover->parcels))) {
		ptrdiff_t sent = handover_send(
			handover->fd.fd, parcel->bytes + parcel->sent,
			parcel->size - parcel->sent, parcel->fds,
			parcel->sent ? 0 : parcel->count);

		if (sent == -EAGAIN)
			return true;
		if (sent < 0) {
			end(handover, strerror((int)-sent));
			return false;
		}
		parcel->sent += (size_t)sent;
		if (parcel->sent == parcel->size)
			free_parcel(handover, parcel);
	}
	if (handover->writing)
		loop_fd_mod(handover->loop, &handover->fd,
			    EPOLLIN | EPOLLRDHUP);
	handover->writing = false;
	return true;
}

/*
 * The other side waits for this, and nothing else is on its way. If it is gone, it
 * never was in force, whatever it has said.
 */
static void let_go(struct handover *handover)
{
	if (say(handover, HANDOVER_RELEASED) !=
	    (ptrdiff_t)sizeof(struct handover_head)) {
		end(handover, "it is gone");
		return;
	}
	handover->done = true;
	/* It says to the service manager who it is; not for long. */
	loop_timer_set(handover->loop, &handover->timer, HANDOVER_MS);
	handover->user.moved(handover->user.arg, HANDOVER_DONE, NULL);
}

/* Return: whether more may come. */
static bool take(struct handover *handover)
{
	handover->got = 0;
	if (handover->in.size || handover->done ||
	    !STAILQ_EMPTY(&handover->parcels) ||
	    handover->in.kind != HANDOVER_IN_FORCE) {
		end(handover, "it said what was not expected");
		return false;
	}
	let_go(handover);
	/* What follows, its end, is an event of its own where it is not here yet. */
	return false;
}

static void ready(struct loop_fd *fd, uint32_t events)
{
	struct handover *handover = loop_owner(fd, struct handover, fd);
	bool more = true;

	(void)events;
	if (!handover->sending || !send_parcels(handover))
		return;
	while (more) {
		ssize_t got = recv(fd->fd,
				   (char *)&handover->in + handover->got,
				   sizeof(handover->in) - handover->got, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			end(handover, "it has ended");
			return;
		}
		handover->got += (size_t)got;
		if (handover->got == sizeof(handover->in))
			more = take(handover);
	}
}

struct handover *handover_create(struct loop *loop, int fd,
				 const struct handover_user *user)
{
	struct handover *handover = calloc(1, sizeof(*handover));
	int err = handover ? 0 : -ENOMEM;

	if (handover) {
		handover->loop = loop;
		handover->user = *user;
		handover->fd.ready = ready;
		handover->timer.expire = expire;
		STAILQ_INIT(&handover->parcels);
		/* By level: an event at a time is taken, see take(). */
		err = loop_fd_add(loop, &handover->fd, fd,
				  EPOLLIN | EPOLLRDHUP);
	}
	if (err) {
		close(fd);
		free(handover);
		errno = -err;
		return NULL;
	}
	loop_timer_set(loop, &handover->timer, HANDOVER_MS);
	return handover;
}

static int add_one(struct handover *handover, enum handover_kind kind,
		   const int *fds, size_t count, const void *data, size_t size)
{
	struct handover_head head = { .kind = kind,
				      .size = (uint32_t)size,
				      .fds = (uint32_t)count };
	struct parcel *parcel = malloc(sizeof(*parcel) + sizeof(head) + size);

	if (!parcel)
		return -ENOMEM;
	parcel->count = count;
	parcel->sent = 0;
	parcel->size = sizeof(head) + size;
	if (count)
		memcpy(parcel->fds, fds, count * sizeof(*fds));
	memcpy(parcel->bytes, &head, sizeof(head));
	if (size)
		memcpy(parcel->bytes + sizeof(head), data, size);
	STAILQ_INSERT_TAIL(&handover->parcels, parcel, next);
	return 0;
}

int handover_add(struct handover *handover, enum handover_kind kind,
		 const int *fds, size_t count, const void *data, size_t size)
{
	int err;

	if (size > HANDOVER_SIZE_MAX)
		return -E2BIG;
	do {
		size_t some = count < HANDOVER_FDS_MAX ? count :
							 HANDOVER_FDS_MAX;

		err = add_one(handover, kind, fds, some, data, size);
		count -= some;
		size = 0;
		if (count)
			fds += some;
	} while (!err && count);
	return err;
}

void handover_send_all(struct handover *handover)
{
	handover->sending = true;
	handover->writing = true;
	loop_fd_mod(handover->loop, &handover->fd,
		    EPOLLIN | EPOLLOUT | EPOLLRDHUP);
}
