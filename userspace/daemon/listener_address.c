// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "listener_address.h"

static bool has(int fd, int option, int wanted)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 &&
	       value == wanted;
}

int listener_address(int fd, struct sluice_endpoint *at)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	const struct sockaddr_in6 *v6 = (const void *)&address;
	const struct sockaddr_in *v4 = (const void *)&address;
	socklen_t size = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		return -errno;
	*at = (struct sluice_endpoint){ .port = 0 };
	at->address.family = address.ss_family;
	if (address.ss_family == AF_INET6) {
		at->port = ntohs(v6->sin6_port);
		at->address.v6 = v6->sin6_addr;
	} else if (address.ss_family == AF_INET) {
		at->port = ntohs(v4->sin_port);
		at->address.v4 = v4->sin_addr;
	} else {
		return -EINVAL;
	}
	return has(fd, SO_ACCEPTCONN, 1) && has(fd, SO_PROTOCOL, IPPROTO_TCP) ?
		       0 :
		       -EINVAL;
}
