// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * HTTP/1.1 by rounds, to count instructions in a guest whose clock is their number: in each
 * round every connection has one request, then all answers are read.
 *
 *	bench-rounds [-s] [-c CONNECTIONS] [-n ROUNDS] ADDRESS PORT LENGTH
 *
 * asks for /LENGTH, which has to have as many bytes; -s: by TLS 1.3. Rounds are between
 * two marks for the emulator's plugin (bench/tools/mark.h), after some that are not
 * counted. Says in a JSON object how many requests there were and what of the time was
 * OpenSSL's on this side, which is not the business of what is between.
 *
 * What is between finds the whole round's requests when its turn comes, as on a machine
 * that has something to do: this runs with real-time priority, but waits for answers until
 * nobody else wants the processor. So nothing else is in the time of OpenSSL, either.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../../selftests/bench/tools/mark.h"

#define HEAD_MAX 4096
#define BUFFER_SIZE (256 * 1024)
#define WARM_ROUNDS 3

struct client {
	int fd;
	SSL *tls;
	BIO *in;
	BIO *out;
};

static char buffer[BUFFER_SIZE];
static char plain[BUFFER_SIZE];
static char request[512];
static size_t request_length;
static unsigned long length;
/* Of the clock that counts instructions, inside of OpenSSL. */
static uint64_t tls_ns;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench-rounds: %s: %s\n", what,
		errno ? strerror(errno) : "not as expected");
	exit(1);
}

/* The processor's own counter, which is the emulator's clock, costs one instruction to read. */
static inline uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
}

static void send_all(int fd, const char *from, size_t size)
{
	while (size) {
		ssize_t sent = send(fd, from, size, MSG_NOSIGNAL);

		if (sent <= 0)
			die("send");
		from += sent;
		size -= (size_t)sent;
	}
}

/* What OpenSSL has to say goes out. */
static void tls_flush(struct client *client)
{
	char *data;
	long size = BIO_get_mem_data(client->out, &data);

	if (size > 0)
		send_all(client->fd, data, (size_t)size);
	(void)BIO_reset(client->out);
}

static void be(int policy, int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	if (sched_setscheduler(0, policy, &param) != 0)
		die("sched_setscheduler");
}

static size_t read_some(struct client *client)
{
	ssize_t got;

	be(SCHED_IDLE, 0);
	got = recv(client->fd, buffer, sizeof(buffer), 0);
	be(SCHED_FIFO, 1);
	if (got <= 0)
		die("the answer ended");
	return (size_t)got;
}

static void tls_feed(struct client *client)
{
	size_t size = read_some(client);

	if (BIO_write(client->in, buffer, (int)size) != (int)size)
		die("BIO_write");
}

static void connect_tls(struct client *client, SSL_CTX *context)
{
	int result;

	client->tls = SSL_new(context);
	client->in = BIO_new(BIO_s_mem());
	client->out = BIO_new(BIO_s_mem());
	if (!client->tls || !client->in || !client->out)
		die("TLS");
	SSL_set_bio(client->tls, client->in, client->out);
	SSL_set_tlsext_host_name(client->tls, "www.example.com");
	while ((result = SSL_connect(client->tls)) != 1) {
		if (SSL_get_error(client->tls, result) != SSL_ERROR_WANT_READ)
			die("handshake");
		tls_flush(client);
		tls_feed(client);
	}
	tls_flush(client);
}

static void ask(struct client *client)
{
	uint64_t begin;
	size_t sent;

	if (!client->tls) {
		send_all(client->fd, request, request_length);
		return;
	}
	begin = ticks();
	if (SSL_write_ex(client->tls, request, request_length, &sent) != 1)
		die("SSL_write");
	tls_ns += ticks() - begin;
	tls_flush(client);
}

/* Return: bytes at *@data, at least one. */
static size_t take(struct client *client, char **data)
{
	if (!client->tls) {
		*data = buffer;
		return read_some(client);
	}
	*data = plain;
	for (;;) {
		uint64_t begin = ticks();
		size_t size;
		int result =
			SSL_read_ex(client->tls, plain, sizeof(plain), &size);

		tls_ns += ticks() - begin;
		if (result == 1)
			return size;
		if (SSL_get_error(client->tls, 0) != SSL_ERROR_WANT_READ)
			die("SSL_read");
		size = read_some(client);
		begin = ticks();
		if (BIO_write(client->in, buffer, (int)size) != (int)size)
			die("BIO_write");
		tls_ns += ticks() - begin;
	}
}

