// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/random.h>

#include "pause.h"

/* Longest pause after a failure, where ttl-min is not longer. */
#define RETRY_MAX_MS 60000

/* Return: 0 to @most */
static uint64_t jitter(uint64_t most)
{
	uint32_t random = 0;

	/* Without it names come together, and that is all. */
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		return 0;
	return random % (most + 1);
}

uint64_t resolver_pause_answer(const struct config_resolver *config,
			       uint64_t valid_ms)
{
	uint64_t span;

	if (valid_ms > config->ttl_max)
		valid_ms = config->ttl_max;
	span = valid_ms / 10;
	if (valid_ms + span > config->ttl_max)
		valid_ms = config->ttl_max - span;
	if (valid_ms < config->ttl_min)
		valid_ms = config->ttl_min;
	if (valid_ms + span > config->ttl_max)
		span = config->ttl_max - valid_ms;
	return valid_ms + jitter(span);
}

uint64_t resolver_pause_failure(const struct config_resolver *config,
				unsigned int failures)
{
	uint64_t pause = config->ttl_min;

	while (--failures && pause < RETRY_MAX_MS)
		pause *= 2;
	if (pause > RETRY_MAX_MS)
		pause = RETRY_MAX_MS;
	return resolver_pause_answer(config, pause);
}
