// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "log.h"
#include "names.gen.h"
#include "run.h"
#include "show.h"
#include "upgrade.h"

#define ERROR_SIZE 512

/**
 * struct command - something that can be asked
 * @name: the word
 * @keys: what belongs to it, besides "command"; ended by NULL
 * @run: carries it out
 */
struct command {
	const char *name;
	const char *keys[5];
	json_t *(*run)(struct daemon *daemon, const json_t *request);
};

/* What came of a configuration, which is let go of, as are the errors. */
static json_t *answer_of(struct config *config, struct config_errors *errors)
{
	bool wrong = config_errors_any(errors);
	json_t *list = json_array();
	char *text = NULL, *line, *rest;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	if (to) {
		config_errors_print(errors, to);
		fclose(to);
		rest = text;
		while ((line = strsep(&rest, "\n")))
			if (*line)
				json_array_append_new(list, control_text(line));
	}
	free(text);
	config_errors_free(errors);
	config_free(config);
	if (wrong)
		return json_pack("{s:o}", "errors", list);
	json_decref(list);
	return json_object();
}

static json_t *run_show(struct daemon *daemon, const json_t *request)
{
	(void)request;
	return show_daemon(daemon);
}

static json_t *run_reload(struct daemon *daemon, const json_t *request)
{
	struct config_errors errors = { 0 };
	struct config *config = daemon_reload(daemon, &errors);

	(void)request;
	return answer_of(config, &errors);
}

/**
 * struct subject - the server that a request is about
 * @pool: its pool
 * @at: address and port
 * @server: the server, NULL if the pool does not have it now
 * @change: what was changed about it until now
 */
struct subject {
	struct site_pool *pool;
	struct sluice_endpoint at;
	struct site_server *server;
	struct change change;
};

/* Return: NULL, or what is wrong with the request. */
static json_t *find_subject(const struct daemon *daemon, const json_t *request,
			    struct subject *subject)
{
	const char *pool = json_string_value(json_object_get(request, "pool"));
	const char *at = json_string_value(json_object_get(request, "server"));
	const struct change *change;

	if (!pool || !at)
		return control_error(
			"a server is named by its pool and by its address and port");
	subject->pool = site_pool_lookup(daemon->site, pool);
	if (!subject->pool)
		return control_error("no pool is named '%.100s'", pool);
	if (!sluice_endpoint_parse(at, &subject->at))
		return control_error(
			"server '%.100s': not an address and port, as in 192.0.2.1:80 or [2001:db8::1]:80",
			at);
	subject->server = site_server_lookup(subject->pool, &subject->at);
	memset(&subject->change, 0, sizeof(subject->change));
	snprintf(subject->change.pool, sizeof(subject->change.pool), "%s",
		 subject->pool->config->name);
	subject->change.at = subject->at;
	change = changes_find(daemon->host.changes, subject->change.pool,
			      &subject->at);
	if (change)
		subject->change = *change;
	return NULL;
}

static json_t *need_server(const struct subject *subject)
{
	char at[SLUICE_ENDPOINT_TEXT];

	if (subject->server)
		return NULL;
	return control_error(
		"pool %s has no server %s", subject->pool->config->name,
		sluice_endpoint_print(at, sizeof(at), &subject->at));
}

static void log_change(const struct subject *subject, const char *what)
{
	char at[SLUICE_ENDPOINT_TEXT];
	const struct log_field about[] = {
		{ "pool", subject->pool->config->name },
		{ "server",
		  sluice_endpoint_print(at, sizeof(at), &subject->at) },
		{ NULL, NULL },
	};

	log_info(about, "changed at run time: %s", what);
}

/* It was refused: what was there before it holds. */
static void put_back(struct daemon *daemon, const struct change *before)
{
	char error[ERROR_SIZE];

	if (changes_put(daemon->host.changes, before, error, sizeof(error)))
		log_error(NULL,
			  "a change that was refused cannot be taken back: %s",
			  error);
}

