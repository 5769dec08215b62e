/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stratum proxy as a whole, in this process: workers with their threads, between
 * clients and servers that are sockets of the test. Who does what when is a script, a
 * step each; the first sign says who, the second what:
 *
 *	c d e	a client, which connects with its first step
 *	s t u	a connection that the first server accepts with its first step
 *	x y z	the same of the second server
 *
 *	c>text	sends the text
 *	c<text	gets bytes in which the text is; what was before it is skipped
 *	c=text	gets the text and no other byte before it
 *	c-	gets nothing for a while, and no end
 *	c$	gets the end, and nothing before it
 *	c!	gets a reset, or the end, whatever came before it
 *	c+	connects, or accepts, and no more
 *	c?	finds nobody who listens
 *	c|	sends its end
 *	c.	closes
 *	c^	resets
 *	c/99	takes that many bytes
 *	c*s 99	gives that many bytes to the other, which takes them all
 *	c#99	sends that many bytes, and does not care if nobody takes them
 *	-	a while passes (PAUSE_MS)
 *	R	the configuration is exchanged for the case's second one
 *	B	the case's second configuration is tried, and refused
 *	L l	no more descriptors can be opened, or as many as before
 *	F U	the first server's check finds it down, or up
 *	T	the main thread looks at its servers, and a second of it passes
 *	D	the proxy drains
 *	others	are the test's own, where it has any: PROXYING_STEP()
 *
 * At the end all sockets are closed, and no server may have a request left.
 */
#ifndef TESTS_PROXYING_H
#define TESTS_PROXYING_H

#define FAKE_WITH_LOG
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "proxy/proxy.h"
#include "site_fake.h"
#include "tls_pki.h"

/* Nobody waits for longer. */
#define LIMIT_MS 20000
#define PAUSE_MS 150
#define PEERS 9
#define LISTENERS 2

/**
 * struct proxying - a case
 * @name: what is shown
 * @config: for printf(): ports of the service, of both servers, and of another service
 *	("%4$u"), and the folder of a.pem, with the certificate of host a, and of its authority ca ("%5$s")
 * @next: the same for the steps R and B
 * @threads: workers; 0: one
 * @steps: what happens
 */
struct proxying {
	const char *name;
	const char *config;
	const char *next;
	unsigned int threads;
	const char *const *steps;
};

/* Somebody's end of a connection, and what came that was not asked for yet. */
struct peer {
	int fd;
	size_t held;
	char data[65536];
};

static struct peer peers[PEERS];
static int listeners[LISTENERS];
static unsigned int ports[2 + LISTENERS];
static struct pki pki;
static struct proxy *proxy;
static bool drained;

static struct sockaddr_in loopback(unsigned int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr.s_addr =
					     htonl(INADDR_LOOPBACK) };
}

static int listen_on(unsigned int *port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = loopback(0);
	socklen_t size = sizeof(at);

	if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&at, size) ||
	    listen(fd, 64) ||
	    getsockname(fd, (struct sockaddr *)(void *)&at, &size)) {
		printf("Bail out! no socket to listen on\n");
		exit(1);
	}
	*port = ntohs(at.sin_port);
	return fd;
}

static bool wait_for(int fd, short events, int ms)
{
	struct pollfd one = { .fd = fd, .events = events };

	return poll(&one, 1, ms) == 1;
}

static void main_loop(void)
{
	loop_turn(host.loop, 0);
}

static struct peer *peer_of(char who)
{
	static const char names[PEERS + 1] = "cdestuxyz";
	const char *at = strchr(names, who);

	return at && *at ? &peers[at - names] : NULL;
}

static bool is_client(const struct peer *peer)
{
	return peer < &peers[3];
}

static bool open_peer(struct peer *peer)
{
	struct sockaddr_in at = loopback(ports[0]);
	size_t listener = peer < &peers[6] ? 0 : 1;

	if (peer->fd >= 0)
		return true;
	peer->held = 0;
	if (!is_client(peer)) {
		if (wait_for(listeners[listener], POLLIN, LIMIT_MS))
			peer->fd = accept(listeners[listener], NULL, NULL);
		return peer->fd >= 0;
	}
	peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return peer->fd >= 0 &&
	       connect(peer->fd, (struct sockaddr *)(void *)&at, sizeof(at)) ==
		       0;
}

static void close_peer(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
}

static bool send_all(struct peer *peer, const char *text)
{
	size_t left = strlen(text);
	ssize_t sent;

	while (left && wait_for(peer->fd, POLLOUT, LIMIT_MS)) {
		sent = send(peer->fd, text, left, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent <= 0)
			return false;
		text += sent;
		left -= (size_t)sent;
	}
	return !left;
}

