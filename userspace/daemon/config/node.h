/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files say, before it is known what it means: a tree with places. */
#ifndef CONFIG_NODE_H
#define CONFIG_NODE_H

#include "arena.h"
#include "errors.h"

/* Nested maps and lists. */
#define CONFIG_DEPTH_MAX 24
/* Values in all files together. */
#define CONFIG_NODES_MAX 1000000
/* Bytes of one text. */
#define CONFIG_TEXT_MAX 65536

enum config_node_kind {
	CONFIG_TEXT,
	CONFIG_LIST,
	CONFIG_MAP,
};

/**
 * struct config_node - a value
 * @kind: what it is
 * @empty: a text that is not there: nothing, ~ or null without quotes
 * @at: where it begins
 * @text: of a text, in UTF-8 with a NUL behind it; may have NULs in it
 * @length: of @text in bytes
 * @first: first item of a list, or first value of a map
 * @last: last of them
 * @count: how many there are
 * @key: in a map, the key of this value
 * @next: next item, or next value
 */
struct config_node {
	enum config_node_kind kind;
	bool empty;
	struct config_place at;
	const char *text;
	size_t length;
	struct config_node *first;
	struct config_node *last;
	size_t count;
	struct config_node *key;
	struct config_node *next;
};

/**
 * struct config_tree - all values of all files
 * @arena: their memory
 * @nodes: how many there are
 * @errors: where errors go
 */
struct config_tree {
	struct config_arena *arena;
	size_t nodes;
	struct config_errors *errors;
};

/**
 * config_yaml_parse() - make a tree of a text
 * @tree: counts, and gets errors
 * @file: name of the file, kept by the caller
 * @text: what it holds
 * @length: how many bytes
 *
 * Return: the value of the document, or NULL after an error was noted.
 */
struct config_node *config_yaml_parse(struct config_tree *tree,
				      const char *file, const char *text,
				      size_t length);

/**
 * config_node_append() - put a value at the end of a list or map
 * @to: the list or map
 * @node: the value, with its key
 */
void config_node_append(struct config_node *to, struct config_node *node);

/**
 * config_node_find() - look a key up
 * @map: a map
 * @key: the key
 *
 * Return: its value, or NULL.
 */
struct config_node *config_node_find(const struct config_node *map,
				     const char *key);

/**
 * config_place_of_key() - where a key of an object is written
 * @at: place of the object
 * @key: the key, or NULL
 *
 * Return: the place of the key, that of the object if it is not there.
 */
struct config_place config_place_of_key(struct config_place at,
					const char *key);

/**
 * config_is_written() - whether an object has a key, even with a wrong value
 * @at: place of the object
 * @key: the key
 *
 * Return: whether it has.
 */
bool config_is_written(struct config_place at, const char *key);

/**
 * config_node_refuse_twins() - note keys that a map has twice
 * @tree: gets the errors
 * @map: the map; the later ones are taken out of it
 * @path: what comes before the key in the text: nothing, or ends with a dot
 */
void config_node_refuse_twins(struct config_tree *tree, struct config_node *map,
			      const char *path);

#endif /* CONFIG_NODE_H */
