// SPDX-License-Identifier: GPL-2.0-or-later
/* Durations by class. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "../ktap.h"
#include "proxy/histogram.h"

/* The first class that has room for it, by what histogram_bound() says. */
static unsigned int class_of(uint64_t us)
{
	unsigned int class = 0;

	while ((double)us / 1e6 > histogram_bound(class))
		class ++;
	return class;
}

static bool in_its_class(uint64_t us)
{
	struct histogram histogram = { .sum_us = 0 };

	histogram_add(&histogram, us);
	if (histogram.counts[class_of(us)] == 1 && histogram.sum_us == us)
		return true;
	printf("# %lu us\n", (unsigned long)us);
	return false;
}

static bool bounds(void)
{
	if (histogram_bound(0) != 0.0001 ||
	    histogram_bound(HISTOGRAM_CLASSES - 2) != 60 ||
	    !isinf(histogram_bound(HISTOGRAM_CLASSES - 1)))
		return false;
	for (unsigned int i = 1; i < HISTOGRAM_CLASSES; i++)
		if (!(histogram_bound(i) > histogram_bound(i - 1)))
			return false;
	return true;
}

static bool around_bounds(void)
{
	bool passed = in_its_class(0) && in_its_class(UINT64_MAX);

	for (unsigned int i = 0; i < HISTOGRAM_CLASSES - 1; i++) {
		uint64_t us = (uint64_t)(histogram_bound(i) * 1e6 + 0.5);

		passed = passed && in_its_class(us - 1) && in_its_class(us) &&
			 in_its_class(us + 1);
	}
	for (int bit = 0; bit < 64; bit++)
		passed = passed && in_its_class(UINT64_C(1) << bit) &&
			 in_its_class((UINT64_C(1) << bit) - 1);
	return passed;
}

#define TIMES 1000000

static void *write_many(void *argument)
{
	for (uint64_t i = 0; i < TIMES; i++)
		histogram_add(argument, i);
	return NULL;
}

/* Sums are of what is there; they do not go back while somebody writes. */
static bool read_while_written(void)
{
	static struct histogram histograms[2];
	struct histogram sum, before = { .sum_us = 0 };
	pthread_t threads[2];
	uint64_t count;
	bool passed = true;

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, write_many, &histograms[i]);
	do {
		memset(&sum, 0, sizeof(sum));
		histogram_sum(&sum, &histograms[0]);
		histogram_sum(&sum, &histograms[1]);
		count = 0;
		for (int i = 0; i < HISTOGRAM_CLASSES; i++) {
			count += sum.counts[i];
			passed = passed && sum.counts[i] >= before.counts[i];
		}
		before = sum;
	} while (count < UINT64_C(2) * TIMES && passed);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	memset(&sum, 0, sizeof(sum));
	histogram_sum(&sum, &histograms[0]);
	histogram_sum(&sum, &histograms[1]);
	return passed && sum.sum_us == UINT64_C(1) * TIMES * (TIMES - 1);
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	ktap_result(&ktap, bounds(), "bounds");
	ktap_result(&ktap, around_bounds(), "around bounds");
	ktap_result(&ktap, read_while_written(), "read while it is written");
	return ktap_end(&ktap);
}
