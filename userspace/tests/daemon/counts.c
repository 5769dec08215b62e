// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters of stratum proxy: whose they are, across reloads, and as metrics. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../ktap.h"
#include "access_case.h"
#include "metrics_proxy.h"

static struct counts_table *table;

struct seen {
	unsigned int objects;
	struct counts sum;
	char names[1000];
};

static void look(void *arg, const struct counts_object *object,
		 const struct counts *sum)
{
	struct seen *seen = arg;
	size_t used = strlen(seen->names);

	seen->objects++;
	seen->sum = *sum;
	if (used < sizeof(seen->names) - 100)
		sprintf(seen->names + used, "%s/%s ", object->owner,
			object->name);
}

static struct seen look_at(enum counts_kind kind)
{
	struct seen seen = { .objects = 0 };

	counts_each(table, kind, look, &seen);
	return seen;
}

static bool names_are(enum counts_kind kind, const char *wanted)
{
	struct seen seen = look_at(kind);

	if (strcmp(seen.names, wanted) == 0)
		return true;
	printf("# %s\n", seen.names);
	return false;
}

static const struct counts_result done = { .status = 200,
					   .end = ACCESS_END_DONE,
					   .received = 10,
					   .sent = 5000,
					   .us = 1500 };

/* A reload: the next plan has what the one before has, until nobody has it. */
static bool across_reloads(void)
{
	struct counts_object *first =
		counts_get(table, COUNTS_POOL, "web", NULL);
	struct counts_object *next;
	struct seen seen;

	counts_add(counts_of(first, 0), &done);
	next = counts_get(table, COUNTS_POOL, "web", NULL);
	if (next != first)
		return false;
	counts_add(counts_of(next, 1), &done);
	counts_put(first);
	counts_add(counts_of(next, 0), &done);
	seen = look_at(COUNTS_POOL);
	if (seen.objects != 1 || seen.sum.responses[2] != 3 ||
	    seen.sum.ends[ACCESS_END_DONE] != 3 || seen.sum.received != 30 ||
	    seen.sum.sent != 15000 || seen.sum.latency.sum_us != 4500)
		return false;
	counts_put(next);
	if (look_at(COUNTS_POOL).objects != 0)
		return false;
	next = counts_get(table, COUNTS_POOL, "web", NULL);
	seen = look_at(COUNTS_POOL);
	counts_put(next);
	return seen.sum.responses[2] == 0;
}

static bool kinds_apart(void)
{
	struct sluice_endpoint at = endpoint_at("2001:db8::1", 80);
	struct counts_object *objects[] = {
		counts_get(table, COUNTS_SERVICE, "a", NULL),
		counts_get(table, COUNTS_POOL, "a", NULL),
		counts_get(table, COUNTS_ROUTE, "a", "b"),
		counts_get(table, COUNTS_ROUTE, "ab", ""),
		counts_get(table, COUNTS_ROUTE, "b", "a"),
		counts_get_server(table, "a", &at),
	};
	const size_t count = sizeof(objects) / sizeof(objects[0]);
	bool passed = true;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			passed = passed && objects[i] != objects[j];
	passed = passed && names_are(COUNTS_SERVICE, "a/ ") &&
		 names_are(COUNTS_POOL, "a/ ") &&
		 names_are(COUNTS_ROUTE, "a/b ab/ b/a ") &&
		 names_are(COUNTS_SERVER, "a/[2001:db8::1]:80 ");
	/* From the middle, the end and the begin of a list. */
	counts_put(objects[3]);
	passed = passed && names_are(COUNTS_ROUTE, "a/b b/a ");
	counts_put(objects[4]);
	objects[3] = counts_get(table, COUNTS_ROUTE, "c", "d");
	passed = passed && names_are(COUNTS_ROUTE, "a/b c/d ");
	counts_put(objects[2]);
	passed = passed && names_are(COUNTS_ROUTE, "c/d ");
	counts_put(objects[3]);
	counts_put(objects[0]);
	counts_put(objects[1]);
	counts_put(objects[5]);
	return passed && names_are(COUNTS_ROUTE, "");
}

