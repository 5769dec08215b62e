// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "json_schema.h"
#include "schema.h"

#define REFERENCE_MAX 80

static const char *const strata[CONFIG_STRATA] = {
	[CONFIG_FLOW] = "flow",
	[CONFIG_SNIFF] = "sniff",
	[CONFIG_RELAY] = "relay",
	[CONFIG_PROXY] = "proxy",
};

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
}

static void add_object(json_t *definitions, const struct schema_object *object);

static void set_stratum(json_t *schema, enum config_stratum stratum)
{
	if (stratum != CONFIG_FLOW)
		set_text(schema, "x-sluice-stratum", strata[stratum]);
}

static json_t *words_of(const struct schema_field *field)
{
	json_t *schema = json_object(), *words = json_array(),
	       *needs = json_object();

	for (const struct schema_word *word = field->words; word->word;
	     word++) {
		/* These are no texts in YAML. */
		if (strcmp(word->word, "true") == 0)
			json_array_append_new(words, json_true());
		else if (strcmp(word->word, "false") == 0)
			json_array_append_new(words, json_false());
		else
			json_array_append_new(words, json_string(word->word));
		if (word->stratum != CONFIG_FLOW)
			json_object_set_new(needs, word->word,
					    json_string(strata[word->stratum]));
	}
	json_object_set_new(schema, "enum", words);
	if (json_object_size(needs))
		json_object_set(schema, "x-sluice-word-strata", needs);
	json_decref(needs);
	return schema;
}

/* Text, and what it may be besides. */
static json_t *types_of(const struct schema_kind *kind)
{
	/* A number may be the text of a key, too, and needs no quotes. */
	if (kind == &schema_text || kind == &schema_pair ||
	    kind == &schema_change)
		return json_pack("[ss]", "string", "number");
	if (!kind->json)
		return json_string("string");
	if (kind == &schema_number || kind == &schema_weighted ||
	    kind == &schema_bool)
		return json_string(kind->json);
	return json_pack("[ss]", "string", kind->json);
}

static json_t *condition_schema(void)
{
	return json_pack(
		"{s: [{s: [ss]}, {s: s, s: b, s: i, s: {s: {s: b}, s: {s: s}, s: {s: s}}}]}",
		"anyOf", "type", "string", "integer", "type", "object",
		"additionalProperties", 0, "maxProperties", 1, "properties",
		"present", "const", 1, "prefix", "type", "string", "regex",
		"type", "string");
}

/* One value. */
static json_t *value_schema(json_t *definitions,
			    const struct schema_field *field)
{
	const struct schema_kind *kind = field->kind;
	char reference[REFERENCE_MAX];
	json_t *schema;

	if (field->object) {
		add_object(definitions, field->object);
		snprintf(reference, sizeof(reference), "#/$defs/%s",
			 field->object->name);
		schema = json_pack("{s: s}", "$ref", reference);
	} else if (field->words) {
		schema = words_of(field);
	} else if (kind == &schema_condition) {
		schema = condition_schema();
	} else {
		schema = json_object();
		json_object_set_new(schema, "type", types_of(kind));
		set_text(schema, "pattern", kind->pattern);
	}
	if (kind == &schema_number || kind == &schema_weighted) {
		json_object_set_new(schema, "minimum",
				    json_integer((json_int_t)field->min));
		json_object_set_new(schema, "maximum",
				    json_integer((json_int_t)field->max));
	} else if (kind->read == schema_text.read && field->max) {
		/* In bytes, of which no text has fewer than characters. */
		json_object_set_new(schema, "maxLength",
				    json_integer((json_int_t)field->max));
	}
	return schema;
}

/* Of a list, one value may stand for itself. */
static json_t *list_schema(json_t *one, const struct schema_field *field)
{
	json_t *list = json_pack("{s: s, s: O}", "type", "array", "items", one);

	if (field->most)
		json_object_set_new(list, "maxItems",
				    json_integer((json_int_t)field->most));
	return json_pack("{s: [oo]}", "anyOf", one, list);
}

