/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page of metrics in the text format of Prometheus, version 0.0.4.
 *
 * Every metric is in one table, metrics_names.c, with its type, labels and help:
 * Documentation/metrics.md lists the same. Samples may be written in any order,
 * those of a metric come together on the page.
 */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "metrics_names.h"

struct metrics;

/**
 * metrics_create() - make an empty page
 *
 * Return: the page, or NULL
 */
struct metrics *metrics_create(void);

/**
 * metrics_free() - free a page
 * @m: the page, or NULL
 */
void metrics_free(struct metrics *m);

/* Write a sample; texts of the labels in the order of the table. */
#define metrics_sample(m, name, value, ...) \
	metrics_write(m, name, value, METRICS_TEXTS(__VA_ARGS__))
#define metrics_sample_real(m, name, value, ...) \
	metrics_write_real(m, name, value, METRICS_TEXTS(__VA_ARGS__))

/* The first text is there so that there is always one. */
#define METRICS_TEXTS(...) \
	((const char *const[]){ "", ##__VA_ARGS__, NULL } + 1)

/**
 * metrics_write() - write a sample; metrics_sample() is shorter
 * @m: the page
 * @name: which metric
 * @value: whole
 * @texts: one for each label of the metric, in their order, ended by NULL; any
 *	bytes
 *
 * A sample whose number of labels is another, or that there is no memory for,
 * spoils the page: metrics_finish() says so.
 */
void metrics_write(struct metrics *m, enum metrics_name name, uint64_t value,
		   const char *const *texts);

/**
 * metrics_write_real() - write a sample that is not whole
 * @m: the page
 * @name: which metric
 * @value: as it is
 * @texts: as above
 */
void metrics_write_real(struct metrics *m, enum metrics_name name, double value,
			const char *const *texts);

/**
 * struct metrics_classes - a histogram
 * @counts: in each class, not summed up
 * @bounds: upper bounds of the classes as they are written, the last "+Inf"
 * @count: of classes
 * @sum: of all that was counted, in the unit of the metric
 */
struct metrics_classes {
	const uint64_t *counts;
	const char *const *bounds;
	unsigned int count;
	double sum;
};

/**
 * metrics_write_histogram() - write the samples of a histogram
 * @m: the page
 * @name: which metric, of type METRICS_HISTOGRAM
 * @classes: what was counted
 * @texts: as above, without the bound
 */
void metrics_write_histogram(struct metrics *m, enum metrics_name name,
			     const struct metrics_classes *classes,
			     const char *const *texts);

/**
 * metrics_finish() - the page is complete
 * @m: the page; only metrics_parts(), metrics_size() and metrics_free() after this
 *
 * Return: false if it cannot be shown
 */
bool metrics_finish(struct metrics *m);

/**
 * metrics_size() - length of a page
 * @m: finished
 *
 * Return: bytes
 */
size_t metrics_size(const struct metrics *m);

/**
 * metrics_parts() - a page from some byte on, for writev()
 * @m: finished
 * @from: which byte
 * @parts: filled in
 * @max: room there
 *
 * Return: how many were filled in; 0 at the end
 */
int metrics_parts(const struct metrics *m, size_t from, struct iovec *parts,
		  int max);

#endif /* DAEMON_METRICS_H */
