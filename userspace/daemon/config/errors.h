/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with a configuration, all of it, with its places. */
#ifndef CONFIG_ERRORS_H
#define CONFIG_ERRORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct config_node;

/* Errors that are kept with their texts; more are counted. */
#define CONFIG_ERRORS_MAX 100
/* Bytes of the text of one. */
#define CONFIG_ERROR_TEXT_MAX 1024

/**
 * struct config_place - where something is written
 * @file: name of the file, as it was found
 * @line: from 1; 0 for the file as a whole
 * @column: from 1
 * @written: the map that is there, for the places of its keys, or NULL
 * @flawed: the object that begins with this place has an error in it
 */
struct config_place {
	const char *file;
	unsigned int line;
	unsigned int column;
	const struct config_node *written;
	bool flawed;
};

/**
 * struct config_error - one error
 * @at: where
 * @text: what is wrong and what would be right, one line
 */
struct config_error {
	struct config_place at;
	char *text;
};

/**
 * struct config_errors - all errors; all zero is none
 * @list: those kept
 * @count: how many
 * @more: how many others there were
 *
 * The names of the files belong to the configuration: errors are to be printed
 * before that is freed.
 */
struct config_errors {
	struct config_error list[CONFIG_ERRORS_MAX];
	size_t count;
	size_t more;
};

/**
 * struct config_shown - bytes of a file in a form for one line of text
 * @text: without control characters, cut where it is long
 */
struct config_shown {
	char text[100];
};

/**
 * config_show() - make bytes fit for a line of text
 * @bytes: any, in UTF-8 where they are text
 * @length: how many
 *
 * Return: what to print of them.
 */
struct config_shown config_show(const char *bytes, size_t length);

/**
 * config_error_add() - note an error
 * @errors: where
 * @at: place
 * @format: of the text
 */
void config_error_add(struct config_errors *errors, struct config_place at,
		      const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * config_errors_merge() - note errors that were found apart
 * @errors: where; what it has already is not repeated
 * @from: what to add, none afterwards
 */
void config_errors_merge(struct config_errors *errors,
			 struct config_errors *from);

/**
 * config_errors_print() - write all errors, a line each, by file and place
 * @errors: sorted by this
 * @to: where
 */
void config_errors_print(struct config_errors *errors, FILE *to);

/**
 * config_errors_free() - forget all errors
 * @errors: none afterwards
 */
void config_errors_free(struct config_errors *errors);

/**
 * config_errors_full() - whether the text of another error would be lost
 * @errors: all errors
 *
 * Return: whether it would; nobody need search for what would be right then.
 */
static inline bool config_errors_full(const struct config_errors *errors)
{
	return errors->count == CONFIG_ERRORS_MAX;
}

/**
 * config_errors_number() - how many there are
 * @errors: all errors
 *
 * Return: all of them, also those whose texts are lost.
 */
static inline size_t config_errors_number(const struct config_errors *errors)
{
	return errors->count + errors->more;
}

/**
 * config_errors_any() - whether something is wrong
 * @errors: all errors
 *
 * Return: whether there is one.
 */
static inline bool config_errors_any(const struct config_errors *errors)
{
	return config_errors_number(errors);
}

#endif /* CONFIG_ERRORS_H */
