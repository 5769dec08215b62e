// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One check from the command line, for tests:
 *
 *	sluice-check [COUNT] KIND ADDRESS PORT [KEY=VALUE]...
 *
 * Keys are the fields of struct check_spec; alpn, status (200-299) and header (a: b)
 * may come again, command takes the rest of the line. For each of COUNT checks a
 * line: passed, failed or broken, days left or -, weight or -, and the reason. The
 * exit status is that of the last: 0 passed, 1 failed, 3 broken, and 2 where the
 * check is refused.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/run.h"

#define MANY 16

struct job {
	struct check_watch watch;
	struct loop *loop;
	unsigned int left;
	enum check_verdict verdict;
};

static struct check_spec spec = {
	.name = "sluice-check",
	.interval_ms = 100,
	.timeout_ms = 20000,
	.rise = 1,
	.fall = 1,
};
static char *alpn[MANY];
static struct check_range statuses[MANY];
static struct check_header headers[MANY];

static const struct {
	const char *key;
	char **text;
	unsigned int *number;
} keys[] = {
	{ "timeout", NULL, &spec.timeout_ms },
	{ "mark", NULL, &spec.mark },
	{ "query_type", NULL, &spec.query_type },
	{ "source", &spec.source, NULL },
	{ "netns", &spec.netns, NULL },
	{ "sni", &spec.sni, NULL },
	{ "ca_file", &spec.ca_file, NULL },
	{ "method", &spec.method, NULL },
	{ "path", &spec.path, NULL },
	{ "host", &spec.host, NULL },
	{ "body", &spec.body, NULL },
	{ "body_regex", &spec.body_regex, NULL },
	{ "json_pointer", &spec.json_pointer, NULL },
	{ "json_value", &spec.json_value, NULL },
	{ "user", &spec.user, NULL },
	{ "password", &spec.password, NULL },
	{ "database", &spec.database, NULL },
	{ "helo", &spec.helo, NULL },
	{ "query_name", &spec.query_name, NULL },
	{ "answer", &spec.answer, NULL },
};

static void usage(const char *what, const char *which)
{
	fprintf(stderr,
		"sluice-check: %s: %s\nusage: sluice-check [COUNT] KIND ADDRESS PORT [KEY=VALUE]...\n",
		which, what);
	exit(2);
}

static unsigned int number_of(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (!*text || *end || number > 1000000000)
		usage("a number expected", text);
	return (unsigned int)number;
}

static void set_several(const char *key, char *value)
{
	char *second;

	if (spec.alpn_count == MANY || spec.status_count == MANY ||
	    spec.header_count == MANY)
		usage("too many", key);
	if (strcmp(key, "alpn") == 0) {
		spec.alpn = alpn;
		alpn[spec.alpn_count++] = value;
	} else if (strcmp(key, "status") == 0) {
		second = strchr(value, '-');
		if (second)
			*second++ = '\0';
		spec.statuses = statuses;
		statuses[spec.status_count].first = number_of(value);
		statuses[spec.status_count++].last =
			number_of(second ? second : value);
	} else {
		second = strstr(value, ": ");
		if (!second)
			usage("'name: value' expected", value);
		*second = '\0';
		spec.headers = headers;
		headers[spec.header_count].name = value;
		headers[spec.header_count++].value = second + 2;
	}
}

static void set(char *key, char *value)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(key, keys[i].key) != 0)
			continue;
		if (keys[i].text)
			*keys[i].text = value;
		else
			*keys[i].number = number_of(value);
		return;
	}
	if (strcmp(key, "alpn") == 0 || strcmp(key, "status") == 0 ||
	    strcmp(key, "header") == 0) {
		set_several(key, value);
	} else if (strcmp(key, "verify") == 0) {
		spec.verify = strcmp(value, "no") != 0;
	} else if (strcmp(key, "send") == 0) {
		spec.send = value;
		spec.send_length = strlen(value);
	} else if (strcmp(key, "expect") == 0) {
		spec.expect = value;
		spec.expect_length = strlen(value);
	} else {
		usage("not a key", key);
	}
}

static enum check_kind kind_of(const char *name)
{
	for (int i = 0; i < CHECK_KIND_COUNT; i++)
		if (strcmp(name, check_kinds[i]->name) == 0)
			return (enum check_kind)i;
	usage("not a kind of check", name);
	return CHECK_KIND_COUNT;
}

static void report(struct check_watch *watch, const struct check_report *report)
{
	static const char *const verdicts[] = { "passed", "failed", "broken" };
	struct job *job = loop_owner(watch, struct job, watch);
	char days[16] = "-", weight[16] = "-";

	if (report->days_left != CHECK_NO_DAYS)
		snprintf(days, sizeof(days), "%d", report->days_left);
	if (report->weight_percent != CHECK_NO_WEIGHT)
		snprintf(weight, sizeof(weight), "%d", report->weight_percent);
	printf("%s %s %s %s\n", verdicts[report->verdict], days, weight,
	       report->reason);
	fflush(stdout);
	job->verdict = report->verdict;
	if (!--job->left)
		loop_stop(job->loop);
}

static struct sockaddr_storage address_of(const char *text, unsigned int port)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in6 *in6 = (void *)&address;
	struct sockaddr_in *in = (void *)&address;

	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
	} else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
	} else {
		usage("an address expected", text);
	}
	return address;
}

static int run(const struct sockaddr_storage *address, unsigned int count)
{
	struct job job = { .watch.report = report, .left = count };
	struct check_engine *engine;
	struct check_error error;
	struct check *check;
	int status = 2;

	job.loop = loop_create(NULL);
	engine = check_engine_create(job.loop, NULL);
	check = check_create(engine, &spec, &error);
	if (!check) {
		fprintf(stderr, "sluice-check: %s\n", error.text);
	} else if (check_watch_add(check, (const struct sockaddr *)address,
				   &job.watch, CHECK_UNKNOWN) != 0) {
		fprintf(stderr,
			"sluice-check: source: of another family than the address\n");
	} else {
		loop_run(job.loop);
		check_watch_del(&job.watch);
		status = job.verdict == CHECK_BROKEN ? 3 : (int)job.verdict;
	}
	check_free(check);
	check_engine_free(engine);
	loop_free(job.loop);
	return status;
}

int main(int argc, char *argv[])
{
	struct sockaddr_storage address;
	unsigned int count = 1;
	char **arg = argv + 1;

	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && argv[1][0] >= '1' && argv[1][0] <= '9') {
		count = number_of(*arg++);
		argc--;
	}
	if (argc < 4)
		usage("arguments are missing", "sluice-check");
	spec.kind = kind_of(arg[0]);
	address = address_of(arg[1], number_of(arg[2]));
	for (arg += 3; *arg; arg++) {
		char *value = strchr(*arg, '=');

		if (!value)
			usage("KEY=VALUE expected", *arg);
		*value++ = '\0';
		if (strcmp(*arg, "command") == 0) {
			*arg = value;
			spec.command = arg;
			break;
		}
		set(*arg, value);
	}
	return run(&address, count);
}
