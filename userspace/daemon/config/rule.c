// SPDX-License-Identifier: GPL-2.0-or-later
/* A route of the configuration as the code compares it that the kernel has, too. */
#include <string.h>

#include "config.h"
#include "rule.h"

static struct sluice_text text_of(const char *text)
{
	struct sluice_text slice = { .data = text };

	slice.len = text ? (u32)strlen(text) : 0;
	return slice;
}

/* Of several, one; without any, nothing. */
static struct sluice_text one_of(const struct config_texts *texts, size_t which)
{
	return text_of(which < texts->count ? texts->items[which] : NULL);
}

static void add_condition(struct sluice_route_rule *rule,
			  struct sluice_route_condition *conditions,
			  enum sluice_route_what what, int how,
			  struct sluice_text name, struct sluice_text value)
{
	struct sluice_route_condition *condition;

	if (rule->condition_count > SLUICE_ROUTE_CONDITIONS_MAX)
		return;
	condition = &conditions[rule->condition_count++];
	condition->what = (u8)what;
	condition->how = (u8)how;
	condition->name = name;
	condition->value = value;
}

static void add_conditions(struct sluice_route_rule *rule,
			   struct sluice_route_condition *conditions,
			   const struct config_conditions *from)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct config_condition *condition = &from->items[i];
		bool regex = condition->how == CONFIG_REGEX;

		add_condition(rule, conditions,
			      (enum sluice_route_what)condition->what,
			      regex ? CONFIG_PRESENT : condition->how,
			      text_of(condition->name),
			      text_of(regex ? NULL : condition->value));
	}
}

void config_route_rule(const struct config_route *route, int parse, size_t host,
		       size_t method, struct sluice_route_condition *conditions,
		       struct sluice_route_rule *rule)
{
	const struct config_match *match = route->match;
	static const struct sluice_text nothing;

	*rule = (struct sluice_route_rule){ .share = SLUICE_ROUTE_SHARE_ALL };
	if (!match)
		return;
	rule->host = one_of(
		parse == SLUICE_PARSE_TLS ? &match->sni : &match->host, host);
	rule->port = (u16)match->port;
	rule->share = (u16)match->share;
	rule->salt = match->salt;
	if (match->path || match->prefix) {
		rule->path_how = match->path ? SLUICE_ROUTE_PATH_EXACT :
					       SLUICE_ROUTE_PATH_PREFIX;
		rule->path = text_of(match->path ? match->path : match->prefix);
	}
	rule->conditions = conditions;
	if (method < match->method.count)
		add_condition(rule, conditions, SLUICE_ROUTE_METHOD,
			      SLUICE_ROUTE_EXACT, nothing,
			      one_of(&match->method, method));
	add_conditions(rule, conditions, &match->query);
	add_conditions(rule, conditions, &match->header);
	add_conditions(rule, conditions, &match->cookie);
	for (size_t i = 0; i < match->alpn.count; i++)
		add_condition(rule, conditions, SLUICE_ROUTE_ALPN,
			      SLUICE_ROUTE_EXACT, nothing,
			      one_of(&match->alpn, i));
	rule->sources = match->source.items;
	rule->source_count = (u32)match->source.count;
}

/* An attribute with so many bytes in it. */
static size_t attribute(size_t bytes)
{
	return (4 + bytes + 3) / 4 * 4;
}

static size_t text_size(const char *text)
{
	return text ? attribute(strlen(text) + 1) : 0;
}

static size_t longest(const struct config_texts *texts)
{
	size_t most = 0, size;

	for (size_t i = 0; i < texts->count; i++) {
		size = text_size(texts->items[i]);
		most = size > most ? size : most;
	}
	return most;
}

static size_t conditions_size(const struct config_conditions *list)
{
	size_t size = 0;

	for (size_t i = 0; i < list->count; i++)
		size += attribute(0) + 2 * attribute(1) +
			text_size(list->items[i].name) +
			text_size(list->items[i].value);
	return size;
}

static size_t match_size(const struct config_match *match, int parse)
{
	size_t size;

	size = longest(parse == SLUICE_PARSE_TLS ? &match->sni : &match->host) +
	       text_size(match->path) + text_size(match->prefix) +
	       conditions_size(&match->query) +
	       conditions_size(&match->header) +
	       conditions_size(&match->cookie);
	if (match->method.count)
		size += attribute(0) + 2 * attribute(1) +
			longest(&match->method);
	for (size_t i = 0; i < match->alpn.count; i++)
		size += attribute(0) + 2 * attribute(1) +
			text_size(match->alpn.items[i]);
	for (size_t i = 0; i < match->source.count; i++)
		size += attribute(0) + attribute(1) +
			attribute(match->source.items[i].address_len);
	return size;
}

size_t config_route_size(const struct config_route *route, int parse)
{
	/* What names it, and numbers: the kernel allows as much for them. */
	size_t size = 12 * attribute(4) + 256;

	if (route->match)
		size += match_size(route->match, parse);
	for (size_t i = 0; i < route->pools.count; i++)
		size += attribute(0) + attribute(4) +
			text_size(route->pools.items[i].name);
	return size;
}

static void locate_in(const struct config_conditions *list, const char *key,
		      size_t *index, struct config_rule_place *place)
{
	if (place->key || *index >= list->count) {
		*index -= place->key ? 0 : list->count;
		return;
	}
	place->at = list->items[*index].at;
	place->key = key;
	place->name = list->items[*index].name;
}

void config_rule_locate(const struct config_route *route, size_t method,
			const struct sluice_route_error *error,
			struct config_rule_place *place)
{
	const struct config_match *match = route->match;
	size_t index = error->index;

	place->at = match->at;
	place->key = NULL;
	place->name = NULL;
	if (strcmp(error->field, "path") == 0) {
		place->key = match->path ? "path" : "prefix";
		return;
	}
	if (strcmp(error->field, "condition") != 0) {
		place->key = error->field;
		return;
	}
	if (method < match->method.count) {
		if (index == 0) {
			place->key = "method";
			return;
		}
		index--;
	}
	locate_in(&match->query, "query", &index, place);
	locate_in(&match->header, "header", &index, place);
	locate_in(&match->cookie, "cookie", &index, place);
	if (!place->key)
		place->key = "alpn";
}
