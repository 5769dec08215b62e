// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The server behind a proxy of which bodies are asked for that are larger than any
 * memory. A target is SEED/LENGTH/PACE/FRAMING (body_message.h): GET gives that
 * content, PUT takes it, looks at each byte and answers 200, or 422 with what was wrong.
 *
 *	body-origin PORT [CERTIFICATE]	on 127.0.0.1, with a file that has certificate
 *					and key in TLS; says "ready"
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>

#include "body_message.h"

static SSL_CTX *tls_context;
static atomic_ullong progress;

static bool answer_get(struct wire *wire, const struct body *body)
{
	char framing[64], head[160];

	body_framing(body, framing, sizeof(framing));
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n%s", framing);
	wire_pace(wire, body->pace);
	return wire_say(wire, head) && content_send(wire, body, &progress);
}

/* What is wrong with it is said, and the connection is of no use any more. */
static bool answer_put(struct wire *wire, const struct head *head,
		       const struct body *body)
{
	char answer[320];
	bool right;

	wire_pace(wire, body->pace);
	right = content_receive(wire, head, body, &progress);
	snprintf(answer, sizeof(answer),
		 "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s",
		 right ? "200 OK" : "422 Wrong", strlen(wire->wrong),
		 right ? "" : "Connection: close\r\n", wire->wrong);
	return wire_say(wire, answer) && right;
}

static bool answer(struct wire *wire)
{
	char method[8], target[BODY_TARGET_MAX];
	struct body body;
	struct head head;

	wire_pace(wire, 0);
	if (!head_read(wire, &head))
		return false;
	if (sscanf(head.first, "%7s %95s HTTP/1.1", method, target) == 2 &&
	    body_parse(target, &body)) {
		if (strcmp(method, "GET") == 0)
			return answer_get(wire, &body);
		if (strcmp(method, "PUT") == 0)
			return answer_put(wire, &head, &body);
	}
	wire_say(wire, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
		       "Connection: close\r\n\r\n");
	return false;
}

static void *serve(void *pointer)
{
	struct wire *wire = pointer;

	if (wire_open(wire, wire->fd, tls_context, true))
		while (answer(wire))
			;
	wire_close(wire);
	free(wire);
	return NULL;
}

/* In a thread of its own. */
static void begin(int fd)
{
	struct wire *wire = malloc(sizeof(*wire));
	pthread_t thread;

	if (wire) {
		wire->fd = fd;
		if (pthread_create(&thread, NULL, serve, wire) == 0) {
			pthread_detach(thread);
			return;
		}
	}
	free(wire);
	close(fd);
}

static int listen_on(unsigned int port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int one = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    listen(fd, 1024) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool prepare_tls(const char *file)
{
	tls_context = SSL_CTX_new(TLS_server_method());
	return tls_context &&
	       SSL_CTX_use_certificate_chain_file(tls_context, file) == 1 &&
	       SSL_CTX_use_PrivateKey_file(tls_context, file,
					   SSL_FILETYPE_PEM) == 1;
}

int main(int argc, char *argv[])
{
	int listener;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: body-origin PORT [CERTIFICATE]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	content_init();
	if (argc == 3 && !prepare_tls(argv[2])) {
		fprintf(stderr, "body-origin: %s: %s\n", argv[2],
			ERR_reason_error_string(ERR_get_error()));
		return 1;
	}
	listener = listen_on((unsigned int)strtoul(argv[1], NULL, 10));
	if (listener < 0) {
		fprintf(stderr, "body-origin: port %s: %s\n", argv[1],
			strerror(errno));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			begin(fd);
	}
}
