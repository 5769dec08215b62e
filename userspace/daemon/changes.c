// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "changes.h"
#include "names.gen.h"
#include "state_file.h"

/* Changed routes: somebody makes them by hand, or a program makes a few. */
#define ROUTES_MAX 4096

/* Of servers, sorted by pool and address; of routes, by service. */
struct changes {
	char *path;
	struct change **items;
	size_t count;
	size_t room;
	struct config_route_change *routes;
	size_t route_count;
	/* Of what was cleared and may come back: still at the beginning of both. */
	size_t cleared;
	size_t cleared_routes;
};

static int compare(const char *pool, const struct sluice_endpoint *at,
		   const struct change *change)
{
	int order = strcmp(pool, change->pool);

	return order ? order : sluice_endpoint_compare(at, &change->at);
}

/* Where it is, or where it would be. */
static size_t position(const struct changes *changes, const char *pool,
		       const struct sluice_endpoint *at, bool *found)
{
	size_t low = 0, high = changes->count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(pool, at, changes->items[middle]);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct change *changes_find(const struct changes *changes,
				  const char *pool,
				  const struct sluice_endpoint *at)
{
	bool found;
	size_t where = position(changes, pool, at, &found);

	return found ? changes->items[where] : NULL;
}

const struct change *changes_each(const struct changes *changes,
				  const struct change *after)
{
	bool found;
	size_t where =
		after ? position(changes, after->pool, &after->at, &found) + 1 :
			0;

	return where < changes->count ? changes->items[where] : NULL;
}

static bool is_nothing(const struct change *change)
{
	return !change->has_state && !change->has_weight && !change->added &&
	       !change->removed;
}

static bool make_room(struct changes *changes)
{
	size_t room = changes->room ? changes->room * 2 : 16;
	struct change **items;

	if (changes->count < changes->room)
		return true;
	items = reallocarray(changes->items, room, sizeof(*items));
	if (!items)
		return false;
	changes->items = items;
	changes->room = room;
	return true;
}

/* Put @item there, NULL to take out. Return: what was there. */
static struct change *exchange(struct changes *changes, size_t where,
			       bool found, struct change *item)
{
	struct change *old = found ? changes->items[where] : NULL;
	size_t from = where + found, to = where + !!item;

	memmove(&changes->items[to], &changes->items[from],
		(changes->count - from) * sizeof(changes->items[0]));
	changes->count += to - from;
	if (item)
		changes->items[where] = item;
	return old;
}

static void set_flag(json_t *object, const char *key, bool value)
{
	if (value)
		json_object_set_new(object, key, json_true());
}

static json_t *to_json(const struct change *change)
{
	char at[SLUICE_ENDPOINT_TEXT];
	json_t *object = json_object();

	json_object_set_new(object, "pool", json_string(change->pool));
	json_object_set_new(object, "server",
			    json_string(sluice_endpoint_print(at, sizeof(at),
							      &change->at)));
	set_flag(object, "added", change->added);
	set_flag(object, "removed", change->removed);
	if (change->added)
		json_object_set_new(
			object, "forward",
			json_string(sluice_forward_name(change->forward)));
	if (change->has_state)
		json_object_set_new(
			object, "state",
			json_string(sluice_server_state_name(change->state)));
	if (change->has_weight)
		json_object_set_new(object, "weight",
				    json_integer(change->weight));
	if (change->has_deadline)
		json_object_set_new(object, "deadline-ms",
				    json_integer(change->deadline));
	return object;
}

static bool get_word(const json_t *object, const char *key,
		     int (*parse)(const char *word), bool *given, uint8_t *to)
{
	const json_t *value = json_object_get(object, key);
	int number;

	*given = value;
	if (!value)
		return true;
	number = json_is_string(value) ? parse(json_string_value(value)) : -1;
	*to = (uint8_t)number;
	return number >= 0;
}

static bool get_number(const json_t *object, const char *key, uint32_t max,
		       bool *given, uint32_t *to)
{
	const json_t *value = json_object_get(object, key);
	json_int_t number = json_integer_value(value);

	*given = value;
	*to = (uint32_t)number;
	return !value ||
	       (json_is_integer(value) && number >= 0 && number <= max);
}

static bool from_json(const json_t *object, struct change *change)
{
	const char *pool = json_string_value(json_object_get(object, "pool"));
	const char *at = json_string_value(json_object_get(object, "server"));
	bool has_forward;

	memset(change, 0, sizeof(*change));
	if (!pool || !at || !*pool || strlen(pool) > SLUICE_NAME_LEN ||
	    !sluice_endpoint_parse(at, &change->at))
		return false;
	memcpy(change->pool, pool, strlen(pool) + 1);
	change->added = json_is_true(json_object_get(object, "added"));
	change->removed = json_is_true(json_object_get(object, "removed"));
	return get_number(object, "weight", SLUICE_WEIGHT_MAX,
			  &change->has_weight, &change->weight) &&
	       get_number(object, "deadline-ms", CHANGES_DEADLINE_MAX,
			  &change->has_deadline, &change->deadline) &&
	       get_word(object, "forward", sluice_forward_parse, &has_forward,
			&change->forward) &&
	       get_word(object, "state", sluice_server_state_parse,
			&change->has_state, &change->state) &&
	       has_forward == change->added;
}

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
}