static void read_answer(struct client *client)
{
	char head[HEAD_MAX + 1], *data, *end = NULL;
	size_t have = 0, count, left;

	while (!end) {
		count = take(client, &data);
		left = count < HEAD_MAX - have ? count : HEAD_MAX - have;
		memcpy(head + have, data, left);
		have += left;
		head[have] = '\0';
		end = strstr(head, "\r\n\r\n");
		if (!end && have == HEAD_MAX)
			die("a long head");
	}
	if (strncmp(head, "HTTP/1.1 200", 12) != 0)
		die("an answer that is not 200");
	/* Of what came last, all that is no head is content. */
	count = have - left + count - (size_t)(end + 4 - head);
	while (count < length)
		count += take(client, &data);
	if (count != length)
		die("more than was asked for");
}

static void rounds(struct client *clients, unsigned int count, unsigned long n)
{
	while (n--) {
		for (unsigned int i = 0; i < count; i++)
			ask(&clients[i]);
		for (unsigned int i = 0; i < count; i++)
			read_answer(&clients[i]);
	}
}

static SSL_CTX *tls_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	/* One choice each, so that whoever answers has the same work. */
	if (!context ||
	    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1 ||
	    SSL_CTX_set1_groups_list(context, "X25519") != 1)
		die("TLS");
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	return context;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Of the processor's counter, in a second. */
static double tick_rate(void)
{
	uint64_t ns = now_ns(), begin = ticks();

	while (now_ns() - ns < 10000000)
		;
	return (double)(ticks() - begin) / (double)(now_ns() - ns);
}

static void connect_all(struct client *clients, unsigned int count,
			const struct sockaddr_in *to, bool tls)
{
	SSL_CTX *context = tls ? tls_context() : NULL;
	const int one = 1;

	for (unsigned int i = 0; i < count; i++) {
		clients[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (clients[i].fd < 0 ||
		    connect(clients[i].fd, (const struct sockaddr *)to,
			    sizeof(*to)) != 0)
			die("connect");
		setsockopt(clients[i].fd, IPPROTO_TCP, TCP_NODELAY, &one,
			   sizeof(one));
		if (tls)
			connect_tls(&clients[i], context);
	}
}

int main(int argc, char *argv[])
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	unsigned int connections = 16;
	unsigned long count = 100;
	struct client *clients;
	bool tls = false;
	double rate;

	for (int c; (c = getopt(argc, argv, "sc:n:")) != -1;) {
		if (c == 's')
			tls = true;
		else if (c == 'c')
			connections = (unsigned int)strtoul(optarg, NULL, 10);
		else if (c == 'n')
			count = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (argc - optind != 3 || !connections ||
	    inet_pton(AF_INET, argv[optind], &to.sin_addr) != 1)
		return 2;
	to.sin_port = htons((uint16_t)strtoul(argv[optind + 1], NULL, 10));
	length = strtoul(argv[optind + 2], NULL, 10);
	request_length = (size_t)snprintf(
		request, sizeof(request),
		"GET /%lu HTTP/1.1\r\nHost: www.example.com\r\n"
		"User-Agent: bench-rounds\r\nAccept: */*\r\n"
		"Accept-Encoding: gzip, br\r\n\r\n",
		length);
	clients = calloc(connections, sizeof(*clients));
	if (!clients)
		die("start");
	errno = 0;
	rate = tick_rate();
	be(SCHED_FIFO, 1);
	connect_all(clients, connections, &to, tls);
	rounds(clients, connections, WARM_ROUNDS);
	tls_ns = 0;
	mark_begin();
	rounds(clients, connections, count);
	mark_end();
	printf("{\"requests\": %lu, \"tls\": %.0f}\n", count * connections,
	       (double)tls_ns / rate);
	return 0;
}
