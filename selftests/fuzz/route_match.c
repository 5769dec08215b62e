// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of rules and, last, one of a request, as the unit test has them: the
 * index gives the answer that going through the list gives.
 */
#include <stdint.h>
#include <strings.h>

#include "../../userspace/tests/route_text.h"

#define RULES 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sluice_text next_line(const char **at, const char *end)
{
	const char *from = *at,
		   *line_end = memchr(from, '\n', (size_t)(end - from));

	if (!line_end)
		line_end = end;
	*at = line_end < end ? line_end + 1 : end;
	return text_of(from, line_end);
}

static bool is_host(struct sluice_text rule, struct sluice_text host)
{
	if (!rule.len)
		return true;
	if (host.len && host.data[host.len - 1] == '.')
		host.len--;
	if (host.len > SLUICE_ROUTE_HOST_MAX)
		return false;
	if (rule.data[0] == '*') {
		rule.data++;
		rule.len--;
		if (host.len <= rule.len)
			return false;
		host.data += host.len - rule.len;
		host.len = rule.len;
	}
	return host.len == rule.len &&
	       !strncasecmp(host.data, rule.data, rule.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct text_rule lines[RULES];
	static struct sluice_route_rule rules[RULES];
	struct sluice_route_cost cost;
	struct sluice_route_error error;
	struct sluice_routes *routes;
	struct text_request request;
	struct sluice_text line;
	u32 count = 0, i;
	const char *at, *end;
	int got = -1;
	size_t bytes;
	char *copy;
	void *memory;

	/* What is read past its end is in nobody's memory. */
	copy = malloc(size + !size);
	memcpy(copy, data, size);
	at = copy;
	end = copy + size;
	line = next_line(&at, end);
	while (at < end && count < RULES) {
		text_rule(&lines[count], line);
		if (sluice_route_check(&lines[count].rule, &error)) {
			rules[count] = lines[count].rule;
			count++;
		} else if (!error.reason || !error.field) {
			abort();
		}
		line = next_line(&at, end);
	}
	text_request(&request, line);

	bytes = sluice_routes_size(rules, count);
	memory = malloc(bytes);
	if (!bytes || !memory)
		abort();
	routes = sluice_routes_build(memory, rules, count, size);
	/* It may be moved. */
	memory = malloc(bytes);
	memcpy(memory, routes, bytes);
	memset(routes, 0xa5, bytes);
	free(routes);
	routes = memory;

	/* The first rule, and those behind it. */
	for (i = 0; i <= count; i++) {
		if (i < count && (!is_host(rules[i].host, request.req.host) ||
				  !sluice_route_holds(routes, i, &request.req)))
			continue;
		cost = (struct sluice_route_cost){ 0 };
		got = sluice_routes_match_cost(routes, &request.req, got,
					       &cost);
		if (got != (i < count ? (int)i : -1))
			abort();
		/* No rule is looked at twice, and no host for one suffix. */
		if (cost.rules > count || cost.hosts > (u64)count * 130)
			abort();
	}
	free(routes);
	free(copy);
	return 0;
}