static json_t *route_to_json(const struct config_route_change *route)
{
	json_t *object = json_object();

	set_text(object, "service", route->service);
	set_text(object, "name", route->name);
	set_text(object, "before", route->before);
	set_text(object, "route", route->text);
	set_flag(object, "removed", !route->text);
	return object;
}

static json_t *all_to_json(const struct changes *changes)
{
	json_t *list = json_array(), *routes = json_array();
	json_t *whole = json_object();

	for (size_t i = 0; i < changes->count; i++)
		json_array_append_new(list, to_json(changes->items[i]));
	json_object_set_new(whole, "version", json_integer(1));
	json_object_set_new(whole, "servers", list);
	for (size_t i = 0; i < changes->route_count; i++)
		json_array_append_new(routes,
				      route_to_json(&changes->routes[i]));
	json_object_set_new(whole, "routes", routes);
	return whole;
}

static int save(const struct changes *changes)
{
	json_t *whole = all_to_json(changes);
	char *text = json_dumps(whole, JSON_INDENT(1));
	int err = text ? state_file_write(changes->path, text) : -ENOMEM;

	json_decref(whole);
	free(text);
	return err;
}

static int failed(const struct changes *changes, int err, char *error,
		  size_t size)
{
	snprintf(error, size, "%s: %s", changes->path, strerror(-err));
	return err;
}

static void free_texts(const struct config_route_change *route)
{
	free((char *)route->service);
	free((char *)route->name);
	free((char *)route->before);
	free((char *)route->text);
}

static void free_routes(struct config_route_change *routes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free_texts(&routes[i]);
	free(routes);
}

static void drop_cleared(struct changes *changes)
{
	for (size_t i = 0; i < changes->cleared; i++)
		free(changes->items[i]);
	changes->cleared = 0;
	if (!changes->cleared_routes)
		return;
	free_routes(changes->routes, changes->cleared_routes);
	changes->routes = NULL;
	changes->cleared_routes = 0;
}

int changes_put(struct changes *changes, const struct change *change,
		char *error, size_t size)
{
	struct change *item = NULL, *old;
	bool found;
	size_t where = position(changes, change->pool, &change->at, &found);
	int err;

	if (!found && is_nothing(change))
		return 0;
	drop_cleared(changes);
	if (!is_nothing(change)) {
		item = make_room(changes) ? malloc(sizeof(*item)) : NULL;
		if (!item)
			return failed(changes, -ENOMEM, error, size);
		*item = *change;
	}
	old = exchange(changes, where, found, item);
	err = save(changes);
	if (!err) {
		free(old);
		return 0;
	}
	exchange(changes, where, item, old);
	free(item);
	return failed(changes, err, error, size);
}

const struct config_route_change *changes_routes(const struct changes *changes,
						 size_t *count)
{
	*count = changes->route_count;
	return changes->routes;
}

static bool copy_text(const char **to, const char *text)
{
	*to = text ? strdup(text) : NULL;
	return *to || !text;
}

static bool copy_route(struct config_route_change *to,
		       const struct config_route_change *from)
{
	*to = (struct config_route_change){ .service = NULL };
	if (copy_text(&to->service, from->service) &&
	    copy_text(&to->name, from->name) &&
	    copy_text(&to->before, from->before) &&
	    copy_text(&to->text, from->text))
		return true;
	free_texts(to);
	*to = (struct config_route_change){ .service = NULL };
	return false;
}

static bool is_same_route(const struct config_route_change *a,
			  const struct config_route_change *b)
{
	return strcmp(a->service, b->service) == 0 &&
	       strcmp(a->name, b->name) == 0;
}

/*
 * All routes but the one that is changed, which comes after the others of its
 * service. Return: how many, all of them copies; -1 if memory is out.
 */
static ssize_t next_routes(const struct changes *changes,
			   const struct config_route_change *change,
			   bool forget, struct config_route_change *to)
{
	bool placed = forget;
	size_t count = 0;

	for (size_t i = 0; i <= changes->route_count; i++) {
		const struct config_route_change *route =
			i < changes->route_count ? &changes->routes[i] : NULL;
		bool is_after = !route ||
				strcmp(route->service, change->service) > 0;

		if (!placed && is_after) {
			if (!copy_route(&to[count], change))
				return -1;
			count++;
			placed = true;
		}
		if (!route || is_same_route(route, change))
			continue;
		if (!copy_route(&to[count], route))
			return -1;
		count++;
	}
	return (ssize_t)count;
}

