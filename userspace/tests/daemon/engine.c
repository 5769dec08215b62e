// SPDX-License-Identifier: GPL-2.0-or-later
/* When the engine checks whom, with checks of a made-up kind and a clock of its own. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "../ktap.h"
#include "check/run.h"

#define SERVERS_MAX 10000

static struct loop *loop;
static struct check_engine *engine;
static uint64_t now_ns;

static uint64_t fake_clock(void)
{
	return now_ns;
}

/* What a made-up server does, by its number: its port less 1000, and address. */
static struct server {
	struct check_watch watch;
	enum {
		PASSES,
		FAILS,
		BREAKS,
		HANGS,
		ANSWERS_LATE
	} does;
	unsigned int started;
	unsigned int stopped;
	unsigned int reports;
	unsigned int changes;
	uint64_t last_ms;
	struct check_report last;
	struct server *removes;
} servers[SERVERS_MAX];

static unsigned int started_in_ms[20000];
static unsigned int in_flight, in_flight_most, told_when_gone;

static struct server *server_of(const struct check_run *run)
{
	const struct sockaddr_in *in = (const void *)run->address;

	return &servers[ntohl(in->sin_addr.s_addr) & 0xffff];
}

struct made_up {
	struct check_run *run;
	struct wheel_timer timer;
};

static void answer(struct wheel_timer *timer)
{
	check_pass(loop_owner(timer, struct made_up, timer)->run, "late");
}

static void start(struct check_run *run)
{
	struct server *server = server_of(run);
	struct made_up *state = run->state;
	uint64_t ms = now_ns / 1000000;

	server->started++;
	server->last_ms = ms;
	if (ms < 20000)
		started_in_ms[ms]++;
	if (++in_flight > in_flight_most)
		in_flight_most = in_flight;
	state->run = run;
	state->timer.expire = answer;
	switch (server->does) {
	case PASSES:
		check_pass(run, "good");
		break;
	case FAILS:
		check_fail(run, "bad");
		break;
	case BREAKS:
		check_break(run, "broken");
		break;
	case ANSWERS_LATE:
		loop_timer_set(run->loop, &state->timer, 50);
		break;
	case HANGS:
		break;
	}
}

static void stop(struct check_run *run)
{
	struct made_up *state = run->state;

	server_of(run)->stopped++;
	in_flight--;
	loop_timer_del(run->loop, &state->timer);
}

static const struct check_kind_ops made_up = {
	.name = "made-up",
	.state_size = sizeof(struct made_up),
	.start = start,
	.stop = stop,
};

static const struct check_kind_ops *const kinds[CHECK_KIND_COUNT] = {
	[CHECK_TCP] = &made_up,
};

static struct check_spec spec;

static void setup(unsigned int in_flight_max)
{
	const struct check_options options = { .in_flight_max = in_flight_max,
					       .kinds = kinds };

	now_ns = 0;
	in_flight = 0;
	in_flight_most = 0;
	memset(servers, 0, sizeof(servers));
	memset(started_in_ms, 0, sizeof(started_in_ms));
	spec = (struct check_spec){
		.name = "made-up",
		.interval_ms = 1000,
		.timeout_ms = 500,
		.rise = 2,
		.fall = 2,
	};
	loop = loop_create(fake_clock);
	engine = check_engine_create(loop, &options);
}

static void teardown(struct check *check)
{
	check_free(check);
	check_engine_free(engine);
	loop_free(loop);
}

static void report(struct check_watch *watch, const struct check_report *report)
{
	struct server *server = loop_owner(watch, struct server, watch);

	told_when_gone += !watch->target;
	server->reports++;
	server->changes += report->changed;
	server->last = *report;
	if (server->removes) {
		check_watch_del(&server->removes->watch);
		server->removes = NULL;
	}
}

static int watch(struct check *check, struct check_watch *watch,
		 unsigned int number)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(80),
		.sin_addr.s_addr = htonl(0x0a000000 + number),
	};

	watch->report = report;
	return check_watch_add(check, (struct sockaddr *)&in, watch,
			       CHECK_UNKNOWN);
}

static void pass_time(unsigned int ms)
{
	while (ms--) {
		now_ns += 1000000;
		loop_turn(loop, 0);
	}
}

static struct check *make(void)
{
	struct check_error error;

	return check_create(engine, &spec, &error);
}

static void remove_all(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (servers[i].watch.target)
			check_watch_del(&servers[i].watch);
	loop_turn(loop, 0);
}

/* 10000 a second never come together, from the first second on. */
static bool spread(void)
{
	struct check *check;
	unsigned int most = 0, total = 0;

	setup(0);
	spec.jitter_percent = 10;
	check = make();
	for (unsigned int i = 0; i < SERVERS_MAX; i++)
		watch(check, &servers[i].watch, i);
	pass_time(5000);
	for (unsigned int ms = 0; ms < 5000; ms++) {
		total += started_in_ms[ms];
		if (started_in_ms[ms] > most)
			most = started_in_ms[ms];
	}
	printf("# %u checks in 5 s, at most %u in a millisecond\n", total,
	       most);
	remove_all(SERVERS_MAX);
	teardown(check);
	return total > 49000 && total < 51000 && most < 40;
}

