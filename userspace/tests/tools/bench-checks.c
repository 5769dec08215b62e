// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What checks cost: a loop and an engine check many addresses of this machine, once
 * a second each, and a line says how much CPU time that took:
 *
 *	bench-checks serve PORT                     a server for both kinds
 *	bench-checks tcp|http PORT SERVERS SECONDS  checks and microseconds of CPU
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check/run.h"

/* Before the measurement, so that all servers are in turn. */
#define WARM_UP_MS 2500

static struct loop *loop;

struct client {
	struct loop_fd fd;
};

static void answer(struct loop_fd *fd, uint32_t events)
{
	static const char text[] =
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
	char request[4096];
	ssize_t count;

	(void)events;
	count = recv(fd->fd, request, sizeof(request), 0);
	if (count < 0 && errno == EAGAIN)
		return;
	if (count > 0)
		send(fd->fd, text, sizeof(text) - 1, MSG_NOSIGNAL);
	loop_fd_close(loop, fd);
	free(loop_owner(fd, struct client, fd));
}

static void take(struct loop_fd *fd, uint32_t events)
{
	(void)events;
	for (;;) {
		struct client *client;
		int one = accept4(fd->fd, NULL, NULL,
				  SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (one < 0)
			return;
		client = calloc(1, sizeof(*client));
		client->fd.ready = answer;
		loop_fd_add(loop, &client->fd, one,
			    EPOLLIN | EPOLLRDHUP | EPOLLET);
	}
}

static int serve(unsigned int port)
{
	const struct sockaddr_in any = { .sin_family = AF_INET,
					 .sin_port = htons((uint16_t)port) };
	struct loop_fd listener = { .ready = take };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 ||
	    bind(fd, (const struct sockaddr *)&any, sizeof(any)) != 0 ||
	    listen(fd, 4096) != 0) {
		fprintf(stderr, "bench-checks: port %u: %s\n", port,
			strerror(errno));
		return 1;
	}
	loop_fd_add(loop, &listener, fd, EPOLLIN | EPOLLET);
	puts("ready");
	fflush(stdout);
	return loop_run(loop);
}

static void report(struct check_watch *watch, const struct check_report *report)
{
	static bool said;

	(void)watch;
	if (report->verdict != CHECK_PASSED && !said)
		fprintf(stderr, "bench-checks: %s\n", report->reason);
	said = said || report->verdict != CHECK_PASSED;
}

static void stop(struct wheel_timer *timer)
{
	(void)timer;
	loop_stop(loop);
}

static void run_for(unsigned int ms)
{
	struct wheel_timer timer = { .expire = stop };

	loop_timer_set(loop, &timer, ms);
	loop_run(loop);
}

struct cpu {
	double user_us;
	double system_us;
};

static double us_of(struct timeval time)
{
	return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

static struct cpu cpu_now(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (struct cpu){ us_of(usage.ru_utime), us_of(usage.ru_stime) };
}

/* Addresses from 127.1.0.1 on: each has ports of its own to connect from. */
static void watch_all(struct check *check, struct check_watch *watches,
		      unsigned int port, unsigned int servers)
{
	for (unsigned int i = 0; i < servers; i++) {
		const struct sockaddr_in address = {
			.sin_family = AF_INET,
			.sin_port = htons((uint16_t)port),
			.sin_addr.s_addr = htonl(0x7f010001 + i),
		};

		watches[i].report = report;
		if (check_watch_add(check, (const struct sockaddr *)&address,
				    &watches[i], CHECK_UNKNOWN) != 0)
			abort();
	}
}

static int measure(enum check_kind kind, unsigned int port,
		   unsigned int servers, unsigned int seconds)
{
	const struct check_spec spec = {
		.name = "bench",
		.kind = kind,
		.interval_ms = 1000,
		.jitter_percent = 10,
		.timeout_ms = 5000,
		.rise = 2,
		.fall = 3,
	};
	struct check_watch *watches = calloc(servers, sizeof(*watches));
	struct check_engine *engine = check_engine_create(loop, NULL);
	struct check_stats before, after;
	struct check_error error;
	struct check *check = check_create(engine, &spec, &error);
	struct cpu from, to;

	if (!watches || !check)
		abort();
	watch_all(check, watches, port, servers);
	run_for(WARM_UP_MS);
	before = check_engine_stats(engine);
	from = cpu_now();
	run_for(seconds * 1000);
	to = cpu_now();
	after = check_engine_stats(engine);
	printf("checks %lu failed %lu user_us %.0f system_us %.0f\n",
	       (unsigned long)(after.passed - before.passed),
	       (unsigned long)(after.failed + after.broken),
	       to.user_us - from.user_us, to.system_us - from.system_us);
	for (unsigned int i = 0; i < servers; i++)
		check_watch_del(&watches[i]);
	check_free(check);
	check_engine_free(engine);
	free(watches);
	return after.failed + after.broken != 0;
}

int main(int argc, char *argv[])
{
	int status = 2;

	signal(SIGPIPE, SIG_IGN);
	loop = loop_create(NULL);
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		status = serve((unsigned int)strtoul(argv[2], NULL, 10));
	else if (argc == 5)
		status = measure(strcmp(argv[1], "http") ? CHECK_TCP :
							   CHECK_HTTP,
				 (unsigned int)strtoul(argv[2], NULL, 10),
				 (unsigned int)strtoul(argv[3], NULL, 10),
				 (unsigned int)strtoul(argv[4], NULL, 10));
	else
		fprintf(stderr,
			"usage: bench-checks serve PORT | tcp|http PORT SERVERS SECONDS\n");
	loop_free(loop);
	return status;
}
