/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of forward.h have in common. */
#ifndef TESTS_FORWARDING_H
#define TESTS_FORWARDING_H

#include <stdlib.h>

#include "../ktap.h"
#include "proxy/forward.h"

#define ROOM 8192

/* A configuration of one service with one route, and keys of these. */
static inline struct config *forwarding_config(const char *http,
					       const char *route)
{
	struct config_errors errors = { 0 };
	struct config *config;
	char text[8192];

	snprintf(text, sizeof(text),
		 "version: 1\n"
		 "pools: {p: {servers: ['10.0.0.1:80']}}\n"
		 "services:\n"
		 "  s: {address: '192.0.2.1:8080', parse: http, pool: p,\n"
		 "      http: {%s%s},\n"
		 "      routes: [{name: r, %s%s}]}\n",
		 strstr(http, "trusted") ? "" : "trusted: 10.0.0.0/8, ", http,
		 strstr(route, "answer") || strstr(route, "redirect") ?
			 "" :
			 "pool: p, ",
		 route);
	config = config_parse("t", text, strlen(text), &errors);
	if (config_errors_any(&errors)) {
		config_errors_print(&errors, stderr);
		fputs(text, stderr);
		abort();
	}
	return config;
}

/* What a writer makes of @context, in memory of exactly @size bytes. */
typedef ssize_t (*forwarding_writer)(char *to, size_t size,
				     const void *context);

/*
 * Whether it writes the same in any memory that is large enough, and says of any
 * that is smaller that it is.
 */
static inline bool forwarding_bounded(forwarding_writer write,
				      const void *context, const char *whole,
				      size_t length)
{
	bool right = true;

	for (size_t size = 0; size <= length; size++) {
		char *room = malloc(size ? size : 1);
		ssize_t written;

		if (!room)
			abort();
		written = write(room, size, context);
		right = right && (size < length ? written == -ENOSPC :
						  written == (ssize_t)length &&
							  memcmp(room, whole,
								 length) == 0);
		free(room);
	}
	return right;
}

static inline void forwarding_result(struct ktap *ktap, const char *name,
				     const char *got, ssize_t length,
				     const char *expect)
{
	bool right = length == (ssize_t)strlen(expect) &&
		     memcmp(got, expect, (size_t)length) == 0;

	ktap_result(ktap, right, name);
	if (!right)
		printf("# got %zd bytes:\n%.*s# not:\n%s", length,
		       length > 0 ? (int)length : 0, got, expect);
}

#endif /* TESTS_FORWARDING_H */
