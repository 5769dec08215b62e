// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes: what each condition means, that the first rule wins whatever the index
 * does, and that the number of hosts does not matter.
 */
#include <limits.h>
#include <time.h>

#include "ktap.h"
#include "route_cases.h"
#include "route_text.h"

#define ARRAY(array) (sizeof(array) / sizeof((array)[0]))

static struct sluice_text text(const char *string)
{
	return text_of(string, string + strlen(string));
}

static struct sluice_routes *build(const struct sluice_route_rule *rules,
				   u32 count, u32 seed)
{
	size_t size = sluice_routes_size(rules, count);
	void *memory = malloc(size);

	if (!size || !memory)
		exit(1);
	memset(memory, 0xa5, size);
	return sluice_routes_build(memory, rules, count, seed);
}

static void test_case(struct ktap *ktap, size_t i)
{
	struct text_rule lines[RULES];
	struct sluice_route_rule rules[RULES];
	struct sluice_route_error error;
	struct sluice_routes *routes;
	struct text_request request;
	bool passed = true;
	u32 count = 0;
	int got;

	for (; count < RULES && cases[i].rules[count]; count++) {
		text_rule(&lines[count], text(cases[i].rules[count]));
		rules[count] = lines[count].rule;
		passed = sluice_route_check(&rules[count], &error) && passed;
	}
	text_request(&request, text(cases[i].request));
	routes = build(rules, count, 1);
	/* Nothing of the rules is needed any more. */
	memset(lines, 0xa5, sizeof(lines));
	got = sluice_routes_match(routes, &request.req);
	free(routes);
	if (got != cases[i].answer)
		printf("# %d instead of %d\n", got, cases[i].answer);
	ktap_result(ktap, passed && got == cases[i].answer, cases[i].name);
}

static void test_check(struct ktap *ktap, size_t i)
{
	struct sluice_route_error error = { 0 };
	struct text_rule line;
	char name[128];
	bool passed;

	text_rule(&line, text(checks[i].rule));
	passed = sluice_route_check(&line.rule, &error) == !checks[i].reason;
	if (checks[i].reason)
		passed = passed &&
			 strcmp(error.reason, checks[i].reason) == 0 &&
			 strcmp(error.field, checks[i].field) == 0;
	if (!passed)
		printf("# %s: '%s'\n", error.field,
		       error.reason ? error.reason : "right");
	snprintf(name, sizeof(name), "check %zu: %s", i,
		 checks[i].reason ? checks[i].reason : "right");
	ktap_result(ktap, passed, name);
}

/* Which condition or source is wrong, and limits of numbers and lengths. */
static void test_check_limits(struct ktap *ktap)
{
	static struct sluice_route_condition many[65];
	static char longest[5000];
	struct sluice_route_error error;
	struct text_rule line;

	text_rule(&line, text("h:a? h:b? h:?"));
	ktap_result(ktap,
		    !sluice_route_check(&line.rule, &error) && error.index == 2,
		    "which condition is wrong");
	text_rule(&line, text("src=::/0 src=1.0.0.0/7"));
	ktap_result(ktap,
		    !sluice_route_check(&line.rule, &error) && error.index == 1,
		    "which source is wrong");
	text_rule(&line, text(""));
	line.rule.conditions = many;
	line.rule.condition_count = 65;
	ktap_result(ktap,
		    !sluice_route_check(&line.rule, &error) &&
			    strcmp(error.reason, "more than 64 of them") == 0,
		    "too many conditions");
	memset(longest, 'a', sizeof(longest));
	longest[0] = '/';
	text_rule(&line, text("path=/"));
	line.rule.path = text_of(longest, longest + 4097);
	ktap_result(ktap, !sluice_route_check(&line.rule, &error),
		    "a path that is too long");
	line.rule.path.len = 4096;
	ktap_result(ktap, sluice_route_check(&line.rule, &error),
		    "the longest path");
	ktap_result(ktap,
		    sluice_routes_size(&line.rule, SLUICE_ROUTES_MAX + 1) == 0,
		    "too many rules");
}

static u64 state = 1;

static u32 rnd(u32 below)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(state >> 33) % below;
}

/* Host patterns as they are meant, without an index. */
static bool naive_host(struct sluice_text rule, struct sluice_text host)
{
	if (!rule.len)
		return true;
	if (host.len && host.data[host.len - 1] == '.')
		host.len--;
	if (!host.len || host.len > SLUICE_ROUTE_HOST_MAX)
		return false;
	if (rule.data[0] == '*') {
		/* With its dot, and at least one byte before it. */
		rule.data++;
		rule.len--;
		if (host.len <= rule.len)
			return false;
		host.data += host.len - rule.len;
		host.len = rule.len;
	}
	return host.len == rule.len &&
	       strncasecmp(host.data, rule.data, rule.len) == 0;
}

static void random_host(char *to, bool rule)
{
	static const char *const labels[] = { "a", "b", "c", "test", "B", "xa" };
	u32 count = rnd(4);

	if (rule && count && rnd(3) == 0)
		to += sprintf(to, "*.");
	while (count--)
		to += sprintf(to, "%s%s", labels[rnd(ARRAY(labels))],
			      count ? "." : "");
	if (!rule && rnd(8) == 0)
		sprintf(to, ".");
}

