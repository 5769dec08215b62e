// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <time.h>

#include "access_file.h"
#include "log.h"
#include "log_sink.h"

/* How often it is said that lines are lost. */
#define SAY_SECONDS 10

/**
 * struct access_file - a destination
 * @files: all of them
 * @entry: in their list
 * @users: who has it; the lock of the list protects it, as they do not come and go
 *	with requests
 * @path: NULL: the daemon's own log, and nothing of what follows is used
 * @lock: protects what follows. A file lets one write at a time anyway; and what
 *	was half written is ended by the next before another can.
 * @sink: open
 * @unsaid: lines that were lost and nobody was told of
 * @said: when somebody was, in seconds that never go back; 0: never
 */
struct access_file {
	struct access_files *files;
	LIST_ENTRY(access_file) entry;
	unsigned int users;
	char *path;
	pthread_mutex_t lock;
	struct log_sink sink;
	uint64_t unsaid;
	time_t said;
};

/* @lock protects the list and the numbers of users; @counts are atomic. */
struct access_files {
	pthread_mutex_t lock;
	LIST_HEAD(, access_file) list;
	struct access_counts counts;
};

struct access_files *access_files_create(void)
{
	struct access_files *files = calloc(1, sizeof(*files));

	if (!files)
		return NULL;
	pthread_mutex_init(&files->lock, NULL);
	LIST_INIT(&files->list);
	return files;
}

void access_files_free(struct access_files *files)
{
	if (!files)
		return;
	pthread_mutex_destroy(&files->lock);
	free(files);
}

struct access_counts access_files_counts(const struct access_files *files)
{
	return (struct access_counts){
		.written = __atomic_load_n(&files->counts.written,
					   __ATOMIC_RELAXED),
		.lost = __atomic_load_n(&files->counts.lost, __ATOMIC_RELAXED),
	};
}

/* Return: 0, or a negative errno. */
static int open_sink(struct log_sink *sink, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		return log_sink_syslog(sink, path);
	return log_sink_file(sink, path);
}

/* Return: with one user, in no list; NULL with errno. */
static struct access_file *make_file(const char *path)
{
	struct access_file *file = calloc(1, sizeof(*file));
	int err = 0;

	if (!file)
		return NULL;
	file->users = 1;
	if (path) {
		file->path = strdup(path);
		err = file->path ? open_sink(&file->sink, path) : -ENOMEM;
	}
	if (err) {
		free(file->path);
		free(file);
		errno = -err;
		return NULL;
	}
	pthread_mutex_init(&file->lock, NULL);
	return file;
}

static bool is_at(const struct access_file *file, const char *path)
{
	if (!path || !file->path)
		return path == file->path;
	return strcmp(file->path, path) == 0;
}

struct access_file *access_files_open(struct access_files *files,
				      const char *path, char *error,
				      size_t size)
{
	struct access_file *file;

	pthread_mutex_lock(&files->lock);
	LIST_FOREACH(file, &files->list, entry)
		if (is_at(file, path))
			break;
	if (file) {
		file->users++;
	} else {
		file = make_file(path);
		if (file) {
			file->files = files;
			LIST_INSERT_HEAD(&files->list, file, entry);
		} else {
			snprintf(
				error, size,
				"%s: %s; a file that the daemon's user may write to is expected",
				path ? path : "access log", strerror(errno));
		}
	}
	pthread_mutex_unlock(&files->lock);
	return file;
}

struct access_file *access_file_get(struct access_file *file)
{
	pthread_mutex_lock(&file->files->lock);
	file->users++;
	pthread_mutex_unlock(&file->files->lock);
	return file;
}

void access_file_put(struct access_file *file)
{
	struct access_files *files = file ? file->files : NULL;
	bool last;

	if (!file)
		return;
	pthread_mutex_lock(&files->lock);
	last = --file->users == 0;
	if (last)
		LIST_REMOVE(file, entry);
	pthread_mutex_unlock(&files->lock);
	if (!last)
		return;
	if (file->path)
		log_sink_close(&file->sink);
	pthread_mutex_destroy(&file->lock);
	free(file->path);
	free(file);
}

/* Open it before the old one is closed: workers never find it without. */
static void reopen(struct access_file *file)
{
	struct log_sink sink, old;
	int err = open_sink(&sink, file->path);

	if (err) {
		log_error(
			((struct log_field[]){ { "file", file->path }, { 0 } }),
			"an access log cannot be opened anew: %s; it goes on in the file that was open",
			strerror(-err));
		return;
	}
	pthread_mutex_lock(&file->lock);
	old = file->sink;
	file->sink = sink;
	pthread_mutex_unlock(&file->lock);
	log_sink_close(&old);
}

void access_files_reopen(struct access_files *files)
{
	struct access_file *file;

	pthread_mutex_lock(&files->lock);
	LIST_FOREACH(file, &files->list, entry)
		if (file->path)
			reopen(file);
	pthread_mutex_unlock(&files->lock);
}

static void count(struct access_file *file, size_t written, size_t lost)
{
	struct access_counts *counts = &file->files->counts;

	__atomic_fetch_add(&counts->written, written, __ATOMIC_RELAXED);
	if (lost)
		__atomic_fetch_add(&counts->lost, lost, __ATOMIC_RELAXED);
}

/* Return: how many lines to tell of now. The lock is held. */
static uint64_t judge(struct access_file *file)
{
	uint64_t unsaid = file->unsaid;
	struct timespec now;

	if (!unsaid)
		return 0;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (file->said && now.tv_sec - file->said < SAY_SECONDS)
		return 0;
	file->said = now.tv_sec ? now.tv_sec : 1;
	file->unsaid = 0;
	return unsaid;
}

void access_file_write(struct access_file *file, const char *text,
		       size_t length, size_t lines)
{
	uint64_t say;
	size_t lost;
	int err;

	/* What is lost there is said there. */
	if (!file->path) {
		lost = log_lines(text, length);
		count(file, lines - lost, lost);
		return;
	}
	pthread_mutex_lock(&file->lock);
	lost = log_sink_write_lines(&file->sink, text, length);
	err = lost ? errno : 0;
	file->unsaid += lost;
	say = judge(file);
	pthread_mutex_unlock(&file->lock);
	count(file, lines - lost, lost);
	if (say)
		log_error(
			((struct log_field[]){ { "file", file->path }, { 0 } }),
			"%" PRIu64 " lines of an access log were lost%s%s", say,
			err ? ": " : "",
			err == EAGAIN ? "nobody reads them" :
			err	      ? strerror(err) :
					"");
}

void access_file_lose(struct access_file *file, size_t lines)
{
	count(file, 0, lines);
}
