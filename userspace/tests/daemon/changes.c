// SPDX-License-Identifier: GPL-2.0-or-later
/* What was changed at run time: in memory, in its file, and in files that are not ours. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../ktap.h"
#include "changes.h"

static char folder[] = "/tmp/sluice-changes-XXXXXX";
static char path[64], next[80];
static char error[512];
static struct changes *changes;

static struct change make(const char *pool, const char *at)
{
	struct change change = { .has_weight = true, .weight = 5 };

	snprintf(change.pool, sizeof(change.pool), "%s", pool);
	sluice_endpoint_parse(at, &change.at);
	return change;
}

static bool put(const struct change *change)
{
	return changes_put(changes, change, error, sizeof(error)) == 0;
}

static bool again(void)
{
	changes_free(changes);
	changes = changes_open(path, error, sizeof(error));
	return changes;
}

static const struct change *find(const char *pool, const char *at)
{
	struct change key = make(pool, at);

	return changes_find(changes, pool, &key.at);
}

static size_t count(void)
{
	const struct change *change = NULL;
	size_t number = 0;

	while ((change = changes_each(changes, change)))
		number++;
	return number;
}

/* All of a change, also after it was read again. */
static bool has(const struct change *expect)
{
	const struct change *change =
		changes_find(changes, expect->pool, &expect->at);

	return change && strcmp(change->pool, expect->pool) == 0 &&
	       change->has_state == expect->has_state &&
	       change->has_weight == expect->has_weight &&
	       change->added == expect->added &&
	       change->removed == expect->removed &&
	       change->state == expect->state &&
	       change->forward == expect->forward &&
	       change->weight == expect->weight;
}

static bool put_and_find(void)
{
	struct change a = make("web", "10.0.0.1:80");
	struct change b = make("web", "[2001:db8::1]:80");
	struct change c = make("api", "10.0.0.1:80");
	bool right;

	a.has_state = true;
	a.state = SLUICE_SERVER_STATE_DRAINING;
	b.added = true;
	b.forward = SLUICE_FORWARD_TUNNEL;
	b.weight = SLUICE_WEIGHT_MAX;
	c.has_weight = false;
	c.weight = 0;
	c.removed = true;
	right = put(&a) && put(&b) && put(&c) && has(&a) && has(&b) &&
		has(&c) && !find("web", "10.0.0.1:81") &&
		!find("we", "10.0.0.1:80") && count() == 3;
	return right && again() && has(&a) && has(&b) && has(&c) &&
	       count() == 3;
}

static bool in_place(void)
{
	struct change a = make("web", "10.0.0.1:80");

	if (!put(&a))
		return false;
	a.weight = 0;
	return put(&a) && has(&a) && count() == 1 && again() && has(&a);
}

static bool taken_back(void)
{
	struct change a = make("web", "10.0.0.1:80");
	struct change b = make("web", "10.0.0.2:80");

	if (!put(&a) || !put(&b))
		return false;
	a.has_weight = false;
	return put(&a) && !find("web", "10.0.0.1:80") && has(&b) && put(&a) &&
	       count() == 1 && again() && !find("web", "10.0.0.1:80") &&
	       has(&b);
}

static bool many(void)
{
	bool right = true;
	char at[32];

	for (unsigned int i = 0; i < 200; i++) {
		struct change change;

		snprintf(at, sizeof(at), "10.0.0.%u:80", i * 77 % 200);
		change = make(i % 2 ? "web" : "api", at);
		change.weight = i;
		right &= put(&change);
	}
	right &= count() == 200 && again() && count() == 200;
	for (unsigned int i = 0; right && i < 200; i++) {
		const struct change *change;

		snprintf(at, sizeof(at), "10.0.0.%u:80", i * 77 % 200);
		change = find(i % 2 ? "web" : "api", at);
		right &= change && change->weight == i;
	}
	return right;
}

static bool put_route(const char *service, const char *name, const char *text,
		      const char *before, bool forget)
{
	const struct config_route_change change = {
		.service = service, .name = name, .text = text, .before = before
	};

	return changes_put_route(changes, &change, forget, error,
				 sizeof(error)) == 0;
}

static bool has_route(size_t i, const char *service, const char *name,
		      const char *text)
{
	const struct config_route_change *routes;
	size_t routes_count;

	routes = changes_routes(changes, &routes_count);
	return i < routes_count && strcmp(routes[i].service, service) == 0 &&
	       strcmp(routes[i].name, name) == 0 &&
	       (text ? routes[i].text && strcmp(routes[i].text, text) == 0 :
		       !routes[i].text);
}

static size_t route_count(void)
{
	size_t number;

	changes_routes(changes, &number);
	return number;
}

