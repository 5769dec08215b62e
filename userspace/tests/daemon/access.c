// SPDX-License-Identifier: GPL-2.0-or-later
/* Access logs: whole lines, by many workers, to destinations that are full or gone. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../ktap.h"
#include "access_case.h"
#include "log.h"

static char folder[] = "/tmp/sluice-access-XXXXXX";
static struct loop *loop;
static struct access_files *files;
static struct sluice_endpoint source;

static const char *in_folder(const char *name)
{
	static char paths[4][100];
	static int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static struct access_file *open_file(const char *path)
{
	char error[200] = "";
	struct access_file *file =
		access_files_open(files, path, error, sizeof(error));

	if (!file)
		printf("# %s\n", error);
	return file;
}

/* @number is found again in the line. */
static void write_line(struct access_log *log, uint64_t number)
{
	struct access_record record = record_of_test(&source, NULL);

	record.total_us = number;
	access_log_write(log, &record);
}

/* What is in a file, to be freed. */
static char *text_of(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st = { .st_size = 0 };
	ssize_t count = 0;
	char *text;

	fstat(fd, &st);
	text = malloc((size_t)st.st_size + 1);
	if (fd >= 0)
		count = read(fd, text, (size_t)st.st_size);
	text[count > 0 ? count : 0] = '\0';
	close(fd);
	return text;
}

/* How many whole lines a text has; @broken: how many others. */
static unsigned long count_lines(char *text, unsigned long *broken)
{
	unsigned long count = 0;
	char *next = text;

	*broken = 0;
	for (char *line; (line = strsep(&next, "\n")) && next;) {
		json_t *object = json_loads(line, 0, NULL);

		if (json_object_get(object, "total_us"))
			count++;
		else
			++*broken;
		json_decref(object);
	}
	return count;
}

static bool lines_are(const char *path, unsigned long wanted,
		      unsigned long wanted_broken)
{
	unsigned long broken, count;
	char *text = text_of(path);

	count = count_lines(text, &broken);
	free(text);
	if (count == wanted && broken == wanted_broken)
		return true;
	printf("# %lu lines, %lu broken\n", count, broken);
	return false;
}

static bool counts_are(struct access_counts before, uint64_t written,
		       uint64_t lost)
{
	struct access_counts now = access_files_counts(files);

	now.written -= before.written;
	now.lost -= before.lost;
	if (now.written == written && now.lost == lost)
		return true;
	printf("# %lu written, %lu lost\n", (unsigned long)now.written,
	       (unsigned long)now.lost);
	return false;
}

static bool at_the_end_of_a_turn(void)
{
	struct access_counts before = access_files_counts(files);
	const char *path = in_folder("turn");
	struct access_file *file = open_file(path);
	struct access_log *log =
		access_log_create(loop, file, CONFIG_ACCESS_JSON);
	struct stat st;
	bool passed;

	access_file_put(file);
	write_line(log, 1);
	write_line(log, 2);
	passed = lines_are(path, 0, 0);
	loop_turn(loop, 0);
	passed = passed && lines_are(path, 2, 0) && counts_are(before, 2, 0);
	/* More than the buffer has room for. */
	for (uint64_t i = 0; i < 1000; i++)
		write_line(log, i);
	loop_turn(loop, 0);
	passed = passed && lines_are(path, 1002, 0);
	write_line(log, 3);
	access_log_free(log);
	stat(path, &st);
	return passed && lines_are(path, 1003, 0) &&
	       counts_are(before, 1003, 0) && (st.st_mode & 0777) == 0640;
}

/* Workers, while files are moved away as log rotation does it. */

#define WORKERS 4
#define ROUNDS 300
#define LINES 20
#define ALL_LINES (1UL * WORKERS * ROUNDS * LINES)

static atomic_int working;

static void *work(void *argument)
{
	struct loop *own = loop_create(NULL);
	struct access_log *log =
		access_log_create(own, argument, CONFIG_ACCESS_JSON);

	for (int i = 0; i < ROUNDS; i++) {
		for (uint64_t j = 0; j < LINES; j++)
			write_line(log, j);
		loop_turn(own, 0);
	}
	access_log_free(log);
	loop_free(own);
	working--;
	return NULL;
}

static bool many_workers(void)
{
	struct access_counts before = access_files_counts(files);
	struct access_file *file = open_file(in_folder("many"));
	unsigned long count = 0, broken, all_broken = 0;
	pthread_t threads[WORKERS];
	int moved = 0;

	working = WORKERS;
	for (int i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work, file);
	while (working || moved < 3) {
		char name[40];

		snprintf(name, sizeof(name), "many.%d", moved++);
		rename(in_folder("many"), in_folder(name));
		access_files_reopen(files);
	}
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	access_file_put(file);
	for (int i = -1; i < moved; i++) {
		char name[40] = "many", *text;

		if (i >= 0)
			snprintf(name, sizeof(name), "many.%d", i);
		text = text_of(in_folder(name));
		count += count_lines(text, &broken);
		all_broken += broken;
		free(text);
		unlink(in_folder(name));
	}
	if (count != ALL_LINES || all_broken)
		printf("# %lu lines, %lu broken\n", count, all_broken);
	return count == ALL_LINES && !all_broken &&
	       counts_are(before, count, 0);
}

