// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "run.h"
#include "script.h"
#include "spare.h"
#include "targets.h"

#define IN_FLIGHT_DEFAULT 8192
#define NOBODY 65534

struct check_engine {
	struct loop *loop;
	struct check_options options;
	struct check_targets targets;
	/* Due, and waiting for others to end; first come, first served. */
	TAILQ_HEAD(, check_target) waiting;
	struct loop_task next;
	unsigned int number;
	uint64_t random;
	struct check_processes processes;
	struct check_spares spares;
	struct check_stats stats;
};

static uint32_t random_next(struct check_engine *engine)
{
	/* xorshift64*, by Marsaglia and Vigna; only for jitter. */
	engine->random ^= engine->random >> 12;
	engine->random ^= engine->random << 25;
	engine->random ^= engine->random >> 27;
	return (uint32_t)(engine->random * 2685821657736338717U >> 32);
}

static struct check_engine *engine_of(const struct check_target *target)
{
	return target->check->engine;
}

static void set_timer(struct check_target *target, unsigned int delay_ms)
{
	loop_timer_set(target->run.loop, &target->timer, delay_ms);
}

static void begin(struct check_target *target)
{
	struct check_engine *engine = engine_of(target);
	struct check_run *run = &target->run;

	engine->stats.in_flight++;
	target->activity = TARGET_RUNS;
	target->began = loop_clock(engine->loop);
	run->active = true;
	run->waiting_for = "an answer";
	run->connected = false;
	run->begun = false;
	run->spoken = false;
	run->goodbye = false;
	run->in_room = 0;
	run->in_total = 0;
	run->report = (struct check_report){
		.reason = run->reason,
		.days_left = CHECK_NO_DAYS,
		.weight_percent = CHECK_NO_WEIGHT,
	};
	memset(run->state, 0, target->check->kind->state_size);
	set_timer(target, target->check->spec->timeout_ms);
	target->check->kind->start(run);
}

/* A task: those that wait begin, as many as may. */
static void begin_next(struct loop_task *task)
{
	struct check_engine *engine =
		loop_owner(task, struct check_engine, next);
	struct check_target *target;
	uint64_t before = engine->stats.waiting;

	/* Each at most once a turn, though all may end as soon as they begin. */
	while (before-- &&
	       engine->stats.in_flight < engine->options.in_flight_max &&
	       (target = TAILQ_FIRST(&engine->waiting))) {
		TAILQ_REMOVE(&engine->waiting, target, waits);
		engine->stats.waiting--;
		begin(target);
	}
}

static void due(struct check_target *target)
{
	struct check_engine *engine = engine_of(target);

	if (engine->stats.in_flight < engine->options.in_flight_max &&
	    TAILQ_EMPTY(&engine->waiting)) {
		begin(target);
		return;
	}
	target->activity = TARGET_WAITS;
	TAILQ_INSERT_TAIL(&engine->waiting, target, waits);
	engine->stats.waiting++;
	engine->stats.delayed++;
}

static void time_out(struct check_run *run)
{
	if (run->check->kind->expired)
		run->check->kind->expired(run);
	if (run->active)
		check_fail(run, "timed out after %u ms, waiting for %s",
			   run->check->spec->timeout_ms, run->waiting_for);
}

static void expire(struct wheel_timer *timer)
{
	struct check_target *target =
		loop_owner(timer, struct check_target, timer);

	if (target->activity == TARGET_RUNS)
		time_out(&target->run);
	else
		due(target);
}

static void end(struct check_target *target)
{
	struct check_engine *engine = engine_of(target);

	target->run.active = false;
	target->activity = TARGET_RESTS;
	target->check->kind->stop(&target->run);
	loop_timer_del(engine->loop, &target->timer);
	engine->stats.in_flight--;
	if (!TAILQ_EMPTY(&engine->waiting))
		loop_task_add(engine->loop, &engine->next);
}

