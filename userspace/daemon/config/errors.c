// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"

/* Longest that is shown of a text, so that an escape and dots fit after it. */
#define SHOWN_MAX 80

struct config_shown config_show(const char *bytes, size_t length)
{
	struct config_shown shown = { "" };
	size_t used = 0, i;

	for (i = 0; i < length && used < SHOWN_MAX; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		/* C1 controls are two bytes in UTF-8. */
		bool c1 = byte == 0xc2 && i + 1 < length &&
			  ((unsigned char)bytes[i + 1] & 0xe0) == 0x80;

		if (byte < ' ' || byte == 0x7f || c1)
			used += (size_t)sprintf(shown.text + used, "\\x%02x",
						byte);
		else
			shown.text[used++] = (char)byte;
	}
	/* Not in the middle of a character. */
	for (unsigned int more = 0;
	     more < 3 && i < length && ((unsigned char)bytes[i] & 0xc0) == 0x80;
	     more++)
		shown.text[used++] = bytes[i++];
	if (i < length)
		memcpy(shown.text + used, "...", 4);
	return shown;
}

void config_error_add(struct config_errors *errors, struct config_place at,
		      const char *format, ...)
{
	struct config_error *error = &errors->list[errors->count];
	char text[CONFIG_ERROR_TEXT_MAX];
	va_list args;

	if (config_errors_full(errors)) {
		errors->more++;
		return;
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	error->at = at;
	error->text = strdup(text);
	if (error->text)
		errors->count++;
	else
		errors->more++;
}

static int compare(const void *a, const void *b)
{
	const struct config_error *x = a, *y = b;
	int files = strcmp(x->at.file, y->at.file);

	if (files)
		return files;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (x->at.column != y->at.column)
		return x->at.column < y->at.column ? -1 : 1;
	return strcmp(x->text, y->text);
}

static bool has(const struct config_errors *errors,
		const struct config_error *error)
{
	for (size_t i = 0; i < errors->count; i++)
		if (compare(&errors->list[i], error) == 0)
			return true;
	return false;
}

void config_errors_merge(struct config_errors *errors,
			 struct config_errors *from)
{
	for (size_t i = 0; i < from->count; i++)
		if (!has(errors, &from->list[i]))
			config_error_add(errors, from->list[i].at, "%s",
					 from->list[i].text);
	errors->more += from->more;
	config_errors_free(from);
}

void config_errors_print(struct config_errors *errors, FILE *to)
{
	qsort(errors->list, errors->count, sizeof(errors->list[0]), compare);
	for (size_t i = 0; i < errors->count; i++) {
		const struct config_error *error = &errors->list[i];

		if (error->at.line)
			fprintf(to, "%s:%u:%u: %s\n", error->at.file,
				error->at.line, error->at.column, error->text);
		else
			fprintf(to, "%s: %s\n", error->at.file, error->text);
	}
	if (errors->more)
		fprintf(to, "and %zu more\n", errors->more);
}

void config_errors_free(struct config_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		free(errors->list[i].text);
	errors->count = 0;
	errors->more = 0;
}
