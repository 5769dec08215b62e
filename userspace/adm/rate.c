// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rates. The kernel keeps counters only, so that nobody pays for rates that
 * nobody looks at: two readings, some time apart, give them.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "table.h"

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void wait_seconds(uint32_t seconds)
{
	struct timespec left = { .tv_sec = seconds };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

/* Counters that went back were set to zero in between. */
static uint64_t per_second(uint64_t before, uint64_t after, double seconds)
{
	uint64_t count = after >= before ? after - before : after;

	return (uint64_t)((double)count / seconds + 0.5);
}

static void rate(struct sluice_stats *stats, const struct sluice_stats *before,
		 double seconds)
{
	stats->connections =
		per_second(before->connections, stats->connections, seconds);
	stats->in_packets =
		per_second(before->in_packets, stats->in_packets, seconds);
	stats->in_bytes =
		per_second(before->in_bytes, stats->in_bytes, seconds);
	stats->out_packets =
		per_second(before->out_packets, stats->out_packets, seconds);
	stats->out_bytes =
		per_second(before->out_bytes, stats->out_bytes, seconds);
}

/* The counters of one object, by its number. */
struct reading {
	uint64_t id;
	struct sluice_stats stats;
};

static int by_id(const void *a, const void *b)
{
	const struct reading *x = a;
	const struct reading *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* What an object that is new since then had: nothing. */
static const struct sluice_stats *find(const struct reading *readings,
				       size_t count, uint64_t id)
{
	static const struct sluice_stats none;
	const struct reading key = { .id = id };
	const struct reading *found = NULL;

	if (count)
		found = bsearch(&key, readings, count, sizeof(*readings),
				by_id);
	return found ? &found->stats : &none;
}

static void rate_all(struct adm_table *table, const struct adm_table *before,
		     struct reading *readings, double seconds)
{
	size_t count = before->services_count;

	for (size_t i = 0; i < count; i++)
		readings[i] = (struct reading){ before->services[i].id,
						before->services[i].stats };
	qsort(readings, count, sizeof(*readings), by_id);
	for (size_t i = 0; i < table->services_count; i++)
		rate(&table->services[i].stats,
		     find(readings, count, table->services[i].id), seconds);

	count = before->servers_count;
	for (size_t i = 0; i < count; i++)
		readings[i] = (struct reading){ before->servers[i].id,
						before->servers[i].stats };
	qsort(readings, count, sizeof(*readings), by_id);
	for (size_t i = 0; i < table->servers_count; i++)
		rate(&table->servers[i].stats,
		     find(readings, count, table->servers[i].id), seconds);
}

/**
 * adm_table_rates() - turn counters into counts per second
 * @adm: the run
 * @req: for which service, over how many seconds
 * @order: of the table
 * @table: the first reading; replaced by the second, in counts per second
 *
 * Return: an exit status.
 */
int adm_table_rates(struct adm *adm, const struct adm_request *req,
		    enum adm_order order, struct adm_table *table)
{
	struct adm_table before = *table;
	struct reading *readings;
	double start = now();
	size_t most;
	int status;

	wait_seconds(req->interval);
	status = adm_table_load(adm, &req->service, order, table);
	most = before.services_count + before.servers_count + 1;
	readings = status ? NULL : calloc(most, sizeof(*readings));
	if (readings)
		rate_all(table, &before, readings, now() - start);
	else if (!status)
		status = adm_fail(adm, "out of memory");
	free(readings);
	adm_table_free(&before);
	return status;
}
