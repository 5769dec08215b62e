// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "wakeup.h"

static void ready(struct loop_fd *fd, uint32_t events)
{
	struct wakeup *wakeup = loop_owner(fd, struct wakeup, fd);

	(void)events;
	/*
	 * Edge-triggered, so the counter need not be read: each write is an
	 * event. The flag goes down before @woken looks at what there is.
	 */
	__atomic_store_n(&wakeup->sent, false, __ATOMIC_SEQ_CST);
	wakeup->woken(wakeup);
}

int wakeup_init(struct loop *loop, struct wakeup *wakeup)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), err;

	if (fd < 0)
		return -errno;
	wakeup->loop = loop;
	wakeup->sent = false;
	wakeup->fd.ready = ready;
	err = loop_fd_add(loop, &wakeup->fd, fd, EPOLLIN | EPOLLET);
	if (err)
		close(fd);
	return err;
}

void wakeup_send(struct wakeup *wakeup)
{
	const uint64_t one = 1;
	uint64_t count;
	int error = errno;

	if (__atomic_exchange_n(&wakeup->sent, true, __ATOMIC_SEQ_CST))
		return;
	/* It is full after 2^64 - 2 of them. */
	while (write(wakeup->fd.fd, &one, sizeof(one)) < 0 && errno == EAGAIN)
		if (read(wakeup->fd.fd, &count, sizeof(count)) < 0)
			break;
	errno = error;
}

void wakeup_exit(struct wakeup *wakeup)
{
	loop_fd_close(wakeup->loop, &wakeup->fd);
}
