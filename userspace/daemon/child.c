// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

void child_kill(const struct child *child)
{
	/* Until it is waited for, no other group can have its number. */
	kill(-child->pid, SIGKILL);
}

static void ready(struct loop_fd *fd, uint32_t events)
{
	struct child *child = loop_owner(fd, struct child, fd);
	siginfo_t info = { 0 };
	int err;

	(void)events;
	err = waitid(P_PIDFD, (id_t)fd->fd, &info, WEXITED | WNOHANG | WNOWAIT);
	if (err == 0 && info.si_pid == 0)
		return;
	child_kill(child);
	if (err == 0)
		waitid(P_PIDFD, (id_t)fd->fd, &info, WEXITED | WNOHANG);
	loop_fd_close(child->loop, fd);
	if (err)
		child->exited(child, CLD_KILLED, 0);
	else
		child->exited(child, info.si_code, info.si_status);
}

int child_watch(struct loop *loop, struct child *child, pid_t pid)
{
	int fd = pidfd_open(pid, 0), err;

	if (fd < 0)
		return -errno;
	child->loop = loop;
	child->pid = pid;
	child->fd.ready = ready;
	err = loop_fd_add(loop, &child->fd, fd, EPOLLIN);
	if (err)
		close(fd);
	return err;
}

void child_forget(struct child *child)
{
	child_kill(child);
	waitpid(child->pid, NULL, WNOHANG);
	loop_fd_close(child->loop, &child->fd);
}
