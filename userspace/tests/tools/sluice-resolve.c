// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looks up the names of all servers in a configuration, for tests:
 *
 *	sluice-resolve FILE
 *
 * For each change a line: the name, its addresses, and after "|" the problem if there
 * is one. SIGHUP reads the file again; names that stay are not looked up for that.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "../answer_text.h"
#include "config/config.h"
#include "signals.h"

struct seen {
	struct resolver_watch watch;
	char *name;
	LIST_ENTRY(seen) entry;
};

LIST_HEAD(seen_list, seen);

static const char *path;
static struct resolver *resolver;
static struct seen_list all;

static void changed(struct resolver_watch *watch,
		    const struct resolver_answer *answer)
{
	char addresses[16384];

	answer_text(addresses, sizeof(addresses), answer);
	printf("%s %s%s%s\n", loop_owner(watch, struct seen, watch)->name,
	       addresses, answer->problem ? " | " : "",
	       answer->problem ? answer->problem : "");
}

static void refuse(const char *what)
{
	fprintf(stderr, "sluice-resolve: %s: %s\n", path, what);
	exit(1);
}

static void watch_all(struct seen_list *list, const struct config *config)
{
	for (size_t i = 0; i < config->pools.count; i++) {
		const struct config_servers *servers =
			&config->pools.items[i].servers;

		for (size_t j = 0; j < servers->count; j++) {
			const struct config_server *server = &servers->items[j];
			struct seen *seen;

			if (!server->target.name)
				continue;
			seen = calloc(1, sizeof(*seen));
			seen->name = strdup(server->target.name);
			seen->watch.changed = changed;
			LIST_INSERT_HEAD(list, seen, entry);
			if (resolver_watch_add(resolver, &seen->watch,
					       seen->name, server->resolve,
					       server->target.port) != 0)
				refuse("out of memory");
		}
	}
}

static void unwatch_all(struct seen_list *list)
{
	struct seen *seen;

	while ((seen = LIST_FIRST(list))) {
		LIST_REMOVE(seen, entry);
		resolver_watch_del(&seen->watch);
		free(seen->name);
		free(seen);
	}
}

static struct config *load(void)
{
	struct config_errors errors = { 0 };
	struct config *config = config_load(path, &errors);

	if (!config || config_errors_any(&errors)) {
		config_errors_print(&errors, stderr);
		exit(1);
	}
	return config;
}

static void arrived(struct signals *signals,
		    const struct signalfd_siginfo *info)
{
	struct seen_list old = all;
	struct config *config = load();
	char error[256];

	(void)signals;
	(void)info;
	/* The first one points to the head of the list. */
	if (LIST_FIRST(&old))
		LIST_FIRST(&old)->entry.le_prev = &old.lh_first;
	LIST_INIT(&all);
	if (resolver_configure(resolver, config->settings->resolver, error,
			       sizeof(error)) != 0)
		refuse(error);
	watch_all(&all, config);
	unwatch_all(&old);
	config_free(config);
	puts("reloaded");
}

int main(int argc, char **argv)
{
	struct signals signals = { .arrived = arrived };
	struct loop *loop = loop_create(NULL);
	struct config *config;
	char error[256];
	sigset_t set;

	if (argc != 2) {
		fprintf(stderr, "usage: sluice-resolve FILE\n");
		return 2;
	}
	path = argv[1];
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	signals_watch(loop, &signals, &set);
	config = load();
	resolver = resolver_create(loop, config->settings->resolver, error,
				   sizeof(error));
	if (!resolver)
		refuse(error);
	watch_all(&all, config);
	config_free(config);
	return loop_run(loop);
}
