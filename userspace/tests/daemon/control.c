// SPDX-License-Identifier: GPL-2.0-or-later
/* The control socket, and clients that use it badly. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../ktap.h"
#include "config/config.h"
#include "control.h"
#include "log.h"

/* More than a socket holds. */
#define LARGE 4000000
#define CLIENTS_MAX 64
#define NS_PER_MS 1000000U
#define NOBODY 65534

static struct loop *loop;
static struct control *control;
static char folder[] = "/tmp/sluice-control-XXXXXX";
static char path[64];
static unsigned int asked;
static int taken = -1;
static uint64_t now_ns;

static uint64_t fake_clock(void)
{
	return now_ns;
}

/* {"give": n} is answered with a text of n bytes, all else with itself. */
static json_t *answer(void *arg, const json_t *request)
{
	json_int_t give = json_integer_value(json_object_get(request, "give"));
	const char *bad = json_string_value(json_object_get(request, "bad"));
	char *text;
	json_t *object;

	asked += arg == &asked;
	if (json_object_get(request, "take")) {
		taken = control_take(control);
		/* Once is enough. */
		return control_take(control) < 0 ? json_object() : NULL;
	}
	if (bad)
		return control_error("'%.3s' is bad", bad);
	if (!give)
		return json_deep_copy(request);
	text = malloc((size_t)give + 1);
	memset(text, 'x', (size_t)give);
	text[give] = '\0';
	object = json_pack("{s:s}", "text", text);
	free(text);
	return object;
}

static bool open_control(void)
{
	char error[256] = "";

	control =
		control_open(loop, path, answer, &asked, error, sizeof(error));
	if (!control)
		printf("# %s\n", error);
	return control;
}

static void setup(void)
{
	now_ns = 1000000000000;
	asked = 0;
	loop = loop_create(fake_clock);
	if (!open_control())
		exit(1);
}

static void teardown(void)
{
	control_close(control);
	loop_free(loop);
}

static void turn(unsigned int times)
{
	while (times--)
		loop_turn(loop, 0);
}

static int reach(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, sizeof(path));
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		exit(1);
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void say(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
		printf("# cannot send: %s\n", strerror(errno));
}

/* All that comes until the connection ends; NULL if it does not. */
static char *read_all(int fd, size_t *length)
{
	static char text[LARGE + 100];

	*length = 0;
	for (unsigned int tries = 0; tries < 10000; tries++) {
		ssize_t got =
			recv(fd, text + *length, sizeof(text) - 1 - *length, 0);

		if (got == 0 || (got < 0 && errno == ECONNRESET)) {
			text[*length] = '\0';
			return text;
		}
		if (got > 0)
			*length += (size_t)got;
		loop_turn(loop, 0);
	}
	return NULL;
}

/* Whether this is the whole answer; the connection is closed. */
static bool answers(int fd, const char *expect)
{
	size_t length;
	const char *text = read_all(fd, &length);
	bool right = text && strcmp(text, expect) == 0;

	if (!right)
		printf("# got: %.200s\n# instead of: %s",
		       text ? text : "(no end)", expect);
	close(fd);
	return right;
}

static bool in_one_piece(void)
{
	int fd = reach();

	say(fd, "{\"a\": 1}\n");
	return answers(fd, "{\"a\":1}\n") && asked == 1;
}

static bool in_pieces(void)
{
	const char *text = "{\"a\": [1, 2, \"three\"]}\n";
	int fd = reach();

	for (; *text; text++) {
		char byte[2] = { *text };

		say(fd, byte);
		turn(1);
	}
	return answers(fd, "{\"a\":[1,2,\"three\"]}\n") && asked == 1;
}

/* What came before anybody looked, and its end. */
static bool before_the_loop(void)
{
	int fd = reach();
	bool right;

	say(fd, "{\"a\": 1}\n");
	shutdown(fd, SHUT_WR);
	right = answers(fd, "{\"a\":1}\n");
	/* And the same when the connection is known already. */
	fd = reach();
	turn(2);
	say(fd, "{\"a\": 2}\n");
	shutdown(fd, SHUT_WR);
	return right & answers(fd, "{\"a\":2}\n");
}

