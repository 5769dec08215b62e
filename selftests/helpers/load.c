// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Clients of sl-echo: many short connections, or few long ones.
 *
 *   sl-load [-k] [-p PROCESSES] [-t SECONDS] [-w MS] [-i MS] TARGET...
 *     TARGET   tcp,ADDRESS,PORT or udp,ADDRESS,PORT
 *     -k       keep connections; else each request has one of its own
 *     -p       processes, each of which takes the targets in turn (1)
 *     -t       how long, by default until SIGTERM
 *     -w       milliseconds to wait for anything (20000)
 *     -i       milliseconds between two requests of a process (0)
 *
 * At the end one JSON object a target, in their order: how many requests were
 * answered, how many failed, how often a datagram was sent again, how often a
 * connection or flow had a port of an earlier one, and the first error of all.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TARGETS_MAX 64
#define PROCESSES_MAX 64
#define REQUEST_MAX 20000
#define HEADER 5

struct target {
	const char *name;
	bool udp;
	struct sockaddr_storage addr;
	socklen_t length;
	/* With -k, in each process. */
	int fd;
};

/* Shared by all processes. */
struct result {
	atomic_ulong requests, failures, again, reused;
	atomic_bool used[UINT16_MAX + 1];
	atomic_flag named;
	char error[120];
};

