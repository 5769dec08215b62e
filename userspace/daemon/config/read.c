// SPDX-License-Identifier: GPL-2.0-or-later
/* From a tree to structs, as the tables of the schema say. */
#include <stdarg.h>
#include <string.h>

#include "schema.h"

/* Keys of one object. */
#define FIELDS_MAX 64

static void write_path(const struct config_reader *r, const char *key, char *to,
		       size_t size)
{
	size_t used = 0;

	to[0] = '\0';
	for (unsigned int i = 0; i < r->depth && used < size; i++) {
		const struct schema_step *step = &r->steps[i];
		int more;

		if (step->key)
			more = snprintf(
				to + used, size - used, "%s%s", used ? "." : "",
				config_show(step->key, step->length).text);
		else
			more = snprintf(to + used, size - used, "[%zu]",
					step->index + 1);
		used += (size_t)more;
	}
	if (key && used < size)
		snprintf(to + used, size - used, "%s%s", used ? "." : "", key);
}

static void note(struct config_reader *r, struct config_place at,
		 const char *key, const char *format, va_list args)
{
	char path[512], text[CONFIG_ERROR_TEXT_MAX];

	if (config_errors_full(r->errors)) {
		r->errors->more++;
		return;
	}
	write_path(r, key, path, sizeof(path));
	vsnprintf(text, sizeof(text), format, args);
	config_error_add(r->errors, at, "%s%s%s", path, path[0] ? ": " : "",
			 text);
}

bool schema_wrong(struct config_reader *r, struct config_place at,
		  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(r, at, NULL, format, args);
	va_end(args);
	return false;
}

bool schema_wrong_in(struct config_reader *r, struct config_place at,
		     const char *key, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(r, config_place_of_key(at, key), key, format, args);
	va_end(args);
	return false;
}

void schema_missing(struct config_reader *r, struct config_place at,
		    const char *key, const char *why)
{
	if (!config_is_written(at, key))
		schema_wrong_in(r, at, key, "missing; %s", why);
}

static bool no_memory(struct config_reader *r, struct config_place at)
{
	return schema_wrong(r, at, "out of memory");
}

static void step_in(struct config_reader *r, const struct config_node *key,
		    size_t index)
{
	struct schema_step *step = &r->steps[r->depth++];

	step->key = key ? key->text : NULL;
	step->length = key ? key->length : 0;
	step->index = index;
}

void schema_need(struct config_reader *r, enum config_stratum stratum,
		 const char *key)
{
	if (!r->need || stratum <= r->need->stratum)
		return;
	r->need->stratum = stratum;
	r->need->key = key;
}

char *schema_keep(struct config_reader *r, const struct config_node *node)
{
	char *copy =
		config_arena_copy(&r->config->arena, node->text, node->length);

	if (!copy)
		no_memory(r, node->at);
	return copy;
}

/* Names of objects: of pools, services, routes and all others. */
static bool read_name(struct config_reader *r, const struct config_node *key,
		      char **to)
{
	static const struct schema_field field = {
		.key = "name",
		.kind = &schema_name,
	};

	return field.kind->read(r, key, &field, to);
}

/* One item of a list or map, to its place in the array. */
static bool read_item(struct config_reader *r, const struct schema_field *field,
		      const struct config_node *node, size_t index, void *to)
{
	const struct schema_object *object = field->object;
	bool named = field->many == SCHEMA_MAP;
	bool right = true;

	step_in(r, named ? node->key : NULL, index);
	if (object && named && object->name_offset)
		right = read_name(
			r, node->key,
			(char **)(void *)((char *)to + object->name_offset));
	if (object)
		schema_read(r, object, node, named ? node->key->at : node->at,
			    to);
	else
		right = field->kind->read(r, node, field, to);
	r->depth--;
	return right;
}

static bool has_shape(struct config_reader *r, const struct schema_field *field,
		      const struct config_node *node)
{
	if (field->many == SCHEMA_MAP && node->kind != CONFIG_MAP)
		return schema_wrong(
			r, node->at,
			"not a map; write 'name: value' lines below it");
	if (node->empty)
		return schema_wrong(
			r, node->at,
			"no value; give some, or leave the key out");
	if (field->most && node->count > field->most)
		return schema_wrong(r, node->at, "%zu of them; at most %zu",
				    node->count, field->most);
	return true;
}

