// SPDX-License-Identifier: GPL-2.0-or-later
/* The log: forms, hostile texts, destinations that are full or gone, floods. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../ktap.h"
#include "log.h"
#include "log_limit.h"
#include "log_line.h"
#include "log_sink.h"
#include "utf8.h"

static char folder[] = "/tmp/sluice-log-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[100];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

#define FIELDS(...) ((const struct log_field[]){ __VA_ARGS__, { .key = NULL } })

static const struct {
	const char *name;
	const char *message;
	struct log_field about[3];
	const char *text;
	const char *json;
} forms[] = {
	{ "fields",
	  "server is up",
	  { { "pool", "web" }, { "server", "[2001:db8::1]:80" } },
	  "info server is up pool=web server=[2001:db8::1]:80",
	  "\"message\":\"server is up\",\"pool\":\"web\",\"server\":\"[2001:db8::1]:80\"" },
	{ "a field without text",
	  "m",
	  { { "a", NULL }, { "b", "" } },
	  "info m b=\"\"",
	  "\"message\":\"m\",\"b\":\"\"" },
	{ "quotes, blanks and what looks like a field",
	  "m",
	  { { "a", "x y" }, { "b", "\" level=error \\" } },
	  "info m a=\"x y\" b=\"\\\" level=error \\\\\"",
	  "\"message\":\"m\",\"a\":\"x y\",\"b\":\"\\\" level=error \\\\\"" },
	{ "lines and terminals",
	  "one\ntwo\x1b[2J\\",
	  { { "a", "1\r\n2\t\x7f" } },
	  "info one\\x0atwo\\x1b[2J\\\\ a=\"1\\x0d\\x0a2\\x09\\x7f\"",
	  "\"message\":\"one\\ntwo\\u001B[2J\\\\\",\"a\":\"1\\r\\n2\\t\x7f\"" },
	{ "characters",
	  "\xc3\xa4",
	  { { "a", "\xe2\x82\xac\xf0\x9f\x98\x80" } },
	  "info \xc3\xa4 a=\"\xe2\x82\xac\xf0\x9f\x98\x80\"",
	  "\"message\":\"\\u00E4\",\"a\":\"\\u20AC\\uD83D\\uDE00\"" },
	{ "bytes that are none",
	  "\xff\xc3",
	  { { "a", "\xc0\xaf\xed\xa0\x80" } },
	  "info \\xff\\xc3 a=\"\\xc0\\xaf\\xed\\xa0\\x80\"",
	  "\"message\":\"\\\\xff\\\\xc3\",\"a\":\"\\\\xc0\\\\xaf\\\\xed\\\\xa0\\\\x80\"" },
	{ "controls of two bytes",
	  "\xc2\x9b",
	  { { "a", "\xc2\x85" } },
	  "info \\xc2\\x9b a=\"\\xc2\\x85\"",
	  "\"message\":\"\\u009B\",\"a\":\"\\u0085\"" },
	{ "a field that calls itself a message",
	  "m",
	  { { "message", "other" }, { "level", "error" } },
	  "info m message=other level=error",
	  "\"message\":\"m\"" },
};

#define TIME "2026-11-22T02:00:00.123Z"
static const struct timespec time_of_test = { 1795312800, 123456789 };

static bool same(const struct log_line *line, const char *wanted)
{
	if (line->length == strlen(wanted) &&
	    memcmp(line->text, wanted, line->length) == 0)
		return true;
	printf("# %.*s", (int)line->length, line->text);
	return false;
}

static bool form(size_t i)
{
	struct log_message message = { .level = CONFIG_LOG_INFO,
				       .time = time_of_test,
				       .text = forms[i].message,
				       .about = forms[i].about };
	struct log_line line = { .length = 0 };
	char wanted[400];

	log_line_text(&line, &message, true);
	snprintf(wanted, sizeof(wanted), TIME " %s\n", forms[i].text);
	if (!same(&line, wanted))
		return false;
	line.length = 0;
	if (!log_line_json(&line, &message))
		return false;
	snprintf(wanted, sizeof(wanted),
		 "{\"time\":\"" TIME "\",\"level\":\"info\",%s}\n",
		 forms[i].json);
	return same(&line, wanted);
}

static bool no_character_for(const char *text)
{
	return utf8_length(text) == 0;
}

static bool characters(void)
{
	return utf8_length("a") == 1 && utf8_length("\xc2\x80") == 2 &&
	       utf8_length("\xe0\xa0\x80") == 3 &&
	       utf8_length("\xf4\x8f\xbf\xbf") == 4 && no_character_for("") &&
	       no_character_for("\x80") && no_character_for("\xc1\xbf") &&
	       no_character_for("\xe0\x9f\xbf") &&
	       no_character_for("\xed\xa0\x80") &&
	       no_character_for("\xf0\x8f\xbf\xbf") &&
	       no_character_for("\xf4\x90\x80\x80") &&
	       no_character_for("\xf5\x80\x80\x80") &&
	       no_character_for("\xe2\x82") && no_character_for("\xf0\x9f\x98");
}

/* Whatever is in them, and however long: one line, whole, and marked as cut. */
static bool long_texts(const char *unit)
{
	char text[9000], *end = text;
	struct log_field about[41] = { { .key = NULL } };
	struct log_message message = { .level = CONFIG_LOG_INFO,
				       .text = text,
				       .about = about };
	struct log_line line = { .length = 0 };
	json_t *object;
	bool passed;

	while ((size_t)(end - text) + strlen(unit) < sizeof(text))
		end = stpcpy(end, unit);
	for (int i = 0; i < 40; i++)
		about[i] = (struct log_field){ "key", text };
	/* In JSON a key comes once. */
	about[1].key = "a";
	about[2].key = "b";
	log_line_text(&line, &message, true);
	if (line.length > LOG_LINE_MAX ||
	    memchr(line.text, '\n', line.length) !=
		    line.text + line.length - 1 ||
	    !memmem(line.text, line.length, " truncated=yes\n", 15) ||
	    !memmem(line.text, line.length, "...", 3))
		return false;
	line.length = 0;
	if (!log_line_json(&line, &message) || line.length > LOG_LINE_MAX)
		return false;
	object = json_loadb(line.text, line.length - 1, 0, NULL);
	passed = object && json_is_true(json_object_get(object, "truncated")) &&
		 json_object_get(object, "b");
	json_decref(object);
	return passed;
}

