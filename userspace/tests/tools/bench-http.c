// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Load over HTTP/1.1, in clear or in TLS 1.3, from one thread:
 *
 *	bench-http [OPTION]... ADDRESS PORT LENGTH
 *	  -c N   connections at the same time (64)
 *	  -t N   seconds (5); 0: only open the connections
 *	  -r N   requests a second, at times that do not depend on answers; by default
 *		 a request follows the answer before it
 *	  -o     one request a connection
 *	  -s     TLS, a full handshake for each connection
 *	  -S     TLS, sessions are resumed
 *
 * It asks for /LENGTH, which has to have as many bytes. Connections that stay are
 * opened first, with one request each. Then it says "ready", waits for a line, runs,
 * and says in a JSON object what came of it; at the end of its input, it ends.
 *
 * With -r, a latency is from when the request was due, not from when it could be
 * sent: an answer that comes late makes those behind it late, too.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "latency.h"
#include "load_options.h"

#define EVENTS 256
#define HEAD_MAX 4096
#define BUFFER_SIZE (256 * 1024)
/* Connections that are opened at the same time, below what a server queues. */
#define OPENING_MAX 128
/* So many may fail before it is no use. */
#define FAILURES_MAX 100
#define SECOND 1000000000ull
#define NEVER UINT64_MAX
/* Where the rate is not known; it is no matter if some are missing. */
#define LATENCIES_MAX 4000000

enum state {
	IDLE,
	CONNECTING,
	HANDSHAKE,
	HEAD,
	CONTENT,
	/* The answer is whole, and the server is to close. */
	ENDING,
};

/**
 * struct client - a connection, and those that come after it
 * @number: its own
 * @fd: -1: none
 * @tls: NULL: in clear
 * @session: the last that the server gave, for -S
 * @state: what it waits for
 * @due: of its request, in ns
 * @requests: of the schedule that it has begun
 * @have: bytes in @head
 * @left: bytes of content to come
 */
struct client {
	unsigned int number;
	int fd;
	SSL *tls;
	SSL_SESSION *session;
	enum state state;
	uint64_t due;
	uint64_t requests;
	size_t have;
	uint64_t left;
	char head[HEAD_MAX];
};

static struct load_options options;

static struct {
	unsigned long requests;
	unsigned long failures;
	unsigned long handshakes;
	unsigned long resumed;
	struct latencies latencies;
	uint64_t scheduled;
} done;

static struct addrinfo *target;
static SSL_CTX *tls_context;
static struct client *clients;
static unsigned int opening;
static unsigned int opened;
static char request[512];
static size_t request_length;
static char buffer[BUFFER_SIZE];
static int poller;
/* When the schedule began; NEVER: connections are being opened. */
static uint64_t begin_ns = NEVER;
static uint64_t end_ns = NEVER;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "bench-http: %s: %s\n", what, why);
	exit(1);
}

static void client_end(struct client *client)
{
	if (client->tls) {
		/* Without this the session could not be resumed. */
		SSL_shutdown(client->tls);
		SSL_free(client->tls);
		ERR_clear_error();
	}
	if (client->fd >= 0)
		close(client->fd);
	client->tls = NULL;
	client->fd = -1;
	client->state = IDLE;
}

static int keep_session(SSL *tls, SSL_SESSION *session)
{
	struct client *client = SSL_get_app_data(tls);

	SSL_SESSION_free(client->session);
	client->session = session;
	return 1;
}

static void client_start_tls(struct client *client)
{
	client->tls = SSL_new(tls_context);
	if (!client->tls || SSL_set_fd(client->tls, client->fd) != 1)
		die("TLS", "no memory");
	SSL_set_app_data(client->tls, client);
	SSL_set_tlsext_host_name(client->tls, "www.example.com");
	if (options.resume && client->session)
		SSL_set_session(client->tls, client->session);
}

static void client_connect(struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
				     .data.ptr = client };
	const int one = 1;

	client->fd = socket(target->ai_family,
			    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		die("socket", strerror(errno));
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	client->state = CONNECTING;
	if (connect(client->fd, target->ai_addr, target->ai_addrlen) != 0 &&
	    errno != EINPROGRESS)
		die("connect", strerror(errno));
	if (epoll_ctl(poller, EPOLL_CTL_ADD, client->fd, &event) != 0)
		die("epoll_ctl", strerror(errno));
}

static void client_fail(struct client *client, const char *why)
{
	if (done.failures++ == 0)
		fprintf(stderr, "bench-http: connection %u: %.*s\n",
			client->number, (int)strcspn(why, "\r\n"), why);
	if (done.failures > FAILURES_MAX)
		die("given up", "too many failures");
	client_end(client);
	client_connect(client);
}

/* For one request, which begins with it. */
static void client_connect_once(struct client *client)
{
	client->due = now_ns();
	client_connect(client);
}

/* As many as a server can queue are being opened. */
static void open_next(void)
{
	while (opening < OPENING_MAX && opened + opening < options.connections)
		client_connect(&clients[opened + opening++]);
}

/* When the schedule has this client's next request. */
static uint64_t schedule_due(const struct client *client)
{
	uint64_t place =
		client->requests * options.connections + client->number;

	return begin_ns + place * SECOND / options.rate;
}

