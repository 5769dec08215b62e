// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * syslog is spoken in the form that all daemons take on their local socket, with
 * the fields in the text: to those that also read RFC 5424 there its structured
 * data would be text, and the name of the program would be lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log_sink.h"

/* Facility daemon, RFC 5424 6.2.1. */
#define FACILITY 3

static const int severities[] = {
	[CONFIG_LOG_ERROR] = 3,
	[CONFIG_LOG_WARNING] = 4,
	[CONFIG_LOG_INFO] = 6,
	[CONFIG_LOG_DEBUG] = 7,
};

/* systemd says which file it listens behind, as others may be in its place. */
static bool is_journal(const struct stat *st)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];

	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st->st_dev,
		 (uintmax_t)st->st_ino);
	return stream && strcmp(stream, own) == 0;
}

/* A terminal that is stopped must not stop the daemon: opened for itself. */
static int open_terminal(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void log_sink_stream(struct log_sink *sink, int fd)
{
	struct stat st;
	int other;

	*sink = (struct log_sink){ .kind = LOG_SINK_STREAM, .fd = fd };
	if (fstat(fd, &st) != 0)
		return;
	if (is_journal(&st))
		sink->kind = LOG_SINK_JOURNAL;
	sink->socket = S_ISSOCK(st.st_mode);
	sink->wait = S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode);
	if (!S_ISCHR(st.st_mode))
		return;
	other = open_terminal(fd);
	if (other >= 0) {
		sink->fd = other;
		sink->own = true;
		sink->wait = false;
	}
}

int log_sink_file(struct log_sink *sink, const char *path)
{
	/* A named pipe without a reader, or a full one, shall not block either. */
	int fd = open(path,
		      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY |
			      O_NONBLOCK,
		      0640);

	if (fd < 0)
		return -errno;
	*sink = (struct log_sink){ .kind = LOG_SINK_FILE,
				   .fd = fd,
				   .own = true,
				   .path = strdup(path) };
	if (sink->path)
		return 0;
	close(fd);
	return -ENOMEM;
}

static int connect_syslog(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(un.sun_path))
		return -ENAMETOOLONG;
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) != 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int log_sink_syslog(struct log_sink *sink, const char *path)
{
	int fd = connect_syslog(path);

	if (fd < 0)
		return fd;
	*sink = (struct log_sink){ .kind = LOG_SINK_SYSLOG,
				   .fd = fd,
				   .own = true,
				   .socket = true,
				   .path = strdup(path) };
	if (sink->path)
		return 0;
	close(fd);
	return -ENOMEM;
}

void log_sink_close(struct log_sink *sink)
{
	if (sink->own && sink->fd >= 0)
		close(sink->fd);
	free(sink->path);
	*sink = (struct log_sink){ .fd = -1 };
}

bool log_sink_begin(const struct log_sink *sink, enum config_log_level level,
		    const struct timespec *time, struct log_line *line)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char text[LOG_HEADER_MAX];
	struct tm tm;
	int used;

	if (sink->kind == LOG_SINK_JOURNAL) {
		used = snprintf(text, sizeof(text), "<%d>", severities[level]);
	} else if (sink->kind == LOG_SINK_SYSLOG) {
		localtime_r(&time->tv_sec, &tm);
		used = snprintf(text, sizeof(text),
				"<%d>%.3s %2d %02d:%02d:%02d sluiced[%d]: ",
				FACILITY * 8 + severities[level],
				months + 3 * (ptrdiff_t)tm.tm_mon, tm.tm_mday,
				tm.tm_hour, tm.tm_min, tm.tm_sec,
				(int)getpid());
	} else {
		return false;
	}
	log_line_add(line, text, (size_t)used);
	return true;
}

static ssize_t write_once(const struct log_sink *sink, const char *text,
			  size_t length)
{
	struct pollfd poll_fd = { .fd = sink->fd, .events = POLLOUT };

	if (sink->socket)
		return send(sink->fd, text, length,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
	/* A pipe that says so has room for a whole line. */
	if (sink->wait && poll(&poll_fd, 1, 0) != 1) {
		errno = EAGAIN;
		return -1;
	}
	return write(sink->fd, text, length);
}

static ssize_t write_some(const struct log_sink *sink, const char *text,
			  size_t length)
{
	ssize_t count;

	do
		count = write_once(sink, text, length);
	while (count < 0 && errno == EINTR);
	return count;
}

/* The daemon at the other end may have been started anew. */
static bool send_syslog(struct log_sink *sink, const char *text, size_t length)
{
	int fd;

	if (write_some(sink, text, length) >= 0)
		return true;
	if (errno == EAGAIN || errno == EMSGSIZE || errno == ENOBUFS)
		return false;
	fd = connect_syslog(sink->path);
	if (fd < 0)
		return false;
	close(sink->fd);
	sink->fd = fd;
	return write_some(sink, text, length) >= 0;
}

/*
 * Half a line that was left is ended first, so that the next is one of its own.
 * Return: whether there is none.
 */
static bool end_cut(struct log_sink *sink)
{
	if (sink->cut && write_some(sink, "\n", 1) != 1)
		return false;
	sink->cut = false;
	return true;
}

bool log_sink_write(struct log_sink *sink, const struct log_line *line)
{
	ssize_t count;

	if (sink->kind == LOG_SINK_SYSLOG)
		return send_syslog(sink, line->text, line->length - 1);
	if (!end_cut(sink))
		return false;
	count = write_some(sink, line->text, line->length);
	sink->cut = count > 0 && (size_t)count < line->length;
	return count == (ssize_t)line->length;
}

/* Return: bytes of the first lines that go into @max; at least of one. */
static size_t whole_lines(const char *text, size_t length, size_t max)
{
	const char *end = length > max ? memrchr(text, '\n', max) : NULL;

	return end ? (size_t)(end - text) + 1 : length;
}

/* Return: bytes that were taken. */
static size_t write_text(struct log_sink *sink, const char *text, size_t length)
{
	size_t done = 0;

	while (done < length) {
		size_t part = length - done;
		ssize_t count;

		/* A pipe that would block has room for so much. */
		if (sink->wait)
			part = whole_lines(text + done, part, PIPE_BUF);
		count = write_some(sink, text + done, part);
		if (count <= 0)
			break;
		done += (size_t)count;
	}
	sink->cut = done && text[done - 1] != '\n';
	return done;
}

/* Return: bytes of the lines that were taken. */
static size_t send_lines(struct log_sink *sink, const char *text, size_t length)
{
	struct log_line line;
	struct timespec now;
	size_t header, done = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	line.length = 0;
	log_sink_begin(sink, CONFIG_LOG_INFO, &now, &line);
	header = line.length;
	while (done < length) {
		const char *begin = text + done;
		const char *end = memchr(begin, '\n', length - done);
		size_t part = (size_t)(end - begin);

		line.length = header;
		log_line_add(&line, begin, part);
		if (!send_syslog(sink, line.text, line.length))
			break;
		done += part + 1;
	}
	return done;
}

size_t log_sink_write_lines(struct log_sink *sink, const char *text,
			    size_t length)
{
	size_t done = 0, lost = 0;

	if (sink->kind == LOG_SINK_SYSLOG)
		done = send_lines(sink, text, length);
	else if (end_cut(sink))
		done = write_text(sink, text, length);
	for (; done < length; done++)
		lost += text[done] == '\n';
	return lost;
}
