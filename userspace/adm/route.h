/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes in words: from the command line, and as they are listed and saved. */
#ifndef ADM_ROUTE_H
#define ADM_ROUTE_H

#include <stdio.h>

#include "adm.h"

struct adm_keyword;

/**
 * struct adm_route - a route that is put together word by word
 * @route: the route so far
 * @conditions: what route.match.conditions is
 * @sources: what route.match.sources is
 * @pools: what route.pools is
 * @words: copies of words that texts point into
 * @words_count: how many
 * @keyword: the last one
 * @waits: its value is still to come
 * @given: bits of the keywords that were given
 */
struct adm_route {
	struct sluice_route route;
	struct sluice_route_condition *conditions;
	struct sluice_route_source *sources;
	struct sluice_route_pool *pools;
	char **words;
	size_t words_count;
	const struct adm_keyword *keyword;
	bool waits;
	uint32_t given;
};

void adm_route_free(struct adm_route *route);

/* Write the words of what a route matches and does, each after a blank. */
void print_route(FILE *to, const struct sluice_route *route);

/* Write a word so that -R reads it as one. */
void print_word(FILE *to, const char *word, size_t length);

#endif /* ADM_ROUTE_H */