static bool not_json(void)
{
	static const char *const texts[] = {
		"\n",
		"[]\n",
		"reload\n",
		"{\"a\"\n",
		"{\"a\":1,\"a\":2}\n",
		"{\"a\":\"\xff\"}\n",
		"{} {}\n",
	};
	bool right = true;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *begin =
			"{\"errors\":[\"not a JSON object in one line: ";
		size_t length;
		int fd = reach();
		const char *text;

		say(fd, texts[i]);
		text = read_all(fd, &length);
		if (!text || strncmp(text, begin, strlen(begin)) != 0) {
			printf("# %s: %s\n", texts[i], text ? text : "-");
			right = false;
		}
		close(fd);
	}
	return right && asked == 0;
}

static bool too_long(void)
{
	char *text = malloc(CONTROL_REQUEST_MAX + 1);
	int fd = reach();
	bool right;

	memset(text, ' ', CONTROL_REQUEST_MAX + 1);
	memcpy(text, "{}", 2);
	text[CONTROL_REQUEST_MAX] = '\0';
	say(fd, text);
	right = answers(
		fd, "{\"errors\":[\"a request of more than 65536 bytes\"]}\n");
	/* The longest. */
	text[CONTROL_REQUEST_MAX - 1] = '\n';
	fd = reach();
	say(fd, text);
	right &= answers(fd, "{}\n") && asked == 1;
	free(text);
	return right;
}

static bool no_end(void)
{
	int fd = reach();
	bool right;

	say(fd, "{\"command\": \"reload\"}");
	shutdown(fd, SHUT_WR);
	right = answers(
		fd,
		"{\"errors\":[\"a request that its line does not end\"]}\n");
	fd = reach();
	shutdown(fd, SHUT_WR);
	return right & answers(fd, "") && asked == 0;
}

/* A character that is cut is none, and no reason to give no answer. */
static bool cut_text(void)
{
	int fd = reach();

	say(fd, "{\"bad\": \"aa\xc3\xa4\"}\n");
	return answers(fd, "{\"errors\":[\"'aa?' is bad\"]}\n");
}

/* They do not read, and get what there is when they do. */
static bool slow_reader(void)
{
	size_t length;
	const char *text;
	int fd = reach(), other;
	bool right;

	say(fd, "{\"give\": 4000000}\n");
	turn(10);
	other = reach();
	say(other, "{\"a\": 1}\n");
	right = answers(other, "{\"a\":1}\n");
	text = read_all(fd, &length);
	right &= text && length == LARGE + strlen("{\"text\":\"\"}\n") &&
		 text[length - 1] == '\n';
	close(fd);
	return right;
}

/* A client that is in the way goes after its time, wherever it has come to. */
static bool hangs(void)
{
	int silent = reach(), half = reach(), deaf = reach();
	bool right;
	char byte;

	say(half, "{\"a\":");
	say(deaf, "{\"give\": 4000000}\n");
	turn(10);
	now_ns += 29000ULL * NS_PER_MS;
	turn(5);
	right = recv(silent, &byte, 1, 0) < 0 && errno == EAGAIN;
	now_ns += 2000ULL * NS_PER_MS;
	turn(5);
	right &= recv(silent, &byte, 1, 0) == 0;
	right &= recv(half, &byte, 1, 0) == 0;
	close(silent);
	close(half);
	close(deaf);
	return right;
}

static bool gone(void)
{
	int fd = reach();

	say(fd, "{\"give\": 4000000}\n");
	close(fd);
	turn(10);
	fd = reach();
	say(fd, "{\"give\": 4000000}\n");
	turn(10);
	close(fd);
	turn(10);
	fd = reach();
	say(fd, "{\"a\": 1}\n");
	return answers(fd, "{\"a\":1}\n") && asked == 3;
}

