/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Latencies of a run, all of them, and what a part of them stayed below. */
#ifndef TOOLS_LATENCY_H
#define TOOLS_LATENCY_H

#include <stdint.h>
#include <stdlib.h>

/**
 * struct latencies - what was measured
 * @values: in ns
 * @count: of them
 * @max: that there is room for; those that come later are not kept
 */
struct latencies {
	uint64_t *values;
	size_t count;
	size_t max;
};

/* Return: 0, or -1 without memory. */
static inline int latencies_init(struct latencies *latencies, size_t max)
{
	latencies->values = calloc(max, sizeof(*latencies->values));
	latencies->count = 0;
	latencies->max = max;
	return latencies->values ? 0 : -1;
}

static inline void latencies_add(struct latencies *latencies, uint64_t ns)
{
	if (latencies->count < latencies->max)
		latencies->values[latencies->count++] = ns;
}

static inline int latencies_compare(const void *a, const void *b)
{
	const uint64_t *first = a, *second = b;

	return *first < *second ? -1 : *first > *second;
}

/* Once, before latencies_us(). */
static inline void latencies_sort(struct latencies *latencies)
{
	qsort(latencies->values, latencies->count, sizeof(*latencies->values),
	      latencies_compare);
}

/* Return: microseconds that @part (0 to 1) of them did not exceed; 0: there are none. */
static inline double latencies_us(const struct latencies *latencies,
				  double part)
{
	size_t place = (size_t)(part * (double)latencies->count);

	if (!latencies->count)
		return 0;
	if (place >= latencies->count)
		place = latencies->count - 1;
	return (double)latencies->values[place] / 1000;
}

#endif /* TOOLS_LATENCY_H */