/* By service, and in the order in which they came. */
static bool routes(void)
{
	bool right;

	right = put_route("s", "b", "{pool: web}", NULL, false) &&
		put_route("a", "x", NULL, NULL, false) &&
		put_route("s", "a", "{pool: \"api\"}", "b", false);
	for (int i = 0; i < 2; i++) {
		right &= route_count() == 3 && has_route(0, "a", "x", NULL) &&
			 has_route(1, "s", "b", "{pool: web}") &&
			 has_route(2, "s", "a", "{pool: \"api\"}");
		right &= again();
	}
	right &= put_route("s", "b", NULL, NULL, false) && route_count() == 3 &&
		 has_route(2, "s", "b", NULL) &&
		 put_route("a", "x", NULL, NULL, true) && route_count() == 2;
	return right && again() && route_count() == 2 &&
	       has_route(0, "s", "a", "{pool: \"api\"}");
}

static bool cleared(void)
{
	struct change a = make("web", "10.0.0.1:80");
	bool right;

	right = put(&a) && put_route("s", "b", "{}", NULL, false) &&
		changes_clear(changes, error, sizeof(error)) == 0 &&
		count() == 0 && route_count() == 0 &&
		!find("web", "10.0.0.1:80");
	/* It may come back until something else is changed. */
	right &= changes_restore(changes, error, sizeof(error)) == 0 &&
		 has(&a) && has_route(0, "s", "b", "{}") && again() &&
		 has(&a) && has_route(0, "s", "b", "{}");
	right &= changes_clear(changes, error, sizeof(error)) == 0 && again() &&
		 count() == 0 && route_count() == 0;
	right &= put(&a) && changes_clear(changes, error, sizeof(error)) == 0 &&
		 changes_clear(changes, error, sizeof(error)) == 0 &&
		 changes_restore(changes, error, sizeof(error)) == 0 &&
		 count() == 0;
	right &= put(&a) && changes_clear(changes, error, sizeof(error)) == 0 &&
		 put_route("s", "b", "{}", NULL, false) &&
		 changes_restore(changes, error, sizeof(error)) == 0 &&
		 count() == 0 && route_count() == 1;
	return right;
}

static void write_file(const char *name, const char *text)
{
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600);

	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		exit(1);
	close(fd);
}

#define SERVERS(list) "{\"version\": 1, \"servers\": [" list "]}"
#define ROUTES(list) "{\"version\": 1, \"servers\": [], \"routes\": " list "}"
#define SERVER(rest) \
	"{\"pool\": \"web\", \"server\": \"10.0.0.1:80\", " rest "}"

/* Not what this daemon wrote. */
static const char *const broken[] = {
	"",
	"{",
	"[]",
	"null",
	"{\"version\": 1}",
	"{\"version\": 2, \"servers\": []}",
	"{\"version\": 1, \"servers\": {}}",
	SERVERS("5"),
	SERVERS("{}"),
	SERVERS("{\"pool\": \"web\", \"weight\": 1}"),
	SERVERS("{\"pool\": \"\", \"server\": \"10.0.0.1:80\"}"),
	SERVERS("{\"pool\": 1, \"server\": \"10.0.0.1:80\"}"),
	SERVERS("{\"pool\": \"web\", \"server\": \"10.0.0.1\"}"),
	SERVERS("{\"pool\": \"web\", \"server\": \"10.0.0.1:0\"}"),
	SERVERS("{\"pool\": \"web\", \"server\": \"[2001:db8::1:80\"}"),
	SERVERS("{\"pool\": \"a-name-of-more-than-sixty-three-characters-which-nothing-could-have-written\", \"server\": \"10.0.0.1:80\"}"),
	SERVERS(SERVER("\"weight\": -1")),
	SERVERS(SERVER("\"weight\": 65536")),
	SERVERS(SERVER("\"weight\": 4294967297")),
	SERVERS(SERVER("\"weight\": \"5\"")),
	SERVERS(SERVER("\"weight\": 1.5")),
	SERVERS(SERVER("\"state\": \"sideways\"")),
	SERVERS(SERVER("\"state\": 1")),
	SERVERS(SERVER("\"added\": true")),
	SERVERS(SERVER("\"added\": true, \"forward\": \"pigeon\"")),
	SERVERS(SERVER("\"forward\": \"nat\"")),
	/* The same server twice, with others between. */
	SERVERS(SERVER("\"weight\": 1") "," SERVER("\"weight\": 2")),
	SERVERS(SERVER("\"weight\": 1") ",{\"pool\": \"api\", \"server\": \"10.0.0.1:80\", \"weight\": 2}," SERVER(
		"\"weight\": 3")),
	"{\"version\": 1, \"version\": 1, \"servers\": []}",
	ROUTES("5"),
	ROUTES("[5]"),
	ROUTES("[{\"service\": \"s\"}]"),
	ROUTES("[{\"service\": 1, \"name\": \"a\"}]"),
};

static bool broken_files(void)
{
	bool right = true;
	char expect[256];

	snprintf(expect, sizeof(expect),
		 "%s: not what this daemon wrote; move it away", path);
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		write_file(path, broken[i]);
		if (again() || strcmp(error, expect) != 0) {
			printf("# taken: %s\n", broken[i]);
			right = false;
		}
	}
	unlink(path);
	return again() && right;
}

