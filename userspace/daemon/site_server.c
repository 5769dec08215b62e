// SPDX-License-Identifier: GPL-2.0-or-later
/* Servers of a site: what their checks say, and what follows from all there is. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "names.gen.h"
#include "site_parts.h"

const struct change *site_change_of(const struct site_server *server)
{
	return changes_find(server->pool->site->host->changes,
			    server->pool->config->name, &server->at);
}

/* Taken out at run time, wherever it came from. */
bool site_is_removed(const struct site_pool *pool,
		     const struct sluice_endpoint *at)
{
	const struct change *change =
		changes_find(pool->site->host->changes, pool->config->name, at);

	return change && change->removed;
}

/* What is configured, or what was set at run time in place of it. */
static uint8_t set_state(const struct site_server *server,
			 const struct change *change)
{
	if (change && change->has_state)
		return change->state;
	return server->config ? (uint8_t)server->config->state :
				SLUICE_SERVER_STATE_UP;
}

/* Apart from what a check says. */
static uint8_t asked_state(const struct site_server *server,
			   const struct change *change)
{
	uint8_t state = set_state(server, change);

	if (server->gone && state < SLUICE_SERVER_STATE_DRAINING)
		return SLUICE_SERVER_STATE_DRAINING;
	return state;
}

static uint8_t advised_state(const struct site_server *server)
{
	const struct site_health *health = &server->health;

	if (health->state == CHECK_DOWN || health->advice == CHECK_ADVICE_MAINT)
		return SLUICE_SERVER_STATE_DOWN;
	return health->advice == CHECK_ADVICE_DRAIN ?
		       SLUICE_SERVER_STATE_DRAINING :
		       SLUICE_SERVER_STATE_UP;
}

const char *site_server_why(const struct site_server *server)
{
	const struct change *change = site_change_of(server);
	uint8_t asked = asked_state(server, change);
	uint8_t advised = advised_state(server);

	if (advised > asked)
		return server->health.reason ? server->health.reason :
					       "found before a restart";
	if (asked == SLUICE_SERVER_STATE_UP)
		return NULL;
	if (asked != set_state(server, change))
		return "its name has another address now";
	return change && change->has_state ? "set at run time" : "configured";
}

/* Nothing but the kernel knows what one was that no name has, or has yet. */
static bool is_as_it_was(const struct site_server *server,
			 const struct change *change)
{
	return !server->config && server->told.has_state &&
	       !(change && (change->has_weight || change->added));
}

/* What the kernel takes: printable ASCII, and not too much of it. */
static void copy_reason(char to[SLUICE_REASON_LEN + 1], const char *reason)
{
	size_t length = 0;

	for (; reason && *reason && length < SLUICE_REASON_LEN; reason++)
		to[length++] = isascii(*reason) && isprint(*reason) ? *reason :
								      '?';
	to[length] = '\0';
}

static uint8_t state_of(const struct site_server *server,
			const struct change *change)
{
	uint8_t asked = asked_state(server, change);
	uint8_t advised = advised_state(server);

	return asked > advised ? asked : advised;
}

void site_server_note(struct site_server *server)
{
	site_drain_note(server, state_of(server, site_change_of(server)) ==
					SLUICE_SERVER_STATE_DRAINING);
}

void site_server_told(struct site_server *server)
{
	site_server_wanted(server, &server->told);
	server->told_until = site_drain_until(server, site_change_of(server));
}

void site_server_wanted(const struct site_server *server,
			struct sluice_server *to)
{
	const struct change *change = site_change_of(server);
	bool as_it_was = is_as_it_was(server, change);
	uint8_t forward = server->told.forward;
	uint32_t weight = server->told.weight;

	/* @to may be what it was told. */
	memset(to, 0, sizeof(*to));
	site_pool_name(to->pool, server->pool->config,
		       server->at.address.family);
	to->at = server->at;
	to->has_forward = true;
	to->forward = (uint8_t)server->pool->config->forward;
	if (server->config)
		to->forward = (uint8_t)server->config->forward;
	else if (change && change->added)
		to->forward = change->forward;
	else if (as_it_was)
		to->forward = forward;
	to->has_state = true;
	to->state = state_of(server, change);
	if (to->state == SLUICE_SERVER_STATE_DRAINING)
		to->has_deadline =
			site_drain_left(server, change, &to->deadline);
	copy_reason(to->reason, site_server_why(server));
	to->has_weight = true;
	to->weight = as_it_was ? weight : site_weight_now(server, change);
}

static void log_state(const struct site_server *server)
{
	char at[SLUICE_ENDPOINT_TEXT];
	const struct log_field about[] = {
		{ "pool", server->pool->config->name },
		{ "server",
		  sluice_endpoint_print(at, sizeof(at), &server->at) },
		{ "check", server->pool->config->check_name },
		{ NULL, NULL },
	};

	if (server->health.state == CHECK_DOWN)
		log_warning(about, "server is down: %s", server->health.reason);
	else
		log_info(about, "server is up: %s", server->health.reason);
}

static void keep_reason(struct site_health *health, const char *reason)
{
	char *copy;

	if (health->reason && strcmp(health->reason, reason) == 0)
		return;
	copy = strdup(reason);
	if (!copy)
		return;
	free(health->reason);
	health->reason = copy;
}

