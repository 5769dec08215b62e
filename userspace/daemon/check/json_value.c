// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_value.h"
#include "run.h"

bool json_pointer_valid(const char *pointer)
{
	if (*pointer && *pointer != '/')
		return false;
	for (; *pointer; pointer++)
		if (*pointer == '~' && pointer[1] != '0' && pointer[1] != '1')
			return false;
	return true;
}

/* The name between two '/', without escapes; @to has room for all of @from. */
static const char *next_name(const char *from, char *to)
{
	for (; *from && *from != '/'; from++) {
		if (*from == '~')
			*to++ = *++from == '1' ? '/' : '~';
		else
			*to++ = *from;
	}
	*to = '\0';
	return from;
}

/* Digits without a zero before them: RFC 6901, 4. */
static const json_t *element(const json_t *array, const char *name)
{
	unsigned long i;
	char *end;

	if (*name < '0' || *name > '9' || (*name == '0' && name[1]))
		return NULL;
	errno = 0;
	i = strtoul(name, &end, 10);
	return *end || errno ? NULL : json_array_get(array, i);
}

static const json_t *find(const json_t *value, const char *pointer)
{
	char *name = malloc(strlen(pointer) + 1);

	if (!name)
		return NULL;
	while (value && *pointer == '/') {
		pointer = next_name(pointer + 1, name);
		if (json_is_array(value))
			value = element(value, name);
		else
			value = json_object_get(value, name);
	}
	free(name);
	return value;
}

static bool is_number(const json_t *value, const char *text)
{
	double real;
	char *end;

	if (json_is_integer(value)) {
		char number[24];

		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
		if (strcmp(number, text) == 0)
			return true;
	}
	real = strtod(text, &end);
	/* As near as both can be written down. */
	return *text && !*end && !(real < json_number_value(value)) &&
	       !(real > json_number_value(value));
}

static bool is_value(const json_t *value, const char *text)
{
	if (json_is_string(value))
		return json_string_length(value) == strlen(text) &&
		       memcmp(json_string_value(value), text, strlen(text)) ==
			       0;
	if (json_is_number(value))
		return is_number(value, text);
	if (json_is_boolean(value))
		return strcmp(text, json_is_true(value) ? "true" : "false") ==
		       0;
	return json_is_null(value) && strcmp(text, "null") == 0;
}

/* The value as it is shown. */
static void say(const json_t *value, const char *pointer, char *why,
		size_t size)
{
	char quote[CHECK_QUOTE_SIZE], where[CHECK_QUOTE_SIZE];
	char *text;

	check_quote(where, pointer, strlen(pointer));
	if (!value) {
		snprintf(why, size, "JSON has nothing at %s", where);
		return;
	}
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	snprintf(why, size, "JSON has %s at %s",
		 text ? check_quote(quote, text, strlen(text)) : "a value",
		 where);
	free(text);
}

bool json_value_match(const void *data, size_t length, const char *pointer,
		      const char *text, char *why, size_t size)
{
	const json_t *value;
	json_error_t error;
	json_t *root;
	bool match;

	root = json_loadb(data, length, JSON_DECODE_ANY, &error);
	if (!root) {
		char quote[CHECK_QUOTE_SIZE];

		snprintf(why, size, "not JSON, line %d: %s", error.line,
			 check_quote(quote, error.text, strlen(error.text)));
		return false;
	}
	value = find(root, pointer);
	match = value && (!text || is_value(value, text));
	if (!match)
		say(value, pointer, why, size);
	json_decref(root);
	return match;
}
