/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer of the resolver as text: "address:port*weight", a space between two. */
#ifndef TESTS_ANSWER_TEXT_H
#define TESTS_ANSWER_TEXT_H

#include <arpa/inet.h>
#include <stdio.h>

#include "resolver.h"

static inline void answer_text(char *to, size_t size,
			       const struct resolver_answer *answer)
{
	size_t length = 0;

	to[0] = '\0';
	for (size_t i = 0; i < answer->count && length < size; i++) {
		const struct resolver_address *one = &answer->addresses[i];
		bool v6 = one->at.address.family == AF_INET6;
		char text[INET6_ADDRSTRLEN], weight[16] = "";

		inet_ntop(one->at.address.family,
			  v6 ? (const void *)&one->at.address.v6 :
			       (const void *)&one->at.address.v4,
			  text, sizeof(text));
		if (one->weight)
			snprintf(weight, sizeof(weight), "*%u", one->weight);
		length += (size_t)snprintf(to + length, size - length,
					   "%s%s:%u%s", i ? " " : "", text,
					   one->at.port, weight);
	}
}

#endif /* TESTS_ANSWER_TEXT_H */
