// SPDX-License-Identifier: GPL-2.0-or-later
#include "site_metrics.h"

#define NS_PER_MS 1000000U
#define US_PER_SECOND 1e6

/* A sample of one server, where there is something to tell. */
typedef void (*sample_fn)(struct metrics *m, const struct site_server *server,
			  const char *pool, const char *at);

static void check_up(struct metrics *m, const struct site_server *server,
		     const char *pool, const char *at)
{
	if (server->health.state != CHECK_UNKNOWN)
		metrics_sample(m, METRICS_CHECK_UP,
			       server->health.state == CHECK_UP, pool, at,
			       server->pool->config->check_name);
}

static void check_duration(struct metrics *m, const struct site_server *server,
			   const char *pool, const char *at)
{
	if (server->health.reason)
		metrics_sample_real(m, METRICS_CHECK_DURATION,
				    (double)server->health.duration_us /
					    US_PER_SECOND,
				    pool, at, server->pool->config->check_name);
}

static void certificate_days(struct metrics *m,
			     const struct site_server *server, const char *pool,
			     const char *at)
{
	if (server->health.days_left != CHECK_NO_DAYS)
		metrics_sample_real(m, METRICS_CHECK_CERTIFICATE_DAYS,
				    server->health.days_left, pool, at,
				    server->pool->config->check_name);
}

static void slow_start(struct metrics *m, const struct site_server *server,
		       const char *pool, const char *at)
{
	uint64_t passed = (loop_now(server->pool->site->host->loop) -
			   server->slow_since) /
			  NS_PER_MS;

	if (server->slow_since && passed < server->pool->config->slow_start)
		metrics_sample_real(m, METRICS_SERVER_SLOW_START,
				    (double)passed /
					    server->pool->config->slow_start,
				    pool, at);
}

static void each_server(struct metrics *m, const struct site *site,
			bool checked, sample_fn sample)
{
	for (size_t i = 0; i < site->pool_count; i++) {
		const struct site_pool *pool = &site->pools[i];
		const struct site_server *server;

		if (checked && !pool->check)
			continue;
		TAILQ_FOREACH(server, &pool->servers, of_pool)
		{
			char at[SLUICE_ENDPOINT_TEXT];

			sluice_endpoint_print(at, sizeof(at), &server->at);
			sample(m, server, pool->config->name, at);
		}
	}
}

static void names(struct metrics *m, const struct site *site)
{
	for (size_t i = 0; i < site->pool_count; i++) {
		const struct site_pool *pool = &site->pools[i];

		for (size_t j = 0; j < pool->name_count; j++) {
			const struct site_name *name = &pool->names[j];
			const struct resolver_answer *answer =
				resolver_watch_answer(&name->watch);

			metrics_sample(m, METRICS_NAME_RESOLVED,
				       answer && !answer->problem,
				       pool->config->name,
				       name->config->target.name);
		}
	}
}

/* All samples of one metric come together. */
void site_metrics(struct metrics *m, const struct site *site)
{
	each_server(m, site, true, check_up);
	each_server(m, site, true, check_duration);
	each_server(m, site, true, certificate_days);
	if (!TAILQ_EMPTY(&site->slow))
		each_server(m, site, false, slow_start);
	names(m, site);
}
