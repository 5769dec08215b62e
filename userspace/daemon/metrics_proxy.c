// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics_proxy.h"

/* The metrics that all kinds have, in this order from @requests on. */
static const struct {
	enum metrics_name requests;
	enum metrics_name duration;
} metrics_of[COUNTS_KINDS] = {
	/* Services have none: METRICS_NAMES. */
	[COUNTS_SERVICE] = { METRICS_PROXY_SERVICE_REQUESTS, METRICS_NAMES },
	[COUNTS_ROUTE] = { METRICS_PROXY_ROUTE_REQUESTS,
			   METRICS_PROXY_ROUTE_DURATION },
	[COUNTS_POOL] = { METRICS_PROXY_POOL_REQUESTS,
			  METRICS_PROXY_POOL_DURATION },
	[COUNTS_SERVER] = { METRICS_PROXY_SERVER_REQUESTS,
			    METRICS_PROXY_SERVER_DURATION },
};

/* histogram_bound() as Prometheus reads it. */
static const char *const bounds[HISTOGRAM_CLASSES] = {
	"0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01",
	"0.025",  "0.05",    "0.1",    "0.25",	"0.5",	  "1",	   "2.5",
	"5",	  "10",	     "20",     "30",	"60",	  "+Inf",
};

/* Who it is, with room for one more; ended by NULL. */
struct labels {
	const char *texts[4];
	size_t count;
};

static struct labels labels_of(const struct counts_object *object)
{
	struct labels labels = { .texts = { object->owner }, .count = 1 };

	if (*object->name)
		labels.texts[labels.count++] = object->name;
	return labels;
}

static void write_by(struct metrics *m, enum metrics_name name, uint64_t value,
		     struct labels labels, const char *by)
{
	labels.texts[labels.count] = by;
	metrics_write(m, name, value, labels.texts);
}

static void write_common(struct metrics *m, const struct counts_object *object,
			 const struct counts *sum, const struct labels *labels)
{
	static const char *const classes[COUNTS_CLASSES] = {
		"none", "1xx", "2xx", "3xx", "4xx", "5xx",
	};
	enum metrics_name first = metrics_of[object->kind].requests;
	enum metrics_name duration = metrics_of[object->kind].duration;
	const struct metrics_classes histogram = {
		.counts = sum->latency.counts,
		.bounds = bounds,
		.count = HISTOGRAM_CLASSES,
		.sum = (double)sum->latency.sum_us / 1e6,
	};

	for (int i = 0; i < COUNTS_CLASSES; i++)
		write_by(m, first, sum->responses[i], *labels, classes[i]);
	for (int i = 0; i < ACCESS_ENDS; i++)
		if (sum->ends[i])
			write_by(m, (enum metrics_name)(first + 1),
				 sum->ends[i], *labels,
				 access_end_name((enum access_end)i));
	metrics_write(m, (enum metrics_name)(first + 2), sum->received,
		      labels->texts);
	metrics_write(m, (enum metrics_name)(first + 3), sum->sent,
		      labels->texts);
	if (duration != METRICS_NAMES)
		metrics_write_histogram(m, duration, &histogram, labels->texts);
}

static void write_service(void *arg, const struct counts_object *object,
			  const struct counts *sum)
{
	static const char *const results[COUNTS_HANDSHAKES] = {
		[COUNTS_HANDSHAKE_FULL] = "full",
		[COUNTS_HANDSHAKE_RESUMED] = "resumed",
		[COUNTS_HANDSHAKE_FAILED] = "failed",
	};
	static const char *const relay[COUNTS_RELAYS] = {
		[COUNTS_RELAY_HANDED] = "handed",
		[COUNTS_RELAY_KEPT] = "kept",
		[COUNTS_RELAY_RETURNED] = "returned",
	};
	const struct labels labels = labels_of(object);
	struct metrics *m = arg;

	write_common(m, object, sum, &labels);
	metrics_write(m, METRICS_PROXY_SERVICE_CONNECTIONS, sum->connections,
		      labels.texts);
	metrics_write(m, METRICS_PROXY_SERVICE_ACTIVE, sum->active,
		      labels.texts);
	for (int i = 0; i < COUNTS_HANDSHAKES; i++)
		write_by(m, METRICS_PROXY_SERVICE_HANDSHAKES,
			 sum->handshakes[i], labels, results[i]);
	for (int i = 0; i < COUNTS_RELAYS; i++)
		if (sum->relay[i])
			write_by(m, METRICS_PROXY_SERVICE_RELAY, sum->relay[i],
				 labels, relay[i]);
}

