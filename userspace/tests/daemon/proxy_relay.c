// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Clients of services in stratum relay: handed to the kernel, which is made up here,
 * given back by it, or served by stratum proxy since it does not take them.
 *
 *	K k N	from now on the kernel takes clients, does not, or has as many as it may
 *	Htext	it has got one, whose source is this ("": that of its connection)
 *	Gn	it gives that one back, with at most n of the bytes that are there
 *	E	it ends that one
 */
#include <pthread.h>

#include "proxy/plan.h"
#include "sluice_relay.h"

static bool kernel_step(const char *step);
#define PROXYING_STEP kernel_step
#include "proxying.h"

/* What the kernel has, written by a worker. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool takes, full;
static struct sluice_relay_client has = { .fd = -1 };

int sluice_relay_open(struct sluice **slp)
{
	*slp = (struct sluice *)&has;
	return 0;
}

void sluice_close(struct sluice *sl)
{
	(void)sl;
}

const char *sluice_error(const struct sluice *sl)
{
	(void)sl;
	return "not now";
}

int sluice_relay_hand(struct sluice *sl,
		      const struct sluice_relay_client *client, uint64_t *id)
{
	int err = full ? -ENOSPC : -ENOENT;

	(void)sl;
	pthread_mutex_lock(&lock);
	if (takes) {
		has = *client;
		has.fd = dup(client->fd);
		/* As the kernel does. */
		close(client->fd);
		*id = 1;
		err = 0;
	}
	pthread_mutex_unlock(&lock);
	return err;
}

static bool is_got(const char *source)
{
	struct sluice_address wanted = { .family = AF_UNSPEC };
	struct sluice_endpoint at = { .port = 0 };
	bool got = false;

	for (int ms = 0; !got && ms < LIMIT_MS; ms += 10) {
		pthread_mutex_lock(&lock);
		got = has.fd >= 0;
		pthread_mutex_unlock(&lock);
		if (!got)
			usleep(10000);
	}
	if (*source) {
		wanted.family = AF_INET;
		inet_pton(AF_INET, source, &wanted.v4);
	}
	inet_pton(AF_INET, "127.0.0.1", &at.address.v4);
	return got && has.source.family == wanted.family &&
	       (!*source || has.source.v4.s_addr == wanted.v4.s_addr) &&
	       has.service.protocol == IPPROTO_TCP &&
	       has.service.at.port == ports[0] &&
	       has.service.at.address.v4.s_addr == at.address.v4.s_addr &&
	       !has.tls && !has.length;
}

static bool give_back(size_t most)
{
	struct sluice_relay_client client = has;
	ssize_t got = 0;

	if (!wait_for(client.fd, POLLIN, LIMIT_MS))
		return false;
	client.data = malloc(most + 1);
	if (!client.data)
		return false;
	if (most)
		got = recv(client.fd, client.data, most, 0);
	client.length = got > 0 ? (size_t)got : 0;
	has.fd = -1;
	proxy_adopt(proxy, &client);
	return true;
}

/* Loopback addresses are not for relay: its place is changed afterwards. */
static void place_in_relay(void)
{
	const struct plan *plan = proxy_plan(proxy);

	for (size_t i = 0; i < plan->service_count; i++)
		plan->services[i].relay = true;
}

static bool kernel_step(const char *step)
{
	switch (*step) {
	case 'K':
	case 'k':
	case 'N':
		place_in_relay();
		takes = *step == 'K';
		full = *step == 'N';
		return true;
	case 'H':
		return is_got(step + 1);
	case 'G':
		return give_back(strtoul(step + 1, NULL, 10));
	default:
		close(has.fd);
		has.fd = -1;
		return true;
	}
}

#define SERVICE(more)                                                      \
	"services:\n  web: {address: ['127.0.0.1:%u'], parse: http, " more \
	"pool: app}\nversion: 1\npools:\n"                                 \
	"  app: {servers: ['127.0.0.1:%u']}\n"