/* Return: bytes, 0 at the end, or -1. */
static ssize_t take_more(struct peer *peer, int ms)
{
	size_t room = sizeof(peer->data) - 1 - peer->held;
	ssize_t got;

	if (!room || !wait_for(peer->fd, POLLIN, ms))
		return -1;
	got = recv(peer->fd, peer->data + peer->held, room, 0);
	if (got > 0)
		peer->held += (size_t)got;
	peer->data[peer->held] = '\0';
	return got;
}

static bool expect(struct peer *peer, const char *text, bool only)
{
	size_t length = strlen(text);
	const char *at;

	peer->data[peer->held] = '\0';
	while (!(at = strstr(peer->data, text)))
		if (take_more(peer, LIMIT_MS) <= 0)
			break;
	if (!at || (only && at != peer->data)) {
		printf("# got: %s\n", peer->data);
		return false;
	}
	peer->held -= (size_t)(at - peer->data) + length;
	memmove(peer->data, at + length, peer->held + 1);
	return true;
}

static bool is_quiet(struct peer *peer)
{
	return !peer->held && !wait_for(peer->fd, POLLIN, PAUSE_MS);
}

static bool is_cut(struct peer *peer)
{
	ssize_t got;

	do {
		peer->held = 0;
		got = take_more(peer, LIMIT_MS);
	} while (got > 0);
	return got == 0 || errno == ECONNRESET;
}

static bool take(struct peer *peer, size_t bytes)
{
	static char data[65536];
	size_t held = peer->held < bytes ? peer->held : bytes;

	peer->held -= held;
	memmove(peer->data, peer->data + held, peer->held);
	for (bytes -= held; bytes; bytes -= held) {
		ssize_t got = -1;

		if (wait_for(peer->fd, POLLIN, LIMIT_MS))
			got = recv(peer->fd, data,
				   bytes < sizeof(data) ? bytes : sizeof(data),
				   0);
		if (got <= 0)
			return false;
		held = (size_t)got;
	}
	return true;
}

static bool pump(struct peer *from, struct peer *to, size_t bytes)
{
	static char data[65536];
	size_t sent = 0, taken = to->held < bytes ? to->held : bytes;

	to->held -= taken;
	memmove(to->data, to->data + taken, to->held);
	memset(data, 'x', sizeof(data));
	while (taken < bytes) {
		struct pollfd both[] = {
			{ .fd = to->fd, .events = POLLIN },
			{ .fd = sent < bytes ? from->fd : -1,
			  .events = POLLOUT },
		};
		size_t most = bytes - sent;
		ssize_t n;

		if (poll(both, 2, LIMIT_MS) < 1)
			return false;
		if (both[1].revents) {
			n = send(from->fd, data,
				 most < sizeof(data) ? most : sizeof(data),
				 MSG_NOSIGNAL | MSG_DONTWAIT);
			if (n < 0 && errno != EAGAIN)
				return false;
			sent += n > 0 ? (size_t)n : 0;
		}
		most = bytes - taken;
		if (both[0].revents) {
			n = recv(to->fd, data,
				 most < sizeof(data) ? most : sizeof(data), 0);
			if (n <= 0)
				return false;
			taken += (size_t)n;
			memset(data, 'x', sizeof(data));
		}
	}
	return true;
}

/* As many as are taken. */
static void flood(struct peer *peer, size_t bytes)
{
	char data[4096];

	memset(data, 'x', sizeof(data));
	while (bytes && wait_for(peer->fd, POLLOUT, PAUSE_MS)) {
		ssize_t sent = send(peer->fd, data,
				    bytes < sizeof(data) ? bytes : sizeof(data),
				    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent <= 0)
			return;
		bytes -= (size_t)sent;
	}
}

static void reset_peer(struct peer *peer)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close_peer(peer);
}

/* Put a configuration in force. Return: whether it is. */
static bool use_config(const char *from)
{
	struct config_errors errors = { 0 };
	struct proxy_change *change = NULL;
	char text[4096], wrong[1024] = "";
	struct site *next;

	snprintf(text, sizeof(text), from, ports[0], ports[1], ports[2],
		 ports[3], pki.folder);
	next = try_site(text, wrong, sizeof(wrong));
	if (next)
		change =
			proxy_prepare(proxy, next, 1U << CONFIG_PROXY, &errors);
	if (change) {
		proxy_commit(change);
		use_site(next);
	} else {
		printf("# refused %s\n", wrong);
		config_errors_print(&errors, stdout);
		site_free(next);
	}
	config_errors_free(&errors);
	return change;
}

static void check_finds(bool down)
{
	char at[32];

	snprintf(at, sizeof(at), "127.0.0.1:%u", ports[1]);
	found_of(at)->down = down;
	pass_time(300);
	proxy_refresh(proxy, site, 1U << CONFIG_PROXY);
}