static void request_send(struct client *client)
{
	size_t sent = 0;

	client->have = 0;
	client->state = HEAD;
	if (client->tls) {
		if (SSL_write_ex(client->tls, request, request_length, &sent) !=
		    1)
			sent = 0;
	} else {
		ssize_t count =
			send(client->fd, request, request_length, MSG_NOSIGNAL);

		sent = count < 0 ? 0 : (size_t)count;
	}
	if (sent != request_length)
		client_fail(client, "the request was not taken");
}

/* The connection is free: what is due is sent, and what is not yet is waited for. */
static void request_next(struct client *client)
{
	uint64_t now = now_ns();

	client->state = IDLE;
	if (now >= end_ns || begin_ns == NEVER)
		return;
	client->due = now;
	if (options.rate) {
		uint64_t due = schedule_due(client);

		if (due > now)
			return;
		client->due = due;
		client->requests++;
	}
	request_send(client);
}

static void answer_end(struct client *client)
{
	if (begin_ns == NEVER) {
		client->state = IDLE;
		opening--;
		opened++;
		open_next();
		return;
	}
	done.requests++;
	latencies_add(&done.latencies, now_ns() - client->due);
	if (options.once)
		client->state = ENDING;
	else
		request_next(client);
}

/* The head is complete with @length bytes. Return: what is wrong, or NULL. */
static const char *answer_begin(struct client *client, size_t length)
{
	size_t more = client->have - length;
	char *field;

	client->head[length - 1] = '\0';
	if (strncmp(client->head, "HTTP/1.1 200", 12) != 0)
		return client->head;
	field = strcasestr(client->head, "\r\ncontent-length:");
	if (!field)
		return "an answer without Content-Length";
	client->left =
		strtoull(field + strlen("\r\ncontent-length:"), NULL, 10);
	if (client->left != options.length || more > client->left)
		return "an answer of another length";
	client->left -= more;
	client->state = CONTENT;
	return NULL;
}

static void answer_head(struct client *client, size_t count)
{
	const char *end, *wrong = NULL;

	client->have += count;
	end = memmem(client->head, client->have, "\r\n\r\n", 4);
	if (end)
		wrong = answer_begin(client, (size_t)(end - client->head) + 4);
	else if (client->have == HEAD_MAX)
		wrong = "an endless head";
	if (wrong)
		client_fail(client, wrong);
	else if (client->state == CONTENT && !client->left)
		answer_end(client);
}

/* Return: bytes, 0 at the end, -1 (errno is EAGAIN: later). */
static ssize_t client_read(struct client *client, void *to, size_t size)
{
	size_t count;

	if (!client->tls)
		/* Content is of no interest: TCP drops it uncopied. */
		return recv(client->fd, to, size,
			    client->state == CONTENT ? MSG_TRUNC : 0);
	if (SSL_read_ex(client->tls, to, size, &count) == 1)
		return (ssize_t)count;
	switch (SSL_get_error(client->tls, 0)) {
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	}
	errno = EPROTO;
	return -1;
}

/* The server has closed. */
static void client_ended(struct client *client)
{
	if (client->state != ENDING) {
		client_fail(client, "closed before the answer was whole");
		return;
	}
	client_end(client);
	if (now_ns() < end_ns)
		client_connect_once(client);
}

static void answer_read(struct client *client)
{
	while (client->state >= HEAD || client->state == IDLE) {
		bool head = client->state == HEAD;
		ssize_t count = client_read(
			client, head ? client->head + client->have : buffer,
			head ? HEAD_MAX - client->have : sizeof(buffer));

		if (count < 0 && errno == EAGAIN)
			return;
		if (count < 0) {
			client_fail(client, strerror(errno));
			return;
		}
		if (count == 0) {
			client_ended(client);
			return;
		}
		if (head) {
			answer_head(client, (size_t)count);
			continue;
		}
		if (client->state != CONTENT ||
		    (uint64_t)count > client->left) {
			client_fail(client, "more than was asked for");
			return;
		}
		client->left -= (uint64_t)count;
		if (!client->left)
			answer_end(client);
	}
}

static void connected(struct client *client)
{
	if (begin_ns == NEVER || options.once)
		request_send(client);
	else
		request_next(client);
}

static void handshake(struct client *client)
{
	int result = SSL_connect(client->tls);

	if (result == 1) {
		done.handshakes++;
		done.resumed += SSL_session_reused(client->tls) == 1;
		connected(client);
		return;
	}
	result = SSL_get_error(client->tls, result);
	if (result != SSL_ERROR_WANT_READ && result != SSL_ERROR_WANT_WRITE)
		client_fail(client, "the handshake failed");
}

static void advance(struct client *client)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (client->state == CONNECTING) {
		getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size);
		if (error) {
			client_fail(client, strerror(error));
			return;
		}
		if (options.tls) {
			client_start_tls(client);
			client->state = HANDSHAKE;
		} else {
			connected(client);
		}
	}
	if (client->state == HANDSHAKE)
		handshake(client);
	if (client->state != CONNECTING && client->state != HANDSHAKE)
		answer_read(client);
}

