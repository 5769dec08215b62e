/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a site lives in, made up: a clock, checks that find what they are told to find, a
 * resolver that answers what it is told to answer, and a kernel that takes down what it
 * is told.
 */
#ifndef TESTS_SITE_FAKE_H
#define TESTS_SITE_FAKE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../ktap.h"
#include "check/run.h"
#include "log.h"
#include "names.gen.h"
#include "site.h"

#define NS_PER_MS 1000000U
#define FAKE_MAX 16

static struct ktap ktap;
static uint64_t now_ns;

static inline uint64_t fake_clock(void)
{
	return now_ns;
}

#ifndef FAKE_WITH_LOG
/* Messages, of which most belong to what is tested: the last one is kept. */
static char logged[256];

void log_write(enum config_log_level level, const struct log_field *about,
	       const char *format, ...)
{
	va_list args;

	(void)level;
	(void)about;
	va_start(args, format);
	vsnprintf(logged, sizeof(logged), format, args);
	va_end(args);
}

#endif

/* What checks find of an address, however often; up if nothing is said. */
static struct found {
	char at[SLUICE_ENDPOINT_TEXT];
	bool down;
	int weight_percent;
	enum check_advice advice;
	bool has_days;
	int days;
} found[FAKE_MAX];

static unsigned int checks_made;

static struct found *found_of(const char *at)
{
	size_t i = 0;

	while (found[i].at[0] && strcmp(found[i].at, at) != 0)
		i++;
	if (!found[i].at[0]) {
		snprintf(found[i].at, sizeof(found[i].at), "%s", at);
		found[i].weight_percent = CHECK_NO_WEIGHT;
	}
	return &found[i];
}

static inline void fake_start(struct check_run *run)
{
	const struct sockaddr_in6 *in6 = (const void *)run->address;
	const struct sockaddr_in *in = (const void *)run->address;
	struct sluice_endpoint at = { .address.family =
					      run->address->ss_family };
	char text[SLUICE_ENDPOINT_TEXT];
	const struct found *what;

	if (at.address.family == AF_INET) {
		at.address.v4 = in->sin_addr;
		at.port = ntohs(in->sin_port);
	} else {
		at.address.v6 = in6->sin6_addr;
		at.port = ntohs(in6->sin6_port);
	}
	what = found_of(sluice_endpoint_print(text, sizeof(text), &at));
	run->report.weight_percent = what->weight_percent;
	run->report.advice = what->advice;
	if (what->has_days)
		run->report.days_left = what->days;
	if (what->down)
		check_fail(run, "found down");
	else
		check_pass(run, "found up");
}

static inline void fake_stop(struct check_run *run)
{
	(void)run;
}

static inline int fake_prepare(struct check *check, struct check_error *error)
{
	(void)check;
	(void)error;
	checks_made++;
	return 0;
}

static const struct check_kind_ops fake_kind = {
	.name = "fake",
	.prepare = fake_prepare,
	.start = fake_start,
	.stop = fake_stop,
};

static const struct check_kind_ops *const fake_kinds[CHECK_KIND_COUNT] = {
	[CHECK_TCP] = &fake_kind,
	[CHECK_AGENT] = &fake_kind,
	[CHECK_SCRIPT] = &fake_kind,
};

/* The resolver: a name is known when something was said of it. */
struct resolver_name {
	char name[64];
	bool known;
	struct resolver_address addresses[FAKE_MAX];
	struct resolver_answer answer;
	LIST_HEAD(, resolver_watch) watches;
};

static struct resolver_name names[FAKE_MAX];
static unsigned int watched;

static struct resolver_name *name_of(const char *name)
{
	size_t i = 0;

	while (names[i].name[0] && strcmp(names[i].name, name) != 0)
		i++;
	snprintf(names[i].name, sizeof(names[i].name), "%s", name);
	return &names[i];
}

