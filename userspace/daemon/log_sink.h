/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where lines go. None of it waits for a reader. See log.h. */
#ifndef DAEMON_LOG_SINK_H
#define DAEMON_LOG_SINK_H

#include "log_line.h"

/* Where the syslog daemon listens. */
#define LOG_SYSLOG_PATH "/dev/log"

/* What log_sink_begin() writes, at most. */
#define LOG_HEADER_MAX 80

enum log_sink_kind {
	/* A descriptor that was there, and stays open. */
	LOG_SINK_STREAM,
	/* The same, and the journal is behind it. */
	LOG_SINK_JOURNAL,
	LOG_SINK_SYSLOG,
	LOG_SINK_FILE,
};

/**
 * struct log_sink - a destination
 * @kind: what it is
 * @fd: where to write, -1: nowhere
 * @own: @fd is closed with it
 * @wait: @fd would block: it is asked before
 * @socket: @fd is a socket
 * @cut: the last line was not written to its end
 * @path: of a file or socket
 */
struct log_sink {
	enum log_sink_kind kind;
	int fd;
	bool own;
	bool wait;
	bool socket;
	bool cut;
	char *path;
};

/**
 * log_sink_stream() - write to a descriptor that is open
 * @sink: filled in
 * @fd: stays the caller's
 */
void log_sink_stream(struct log_sink *sink, int fd);

/**
 * log_sink_file() - append to a file, which is made if it is not there
 * @sink: filled in
 * @path: of it
 *
 * Return: 0, or a negative errno: then it is not to be closed
 */
int log_sink_file(struct log_sink *sink, const char *path);

/**
 * log_sink_syslog() - write to the syslog daemon
 * @sink: filled in
 * @path: of its socket
 *
 * Return: as above
 */
int log_sink_syslog(struct log_sink *sink, const char *path);

/**
 * log_sink_close() - close it, if it is to be closed
 * @sink: open
 */
void log_sink_close(struct log_sink *sink);

/**
 * log_sink_begin() - what the destination wants in front of a message
 * @sink: where
 * @level: of the message
 * @time: of the clock
 * @line: empty; appended to
 *
 * Return: whether the destination knows the time by itself
 */
bool log_sink_begin(const struct log_sink *sink, enum config_log_level level,
		    const struct timespec *time, struct log_line *line);

/**
 * log_sink_write() - write a line
 * @sink: where
 * @line: with its end
 *
 * Return: whether it was taken, all of it
 */
bool log_sink_write(struct log_sink *sink, const struct log_line *line);

/**
 * log_sink_write_lines() - write lines that are not messages
 * @sink: where; syslog gets each by itself, at level info
 * @text: whole lines, each at most LOG_LINE_MAX - LOG_HEADER_MAX bytes with its end
 * @length: of all of them, not 0
 *
 * Return: how many of them were not taken, from the last on; 0: all were. Then errno
 * says why.
 */
size_t log_sink_write_lines(struct log_sink *sink, const char *text,
			    size_t length);

#endif /* DAEMON_LOG_SINK_H */