/* A server that hangs costs itself its checks, and nobody else. */
static bool hanging(void)
{
	struct check *check;
	bool passed = true;

	setup(0);
	check = make();
	for (unsigned int i = 0; i < 100; i++) {
		servers[i].does = i < 50 ? HANGS : PASSES;
		watch(check, &servers[i].watch, i);
	}
	pass_time(10000);
	for (unsigned int i = 0; i < 100; i++)
		passed = passed && servers[i].started >= 9 &&
			 servers[i].last.verdict ==
				 (i < 50 ? CHECK_FAILED : CHECK_PASSED) &&
			 servers[i].last.duration_us == (i < 50 ? 500000 : 0);
	remove_all(100);
	passed = passed && in_flight == 0;
	teardown(check);
	return passed;
}

/* No more than so many at once; the others wait, and none is forgotten. */
static bool bounded(void)
{
	struct check_stats stats;
	struct check *check;
	bool passed = true;

	setup(3);
	check = make();
	for (unsigned int i = 0; i < 100; i++) {
		servers[i].does = ANSWERS_LATE;
		watch(check, &servers[i].watch, i);
	}
	pass_time(5000);
	for (unsigned int i = 0; i < 100; i++)
		passed = passed && servers[i].reports >= 2;
	passed = passed && in_flight_most == 3;
	/* All hang: each gets its turn as others time out. */
	for (unsigned int i = 0; i < 100; i++)
		servers[i].does = HANGS;
	pass_time(20000);
	stats = check_engine_stats(engine);
	printf("# in flight %lu, waiting %lu, delayed %lu, failed %lu\n",
	       stats.in_flight, stats.waiting, stats.delayed, stats.failed);
	passed = passed && in_flight_most == 3 && stats.in_flight == 3 &&
		 stats.waiting > 50 && stats.failed >= 100;
	for (unsigned int i = 0; i < 100; i++)
		passed = passed && servers[i].last.verdict == CHECK_FAILED;
	remove_all(100);
	stats = check_engine_stats(engine);
	passed = passed && stats.in_flight == 0 && stats.waiting == 0 &&
		 stats.targets == 0 && in_flight == 0;
	teardown(check);
	return passed;
}

static bool states(void)
{
	struct check *check;
	bool passed;

	setup(0);
	spec.fast_interval_ms = 100;
	spec.down_interval_ms = 3000;
	check = make();
	watch(check, &servers[0].watch, 0);
	pass_time(3000);
	passed = servers[0].last.state == CHECK_UP && servers[0].changes == 1;
	servers[0].does = FAILS;
	pass_time(1200);
	passed = passed && servers[0].last.state == CHECK_DOWN &&
		 servers[0].changes == 2;
	/* In 9 seconds of being down, 3 checks. */
	servers[0].started = 0;
	pass_time(9000);
	passed = passed && servers[0].started == 3;
	servers[0].does = PASSES;
	pass_time(3200);
	passed = passed && servers[0].last.state == CHECK_UP &&
		 servers[0].changes == 3;
	/* What is this machine's fault changes nothing. */
	servers[0].does = BREAKS;
	servers[0].started = 0;
	pass_time(5000);
	passed = passed && servers[0].last.state == CHECK_UP &&
		 servers[0].changes == 3 && servers[0].started == 5 &&
		 servers[0].last.verdict == CHECK_BROKEN;
	remove_all(1);
	teardown(check);
	return passed;
}

/* Two pools have a server in common: it is checked once, and both are told. */
static bool shared(void)
{
	struct server other = { 0 };
	struct check *check;
	bool passed;

	setup(0);
	check = make();
	watch(check, &servers[0].watch, 0);
	pass_time(500);
	watch(check, &other.watch, 0);
	pass_time(5000);
	passed = servers[0].started <= 6 && other.reports >= 4 &&
		 servers[0].reports - other.reports <= 1 &&
		 check_engine_stats(engine).targets == 1 &&
		 check_watch_state(&other.watch) == CHECK_UP;
	check_watch_del(&servers[0].watch);
	servers[0].started = 0;
	pass_time(3000);
	passed = passed && servers[0].started == 3;
	check_watch_del(&other.watch);
	pass_time(3000);
	passed = passed && servers[0].started == 3 &&
		 check_engine_stats(engine).targets == 0;
	teardown(check);
	return passed;
}

/* Whoever is told removes itself, or one that is to be told after or before it. */
static bool removed_while_told(void)
{
	static const unsigned int who[] = { 0, 1, 2 };
	bool passed = true;

	for (unsigned int from = 0; from < 3; from++) {
		for (unsigned int of = 0; of < 3; of++) {
			struct server three[3] = { 0 };
			struct check *check;
			unsigned int told = 0;

			setup(0);
			check = make();
			for (unsigned int i = 0; i < 3; i++)
				watch(check, &three[who[i]].watch, 0);
			three[from].removes = &three[of];
			pass_time(3500);
			for (unsigned int i = 0; i < 3; i++) {
				told += three[i].reports >= 3;
				passed = passed &&
					 (i == of) == !three[i].watch.target;
				if (three[i].watch.target)
					check_watch_del(&three[i].watch);
			}
			passed = passed && told == 2 && !told_when_gone;
			pass_time(1);
			teardown(check);
		}
	}
	return passed;
}