static void random_rule(char *to)
{
	static const char *const words[] = {
		"",
		"",
		"",
		" path=/a",
		" path^=/a",
		" path^=/a/b",
		" method=GET",
		" q:x?",
		" h:y=1",
		" c:z^=1",
		" src=10.0.0.0/8",
		" share=5000",
		" port=80",
	};
	char host[64] = "";

	random_host(host, true);
	sprintf(to, "%s%s%s%s", *host ? "host=" : "", host,
		words[rnd(ARRAY(words))], words[rnd(ARRAY(words))]);
}

static void random_request(char *to)
{
	static const char *const paths[] = { "/a", "/a/b/c", "/b", "/ab" };
	static const char *const others[] = {
		"",	   " method=GET",    " query=w&x", " h:Y=1",
		" c:z=12", " from=10.1.2.3", " port=80",
	};
	char host[64] = "";

	random_host(host, false);
	sprintf(to, "host=%s path=%s%s%s%s hash=%u", host,
		paths[rnd(ARRAY(paths))], others[rnd(ARRAY(others))],
		others[rnd(ARRAY(others))], others[rnd(ARRAY(others))],
		rnd(1U << 31));
}

/*
 * All rules that @right says hold, one behind the other, and nothing behind the
 * last.
 */
static bool right_sequence(const struct sluice_routes *routes,
			   const struct sluice_request *req, const bool *right,
			   int count)
{
	int got = -1;

	for (int i = 0; i < count; i++) {
		if (!right[i])
			continue;
		got = sluice_routes_match_next(routes, req, got);
		/* From any rule in between it is the same. */
		for (int j = i - 1; got == i && j >= 0 && !right[j]; j--)
			if (sluice_routes_match_next(routes, req, j) != i)
				got = -1;
		if (got != i)
			return false;
	}
	return sluice_routes_match_next(routes, req, got) == -1 &&
	       sluice_routes_match_next(routes, req, count) == -1 &&
	       sluice_routes_match_next(routes, req, INT_MAX) == -1;
}

/*
 * The first rule of the list whose host is meant and which, alone in an index of
 * its own and without a host, holds; and so on behind it.
 */
static void test_random(struct ktap *ktap)
{
	enum {
		ROUNDS = 300,
		COUNT = 40,
		REQUESTS = 40
	};
	static struct text_rule lines[COUNT];
	static char words[COUNT][256];
	struct sluice_route_rule rules[COUNT], alone;
	struct sluice_routes *routes, *single[COUNT];
	struct text_request request;
	unsigned int wrong = 0, found = 0, others = 0;
	char line[256];

	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < COUNT; i++) {
			random_rule(words[i]);
			text_rule(&lines[i], text(words[i]));
			rules[i] = lines[i].rule;
			alone = rules[i];
			alone.host.len = 0;
			single[i] = build(&alone, 1, 0);
		}
		routes = build(rules, COUNT, rnd(1U << 31));
		for (int j = 0; j < REQUESTS; j++) {
			int expected = -1, got;
			bool right[COUNT];

			random_request(line);
			text_request(&request, text(line));
			for (int i = COUNT; i-- > 0;) {
				right[i] = naive_host(rules[i].host,
						      request.req.host) &&
					   sluice_routes_match(single[i],
							       &request.req) ==
						   0;
				if (right[i])
					expected = i;
			}
			got = sluice_routes_match(routes, &request.req);
			others += !right_sequence(routes, &request.req, right,
						  COUNT);
			found += got >= 0;
			if (got != expected && wrong++ < 5)
				printf("# '%s': %d instead of %d\n", line, got,
				       expected);
		}
		free(routes);
		for (int i = 0; i < COUNT; i++)
			free(single[i]);
	}
	printf("# %d requests, %u with a route\n", ROUNDS * REQUESTS, found);
	ktap_result(ktap, !wrong && found > ROUNDS * REQUESTS / 4,
		    "the answer is that of a list without an index");
	ktap_result(ktap, !others, "and so are those behind it");
}

/* Who goes through all rules of a list looks at each of them once. */
static void test_next_cost(struct ktap *ktap)
{
	enum {
		COUNT = 1000
	};
	static struct sluice_route_rule rules[COUNT];
	struct sluice_request req = { .host = text("a.test") };
	struct sluice_route_cost cost = { 0 };
	struct sluice_routes *routes;
	int found = 0, got = -1;

	for (int i = 0; i < COUNT; i++) {
		rules[i].host = text("a.test");
		rules[i].share = SLUICE_ROUTE_SHARE_ALL;
	}
	routes = build(rules, COUNT, 1);
	while (found <= COUNT &&
	       (got = sluice_routes_match_cost(routes, &req, got, &cost)) >= 0)
		found++;
	free(routes);
	printf("# %d rules found, %llu looked at\n", found, cost.rules);
	ktap_result(ktap, found == COUNT && cost.rules == COUNT,
		    "rules that were passed cost nothing again");
}