static struct target targets[TARGETS_MAX];
static struct result *results;
static int target_count, patience = 20000;
static bool keep;
static volatile sig_atomic_t stop;
static char request[REQUEST_MAX], answer[REQUEST_MAX];

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void parse_target(struct target *target, char *text)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&target->addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&target->addr;
	char *protocol, *address, *port;

	target->name = strdup(text);
	protocol = strtok(text, ",");
	address = strtok(NULL, ",");
	port = strtok(NULL, ",");
	if (!port)
		goto bad;
	target->udp = !strcmp(protocol, "udp");
	target->fd = -1;
	if (inet_pton(AF_INET, address, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(atoi(port));
		target->length = sizeof(*in);
	} else if (inet_pton(AF_INET6, address, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(atoi(port));
		target->length = sizeof(*in6);
	} else {
		goto bad;
	}
	return;

bad:
	fprintf(stderr, "sl-load: bad target '%s'\n", target->name);
	exit(2);
}

/* Wait for EVENTS. Return 0 or an error number. */
static int wait_for(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	long long end = now_ms() + ms;
	int n;

	do {
		ms = end - now_ms();
		n = poll(&p, 1, ms > 0 ? ms : 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno;
	return n ? 0 : ETIMEDOUT;
}

static int open_target(const struct target *target, int *result)
{
	int fd, err = 0, type = target->udp ? SOCK_DGRAM : SOCK_STREAM;
	socklen_t length = sizeof(err);

	*result = -1;
	fd = socket(target->addr.ss_family, type | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno;
	if (connect(fd, (struct sockaddr *)&target->addr, target->length)) {
		err = errno;
		if (err == EINPROGRESS) {
			err = wait_for(fd, POLLOUT, patience);
			if (!err)
				getsockopt(fd, SOL_SOCKET, SO_ERROR, &err,
					   &length);
		}
	}
	if (err)
		close(fd);
	else
		*result = fd;
	return err;
}

static void note_port(int fd, struct result *result)
{
	struct sockaddr_in6 self;
	socklen_t length = sizeof(self);

	/* Where IPv4 has it, too. */
	if (!getsockname(fd, (struct sockaddr *)&self, &length) &&
	    atomic_exchange(&result->used[ntohs(self.sin6_port)], true))
		result->reused++;
}

static int send_all(int fd, size_t size)
{
	size_t at = 0;
	ssize_t done;
	int err;

	while (at < size) {
		done = send(fd, request + at, size - at, MSG_NOSIGNAL);
		if (done >= 0) {
			at += done;
			continue;
		}
		if (errno != EAGAIN)
			return errno;
		err = wait_for(fd, POLLOUT, patience);
		if (err)
			return err;
	}
	return 0;
}

static int receive_all(int fd, size_t size)
{
	size_t at = 0;
	ssize_t done;
	int err;

	while (at < size) {
		done = recv(fd, answer + at, size - at, 0);
		if (done > 0) {
			at += done;
			continue;
		}
		if (!done)
			return EPIPE;
		if (errno != EAGAIN)
			return errno;
		err = wait_for(fd, POLLIN, patience);
		if (err)
			return err;
	}
	return memcmp(request, answer, size) ? EBADMSG : 0;
}

/* A datagram may be lost: it is sent again, but patience has an end. */
static int ask_udp(int fd, size_t size, struct result *result)
{
	long long end = now_ms() + patience;
	ssize_t got;
	int err;

	for (;;) {
		if (send(fd, request, size, MSG_NOSIGNAL) < 0 &&
		    errno != EAGAIN)
			return errno;
		err = wait_for(fd, POLLIN, 500);
		while (!err) {
			got = recv(fd, answer, sizeof(answer), 0);
			if (got < 0 && errno != EAGAIN)
				return errno;
			/* With -k, the answer to an earlier one comes late. */
			if (got == (ssize_t)size &&
			    !memcmp(request, answer, size))
				return 0;
			err = wait_for(fd, POLLIN, 500);
		}
		if (err != ETIMEDOUT || now_ms() >= end)
			return err;
		result->again++;
	}
}

/* Ends of a connection that has had its answer. */
static int end_tcp(int fd, unsigned int how)
{
	struct linger abort = { .l_onoff = 1 };
	char byte;
	int err = 0;

	switch (how) {
	case 0:
		break;
	case 1:
		/* The server closes first. */
		err = wait_for(fd, POLLIN, patience);
		if (!err && recv(fd, &byte, 1, 0))
			err = EPROTO;
		break;
	case 2:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
		break;
	case 3:
		shutdown(fd, SHUT_WR);
		err = wait_for(fd, POLLIN, patience);
		if (!err && recv(fd, &byte, 1, 0))
			err = EPROTO;
		break;
	}
	return err;
}

static int one_request(struct target *target, struct result *result,
		       unsigned long count)
{
	unsigned int how = keep ? 0 : random() & 3;
	size_t size = HEADER + 1 + random() % 200;
	uint32_t length;
	int fd = target->fd, err = 0;

	/* Some need several packets. */
	if (!target->udp && !(random() & 15))
		size = 2000 + random() % (REQUEST_MAX - 2000);
	length = htonl(size - HEADER);
	request[0] = how == 1 ? 'S' : 'R';
	memcpy(request + 1, &length, sizeof(length));
	snprintf(request + HEADER, sizeof(request) - HEADER, "%d.%lu ",
		 getpid(), count);

	if (fd < 0)
		err = open_target(target, &fd);
	if (err)
		return err;
	if (!keep)
		note_port(fd, result);
	if (target->udp) {
		err = ask_udp(fd, size, result);
	} else {
		err = send_all(fd, size);
		if (!err)
			err = receive_all(fd, size);
		if (!err && !keep)
			err = end_tcp(fd, how);
	}
	if (keep && !err) {
		target->fd = fd;
		return 0;
	}
	close(fd);
	target->fd = -1;
	return err;
}

static void client(int first, int interval)
{
	unsigned long count = 0;
	struct result *result;
	int i, err;

	srandom(getpid());
	for (i = 0; i < REQUEST_MAX; i++)
		request[i] = 'a' + i % 26;
	for (i = first; !stop; i++, count++) {
		i %= target_count;
		result = &results[i];
		err = one_request(&targets[i], result, count);
		if (!err) {
			result->requests++;
		} else {
			result->failures++;
			if (!atomic_flag_test_and_set(&result->named))
				snprintf(result->error, sizeof(result->error),
					 "%s", strerror(err));
			/* Do not spin where nothing works. */
			usleep(1000);
		}
		if (interval)
			usleep(interval * 1000);
	}
}

static void report(void)
{
	int i;

	for (i = 0; i < target_count; i++)
		printf("{\"target\": \"%s\", \"requests\": %lu, "
		       "\"failures\": %lu, \"again\": %lu, "
		       "\"reused\": %lu, \"error\": \"%s\"}\n",
		       targets[i].name, results[i].requests,
		       results[i].failures, results[i].again, results[i].reused,
		       results[i].error);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	int option, processes = 1, seconds = 0, interval = 0, i;
	pid_t pids[PROCESSES_MAX];

	while ((option = getopt(argc, argv, "kp:t:w:i:")) >= 0) {
		switch (option) {
		case 'k':
			keep = true;
			break;
		case 'p':
			processes = atoi(optarg);
			break;
		case 't':
			seconds = atoi(optarg);
			break;
		case 'w':
			patience = atoi(optarg);
			break;
		case 'i':
			interval = atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	target_count = argc - optind;
	if (target_count < 1 || target_count > TARGETS_MAX || processes < 1 ||
	    processes > PROCESSES_MAX) {
		fprintf(stderr, "usage: sl-load [OPTION]... TARGET...\n");
		return 2;
	}
	for (i = 0; i < target_count; i++)
		parse_target(&targets[i], argv[optind + i]);
	results = mmap(NULL, target_count * sizeof(*results),
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		       0);
	if (results == MAP_FAILED)
		die("mmap");

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	for (i = 0; i < processes; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			die("fork");
		if (!pids[i]) {
			client(i, interval);
			_exit(0);
		}
	}
	alarm(seconds);
	while (!stop)
		pause();
	for (i = 0; i < processes; i++)
		kill(pids[i], SIGTERM);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	report();
	return 0;
}
