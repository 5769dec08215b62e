/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a message looks like, in one line. See log.h. */
#ifndef DAEMON_LOG_LINE_H
#define DAEMON_LOG_LINE_H

#include <stdbool.h>
#include <time.h>

#include "log.h"

/* A pipe takes so much whole or not at all (PIPE_BUF). */
#define LOG_LINE_MAX 4096
#define LOG_MESSAGE_MAX 2048
#define LOG_FIELD_MAX 1024

/**
 * struct log_line - a line that is made
 * @text: without a NUL
 * @length: bytes so far
 */
struct log_line {
	char text[LOG_LINE_MAX];
	size_t length;
};

/**
 * struct log_message - what is to be in it
 * @level: how important
 * @time: of the clock
 * @text: the message
 * @about: fields, ended by one without key, or NULL
 * @notes: more of them, of the log's own, or NULL
 */
struct log_message {
	enum config_log_level level;
	struct timespec time;
	const char *text;
	const struct log_field *about;
	const struct log_field *notes;
};

/**
 * log_line_add() - append bytes
 * @line: where
 * @bytes: any
 * @length: how many; what does not fit is left out
 */
void log_line_add(struct log_line *line, const char *bytes, size_t length);

/**
 * log_line_text() - append a message as text, and the end of the line
 * @line: where; at most LOG_MESSAGE_MAX bytes are in it
 * @message: what
 * @with_time: the time comes first
 */
void log_line_text(struct log_line *line, const struct log_message *message,
		   bool with_time);

/**
 * log_line_json() - append a message as an object of JSON, and the end of the line
 * @line: where; at most LOG_MESSAGE_MAX bytes are in it
 * @message: what
 *
 * Return: false if there is no memory for it
 */
bool log_line_json(struct log_line *line, const struct log_message *message);

#endif /* DAEMON_LOG_LINE_H */