int changes_put_route(struct changes *changes,
		      const struct config_route_change *change, bool forget,
		      char *error, size_t size)
{
	struct config_route_change *old, *next;
	size_t old_count = changes->route_count;
	ssize_t count;
	int err;

	drop_cleared(changes);
	old = changes->routes;
	if (!forget && old_count >= ROUTES_MAX) {
		snprintf(
			error, size,
			"%d routes are changed already; write them into the file",
			ROUTES_MAX);
		return -ENOSPC;
	}
	next = calloc(old_count + 1, sizeof(*next));
	count = next ? next_routes(changes, change, forget, next) : -1;
	if (count < 0) {
		free_routes(next, next ? old_count + 1 : 0);
		return failed(changes, -ENOMEM, error, size);
	}
	changes->routes = next;
	changes->route_count = (size_t)count;
	err = save(changes);
	if (!err) {
		free_routes(old, old_count);
		return 0;
	}
	free_routes(next, (size_t)count);
	changes->routes = old;
	changes->route_count = old_count;
	return failed(changes, err, error, size);
}

int changes_clear(struct changes *changes, char *error, size_t size)
{
	size_t count = changes->count, routes = changes->route_count;
	int err;

	drop_cleared(changes);
	if (!count && !routes)
		return 0;
	changes->count = 0;
	changes->route_count = 0;
	err = save(changes);
	if (err) {
		changes->count = count;
		changes->route_count = routes;
		return failed(changes, err, error, size);
	}
	changes->cleared = count;
	changes->cleared_routes = routes;
	return 0;
}

int changes_restore(struct changes *changes, char *error, size_t size)
{
	int err;

	if (!changes->cleared && !changes->cleared_routes)
		return 0;
	changes->count = changes->cleared;
	changes->route_count = changes->cleared_routes;
	changes->cleared = 0;
	changes->cleared_routes = 0;
	err = save(changes);
	return err ? failed(changes, err, error, size) : 0;
}

static int compare_items(const void *a, const void *b)
{
	const struct change *const *x = a, *const *y = b;

	return compare((*x)->pool, &(*x)->at, *y);
}

static bool take_routes(struct changes *changes, const json_t *list)
{
	const json_t *object;
	size_t i;

	if (list &&
	    (!json_is_array(list) || json_array_size(list) > ROUTES_MAX))
		return false;
	changes->routes = calloc(json_array_size(list) + 1,
				 sizeof(struct config_route_change));
	if (!changes->routes)
		return false;
	json_array_foreach(list, i, object)
	{
		const struct config_route_change route = {
			.service = json_string_value(
				json_object_get(object, "service")),
			.name = json_string_value(
				json_object_get(object, "name")),
			.before = json_string_value(
				json_object_get(object, "before")),
			.text = json_string_value(
				json_object_get(object, "route")),
		};

		if (!route.service || !route.name ||
		    !copy_route(&changes->routes[i], &route))
			return false;
		changes->route_count++;
	}
	return true;
}

static bool take(struct changes *changes, const json_t *whole)
{
	const json_t *list = json_object_get(whole, "servers");
	struct change change;
	const json_t *object;
	size_t i;

	if (json_integer_value(json_object_get(whole, "version")) != 1 ||
	    !json_is_array(list))
		return false;
	json_array_foreach(list, i, object)
	{
		struct change *item = NULL;

		if (!from_json(object, &change) || !make_room(changes))
			return false;
		item = malloc(sizeof(*item));
		if (!item)
			return false;
		*item = change;
		changes->items[changes->count++] = item;
	}
	if (changes->count)
		qsort(changes->items, changes->count, sizeof(struct change *),
		      compare_items);
	/* They are gone through by what they are about. */
	for (i = 1; i < changes->count; i++)
		if (compare_items(&changes->items[i - 1], &changes->items[i]) ==
		    0)
			return false;
	return take_routes(changes, json_object_get(whole, "routes"));
}

static bool read_file(struct changes *changes, FILE *from)
{
	json_error_t wrong;
	json_t *whole = json_loadf(from, JSON_REJECT_DUPLICATES, &wrong);
	bool right = whole && take(changes, whole);

	json_decref(whole);
	return right;
}

struct changes *changes_open(const char *path, char *error, size_t size)
{
	struct changes *changes = calloc(1, sizeof(*changes));
	FILE *from = NULL;
	bool right = false;

	if (changes)
		changes->path = strdup(path);
	if (!changes || !changes->path) {
		snprintf(error, size, "out of memory");
		free(changes);
		return NULL;
	}
	from = state_file_open(path);
	if (!from && errno == ENOENT)
		return changes;
	if (!from) {
		snprintf(error, size, "%s: %s", path, strerror(errno));
	} else {
		right = read_file(changes, from);
		fclose(from);
		if (!right)
			snprintf(error, size,
				 "%s: not what this daemon wrote; move it away",
				 path);
	}
	if (right)
		return changes;
	changes_free(changes);
	return NULL;
}

void changes_free(struct changes *changes)
{
	if (!changes)
		return;
	/* Of each, one is 0. */
	changes->count += changes->cleared;
	changes->route_count += changes->cleared_routes;
	for (size_t i = 0; i < changes->count; i++)
		free(changes->items[i]);
	free_routes(changes->routes, changes->route_count);
	free(changes->items);
	free(changes->path);
	free(changes);
}
