// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sockets of checks that are used again: the server and the check notice nothing.
 * Without CAP_NET_ADMIN they are not used again, and half of this is not tried.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../ktap.h"
#include "check/kinds.h"
#include "check/run.h"
#include "once.h"

#define RUNS_MAX 8
#define TIMEOUT 400
#define TIMEOUT_LONG 20000

/* What a server does to one connection after the other: a letter each. */
struct server {
	/* a: answer; s: be silent; z: close; -: nobody listens any more */
	const char *script;
	int listener;
	struct sockaddr_storage address;
	/* By connection: number of the first byte, and whether it ended by a reset. */
	uint32_t sequences[RUNS_MAX];
	bool resets[RUNS_MAX];
	unsigned int count;
	pthread_t thread;
};

/* What came of the runs of one check. */
struct result {
	enum check_verdict verdict;
	char reason[CHECK_REASON_SIZE];
};

struct runs {
	struct check_watch watch;
	struct result results[RUNS_MAX];
	ino_t sockets[RUNS_MAX];
	unsigned int connected;
	unsigned int count;
};

static struct runs *current;

/* The number of the first byte that came, after so many. */
static uint32_t first_sequence(int fd, ssize_t length)
{
	const int on = TCP_REPAIR_ON, off = TCP_REPAIR_OFF,
		  queue = TCP_RECV_QUEUE;
	socklen_t size = sizeof(uint32_t);
	uint32_t next = 0;

	setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof(queue));
	getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, &next, &size);
	setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &off, sizeof(off));
	return next - (uint32_t)length;
}

static void *serve(void *arg)
{
	struct server *server = arg;

	for (const char *step = server->script; *step && *step != '-'; step++) {
		int fd = accept(server->listener, NULL, NULL);
		unsigned int i = server->count++;
		char buffer[16];
		ssize_t length = recv(fd, buffer, sizeof(buffer), 0);

		server->sequences[i] = first_sequence(fd, length);
		if (*step == 'a')
			send(fd, "ok", 2, MSG_NOSIGNAL);
		if (*step != 'z')
			server->resets[i] = recv(fd, buffer, 1, 0) < 0 &&
					    errno == ECONNRESET;
		close(fd);
	}
	close(server->listener);
	return NULL;
}

static void serve_start(struct server *server, int family, const char *script)
{
	struct sockaddr_in6 *in6 = (void *)&server->address;
	struct sockaddr_in *in = (void *)&server->address;
	socklen_t size = sizeof(server->address);

	memset(server, 0, sizeof(*server));
	server->script = script;
	server->address.ss_family = (sa_family_t)family;
	if (family == AF_INET6)
		in6->sin6_addr = in6addr_loopback;
	else
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server->listener < 0 ||
	    bind(server->listener, (void *)&server->address,
		 family == AF_INET6 ? sizeof(*in6) : sizeof(*in)) != 0 ||
	    getsockname(server->listener, (void *)&server->address, &size) !=
		    0 ||
	    listen(server->listener, RUNS_MAX) != 0 ||
	    pthread_create(&server->thread, NULL, serve, server) != 0) {
		printf("Bail out! no server\n");
		exit(1);
	}
}

static void begin(struct check_run *run)
{
	struct stat st;

	if (fstat(run->fd.fd, &st) == 0 && current->connected < RUNS_MAX)
		current->sockets[current->connected++] = st.st_ino;
	check_tcp.begin(run);
}

static void report(struct check_watch *watch, const struct check_report *report)
{
	struct runs *runs = loop_owner(watch, struct runs, watch);
	struct result *result = &runs->results[runs->count];

	if (runs->count == RUNS_MAX)
		return;
	runs->count++;
	result->verdict = report->verdict;
	snprintf(result->reason, sizeof(result->reason), "%s", report->reason);
}

/* The check tcp, looked at. */
static struct check_kind_ops tcp;
static const struct check_kind_ops *kinds[CHECK_KIND_COUNT];
static struct loop *loop;
static struct check_engine *engine;

static struct check_spec spec_of(unsigned int timeout_ms)
{
	return (struct check_spec){
		.name = "test",
		.kind = CHECK_TCP,
		.interval_ms = 1,
		.timeout_ms = timeout_ms,
		.rise = 1,
		.fall = 1,
		.send = "x",
		.send_length = 1,
		.expect = "ok",
		.expect_length = 2,
	};
}

/* So many checks of a server, one after the other. */
static void run(struct runs *runs, const struct sockaddr_storage *address,
		const struct check_spec *spec, unsigned int count)
{
	struct check_error error = { "" };
	struct check *check = check_create(engine, spec, &error);

	memset(runs, 0, sizeof(*runs));
	runs->watch.report = report;
	current = runs;
	if (!check || check_watch_add(check, (const struct sockaddr *)address,
				      &runs->watch, CHECK_UNKNOWN) != 0) {
		printf("# %s\n", error.text);
		return;
	}
	while (runs->count < count)
		loop_turn(loop, -1);
	check_watch_del(&runs->watch);
	check_free(check);
}

/* That it is all so: results, resets, and how many sockets it took. */
static bool all_passed(const struct runs *runs, const struct server *server,
		       unsigned int count, bool one_socket)
{
	bool good = runs->connected == count && server->count == count;

	for (unsigned int i = 0; i < count; i++) {
		good &= runs->results[i].verdict == CHECK_PASSED &&
			server->resets[i];
		if (i)
			good &= (runs->sockets[i] == runs->sockets[i - 1]) ==
				one_socket;
	}
	for (unsigned int i = 0; !good && i < count; i++)
		printf("# %s, socket %lu, %s\n", runs->results[i].reason,
		       (unsigned long)runs->sockets[i],
		       server->resets[i] ? "reset" : "not reset");
	return good;
}

