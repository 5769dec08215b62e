// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background.h"

#define GONE_MS 1000

/* Where the child says that it is ready; -1: it has, or nobody waits. */
static int parent = -1;

static int failed(const char *what)
{
	fprintf(stderr, "sluiced: background: %s: %s\n", what, strerror(errno));
	return 1;
}

static int wait_for(pid_t child, int fd)
{
	ssize_t got;
	char ready;
	int status;

	do
		got = read(fd, &ready, 1);
	while (got < 0 && errno == EINTR);
	/* The child sees our end by that of the pipe. */
	if (got == 1)
		return 0;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return failed("wait");
	if (WIFEXITED(status))
		return WEXITSTATUS(status) ? WEXITSTATUS(status) : 1;
	fprintf(stderr, "sluiced: background: ended by signal %d\n",
		WTERMSIG(status));
	return 1;
}

/* Its output is where that of the parent goes. */
static void detach(void)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setsid();
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	if (null != STDIN_FILENO)
		close(null);
}

int background_enter(void)
{
	int pipes[2];
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return failed("pipe");
	child = fork();
	if (child < 0) {
		close(pipes[0]);
		close(pipes[1]);
		return failed("fork");
	}
	if (child > 0) {
		close(pipes[1]);
		return wait_for(child, pipes[0]);
	}
	close(pipes[0]);
	parent = pipes[1];
	detach();
	return -1;
}

void background_ready(void)
{
	struct pollfd gone = { .fd = parent };

	if (parent < 0)
		return;
	/* An error: it has gone, and does not want to know. */
	if (write(parent, "", 1) == 1)
		poll(&gone, 1, GONE_MS);
	close(parent);
	parent = -1;
}
