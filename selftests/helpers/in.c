// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Run a command in a network namespace. nsenter does the same, but with the
 * libraries that it loads it takes five times as long in an emulated guest, and
 * most lines of a test need this.
 *
 *   sl-in NAMESPACE COMMAND [ARGUMENT]...
 *
 * Exit status: the command's, 126 where there is no such namespace, 127 where
 * there is no such command.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[256];
	int fd;

	if (argc < 3) {
		fputs("usage: sl-in NAMESPACE COMMAND [ARGUMENT]...\n", stderr);
		return 126;
	}
	snprintf(path, sizeof(path), "/run/netns/%s", argv[1]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET)) {
		fprintf(stderr, "sl-in: %s: %s\n", path, strerror(errno));
		return 126;
	}
	execvp(argv[2], argv + 2);
	fprintf(stderr, "sl-in: %s: %s\n", argv[2], strerror(errno));
	return 127;
}
