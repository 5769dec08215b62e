// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "log_line.h"
#include "utf8.h"

#define TIME_SIZE 40

/* Is written in place of what does not fit, and always fits. */
#define DOTS "..."
static const char truncated[] = " truncated=yes\n";
#define LINE_LIMIT (LOG_LINE_MAX - sizeof(truncated))

/* Fields of JSON are cut shorter and shorter until the line is short enough. */
#define LIMIT_MIN 16

static const char *const level_names[] = {
	[CONFIG_LOG_ERROR] = "error",
	[CONFIG_LOG_WARNING] = "warning",
	[CONFIG_LOG_INFO] = "info",
	[CONFIG_LOG_DEBUG] = "debug",
};

static void format_time(char text[TIME_SIZE], const struct timespec *time)
{
	struct tm tm;
	size_t used;

	gmtime_r(&time->tv_sec, &tm);
	used = strftime(text, TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + used, TIME_SIZE - used, ".%03ldZ",
		 time->tv_nsec / 1000000);
}

void log_line_add(struct log_line *line, const char *bytes, size_t length)
{
	if (length > sizeof(line->text) - line->length)
		return;
	memcpy(line->text + line->length, bytes, length);
	line->length += length;
}

static void add_text(struct log_line *line, const char *text)
{
	log_line_add(line, text, strlen(text));
}

/*
 * One character of @text in a form that no terminal and no reader of lines takes
 * for something else. Return: how many bytes of @text it was.
 */
static size_t escape(const char *text, bool quoted, char to[5])
{
	size_t length = utf8_length(text);
	/* C1 controls are two bytes in UTF-8. */
	bool c1 = length == 2 && text[0] == '\xc2' &&
		  (unsigned char)text[1] < 0xa0;

	if (length == 0 || c1 || (unsigned char)*text < ' ' || *text == 0x7f) {
		snprintf(to, 5, "\\x%02x", (unsigned char)*text);
		return 1;
	}
	if (*text == '\\' || (quoted && *text == '"')) {
		to[0] = '\\';
		to[1] = *text;
		to[2] = '\0';
		return 1;
	}
	memcpy(to, text, length);
	to[length] = '\0';
	return length;
}

/* Append up to byte @limit of the line. Return: whether all of it fitted. */
static bool add_escaped(struct log_line *line, const char *text, bool quoted,
			size_t limit)
{
	char next[5];

	while (*text) {
		size_t taken = escape(text, quoted, next);

		if (line->length + strlen(next) + strlen(DOTS) > limit) {
			add_text(line, DOTS);
			return false;
		}
		add_text(line, next);
		text += taken;
	}
	return true;
}

static bool is_plain(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._:/@+%,[]*#-";

	return *text && !text[strspn(text, plain)];
}

/* Return: false if the line has no room for it; then nothing of it is there. */
static bool add_field(struct log_line *line, const struct log_field *field)
{
	bool plain = is_plain(field->text);
	size_t before = line->length, limit;

	if (line->length + strlen(field->key) + strlen(" =\"\"" DOTS) >=
	    LINE_LIMIT)
		return false;
	add_text(line, " ");
	add_text(line, field->key);
	add_text(line, plain ? "=" : "=\"");
	limit = line->length + LOG_FIELD_MAX;
	if (!add_escaped(line, field->text, true,
			 limit < LINE_LIMIT ? limit : LINE_LIMIT - 1) &&
	    limit >= LINE_LIMIT) {
		line->length = before;
		return false;
	}
	if (!plain)
		add_text(line, "\"");
	return true;
}

static bool add_fields(struct log_line *line, const struct log_field *fields)
{
	bool all = true;

	for (; fields && fields->key; fields++)
		if (fields->text)
			all = add_field(line, fields) && all;
	return all;
}

void log_line_text(struct log_line *line, const struct log_message *message,
		   bool with_time)
{
	char time[TIME_SIZE];
	bool all;

	if (with_time) {
		format_time(time, &message->time);
		add_text(line, time);
		add_text(line, " ");
	}
	add_text(line, level_names[message->level]);
	add_text(line, " ");
	add_escaped(line, message->text, false, line->length + LOG_MESSAGE_MAX);
	/* What the log itself has to say is short, and is not left out. */
	all = add_fields(line, message->notes);
	all = add_fields(line, message->about) && all;
	add_text(line, all ? "\n" : truncated);
}

/* JSON has no bytes that are not UTF-8: those are written as in C. */
static json_t *json_text(const char *text, size_t limit, bool *cut)
{
	char buffer[LOG_MESSAGE_MAX + sizeof(DOTS)];
	size_t used = 0;

	while (*text) {
		size_t length = utf8_length(text);
		size_t size = length ? length : 4;

		if (used + size > limit) {
			used += (size_t)sprintf(buffer + used, DOTS);
			*cut = true;
			break;
		}
		if (length)
			memcpy(buffer + used, text, length);
		else
			snprintf(buffer + used, sizeof(buffer) - used,
				 "\\x%02x", (unsigned char)*text);
		used += size;
		text += length ? length : 1;
	}
	return json_stringn(buffer, used);
}

/* Names of the log's own come first, and stay. */
static int set_fields(json_t *object, const struct log_field *fields,
		      size_t limit, bool *cut)
{
	int err = 0;

	for (; fields && fields->key; fields++) {
		if (!fields->text || json_object_get(object, fields->key))
			continue;
		if (limit < LIMIT_MIN)
			*cut = true;
		else
			err |= json_object_set_new(object, fields->key,
						   json_text(fields->text,
							     limit, cut));
	}
	return err;
}

/* Return: an object whose texts are no longer than this, or NULL */
static json_t *json_message(const struct log_message *message, size_t limit)
{
	size_t field_limit = limit < LOG_FIELD_MAX ? limit : LOG_FIELD_MAX;
	json_t *object = json_object();
	char time[TIME_SIZE];
	bool cut = false;
	int err;

	format_time(time, &message->time);
	err = json_object_set_new(object, "time", json_string(time));
	err |= json_object_set_new(object, "level",
				   json_string(level_names[message->level]));
	err |= json_object_set_new(object, "message",
				   json_text(message->text, limit, &cut));
	err |= set_fields(object, message->notes, LOG_FIELD_MAX, &cut);
	err |= set_fields(object, message->about, field_limit, &cut);
	if (cut)
		err |= json_object_set_new(object, "truncated", json_true());
	if (!err)
		return object;
	json_decref(object);
	return NULL;
}

bool log_line_json(struct log_line *line, const struct log_message *message)
{
	size_t room = sizeof(line->text) - line->length - 1, size;
	size_t limit = LOG_MESSAGE_MAX;
	json_t *object;

	do {
		object = json_message(message, limit);
		if (!object)
			return false;
		size = json_dumpb(object, line->text + line->length, room,
				  JSON_COMPACT | JSON_ENSURE_ASCII);
		json_decref(object);
		limit /= 2;
	} while (size > room && limit);
	if (size == 0 || size > room)
		return false;
	line->length += size;
	add_text(line, "\n");
	return true;
}