static void read_array(struct config_reader *r,
		       const struct schema_field *field,
		       const struct config_node *node, void *to)
{
	size_t size = field->object ? field->object->size : field->kind->size;
	/* One value in place of a list of one. */
	bool alone = field->many == SCHEMA_LIST && node->kind != CONFIG_LIST;
	const struct config_node *item = alone ? node : node->first;
	size_t count = alone ? 1 : node->count, index = 0, taken = 0;
	char *items;

	if (!has_shape(r, field, node))
		return;
	items = config_arena_alloc(&r->config->arena, (count + !count) * size);
	if (!items) {
		no_memory(r, node->at);
		return;
	}
	for (; index < count; index++, item = alone ? NULL : item->next)
		/* What is wrong leaves no gap behind. */
		if (read_item(r, field, item, index, items + taken * size))
			taken++;
		else
			memset(items + taken * size, 0, size);
	memcpy(to, &items, sizeof(items));
	memcpy((char *)to + sizeof(items), &taken, sizeof(taken));
}

static void read_nested(struct config_reader *r,
			const struct schema_field *field,
			const struct config_node *node, struct config_place at,
			void *to)
{
	void *object =
		config_arena_alloc(&r->config->arena, field->object->size);

	if (!object) {
		no_memory(r, at);
		return;
	}
	schema_read(r, field->object, node, at, object);
	memcpy(to, &object, sizeof(object));
}

/* What is switched off needs nothing. */
static bool is_off(const struct schema_field *field,
		   const struct config_node *node)
{
	return field->kind == &schema_bool && node->kind == CONFIG_TEXT &&
	       strcmp(node->text, "false") == 0;
}

static void read_field(struct config_reader *r,
		       const struct schema_field *field,
		       const struct config_node *node, void *object)
{
	void *to = (char *)object + field->offset;

	step_in(r, node->key, 0);
	if (!node->key) {
		/* A text in place of a map. */
		r->steps[r->depth - 1].key = field->key;
		r->steps[r->depth - 1].length = strlen(field->key);
	}
	if (!is_off(field, node))
		schema_need(r, field->stratum, field->key);
	if (field->many != SCHEMA_ONE)
		read_array(r, field, node, to);
	else if (field->object)
		read_nested(r, field, node,
			    node->key ? node->key->at : node->at, to);
	else
		field->kind->read(r, node, field, to);
	r->depth--;
}

/* What was not written. */
static void read_default(struct config_reader *r,
			 const struct schema_field *field,
			 struct config_place at, void *object)
{
	struct config_node node = {
		.kind = CONFIG_TEXT,
		.at = at,
		.text = field->initial,
	};
	struct config_node key = {
		.kind = CONFIG_TEXT,
		.at = at,
		.text = field->key,
		.length = strlen(field->key),
	};

	if (field->always) {
		step_in(r, &key, 0);
		read_nested(r, field, NULL, at, (char *)object + field->offset);
		r->depth--;
	} else if (field->initial) {
		struct config_need *need = r->need;

		node.length = strlen(field->initial);
		node.key = &key;
		r->need = NULL;
		read_field(r, field, &node, object);
		r->need = need;
	}
}

static void refuse_key(struct config_reader *r, const struct config_node *key,
		       const struct schema_object *object)
{
	const char *guess = NULL;
	unsigned int distance = 0;
	char keys[400] = "";
	size_t used = 0;

	for (const struct schema_field *field = object->fields;
	     field->key && !config_errors_full(r->errors); field++)
		config_guess(&guess, &distance, key->text, field->key);
	step_in(r, key, 0);
	if (guess) {
		schema_wrong(r, key->at,
			     "not a key of a %s; did you mean '%s'?",
			     object->name, guess);
		r->depth--;
		return;
	}
	for (const struct schema_field *field = object->fields;
	     field->key && used < sizeof(keys); field++)
		used += (size_t)snprintf(keys + used, sizeof(keys) - used,
					 "%s%s", used ? ", " : "", field->key);
	schema_wrong(r, key->at, "not a key of a %s; there are %s",
		     object->name, keys);
	r->depth--;
}

const struct schema_field *
schema_field_lookup(const struct schema_object *object, const char *key)
{
	const struct schema_field *field = object->fields;

	while (field->key && strcmp(field->key, key) != 0)
		field++;
	return field;
}

