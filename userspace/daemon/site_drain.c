// SPDX-License-Identifier: GPL-2.0-or-later
/* Until when a server drains: then its connections leave it, as its pool says. */
#include "site_parts.h"

#define NS_PER_MS 1000000U

/* For how long, in milliseconds; 0: for as long as its connections last. */
static uint32_t drain_time(const struct site_server *server,
			   const struct change *change)
{
	return change && change->has_deadline ? change->deadline :
						server->pool->config->drain;
}

uint64_t site_drain_until(const struct site_server *server,
			  const struct change *change)
{
	uint64_t time = drain_time(server, change) * (uint64_t)NS_PER_MS;

	return server->draining_since && time ? server->draining_since + time :
						0;
}

void site_drain_note(struct site_server *server, bool drains)
{
	if (!drains)
		server->draining_since = 0;
	else if (!server->draining_since)
		server->draining_since =
			loop_now(server->pool->site->host->loop);
}

void site_drain_adopt(struct site_server *server, const struct change *change,
		      uint32_t left)
{
	uint64_t passed = drain_time(server, change);

	passed = passed > left ? (passed - left) * NS_PER_MS : 0;
	if (server->draining_since > passed)
		server->draining_since -= passed;
}

bool site_drain_left(const struct site_server *server,
		     const struct change *change, uint32_t *left)
{
	uint64_t until = site_drain_until(server, change);
	uint64_t now = loop_now(server->pool->site->host->loop);

	*left = until > now ? (uint32_t)((until - now) / NS_PER_MS) : 0;
	return until;
}
