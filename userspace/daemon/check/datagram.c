// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "datagram.h"
#include "socket.h"

/* The longest there is. */
#define DATAGRAM_MAX 65536

/* Datagrams in one turn, before others get theirs. */
#define READS 16

void check_datagram_send(struct check_run *run, const void *data, size_t length)
{
	if (send(run->fd.fd, data, length, 0) < 0 && errno != EAGAIN)
		check_socket_failed(run, errno);
}

static void receive(struct check_run *run)
{
	unsigned char buffer[DATAGRAM_MAX];
	ssize_t count;

	for (int i = 0; i < READS; i++) {
		count = recv(run->fd.fd, buffer, sizeof(buffer), 0);
		if (count < 0 && errno == EAGAIN)
			return;
		if (count < 0) {
			check_socket_failed(run, errno);
			return;
		}
		run->in = buffer;
		run->in_length = (size_t)count;
		run->check->kind->received(run, false);
		run->in = NULL;
		run->in_length = 0;
		if (!run->active)
			return;
	}
	loop_task_add(run->loop, &run->again);
}

static void ready(struct loop_fd *fd, uint32_t events)
{
	if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		receive(loop_owner(fd, struct check_run, fd));
}

static void again(struct loop_task *task)
{
	receive(loop_owner(task, struct check_run, again));
}

void check_datagram_start(struct check_run *run)
{
	run->fd.ready = ready;
	run->again.run = again;
	if (!check_socket_connect(run, SOCK_DGRAM, 0))
		return;
	run->waiting_for = "an answer";
	run->check->kind->begin(run);
}

void check_datagram_stop(struct check_run *run)
{
	loop_task_del(run->loop, &run->again);
	check_socket_close(run);
}
