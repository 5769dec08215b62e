/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's own messages: a line each, with what it is about in fields, to
 * standard output, syslog or a file. Whoever reads them may trust a line to be one
 * message: what comes from outside is escaped.
 *
 * Writing never waits for a reader. What a destination does not take, and what
 * comes too often, is left out, counted, and said later.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "config/settings.h"

/**
 * struct log_field - one thing that a message is about
 * @key: a word, as "pool"; NULL ends an array
 * @text: any bytes; NULL: the field is left out
 */
struct log_field {
	const char *key;
	const char *text;
};

/**
 * struct log_counts - what became of messages so far
 * @written: by enum config_log_level
 * @left_out: those that came too often
 * @lost: those that the destination did not take
 */
struct log_counts {
	uint64_t written[CONFIG_LOG_DEBUG + 1];
	uint64_t left_out;
	uint64_t lost;
};

/**
 * log_open() - send messages where the configuration says, from now on
 * @config: where to, in which form, and which
 * @error: what is wrong, if something is: one line
 * @size: room there
 *
 * Also at a reload: the new destination is open before the old one is closed. A
 * file is made by the user who the daemon is by then, and has to be opened again by
 * the same: privileges_drop() comes before. Before the first call messages of level
 * info and above go to standard error, as text.
 *
 * Return: 0, or a negative errno: then messages go where they went
 */
int log_open(const struct config_logging *config, char *error, size_t size);

/**
 * log_reopen() - open the file anew, as it may have been moved away
 *
 * If that fails, messages go where they went, and the first says so.
 */
void log_reopen(void);

/**
 * log_write() - write a message
 * @level: how important it is
 * @about: fields, ended by one without key; NULL: none
 * @format: of the message. Texts from outside belong into fields, where their
 *	bounds can be seen.
 *
 * A message is cut at 2048 bytes, the text of a field at 1024, a line at 4096.
 *
 * Context: any thread, no signal handler
 */
void log_write(enum config_log_level level, const struct log_field *about,
	       const char *format, ...) __attribute__((format(printf, 3, 4)));

#define log_error(about, ...) log_write(CONFIG_LOG_ERROR, about, __VA_ARGS__)
#define log_warning(about, ...) \
	log_write(CONFIG_LOG_WARNING, about, __VA_ARGS__)
#define log_info(about, ...) log_write(CONFIG_LOG_INFO, about, __VA_ARGS__)
#define log_debug(about, ...) log_write(CONFIG_LOG_DEBUG, about, __VA_ARGS__)

/**
 * log_lines() - write lines that are not messages, as those of an access log
 * @text: whole lines, as log_sink_write_lines() takes them
 * @length: of all of them, not 0
 *
 * They go where messages go, as they are, without levels and limits. What is lost
 * of them counts as messages do.
 *
 * Context: as log_write()
 *
 * Return: how many of them were not taken
 */
size_t log_lines(const char *text, size_t length);

/**
 * log_counts() - read the counters
 *
 * Context: any thread
 *
 * Return: a copy
 */
struct log_counts log_counts(void);

/**
 * log_close() - say what is still to be said, and close the destination
 *
 * Messages after it go to standard error again.
 */
void log_close(void);

#endif /* DAEMON_LOG_H */
