/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may stand in a configuration: for each key its kind, range, default and
 * meaning. These tables are the one source of what is accepted, of the JSON
 * schema for editors and of the manual page.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config.h"
#include "node.h"

struct config_reader;
struct schema_field;

/**
 * struct schema_kind - a kind of value
 * @name: for documents, as in "duration"
 * @form: what is right, for messages and documents, as in "a number"
 * @pattern: regular expression of the text for the JSON schema, or NULL
 * @json: type in the JSON schema besides text: "integer", "boolean" or NULL
 * @size: bytes of the value in memory
 * @read: reads a value to @to; false after it noted what is wrong
 */
struct schema_kind {
	const char *name;
	const char *form;
	const char *pattern;
	const char *json;
	size_t size;
	bool (*read)(struct config_reader *r, const struct config_node *node,
		     const struct schema_field *field, void *to);
};

/**
 * struct schema_word - one of the words that a key takes
 * @word: the word; NULL ends a list
 * @value: what is stored
 * @stratum: the lowest that can do it
 */
struct schema_word {
	const char *word;
	int value;
	enum config_stratum stratum;
};

/* How many values a key takes. */
enum schema_many {
	SCHEMA_ONE,
	/* One, or a list: an array of values and its length. */
	SCHEMA_LIST,
	/* A map of the same. */
	SCHEMA_MAP,
};

/**
 * struct schema_field - a key
 * @key: the key; NULL ends a list
 * @kind: of its value, or of each of its values
 * @many: how many values
 * @offset: where the value, or pointer and length of the array, is in the object
 * @required: it has to be there
 * @always: an object that is there with its defaults if it is not given
 * @stratum: the lowest that can do it
 * @min: of a number, duration (in milliseconds) or size
 * @max: the same, and bytes of a text, if not 0
 * @most: values of a list or map, if not 0
 * @initial: the default, as it would be written, or NULL
 * @words: for schema_word
 * @object: for schema_object
 * @only: bits of the values of the object's selector with which the key is
 *   there; 0: all
 * @number: for the kind
 * @doc: what it means
 */
struct schema_field {
	const char *key;
	const struct schema_kind *kind;
	enum schema_many many;
	size_t offset;
	bool required;
	bool always;
	enum config_stratum stratum;
	uint64_t min;
	uint64_t max;
	size_t most;
	const char *initial;
	const struct schema_word *words;
	const struct schema_object *object;
	uint32_t only;
	int number;
	const char *doc;
};

/**
 * struct schema_object - a map with certain keys
 * @name: for documents, as in "pool"
 * @doc: what it is
 * @size: bytes in memory; begins with a struct config_place
 * @name_offset: where its key or name goes, 0: nowhere
 * @need_offset: where struct config_need is, 0: it counts for what it is in
 * @fields: its keys
 * @scalar: the key that is meant where a text stands in place of the map, or
 *   NULL
 * @selector: key whose word says which others may be there, or NULL
 * @finish: looks at the whole, or NULL
 */
struct schema_object {
	const char *name;
	const char *doc;
	size_t size;
	size_t name_offset;
	size_t need_offset;
	const struct schema_field *fields;
	const char *scalar;
	const char *selector;
	void (*finish)(struct config_reader *r, void *object);
};

/* One step of the way to a value: a key, or a number in a list. */
struct schema_step {
	const char *key;
	size_t length;
	size_t index;
};

/**
 * struct config_reader - the state of reading
 * @config: what is filled
 * @errors: what is wrong
 * @need: where keys are noted that not every stratum can do
 * @steps: the way to what is read
 * @depth: how many steps
 */
struct config_reader {
	struct config *config;
	struct config_errors *errors;
	struct config_need *need;
	struct schema_step steps[CONFIG_DEPTH_MAX + 2];
	unsigned int depth;
};

/* kinds.c: what values look like */
extern const struct schema_kind schema_bool;
extern const struct schema_kind schema_number;
extern const struct schema_kind schema_duration;
extern const struct schema_kind schema_size;
extern const struct schema_kind schema_percent;
extern const struct schema_kind schema_word;
extern const struct schema_kind schema_text;
extern const struct schema_kind schema_bytes;
extern const struct schema_kind schema_name;
extern const struct schema_kind schema_path;
extern const struct schema_kind schema_pair;
extern const struct schema_kind schema_weighted;

/* kinds_http.c */
extern const struct schema_kind schema_regex;
extern const struct schema_kind schema_statuses;
extern const struct schema_kind schema_condition;
extern const struct schema_kind schema_token;
/* Of a field that the configuration may change, and one with its value. */
extern const struct schema_kind schema_field_name;
extern const struct schema_kind schema_change;
extern const struct schema_kind schema_url_path;