static bool many(void)
{
	int fds[CLIENTS_MAX], more;
	bool right = true;

	for (unsigned int i = 0; i < CLIENTS_MAX; i++) {
		fds[i] = reach();
		turn(2);
	}
	more = reach();
	right = answers(more,
			"{\"errors\":[\"too many ask at once; try again\"]}\n");
	for (unsigned int i = 0; i < CLIENTS_MAX; i++) {
		say(fds[i], "{}\n");
		right &= answers(fds[i], "{}\n");
	}
	more = reach();
	say(more, "{}\n");
	return right & answers(more, "{}\n");
}

/* Those that wait are accepted when there are descriptors again. */
static bool no_descriptors(void)
{
	struct rlimit old, none;
	int fd = reach(), spare = dup(fd);

	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = (rlim_t)spare;
	close(spare);
	setrlimit(RLIMIT_NOFILE, &none);
	say(fd, "{\"a\": 1}\n");
	turn(10);
	setrlimit(RLIMIT_NOFILE, &old);
	/* Nobody comes meanwhile, and the loop has nothing to do. */
	turn(10);
	if (asked)
		return false;
	now_ns += 1000ULL * NS_PER_MS;
	return answers(fd, "{\"a\":1}\n");
}

/* Of a daemon that was killed; one that is in use stays. */
static bool left_over(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char error[256] = "", expect[256];
	struct control *second;
	struct stat stat_;
	bool right;
	int fd;

	second = control_open(loop, path, answer, NULL, error, sizeof(error));
	snprintf(expect, sizeof(expect),
		 "control socket %s: Address already in use", path);
	right = !second && strcmp(error, expect) == 0;
	control_close(control);
	right &= lstat(path, &stat_) < 0;

	memcpy(address.sun_path, path, sizeof(path));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	right &= fd >= 0 &&
		 bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	right &= open_control() && lstat(path, &stat_) == 0 &&
		 (stat_.st_mode & 0777) == 0600;
	control_close(control);

	/* What is no socket is nobody's to take away. */
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	control = NULL;
	right &=
		!control_open(loop, path, answer, NULL, error, sizeof(error)) &&
		strcmp(error, expect) == 0 && unlink(path) == 0;
	return right;
}

/* A connection that goes on without the control socket. */
static bool take(void)
{
	int fd = reach();
	char got[8] = "";
	bool right;

	say(fd, "{\"take\":1}\n");
	turn(3);
	right = taken >= 0 && recv(fd, got, sizeof(got), 0) < 0 &&
		errno == EAGAIN;
	/* Neither its time-out nor the end of the socket touch it. */
	now_ns += UINT64_C(60000) * NS_PER_MS;
	turn(2);
	right &= send(taken, "here", 4, MSG_NOSIGNAL) == 4 &&
		 recv(fd, got, sizeof(got), 0) == 4 && strcmp(got, "here") == 0;
	right &= control_take(control) < 0;
	close(taken);
	taken = -1;
	close(fd);
	return right;
}

static json_t *answer_of_next(void *arg, const json_t *request)
{
	(void)arg;
	(void)request;
	return json_pack("{s:i}", "next", 1);
}

static bool is_next(void)
{
	int fd = reach();
	char *text;
	size_t length;
	bool right;

	say(fd, "{}\n");
	text = read_all(fd, &length);
	right = text && strcmp(text, "{\"next\":1}\n") == 0;
	close(fd);
	return right;
}

/* Another one comes into its place; that one's end does not take the path away. */
static bool replaced(void)
{
	char error[256] = "", beside[80];
	struct control *next;
	struct stat stat_;
	bool right;

	next = control_open_beside(loop, path, answer_of_next, NULL, error,
				   sizeof(error));
	snprintf(beside, sizeof(beside), "%s.new", path);
	right = next && lstat(beside, &stat_) == 0 &&
		(stat_.st_mode & 0777) == 0600 && !is_next();
	/* One that gives up leaves nothing. */
	control_close(next);
	right &= lstat(beside, &stat_) < 0 && !is_next();
	next = control_open_beside(loop, path, answer_of_next, NULL, error,
				   sizeof(error));
	right &= next && control_publish(next, error, sizeof(error)) == 0 &&
		 lstat(beside, &stat_) < 0 && is_next();
	control_leave(control);
	control_close(control);
	control = NULL;
	right &= lstat(path, &stat_) == 0 && is_next();
	control_close(next);
	return right && lstat(path, &stat_) < 0;
}

