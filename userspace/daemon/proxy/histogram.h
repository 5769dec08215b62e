/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long things took: counts by logarithmic classes. Written by one thread without
 * a lock, read by others at any time (relaxed atomics).
 */
#ifndef PROXY_HISTOGRAM_H
#define PROXY_HISTOGRAM_H

#include <stdint.h>

/* Upper bounds: 100 us, 250 us, 500 us, 1 ms... up to 60 s, and above. */
#define HISTOGRAM_CLASSES 20

/**
 * struct histogram - durations
 * @counts: by class
 * @sum_us: of all
 */
struct histogram {
	uint64_t counts[HISTOGRAM_CLASSES];
	uint64_t sum_us;
};

void histogram_add(struct histogram *histogram, uint64_t us);

/* Add what another one has, which may be written to meanwhile. */
void histogram_sum(struct histogram *to, const struct histogram *from);

/* Upper bound of a class in seconds; of the last: infinity. */
double histogram_bound(unsigned int class);

#endif /* PROXY_HISTOGRAM_H */