/* Numbers of connections that follow each other are as far apart as any. */
static bool sequences_apart(const struct server *server)
{
	unsigned int near = 0;

	for (unsigned int i = 1; i < server->count; i++)
		near += server->sequences[i] - server->sequences[i - 1] <
			1 << 24;
	if (near > 2)
		for (unsigned int i = 0; i < server->count; i++)
			printf("# %u\n", server->sequences[i]);
	return near <= 2;
}

static void many(struct ktap *ktap, int family, bool one_socket,
		 const char *name)
{
	struct check_spec spec = spec_of(TIMEOUT_LONG);
	struct server server;
	struct runs runs;

	serve_start(&server, family, "aaaaaaaa");
	run(&runs, &server.address, &spec, 8);
	pthread_join(server.thread, NULL);
	ktap_result(ktap, all_passed(&runs, &server, 8, one_socket), name);
	if (one_socket)
		ktap_result(
			ktap, sequences_apart(&server),
			"a connection says nothing of the next one's numbers");
}

/* Whatever happens to a connection, the next on its socket begins anew. */
static bool trouble(void)
{
	static const char *const reasons[] = {
		"answered as expected",
		"timed out after 400 ms, waiting for the expected bytes",
		"answered as expected",
		"closed without the expected bytes",
		"answered as expected",
		"Connection refused, waiting for the connection",
	};
	struct check_spec spec = spec_of(TIMEOUT);
	struct server server;
	struct runs runs;
	bool good = true;

	serve_start(&server, AF_INET, "asaza-");
	run(&runs, &server.address, &spec, 6);
	pthread_join(server.thread, NULL);
	for (int i = 0; i < 6; i++)
		if (strcmp(runs.results[i].reason, reasons[i]) != 0) {
			printf("# '%s' instead of '%s'\n",
			       runs.results[i].reason, reasons[i]);
			good = false;
		}
	for (unsigned int i = 1; i < runs.connected; i++)
		good &= runs.sockets[i] == runs.sockets[0];
	return good && runs.connected == 5;
}

/* A socket that is not like the others is not one of them. */
static bool apart(const char *what, struct check_spec spec, bool mapped)
{
	struct check_spec plain = spec_of(TIMEOUT_LONG);
	struct sockaddr_storage address;
	struct runs first, second, third;
	struct server server;
	bool good;

	serve_start(&server, AF_INET, "aaaaaa");
	address = server.address;
	if (mapped) {
		struct sockaddr_in6 in6 = {
			.sin6_family = AF_INET6,
			.sin6_port = ((struct sockaddr_in *)&address)->sin_port,
		};

		inet_pton(AF_INET6, "::ffff:127.0.0.1", &in6.sin6_addr);
		memcpy(&address, &in6, sizeof(in6));
	}
	run(&first, &server.address, &plain, 2);
	run(&second, &address, &spec, 2);
	run(&third, &server.address, &plain, 2);
	pthread_join(server.thread, NULL);
	good = server.count == 6 && first.sockets[0] == first.sockets[1] &&
	       second.sockets[0] != first.sockets[0] &&
	       second.sockets[1] != second.sockets[0] &&
	       third.sockets[0] == first.sockets[0];
	if (!good)
		printf("# %s: sockets %lu %lu, %lu %lu, %lu\n", what,
		       (unsigned long)first.sockets[0],
		       (unsigned long)first.sockets[1],
		       (unsigned long)second.sockets[0],
		       (unsigned long)second.sockets[1],
		       (unsigned long)third.sockets[0]);
	return good;
}

static bool all_apart(void)
{
	struct check_spec marked = spec_of(TIMEOUT_LONG);
	struct check_spec bound = spec_of(TIMEOUT_LONG);

	marked.mark = 7;
	bound.source = "127.0.0.1";
	return apart("mark", marked, false) && apart("source", bound, false) &&
	       apart("mapped address", spec_of(TIMEOUT_LONG), true);
}

static bool set_capability(cap_flag_value_t value)
{
	const cap_value_t net_admin = CAP_NET_ADMIN;
	cap_t caps = cap_get_proc();
	bool done = caps &&
		    cap_set_flag(caps, CAP_EFFECTIVE, 1, &net_admin, value) ==
			    0 &&
		    cap_set_proc(caps) == 0;

	cap_free(caps);
	return done;
}

static void make_engine(void)
{
	const struct check_options options = { .kinds = kinds };

	loop = loop_create(NULL);
	engine = check_engine_create(loop, &options);
}

static void free_engine(void)
{
	check_engine_free(engine);
	loop_free(loop);
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	signal(SIGPIPE, SIG_IGN);
	tcp = check_tcp;
	tcp.begin = begin;
	memcpy(kinds, check_kinds, sizeof(kinds));
	kinds[CHECK_TCP] = &tcp;
	if (set_capability(CAP_SET)) {
		make_engine();
		many(&ktap, AF_INET, true, "one socket for all, by IPv4");
		many(&ktap, AF_INET6, true, "and another for IPv6");
		ktap_result(&ktap, trouble(), "whatever became of the last");
		ktap_result(
			&ktap, all_apart(),
			"mark, source and mapped address keep to themselves");
		free_engine();
	}
	set_capability(CAP_CLEAR);
	make_engine();
	many(&ktap, AF_INET, false, "a socket each without CAP_NET_ADMIN");
	free_engine();
	return ktap_end(&ktap);
}
