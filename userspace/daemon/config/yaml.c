// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * YAML to a tree. What makes YAML dangerous or surprising is refused: anchors
 * and aliases (a few bytes can stand for gigabytes), tags, keys that are no
 * text, keys that come twice, and more than one document.
 */
#include <string.h>
#include <yaml.h>

#include "node.h"

/**
 * struct builder - a tree while it is made
 * @tree: where to
 * @file: name of the file
 * @open: maps and lists that have not ended
 * @depth: how many
 * @keys: by depth, the key whose value comes next
 * @root: value of the document
 * @documents: how many have begun
 */
struct builder {
	struct config_tree *tree;
	const char *file;
	struct config_node *open[CONFIG_DEPTH_MAX];
	unsigned int depth;
	struct config_node *keys[CONFIG_DEPTH_MAX];
	struct config_node *root;
	unsigned int documents;
};

static struct config_place place_of(const struct builder *b, yaml_mark_t mark)
{
	struct config_place at = {
		.file = b->file,
		.line = (unsigned int)mark.line + 1,
		.column = (unsigned int)mark.column + 1,
	};

	return at;
}

/* The parser counts bytes up to what is no UTF-8, not lines. */
static struct config_place place_at(const struct builder *b, const char *text,
				    size_t offset)
{
	struct config_place at = { .file = b->file, .line = 1, .column = 1 };

	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			at.line++;
			at.column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			at.column++;
		}
	}
	return at;
}

static void refuse_syntax(const struct builder *b, const yaml_parser_t *parser,
			  const char *text, size_t length)
{
	const char *problem = parser->problem ? parser->problem : "unknown";
	struct config_errors *errors = b->tree->errors;
	size_t at = parser->problem_mark.index;

	switch (parser->error) {
	case YAML_MEMORY_ERROR:
		config_error_add(errors, place_of(b, parser->mark),
				 "out of memory");
		break;
	case YAML_READER_ERROR:
		config_error_add(
			errors,
			place_at(b, text,
				 parser->problem_offset < length ?
					 parser->problem_offset :
					 length),
			"not a text: %s; the file has to be UTF-8 without control characters",
			problem);
		break;
	default:
		/* Marks count characters, so this is a guess past ASCII. */
		config_error_add(errors, place_of(b, parser->problem_mark),
				 "not YAML: %s%s%s%s", problem,
				 parser->context ? " " : "",
				 parser->context ? parser->context : "",
				 at < length && text[at] == '\t' ?
					 "; indent by spaces, not by tabs" :
					 "");
	}
}

static struct config_node *add_node(struct builder *b,
				    const yaml_event_t *event,
				    enum config_node_kind kind)
{
	struct config_place at = place_of(b, event->start_mark);
	struct config_node *node;

	if (b->tree->nodes >= CONFIG_NODES_MAX) {
		config_error_add(b->tree->errors, at,
				 "more than %d values; that is the limit",
				 CONFIG_NODES_MAX);
		return NULL;
	}
	node = config_arena_alloc(b->tree->arena, sizeof(*node));
	if (!node) {
		config_error_add(b->tree->errors, at, "out of memory");
		return NULL;
	}
	b->tree->nodes++;
	node->kind = kind;
	node->at = at;
	return node;
}

/* Put a value where it belongs. */
static bool place_node(struct builder *b, struct config_node *node)
{
	struct config_node *into = b->depth ? b->open[b->depth - 1] : NULL;
	struct config_node **key = b->depth ? &b->keys[b->depth - 1] : NULL;

	if (!into) {
		b->root = node;
		return true;
	}
	if (into->kind == CONFIG_MAP && !*key) {
		if (node->kind != CONFIG_TEXT) {
			config_error_add(
				b->tree->errors, node->at,
				"a key that is a list or map; a key is a word");
			return false;
		}
		if (node->length == 2 && memcmp(node->text, "<<", 2) == 0) {
			config_error_add(
				b->tree->errors, node->at,
				"a merge (<<), which is not taken; write out what is meant");
			return false;
		}
		*key = node;
		return true;
	}
	if (into->kind == CONFIG_MAP) {
		node->key = *key;
		*key = NULL;
	}
	config_node_append(into, node);
	return true;
}

static bool is_empty(const yaml_event_t *event)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };
	const char *value = (const char *)event->data.scalar.value;

	if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(value, words[i]) == 0)
			return true;
	return false;
}