/* Half of what was written, wherever it ends. */
static bool cut_files(void)
{
	struct change a = make("web", "10.0.0.1:80");
	char whole[1024] = "";
	bool right;
	FILE *from;
	size_t length;

	right = put(&a) && put_route("s", "b", "{}", NULL, false);
	from = fopen(path, "r");
	if (!from)
		return false;
	length = fread(whole, 1, sizeof(whole) - 1, from);
	fclose(from);
	/* The end of the line may be missing. */
	while (length > 0 && whole[length - 1] != '}')
		length--;
	right &= length > 50;
	while (length-- > 0) {
		whole[length] = '\0';
		write_file(path, whole);
		right &= !again();
	}
	unlink(path);
	return again() && right;
}

/* What is no file is not waited for, and not followed. */
static bool no_file(void)
{
	bool right;

	right = mkfifo(path, 0600) == 0 && !again() &&
		strstr(error, "Invalid argument") && unlink(path) == 0;
	write_file(next, SERVERS(""));
	right &= symlink(next, path) == 0 && !again() &&
		 strstr(error, "symbolic links") && unlink(path) == 0;
	right &= mkdir(path, 0700) == 0 && !again() && rmdir(path) == 0;
	unlink(next);
	return again() && right;
}

/* What is left of a daemon that was killed while it wrote, and what others put there. */
static bool in_the_way(void)
{
	struct change a = make("web", "10.0.0.1:80");
	char target[80], text[8] = "";
	struct stat stat_;
	bool right;
	FILE *from;

	snprintf(target, sizeof(target), "%s/target", folder);
	write_file(target, "keep");
	write_file(next, "left over");
	chmod(next, 0);
	right = put(&a) && access(next, F_OK) < 0;
	a.weight++;
	right &= symlink(target, next) == 0 && put(&a) && again() && has(&a);
	from = fopen(target, "r");
	if (!from)
		return false;
	right &= fread(text, 1, sizeof(text) - 1, from) == 4 &&
		 strcmp(text, "keep") == 0;
	fclose(from);
	unlink(target);
	return right && lstat(path, &stat_) == 0 && S_ISREG(stat_.st_mode) &&
	       (stat_.st_mode & 0777) == 0600;
}

/* Then nothing has changed, neither here nor in the file. */
static bool full_disk(void)
{
	struct change a = make("web", "10.0.0.1:80");
	struct change b = make("web", "10.0.0.2:80"), other = a;
	struct rlimit old, full = { 0, 0 };
	bool right;

	right = put(&a) && put_route("s", "b", "{}", NULL, false);
	getrlimit(RLIMIT_FSIZE, &old);
	full.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	full.rlim_cur = 20;
	setrlimit(RLIMIT_FSIZE, &full);
	other.weight = 9;
	right &= !put(&other) && strstr(error, "File too large") &&
		 strncmp(error, path, strlen(path)) == 0 && has(&a);
	right &= !put(&b) && !find("web", "10.0.0.2:80") && count() == 1;
	other.has_weight = false;
	right &= !put(&other) && has(&a);
	right &= !put_route("s", "c", "{}", NULL, false) &&
		 !put_route("s", "b", NULL, NULL, false) &&
		 !put_route("s", "b", NULL, NULL, true) && route_count() == 1 &&
		 has_route(0, "s", "b", "{}");
	right &= changes_clear(changes, error, sizeof(error)) == -EFBIG &&
		 has(&a) && route_count() == 1;
	setrlimit(RLIMIT_FSIZE, &old);
	right &= access(next, F_OK) < 0;
	return right && again() && has(&a) && count() == 1 &&
	       has_route(0, "s", "b", "{}");
}

static bool no_folder(void)
{
	struct change a = make("web", "10.0.0.1:80");
	struct changes *none;
	bool right;

	none = changes_open("/no/such/folder/changes", error, sizeof(error));
	right = none &&
		changes_put(none, &a, error, sizeof(error)) == -ENOENT &&
		strcmp(error,
		       "/no/such/folder/changes: No such file or directory") ==
			0 &&
		!changes_each(none, NULL);
	changes_free(none);
	return right;
}

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{ "put, found, and read again", put_and_find },
	{ "put in place of what there is", in_place },
	{ "taken back", taken_back },
	{ "many", many },
	{ "routes", routes },
	{ "all taken back, and restored", cleared },
	{ "files that are not ours", broken_files },
	{ "files that end too early", cut_files },
	{ "what is no file", no_file },
	{ "what is in the way", in_the_way },
	{ "a full disk", full_disk },
	{ "a folder that is not there", no_folder },
};

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/changes", folder);
	snprintf(next, sizeof(next), "%s.new", path);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		unlink(path);
		if (!again())
			return 1;
		ktap_result(&ktap, tests[i].run(), tests[i].name);
	}
	changes_free(changes);
	unlink(path);
	rmdir(folder);
	return ktap_end(&ktap);
}