/* kinds_address.c */
extern const struct schema_kind schema_endpoint;
extern const struct schema_kind schema_resolver;
extern const struct schema_kind schema_target;
extern const struct schema_kind schema_source;
extern const struct schema_kind schema_address;

/* read.c: another map */
extern const struct schema_kind schema_object;

/* What begins everything, and what the parts of it are in. */
extern const struct schema_object schema_root;
extern const struct schema_object schema_settings;
extern const struct schema_object schema_certificate;
extern const struct schema_object schema_check;
extern const struct schema_object schema_pool;
extern const struct schema_object schema_service;
extern const struct schema_object schema_tls;
extern const struct schema_object schema_http;
extern const struct schema_object schema_route;
extern const struct schema_object schema_rewrite;

/**
 * schema_read() - read an object
 * @r: the reader
 * @object: what it is
 * @node: what is written, or NULL for the defaults alone
 * @at: its place for messages
 * @to: zeroed memory of its size
 */
void schema_read(struct config_reader *r, const struct schema_object *object,
		 const struct config_node *node, struct config_place at,
		 void *to);

/**
 * schema_field_lookup() - find a key in the table
 * @object: what has it
 * @key: the key
 *
 * Return: the key, or the end of the table, which has none.
 */
const struct schema_field *
schema_field_lookup(const struct schema_object *object, const char *key);

/**
 * schema_wrong() - note what is wrong with what is read
 * @r: knows which key that is
 * @at: place
 * @format: what is wrong, and what would be right
 *
 * Return: false.
 */
bool schema_wrong(struct config_reader *r, struct config_place at,
		  const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * schema_wrong_in() - the same about a key of the object that is read
 * @r: knows which object that is
 * @at: place
 * @key: the key, or NULL for the object itself
 * @format: what is wrong, and what would be right
 *
 * Return: false.
 */
bool schema_wrong_in(struct config_reader *r, struct config_place at,
		     const char *key, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * schema_missing() - note that a key is missing, unless it is there and wrong
 * @r: knows which object that is
 * @at: place of the object
 * @key: the key
 * @why: what would be right
 */
void schema_missing(struct config_reader *r, struct config_place at,
		    const char *key, const char *why);

/**
 * schema_list_words() - write the words that a key takes
 * @field: a key with words
 * @to: where; cut if they do not fit
 * @size: bytes there
 */
void schema_list_words(const struct schema_field *field, char *to, size_t size);

/**
 * schema_write_range() - write what is right of a time, size or percentage
 * @field: its key
 * @to: where, as in "1s to 1h"; cut if it does not fit
 * @size: bytes there
 *
 * Return: false of other kinds.
 */
bool schema_write_range(const struct schema_field *field, char *to,
			size_t size);

/**
 * schema_is_text() - whether a value is a text without NUL, of which there is
 * any
 * @r: gets the error if it is not
 * @node: the value
 * @field: its key
 *
 * Return: whether it is.
 */
bool schema_is_text(struct config_reader *r, const struct config_node *node,
		    const struct schema_field *field);

/**
 * schema_keep() - copy a text into the configuration
 * @r: the reader
 * @node: the value
 *
 * Return: the copy, or NULL after an error.
 */
char *schema_keep(struct config_reader *r, const struct config_node *node);

/**
 * schema_need() - note that not every stratum can do something
 * @r: the reader
 * @stratum: the lowest that can
 * @key: what it is
 */
void schema_need(struct config_reader *r, enum config_stratum stratum,
		 const char *key);

/**
 * schema_parse_number() - digits without a sign or a zero in front
 * @text: the text, ended by a NUL
 * @value: set
 *
 * Return: whether it is one.
 */
bool schema_parse_number(const char *text, uint64_t *value);

/* guess.c */
/**
 * config_guess() - which of some words was probably meant
 * @guess: NULL at first; set to @word if it is the best one so far
 * @distance: how far it is
 * @written: what is written
 * @word: one of the words
 */
void config_guess(const char **guess, unsigned int *distance,
		  const char *written, const char *word);

/* references.c */
/**
 * config_resolve_references() - join what refers to each other, and check it
 * @config: read, perhaps with errors
 * @errors: what is wrong
 */
void config_resolve_references(struct config *config,
			       struct config_errors *errors);

/**
 * config_read() - read a configuration from its tree (config.c)
 * @config: filled in
 * @root: the whole tree, NULL where it could not be read
 * @complete: nothing was left out of it
 * @errors: what is wrong
 */
void config_read(struct config *config, const struct config_node *root,
		 bool complete, struct config_errors *errors);

#endif /* CONFIG_SCHEMA_H */