/* Destinations. */

static ssize_t read_all(int fd, char *text, size_t size)
{
	ssize_t count = read(fd, text, size - 1);

	text[count > 0 ? count : 0] = '\0';
	return count;
}

static bool file_is(const char *name, const char *wanted)
{
	static char text[100000];
	int fd = open(in_folder(name), O_RDONLY);

	read_all(fd, text, sizeof(text));
	close(fd);
	if (strcmp(text, wanted) == 0)
		return true;
	printf("# %.500s\n", text);
	return false;
}

static struct config_logging to_file(const char *name)
{
	static char path[100];

	snprintf(path, sizeof(path), "%s", in_folder(name));
	return (struct config_logging){ .to = CONFIG_LOG_FILE,
					.file = path,
					.format = CONFIG_LOG_JSON,
					.level = CONFIG_LOG_INFO };
}

/* How often a text is in a file. */
static unsigned int times(const char *name, const char *wanted)
{
	static char text[1000000];
	int fd = open(in_folder(name), O_RDONLY);
	unsigned int count = 0;

	read_all(fd, text, sizeof(text));
	close(fd);
	for (const char *at = text; (at = strstr(at, wanted)); at++)
		count++;
	return count;
}

static bool file_moved_away(void)
{
	struct config_logging config = to_file("log");
	char error[200], old[100];
	struct stat st;

	if (log_open(&config, error, sizeof(error)) != 0)
		return false;
	log_info(NULL, "first");
	snprintf(old, sizeof(old), "%s", in_folder("log.1"));
	rename(in_folder("log"), old);
	log_info(NULL, "second");
	log_reopen();
	log_info(NULL, "third");
	log_debug(NULL, "not asked for");
	stat(config.file, &st);
	log_close();
	return times("log.1", "\"message\":\"first\"") == 1 &&
	       times("log.1", "\"message\":\"second\"") == 1 &&
	       times("log.1", "\n") == 2 &&
	       times("log", "\"message\":\"third\"") == 1 &&
	       times("log", "\n") == 1 && (st.st_mode & 0777) == 0640;
}

static bool reopen_fails(void)
{
	struct config_logging config = to_file("stays");
	char error[200];

	if (log_open(&config, error, sizeof(error)) != 0)
		return false;
	rename(config.file, in_folder("stays.1"));
	mkdir(config.file, 0700);
	log_reopen();
	log_info(NULL, "next");
	log_close();
	return times("stays.1",
		     "the log cannot be opened anew: Is a directory") == 1 &&
	       times("stays.1", "next") == 1;
}