int resolver_watch_add(struct resolver *r, struct resolver_watch *watch,
		       const char *name, int resolve, uint16_t port)
{
	(void)r;
	(void)resolve;
	(void)port;
	if (strcmp(name, "refused.test") == 0)
		return -EINVAL;
	watch->name = name_of(name);
	LIST_INSERT_HEAD(&watch->name->watches, watch, entry);
	watched++;
	return 0;
}

void resolver_watch_del(struct resolver_watch *watch)
{
	LIST_REMOVE(watch, entry);
	watched--;
}

const struct resolver_answer *
resolver_watch_answer(const struct resolver_watch *watch)
{
	return watch->name->known ? &watch->name->answer : NULL;
}

/* Addresses apart by blanks, each with a weight after a '*' where it has one. */
static inline void answer(const char *of, const char *addresses,
			  const char *problem)
{
	struct resolver_name *name = name_of(of);
	struct resolver_watch *watch, *next;
	char copy[512], *rest = copy, *word;
	size_t count = 0;

	snprintf(copy, sizeof(copy), "%s", addresses);
	while ((word = strsep(&rest, " "))) {
		struct resolver_address *to = &name->addresses[count];
		char *weight = strchr(word, '*');

		if (!*word)
			continue;
		memset(to, 0, sizeof(*to));
		if (weight) {
			*weight = '\0';
			to->weight = (uint32_t)strtoul(weight + 1, NULL, 10);
		}
		if (!strcmp(word, "noport"))
			sluice_endpoint_parse("10.9.9.9:1", &to->at);
		else if (!sluice_endpoint_parse(word, &to->at))
			abort();
		if (!strcmp(word, "noport"))
			to->at.port = 0;
		count++;
	}
	name->known = true;
	name->answer = (struct resolver_answer){ .addresses = name->addresses,
						 .count = count,
						 .problem = problem };
	for (watch = LIST_FIRST(&name->watches); watch; watch = next) {
		next = LIST_NEXT(watch, entry);
		watch->changed(watch, &name->answer);
	}
}

/* What the kernel was told since the last look, a line each. */
static char told[4096];
/* Servers that have no connections. */
static char idle[SLUICE_ENDPOINT_TEXT];
static unsigned int flushes;

static inline void take_down(const char *what,
			     const struct sluice_server *server)
{
	char at[SLUICE_ENDPOINT_TEXT];
	size_t length = strlen(told);

	sluice_endpoint_print(at, sizeof(at), &server->at);
	if (strcmp(what, "del") == 0)
		snprintf(told + length, sizeof(told) - length, "del %s %s\n",
			 server->pool, at);
	else
		snprintf(told + length, sizeof(told) - length,
			 "%s %s %s %s %u%s\n", what, server->pool, at,
			 sluice_server_state_name(server->state),
			 server->weight,
			 server->forward == SLUICE_FORWARD_NAT ? "" :
			 server->forward == SLUICE_FORWARD_DR  ? " dr" :
								 " tunnel");
}

static inline void fake_flush(struct site_host *host, struct site *site)
{
	static const char *const words[] = { "", "add", "set", "del" };
	struct site_server *server;

	(void)host;
	flushes++;
	while ((server = TAILQ_FIRST(&site->pending))) {
		site_server_told(server);
		take_down(words[server->pending], &server->told);
		site_server_settled(server);
	}
}

static inline bool fake_is_idle(struct site_host *host,
				const struct site_server *server)
{
	char at[SLUICE_ENDPOINT_TEXT];

	(void)host;
	return strcmp(idle,
		      sluice_endpoint_print(at, sizeof(at), &server->at)) == 0;
}

static struct site_host host;
static struct site *site;
static char folder[] = "/tmp/sluice-site-XXXXXX";
static char path[64];

static inline void open_changes(void)
{
	char error[256];

	host.changes = changes_open(path, error, sizeof(error));
	if (!host.changes)
		printf("Bail out! %s\n", error);
	if (!host.changes)
		exit(1);
}