/* Some of these share a bucket with another kind's of the same name. */
static bool same_names(void)
{
	struct counts_object *objects[COUNTS_KINDS][200];
	bool passed = true;
	char name[16];

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "name-%d", i);
		for (int kind = 0; kind < COUNTS_KINDS; kind++)
			objects[kind][i] = counts_get(
				table, (enum counts_kind)kind, name, NULL);
	}
	for (int kind = 0; kind < COUNTS_KINDS; kind++)
		passed = passed &&
			 look_at((enum counts_kind)kind).objects == 200;
	for (int i = 0; i < 200; i++)
		for (int kind = 0; kind < COUNTS_KINDS; kind++)
			counts_put(objects[kind][i]);
	return passed;
}

#define MANY 20000

static bool many(void)
{
	static struct counts_object *objects[MANY];
	struct sluice_endpoint at = endpoint_at("10.0.0.0", 80);
	bool passed = true;

	for (unsigned int i = 0; i < MANY; i++) {
		at.address.v4.s_addr = htonl(0x0a000000 + i);
		objects[i] = counts_get_server(table, "large", &at);
		counter_add(&counts_of(objects[i], 0)->connections, i);
	}
	for (unsigned int i = 0; i < MANY; i++) {
		struct counts_object *same;

		at.address.v4.s_addr = htonl(0x0a000000 + i);
		same = counts_get_server(table, "large", &at);
		passed = passed && same == objects[i] &&
			 counts_of(same, 0)->connections == i;
		counts_put(same);
	}
	passed = passed && look_at(COUNTS_SERVER).objects == MANY;
	for (unsigned int i = 0; i < MANY; i++)
		counts_put(objects[i * 7919 % MANY]);
	return passed && look_at(COUNTS_SERVER).objects == 0;
}

/* Every status and end in its place; what is no status is none. */
static bool classes(void)
{
	static const struct {
		unsigned int status;
		unsigned int class;
	} cases[] = { { 0, 0 },	  { 101, 1 }, { 200, 2 }, { 304, 3 },
		      { 499, 4 }, { 599, 5 }, { 600, 0 }, { 999, 0 } };
	bool passed = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct counts counts = { .received = 0 };
		const struct counts_result result = {
			.status = cases[i].status,
			.end = ACCESS_END_ERROR,
		};

		counts_add_untimed(&counts, &result);
		passed = passed && counts.responses[cases[i].class] == 1 &&
			 counts.ends[ACCESS_END_ERROR] == 1 &&
			 counts.latency.counts[0] == 0;
	}
	return passed;
}

#define WORKERS 3
#define TIMES 200000
#define COUNTED (UINT64_C(1) * WORKERS * TIMES)

static struct counts_object *shared;
static atomic_int working;

static void *work(void *arg)
{
	struct counts *counts = counts_of(shared, *(unsigned int *)arg);

	for (int i = 0; i < TIMES; i++) {
		counter_add(&counts->active, 1);
		counts_add(counts, &done);
		counter_add(&counts->active, (uint64_t)-1);
	}
	working--;
	return NULL;
}

/* Sums never go back while workers count and plans come and go. */
static bool while_workers_count(void)
{
	unsigned int numbers[WORKERS];
	pthread_t threads[WORKERS];
	struct counts_object *other;
	struct seen seen = { .objects = 0 };
	uint64_t last = 0;
	bool passed = true;

	shared = counts_get(table, COUNTS_SERVICE, "busy", NULL);
	working = WORKERS;
	for (unsigned int i = 0; i < WORKERS; i++) {
		numbers[i] = i;
		pthread_create(&threads[i], NULL, work, &numbers[i]);
	}
	do {
		other = counts_get(table, COUNTS_SERVICE, "busy", NULL);
		seen = look_at(COUNTS_SERVICE);
		passed = passed && other == shared &&
			 seen.sum.responses[2] >= last &&
			 seen.sum.active <= WORKERS;
		last = seen.sum.responses[2];
		counts_put(other);
	} while (working);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	seen = look_at(COUNTS_SERVICE);
	counts_put(shared);
	return passed && seen.sum.responses[2] == COUNTED &&
	       seen.sum.sent == 5000 * COUNTED && seen.sum.active == 0;
}

