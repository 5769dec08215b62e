// SPDX-License-Identifier: GPL-2.0-or-later
/* Listening sockets: which worker has which, and those of another process. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../ktap.h"
#include "proxy/listening.h"

static struct listening_list list;
static struct config_errors errors;
static struct plan_service plan_services[1];
static struct config_service service;
static struct sluice_endpoint at;
static struct plan plan;

/* A port that is free, held by a socket of the kind that others hand over. */
static int open_socket(sa_family_t family, bool listens)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT,
				   .sin6_port = htons(at.port) };
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				  .sin_port = htons(at.port) };
	bool is_v4 = family == AF_INET;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t size = is_v4 ? sizeof(v4) : sizeof(v6);
	struct sockaddr *address = is_v4 ? (void *)&v4 : (void *)&v6;
	int one = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) < 0 ||
	    bind(fd, address, size) < 0 || (listens && listen(fd, 10) < 0) ||
	    getsockname(fd, address, &size) < 0) {
		perror("# socket");
		exit(1);
	}
	at = (struct sluice_endpoint){
		.address.family = family,
		.port = ntohs(is_v4 ? v4.sin_port : v6.sin6_port),
	};
	if (is_v4)
		at.address.v4 = v4.sin_addr;
	else
		at.address.v6 = v6.sin6_addr;
	return fd;
}

static void setup(void)
{
	TAILQ_INIT(&list);
	at = (struct sluice_endpoint){ .port = 0 };
	service = (struct config_service){ .name = "s" };
	service.addresses.items = &at;
	service.addresses.count = 1;
	plan_services[0] = (struct plan_service){ .config = &service };
	plan = (struct plan){ .services = plan_services, .service_count = 1 };
}

static void teardown(void)
{
	listening_close_all(&list);
	config_errors_free(&errors);
}

static bool open_all(unsigned int workers)
{
	if (!listening_open(&list, &plan, workers, &errors)) {
		config_errors_print(&errors, stdout);
		return false;
	}
	listening_commit(&list, &plan);
	return true;
}

/* How many sockets of each worker there are, as text. */
static const char *shares(unsigned int workers)
{
	static char text[100];
	size_t length = 0;

	for (unsigned int i = 0; i < workers; i++) {
		struct listener *listeners;
		size_t count;

		listeners = listening_for(&list, i, workers, &count);
		for (size_t j = 0; j < count; j++)
			if (strcmp(listeners[j].service, "s") != 0 ||
			    sluice_endpoint_compare(&listeners[j].at, &at) != 0)
				count = 99;
		free(listeners);
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "%zu", count);
	}
	return text;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static bool inherit(int fd)
{
	char error[256] = "";

	if (listening_inherit(&list, fd, error, sizeof(error)) == 0)
		return true;
	printf("# %s\n", error);
	return false;
}

static bool own(void)
{
	int fd = open_socket(AF_INET, false);
	bool right = open_all(3) && strcmp(shares(3), "111") == 0;

	close(fd);
	return right;
}

/* None is closed: there may be clients in its queue. */
static bool more_than_workers(sa_family_t family)
{
	int fds[5];
	bool right = true;

	for (size_t i = 0; i < 5; i++) {
		fds[i] = open_socket(family, true);
		right &= inherit(fds[i]);
	}
	right &= open_all(2) && strcmp(shares(2), "32") == 0;
	listening_close_stale(&list);
	for (size_t i = 0; i < 5; i++)
		right &= is_open(fds[i]);
	return right;
}

static bool more_in_v4(void)
{
	return more_than_workers(AF_INET);
}

static bool more_in_v6(void)
{
	return more_than_workers(AF_INET6);
}

static bool fewer_than_workers(void)
{
	int fd = open_socket(AF_INET, true), *fds;
	size_t count;
	bool right;

	right = inherit(fd) && open_all(3) && strcmp(shares(3), "111") == 0;
	fds = listening_fds(&list, &count);
	right &= count == 3 && fds[0] == fd;
	free(fds);
	return right;
}

/* An address that the configuration does not have any more. */
static bool not_wanted(void)
{
	int fd = open_socket(AF_INET, true), holder;
	bool right = inherit(fd);

	at.port = 0;
	holder = open_socket(AF_INET, false);
	right &= open_all(1) && is_open(fd) && strcmp(shares(1), "1") == 0;
	listening_close_stale(&list);
	right &= !is_open(fd);
	close(holder);
	return right;
}

static bool given_up(void)
{
	int fd = open_socket(AF_INET, true);
	bool right = inherit(fd);

	listening_abandon(&list);
	return right && !is_open(fd) && TAILQ_EMPTY(&list);
}

/* An address that no interface has. */
static bool not_ours(void)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	bool right;

	at = (struct sluice_endpoint){ .address.family = AF_INET, .port = 80 };
	inet_pton(AF_INET, "192.0.2.1", &at.address.v4);
	service.at =
		(struct config_place){ .file = "t", .line = 1, .column = 2 };
	right = to && !listening_open(&list, &plan, 1, &errors);
	if (!to)
		return false;
	config_errors_print(&errors, to);
	fclose(to);
	right &=
		strcmp(text,
		       "t:1:2: services.s.address: cannot listen on 192.0.2.1:80: Cannot assign requested address\n") ==
		0;
	if (!right)
		printf("# %s", text);
	free(text);
	return right;
}

static bool wrong(void)
{
	int fds[] = {
		open_socket(AF_INET, false),
		socket(AF_UNIX, SOCK_STREAM, 0),
		socket(AF_INET, SOCK_DGRAM, 0),
		open("/dev/null", O_RDONLY),
	};
	bool right = true;

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		right &= !inherit(fds[i]) && !is_open(fds[i]) &&
			 TAILQ_EMPTY(&list);
	return right;
}

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{ "one for each worker", own },
	{ "more than workers are taken over", more_in_v4 },
	{ "more than workers are taken over, IPv6", more_in_v6 },
	{ "fewer than workers are taken over", fewer_than_workers },
	{ "what nobody wants is closed", not_wanted },
	{ "a start that is given up", given_up },
	{ "what is no listening socket", wrong },
	{ "what is no address of this host", not_ours },
};

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		setup();
		ktap_result(&ktap, tests[i].run(), tests[i].name);
		teardown();
	}
	return ktap_end(&ktap);
}
