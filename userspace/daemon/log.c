// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "log_limit.h"
#include "log_line.h"
#include "log_sink.h"

/*
 * The log of the process. The lock protects all of it; it is held while a line is
 * written, which waits for nobody.
 */
static struct {
	pthread_mutex_t lock;
	struct log_sink sink;
	bool ready;
	bool json;
	int level;
	struct log_limit limit;
	struct log_counts counts;
	/* Lost since the last line that was taken. */
	uint64_t lost;
} state = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.level = CONFIG_LOG_INFO,
};

static int refuse(char *error, size_t size, int err, const char *key,
		  const char *path, const char *right)
{
	snprintf(error, size, "settings.log%s: %s: %s; %s", key, path,
		 strerror(-err), right);
	return err;
}

static int open_sink(struct log_sink *sink, const struct config_logging *config,
		     char *error, size_t size)
{
	int err = 0;

	switch ((enum config_log)config->to) {
	case CONFIG_LOG_STDOUT:
		log_sink_stream(sink, STDOUT_FILENO);
		break;
	case CONFIG_LOG_SYSLOG:
		err = log_sink_syslog(sink, LOG_SYSLOG_PATH);
		if (err)
			return refuse(error, size, err, ".to", LOG_SYSLOG_PATH,
				      "start a syslog daemon, or use 'stdout'");
		break;
	case CONFIG_LOG_FILE:
		err = log_sink_file(sink, config->file);
		if (err)
			return refuse(
				error, size, err, ".file", config->file,
				"a file that the daemon's user may write to is expected");
		break;
	}
	return 0;
}

int log_open(const struct config_logging *config, char *error, size_t size)
{
	struct log_sink sink;
	int err = open_sink(&sink, config, error, size);

	if (err)
		return err;
	pthread_mutex_lock(&state.lock);
	if (state.ready)
		log_sink_close(&state.sink);
	state.sink = sink;
	state.ready = true;
	state.json = config->format == CONFIG_LOG_JSON;
	state.level = config->level;
	pthread_mutex_unlock(&state.lock);
	return 0;
}

static struct timespec clock_time(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time;
}

/* FNV-1a; with its end, so that texts that follow each other have bounds. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	while (*text++);
	return hash;
}

static uint64_t hash_message(const struct log_message *message)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ message->level;
	const struct log_field *field = message->about;

	hash = hash_text(hash, message->text);
	for (; field && field->key; field++) {
		hash = hash_text(hash, field->key);
		hash = hash_text(hash, field->text ? field->text : "");
	}
	return hash;
}

/* Before the first configuration messages go to standard error. The lock is held. */
static void begin(void)
{
	if (!state.ready)
		log_sink_stream(&state.sink, STDERR_FILENO);
	state.ready = true;
}

/* Make the line and write it. The lock is held. */
static bool write_line(const struct log_message *message)
{
	struct log_line line = { .length = 0 };
	bool knows_time;

	begin();
	knows_time = log_sink_begin(&state.sink, message->level, &message->time,
				    &line);
	if (!state.json)
		log_line_text(&line, message, !knows_time);
	else if (!log_line_json(&line, message))
		return false;
	return log_sink_write(&state.sink, &line);
}

/* A message of the log's own. The lock is held. */
static bool write_note(uint64_t count, const char *what,
		       const struct timespec *time)
{
	struct log_message message = { .level = CONFIG_LOG_WARNING,
				       .time = *time };
	char text[128];

	snprintf(text, sizeof(text), "%" PRIu64 " messages were %s", count,
		 what);
	message.text = text;
	return write_line(&message);
}

/* Say what is missing so far, before what comes next. The lock is held. */
static void write_notes(const struct timespec *time)
{
	uint64_t too_many = state.limit.too_many;

	if (state.lost &&
	    write_note(state.lost, "lost here, as they were not taken in time",
		       time))
		state.lost = 0;
	if (too_many && !state.lost &&
	    write_note(too_many, "left out here, as there were too many", time))
		log_limit_too_many(&state.limit);
}

/* The lock is held. */
static void count_and_write(struct log_message message)
{
	struct timespec now = clock_time(CLOCK_MONOTONIC);
	char repeated[24];
	struct log_field notes[] = {
		{ "repeated", NULL },
		{ "repeats", NULL },
		{ .key = NULL },
	};
	struct log_verdict verdict;

	verdict = log_limit_judge(
		&state.limit, message.level, hash_message(&message),
		(uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec);
	if (!verdict.write) {
		state.counts.left_out++;
		return;
	}
	if (verdict.repeated) {
		snprintf(repeated, sizeof(repeated), "%" PRIu64,
			 verdict.repeated);
		notes[0].text = repeated;
	}
	if (verdict.last)
		notes[1].text = "left-out-for-30s";
	message.notes = notes;
	write_notes(&message.time);
	/* Nothing comes between what was lost and the note of it. */
	if (!state.lost && write_line(&message)) {
		state.counts.written[message.level]++;
		return;
	}
	state.lost++;
	state.counts.lost++;
}

void log_write(enum config_log_level level, const struct log_field *about,
	       const char *format, ...)
{
	/* Longer than what is written, so that a cut is seen there. */
	char text[LOG_MESSAGE_MAX + 8];
	struct log_message message = { .level = level,
				       .text = text,
				       .about = about };
	va_list args;

	pthread_mutex_lock(&state.lock);
	if ((int)level <= state.level) {
		va_start(args, format);
		vsnprintf(text, sizeof(text), format, args);
		va_end(args);
		message.time = clock_time(CLOCK_REALTIME);
		count_and_write(message);
	}
	pthread_mutex_unlock(&state.lock);
}

size_t log_lines(const char *text, size_t length)
{
	struct timespec time;
	size_t lost = 0;

	pthread_mutex_lock(&state.lock);
	begin();
	if (state.lost) {
		time = clock_time(CLOCK_REALTIME);
		write_notes(&time);
	}
	/* Nothing comes between what was lost and the note of it. */
	if (!state.lost)
		lost = log_sink_write_lines(&state.sink, text, length);
	else
		for (size_t i = 0; i < length; i++)
			lost += text[i] == '\n';
	state.lost += lost;
	state.counts.lost += lost;
	pthread_mutex_unlock(&state.lock);
	return lost;
}

void log_reopen(void)
{
	struct log_sink sink;
	char *path = NULL;
	int err = 0;

	pthread_mutex_lock(&state.lock);
	if (state.ready && state.sink.kind == LOG_SINK_FILE) {
		err = log_sink_file(&sink, state.sink.path);
		if (err) {
			path = strdup(state.sink.path);
		} else {
			log_sink_close(&state.sink);
			state.sink = sink;
		}
	}
	pthread_mutex_unlock(&state.lock);
	if (err)
		log_error(
			((struct log_field[]){ { "file", path }, { 0 } }),
			"the log cannot be opened anew: %s; it goes on in the file that was open",
			strerror(-err));
	free(path);
}

struct log_counts log_counts(void)
{
	struct log_counts counts;

	pthread_mutex_lock(&state.lock);
	counts = state.counts;
	pthread_mutex_unlock(&state.lock);
	return counts;
}

void log_close(void)
{
	struct timespec time = clock_time(CLOCK_REALTIME);

	pthread_mutex_lock(&state.lock);
	if (state.ready) {
		write_notes(&time);
		log_sink_close(&state.sink);
	}
	state.ready = false;
	state.json = false;
	state.level = CONFIG_LOG_INFO;
	pthread_mutex_unlock(&state.lock);
}