static bool add_text(struct builder *b, const yaml_event_t *event)
{
	size_t length = event->data.scalar.length;
	struct config_node *node;

	if (length > CONFIG_TEXT_MAX) {
		config_error_add(
			b->tree->errors, place_of(b, event->start_mark),
			"a text of more than %d bytes; that is the limit",
			CONFIG_TEXT_MAX);
		return false;
	}
	node = add_node(b, event, CONFIG_TEXT);
	if (!node)
		return false;
	node->text = config_arena_copy(
		b->tree->arena, (const char *)event->data.scalar.value, length);
	if (!node->text) {
		config_error_add(b->tree->errors, node->at, "out of memory");
		return false;
	}
	node->length = length;
	node->empty = is_empty(event);
	return place_node(b, node);
}

static bool open_node(struct builder *b, const yaml_event_t *event,
		      enum config_node_kind kind)
{
	struct config_node *node = add_node(b, event, kind);

	if (!node || !place_node(b, node))
		return false;
	if (b->depth == CONFIG_DEPTH_MAX) {
		config_error_add(
			b->tree->errors, node->at,
			"nested more than %d deep; nothing needs to be",
			CONFIG_DEPTH_MAX);
		return false;
	}
	b->keys[b->depth] = NULL;
	b->open[b->depth++] = node;
	return true;
}

static bool refuse_feature(const struct builder *b, const yaml_event_t *event,
			   const char *text)
{
	config_error_add(b->tree->errors, place_of(b, event->start_mark), "%s",
			 text);
	return false;
}

static bool has_property(const yaml_char_t *anchor, const yaml_char_t *tag,
			 const struct builder *b, const yaml_event_t *event)
{
	if (anchor)
		return !refuse_feature(
			b, event,
			"an anchor (&), which is not taken; name a pool, check or certificate to use it in many places");
	/* "!" is how the parser notes quotes that are wanted as such. */
	if (tag && strcmp((const char *)tag, "!") != 0)
		return !refuse_feature(
			b, event,
			"a tag (!), which is not taken; write the value alone");
	return false;
}

/* Which keys and numbers lead to the innermost open value, a dot behind them. */
static void write_path(const struct builder *b, char *to, size_t size)
{
	size_t used = 0;

	to[0] = '\0';
	for (unsigned int i = 1; i < b->depth && used < size; i++) {
		const struct config_node *outer = b->open[i - 1];
		const struct config_node *inner = b->open[i];
		const struct config_node *key = inner ? inner->key : NULL;
		int more;

		if (key)
			more = snprintf(
				to + used, size - used, "%s%s", used ? "." : "",
				config_show(key->text, key->length).text);
		else
			more = snprintf(to + used, size - used, "[%zu]",
					outer ? outer->count : 0);
		used += (size_t)more;
	}
	if (used && used < size)
		snprintf(to + used, size - used, ".");
}

static void end_map(struct builder *b)
{
	char path[512];

	write_path(b, path, sizeof(path));
	config_node_refuse_twins(b->tree, b->open[--b->depth], path);
}

static bool take_event(struct builder *b, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (b->documents++)
			return refuse_feature(
				b, event,
				"a second document (---); a file has one");
		return true;
	case YAML_ALIAS_EVENT:
		return refuse_feature(
			b, event,
			"an alias (*), which is not taken; name a pool, check or certificate to use it in many places");
	case YAML_SCALAR_EVENT:
		return !has_property(event->data.scalar.anchor,
				     event->data.scalar.tag, b, event) &&
		       add_text(b, event);
	case YAML_SEQUENCE_START_EVENT:
		return !has_property(event->data.sequence_start.anchor,
				     event->data.sequence_start.tag, b,
				     event) &&
		       open_node(b, event, CONFIG_LIST);
	case YAML_MAPPING_START_EVENT:
		return !has_property(event->data.mapping_start.anchor,
				     event->data.mapping_start.tag, b, event) &&
		       open_node(b, event, CONFIG_MAP);
	case YAML_SEQUENCE_END_EVENT:
		b->depth--;
		return true;
	case YAML_MAPPING_END_EVENT:
		end_map(b);
		return true;
	default:
		return true;
	}
}

struct config_node *config_yaml_parse(struct config_tree *tree,
				      const char *file, const char *text,
				      size_t length)
{
	struct builder b = { .tree = tree, .file = file };
	bool right = true, end = false;
	yaml_parser_t parser;
	yaml_event_t event;

	if (!yaml_parser_initialize(&parser)) {
		config_error_add(tree->errors,
				 (struct config_place){ .file = file },
				 "out of memory");
		return NULL;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text,
				     length);
	while (right && !end) {
		right = yaml_parser_parse(&parser, &event);
		if (!right) {
			refuse_syntax(&b, &parser, text, length);
			break;
		}
		right = take_event(&b, &event);
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (!right)
		return NULL;
	if (!b.root || b.root->empty) {
		config_error_add(
			tree->errors,
			((struct config_place){
				.file = file, .line = 1, .column = 1 }),
			"nothing in it; a configuration begins with 'version: 1'");
		return NULL;
	}
	return b.root;
}