static json_t *map_schema(json_t *one, const struct schema_field *field)
{
	json_t *map = json_pack("{s: s, s: o}", "type", "object",
				"additionalProperties", one);

	if (field->most)
		json_object_set_new(map, "maxProperties",
				    json_integer((json_int_t)field->most));
	if ((field->object && field->object->name_offset) ||
	    field->kind == &schema_weighted)
		json_object_set_new(map, "propertyNames",
				    json_pack("{s: s}", "pattern",
					      schema_name.pattern));
	return map;
}

/* A default is text as it would be written; of some kinds it is none in JSON. */
static json_t *default_of(const struct schema_field *field)
{
	uint64_t number;

	if (field->kind == &schema_bool)
		return json_boolean(strcmp(field->initial, "true") == 0);
	if (field->kind == &schema_number &&
	    schema_parse_number(field->initial, &number))
		return json_integer((json_int_t)number);
	return json_string(field->initial);
}

static void set_only(json_t *schema, const struct schema_object *object,
		     const struct schema_field *field)
{
	const struct schema_field *selector =
		schema_field_lookup(object, object->selector);
	json_t *words = json_array();

	for (const struct schema_word *word = selector->words; word->word;
	     word++)
		if (field->only >> word->value & 1)
			json_array_append_new(words, json_string(word->word));
	json_object_set_new(schema, "x-sluice-only", words);
}

static json_t *field_schema(json_t *definitions,
			    const struct schema_object *object,
			    const struct schema_field *field)
{
	json_t *schema = value_schema(definitions, field);
	char range[80];

	if (field->many == SCHEMA_LIST)
		schema = list_schema(schema, field);
	else if (field->many == SCHEMA_MAP)
		schema = map_schema(schema, field);
	set_text(schema, "description", field->doc);
	if (field->initial)
		json_object_set_new(schema, "default", default_of(field));
	set_text(schema, "x-sluice-form",
		 field->object || field->words ? NULL : field->kind->form);
	if (schema_write_range(field, range, sizeof(range)))
		set_text(schema, "x-sluice-range", range);
	set_stratum(schema, field->stratum);
	if (field->only)
		set_only(schema, object, field);
	return schema;
}

static json_t *object_schema(json_t *definitions,
			     const struct schema_object *object)
{
	json_t *properties = json_object(), *required = json_array(), *schema;

	for (const struct schema_field *field = object->fields; field->key;
	     field++) {
		json_object_set_new(properties, field->key,
				    field_schema(definitions, object, field));
		if (field->required)
			json_array_append_new(required,
					      json_string(field->key));
	}
	schema = json_pack("{s: s, s: b, s: o}", "type", "object",
			   "additionalProperties", 0, "properties", properties);
	if (json_array_size(required))
		json_object_set(schema, "required", required);
	json_decref(required);
	return schema;
}

/* Once for each object, however many keys have it. */
static void add_object(json_t *definitions, const struct schema_object *object)
{
	json_t *schema, *text;

	if (json_object_get(definitions, object->name))
		return;
	/* Takes the place, so that one that holds itself ends. */
	json_object_set_new(definitions, object->name, json_null());
	schema = object_schema(definitions, object);
	if (object->scalar) {
		text = json_pack("{s: s}", "type", "string");
		schema = json_pack("{s: [oo]}", "anyOf", schema, text);
		set_text(schema, "x-sluice-scalar", object->scalar);
	}
	set_text(schema, "description", object->doc);
	json_object_set_new(definitions, object->name, schema);
}

bool config_json_schema_print(FILE *to)
{
	json_t *definitions = json_object(), *root;
	bool right;

	root = object_schema(definitions, &schema_root);
	set_text(root, "$schema",
		 "https://json-schema.org/draft/2020-12/schema");
	set_text(root, "title", "Configuration of sluiced");
	set_text(
		root, "description",
		"Made by sluiced --schema from what it reads; see sluiced.yaml(5).");
	right = root && json_object_set(root, "$defs", definitions) == 0 &&
		json_dumpf(root, to, JSON_INDENT(2)) == 0 &&
		fputc('\n', to) != EOF;
	json_decref(definitions);
	json_decref(root);
	return right;
}