/* Return: the page, to be freed */
static char *page(const struct access_files *files)
{
	struct metrics *m = metrics_create();
	size_t used = 0;
	struct iovec part;
	char *text;

	metrics_proxy_write(table, files, m);
	if (!metrics_finish(m))
		return NULL;
	text = calloc(1, metrics_size(m) + 1);
	while (metrics_parts(m, used, &part, 1) == 1) {
		memcpy(text + used, part.iov_base, part.iov_len);
		used += part.iov_len;
	}
	metrics_free(m);
	return text;
}

static bool has_lines(const char *text, const char *const *lines)
{
	bool all = true;

	for (; *lines; lines++) {
		const char *at = strstr(text, *lines);

		if (at && (at == text || at[-1] == '\n') &&
		    at[strlen(*lines)] == '\n')
			continue;
		printf("# missing: %s\n", *lines);
		all = false;
	}
	return all;
}

static bool as_metrics(void)
{
	static const char *const lines[] = {
		"sluice_proxy_access_lines_total 0",
		"sluice_proxy_access_lost_total 0",
		"sluice_proxy_service_requests_total{service=\"www\",class=\"2xx\"} 1",
		"sluice_proxy_service_requests_total{service=\"www\",class=\"none\"} 0",
		"sluice_proxy_service_ends_total{service=\"www\",end=\"done\"} 1",
		"sluice_proxy_service_in_bytes_total{service=\"www\"} 10",
		"sluice_proxy_service_out_bytes_total{service=\"www\"} 5000",
		"sluice_proxy_service_connections_total{service=\"www\"} 7",
		"sluice_proxy_service_active_connections{service=\"www\"} 2",
		"sluice_proxy_service_handshakes_total{service=\"www\",result=\"resumed\"} 3",
		"sluice_proxy_route_requests_total{service=\"www\",route=\"\\\"api\\\"\",class=\"2xx\"} 1",
		"# TYPE sluice_proxy_route_duration_seconds histogram",
		"sluice_proxy_route_duration_seconds_bucket{service=\"www\",route=\"\\\"api\\\"\",le=\"0.001\"} 0",
		"sluice_proxy_route_duration_seconds_bucket{service=\"www\",route=\"\\\"api\\\"\",le=\"0.0025\"} 1",
		"sluice_proxy_route_duration_seconds_bucket{service=\"www\",route=\"\\\"api\\\"\",le=\"+Inf\"} 1",
		"sluice_proxy_route_duration_seconds_sum{service=\"www\",route=\"\\\"api\\\"\"} 0.0015",
		"sluice_proxy_route_duration_seconds_count{service=\"www\",route=\"\\\"api\\\"\"} 1",
		"sluice_proxy_pool_retries_total{pool=\"nodes\"} 4",
		"sluice_proxy_pool_queued_requests{pool=\"nodes\"} 5",
		"sluice_proxy_pool_duration_seconds_count{pool=\"nodes\"} 1",
		"sluice_proxy_server_requests_total{pool=\"nodes\",server=\"10.0.0.1:80\",class=\"2xx\"} 1",
		"sluice_proxy_server_connections_total{pool=\"nodes\",server=\"10.0.0.1:80\"} 6",
		"sluice_proxy_server_active_connections{pool=\"nodes\",server=\"10.0.0.1:80\"} 1",
		"sluice_proxy_server_retries_total{pool=\"nodes\",server=\"10.0.0.1:80\"} 4",
		"sluice_proxy_server_queued_requests{pool=\"nodes\",server=\"10.0.0.1:80\"} 2",
		"sluice_proxy_server_duration_seconds_bucket{pool=\"nodes\",server=\"10.0.0.1:80\",le=\"60\"} 1",
		NULL,
	};
	struct sluice_endpoint at = endpoint_at("10.0.0.1", 80);
	struct access_files *files = access_files_create();
	struct counts_object *objects[] = {
		counts_get(table, COUNTS_SERVICE, "www", NULL),
		counts_get(table, COUNTS_ROUTE, "www", "\"api\""),
		counts_get(table, COUNTS_POOL, "nodes", NULL),
		counts_get_server(table, "nodes", &at),
	};
	const char *duration = "sluice_proxy_service_duration";
	bool passed;
	char *text;

	for (unsigned int i = 0; i < 4; i++)
		counts_add(counts_of(objects[i], i % WORKERS), &done);
	counter_add(&counts_of(objects[0], 1)->connections, 7);
	counter_add(&counts_of(objects[0], 2)->active, 3);
	counter_add(&counts_of(objects[0], 2)->active, (uint64_t)-1);
	counter_add(
		&counts_of(objects[0], 0)->handshakes[COUNTS_HANDSHAKE_RESUMED],
		3);
	counter_add(&counts_of(objects[2], 0)->retries, 4);
	counter_add(&counts_of(objects[2], 0)->queued, 5);
	counter_add(&counts_of(objects[3], 0)->connections, 6);
	counter_add(&counts_of(objects[3], 0)->active, 1);
	counter_add(&counts_of(objects[3], 0)->retries, 4);
	counter_add(&counts_of(objects[3], 0)->queued, 2);
	text = page(files);
	passed = text && has_lines(text, lines) && !strstr(text, duration);
	free(text);
	for (int i = 0; i < 4; i++)
		counts_put(objects[i]);
	access_files_free(files);
	return passed;
}