/* Written down first, then carried out, or taken back. */
static json_t *change_server(struct daemon *daemon, struct subject *subject,
			     const struct change *to)
{
	struct change before = subject->change;
	char error[ERROR_SIZE];

	if (changes_put(daemon->host.changes, to, error, sizeof(error)))
		return control_error("%s", error);
	site_server_touch(subject->server);
	site_pool_weigh(subject->pool);
	if (!daemon_flush(daemon, error, sizeof(error)))
		return json_object();
	put_back(daemon, &before);
	site_pool_weigh(subject->pool);
	return control_error("%s", error);
}

static json_t *check_deadline(const json_t *deadline, int state)
{
	json_int_t value = json_integer_value(deadline);

	if (state != SLUICE_SERVER_STATE_DRAINING)
		return control_error("deadline-ms: is for state draining only");
	if (!json_is_integer(deadline) || value < 0 ||
	    value > CHANGES_DEADLINE_MAX)
		return control_error("deadline-ms: not a number from 0 to %d",
				     CHANGES_DEADLINE_MAX);
	return NULL;
}

static json_t *run_state(struct daemon *daemon, const json_t *request)
{
	const char *word = json_string_value(json_object_get(request, "state"));
	int state = word ? sluice_server_state_parse(word) : -1;
	struct subject subject = { .pool = NULL };
	struct change to;
	json_t *wrong = find_subject(daemon, request, &subject);
	const json_t *deadline = json_object_get(request, "deadline-ms");
	int configured = SLUICE_SERVER_STATE_UP;

	if (!wrong)
		wrong = need_server(&subject);
	if (!wrong && deadline)
		wrong = check_deadline(deadline, state);
	if (!wrong && state < 0)
		wrong = control_error(
			"state '%.100s': not up, draining or down",
			word ? word : "");
	if (wrong)
		return wrong;
	if (subject.server->config)
		configured = subject.server->config->state;
	to = subject.change;
	to.has_state = state != configured || deadline;
	to.state = to.has_state ? (uint8_t)state : 0;
	to.has_deadline = deadline;
	to.deadline = (uint32_t)json_integer_value(deadline);
	log_change(&subject, word);
	return change_server(daemon, &subject, &to);
}

static json_t *run_weight(struct daemon *daemon, const json_t *request)
{
	const json_t *weight = json_object_get(request, "weight");
	json_int_t value = json_integer_value(weight);
	struct subject subject = { .pool = NULL };
	struct change to;
	json_t *wrong = find_subject(daemon, request, &subject);

	if (!wrong)
		wrong = need_server(&subject);
	if (!wrong && (!json_is_integer(weight) || value < 0 ||
		       value > SLUICE_WEIGHT_MAX))
		wrong = control_error("weight: not a number from 0 to %d",
				      SLUICE_WEIGHT_MAX);
	if (wrong)
		return wrong;
	to = subject.change;
	to.has_weight = !subject.server->config ||
			subject.server->config->weight != (uint32_t)value;
	to.weight = to.has_weight ? (uint32_t)value : 0;
	log_change(&subject, "weight");
	return change_server(daemon, &subject, &to);
}

/* The set of servers is another one: all is made anew, and exchanged at once. */
static json_t *change_set(struct daemon *daemon, const struct subject *subject,
			  const struct change *to)
{
	struct config_errors errors = { 0 };
	struct config *config;
	char error[ERROR_SIZE];

	if (daemon->repairing)
		return control_error("the kernel module is not there");
	if (changes_put(daemon->host.changes, to, error, sizeof(error)))
		return control_error("%s", error);
	config = daemon_rebuild(daemon, &errors);
	if (config_errors_any(&errors))
		put_back(daemon, &subject->change);
	return answer_of(config, &errors);
}

static json_t *check_family(const struct subject *subject)
{
	sa_family_t family = subject->at.address.family;

	if (subject->pool->proxied ||
	    subject->pool->families & site_family(family))
		return NULL;
	return control_error("no service with an address of %s uses pool %s",
			     family == AF_INET ? "IPv4" : "IPv6",
			     subject->pool->config->name);
}