static void set_next(struct check_target *target)
{
	const struct check_spec *spec = target->check->spec;
	struct check_engine *engine = engine_of(target);
	unsigned int interval, delay;
	uint64_t now = loop_now(engine->loop) / 1000000, late;

	interval = check_health_interval(&target->health, spec);
	late = now > target->due_ms ? now - target->due_ms : 0;
	delay = check_delay_next(interval, late, spec->jitter_percent,
				 random_next(engine), target->number);
	target->due_ms = now + delay;
	set_timer(target, delay);
}

static void tell(struct check_target *target)
{
	struct check_watch *watch;

	/* A watch that removes others moves the cursor on. */
	target->cursor = LIST_FIRST(&target->watches);
	while ((watch = target->cursor)) {
		target->cursor = LIST_NEXT(watch, entry);
		watch->report(watch, &target->run.report);
	}
}

static void finish(struct check_run *run, enum check_verdict verdict)
{
	struct check_target *target = check_target_of(run);
	struct check_stats *stats = &engine_of(target)->stats;
	struct check_report *report = &run->report;

	stats->passed += verdict == CHECK_PASSED;
	stats->failed += verdict == CHECK_FAILED;
	stats->broken += verdict == CHECK_BROKEN;
	report->verdict = verdict;
	report->duration_us = (loop_clock(run->loop) - target->began) / 1000;
	end(target);
	if (verdict != CHECK_BROKEN)
		report->changed = check_health_feed(&target->health,
						    target->check->spec,
						    verdict == CHECK_PASSED);
	report->state = target->health.state;
	set_next(target);
	tell(target);
}

#define FINISH(verdict)                                                    \
	do {                                                               \
		va_list args;                                              \
                                                                           \
		if (!run->active)                                          \
			return;                                            \
		va_start(args, format);                                    \
		vsnprintf(run->reason, sizeof(run->reason), format, args); \
		va_end(args);                                              \
		finish(run, verdict);                                      \
	} while (0)

void check_pass(struct check_run *run, const char *format, ...)
{
	FINISH(CHECK_PASSED);
}

void check_fail(struct check_run *run, const char *format, ...)
{
	FINISH(CHECK_FAILED);
}

void check_break(struct check_run *run, const char *format, ...)
{
	FINISH(CHECK_BROKEN);
}

static void free_target(struct loop_task *task)
{
	free(loop_owner(task, struct check_target, free));
}

static struct check_target *make(struct check *check,
				 const struct sockaddr_storage *address,
				 enum check_state known)
{
	struct check_engine *engine = check->engine;
	const struct check_spec *spec = check->spec;
	struct check_target *target;
	unsigned int delay;

	target = calloc(1, sizeof(*target) + check->kind->state_size);
	if (!target)
		return NULL;
	target->check = check;
	target->address = *address;
	target->health.state = known;
	target->number = engine->number++;
	target->timer.expire = expire;
	target->free.run = free_target;
	target->run.check = check;
	target->run.loop = engine->loop;
	target->run.address = &target->address;
	target->run.fd.fd = -1;
	target->run.state = target->state;
	if (!check_targets_add(&engine->targets, target)) {
		free(target);
		return NULL;
	}
	check->target_count++;
	engine->stats.targets++;
	delay = check_delay_first(target->number,
				  check_health_interval(&target->health, spec));
	target->due_ms = loop_now(engine->loop) / 1000000 + delay;
	set_timer(target, delay);
	return target;
}

/* Nobody watches it any more. What calls it may still be in one of its callbacks. */
static void unmake(struct check_target *target)
{
	struct check_engine *engine = engine_of(target);

	if (target->activity == TARGET_RUNS)
		end(target);
	if (target->activity == TARGET_WAITS) {
		TAILQ_REMOVE(&engine->waiting, target, waits);
		engine->stats.waiting--;
	}
	loop_timer_del(engine->loop, &target->timer);
	check_targets_del(&engine->targets, target);
	target->check->target_count--;
	engine->stats.targets--;
	loop_task_add(engine->loop, &target->free);
}

