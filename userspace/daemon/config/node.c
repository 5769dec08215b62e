// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "node.h"

void config_node_append(struct config_node *to, struct config_node *node)
{
	node->next = NULL;
	if (to->last)
		to->last->next = node;
	else
		to->first = node;
	to->last = node;
	to->count++;
}

struct config_node *config_node_find(const struct config_node *map,
				     const char *key)
{
	size_t length = strlen(key);

	for (struct config_node *node = map->first; node; node = node->next)
		if (node->key->length == length &&
		    memcmp(node->key->text, key, length) == 0)
			return node;
	return NULL;
}

static const struct config_node *find_written(struct config_place at,
					      const char *key)
{
	if (!at.written || at.written->kind != CONFIG_MAP || !key)
		return NULL;
	return config_node_find(at.written, key);
}

struct config_place config_place_of_key(struct config_place at, const char *key)
{
	const struct config_node *node = find_written(at, key);

	return node ? node->key->at : at;
}

bool config_is_written(struct config_place at, const char *key)
{
	return find_written(at, key);
}

/* A value and where it was in its map: sorting forgets that. */
struct place_in_map {
	struct config_node *node;
	size_t number;
};

static int compare_keys(const struct config_node *x,
			const struct config_node *y)
{
	size_t length = x->length < y->length ? x->length : y->length;
	int order = length ? memcmp(x->text, y->text, length) : 0;

	if (order || x->length == y->length)
		return order;
	return x->length < y->length ? -1 : 1;
}

static int compare(const void *a, const void *b)
{
	const struct place_in_map *x = a, *y = b;
	int order = compare_keys(x->node->key, y->node->key);

	if (order)
		return order;
	return x->number < y->number ? -1 : x->number > y->number;
}

static void refuse(struct config_tree *tree, const struct config_node *twin,
		   const struct config_node *first, const char *path)
{
	struct config_shown key =
		config_show(twin->key->text, twin->key->length);
	const struct config_place *at = &first->key->at;

	config_error_add(tree->errors, twin->key->at,
			 "%s%s: given twice, first at %s:%u:%u; give it once",
			 path, key.text, at->file, at->line, at->column);
}

void config_node_refuse_twins(struct config_tree *tree, struct config_node *map,
			      const char *path)
{
	size_t count = map->count, number = 0, first = 0;
	struct config_node *node, *next;
	struct place_in_map *sorted;
	bool any = false;

	if (count < 2)
		return;
	sorted = calloc(count, sizeof(*sorted));
	if (!sorted) {
		config_error_add(tree->errors, map->at, "out of memory");
		return;
	}
	for (node = map->first; node; node = node->next) {
		sorted[number].node = node;
		sorted[number].number = number;
		number++;
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 1; i < count; i++) {
		if (compare_keys(sorted[i].node->key,
				 sorted[first].node->key) != 0) {
			first = i;
			continue;
		}
		refuse(tree, sorted[i].node, sorted[first].node, path);
		/* Found again below by what it has no more. */
		sorted[i].node->key = NULL;
		any = true;
	}
	free(sorted);
	if (!any)
		return;
	node = map->first;
	map->first = NULL;
	map->last = NULL;
	map->count = 0;
	for (; node; node = next) {
		next = node->next;
		if (node->key)
			config_node_append(map, node);
	}
}
