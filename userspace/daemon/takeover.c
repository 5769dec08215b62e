// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "handover_wire.h"
#include "takeover.h"

/* For each answer: its loop turns, but may be busy. */
#define WAIT_S 10
#define ANSWER_MAX 4096
/* What a process may have of all addresses and workers. */
#define SOCKETS_MAX (1U << 20)

static int failed(int err, const char *path, char *error, size_t size)
{
	snprintf(
		error, size,
		"control socket %s: %s; whom it takes over from is asked there",
		path, strerror(-err));
	return err;
}

static int reach(const char *path, int *fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval wait = { .tv_sec = WAIT_S };

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return -errno;
	if (setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0 ||
	    setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
	    connect(*fd, (const struct sockaddr *)&address, sizeof(address)) <
		    0)
		return -errno;
	return 0;
}

static int wrong(int err, const char *what, char *error, size_t size)
{
	snprintf(error, size, "the sluiced that runs: %s", what);
	return err;
}

static int broken(int err, char *error, size_t size)
{
	const char *what = strerror(-err);

	if (err == -ENODATA)
		what = "it has ended the hand-over";
	else if (err == -EAGAIN)
		what = "it does not answer";
	else if (err == -EPROTO)
		what = "it says what is not understood; stop it, and start without --take-over";
	else if (err == -EMFILE)
		what = "it has more sockets than this process may (RLIMIT_NOFILE)";
	return wrong(err, what, error, size);
}

/* A byte at a time: descriptors come behind the line. */
static int read_line(int fd, char line[ANSWER_MAX])
{
	for (size_t i = 0; i < ANSWER_MAX - 1; i++) {
		ssize_t got;

		do
			got = recv(fd, &line[i], 1, 0);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			return -errno;
		if (got == 0)
			return -ENODATA;
		line[i + 1] = '\0';
		if (line[i] == '\n')
			return 0;
	}
	return -EPROTO;
}

static int ask(int fd, char *error, size_t size)
{
	char request[80], line[ANSWER_MAX] = "";
	const char *refused;
	json_t *answer;
	int length, err;

	length = snprintf(request, sizeof(request),
			  "{\"command\":\"take-over\",\"version\":%d}\n",
			  HANDOVER_VERSION);
	if (send(fd, request, (size_t)length, MSG_NOSIGNAL) != length)
		return broken(-errno, error, size);
	err = read_line(fd, line);
	if (err)
		return broken(err, error, size);
	answer = json_loads(line, 0, NULL);
	refused = json_string_value(
		json_array_get(json_object_get(answer, "errors"), 0));
	if (refused)
		err = wrong(-EBUSY, refused, error, size);
	else if (!json_is_object(answer))
		err = broken(-EPROTO, error, size);
	json_decref(answer);
	return err;
}

/* Descriptors that are taken out of a record are left as -1 there. */
static int take_sockets(struct takeover *t, struct handover_record *record)
{
	size_t count = t->socket_count + record->head.fds;
	int *sockets;

	if (count > SOCKETS_MAX)
		return -EPROTO;
	sockets = reallocarray(t->sockets, count + 1, sizeof(*sockets));
	if (!sockets)
		return -ENOMEM;
	t->sockets = sockets;
	for (uint32_t i = 0; i < record->head.fds; i++) {
		sockets[t->socket_count++] = record->fds[i];
		record->fds[i] = -1;
	}
	return 0;
}

static int take_one(int *to, struct handover_record *record)
{
	if (*to >= 0 || record->head.fds != 1)
		return -EPROTO;
	*to = record->fds[0];
	record->fds[0] = -1;
	return 0;
}

static int take_tickets(struct takeover *t, struct handover_record *record)
{
	if (t->tickets)
		return -EPROTO;
	t->tickets = record->data;
	t->tickets_size = record->head.size;
	record->data = NULL;
	return 0;
}

static int take_state(struct takeover *t, const struct handover_record *record)
{
	json_t *state = json_loadb(record->data, record->head.size,
				   JSON_REJECT_DUPLICATES, NULL);

	if (t->state || !json_is_object(state)) {
		json_decref(state);
		return -EPROTO;
	}
	t->state = state;
	return 0;
}

static int take(struct takeover *t, struct handover_record *record)
{
	switch (record->head.kind) {
	case HANDOVER_LOCK:
		return take_one(&t->lock, record);
	case HANDOVER_ADMIN:
		return take_one(&t->admin, record);
	case HANDOVER_SOCKETS:
		return take_sockets(t, record);
	case HANDOVER_TICKETS:
		return take_tickets(t, record);
	case HANDOVER_STATE:
		return take_state(t, record);
	default:
		/* Of a later version. */
		return 0;
	}
}

static int receive_all(struct takeover *t)
{
	struct handover_record record;
	bool end = false;
	int err = 0;

	while (!err && !end) {
		err = handover_receive(t->fd, &record);
		if (err)
			break;
		end = record.head.kind == HANDOVER_END;
		err = take(t, &record);
		handover_record_free(&record);
	}
	return !err && t->lock < 0 ? -EPROTO : err;
}

int takeover_begin_at(struct takeover *takeover, int fd, char *error,
		      size_t size)
{
	int err;

	*takeover = TAKEOVER_NONE;
	takeover->fd = fd;
	err = ask(fd, error, size);
	if (err)
		return err;
	err = receive_all(takeover);
	return err ? broken(err, error, size) : 0;
}

int takeover_begin(struct takeover *takeover, const char *path, char *error,
		   size_t size)
{
	int fd = -1, err;

	*takeover = TAKEOVER_NONE;
	err = reach(path, &fd);
	if (!err)
		return takeover_begin_at(takeover, fd, error, size);
	if (fd >= 0)
		close(fd);
	return failed(err, path, error, size);
}

int takeover_confirm(struct takeover *takeover, char *error, size_t size)
{
	const struct handover_head ready = { .kind = HANDOVER_IN_FORCE };
	struct handover_record record;
	int err;

	/* What it has said last is there, even if it listens no more. */
	handover_send(takeover->fd, &ready, sizeof(ready), NULL, 0);
	err = handover_receive(takeover->fd, &record);
	/* One that goes on says so: this one was killed, and we have all it had. */
	if (err == -ENODATA || err == -ECONNRESET)
		return 0;
	if (err)
		return broken(err, error, size);
	if (record.head.kind == HANDOVER_KEPT)
		err = wrong(-EBUSY,
			    "it goes on: this one was not ready in time", error,
			    size);
	else if (record.head.kind != HANDOVER_RELEASED)
		err = broken(-EPROTO, error, size);
	handover_record_free(&record);
	return err;
}

void takeover_free(struct takeover *takeover)
{
	if (takeover->fd >= 0)
		close(takeover->fd);
	if (takeover->lock >= 0)
		close(takeover->lock);
	if (takeover->admin >= 0)
		close(takeover->admin);
	for (size_t i = 0; i < takeover->socket_count; i++)
		if (takeover->sockets[i] >= 0)
			close(takeover->sockets[i]);
	free(takeover->sockets);
	if (takeover->tickets)
		explicit_bzero(takeover->tickets, takeover->tickets_size);
	free(takeover->tickets);
	json_decref(takeover->state);
	*takeover = TAKEOVER_NONE;
}
