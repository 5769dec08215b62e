// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A changed configuration is read from a tree that shares all but the way to what is
 * changed with that of the files.
 */
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "node.h"
#include "schema.h"

/* What is in a map or list becomes a copy, so that it can be changed. */
static bool own(struct config_tree *tree, struct config_node *node)
{
	const struct config_node *from = node->first;

	node->first = NULL;
	node->last = NULL;
	node->count = 0;
	for (; from; from = from->next) {
		struct config_node *copy =
			config_arena_alloc(tree->arena, sizeof(*copy));

		if (!copy)
			return false;
		*copy = *from;
		config_node_append(node, copy);
	}
	return true;
}

static bool is_text(const struct config_node *node, const char *text)
{
	return node && node->kind == CONFIG_TEXT &&
	       node->length == strlen(text) &&
	       memcmp(node->text, text, node->length) == 0;
}

static struct config_node *find_route(const struct config_node *routes,
				      const char *name)
{
	for (struct config_node *node = routes->first; node; node = node->next)
		if (node->kind == CONFIG_MAP &&
		    is_text(config_node_find(node, "name"), name))
			return node;
	return NULL;
}

static struct config_node *make(struct config_tree *tree,
				enum config_node_kind kind,
				struct config_place at)
{
	struct config_node *node =
		config_arena_alloc(tree->arena, sizeof(*node));

	if (!node)
		return NULL;
	node->kind = kind;
	node->at = at;
	return node;
}

/* The routes of a service as a list of its own, also where it had none, or one. */
static struct config_node *own_routes(struct config_tree *tree,
				      struct config_node *service)
{
	struct config_node *routes = config_node_find(service, "routes"), *one;

	if (routes && routes->kind == CONFIG_LIST)
		return own(tree, routes) ? routes : NULL;
	if (routes) {
		one = make(tree, CONFIG_LIST, routes->at);
		if (!one)
			return NULL;
		*one = *routes;
		*routes = (struct config_node){ .kind = CONFIG_LIST,
						.at = one->at,
						.key = one->key,
						.next = one->next };
		config_node_append(routes, one);
		return routes;
	}
	routes = make(tree, CONFIG_LIST, service->at);
	if (routes)
		routes->key = make(tree, CONFIG_TEXT, service->at);
	if (!routes || !routes->key)
		return NULL;
	routes->key->text = "routes";
	routes->key->length = strlen("routes");
	config_node_append(service, routes);
	return routes;
}

/* The same list without @out, and with @in before another one or at the end. */
static void exchange(struct config_node *routes, const struct config_node *out,
		     struct config_node *in, const struct config_node *before)
{
	struct config_node *node = routes->first, *next;

	routes->first = NULL;
	routes->last = NULL;
	routes->count = 0;
	for (; node; node = next) {
		next = node->next;
		if (in && node == before)
			config_node_append(routes, in);
		if (node != out)
			config_node_append(routes, node);
	}
	if (in && !before)
		config_node_append(routes, in);
}

static bool refuse(struct config_tree *tree, const struct config_node *route,
		   const struct config_route_change *change, const char *why)
{
	config_error_add(tree->errors, route->at, "services.%s.routes.%s: %s",
			 change->service, change->name, why);
	return false;
}

static bool give_name(struct config_tree *tree, struct config_node *route,
		      const struct config_route_change *change)
{
	struct config_node *name;

	if (route->kind != CONFIG_MAP)
		return refuse(
			tree, route, change,
			"not a map, as in {match: {host: www.example.com}, pool: web}");
	if (config_node_find(route, "name"))
		return refuse(
			tree, route, change,
			"has a name besides the one that is given; leave it out");
	name = make(tree, CONFIG_TEXT, route->at);
	if (name)
		name->key = make(tree, CONFIG_TEXT, route->at);
	if (!name || !name->key)
		return false;
	name->key->text = "name";
	name->key->length = strlen("name");
	name->text = config_arena_copy(tree->arena, change->name,
				       strlen(change->name));
	name->length = strlen(change->name);
	config_node_append(route, name);
	return name->text;
}

static bool change_route(struct config_tree *tree, struct config_node *routes,
			 const struct config_route_change *change)
{
	struct config_node *there = find_route(routes, change->name), *route;

	if (!change->text) {
		if (there)
			exchange(routes, there, NULL, NULL);
		return true;
	}
	if (there)
		return true;
	route = config_yaml_parse(tree, CONFIG_CHANGE_FILE, change->text,
				  strlen(change->text));
	if (!route || !give_name(tree, route, change))
		return false;
	exchange(routes, NULL, route,
		 change->before ? find_route(routes, change->before) : NULL);
	return true;
}

/* All changes of one service. Return: how many; 0 after an error. */
static size_t change_service(struct config_tree *tree,
			     const struct config_node *services,
			     const struct config_route_change *changes,
			     size_t count)
{
	struct config_node *service =
		config_node_find(services, changes->service);
	struct config_node *routes = NULL;
	size_t done = 0;

	if (service && service->kind == CONFIG_MAP && own(tree, service))
		routes = own_routes(tree, service);
	if (service && !routes)
		return 0;
	for (; done < count &&
	       strcmp(changes[done].service, changes->service) == 0;
	     done++)
		if (routes && !change_route(tree, routes, &changes[done]))
			return 0;
	return done;
}

static struct config_node *
change_tree(struct config_tree *tree, const struct config_node *root,
	    const struct config_route_change *changes, size_t count)
{
	struct config_node *copy = make(tree, CONFIG_MAP, root->at);
	struct config_node *services;

	if (!copy)
		return NULL;
	*copy = *root;
	if (!own(tree, copy))
		return NULL;
	services = config_node_find(copy, "services");
	if (!services || services->kind != CONFIG_MAP)
		return copy;
	if (!own(tree, services))
		return NULL;
	for (size_t i = 0, done; i < count; i += done) {
		done = change_service(tree, services, &changes[i], count - i);
		if (!done)
			return NULL;
	}
	return copy;
}

struct config *config_change(struct config *base,
			     const struct config_route_change *changes,
			     size_t count, struct config_errors *errors)
{
	struct config *config = calloc(1, sizeof(*config));
	struct config_tree tree = { .errors = errors };
	struct config_node *root = NULL;

	if (!config) {
		config_error_add(errors, base->at, "out of memory");
		return NULL;
	}
	tree.arena = &config->arena;
	config->base = config_get(base);
	if (base->root)
		root = change_tree(&tree, base->root, changes, count);
	if (!root && !config_errors_any(errors))
		config_error_add(errors, base->at, "out of memory");
	config_read(config, root, true, errors);
	return config;
}