/* What is wrong at a reload changes nothing. */
static bool wrong_destination(void)
{
	struct config_logging good = to_file("good");
	struct config_logging wrong = good;
	char error[200] = "", path[100], wanted[300];

	if (log_open(&good, error, sizeof(error)) != 0)
		return false;
	snprintf(path, sizeof(path), "%s/none/log", folder);
	wrong.file = path;
	wrong.format = CONFIG_LOG_TEXT;
	snprintf(
		wanted, sizeof(wanted),
		"settings.log.file: %s: No such file or directory; a file that the daemon's user may write to is expected",
		path);
	if (log_open(&wrong, error, sizeof(error)) != -ENOENT ||
	    strcmp(error, wanted) != 0) {
		printf("# %s\n", error);
		return false;
	}
	log_info(NULL, "still here");
	log_close();
	return times("good", "\"message\":\"still here\"") == 1;
}

/* Nobody reads: opening it must not wait for somebody. */
static bool pipe_without_reader(void)
{
	struct config_logging config = to_file("pipe");
	char error[200];

	mkfifo(config.file, 0600);
	return log_open(&config, error, sizeof(error)) == -ENXIO;
}

static bool full_disk(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	const struct rlimit small = { 100, RLIM_INFINITY };
	struct log_sink sink;
	struct log_line line;
	bool first, second;

	if (log_sink_file(&sink, in_folder("small")) != 0)
		return false;
	line.length = 0;
	log_line_add(&line, "0123456789012345678901234567890123456789\n", 41);
	setrlimit(RLIMIT_FSIZE, &small);
	log_sink_write(&sink, &line);
	log_sink_write(&sink, &line);
	first = log_sink_write(&sink, &line);
	setrlimit(RLIMIT_FSIZE, &unlimited);
	second = log_sink_write(&sink, &line);
	log_sink_close(&sink);
	return !first && second &&
	       file_is("small", "0123456789012345678901234567890123456789\n"
				"0123456789012345678901234567890123456789\n"
				"012345678901234567\n"
				"0123456789012345678901234567890123456789\n");
}

/* Standard output is @fd while the log is open. */
static int saved_stdout;

static bool open_stdout(int fd, int format)
{
	const struct config_logging config = { .to = CONFIG_LOG_STDOUT,
					       .format = format,
					       .level = CONFIG_LOG_DEBUG };
	char error[200];

	fflush(stdout);
	saved_stdout = dup(STDOUT_FILENO);
	dup2(fd, STDOUT_FILENO);
	return log_open(&config, error, sizeof(error)) == 0;
}

static void close_stdout(void)
{
	log_close();
	dup2(saved_stdout, STDOUT_FILENO);
	close(saved_stdout);
}

/* It does not wait for the reader, and says what is missing once there is one. */
static bool full_pipe(int reader, int writer)
{
	static char text[300000];
	unsigned int written = 0, seen;
	uint64_t lost = log_counts().lost;
	char wanted[100], number[16];
	const char *at;

	open_stdout(writer, CONFIG_LOG_TEXT);
	while (log_counts().lost < lost + 10 && written < 200000) {
		snprintf(number, sizeof(number), "%u", written++);
		log_debug(FIELDS({ "number", number }), "fills the pipe");
	}
	fcntl(reader, F_SETFL, O_NONBLOCK);
	for (ssize_t count, used = 0;
	     (count = read(reader, text + used,
			   sizeof(text) - 1 - (size_t)used)) > 0;)
		text[used += count] = '\0';
	seen = 0;
	for (at = text; (at = strstr(at, " fills ")); at++)
		seen++;
	log_info(NULL, "heard again");
	read_all(reader, text, sizeof(text));
	close_stdout();
	snprintf(
		wanted, sizeof(wanted),
		" warning %u messages were lost here, as they were not taken in time\n",
		written - seen);
	if (log_counts().lost == lost + 10 && written - seen == 10 &&
	    strstr(text, wanted) && strstr(text, " info heard again\n"))
		return true;
	printf("# %u written, %u seen, %.200s\n", written, seen, text);
	return false;
}

static bool full_stream(bool socket)
{
	int fds[2];
	bool passed;

	if (socket)
		socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	else if (pipe(fds) != 0)
		return false;
	passed = full_pipe(fds[0], fds[1]);
	close(fds[0]);
	close(fds[1]);
	return passed;
}

