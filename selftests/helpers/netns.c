// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Make network namespaces usable for tests, all by one process: in an emulated
 * guest each costs tens of milliseconds.
 *
 *   sl-netns [SYSCTL=VALUE]... NAME...
 *
 * Each namespace, which 'ip netns add' has made, gets its loopback device up and
 * the settings, whose names have slashes: net/ipv4/ip_forward=1.
 */

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "sl-netns: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void enter(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

static void loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		fail("lo");
	close(fd);
}

static void set(const char *setting)
{
	const char *value = strchr(setting, '=') + 1;
	int length = (int)(value - 1 - setting), fd;
	char path[256];

	snprintf(path, sizeof(path), "/proc/sys/%.*s", length, setting);
	/* What /proc/sys/net shows is the namespace of whoever opens it. */
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		fail(setting);
	close(fd);
}

int main(int argc, char **argv)
{
	int i, j, settings = 1;

	while (settings < argc && strchr(argv[settings], '='))
		settings++;
	if (settings == argc) {
		fputs("usage: sl-netns [SYSCTL=VALUE]... NAME...\n", stderr);
		return 2;
	}
	for (i = settings; i < argc; i++) {
		enter(argv[i]);
		loopback_up();
		for (j = 1; j < settings; j++)
			set(argv[j]);
	}
	return 0;
}