/* The next one that would be opened is too many. */
static bool limit_files(bool now)
{
	struct rlimit limit;
	int fd = dup(0);

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return false;
	limit.rlim_cur = now && fd >= 0 ? (rlim_t)fd : limit.rlim_max;
	if (fd >= 0)
		close(fd);
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static void on_drained(void *arg)
{
	(void)arg;
	drained = true;
}

static bool step_all(const struct proxying *of, const char *step)
{
	switch (*step) {
	case 'R':
		return use_config(of->next);
	case 'B':
		return !use_config(of->next);
	case 'L':
	case 'l':
		return limit_files(*step == 'L');
	case 'F':
	case 'U':
		check_finds(*step == 'F');
		return true;
	case 'T':
		proxy_refresh(proxy, site, 1U << CONFIG_PROXY);
		pass_time(1000);
		return true;
	case 'D':
		proxy_drain(proxy, false, on_drained, NULL);
		return true;
#ifdef PROXYING_STEP
	case '-':
		break;
	default:
		return PROXYING_STEP(step);
#endif
	}
	usleep(PAUSE_MS * 1000);
	return true;
}

static bool is_refused(struct peer *peer)
{
	bool refused = !open_peer(peer) && errno == ECONNREFUSED;

	close_peer(peer);
	return refused;
}

static bool do_step(const struct proxying *of, const char *step)
{
	struct peer *peer = peer_of(step[0]);
	const char *text = step + 2;

	if (!peer)
		return step_all(of, step);
	if (step[1] == '?')
		return is_refused(peer);
	if (!open_peer(peer))
		return false;
	switch (step[1]) {
	case '>':
		return send_all(peer, text);
	case '<':
		return expect(peer, text, false);
	case '=':
		return expect(peer, text, true);
	case '-':
		return is_quiet(peer);
	case '$':
		return !peer->held && take_more(peer, LIMIT_MS) == 0;
	case '!':
		return is_cut(peer);
	case '|':
		return shutdown(peer->fd, SHUT_WR) == 0;
	case '.':
		close_peer(peer);
		return true;
	case '^':
		reset_peer(peer);
		return true;
	case '*':
		return open_peer(peer_of(*text)) &&
		       pump(peer, peer_of(*text), strtoul(text + 1, NULL, 10));
	case '/':
		return take(peer, strtoul(text, NULL, 10));
	case '#':
		flood(peer, strtoul(text, NULL, 10));
		return true;
	default:
		return true;
	}
}

/* Nobody has left a request behind. */
static bool all_idle(void)
{
	struct site_server *server;
	bool idle = false;

	for (int ms = 0; !idle && ms < LIMIT_MS; ms += 10) {
		main_loop();
		idle = true;
		for (size_t i = 0; i < site->pool_count; i++)
			TAILQ_FOREACH(server, &site->pools[i].servers, of_pool)
		idle = idle && proxy_is_idle(proxy, server);
		if (!idle)
			usleep(10000);
	}
	return idle;
}

static bool has_drained(void)
{
	for (int ms = 0; !drained && ms < LIMIT_MS; ms += 10) {
		main_loop();
		usleep(10000);
	}
	return drained;
}

static bool play(const struct proxying *of)
{
	bool right = use_config(of->config), drains = false;

	for (size_t i = 0; right && of->steps[i]; i++) {
		main_loop();
		right = do_step(of, of->steps[i]);
		drains = drains || of->steps[i][0] == 'D';
		if (!right)
			printf("# step %zu: %s\n", i, of->steps[i]);
	}
	for (size_t i = 0; i < PEERS; i++)
		close_peer(&peers[i]);
	if (right && site && !all_idle()) {
		printf("# a server has a request that nobody waits for\n");
		right = false;
	}
	if (right && drains && !has_drained()) {
		printf("# it does not end\n");
		right = false;
	}
	return right;
}

static void proxying(const struct proxying *of)
{
	bool right;
	int fd;

	drained = false;
	for (size_t i = 0; i < PEERS; i++)
		peers[i].fd = -1;
	for (size_t i = 0; i < LISTENERS; i++)
		listeners[i] = listen_on(&ports[1 + i]);
	/* Nobody else takes them that soon. */
	for (size_t i = 0; i <= 3; i += 3) {
		fd = listen_on(&ports[i]);
		close(fd);
	}
	setup();
	host.built = 1U << CONFIG_PROXY;
	proxy = proxy_create(host.loop, of->threads ? of->threads : 1);
	right = play(of);
	proxy_free(proxy);
	teardown();
	for (size_t i = 0; i < LISTENERS; i++)
		close(listeners[i]);
	ktap_result(&ktap, right, of->name);
}

#endif /* TESTS_PROXYING_H */