static void write_route(void *arg, const struct counts_object *object,
			const struct counts *sum)
{
	const struct labels labels = labels_of(object);

	write_common(arg, object, sum, &labels);
}

static void write_pool(void *arg, const struct counts_object *object,
		       const struct counts *sum)
{
	const struct labels labels = labels_of(object);
	struct metrics *m = arg;

	write_common(m, object, sum, &labels);
	metrics_write(m, METRICS_PROXY_POOL_RETRIES, sum->retries,
		      labels.texts);
	metrics_write(m, METRICS_PROXY_POOL_QUEUED, sum->queued, labels.texts);
}

static void write_server(void *arg, const struct counts_object *object,
			 const struct counts *sum)
{
	const struct labels labels = labels_of(object);
	struct metrics *m = arg;

	write_common(m, object, sum, &labels);
	metrics_write(m, METRICS_PROXY_SERVER_CONNECTIONS, sum->connections,
		      labels.texts);
	metrics_write(m, METRICS_PROXY_SERVER_ACTIVE, sum->active,
		      labels.texts);
	metrics_write(m, METRICS_PROXY_SERVER_RETRIES, sum->retries,
		      labels.texts);
	metrics_write(m, METRICS_PROXY_SERVER_QUEUED, sum->queued,
		      labels.texts);
}

void metrics_proxy_write(struct counts_table *counts,
			 const struct access_files *access, struct metrics *m)
{
	const struct access_counts lines = access_files_counts(access);

	metrics_sample(m, METRICS_PROXY_ACCESS_LINES, lines.written);
	metrics_sample(m, METRICS_PROXY_ACCESS_LOST, lines.lost);
	counts_each(counts, COUNTS_SERVICE, write_service, m);
	counts_each(counts, COUNTS_ROUTE, write_route, m);
	counts_each(counts, COUNTS_POOL, write_pool, m);
	counts_each(counts, COUNTS_SERVER, write_server, m);
}

static void write_state(struct metrics *m, const struct plan_pool *pool,
			size_t i, uint64_t now)
{
	const struct plan_server *server = pool->servers[i];
	uint32_t state = __atomic_load_n(&server->state, __ATOMIC_RELAXED);
	const struct outlier_server *outlier;
	char at[SLUICE_ENDPOINT_TEXT];
	const char *labels[] = { pool->config->name, at, NULL };

	sluice_endpoint_print(at, sizeof(at), &server->at);
	metrics_write(m, METRICS_PROXY_SERVER_UP,
		      state == SLUICE_SERVER_STATE_UP, labels);
	metrics_write(m, METRICS_PROXY_SERVER_DRAINING,
		      state == SLUICE_SERVER_STATE_DRAINING, labels);
	metrics_write(m, METRICS_PROXY_SERVER_WEIGHT,
		      __atomic_load_n(&server->load.weight, __ATOMIC_RELAXED),
		      labels);
	if (!pool->outlier)
		return;
	outlier = &pool->outlier->servers[i];
	metrics_write(m, METRICS_PROXY_SERVER_EJECTED,
		      __atomic_load_n(&outlier->until, __ATOMIC_RELAXED) > now,
		      labels);
	metrics_write(m, METRICS_PROXY_SERVER_EJECTIONS,
		      __atomic_load_n(&outlier->ejections, __ATOMIC_RELAXED),
		      labels);
}

void metrics_proxy_write_states(const struct plan *plan, uint64_t now,
				struct metrics *m)
{
	for (size_t i = 0; i < plan->pool_count; i++)
		for (size_t j = 0; j < plan->pools[i].count; j++)
			write_state(m, &plan->pools[i], j, now);
}