static json_t *run_add(struct daemon *daemon, const json_t *request)
{
	const json_t *weight = json_object_get(request, "weight");
	json_int_t value = weight ? json_integer_value(weight) : 1;
	struct subject subject = { .pool = NULL };
	struct change to;
	json_t *wrong = find_subject(daemon, request, &subject);

	if (!wrong)
		wrong = check_family(&subject);
	if (!wrong && subject.server)
		wrong = control_error("the pool has this server already");
	if (!wrong && ((weight && !json_is_integer(weight)) || value < 0 ||
		       value > SLUICE_WEIGHT_MAX))
		wrong = control_error("weight: not a number from 0 to %d",
				      SLUICE_WEIGHT_MAX);
	if (wrong)
		return wrong;
	/*
	 * One that was taken out comes back as it is configured, if it still is. What
	 * else was changed about it was about another time.
	 */
	to = (struct change){ .at = subject.at };
	memcpy(to.pool, subject.change.pool, sizeof(to.pool));
	to.added = !site_pool_expects(subject.pool, &subject.at);
	to.forward = to.added ? (uint8_t)subject.pool->config->forward : 0;
	to.has_weight = weight || to.added;
	to.weight = to.has_weight ? (uint32_t)value : 0;
	log_change(&subject, "added");
	return change_set(daemon, &subject, &to);
}

static json_t *run_remove(struct daemon *daemon, const json_t *request)
{
	struct subject subject = { .pool = NULL };
	struct change to;
	json_t *wrong = find_subject(daemon, request, &subject);

	if (!wrong)
		wrong = need_server(&subject);
	if (wrong)
		return wrong;
	to = (struct change){ .at = subject.at, .removed = true };
	memcpy(to.pool, subject.change.pool, sizeof(to.pool));
	/* What only was there by a change goes with it. */
	if (subject.change.added && !subject.server->config)
		to.removed = false;
	log_change(&subject, "removed");
	return change_set(daemon, &subject, &to);
}

static json_t *run_forget(struct daemon *daemon, const json_t *request)
{
	struct config_errors errors = { 0 };
	struct config *config;
	char error[ERROR_SIZE];

	(void)request;
	if (daemon->repairing)
		return control_error("the kernel module is not there");
	if (changes_clear(daemon->host.changes, error, sizeof(error)))
		return control_error("%s", error);
	config = daemon_rebuild(daemon, &errors);
	if (!config_errors_any(&errors))
		log_info(NULL, "all changes at run time are taken back");
	else if (changes_restore(daemon->host.changes, error, sizeof(error)))
		log_error(NULL, "%s", error);
	return answer_of(config, &errors);
}

static const struct config_route *
find_route(const struct config *config, const char *service, const char *name)
{
	const struct config_service *of =
		config_service_lookup(config, service);

	for (size_t i = 0; of && i < of->routes.count; i++)
		if (strcmp(of->routes.items[i].name, name) == 0)
			return &of->routes.items[i];
	return NULL;
}

/* What was changed about a route until now, or NULL. */
static const struct config_route_change *
find_change(const struct daemon *daemon,
	    const struct config_route_change *change)
{
	const struct config_route_change *routes;
	size_t count;

	routes = changes_routes(daemon->host.changes, &count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(routes[i].service, change->service) == 0 &&
		    strcmp(routes[i].name, change->name) == 0)
			return &routes[i];
	return NULL;
}

/* Written down first, then carried out, or taken back. */
static json_t *change_route(struct daemon *daemon,
			    const struct config_route_change *change,
			    bool forget)
{
	const struct config_route_change *before = find_change(daemon, change);
	struct config_errors errors = { 0 };
	struct config_route_change old = { .text = NULL };
	struct config *config;
	char error[ERROR_SIZE];
	bool had = before;

	if (daemon->repairing)
		return control_error("the kernel module is not there");
	if (before)
		old.text = before->text ? strdupa(before->text) : NULL;
	if (before && before->before)
		old.before = strdupa(before->before);
	old.service = change->service;
	old.name = change->name;
	if (changes_put_route(daemon->host.changes, change, forget, error,
			      sizeof(error)))
		return control_error("%s", error);
	config = daemon_rebuild(daemon, &errors);
	if (config_errors_any(&errors))
		changes_put_route(daemon->host.changes, &old, !had, error,
				  sizeof(error));
	return answer_of(config, &errors);
}

