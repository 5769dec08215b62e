// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "counter.h"
#include "histogram.h"

/* Upper bounds of all classes but the last, in microseconds. */
static const uint32_t bounds[HISTOGRAM_CLASSES - 1] = {
	100,	 250,	   500,	     1000,     2500,	 5000,	  10000,
	25000,	 50000,	   100000,   250000,   500000,	 1000000, 2500000,
	5000000, 10000000, 20000000, 30000000, 60000000,
};

/*
 * By the number of bits of a duration: the first class that it may be in. Few bounds
 * are left to be looked at.
 */
static const uint8_t first[] = {
	0, 0, 0, 0, 0,	0,  0,	0,  1,	2,  3,	4,  4,	5,
	6, 7, 8, 9, 10, 11, 12, 13, 13, 14, 15, 16, 18,
};

static unsigned int class_of(uint64_t us)
{
	unsigned int class, bits = 64 - (unsigned int)__builtin_clzll(us | 1);

	if (bits >= sizeof(first))
		return HISTOGRAM_CLASSES - 1;
	for (class = first[bits]; class < HISTOGRAM_CLASSES - 1; class ++)
		if (us <= bounds[class])
			break;
	return class;
}

void histogram_add(struct histogram *histogram, uint64_t us)
{
	counter_add(&histogram->counts[class_of(us)], 1);
	counter_add(&histogram->sum_us, us);
}

void histogram_sum(struct histogram *to, const struct histogram *from)
{
	for (unsigned int i = 0; i < HISTOGRAM_CLASSES; i++)
		to->counts[i] += counter_read(&from->counts[i]);
	to->sum_us += counter_read(&from->sum_us);
}

double histogram_bound(unsigned int class)
{
	if (class >= HISTOGRAM_CLASSES - 1)
		return INFINITY;
	return bounds[class] / 1e6;
}
