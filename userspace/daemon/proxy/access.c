// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "access_file.h"
#include "access_line.h"

/* Lines of a turn that are written with one call. */
#define BUFFER_SIZE 16384

/**
 * struct access_log - the lines of a worker for one service
 * @loop: of the worker
 * @file: where they go, held
 * @line: of its format
 * @clock: of the line before
 * @buffer: NULL before the first line
 * @used: bytes there
 * @lines: how many
 * @flush: at the end of a turn
 */
struct access_log {
	struct loop *loop;
	struct access_file *file;
	char *(*line)(char *to, const struct access_record *record,
		      struct access_clock *clock);
	struct access_clock clock;
	char *buffer;
	size_t used;
	size_t lines;
	struct loop_task flush;
};

const char *access_end_name(enum access_end end)
{
	static const char *const names[ACCESS_ENDS] = {
		[ACCESS_END_DONE] = "done",
		[ACCESS_END_CLIENT_ABORT] = "client-abort",
		[ACCESS_END_CLIENT_TIMEOUT] = "client-timeout",
		[ACCESS_END_CLIENT_REFUSED] = "client-refused",
		[ACCESS_END_REJECTED] = "rejected",
		[ACCESS_END_NO_SERVER] = "no-server",
		[ACCESS_END_QUEUE_TIMEOUT] = "queue-timeout",
		[ACCESS_END_QUEUE_FULL] = "queue-full",
		[ACCESS_END_CONNECT_FAILED] = "connect-failed",
		[ACCESS_END_CONNECT_TIMEOUT] = "connect-timeout",
		[ACCESS_END_SERVER_ABORT] = "server-abort",
		[ACCESS_END_SERVER_TIMEOUT] = "server-timeout",
		[ACCESS_END_SERVER_REFUSED] = "server-refused",
		[ACCESS_END_SERVER_DOWN] = "server-down",
		[ACCESS_END_SHUTDOWN] = "shutdown",
		[ACCESS_END_TUNNEL_TIMEOUT] = "tunnel-timeout",
		[ACCESS_END_ERROR] = "error",
	};

	return names[end];
}

static void flush(struct access_log *log)
{
	if (!log->used)
		return;
	access_file_write(log->file, log->buffer, log->used, log->lines);
	log->used = 0;
	log->lines = 0;
}

static void turn_over(struct loop_task *task)
{
	flush(loop_owner(task, struct access_log, flush));
}

struct access_log *access_log_create(struct loop *loop,
				     struct access_file *file, int format)
{
	struct access_log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->loop = loop;
	log->file = access_file_get(file);
	log->line = format == CONFIG_ACCESS_JSON ? access_line_json :
						   access_line_combined;
	log->flush.run = turn_over;
	return log;
}

void access_log_free(struct access_log *log)
{
	if (!log)
		return;
	flush(log);
	loop_task_del(log->loop, &log->flush);
	access_file_put(log->file);
	free(log->buffer);
	free(log);
}

void access_log_write(struct access_log *log,
		      const struct access_record *record)
{
	char *end;

	if (!log->buffer)
		log->buffer = malloc(BUFFER_SIZE);
	if (!log->buffer) {
		access_file_lose(log->file, 1);
		return;
	}
	if (log->used > BUFFER_SIZE - ACCESS_LINE_MAX)
		flush(log);
	end = log->line(log->buffer + log->used, record, &log->clock);
	log->used = (size_t)(end - log->buffer);
	log->lines++;
	loop_task_add(log->loop, &log->flush);
}