/* Return: NULL, or what is wrong with the request. */
static json_t *find_route_subject(const struct daemon *daemon,
				  const json_t *request,
				  struct config_route_change *change)
{
	change->service =
		json_string_value(json_object_get(request, "service"));
	change->name = json_string_value(json_object_get(request, "name"));
	change->before = json_string_value(json_object_get(request, "before"));
	change->text = json_string_value(json_object_get(request, "route"));
	if (!change->service || !change->name)
		return control_error(
			"a route is named by its service and by its name");
	if (!config_service_lookup(daemon->site->config, change->service))
		return control_error("no service is named '%.100s'",
				     change->service);
	return NULL;
}

static json_t *run_route_add(struct daemon *daemon, const json_t *request)
{
	const struct config *config = daemon->site->config;
	const struct config *base = config->base ? config->base : config;
	struct config_route_change change;
	json_t *wrong = find_route_subject(daemon, request, &change);

	if (wrong)
		return wrong;
	if (find_route(config, change.service, change.name))
		return control_error("service %s has a route %s already",
				     change.service, change.name);
	if (change.before && !find_route(config, change.service, change.before))
		return control_error("service %s has no route %s",
				     change.service, change.before);
	/* One that was taken out comes back as it is configured. */
	if (find_route(base, change.service, change.name))
		return change.text ?
			       control_error(
				       "route %s of service %s is in the file, and was removed: without a route it comes back as it is there",
				       change.name, change.service) :
			       change_route(daemon, &change, true);
	if (!change.text)
		return control_error(
			"the route is missing, as in {match: {host: www.example.com}, pool: web}");
	return change_route(daemon, &change, false);
}

static json_t *run_route_remove(struct daemon *daemon, const json_t *request)
{
	const struct config *config = daemon->site->config;
	const struct config *base = config->base ? config->base : config;
	struct config_route_change change;
	json_t *wrong = find_route_subject(daemon, request, &change);

	if (wrong)
		return wrong;
	if (!find_route(config, change.service, change.name))
		return control_error("service %s has no route %s",
				     change.service, change.name);
	/* What only was there by a change goes with it. */
	return change_route(daemon, &change,
			    !find_route(base, change.service, change.name));
}

static json_t *run_take_over(struct daemon *daemon, const json_t *request)
{
	return upgrade_hand_over(daemon, json_integer_value(json_object_get(
						 request, "version")));
}

static const struct command commands[] = {
	{ .name = "show", .run = run_show },
	{ .name = "take-over", .keys = { "version" }, .run = run_take_over },
	{ .name = "reload", .run = run_reload },
	{ .name = "state",
	  .keys = { "pool", "server", "state", "deadline-ms" },
	  .run = run_state },
	{ .name = "weight",
	  .keys = { "pool", "server", "weight" },
	  .run = run_weight },
	{ .name = "add",
	  .keys = { "pool", "server", "weight" },
	  .run = run_add },
	{ .name = "remove", .keys = { "pool", "server" }, .run = run_remove },
	{ .name = "forget", .run = run_forget },
	{ .name = "route-add",
	  .keys = { "service", "name", "route", "before" },
	  .run = run_route_add },
	{ .name = "route-remove",
	  .keys = { "service", "name" },
	  .run = run_route_remove },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static bool takes(const struct command *command, const char *key)
{
	if (strcmp(key, "command") == 0)
		return true;
	for (const char *const *known = command->keys; *known; known++)
		if (strcmp(*known, key) == 0)
			return true;
	return false;
}

json_t *commands_answer(void *arg, const json_t *request)
{
	const char *name =
		json_string_value(json_object_get(request, "command"));
	const struct command *command = NULL;
	const char *key;
	json_t *value;

	for (size_t i = 0; name && i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			command = &commands[i];
	if (!command)
		return control_error(
			"command '%.100s': not known to this version",
			name ? name : "");
	json_object_foreach((json_t *)request, key, value) if (
		!takes(command,
		       key)) return control_error("%s: it takes no '%.100s'",
						  name, key);
	/* The new process has read what was changed until now. */
	if (((const struct daemon *)arg)->handover &&
	    command->run != run_show && command->run != run_take_over)
		return control_error(
			"another process is taking over; ask again in a moment");
	return command->run(arg, request);
}