/* What is written as a bound is what is counted below. */
static bool bounds(void)
{
	struct access_files *files = access_files_create();
	struct counts_object *pool = counts_get(table, COUNTS_POOL, "p", NULL);
	char *text = page(files), *at = text;
	unsigned int class = 0;

	while ((at = strstr(at, "le=\""))) {
		double bound = strtod(at + 4, &at);

		if (class >= HISTOGRAM_CLASSES ||
		    (isinf(bound) ? !isinf(histogram_bound(class)) :
				    fabs(bound - histogram_bound(class)) >
					    bound * 1e-9))
			break;
		class ++;
	}
	free(text);
	counts_put(pool);
	access_files_free(files);
	return !at && class == HISTOGRAM_CLASSES;
}

/* How long a request takes to be counted; nothing depends on it. */
static void measure(void)
{
	struct counts_object *object =
		counts_get(table, COUNTS_SERVER, "p", "s");
	const int count = 10000000;
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < count; i++) {
		struct counts_result result = done;

		result.us = (uint64_t)i % 5000;
		counts_add(counts_of(object, 0), &result);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	counts_put(object);
	printf("# %.1f ns for a request of an object of %zu bytes\n",
	       ((double)(to.tv_sec - from.tv_sec) * 1e9 +
		(double)(to.tv_nsec - from.tv_nsec)) /
		       count,
	       sizeof(struct counts));
}

int main(int argc, char *argv[])
{
	struct ktap ktap = { 0 };

	(void)argv;
	table = counts_create(WORKERS);
	if (argc > 1) {
		measure();
		counts_free(table);
		return 0;
	}
	ktap_begin();
	ktap_result(&ktap, across_reloads(), "counts go on across reloads");
	ktap_result(&ktap, kinds_apart() && same_names(),
		    "names of each kind are its own");
	ktap_result(&ktap, many(), "20,000 servers");
	ktap_result(&ktap, classes(), "status and end");
	ktap_result(&ktap, while_workers_count(), "sums while workers count");
	ktap_result(&ktap, as_metrics(), "as metrics");
	ktap_result(&ktap, bounds(), "bounds of histograms");
	counts_free(table);
	return ktap_end(&ktap);
}
