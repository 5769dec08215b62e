// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Make tap devices and run a program that has them open, the first one as file
 * descriptor 10, the next as 11 and so on: a packet that is written there has
 * been received by the device. They go with the program.
 *
 *   ports DEVICE... -- COMMAND [ARGUMENT]...
 */

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define FIRST_FD 10

static int die(const char *what)
{
	perror(what);
	return 1;
}

static int open_tap(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR);

	if (fd < 0)
		return -1;
	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	if (ioctl(fd, TUNSETIFF, &request) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int main(int argc, char **argv)
{
	int fd, i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		fd = open_tap(argv[i]);
		if (fd < 0)
			return die(argv[i]);
		if (dup2(fd, FIRST_FD + i - 1) < 0)
			return die("dup2");
		close(fd);
	}
	if (i + 1 >= argc) {
		fprintf(stderr, "usage: ports DEVICE... -- COMMAND\n");
		return 2;
	}
	execvp(argv[i + 1], argv + i + 1);
	return die(argv[i + 1]);
}