/* The last watch goes in its own report: the target goes with it. */
static bool last_removed_while_told(void)
{
	struct check *check;
	bool passed;

	setup(0);
	check = make();
	watch(check, &servers[0].watch, 0);
	servers[0].removes = &servers[0];
	pass_time(3000);
	passed = servers[0].reports == 1 && servers[0].started == 1 &&
		 check_engine_stats(engine).targets == 0;
	teardown(check);
	return passed;
}

/* A known state stays until there are enough results against it. */
static bool known_before(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct check_watch kept = { .report = report };
	struct check *check;
	bool passed;

	setup(0);
	servers[0].does = FAILS;
	check = make();
	servers[0].watch.report = report;
	passed = check_watch_add(check, (struct sockaddr *)&in,
				 &servers[0].watch, CHECK_UP) == 0;
	passed = passed && check_watch_state(&servers[0].watch) == CHECK_UP;
	pass_time(900);
	passed = passed && servers[0].reports == 1 &&
		 servers[0].last.state == CHECK_UP;
	pass_time(200);
	passed = passed && servers[0].last.state == CHECK_DOWN;
	in.sin_family = AF_UNIX;
	passed = passed && check_watch_add(check, (struct sockaddr *)&in, &kept,
					   CHECK_UP) < 0;
	remove_all(1);
	teardown(check);
	return passed;
}

/* The machine slept: all are late, and do not come together. */
static bool after_sleep(void)
{
	unsigned int most = 0;
	struct check *check;

	setup(0);
	check = make();
	for (unsigned int i = 0; i < 1000; i++)
		watch(check, &servers[i].watch, i);
	pass_time(2000);
	now_ns += 10000000000U;
	pass_time(1);
	memset(started_in_ms, 0, sizeof(started_in_ms));
	pass_time(3000);
	for (unsigned int ms = 0; ms < 20000; ms++)
		if (started_in_ms[ms] > most)
			most = started_in_ms[ms];
	printf("# at most %u in a millisecond after it\n", most);
	remove_all(1000);
	teardown(check);
	return most > 0 && most < 20;
}

/* What is refused, and with which words. */
static bool refused(void)
{
	static const struct {
		struct check_spec spec;
		const char *text;
	} cases[] = {
		{ { .interval_ms = 0 }, "intervals are 1 ms to 1 day" },
		{ { .interval_ms = 86400001 }, "intervals are 1 ms to 1 day" },
		{ { .interval_ms = 1, .timeout_ms = 0 },
		  "timeout is 1 ms to 1 day" },
		{ { .interval_ms = 1, .timeout_ms = 1, .jitter_percent = 51 },
		  "jitter is 0 to 50 percent, not 51" },
		{ { .interval_ms = 1, .timeout_ms = 1, .rise = 0, .fall = 1 },
		  "rise and fall are 1 to 255" },
		{ { .interval_ms = 1,
		    .timeout_ms = 1,
		    .rise = 1,
		    .fall = 1,
		    .port = 65536 },
		  "port is 1 to 65535, not 65536" },
		{ { .interval_ms = 1,
		    .timeout_ms = 1,
		    .rise = 1,
		    .fall = 1,
		    .source = "localhost" },
		  "source: localhost is not an IPv4 or IPv6 address" },
		{ { .interval_ms = 1,
		    .timeout_ms = 1,
		    .rise = 1,
		    .fall = 1,
		    .netns = "../1" },
		  "netns: ../1 is not the name of a file in /run/netns" },
	};
	struct check_error error;
	bool passed = true;

	setup(0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		error.text[0] = '\0';
		if (check_create(engine, &cases[i].spec, &error) ||
		    strcmp(error.text, cases[i].text) != 0) {
			printf("# '%s' instead of '%s'\n", error.text,
			       cases[i].text);
			passed = false;
		}
	}
	teardown(NULL);
	return passed;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	ktap_result(&ktap, spread(), "10000 checks a second are spread");
	ktap_result(&ktap, hanging(), "what hangs delays no other");
	ktap_result(&ktap, bounded(), "checks in flight are bounded");
	ktap_result(&ktap, states(), "states, their intervals, and no fault");
	ktap_result(&ktap, shared(), "a server in two pools is checked once");
	ktap_result(&ktap, removed_while_told(), "watches removed while told");
	ktap_result(&ktap, last_removed_while_told(),
		    "the last watch removed while told");
	ktap_result(&ktap, known_before(), "a state known before");
	ktap_result(&ktap, after_sleep(), "spread again after a pause");
	ktap_result(&ktap, refused(), "what is refused");
	return ktap_end(&ktap);
}