static void test_share(struct ktap *ktap)
{
	enum {
		CLIENTS = 100000
	};
	static const char *const rules[] = { "share=500", "share=1000",
					     "share=1000 salt=1" };
	struct sluice_routes *routes[3];
	unsigned int count[3] = { 0 }, nested = 0, both = 0;
	struct text_rule line;

	for (int i = 0; i < 3; i++) {
		text_rule(&line, text(rules[i]));
		routes[i] = build(&line.rule, 1, 0);
	}
	for (u32 client = 0; client < CLIENTS; client++) {
		struct sluice_request req = { .hash = client };
		bool in[3];

		for (int i = 0; i < 3; i++) {
			in[i] = sluice_routes_match(routes[i], &req) == 0;
			count[i] += in[i];
		}
		nested += in[0] && in[1];
		both += in[1] && in[2];
	}
	printf("# 5%%: %u, 10%%: %u, 10%% of another salt: %u, both: %u\n",
	       count[0], count[1], count[2], both);
	/* Four standard deviations: 276, 380 and 124. */
	ktap_result(ktap,
		    abs((int)count[0] - 5000) < 276 &&
			    abs((int)count[1] - 10000) < 380 &&
			    abs((int)count[2] - 10000) < 380,
		    "shares are as large as they say");
	ktap_result(ktap, nested == count[0],
		    "a share is part of a larger one");
	ktap_result(ktap, abs((int)both - 1000) < 124,
		    "shares of different salts are independent");
	for (int i = 0; i < 3; i++)
		free(routes[i]);
}

struct cost_case {
	struct sluice_routes *routes;
	char (*names)[48];
	u32 count;
};

/* Hosts, a wildcard for every tenth, and 16 rules without a host. */
static void cost_build(struct cost_case *c, u32 count)
{
	struct sluice_route_rule *rules = calloc(count + 16, sizeof(*rules));
	u32 total = 0;

	c->count = count;
	c->names = calloc(count, sizeof(*c->names));
	for (; total < count + 16; total++)
		rules[total].share = SLUICE_ROUTE_SHARE_ALL;
	for (u32 i = 0; i < count; i++) {
		/* "*.host" as a request is a name below the suffix. */
		snprintf(c->names[i], sizeof(c->names[i]),
			 "%shost%u.example.test", i % 10 ? "" : "*.", i);
		rules[i].host = text(c->names[i]);
	}
	for (u32 i = 0; i < 16; i++)
		rules[count + i].port = 1;
	c->routes = build(rules, total, 12345);
	free(rules);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Return: nanoseconds a match, the median, of hosts far from one another. */
static double cost_time(const struct cost_case *c, bool *right)
{
	enum {
		BATCHES = 2000,
		BATCH = 64
	};
	static char hosts[BATCH][48];
	static double times[BATCHES];
	double from;
	u32 n = 0, numbers[BATCH];

	*right = c->count > 0;
	for (u32 batch = 0; c->count && batch < BATCHES; batch++) {
		for (u32 i = 0; i < BATCH; i++) {
			numbers[i] = (u32)(n++ * 2654435761ULL % c->count);
			memcpy(hosts[i], c->names[numbers[i]], 48);
		}
		from = now();
		for (u32 i = 0; i < BATCH; i++) {
			struct sluice_request req = { .host = text(hosts[i]) };

			if (sluice_routes_match(c->routes, &req) !=
			    (int)numbers[i])
				*right = false;
		}
		times[batch] = (now() - from) / BATCH;
	}
	qsort(times, BATCHES, sizeof(*times), by_value);
	return times[BATCHES / 2];
}

/* The time is for people to read; what is looked at decides. */
static void test_cost(struct ktap *ktap)
{
	static const u32 counts[] = { 10, 100, 1000, 10000 };
	double looked, least = 0;
	struct cost_case c;
	bool right;

	for (size_t n = 0; n < ARRAY(counts); n++) {
		struct sluice_route_cost cost = { 0 };
		double ns;

		cost_build(&c, counts[n]);
		for (u32 i = 0; i < c.count; i++) {
			struct sluice_request req = { .host = text(
							      c.names[i]) };

			sluice_routes_match_cost(c.routes, &req, -1, &cost);
		}
		looked = (double)(cost.hosts + cost.rules) / counts[n];
		if (!n)
			least = looked;
		ns = cost_time(&c, &right);
		printf("# %u hosts: %.1f ns a match, %.2f hosts and %.2f rules looked at\n",
		       c.count, ns, (double)cost.hosts / counts[n],
		       (double)cost.rules / counts[n]);
		ktap_result(ktap, right, "each host has its route");
		ktap_result(ktap, looked <= 2 * least,
			    "more hosts are not more to look at");
		free(c.routes);
		free(c.names);
	}
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < ARRAY(cases); i++)
		test_case(&ktap, i);
	for (size_t i = 0; i < ARRAY(checks); i++)
		test_check(&ktap, i);
	test_check_limits(&ktap);
	test_random(&ktap);
	test_next_cost(&ktap);
	test_share(&ktap);
	test_cost(&ktap);
	return ktap_end(&ktap);
}
