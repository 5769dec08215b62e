/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A resolver, the name servers that it asks, and watches that note what they are
 * told. All in one loop, whose clock a test can put forward.
 */
#ifndef TESTS_RESOLVING_H
#define TESTS_RESOLVING_H

#include <errno.h>
#include <time.h>

#include "../answer_text.h"
#include "../ktap.h"
#include "name_server.h"
#include "resolver.h"

/* What is waited for comes at once; a busy machine may take its time. */
#define LIMIT_MS 60000

static struct loop *loop;
static struct resolver *resolver;
static struct name_server server, second;
static struct config_resolver config;
static uint64_t put_forward_ms;

/* What a watch was told last, and how often. */
struct note {
	struct resolver_watch watch;
	unsigned int calls;
	char addresses[1024];
	size_t count;
	char problem[1024];
	uint64_t valid_ms;
	void (*then)(struct note *note);
	struct note *other;
};

static uint64_t test_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec +
	       put_forward_ms * 1000000U;
}

static inline void note_changed(struct resolver_watch *watch,
				const struct resolver_answer *answer)
{
	struct note *note = loop_owner(watch, struct note, watch);

	note->calls++;
	answer_text(note->addresses, sizeof(note->addresses), answer);
	note->count = answer->count;
	note->valid_ms = answer->valid_ms;
	snprintf(note->problem, sizeof(note->problem), "%s",
		 answer->problem ? answer->problem : "");
	if (note->then)
		note->then(note);
}

/* Two name servers, of which only the first is asked; nothing times out. */
static inline void setup(void)
{
	static struct sluice_endpoint servers[2];
	char error[256] = "";

	put_forward_ms = 0;
	loop = loop_create(test_clock);
	memset(&server, 0, sizeof(server));
	memset(&second, 0, sizeof(second));
	name_server_start(&server, loop);
	name_server_start(&second, loop);
	servers[0] = server.at;
	servers[1] = second.at;
	config = (struct config_resolver){
		.servers = { servers, 1 },
		.timeout = LIMIT_MS,
		.attempts = 3,
		.ttl_min = 5000,
		.ttl_max = 3600000,
	};
	resolver = resolver_create(loop, &config, error, sizeof(error));
	if (!resolver) {
		printf("Bail out! %s\n", error);
		exit(1);
	}
}

static inline void teardown(void)
{
	resolver_free(resolver);
	name_server_stop(&server);
	name_server_stop(&second);
	/* Connections of clients that are gone end. */
	for (unsigned int i = 0; i < 3; i++)
		loop_turn(loop, 0);
	free(server.records);
	free(second.records);
	loop_free(loop);
}

static inline bool configure(void)
{
	char error[256] = "";

	if (resolver_configure(resolver, &config, error, sizeof(error)) == 0)
		return true;
	printf("# %s\n", error);
	return false;
}

static inline void watch(struct note *note, const char *name, int resolve,
			 uint16_t port)
{
	int err;

	note->watch.changed = note_changed;
	err = resolver_watch_add(resolver, &note->watch, name, resolve, port);
	if (err) {
		printf("Bail out! %s: error %d\n", name, err);
		exit(1);
	}
}

/* Turns until CONDITION holds. Value: whether it does. */
#define until(condition)                                                       \
	({                                                                     \
		uint64_t end_ = test_clock() / 1000000U + LIMIT_MS;            \
                                                                               \
		while (!(condition) && test_clock() / 1000000U < end_)         \
			loop_turn(loop, 10);                                   \
		if (!(condition))                                              \
			printf("# line %d: %s: not so after %d s\n", __LINE__, \
			       #condition, LIMIT_MS / 1000);                   \
		(condition);                                                   \
	})

/* As much time passes, and what is due then is done. */
static inline bool pass(uint64_t ms)
{
	put_forward_ms += ms;
	for (unsigned int i = 0; i < 4; i++)
		loop_turn(loop, 0);
	return until(resolver_stats(resolver).in_flight == 0) &&
	       loop_turn(loop, 0) == 0;
}

/* Until there are so many calls, and it has been told that. */
static inline bool told(const struct note *note, unsigned int calls,
			const char *addresses, const char *problem)
{
	if (!until(note->calls >= calls))
		return false;
	if (note->calls == calls && !strcmp(note->addresses, addresses) &&
	    !strcmp(note->problem, problem))
		return true;
	printf("# told %u times, last '%s' and '%s', instead of %u, '%s' and '%s'\n",
	       note->calls, note->addresses, note->problem, calls, addresses,
	       problem);
	return false;
}

/* "TEXT asking ADDRESS:PORT" of the first server. */
static inline const char *asking(const char *text)
{
	static char problem[256];

	snprintf(problem, sizeof(problem), "%s asking 127.0.0.1:%u", text,
		 server.at.port);
	return problem;
}

static inline uint64_t lookups(void)
{
	return resolver_stats(resolver).lookups;
}

#endif /* TESTS_RESOLVING_H */
