// SPDX-License-Identifier: GPL-2.0-or-later
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>

#include "spare.h"
#include "stream.h"

void check_spares_init(struct check_spares *spares, unsigned int in_flight_max)
{
	spares->max = in_flight_max / 16;
	if (spares->max > CHECK_SPARES_MAX)
		spares->max = CHECK_SPARES_MAX;
}

/* Whether nothing but its family makes the socket of a run another than the next. */
static bool is_plain(const struct check_run *run)
{
	const struct sockaddr_in6 *in6 = (const void *)run->address;
	const struct check *check = run->check;

	if (check->kind->start != check_stream_start || check->kind->tls ||
	    check->netns.path || check->spec->mark ||
	    check->source.ss_family != AF_UNSPEC)
		return false;
	/* The kernel does not forget the device, or that the socket spoke IPv4. */
	return run->address->ss_family == AF_INET ||
	       (in6->sin6_scope_id == 0 &&
		!IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr));
}

static int *top(struct check_spares *spares, const struct check_run *run,
		unsigned int **count)
{
	unsigned int family = run->address->ss_family == AF_INET6;

	*count = &spares->counts[family];
	return &spares->fds[family][**count];
}

bool check_spare_take(struct check_run *run)
{
	struct check_spares *spares = check_engine_spares(run->check->engine);
	unsigned int *count;
	const int *fd = top(spares, run, &count);

	if (!*count || !is_plain(run))
		return false;
	loop_fd_resume(run->loop, &run->fd, fd[-1]);
	--*count;
	return true;
}

/*
 * Left to itself, the next connection of a socket has the sequence numbers that
 * follow those of the last: one server would know what to forge in the name of the
 * next. A sequence number of 0 has the kernel choose as it does for a new socket.
 *
 * Return: whether that could be done; it wants CAP_NET_ADMIN
 */
static bool forget_sequence(int fd)
{
	static const struct {
		int option;
		int value;
	} steps[] = {
		{ TCP_REPAIR, TCP_REPAIR_ON },
		{ TCP_REPAIR_QUEUE, TCP_SEND_QUEUE },
		{ TCP_QUEUE_SEQ, 0 },
		{ TCP_REPAIR, TCP_REPAIR_OFF },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (setsockopt(fd, IPPROTO_TCP, steps[i].option,
			       &steps[i].value, sizeof(int)) != 0)
			return false;
	return true;
}

bool check_spare_keep(struct check_run *run)
{
	static const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct check_spares *spares = check_engine_spares(run->check->engine);
	unsigned int *count;
	int *fd = top(spares, run, &count);

	if (*count == spares->max || !is_plain(run) ||
	    connect(run->fd.fd, &none, sizeof(none)) != 0 ||
	    !forget_sequence(run->fd.fd))
		return false;
	*fd = loop_fd_park(run->loop, &run->fd);
	++*count;
	return true;
}

void check_spares_close(struct check_spares *spares, struct loop *loop)
{
	for (int i = 0; i < 2; i++)
		while (spares->counts[i]) {
			struct loop_fd spare;

			loop_fd_resume(loop, &spare,
				       spares->fds[i][--spares->counts[i]]);
			loop_fd_close(loop, &spare);
		}
}
