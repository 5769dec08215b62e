// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bodies of any size from and to body-origin, by way of whatever is in between. Every
 * byte of every one is looked at where it arrives.
 *
 *	body-client [OPTION]... PORT LENGTH	on 127.0.0.1
 *	  -n N   as many at the same time (1), each with content of its own
 *	  -u     to the server, and not from it
 *	  -k     in chunks
 *	  -s     TLS
 *	  -p N   our own pace in bytes a second
 *	  -P N   that of the server
 *	  -w     ask for other content than what is expected: it has to fail
 *
 * Each second a line has the bytes that were moved so far, the last one all of them.
 * What went wrong is in one line for each on the standard error; then the exit status
 * is 1.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>

#include "body_message.h"

static struct {
	unsigned int count;
	bool up;
	bool chunked;
	bool tls;
	bool wrong;
	uint64_t pace;
	uint64_t server_pace;
	unsigned int port;
	uint64_t length;
} options = { .count = 1 };

static SSL_CTX *tls_context;
/* Of the threads. */
static struct body *bodies;
static atomic_ullong progress;
static atomic_uint running;
static atomic_uint failed;

static _Noreturn void usage(void)
{
	fprintf(stderr,
		"usage: body-client [-n N] [-u] [-k] [-s] [-p N] [-P N] [-w] PORT LENGTH\n");
	exit(2);
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "body-client: %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool request(struct wire *wire, const struct body *body)
{
	char target[BODY_TARGET_MAX], framing[64] = "\r\n", head[320];

	body_target(body, target);
	if (options.up)
		body_framing(body, framing, sizeof(framing));
	snprintf(head, sizeof(head),
		 "%s %s HTTP/1.1\r\nHost: www.example.com\r\n%s",
		 options.up ? "PUT" : "GET", target, framing);
	return wire_say(wire, head);
}

static bool transfer(struct wire *wire, struct body *body)
{
	struct head head;

	if (!request(wire, body))
		return false;
	if (options.wrong)
		body->seed++;
	wire_pace(wire, options.pace);
	/* A server that answers early has something to say. */
	if (options.up && !content_send(wire, body, &progress))
		wire->wrong[0] = '\0';
	if (!head_read(wire, &head))
		return false;
	if (strncmp(head.first, "HTTP/1.1 200 ", 13) != 0)
		return wire_fail(wire, "%s", head.first);
	if (!options.up)
		return content_receive(wire, &head, body, &progress);
	if (head.length)
		return wire_fail(wire, "an answer with content");
	return true;
}

static int connect_to(unsigned int port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address,
			      sizeof(address)) != 0)
		die("connect");
	return fd;
}

static void *run(void *pointer)
{
	struct wire *wire = malloc(sizeof(*wire));
	struct body *body = pointer;

	if (!wire)
		die("start");
	if (!wire_open(wire, connect_to(options.port), tls_context, false) ||
	    !transfer(wire, body)) {
		fprintf(stderr, "body-client: %s\n", wire->wrong);
		failed++;
	}
	wire_close(wire);
	free(wire);
	running--;
	return NULL;
}

/* Each in a thread of its own, with content of its own. */
static void begin(void)
{
	pthread_t thread;

	bodies = calloc(options.count, sizeof(*bodies));
	if (!bodies)
		die("start");
	running = options.count;
	for (unsigned int i = 0; i < options.count; i++) {
		bodies[i] = (struct body){
			.seed = i,
			.length = options.length,
			.pace = options.server_pace,
			.chunked = options.chunked,
		};
		if (pthread_create(&thread, NULL, run, &bodies[i]) != 0)
			die("start");
		pthread_detach(thread);
	}
}

static void read_options(int argc, char *argv[])
{
	for (int c; (c = getopt(argc, argv, "n:ukswp:P:")) != -1;) {
		if (c == 'n')
			options.count = (unsigned int)strtoul(optarg, NULL, 10);
		else if (c == 'u')
			options.up = true;
		else if (c == 'k')
			options.chunked = true;
		else if (c == 's')
			options.tls = true;
		else if (c == 'w')
			options.wrong = true;
		else if (c == 'p')
			options.pace = strtoull(optarg, NULL, 10);
		else if (c == 'P')
			options.server_pace = strtoull(optarg, NULL, 10);
		else
			usage();
	}
	if (argc - optind != 2 || !options.count)
		usage();
	options.port = (unsigned int)strtoul(argv[optind], NULL, 10);
	options.length = strtoull(argv[optind + 1], NULL, 10);
}

static void tell(void)
{
	printf("%llu\n", progress);
	fflush(stdout);
}

int main(int argc, char *argv[])
{
	const struct timespec tick = { .tv_nsec = 50000000 };

	signal(SIGPIPE, SIG_IGN);
	read_options(argc, argv);
	content_init();
	if (options.tls) {
		tls_context = SSL_CTX_new(TLS_client_method());
		if (!tls_context)
			die("TLS");
	}
	begin();
	for (unsigned int i = 0; running; i++) {
		if (i % 20 == 19)
			tell();
		nanosleep(&tick, NULL);
	}
	tell();
	free(bodies);
	return failed > 0;
}
