// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <unistd.h>

#include "signals.h"

static void ready(struct loop_fd *fd, uint32_t events)
{
	struct signals *signals = loop_owner(fd, struct signals, fd);
	struct signalfd_siginfo info;

	(void)events;
	/* One an event: the callback may have freed this, and epoll asks again. */
	if (read(fd->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		signals->arrived(signals, &info);
}

int signals_watch(struct loop *loop, struct signals *signals,
		  const sigset_t *set)
{
	int fd, err;

	err = pthread_sigmask(SIG_BLOCK, set, NULL);
	if (err)
		return -err;
	fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	signals->loop = loop;
	signals->fd.ready = ready;
	err = loop_fd_add(loop, &signals->fd, fd, EPOLLIN);
	if (err)
		close(fd);
	return err;
}

void signals_forget(struct signals *signals)
{
	loop_fd_close(signals->loop, &signals->fd);
}