/* A key with a NUL in it is none. */
static const struct schema_field *find_field(const struct schema_object *object,
					     const struct config_node *key)
{
	const struct schema_field *field =
		schema_field_lookup(object, key->text);

	while (field->key && strlen(field->key) != key->length)
		field++;
	return field;
}

static const char *selected_word(const struct schema_field *selector, int value)
{
	for (const struct schema_word *word = selector->words; word->word;
	     word++)
		if (word->value == value)
			return word->word;
	return "";
}

/* Keys that the word of the selector has no use for. */
static void check_selected(struct config_reader *r,
			   const struct schema_object *object,
			   const struct config_node *node, const void *to)
{
	const struct schema_field *selector, *field;
	int value;

	selector = schema_field_lookup(object, object->selector);
	if (!config_node_find(node, selector->key))
		return;
	memcpy(&value, (const char *)to + selector->offset, sizeof(value));
	if (value < 0)
		return;
	for (const struct config_node *child = node->first; child;
	     child = child->next) {
		field = find_field(object, child->key);
		if (field->key && field->only && !(field->only >> value & 1))
			schema_wrong_in(r, child->key->at, field->key,
					"of no use with %s '%s'; leave it out",
					selector->key,
					selected_word(selector, value));
	}
}

static uint64_t read_map(struct config_reader *r,
			 const struct schema_object *object,
			 const struct config_node *node, void *to)
{
	const struct schema_field *field;
	const struct config_node *child;
	uint64_t given = 0;

	for (child = node->first; child; child = child->next) {
		field = find_field(object, child->key);
		if (!field->key) {
			refuse_key(r, child->key, object);
			continue;
		}
		given |= UINT64_C(1) << (field - object->fields);
		read_field(r, field, child, to);
	}
	return given;
}

/* The keys of an object that were written. */
static uint64_t read_written(struct config_reader *r,
			     const struct schema_object *object,
			     const struct config_node *node, void *to)
{
	const struct schema_field *field;
	struct config_node text;

	if (node->kind == CONFIG_MAP)
		return read_map(r, object, node, to);
	if (node->kind != CONFIG_TEXT || !object->scalar || node->empty) {
		schema_wrong(r, node->at,
			     "not a map; write the keys of a %s below it",
			     object->name);
		/* What is missing goes without saying. */
		return UINT64_MAX;
	}
	field = schema_field_lookup(object, object->scalar);
	text = *node;
	text.key = NULL;
	read_field(r, field, &text, to);
	return UINT64_C(1) << (field - object->fields);
}

static void refuse_missing(struct config_reader *r,
			   const struct schema_field *field,
			   struct config_place at)
{
	char right[400] = "its keys";

	if (field->words) {
		memcpy(right, "one of ", sizeof("one of "));
		schema_list_words(field, right + strlen(right),
				  sizeof(right) - strlen(right));
	} else if (!field->object) {
		snprintf(right, sizeof(right), "%s", field->kind->form);
	}
	schema_wrong_in(r, at, field->key, "missing; give %s", right);
}

void schema_read(struct config_reader *r, const struct schema_object *object,
		 const struct config_node *node, struct config_place at,
		 void *to)
{
	size_t before = config_errors_number(r->errors);
	struct config_need *need = r->need;
	uint64_t given = 0;

	at.written = node;
	at.flawed = false;
	memcpy(to, &at, sizeof(at));
	if (object->need_offset)
		r->need = (struct config_need *)(void *)((char *)to +
							 object->need_offset);
	if (node)
		given = read_written(r, object, node, to);
	for (size_t i = 0; i < FIELDS_MAX && object->fields[i].key; i++) {
		const struct schema_field *field = &object->fields[i];

		if (given >> i & 1)
			continue;
		if (field->required)
			refuse_missing(r, field, at);
		else
			read_default(r, field, at, to);
	}
	if (object->finish && given != UINT64_MAX)
		object->finish(r, to);
	if (object->selector && node && node->kind == CONFIG_MAP)
		check_selected(r, object, node, to);
	r->need = need;
	at.flawed = config_errors_number(r->errors) != before;
	memcpy(to, &at, sizeof(at));
}

/* Fields with an object are read above: this only says what they are called. */
const struct schema_kind schema_object = {
	.name = "map",
	.form = "its keys",
};