static bool long_path(void)
{
	char name[200], error[256] = "";

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	return !control_open(loop, name, answer, NULL, error, sizeof(error)) &&
	       strstr(error, "File name too long");
}

/* The log goes to a file, as configured. */
static bool log_to(const char *to)
{
	char text[256], error[256] = "";
	struct config_errors errors = { 0 };
	struct config *config;
	int length = snprintf(
		text, sizeof(text),
		"version: 1\nsettings: {log: {to: file, file: %s}}\n", to);
	bool right;

	config = config_parse("t", text, (size_t)length, &errors);
	right = config && !config_errors_any(&errors) &&
		log_open(config->settings->log, error, sizeof(error)) == 0;
	config_errors_free(&errors);
	config_free(config);
	return right;
}

/* Whether a file has a text, and is then deleted. */
static bool had(const char *name, const char *text)
{
	char bytes[1024] = "";
	FILE *file = fopen(name, "re");
	bool right = file && fread(bytes, 1, sizeof(bytes) - 1, file) > 0 &&
		     strstr(bytes, text);

	if (!right)
		printf("# %s: %s\n", name, bytes);
	if (file)
		fclose(file);
	unlink(name);
	return right;
}

/* Somebody who gets at the socket all the same is not heard, and that is said. */
static bool not_allowed(void)
{
	char log_path[80];
	char *text;
	size_t length;
	bool right;
	int fd;

	if (geteuid() != 0) {
		printf("# only root can be somebody else\n");
		return true;
	}
	snprintf(log_path, sizeof(log_path), "%s/log", folder);
	if (!log_to(log_path) || chmod(folder, 0755) < 0 ||
	    chmod(path, 0666) < 0 || seteuid(NOBODY) < 0)
		return false;
	fd = reach();
	if (seteuid(0) < 0)
		exit(1);
	say(fd, "{\"x\": 1}\n");
	text = read_all(fd, &length);
	right = text &&
		strcmp(text,
		       "{\"errors\":[\"user 65534 may not control the daemon; be root\"]}\n") ==
			0;
	if (!right)
		printf("# %s\n", text ? text : "no end");
	close(fd);
	log_close();
	right &= had(
		log_path,
		"warning user 65534 is not allowed to use the control socket");
	/* Others are heard as before. */
	fd = reach();
	say(fd, "{\"x\": 1}\n");
	text = read_all(fd, &length);
	right &= text && strcmp(text, "{\"x\":1}\n") == 0 && asked == 1;
	close(fd);
	return right;
}

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{ "a request in one piece", in_one_piece },
	{ "a request in pieces", in_pieces },
	{ "a request that came before anybody looked", before_the_loop },
	{ "what is not JSON", not_json },
	{ "a request that is too long, and the longest", too_long },
	{ "a request without an end", no_end },
	{ "an answer with half a character", cut_text },
	{ "a client that reads late", slow_reader },
	{ "clients that hang", hangs },
	{ "clients that go", gone },
	{ "too many clients", many },
	{ "no descriptors", no_descriptors },
	{ "who is not allowed", not_allowed },
	{ "a socket that is left over, or in use", left_over },
	{ "a connection that is taken over", take },
	{ "another one takes its place", replaced },
	{ "a path that is too long", long_path },
};

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/control", folder);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		setup();
		ktap_result(&ktap, tests[i].run(), tests[i].name);
		teardown();
	}
	rmdir(folder);
	return ktap_end(&ktap);
}
