/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One check of one server, and what came of it. */
#ifndef TESTS_ONCE_H
#define TESTS_ONCE_H

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "check/engine.h"

struct once {
	struct check_watch watch;
	struct check_report report;
	char reason[CHECK_REASON_SIZE];
	bool done;
};

static inline void once_report(struct check_watch *watch,
			       const struct check_report *report)
{
	struct once *once = loop_owner(watch, struct once, watch);

	once->report = *report;
	snprintf(once->reason, sizeof(once->reason), "%s", report->reason);
	once->report.reason = once->reason;
	once->done = true;
}

static uint64_t once_now;

static inline uint64_t once_clock(void)
{
	return once_now;
}

/* Whether this process has children that nobody has waited for. */
static inline bool once_has_children(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/*
 * @waits: NULL; or what says that the check has nothing but its time to wait for:
 *	until then time stands still, so that a slow machine makes no difference
 *
 * Return: whether there is a report; else the reason says what was refused
 */
static inline bool once_run(struct once *once, struct check_spec spec,
			    const struct sockaddr_storage *address,
			    const atomic_bool *waits)
{
	const uint64_t ms = 1000000;
	struct loop *loop = loop_create(waits ? once_clock : NULL);
	struct check_engine *engine = check_engine_create(loop, NULL);
	struct check_error error = { "" };
	struct check *check;

	memset(once, 0, sizeof(*once));
	once->watch.report = once_report;
	spec.name = spec.name ? spec.name : "test";
	spec.interval_ms = 1;
	spec.rise = 1;
	spec.fall = 1;
	check = check_create(engine, &spec, &error);
	snprintf(once->reason, sizeof(once->reason), "%s", error.text);
	if (check && check_watch_add(check, (const struct sockaddr *)address,
				     &once->watch, CHECK_UNKNOWN) == 0) {
		/* It begins within its interval. */
		once_now += 2 * ms;
		while (!once->done) {
			loop_turn(loop, waits ? 1 : -1);
			if (waits && *waits)
				once_now += 10 * ms;
		}
		check_watch_del(&once->watch);
	}
	check_free(check);
	/* What a script leaves is gathered before the end. */
	while (spec.kind == CHECK_SCRIPT && once_has_children())
		loop_turn(loop, 20);
	check_engine_free(engine);
	loop_free(loop);
	return once->done;
}

#endif /* TESTS_ONCE_H */