static inline void setup(void)
{
	static const struct check_options options = { .kinds = fake_kinds };

	now_ns = 1000000000000;
	memset(found, 0, sizeof(found));
	memset(names, 0, sizeof(names));
	told[0] = '\0';
	idle[0] = '\0';
	flushes = 0;
	checks_made = 0;
	watched = 0;
	if (!path[0] && !mkdtemp(folder))
		exit(1);
	snprintf(path, sizeof(path), "%s/changes", folder);
	host = (struct site_host){
		.flush = fake_flush,
		.is_idle = fake_is_idle,
	};
	host.loop = loop_create(fake_clock);
	host.engine = check_engine_create(host.loop, &options);
	open_changes();
}

static inline void pass_time(unsigned int ms)
{
	for (; ms >= 10; ms -= 10) {
		now_ns += 10ULL * NS_PER_MS;
		loop_turn(host.loop, 0);
	}
}

/* What the kernel is told of a whole site: it has what is wanted. */
static inline void apply(struct site *next)
{
	struct site_server *server;

	while ((server = TAILQ_FIRST(&next->pending)))
		site_server_settled(server);
	for (size_t i = 0; i < next->pool_count; i++)
		TAILQ_FOREACH(server, &next->pools[i].servers, of_pool)
		{
			if (!(next->pools[i].families &
			      site_family(server->at.address.family)))
				continue;
			site_server_told(server);
			take_down("has", &server->told);
		}
}

/* Return: the site, not in force yet, or NULL; @errors as text, cut. */
static inline struct site *try_site(const char *text, char *wrong, size_t size)
{
	struct config_errors errors = { 0 };
	struct config *config = config_parse("t", text, strlen(text), &errors);
	struct site *next = NULL;
	FILE *to = fmemopen(wrong, size, "w");

	if (!config_errors_any(&errors))
		next = site_create(&host, config_get(config), site, &errors);
	config_errors_print(&errors, to);
	fclose(to);
	config_errors_free(&errors);
	config_free(config);
	return next;
}

/* Put in place of what is in force. */
static inline void use_site(struct site *next)
{
	apply(next);
	site_free(site);
	site = next;
	site_start(site);
	loop_turn(host.loop, 0);
}

static inline void reload(const char *text)
{
	char wrong[1024] = "";
	struct site *next = try_site(text, wrong, sizeof(wrong));

	if (!next) {
		printf("Bail out! %s\n", wrong);
		exit(1);
	}
	use_site(next);
}

static inline void teardown(void)
{
	site_free(site);
	site = NULL;
	changes_free(host.changes);
	unlink(path);
	check_engine_free(host.engine);
	loop_free(host.loop);
}

/* Whether this is what the kernel was told since the last look. */
static inline bool was_told(const char *expect)
{
	bool right = strcmp(told, expect) == 0;

	if (!right)
		printf("# told:\n%s# instead of:\n%s", told, expect);
	told[0] = '\0';
	return right;
}

static inline bool put_change(const char *pool, const char *at,
			      struct change change)
{
	char error[256];

	snprintf(change.pool, sizeof(change.pool), "%s", pool);
	return sluice_endpoint_parse(at, &change.at) &&
	       changes_put(host.changes, &change, error, sizeof(error)) == 0;
}

static inline struct site_server *server_at(const char *pool, const char *at)
{
	struct site_pool *in = site_pool_lookup(site, pool);
	struct sluice_endpoint endpoint;

	sluice_endpoint_parse(at, &endpoint);
	return in ? site_server_lookup(in, &endpoint) : NULL;
}

static inline bool touch(const char *pool, const char *at)
{
	struct site_server *server = server_at(pool, at);

	if (server)
		site_server_touch(server);
	loop_turn(host.loop, 0);
	return server;
}

#endif /* TESTS_SITE_FAKE_H */