/* Messages of the daemon go to a file meanwhile. */
static void open_log(const char *name)
{
	const struct config_logging config = { .to = CONFIG_LOG_FILE,
					       .file = (char *)in_folder(name),
					       .level = CONFIG_LOG_INFO };
	char error[200];

	if (log_open(&config, error, sizeof(error)) != 0)
		printf("# %s\n", error);
}

static bool log_has(const char *name, const char *wanted)
{
	char *text = text_of(in_folder(name));
	bool has = strstr(text, wanted);

	if (!has)
		printf("# %s\n", text);
	free(text);
	return has;
}

/* Half a line is ended before the next one begins, and nobody is told every time. */
static bool full_disk(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	const struct rlimit small = { 2000, RLIM_INFINITY };
	struct access_counts before = access_files_counts(files);
	const char *path = in_folder("disk");
	struct access_file *file = open_file(path);
	struct access_log *log =
		access_log_create(loop, file, CONFIG_ACCESS_JSON);
	unsigned long fit, broken;
	char *text;

	open_log("disk.log");
	setrlimit(RLIMIT_FSIZE, &small);
	for (int turn = 0; turn < 3; turn++) {
		for (uint64_t i = 0; i < 10; i++)
			write_line(log, i);
		loop_turn(loop, 0);
	}
	setrlimit(RLIMIT_FSIZE, &unlimited);
	text = text_of(path);
	fit = count_lines(text, &broken);
	free(text);
	write_line(log, 10);
	write_line(log, 11);
	access_log_free(log);
	access_file_put(file);
	log_close();
	return fit >= 2 && fit < 10 && lines_are(path, fit + 2, 1) &&
	       counts_are(before, fit + 2, 30 - fit) &&
	       log_has("disk.log",
		       "lines of an access log were lost: File too large");
}

/* A reader that is slow loses lines, and gets no halves of others. */
static bool full_pipe(void)
{
	struct access_counts before = access_files_counts(files), now;
	const char *path = in_folder("pipe");
	unsigned long count = 0, broken = 0, part, more;
	struct access_file *file;
	struct access_log *log;
	char *text;
	int reader;

	mkfifo(path, 0600);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	file = open_file(path);
	log = access_log_create(loop, file, CONFIG_ACCESS_JSON);
	text = malloc(1 << 20);
	open_log("pipe.log");
	for (int turn = 0; turn < 50; turn++) {
		ssize_t got, used = 0;

		for (uint64_t i = 0; i < 100; i++)
			write_line(log, i);
		loop_turn(loop, 0);
		if (turn % 10 != 9)
			continue;
		while ((got = read(reader, text + used, 65536)) > 0)
			used += got;
		/* The half of a line at the end is ended by the next line feed. */
		text[used] = '\n';
		text[used + 1] = '\0';
		part = count_lines(text, &more);
		count += part;
		broken += more;
	}
	free(text);
	now = access_files_counts(files);
	access_log_free(log);
	access_file_put(file);
	log_close();
	close(reader);
	if (count != now.written - before.written || count < 20)
		printf("# %lu lines, %lu broken\n", count, broken);
	return count == now.written - before.written &&
	       now.lost - before.lost == 5000 - count && count < 5000 &&
	       count >= 20 && broken <= 15 &&
	       log_has("pipe.log", "were lost: nobody reads them");
}

/* Where the daemon's messages go: a file, and a pipe that would block. */
static bool own_log(void)
{
	struct access_counts before = access_files_counts(files), now;
	struct access_file *file = open_file(NULL);
	struct access_log *log =
		access_log_create(loop, file, CONFIG_ACCESS_COMBINED);
	const struct config_logging to_stdout = { .to = CONFIG_LOG_STDOUT,
						  .level = CONFIG_LOG_INFO };
	int fds[2], saved = dup(STDOUT_FILENO);
	static char text[1 << 20];
	unsigned long lines = 0;
	bool passed;
	char error[100];
	ssize_t got, used = 0;

	access_file_put(file);
	open_log("own.log");
	log_info(NULL, "first");
	write_line(log, 1);
	loop_turn(loop, 0);
	log_info(NULL, "second");
	log_close();
	passed = log_has("own.log",
			 "info first\n2001:db8::1 - - [22/Nov/2026:") &&
		 log_has("own.log", "Firefox/140.0\"\n20");

	if (pipe(fds) != 0)
		return false;
	fflush(stdout);
	dup2(fds[1], STDOUT_FILENO);
	log_open(&to_stdout, error, sizeof(error));
	/* It would wait for ever for who reads below. */
	for (int turn = 0; turn < 20; turn++) {
		for (uint64_t i = 0; i < 100; i++)
			write_line(log, i);
		loop_turn(loop, 0);
	}
	now = access_files_counts(files);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	while ((got = read(fds[0], text + used,
			   sizeof(text) - 1 - (size_t)used)) > 0)
		used += got;
	log_info(NULL, "after");
	while ((got = read(fds[0], text + used,
			   sizeof(text) - 1 - (size_t)used)) > 0)
		used += got;
	log_close();
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fds[0]);
	close(fds[1]);
	access_log_free(log);
	text[used] = '\0';
	for (const char *at = text; (at = strstr(at, "Firefox/140.0\"\n"));
	     at++)
		lines++;
	if (lines != now.written - before.written - 1)
		printf("# %lu lines, %lu written\n", lines,
		       (unsigned long)now.written);
	return passed && lines == now.written - before.written - 1 &&
	       lines >= 100 && now.lost - before.lost == 2000 - lines &&
	       strstr(text, " messages were lost here") &&
	       strstr(text, " info after\n");
}