#define PLAIN SERVICE("")
#define TLS                                                                  \
	"services:\n"                                                        \
	"  web: {address: ['127.0.0.1:%1$u'], stratum: proxy, pool: self}\n" \
	"  tls: {address: ['127.0.0.1:%4$u'], parse: http, pool: app,\n"     \
	"    tls: {certificates: [a]}}\n"                                    \
	"version: 1\ncertificates:\n  a: {file: '%5$s/a.pem'}\npools:\n"     \
	"  app: {servers: ['127.0.0.1:%2$u']}\n"                             \
	"  self: {servers: ['127.0.0.1:%4$u'], tls: {ca: '%5$s/ca', sni: a}} # %3$u\n"
#define END "\r\n\r\n"
#define GET "GET / HTTP/1.1\r\nhost: a" END
#define GET2 "GET /2 HTTP/1.1\r\nhost: a" END
#define OK "HTTP/1.1 200 OK\r\ncontent-length: 2" END "ok"
#define ASKED "s<GET / ", "s<" END
#define ASKED2 "s<GET /2 ", "s<" END
#define GETS(who) #who "<HTTP/1.1 200", #who "<" END, #who "=ok"
#define STEPS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define FROM "PROXY TCP4 192.0.2.7 192.0.2.8 1000 80\r\n"

static const char c_get[] = "c>" GET;

static const struct proxying cases[] = {
	{
		.name = "a client is handed over, and nothing of it was read",
		.config = PLAIN,
		.steps = STEPS("K", c_get, "H", "-", "c-", "E", "c!"),
	},
	{
		.name = "one that is given back, with all of its request",
		.config = PLAIN,
		.steps = STEPS("K", "c>" GET, "H", "G9999", ASKED, "s>" OK,
			       GETS(c), "c>" GET2, ASKED2, "s>" OK, GETS(c)),
	},
	{
		.name = "with part of it",
		.config = PLAIN,
		.steps = STEPS("K", "c>" GET, "H", "G7", ASKED, "s>" OK,
			       GETS(c)),
	},
	{
		.name = "with none of it",
		.config = PLAIN,
		.steps = STEPS("K", "c>" GET, "H", "G0", ASKED, "s>" OK,
			       GETS(c)),
	},
	{
		.name = "with more than one",
		.config = PLAIN,
		.steps = STEPS("K", "c>" GET GET2, "H", "G9999", ASKED, "s>" OK,
			       ASKED2, "s>" OK, GETS(c), GETS(c)),
	},
	{
		.name = "by another thread",
		.config = PLAIN,
		.threads = 3,
		.steps = STEPS("K", "c>" GET, "H", "G9", ASKED, "s>" OK,
			       GETS(c), "d>" GET, "H", "G9", "t<GET / ",
			       "t<" END, "t>" OK, GETS(d)),
	},
	{
		.name = "a kernel that takes nobody",
		.config = PLAIN,
		.steps = STEPS("k", "c>" GET, ASKED, "s>" OK, GETS(c)),
	},
	{
		.name = "one that has as many as it may, and then one less",
		.config = PLAIN,
		.steps = STEPS("N", "c>" GET, ASKED, "s>" OK, GETS(c), "K",
			       "d>" GET, "H", "-", "d-", "E", "d!"),
	},
	{
		.name = "the source of a header in front",
		.config = SERVICE("accept-proxy-protocol: true, "),
		.steps = STEPS("K", "c>" FROM GET, "H192.0.2.7", "G9999",
			       "s<X-Forwarded-For: 192.0.2.7", "s<" END,
			       "s>" OK, GETS(c)),
	},
	{
		.name = "a service that is gone when its client is given back",
		.config = PLAIN,
		.next = "services: {} # %u\nversion: 1\npools:\n"
			"  app: {servers: ['127.0.0.1:%u']}\n",
		.steps = STEPS("K", c_get, "H", "R", "-", "G9999", "c!"),
	},
	{
		.name = "draining: who is handed over is no concern",
		.config = PLAIN,
		.steps = STEPS("K", c_get, "H", "D", "-", "c-"),
	},
	{
		.name = "TLS that the kernel cannot do",
		.config = TLS,
		.steps = STEPS("k", "c>" GET, ASKED, "s>" OK, GETS(c)),
	},
};

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	ktap_begin();
	pki_begin(&pki, "authority");
	pki_issue(&pki, "a.pem", (struct pki_wish){ .names = "DNS:a" });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		proxying(&cases[i]);
		kernel_step("E");
	}
	pki_end(&pki);
	rmdir(folder);
	return ktap_end(&ktap);
}