/* What was lost there is said at the next destination. */
static bool reader_gone(void)
{
	struct config_logging config = to_file("after");
	char error[200];
	uint64_t lost = log_counts().lost;
	int fds[2];

	if (pipe(fds) != 0)
		return false;
	close(fds[0]);
	open_stdout(fds[1], CONFIG_LOG_TEXT);
	log_info(NULL, "nobody hears");
	close_stdout();
	close(fds[1]);
	if (log_open(&config, error, sizeof(error)) != 0)
		return false;
	log_info(NULL, "heard");
	log_close();
	return log_counts().lost == lost + 1 &&
	       times("after", "\"1 messages were lost here") == 1;
}

/* The priority, and no time, where the journal is; as always where it is not. */
static bool journal(bool is_it, int format)
{
	static const char *const wanted[2][2] = {
		{ "<4>warning m a=b\n", "<4>{\"time\":" },
		{ " warning m a=b\n", "{\"time\":" },
	};
	char stream[64], text[300];
	struct stat st;
	int fds[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	fstat(fds[1], &st);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
		 (uintmax_t)st.st_ino + !is_it);
	setenv("JOURNAL_STREAM", stream, 1);
	open_stdout(fds[1], format);
	unsetenv("JOURNAL_STREAM");
	log_warning(FIELDS({ "a", "b" }), "m");
	read_all(fds[0], text, sizeof(text));
	close_stdout();
	close(fds[0]);
	close(fds[1]);
	if (is_it || format == CONFIG_LOG_JSON)
		return strncmp(text, wanted[!is_it][format],
			       strlen(wanted[!is_it][format])) == 0;
	return strlen(text) == strlen(TIME) + strlen(wanted[1][0]) &&
	       strcmp(text + strlen(TIME), wanted[1][0]) == 0;
}

static int syslog_daemon(struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	*un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(un->sun_path, sizeof(un->sun_path), "%s", in_folder("syslog"));
	unlink(un->sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)un, sizeof(*un)) != 0) {
		printf("Bail out! no socket for syslog\n");
		exit(1);
	}
	return fd;
}

static bool send_syslog(struct log_sink *sink, const char *text)
{
	struct log_message message = { .level = CONFIG_LOG_ERROR,
				       .time = time_of_test,
				       .text = text };
	struct log_line line = { .length = 0 };
	bool knows_time;

	knows_time =
		log_sink_begin(sink, CONFIG_LOG_ERROR, &message.time, &line);
	log_line_text(&line, &message, !knows_time);
	return log_sink_write(sink, &line);
}

static bool syslog_comes_back(void)
{
	struct sockaddr_un un;
	char text[300], wanted[100];
	struct log_sink sink;
	int fd = syslog_daemon(&un), old;
	bool passed;

	/* In the daemon's own time zone. */
	setenv("TZ", "UTC0", 1);
	if (log_sink_syslog(&sink, un.sun_path) != 0)
		return false;
	send_syslog(&sink, "hello");
	read_all(fd, text, sizeof(text));
	snprintf(wanted, sizeof(wanted),
		 "<27>Nov 22 02:00:00 sluiced[%d]: error hello", (int)getpid());
	passed = strcmp(text, wanted) == 0;
	old = fd;
	close(old);
	passed = passed && !send_syslog(&sink, "nobody is there");
	fd = syslog_daemon(&un);
	passed = passed && send_syslog(&sink, "again");
	read_all(fd, text, sizeof(text));
	passed = passed && strstr(text, ": error again");
	/* It does not read: that is no reason to wait. */
	for (int i = 0; i < 100000 && send_syslog(&sink, "much"); i++)
		;
	passed = passed && !send_syslog(&sink, "more");
	close(fd);
	log_sink_close(&sink);
	if (!passed)
		printf("# %s\n", text);
	return passed;
}

/* Floods. */

static bool equal_ones(void)
{
	static struct log_limit limit;
	const uint64_t s = 1000000000;
	struct log_verdict verdict;

	for (int i = 1; i <= LOG_EQUAL_MAX + 100; i++) {
		verdict = log_limit_judge(&limit, CONFIG_LOG_ERROR, 7, s);
		if (verdict.write != (i <= LOG_EQUAL_MAX) ||
		    verdict.last != (i == LOG_EQUAL_MAX))
			return false;
		/* Others between them make no difference. */
		if (i < 4 &&
		    !log_limit_judge(&limit, CONFIG_LOG_ERROR, 8, s).write)
			return false;
	}
	verdict = log_limit_judge(&limit, CONFIG_LOG_ERROR, 7,
				  (LOG_EQUAL_SECONDS + 1) * s);
	return verdict.write && verdict.repeated == 100;
}