/* Each line by itself, with the header of syslog. */
static bool syslog_daemon(void)
{
	struct access_counts before = access_files_counts(files);
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct access_file *file;
	struct access_log *log;
	bool passed = true;
	char text[5000];

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", in_folder("syslog"));
	if (fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) != 0)
		return false;
	file = open_file(un.sun_path);
	log = access_log_create(loop, file, CONFIG_ACCESS_JSON);
	for (uint64_t i = 0; i < 3; i++)
		write_line(log, i);
	loop_turn(loop, 0);
	for (int i = 0; i < 3; i++) {
		ssize_t count = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
		json_t *object;
		char *begin;

		text[count < 0 ? 0 : count] = '\0';
		begin = strchr(text, '{');
		object = begin ? json_loads(begin, 0, NULL) : NULL;
		passed = passed && strncmp(text, "<30>", 4) == 0 &&
			 strstr(text, " sluiced[") &&
			 json_integer_value(
				 json_object_get(object, "total_us")) == i;
		json_decref(object);
	}
	close(fd);
	open_log("syslog.log");
	write_line(log, 4);
	access_log_free(log);
	access_file_put(file);
	log_close();
	return passed && counts_are(before, 3, 1) &&
	       log_has("syslog.log",
		       "1 lines of an access log were lost: Connection refused");
}

static bool opened_once(void)
{
	struct access_file *a = open_file(in_folder("once"));
	struct access_file *b = open_file(in_folder("once"));
	struct access_file *c = open_file(in_folder("other"));
	struct access_file *d = open_file(NULL), *e = open_file(NULL);
	bool passed = a == b && a != c && d == e && d != a;
	int next = dup(STDOUT_FILENO);

	close(next);
	access_file_put(a);
	access_file_put(b);
	access_file_put(c);
	access_file_put(d);
	access_file_put(e);
	return passed && fcntl(next - 1, F_GETFD) < 0;
}

static bool not_opened(void)
{
	char error[300], wanted[300], path[200];

	snprintf(path, sizeof(path), "%s/none/log", folder);
	snprintf(
		wanted, sizeof(wanted),
		"%s: No such file or directory; a file that the daemon's user may write to is expected",
		path);
	if (access_files_open(files, path, error, sizeof(error)) ||
	    strcmp(error, wanted) != 0) {
		printf("# %s\n", error);
		return false;
	}
	return true;
}

static bool not_opened_anew(void)
{
	struct access_file *file = open_file(in_folder("stays"));
	struct access_log *log =
		access_log_create(loop, file, CONFIG_ACCESS_JSON);

	rename(in_folder("stays"), in_folder("stays.1"));
	mkdir(in_folder("stays"), 0700);
	open_log("stays.log");
	access_files_reopen(files);
	log_close();
	write_line(log, 1);
	access_log_free(log);
	access_file_put(file);
	return lines_are(in_folder("stays.1"), 1, 0) &&
	       log_has("stays.log",
		       "an access log cannot be opened anew: Is a directory");
}

static bool ends_have_names(void)
{
	for (int i = 0; i < ACCESS_ENDS; i++) {
		const char *name = access_end_name((enum access_end)i);

		if (!name || !*name ||
		    strspn(name, "abcdefghijklmnopqrstuvwxyz-") != strlen(name))
			return false;
	}
	return true;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

int main(void)
{
	struct ktap ktap = { 0 };

	/* What waits for a reader never ends. */
	alarm(100);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	setenv("TZ", "UTC0", 1);
	if (!mkdtemp(folder))
		return 1;
	loop = loop_create(NULL);
	files = access_files_create();
	source = endpoint_at("2001:db8::1", 40000);
	ktap_begin();
	ktap_result(&ktap, ends_have_names(), "every end has a name");
	ktap_result(&ktap, at_the_end_of_a_turn(), "at the end of a turn");
	ktap_result(&ktap, many_workers(), "many workers, and log rotation");
	ktap_result(&ktap, full_disk(), "full disk");
	ktap_result(&ktap, full_pipe(), "full pipe");
	ktap_result(&ktap, own_log(), "the daemon's own log");
	ktap_result(&ktap, syslog_daemon(), "syslog");
	ktap_result(&ktap, opened_once(), "opened once, and closed");
	ktap_result(&ktap, not_opened(), "not to be opened");
	ktap_result(&ktap, not_opened_anew(), "not to be opened anew");
	access_files_free(files);
	loop_free(loop);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return ktap_end(&ktap);
}
