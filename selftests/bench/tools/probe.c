// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long packets are held up on their way. Every millisecond one is given to
 * a link that delays it by a fixed time (netem), so that it is the kernel's
 * timer, not this program, that lets it go; when it reaches the far end the
 * kernel notes the time.
 *
 *   probe RECEIVER-NETNS TO PORT RECEIVER-PORT DELAY-MS SECONDS
 *
 * sends from the network namespace that it is started in, and prints for each
 * second 'SECOND RECEIVED MEDIAN-NS MAX-NS' of what they needed besides the
 * delay; at the end 'lost N'.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MS INT64_C(1000000)
#define PER_SECOND 1000
#define SECONDS_MAX 3600

struct note {
	int64_t sent;
	uint32_t number;
};

/* What a packet of each number needed; -1 while it is not there. */
static int64_t *needed;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000 * MS + t.tv_nsec;
}

static int udp_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		die("socket");
	return fd;
}

static int open_receiver(const char *netns, int port)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_port = htons(port) };
	int on = 1, size = 1 << 22, fd = open(netns, O_RDONLY);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(netns);
	close(fd);
	fd = udp_socket();
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)))
		die("receiver");
	return fd;
}

/* Take what has arrived. */
static void receive(int fd, int64_t delay, uint32_t count)
{
	char control[CMSG_SPACE(sizeof(struct timespec))];
	struct note note;
	struct iovec data = { &note, sizeof(note) };
	struct timespec when;
	struct msghdr message;

	for (;;) {
		message = (struct msghdr){ .msg_iov = &data,
					   .msg_iovlen = 1,
					   .msg_control = control,
					   .msg_controllen = sizeof(control) };
		if (recvmsg(fd, &message, MSG_DONTWAIT) != sizeof(note))
			return;
		if (!CMSG_FIRSTHDR(&message) || note.number >= count)
			continue;
		memcpy(&when, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(when));
		needed[note.number] = when.tv_sec * 1000 * MS + when.tv_nsec -
				      note.sent - delay;
	}
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void report(int seconds)
{
	int second, i, n, lost = 0;
	int64_t *part;

	for (second = 0; second < seconds; second++) {
		part = needed + (size_t)second * PER_SECOND;
		qsort(part, PER_SECOND, sizeof(*part), compare);
		for (i = 0; i < PER_SECOND && part[i] == INT64_MIN; i++)
			;
		n = PER_SECOND - i;
		lost += i;
		if (n)
			printf("%d %d %lld %lld\n", second, n,
			       (long long)part[i + n / 2],
			       (long long)part[PER_SECOND - 1]);
	}
	printf("lost %d\n", lost);
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int sender, receiver, seconds;
	struct note note = { 0 };
	int64_t delay, next, left;
	struct pollfd poll_fd;
	uint32_t count, i;

	if (argc != 7 || inet_pton(AF_INET, argv[2], &to.sin_addr) != 1) {
		fprintf(stderr, "usage: probe RECEIVER-NETNS TO PORT "
				"RECEIVER-PORT DELAY-MS SECONDS\n");
		return 2;
	}
	to.sin_port = htons(atoi(argv[3]));
	delay = atoi(argv[5]) * MS;
	seconds = atoi(argv[6]);
	if (seconds < 1 || seconds > SECONDS_MAX)
		return 2;
	count = seconds * PER_SECOND;
	needed = calloc(count, sizeof(*needed));
	if (!needed)
		die("calloc");
	for (i = 0; i < count; i++)
		needed[i] = INT64_MIN;
	sender = udp_socket();
	if (connect(sender, (struct sockaddr *)&to, sizeof(to)))
		die("connect");
	receiver = open_receiver(argv[1], atoi(argv[4]));

	poll_fd = (struct pollfd){ .fd = receiver, .events = POLLIN };
	next = now();
	/* After the last one wait for it, too. */
	while (note.number < count || now() < next + delay + 500 * MS) {
		left = next - now();
		if (left > 0 || note.number == count) {
			poll(&poll_fd, 1, left > MS ? left / MS : 1);
			receive(receiver, delay, count);
			continue;
		}
		note.sent = now();
		/* A full queue is a loss like any other. */
		(void)!send(sender, &note, sizeof(note), MSG_DONTWAIT);
		note.number++;
		next += MS;
	}
	receive(receiver, delay, count);
	report(seconds);
	return 0;
}