static void report(struct check_watch *watch, const struct check_report *report)
{
	struct site_server *server =
		loop_owner(watch, struct site_server, watch);
	struct site_health *health = &server->health;
	enum check_state before = health->state;

	keep_reason(health, report->reason);
	health->duration_us = report->duration_us;
	health->days_left = report->days_left;
	/* What an agent said holds until it says something else. */
	if (report->weight_percent != CHECK_NO_WEIGHT)
		health->weight_percent = report->weight_percent;
	if (report->advice != CHECK_ADVICE_NONE)
		health->advice = report->advice;
	health->state = report->state;
	if (health->state != before) {
		health->since = time(NULL);
		log_state(server);
		if (before == CHECK_DOWN)
			site_slow_begin(
				server,
				loop_now(server->pool->site->host->loop));
	}
	site_server_touch(server);
}

static bool has_agent(const struct site_server *server)
{
	const struct config_check *check = server->pool->config->check;

	return check && check->spec.kind == CHECK_AGENT;
}

static void copy_health(struct site_server *server,
			const struct site_server *from)
{
	server->health = from->health;
	server->health.reason =
		from->health.reason ? strdup(from->health.reason) : NULL;
	/* No other check would ever take back what an agent said. */
	if (!has_agent(server)) {
		server->health.weight_percent = CHECK_NO_WEIGHT;
		server->health.advice = CHECK_ADVICE_NONE;
	}
}

/* The same server in the site that this one is to replace. */
static const struct site_server *find_before(const struct site_server *server)
{
	const struct site *before = server->pool->site->before;
	const struct site_pool *pool =
		before ? site_pool_lookup(before, server->pool->config->name) :
			 NULL;

	return pool ? site_server_lookup(pool, &server->at) : NULL;
}

static int watch(struct site_server *server)
{
	const struct sluice_endpoint *at = &server->at;
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons(at->port),
				   .sin6_addr = at->address.v6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_port = htons(at->port),
				  .sin_addr = at->address.v4 };
	int err;

	server->watch.report = report;
	err = check_watch_add(server->pool->check,
			      at->address.family == AF_INET ?
				      (const struct sockaddr *)(void *)&v4 :
				      (const struct sockaddr *)(void *)&v6,
			      &server->watch, server->health.state);
	/* Another pool may share the check, and know more. */
	if (!err)
		server->health.state = check_watch_state(&server->watch);
	return err;
}

struct site_server *site_server_add(struct site_pool *pool,
				    const struct config_server *config,
				    const struct sluice_endpoint *at)
{
	struct site_server *server = calloc(1, sizeof(*server));
	const struct site_server *before;
	int err = 0;

	if (!server)
		return NULL;
	server->pool = pool;
	server->config = config;
	server->at = *at;
	server->health.days_left = CHECK_NO_DAYS;
	server->health.weight_percent = CHECK_NO_WEIGHT;
	if (!site_table_add(pool->site, server)) {
		free(server);
		errno = ENOMEM;
		return NULL;
	}
	before = find_before(server);
	if (before && pool->check)
		copy_health(server, before);
	if (before)
		server->draining_since = before->draining_since;
	if (before && before->slow_since)
		site_slow_begin(server, before->slow_since);
	if (pool->check)
		err = watch(server);
	if (err) {
		site_table_del(pool->site, server);
		site_slow_end(server);
		free(server->health.reason);
		free(server);
		errno = -err;
		return NULL;
	}
	TAILQ_INSERT_TAIL(&pool->servers, server, of_pool);
	pool->count++;
	if (pool->site->live)
		site_slow_begin(server, loop_now(pool->site->host->loop));
	site_server_touch(server);
	return server;
}

void site_server_free(struct site_server *server)
{
	if (server->watch.target)
		check_watch_del(&server->watch);
	site_slow_end(server);
	free(server->health.reason);
	free(server);
}

static bool may_be_of_name(const struct site_pool *pool,
			   const struct sluice_server *server)
{
	return pool->name_count &&
	       (pool->families & site_family(server->at.address.family)) &&
	       !site_names_known(pool) && !site_is_removed(pool, &server->at);
}

/* The pool of the configuration that one of the kernel is for. */
static struct site_pool *pool_of_kernel(const struct site *site,
					const struct sluice_server *server)
{
	size_t length = strlen(server->pool), end = strlen(CONFIG_POOL_IPV6);
	char name[SLUICE_NAME_LEN + 1];

	memcpy(name, server->pool, sizeof(name));
	if (server->at.address.family == AF_INET6) {
		if (length <= end ||
		    strcmp(name + length - end, CONFIG_POOL_IPV6) != 0)
			return NULL;
		name[length - end] = '\0';
	}
	return site_pool_lookup(site, name);
}

void site_adopt(struct site *site, const struct sluice_server *has)
{
	struct site_pool *pool = pool_of_kernel(site, has);
	struct site_server *server;

	if (!pool)
		return;
	server = site_server_lookup(pool, &has->at);
	if (!server && may_be_of_name(pool, has)) {
		server = site_server_add(pool, NULL, &has->at);
		if (server) {
			server->adopted = true;
			server->told = *has;
			server->told.has_state = true;
		}
	}
	if (server)
		site_server_note(server);
	if (server && has->state == SLUICE_SERVER_STATE_DRAINING &&
	    has->has_deadline)
		site_drain_adopt(server, site_change_of(server), has->deadline);
	if (!server || !server->watch.target ||
	    has->state == SLUICE_SERVER_STATE_DRAINING)
		return;
	/* Down because it was asked for says nothing of what its check found. */
	if (has->state == asked_state(server, site_change_of(server)) &&
	    has->state == SLUICE_SERVER_STATE_DOWN)
		return;
	/* Another server of the check may have been taken over before. */
	check_watch_know(&server->watch, has->state == SLUICE_SERVER_STATE_UP ?
						 CHECK_UP :
						 CHECK_DOWN);
	server->health.state = check_watch_state(&server->watch);
	if (has->reason[0] && server->health.state == CHECK_DOWN)
		keep_reason(&server->health, has->reason);
}
