/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results of unit tests in the form of kselftest. */
#ifndef TESTS_KTAP_H
#define TESTS_KTAP_H

#include <stdbool.h>
#include <stdio.h>

struct ktap {
	unsigned int count;
	unsigned int failed;
};

static inline void ktap_begin(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n");
}

static inline void ktap_result(struct ktap *ktap, bool passed, const char *name)
{
	printf("%sok %u %s\n", passed ? "" : "not ", ++ktap->count, name);
	ktap->failed += !passed;
}

/* Return: the exit status. */
static inline int ktap_end(const struct ktap *ktap)
{
	printf("1..%u\n", ktap->count);
	return ktap->failed ? 1 : 0;
}

#endif /* TESTS_KTAP_H */