/* Events until @until, or the first of them. */
static void wait_until(uint64_t until)
{
	struct epoll_event events[EVENTS];
	uint64_t now = now_ns();
	uint64_t left = until > now ? until - now : 0;
	const struct timespec patience = {
		.tv_sec = (time_t)(left / SECOND),
		.tv_nsec = (long)(left % SECOND),
	};
	int count = epoll_pwait2(poller, events, EVENTS, &patience, NULL);

	for (int i = 0; i < count; i++)
		advance(events[i].data.ptr);
}

static void open_all(void)
{
	uint64_t end = now_ns() + 60 * SECOND;

	open_next();
	while (opened < options.connections) {
		wait_until(end);
		if (now_ns() >= end)
			die("connections", "not open after a minute");
	}
}

/* Requests at their times: of those that wait for nothing, each in its turn. */
static void run_rate(void)
{
	uint64_t place = 0, due;

	while ((due = begin_ns + place * SECOND / options.rate) < end_ns) {
		struct client *client = &clients[place % options.connections];

		if (due > now_ns()) {
			wait_until(due);
			continue;
		}
		if (client->state == IDLE && client->fd >= 0 &&
		    client->requests == place / options.connections)
			request_next(client);
		place++;
	}
	done.scheduled = place;
}

/* What did not come counts as late as it is now. */
static void add_unanswered(struct client *client)
{
	uint64_t now = now_ns();

	if (client->state == HEAD || client->state == CONTENT)
		latencies_add(&done.latencies, now - client->due);
	for (; schedule_due(client) < end_ns; client->requests++)
		latencies_add(&done.latencies, now - schedule_due(client));
}

static double run(void)
{
	begin_ns = now_ns();
	end_ns = begin_ns + options.seconds * SECOND;
	if (options.rate) {
		run_rate();
	} else {
		for (unsigned int i = 0; i < options.connections; i++) {
			if (options.once)
				client_connect_once(&clients[i]);
			else
				request_next(&clients[i]);
		}
	}
	while (now_ns() < end_ns)
		wait_until(end_ns);
	for (unsigned int i = 0; options.rate && i < options.connections; i++)
		add_unanswered(&clients[i]);
	return (double)(now_ns() - begin_ns) / (double)SECOND;
}

static void report(double seconds)
{
	latencies_sort(&done.latencies);
	printf("{\"requests\": %lu, \"scheduled\": %lu, \"failures\": %lu, \"seconds\": %.4f, "
	       "\"handshakes\": %lu, \"resumed\": %lu, \"p50_us\": %.1f, "
	       "\"p99_us\": %.1f, \"max_us\": %.1f}\n",
	       done.requests, (unsigned long)done.scheduled, done.failures,
	       seconds, done.handshakes, done.resumed,
	       latencies_us(&done.latencies, 0.5),
	       latencies_us(&done.latencies, 0.99),
	       latencies_us(&done.latencies, 1));
	fflush(stdout);
}

static void prepare_tls(void)
{
	tls_context = SSL_CTX_new(TLS_client_method());
	/* One choice each, so that whoever answers has the same work. */
	if (!tls_context ||
	    SSL_CTX_set_min_proto_version(tls_context, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_ciphersuites(tls_context, "TLS_AES_128_GCM_SHA256") !=
		    1 ||
	    SSL_CTX_set1_groups_list(tls_context, "X25519") != 1)
		die("TLS", "OpenSSL lacks what is needed");
	SSL_CTX_set_verify(tls_context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_session_cache_mode(tls_context,
				       SSL_SESS_CACHE_CLIENT |
					       SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(tls_context, keep_session);
}

static void prepare(void)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST |
						    AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM };
	struct rlimit files;
	size_t latencies;
	int error = getaddrinfo(options.address, options.port, &hints, &target);

	if (error)
		die(options.address, gai_strerror(error));
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	prctl(PR_SET_TIMERSLACK, 1);
	request_length = (size_t)snprintf(
		request, sizeof(request),
		"GET /%llu HTTP/1.1\r\nHost: www.example.com\r\n"
		"User-Agent: bench-http\r\nAccept: */*\r\n"
		"Accept-Encoding: gzip, br\r\n%s\r\n",
		options.length, options.once ? "Connection: close\r\n" : "");
	latencies = options.rate ? options.rate * (options.seconds + 1ul) :
				   LATENCIES_MAX;
	clients = calloc(options.connections, sizeof(*clients));
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (latencies_init(&done.latencies, latencies) != 0 || !clients ||
	    poller < 0)
		die("start", strerror(errno));
	for (unsigned int i = 0; i < options.connections; i++) {
		clients[i].number = i;
		clients[i].fd = -1;
	}
	if (options.tls)
		prepare_tls();
}

int main(int argc, char *argv[])
{
	signal(SIGPIPE, SIG_IGN);
	load_options_read(&options, argc, argv);
	prepare();
	if (!options.once)
		open_all();
	puts("ready");
	fflush(stdout);
	if (getchar() != EOF && options.seconds)
		report(run());
	while (getchar() != EOF)
		;
	return 0;
}