/* The address that is checked: the check's port, and nothing that is not compared. */
static int set_address(struct sockaddr_storage *to, const struct check *check,
		       const struct sockaddr *from)
{
	unsigned int port = check->spec->port;
	const struct sockaddr_in *in = (const void *)from;
	const struct sockaddr_in6 *in6 = (const void *)from;

	memset(to, 0, sizeof(*to));
	if (check->source.ss_family != AF_UNSPEC &&
	    check->source.ss_family != from->sa_family)
		return -EAFNOSUPPORT;
	if (from->sa_family == AF_INET) {
		struct sockaddr_in *address = (void *)to;

		address->sin_family = AF_INET;
		address->sin_addr = in->sin_addr;
		address->sin_port = port ? htons((uint16_t)port) : in->sin_port;
		return 0;
	}
	if (from->sa_family == AF_INET6) {
		struct sockaddr_in6 *address = (void *)to;

		address->sin6_family = AF_INET6;
		address->sin6_addr = in6->sin6_addr;
		address->sin6_scope_id = in6->sin6_scope_id;
		address->sin6_port = port ? htons((uint16_t)port) :
					    in6->sin6_port;
		return 0;
	}
	return -EAFNOSUPPORT;
}

int check_watch_add(struct check *check, const struct sockaddr *address,
		    struct check_watch *watch, enum check_state known)
{
	struct sockaddr_storage checked;
	struct check_target *target;
	int err;

	err = set_address(&checked, check, address);
	if (err)
		return err;
	target = check_targets_lookup(&check->engine->targets, check, &checked);
	if (!target)
		target = make(check, &checked, known);
	if (!target)
		return -ENOMEM;
	watch->target = target;
	LIST_INSERT_HEAD(&target->watches, watch, entry);
	check_watch_know(watch, known);
	return 0;
}

void check_watch_del(struct check_watch *watch)
{
	struct check_target *target = watch->target;

	if (target->cursor == watch)
		target->cursor = LIST_NEXT(watch, entry);
	LIST_REMOVE(watch, entry);
	watch->target = NULL;
	if (LIST_EMPTY(&target->watches))
		unmake(target);
}

void check_watch_know(struct check_watch *watch, enum check_state known)
{
	struct check_health *health = &watch->target->health;

	if (health->state == CHECK_UNKNOWN)
		health->state = known;
}

enum check_state check_watch_state(const struct check_watch *watch)
{
	return watch->target->health.state;
}

static unsigned int in_flight_default(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur / 4 * 3 >= IN_FLIGHT_DEFAULT)
		return IN_FLIGHT_DEFAULT;
	return limit.rlim_cur < 4 ? 1 : (unsigned int)(limit.rlim_cur / 4 * 3);
}

struct check_engine *check_engine_create(struct loop *loop,
					 const struct check_options *options)
{
	struct check_engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return NULL;
	if (options)
		engine->options = *options;
	if (!engine->options.in_flight_max)
		engine->options.in_flight_max = in_flight_default();
	if (!engine->options.script_uid)
		engine->options.script_uid = NOBODY;
	if (!engine->options.script_gid)
		engine->options.script_gid = NOBODY;
	if (!engine->options.kinds)
		engine->options.kinds = check_kinds;
	check_spares_init(&engine->spares, engine->options.in_flight_max);
	engine->loop = loop;
	engine->next.run = begin_next;
	TAILQ_INIT(&engine->waiting);
	/* Whatever that gives, it is not 0, of which xorshift makes nothing else. */
	if (getrandom(&engine->random, sizeof(engine->random), GRND_NONBLOCK) <
	    0)
		engine->random = loop_clock(loop);
	engine->random |= 1;
	return engine;
}

void check_engine_free(struct check_engine *engine)
{
	if (!engine)
		return;
	loop_task_del(engine->loop, &engine->next);
	check_processes_forget(&engine->processes);
	check_spares_close(&engine->spares, engine->loop);
	check_targets_exit(&engine->targets);
	free(engine);
}

struct check_stats check_engine_stats(const struct check_engine *engine)
{
	return engine->stats;
}

const struct check_options *
check_engine_options(const struct check_engine *engine)
{
	return &engine->options;
}

struct check_processes *check_engine_processes(struct check_engine *engine)
{
	return &engine->processes;
}

struct check_spares *check_engine_spares(struct check_engine *engine)
{
	return &engine->spares;
}
