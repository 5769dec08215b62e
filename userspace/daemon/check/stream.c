// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "socket.h"
#include "stream.h"
#include "tls_session.h"

/* First size of the buffer: most answers fit. */
#define IN_FIRST 2048

/* Reads in one turn, before others get theirs. */
#define READS 16

/* What read_some() says beside a number of bytes. */
enum {
	READ_END = 0,
	READ_WAIT = CHECK_TLS_WAIT,
	READ_OVER = CHECK_TLS_OVER,
	READ_AGAIN = CHECK_TLS_AGAIN,
};

static bool make_room(struct check_run *run)
{
	size_t room = run->in_room ? 2 * run->in_room : IN_FIRST;
	size_t max = run->check->kind->answer_max;
	unsigned char *in;

	if (run->in_length < run->in_room)
		return true;
	if (room > max)
		room = max;
	if (room <= run->in_length) {
		check_fail(run, "more than %zu bytes, waiting for %s", max,
			   run->waiting_for);
		return false;
	}
	in = realloc(run->in, room);
	if (!in) {
		check_break(run, "out of memory");
		return false;
	}
	run->in = in;
	run->in_room = room;
	return true;
}

static int read_some(struct check_run *run)
{
	unsigned char *to = run->in + run->in_length;
	size_t room = run->in_room - run->in_length;
	ssize_t count;

	if (run->ssl)
		return check_tls_read(run, to, room);
	do
		count = recv(run->fd.fd, to, room, 0);
	while (count < 0 && errno == EINTR);
	if (count >= 0)
		return (int)count;
	if (errno == EAGAIN)
		return READ_WAIT;
	check_socket_failed(run, errno);
	return READ_OVER;
}

static void take(struct check_run *run, size_t count)
{
	const struct check_kind_ops *kind = run->check->kind;

	run->in_length += count;
	run->in_total += count;
	kind->received(run, false);
	if (run->active && run->in_total >= kind->answer_max)
		check_fail(run, "more than %zu bytes, waiting for %s",
			   kind->answer_max, run->waiting_for);
}

static void take_end(struct check_run *run)
{
	run->check->kind->received(run, true);
	if (run->active)
		check_fail(run, "closed by the server, waiting for %s",
			   run->waiting_for);
}

/* All there is; @closing: the end may be behind it without another event. */
static void receive(struct check_run *run, bool closing)
{
	for (int i = 0; i < READS; i++) {
		size_t room;
		int count;

		if (!make_room(run))
			return;
		room = run->in_room - run->in_length;
		count = read_some(run);
		if (count == READ_WAIT || count == READ_OVER)
			return;
		if (count == READ_AGAIN)
			continue;
		if (count == READ_END) {
			take_end(run);
			return;
		}
		take(run, (size_t)count);
		if (!run->active)
			return;
		/* Less than asked for is all of it: saves one more call. */
		if (!run->ssl && !closing && (size_t)count < room)
			return;
	}
	loop_task_add(run->loop, &run->again);
}

/* Return: bytes, CHECK_TLS_WAIT or CHECK_TLS_OVER, with TLS or without it */
static ssize_t write_some(struct check_run *run, const void *data,
			  size_t length)
{
	ssize_t count;

	if (run->ssl)
		return check_tls_write(run, data, length);
	do
		count = send(run->fd.fd, data, length, MSG_NOSIGNAL);
	while (count < 0 && errno == EINTR);
	if (count >= 0)
		return count;
	if (errno == EAGAIN)
		return CHECK_TLS_WAIT;
	check_socket_failed(run, errno);
	return CHECK_TLS_OVER;
}

static void flush(struct check_run *run)
{
	size_t done = 0;

	while (done < run->out_length) {
		ssize_t count = write_some(run, run->out + done,
					   run->out_length - done);

		if (count > 0) {
			done += (size_t)count;
			continue;
		}
		if (count == CHECK_TLS_OVER)
			return;
		break;
	}
	run->out_length -= done;
	memmove(run->out, run->out + done, run->out_length);
}

void check_stream_send(struct check_run *run, const void *data, size_t length)
{
	unsigned char *out;
	ssize_t sent = 0;

	run->spoken = true;
	/* Nearly always the socket takes all at once: then nothing is copied. */
	if (!run->out_length) {
		sent = write_some(run, data, length);
		if (sent == CHECK_TLS_OVER)
			return;
		if (sent < 0)
			sent = 0;
	}
	if ((size_t)sent == length)
		return;
	length -= (size_t)sent;
	out = realloc(run->out, run->out_length + length);
	if (!out) {
		check_break(run, "out of memory");
		return;
	}
	memcpy(out + run->out_length, (const char *)data + sent, length);
	run->out = out;
	run->out_length += length;
	flush(run);
}

void check_stream_consume(struct check_run *run, size_t length)
{
	run->in_length -= length;
	memmove(run->in, run->in + length, run->in_length);
}

const char *check_stream_line(const struct check_run *run, size_t *length,
			      size_t *size)
{
	const char *line = (const char *)run->in, *end;

	end = run->in_length ? memchr(line, '\n', run->in_length) : NULL;
	if (!end)
		return NULL;
	*length = (size_t)(end - line);
	*size = *length + 1;
	if (*length && line[*length - 1] == '\r')
		--*length;
	return line;
}

static void begin(struct check_run *run)
{
	const struct check_kind_ops *kind = run->check->kind;

	run->begun = true;
	run->waiting_for = "an answer";
	if (kind->begin)
		kind->begin(run);
	if (run->active && !run->spoken && !run->ssl)
		check_socket_listen(run);
}

static void go_on(struct check_run *run, uint32_t events)
{
	if (!run->begun) {
		if (run->ssl && !check_tls_handshake(run))
			return;
		begin(run);
	}
	if (run->active && run->out_length)
		flush(run);
	if (run->active && run->check->kind->received &&
	    (run->ssl || events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
		receive(run, events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
}

static void ready(struct loop_fd *fd, uint32_t events)
{
	struct check_run *run = loop_owner(fd, struct check_run, fd);

	if (!run->connected) {
		int error = 0;

		if (events & (EPOLLERR | EPOLLHUP))
			error = check_socket_error(run);
		if (error) {
			check_socket_failed(run, error);
			return;
		}
		if (!(events & EPOLLOUT))
			return;
		run->connected = true;
		if (run->check->kind->tls)
			check_tls_start(run);
		if (!run->active)
			return;
	}
	go_on(run, events);
}

static void again(struct loop_task *task)
{
	go_on(loop_owner(task, struct check_run, again), EPOLLIN | EPOLLRDHUP);
}

static void start(struct check_run *run, int protocol)
{
	run->fd.ready = ready;
	run->again.run = again;
	check_socket_connect(run, SOCK_STREAM, protocol);
}

void check_stream_start(struct check_run *run)
{
	start(run, 0);
}

void check_stream_start_sctp(struct check_run *run)
{
	start(run, IPPROTO_SCTP);
}

void check_stream_stop(struct check_run *run)
{
	loop_task_del(run->loop, &run->again);
	SSL_free(run->ssl);
	check_socket_close(run);
	free(run->in);
	free(run->out);
	run->ssl = NULL;
	run->in = NULL;
	run->out = NULL;
	run->in_length = 0;
	run->out_length = 0;
}