static bool too_many(void)
{
	static struct log_limit limit;
	uint64_t now = 1000000000, hash = 0;
	unsigned int written = 0;

	for (int i = 0; i < LOG_BURST + 500; i++)
		written += log_limit_judge(&limit, CONFIG_LOG_INFO, hash++, now)
				   .write;
	/* Those that matter are counted apart. */
	if (written != LOG_BURST || log_limit_too_many(&limit) != 500 ||
	    log_limit_too_many(&limit) != 0 ||
	    !log_limit_judge(&limit, CONFIG_LOG_ERROR, hash++, now).write)
		return false;
	now += 1000000000;
	written = 0;
	for (int i = 0; i < 500; i++)
		written += log_limit_judge(&limit, CONFIG_LOG_INFO, hash++, now)
				   .write;
	return written == LOG_RATE;
}

static bool floods_are_said(void)
{
	struct config_logging config = to_file("flood");
	char error[200], number[16];
	uint64_t left_out = log_counts().left_out;

	config.format = CONFIG_LOG_TEXT;
	if (log_open(&config, error, sizeof(error)) != 0)
		return false;
	for (int i = 0; i < 20; i++)
		log_error(FIELDS({ "a", "b" }), "equal");
	left_out = log_counts().left_out - left_out;
	for (int i = 0; i < LOG_BURST + 5000; i++) {
		snprintf(number, sizeof(number), "%d", i);
		log_warning(FIELDS({ "n", number }), "other");
	}
	log_error(NULL, "end");
	log_close();
	return left_out == 20 - LOG_EQUAL_MAX &&
	       times("flood", " error equal ") == LOG_EQUAL_MAX &&
	       times("flood", " error equal repeats=left-out-for-30s a=b\n") ==
		       1 &&
	       times("flood",
		     " messages were left out here, as there were too many\n") >=
		       1 &&
	       times("flood", " error end\n") == 1;
}

/* Lines of several threads do not mix. */
static void *write_many(void *name)
{
	char number[16];

	for (int i = 0; i < 500; i++) {
		snprintf(number, sizeof(number), "%d", i);
		log_info(FIELDS({ "thread", name }, { "n", number }), "line");
	}
	return NULL;
}

static bool threads(void)
{
	static char names[][2] = { "a", "b", "c", "d" };
	struct config_logging config = to_file("threads");
	pthread_t ids[4];
	char error[200];

	if (log_open(&config, error, sizeof(error)) != 0)
		return false;
	for (int i = 0; i < 4; i++)
		pthread_create(&ids[i], NULL, write_many, names[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(ids[i], NULL);
	log_close();
	return times("threads", "\"message\":\"line\",\"thread\":\"") == 2000 &&
	       times("threads", "\"}\n") == 2000;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (!mkdtemp(folder))
		return 1;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		ktap_result(&ktap, form(i), forms[i].name);
	ktap_result(&ktap, characters(), "what UTF-8 is");
	ktap_result(&ktap, long_texts("x"), "long texts");
	ktap_result(&ktap, long_texts("\x01"), "long texts of controls");
	ktap_result(&ktap, long_texts("\xf0\x9f\x98\x80"),
		    "long texts of long characters");
	ktap_result(&ktap, file_moved_away(), "a file that is moved away");
	ktap_result(&ktap, reopen_fails(), "one that cannot be opened anew");
	ktap_result(&ktap, wrong_destination(),
		    "a wrong destination changes nothing");
	ktap_result(&ktap, pipe_without_reader(), "a pipe without a reader");
	ktap_result(&ktap, full_disk(), "a full disk leaves lines whole");
	ktap_result(&ktap, full_stream(false), "a full pipe");
	ktap_result(&ktap, full_stream(true), "a full socket");
	ktap_result(&ktap, reader_gone(), "a reader that is gone");
	ktap_result(&ktap, journal(true, CONFIG_LOG_TEXT), "the journal");
	ktap_result(&ktap, journal(true, CONFIG_LOG_JSON), "JSON to it");
	ktap_result(&ktap, journal(false, CONFIG_LOG_TEXT),
		    "another's journal is none");
	ktap_result(&ktap, journal(false, CONFIG_LOG_JSON),
		    "JSON to something else");
	ktap_result(&ktap, syslog_comes_back(),
		    "a syslog daemon that is started anew, and a full one");
	ktap_result(&ktap, equal_ones(), "equal messages");
	ktap_result(&ktap, too_many(), "too many messages");
	ktap_result(&ktap, floods_are_said(), "what was left out is said");
	ktap_result(&ktap, threads(), "threads");
	return ktap_end(&ktap);
}
