// SPDX-License-Identifier: GPL-2.0-or-later
/* What is asked over the control socket: answers, what the kernel is told, what is kept. */
#define FAKE_WITH_LOG
#include "site_fake.h"
#include "commands.h"
#include "log.h"
#include "place.h"
#include "run.h"

/* The kernel takes what it is told, or refuses it. */
static enum {
	TAKES,
	REFUSES,
	IS_GONE,
	/* Takes the table, and then nothing about stratum relay. */
	TAKES_HALF,
} kernel_does;

/* A connection, good for the module that it was made to. */
struct kernel {
	bool good;
	uint8_t key[SLUICE_STICKY_SECRET_SIZE];
};

static struct kernel connections[4];
static size_t connected;

struct kernel *kernel_open(char *error, size_t size)
{
	snprintf(error, size, "no module");
	if (kernel_does == IS_GONE)
		return NULL;
	connections[connected].good = true;
	return &connections[connected++];
}

void kernel_close(struct kernel *kernel)
{
	(void)kernel;
}

void kernel_set_key(struct kernel *kernel,
		    const uint8_t key[SLUICE_STICKY_SECRET_SIZE])
{
	memcpy(kernel->key, key, sizeof(kernel->key));
}

unsigned int kernel_built(const struct kernel *kernel)
{
	return kernel ? PLACE_BUILT : PLACE_ALONE;
}

/* Where it is not, each reload looks for it. */
bool kernel_has_relay(const struct kernel *kernel)
{
	return kernel;
}

struct relay_back *relay_back_open(struct loop *loop, struct proxy *of,
				   char *error, size_t size)
{
	(void)loop;
	(void)of;
	snprintf(error, size, "nobody is given back here");
	return NULL;
}

void relay_back_close(struct relay_back *back)
{
	(void)back;
}

uint64_t kernel_generation(const struct kernel *kernel)
{
	(void)kernel;
	return 1;
}

int kernel_ask(struct kernel *kernel, char *error, size_t size)
{
	(void)kernel;
	snprintf(error, size, "no module");
	return kernel_does == IS_GONE ? -ENOENT : 0;
}

int kernel_adopt(struct kernel *kernel, struct site *of, char *error,
		 size_t size)
{
	(void)kernel;
	(void)of;
	(void)error;
	(void)size;
	return 0;
}

int kernel_apply(struct kernel *kernel, struct site *next,
		 struct config_errors *errors)
{
	if (kernel_does == TAKES && kernel->good) {
		apply(next);
		return 0;
	}
	if (kernel_does == TAKES_HALF) {
		snprintf(told, sizeof(told), "half\n");
		config_error_add(errors, next->config->at,
				 "stratum relay: no memory");
		return -ENOMEM;
	}
	config_error_add(errors, next->config->at, "refused");
	return kernel_does == REFUSES ? -EINVAL : -ENOENT;
}

int kernel_flush(struct kernel *kernel, struct site *of, char *error,
		 size_t size)
{
	(void)kernel;
	if (kernel_does == TAKES) {
		fake_flush(of->host, of);
		return 0;
	}
	snprintf(error, size, "refused");
	return -EINVAL;
}

int kernel_server(struct kernel *kernel, const struct site_server *server,
		  struct sluice_server *has)
{
	(void)kernel;
	(void)server;
	(void)has;
	return -ENOENT;
}

/* Of those for scripts and other namespaces. */
static bool has_privileges;
/* What the resolver says of its settings, NULL: that they are right. */
static const char *resolver_says;

bool privileges_have(unsigned int extra)
{
	return !extra || has_privileges;
}

/* The rest of the resolver. */
struct resolver *resolver_create(struct loop *loop,
				 const struct config_resolver *config,
				 char *error, size_t size)
{
	(void)loop;
	(void)config;
	(void)error;
	(void)size;
	return NULL;
}

int resolver_configure(struct resolver *r, const struct config_resolver *config,
		       char *error, size_t size)
{
	(void)r;
	(void)config;
	if (resolver_says)
		snprintf(error, size, "%s", resolver_says);
	return resolver_says ? -EINVAL : 0;
}

void resolver_free(struct resolver *r)
{
	(void)r;
}

static struct daemon daemon_;
static char file[80], log_path[80];

#define FILE_TEXT                                                              \
	"version: 1\n"                                                         \
	"settings: {log: {to: file, file: %s}}\n"                              \
	"pools:\n"                                                             \
	"  web: {servers: ['10.0.0.1:80', {address: 10.0.0.2:80, weight: 4,\n" \
	"        state: draining}, a.test:80]}\n"                              \
	"services: {s: {address: '192.0.2.1:80', pool: web, parse: http,\n"    \
	"  decide: connection,\n"                                              \
	"  routes: [{name: r, match: {path: /x}, reject: 403}]}}\n%s"

static void write_text(const char *text)
{
	FILE *to = fopen(file, "w");

	if (!to || fputs(text, to) == EOF || fclose(to) == EOF)
		exit(1);
}

static void write_config(const char *more)
{
	char text[1024];

	snprintf(text, sizeof(text), FILE_TEXT, log_path, more);
	write_text(text);
}

static void flush(struct site_host *of, struct site *in)
{
	char error[64];

	(void)in;
	daemon_flush(loop_owner(of, struct daemon, host), error, sizeof(error));
}

static void begin(void)
{
	struct config_errors errors = { 0 };
	struct config *config;
	char error[256];

	setup();
	kernel_does = TAKES;
	has_privileges = true;
	resolver_says = NULL;
	connected = 0;
	snprintf(file, sizeof(file), "%s/config", folder);
	snprintf(log_path, sizeof(log_path), "%s/log", folder);
	write_config("");
	config = config_load(file, &errors);
	if (config_errors_any(&errors)) {
		config_errors_print(&errors, stdout);
		exit(1);
	}
	if (log_open(config->settings->log, error, sizeof(error)))
		exit(1);
	daemon_ = (struct daemon){ .file = file, .lock = -1 };
	daemon_.host = host;
	daemon_.host.flush = flush;
	daemon_.admin = admin_create(host.loop, &daemon_.source);
	daemon_.kernel = kernel_open(error, sizeof(error));
	daemon_.proxy = proxy_create(host.loop, 1);
	daemon_.site = site_create(&daemon_.host, config, NULL, &errors);
	apply(daemon_.site);
	site_start(daemon_.site);
	answer("a.test", "10.0.0.3:80", NULL);
	loop_turn(host.loop, 0);
	told[0] = '\0';
}

static void end(void)
{
	loop_timer_del(host.loop, &daemon_.repair);
	admin_free(daemon_.admin);
	proxy_free(daemon_.proxy);
	site_free(daemon_.site);
	log_close();
	teardown();
	unlink(file);
	unlink(log_path);
}

static char *ask(const char *text)
{
	json_t *request = json_loads(text, 0, NULL);
	json_t *answers = commands_answer(&daemon_, request);
	char *line = json_dumps(answers, JSON_COMPACT | JSON_SORT_KEYS);

	json_decref(request);
	json_decref(answers);
	return line;
}

static bool answered(const char *text, const char *expect)
{
	char *line = ask(text);
	bool right = strcmp(line, expect) == 0;

	if (!right)
		printf("# %s: %s\n# instead of: %s\n", text, line, expect);
	free(line);
	return right;
}

/* Nothing but these is wrong, and nothing has changed. */
static bool refuses(const char *text, const char *error)
{
	char expect[512];
	bool right;

	snprintf(expect, sizeof(expect), "{\"errors\":[\"%s\"]}", error);
	right = answered(text, expect);
	loop_turn(host.loop, 0);
	return was_told("") && !changes_each(host.changes, NULL) && right;
}

static bool done(const char *text)
{
	return answered(text, "{}");
}

static bool has_errors(const char *text)
{
	char *line = ask(text);
	bool right = strncmp(line, "{\"errors\":[\"", 12) == 0;

	if (!right)
		printf("# %s: %s\n", text, line);
	free(line);
	return right;
}

#define AT(at) "\"pool\":\"web\",\"server\":\"" at "\""
#define STATE(at, state) \
	"{\"command\":\"state\"," AT(at) ",\"state\":\"" state "\"}"
#define WEIGHT(at, weight) \
	"{\"command\":\"weight\"," AT(at) ",\"weight\":" weight "}"
#define ADD(at) "{\"command\":\"add\"," AT(at) "}"
#define REMOVE(at) "{\"command\":\"remove\"," AT(at) "}"
#define FORGET "{\"command\":\"forget\"}"
#define RELOAD "{\"command\":\"reload\"}"
#define A "10.0.0.1:80"
#define B "10.0.0.2:80"
#define C "10.0.0.3:80"
#define NEW "10.0.0.9:80"

static bool wrong_requests(void)
{
	return refuses("{}", "command '': not known to this version") &
	       refuses("{\"command\":5}",
		       "command '': not known to this version") &
	       refuses("{\"command\":\"explode\"}",
		       "command 'explode': not known to this version") &
	       refuses("{\"command\":\"show\",\"pool\":\"web\"}",
		       "show: it takes no 'pool'") &
	       refuses("{\"command\":\"state\"}",
		       "a server is named by its pool and by its address and port") &
	       refuses("{\"command\":\"state\",\"pool\":\"no\",\"server\":\"x\"}",
		       "no pool is named 'no'") &
	       refuses(STATE("x", "up"),
		       "server 'x': not an address and port, as in 192.0.2.1:80 or [2001:db8::1]:80") &
	       refuses(STATE("[2001:db8::1]:80", "up"),
		       "pool web has no server [2001:db8::1]:80") &
	       refuses(STATE(A, "sideways"),
		       "state 'sideways': not up, draining or down") &
	       refuses("{\"command\":\"state\"," AT(A) "}",
		       "state '': not up, draining or down") &
	       refuses(WEIGHT(A, "65536"),
		       "weight: not a number from 0 to 65535") &
	       refuses(WEIGHT(A, "-1"),
		       "weight: not a number from 0 to 65535") &
	       refuses(WEIGHT(A, "\"1\""),
		       "weight: not a number from 0 to 65535") &
	       refuses(WEIGHT(A, "1.5"),
		       "weight: not a number from 0 to 65535") &
	       refuses(ADD(A), "the pool has this server already") &
	       refuses(ADD("[2001:db8::1]:80"),
		       "no service with an address of IPv6 uses pool web") &
	       refuses(REMOVE(NEW), "pool web has no server 10.0.0.9:80");
}

static bool states(void)
{
	bool right;

	right = done(STATE(A, "draining")) &&
		was_told("set web 10.0.0.1:80 draining 1\n") &&
		done(STATE(A, "down")) &&
		was_told("set web 10.0.0.1:80 down 1\n") &&
		done(STATE(A, "up")) &&
		was_told("set web 10.0.0.1:80 up 1\n") &&
		!changes_each(host.changes, NULL);
	/* 'up' is a change where it is not what is configured. */
	right &= done(STATE(B, "up")) &&
		 was_told("set web 10.0.0.2:80 up 4\n") &&
		 changes_each(host.changes, NULL) &&
		 done(STATE(B, "draining")) &&
		 !changes_each(host.changes, NULL);
	return right & was_told("set web 10.0.0.2:80 draining 4\n");
}

static bool weights(void)
{
	bool right;

	right = done(WEIGHT(A, "0")) &&
		was_told("set web 10.0.0.1:80 up 0\n") &&
		done(WEIGHT(A, "65535")) &&
		was_told("set web 10.0.0.1:80 up 65535\n") &&
		done(WEIGHT(A, "1")) && was_told("set web 10.0.0.1:80 up 1\n");
	return right & !changes_each(host.changes, NULL);
}

static bool added(void)
{
	return done(ADD(NEW)) &&
	       was_told("has web 10.0.0.1:80 up 1\n"
			"has web 10.0.0.2:80 draining 4\n"
			"has web 10.0.0.3:80 up 1\n"
			"has web 10.0.0.9:80 up 1\n") &&
	       done(REMOVE(NEW)) &&
	       was_told("has web 10.0.0.1:80 up 1\n"
			"has web 10.0.0.2:80 draining 4\n"
			"has web 10.0.0.3:80 up 1\n") &&
	       !changes_each(host.changes, NULL);
}

static bool removed(void)
{
	return done(REMOVE(A)) && done(REMOVE(C)) &&
	       was_told("has web 10.0.0.2:80 draining 4\n"
			"has web 10.0.0.3:80 up 1\n"
			"has web 10.0.0.2:80 draining 4\n") &&
	       done(ADD(A)) && done(ADD(C)) &&
	       was_told("has web 10.0.0.1:80 up 1\n"
			"has web 10.0.0.2:80 draining 4\n"
			"has web 10.0.0.1:80 up 1\n"
			"has web 10.0.0.2:80 draining 4\n"
			"has web 10.0.0.3:80 up 1\n") &&
	       !changes_each(host.changes, NULL);
}

/* What was removed, and is not configured any more, is added like any other. */
static bool removed_and_gone(void)
{
	bool right;

	right = done(REMOVE(C));
	answer("a.test", "10.0.0.4:80", NULL);
	loop_turn(host.loop, 0);
	told[0] = '\0';
	return right && done(ADD(C)) &&
	       was_told("has web 10.0.0.1:80 up 1\n"
			"has web 10.0.0.2:80 draining 4\n"
			"has web 10.0.0.4:80 up 1\n"
			"has web 10.0.0.3:80 up 1\n");
}

/* What was once said about a server that has gone is not about the one that comes. */
static bool added_anew(void)
{
	const struct change down = { .has_state = true,
				     .state = SLUICE_SERVER_STATE_DOWN };

	return put_change("web", NEW, down) && done(ADD(NEW)) &&
	       was_told("has web 10.0.0.1:80 up 1\n"
			"has web 10.0.0.2:80 draining 4\n"
			"has web 10.0.0.3:80 up 1\n"
			"has web 10.0.0.9:80 up 1\n");
}

static bool forgotten(void)
{
	bool right = done(STATE(A, "down")) && done(REMOVE(B)) &&
		     done(ADD(NEW));

	told[0] = '\0';
	kernel_does = REFUSES;
	right &= has_errors(FORGET);
	kernel_does = TAKES;
	right &= was_told("") && done(WEIGHT(A, "9")) &&
		 was_told("set web 10.0.0.1:80 down 9\n");
	right &= done(FORGET) && was_told("has web 10.0.0.1:80 up 1\n"
					  "has web 10.0.0.2:80 draining 4\n"
					  "has web 10.0.0.3:80 up 1\n");
	changes_free(host.changes);
	open_changes();
	daemon_.host.changes = host.changes;
	return right && !changes_each(host.changes, NULL);
}

/* The kernel refuses: then it was not said, and is not kept. */
static bool refused(void)
{
	bool right;

	kernel_does = REFUSES;
	right = has_errors(ADD(NEW)) && has_errors(REMOVE(A)) &&
		!changes_each(host.changes, NULL) && was_told("");
	right &= refuses(STATE(A, "down"), "refused");
	/* All is told again, and until then nothing is taken. */
	right &= refuses(STATE(A, "down"), "the kernel module is not there") &
		 refuses(ADD(NEW), "the kernel module is not there") &
		 refuses(REMOVE(A), "the kernel module is not there") &
		 refuses(FORGET, "the kernel module is not there");
	return right;
}

/* What cannot be written down is not done. */
static bool cannot_write(void)
{
	char other[80];
	bool right;

	snprintf(other, sizeof(other), "%s/no/changes", folder);
	changes_free(host.changes);
	host.changes = changes_open(other, other, sizeof(other));
	daemon_.host.changes = host.changes;
	right = has_errors(STATE(A, "down")) && has_errors(ADD(NEW)) &&
		has_errors(REMOVE(A)) && !changes_each(host.changes, NULL);
	loop_turn(host.loop, 0);
	return right & was_told("");
}

static bool reloaded(void)
{
	bool right;

	right = done(STATE(A, "down")) && done(RELOAD) &&
		was_told("set web 10.0.0.1:80 down 1\n"
			 "has web 10.0.0.1:80 down 1\n"
			 "has web 10.0.0.2:80 draining 4\n"
			 "has web 10.0.0.3:80 up 1\n") &&
		daemon_.source.reloads_applied == 1;
	write_config("nonsense: 5\n");
	right &= has_errors(RELOAD) && daemon_.source.reloads_refused == 1;
	write_config("checks: {c: {type: script, command: [/bin/true]}}\n");
	unlink(file);
	right &= has_errors(RELOAD) && daemon_.source.reloads_refused == 2;
	write_config("");
	kernel_does = REFUSES;
	right &= has_errors(RELOAD) && daemon_.source.reloads_refused == 3;
	return right && was_told("") && has_errors(FORGET);
}

/* A reload is refused with these errors, each with its place in the file, and @telling the kernel. */
static bool reload_refused(const char *const errors[], size_t count,
			   const char *telling)
{
	json_t *expect = json_array();
	char *text, *asked = ask(RELOAD);
	char line[512];
	bool right;

	for (size_t i = 0; i < count; i++) {
		snprintf(line, sizeof(line), "%s%s", file, errors[i]);
		json_array_append_new(expect, json_string(line));
	}
	expect = json_pack("{s:o}", "errors", expect);
	text = json_dumps(expect, JSON_COMPACT | JSON_SORT_KEYS);
	right = strcmp(text, asked) == 0;
	if (!right)
		printf("# %s\n# instead of: %s\n", asked, text);
	json_decref(expect);
	free(text);
	free(asked);
	return right & was_told(telling);
}

/* What needs a restart is refused, all of it at once, and so is the rest of the file. */
static bool fixed(void)
{
	static const char *const errors[] = {
		":1:1: checks: the first script or netns needs privileges that the daemon has given up; restart it",
		":2:12: settings.control: is /run/sluice/control while the daemon runs; restart it",
		":2:37: settings.user: is sluice while the daemon runs; restart it",
		":2:51: settings.cookie-key: is another one while the daemon runs; restart it",
		":2:75: settings.threads: is 0 while the daemon runs; restart it",
	};
	static const char *const besides[] = {
		":2:12: settings.threads: is 0 while the daemon runs; restart it",
		":3:20: certificates.c.file: /none/cert.pem: no such file",
		":6:32: services.s.stratum: sniff cannot serve it: nothing is to be read (parse); leave stratum out",
		":7:41: services.t.pol: not a key of a service; did you mean 'pool'?",
	};
	bool right;

	has_privileges = false;
	write_text(
		"version: 1\n"
		"settings: {control: /other/control, user: nobody, cookie-key: /other/key, threads: 3}\n"
		"checks: {c: {type: script, command: [/bin/true]}}\n"
		"services: {s: {address: '192.0.2.1:80', parse: http, routes: [{name: r, reject: 403}]}}\n");
	right = reload_refused(errors, 5, "");
	write_text("version: 1\n"
		   "settings: {threads: 3}\n"
		   "certificates: {c: {file: /none/cert.pem}}\n"
		   "pools: {p: {}}\n"
		   "services:\n"
		   "  s: {address: '192.0.2.1:80', stratum: sniff, pool: p}\n"
		   "  t: {address: '192.0.2.1:81', pool: p, pol: p}\n");
	return right & reload_refused(besides, 4, "") &
	       (daemon_.source.reloads_refused == 2);
}

/* What settings need, and what strata do, is not there. */
static bool not_there(void)
{
	static const char *const resolver[] = {
		":1:1: settings.resolver: no file",
	};
	static const char *const log[] = {
		":3:28: services.s.http.access-file: /none/log: No such file or directory; a file that the daemon's user may write to is expected",
	};
	static const char *const module[] = {
		":1:1: strata flow and sniff are not there: no module",
		":3:12: services.s: needs stratum flow, which is not there: load module sluice; proxy: it takes TCP only",
	};
	struct kernel *kernel = daemon_.kernel;
	bool right;

	resolver_says = "no file";
	write_text("version: 1\n");
	right = reload_refused(resolver, 1, "");
	resolver_says = NULL;
	write_text(
		"version: 1\n"
		"services: {s: {address: '127.0.0.1:9', parse: http, routes: [{name: r, reject: 403}],\n"
		"  http: {access-log: json, access-file: /none/log}}}\n");
	daemon_.host.built = PLACE_BUILT;
	right &= reload_refused(log, 1, "");
	daemon_.host.built = 0;
	daemon_.kernel = NULL;
	kernel_does = IS_GONE;
	write_text(
		"version: 1\n"
		"pools: {p: {}}\n"
		"services: {s: {address: '192.0.2.1:53', protocol: udp, pool: p}}\n");
	right &= reload_refused(module, 2, "");
	daemon_.kernel = kernel;
	return right;
}

/* It is back: a reload does not wait until that is seen. */
static bool reloaded_when_back(void)
{
	bool right;

	kernel_does = IS_GONE;
	daemon_.kernel->good = false;
	right = has_errors(RELOAD) && daemon_.repairing;
	kernel_does = TAKES;
	memset(daemon_.secret, 7, sizeof(daemon_.secret));
	right &= done(RELOAD) && !daemon_.repairing;
	/* It signs cookies as the one before did. */
	return right && memcmp(daemon_.kernel->key, daemon_.secret,
			       sizeof(daemon_.secret)) == 0;
}

/*
 * The kernel has the table of a configuration that is refused: all of the one in force
 * is told again, until that works.
 */
static bool half_applied(void)
{
	static const char *const errors[] = {
		":1:1: stratum relay: no memory",
	};
	bool right;

	daemon_init(&daemon_);
	daemon_.host.flush = flush;
	daemon_.host.is_idle = host.is_idle;
	write_text("version: 1\n"
		   "pools: {web: {servers: ['10.0.0.7:80']}}\n"
		   "services: {s: {address: '192.0.2.1:80', pool: web}}\n");
	kernel_does = TAKES_HALF;
	right = reload_refused(errors, 1, "half\n") && daemon_.repairing;
	pass_time(100);
	right &= was_told("half\n") && daemon_.repairing;
	kernel_does = TAKES;
	pass_time(2000);
	return right && !daemon_.repairing &&
	       was_told("has web 10.0.0.1:80 up 1\n"
			"has web 10.0.0.2:80 draining 4\n"
			"has web 10.0.0.3:80 up 1\n");
}

#define ROUTE(command, name, rest)                                        \
	"{\"command\":\"" command "\",\"service\":\"s\",\"name\":\"" name \
	"\"" rest "}"

static size_t route_count(void)
{
	return daemon_.site->config->services.items[0].routes.count;
}

static bool routes(void)
{
	bool right;

	right = has_errors(ROUTE("route-add", "r", "")) &&
		has_errors(ROUTE("route-add", "n", "")) &&
		has_errors(ROUTE("route-add", "n", ",\"route\":\"{\"")) &&
		has_errors(
			ROUTE("route-add", "n", ",\"route\":\"{pool: no}\"")) &&
		has_errors(ROUTE("route-remove", "n", "")) &&
		route_count() == 1;
	right &=
		answered(
			ROUTE("route-add", "n", ",\"route\":\"[]\""),
			"{\"errors\":[\"route added at run time:1:1: services.s.routes.n: not a map, as in {match: {host: www.example.com}, pool: web}\"]}") &
		answered(
			ROUTE("route-add", "n",
			      ",\"route\":\"{name: m, pool: web}\""),
			"{\"errors\":[\"route added at run time:1:1: services.s.routes.n: has a name besides the one that is given; leave it out\"]}");
	right &=
		done(ROUTE(
			"route-add", "n",
			",\"route\":\"{match: {path: /y}, pool: web}\",\"before\":\"r\"")) &&
		route_count() == 2 &&
		strcmp(daemon_.site->config->services.items[0]
			       .routes.items[0]
			       .name,
		       "n") == 0;
	right &= done(ROUTE("route-remove", "r", "")) && route_count() == 1 &&
		 done(RELOAD) && route_count() == 1;
	right &= done(ROUTE("route-add", "r", "")) &&
		 done(ROUTE("route-remove", "n", "")) && route_count() == 1;
	kernel_does = REFUSES;
	right &= has_errors(ROUTE("route-remove", "r", "")) &&
		 route_count() == 1;
	kernel_does = TAKES;
	return right && done(RELOAD) && route_count() == 1;
}

static bool shows(void)
{
	bool right = done(STATE(A, "down")) && done(REMOVE(B));
	char *line = ask("{\"command\":\"show\"}");
	static const char *const parts[] = {
		"\"removed\":[{\"address\":\"10.0.0.2:80\",\"pool\":\"web\"}]",
		"{\"address\":\"10.0.0.1:80\",\"changed\":{\"state\":\"down\"},\"forward\":\"nat\",\"state\":\"down\",\"weight\":1,\"why\":\"set at run time\"}",
		"\"address\":\"10.0.0.3:80\",\"forward\":\"nat\",\"name\":\"a.test\",\"state\":\"up\"",
		"\"names\":[{\"addresses\":1,\"name\":\"a.test\"}]",
		"\"stratum\":\"sniff\"",
		"\"kernel\":true",
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!strstr(line, parts[i])) {
			printf("# no %s in %s\n", parts[i], line);
			right = false;
		}
	free(line);
	return right;
}

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{ "requests that are wrong", wrong_requests },
	{ "states", states },
	{ "weights", weights },
	{ "a server is added, and removed", added },
	{ "servers are removed, and added", removed },
	{ "one that was removed and is not configured any more",
	  removed_and_gone },
	{ "one of which something was said long ago", added_anew },
	{ "all is forgotten, or refused", forgotten },
	{ "what the kernel refuses", refused },
	{ "what cannot be written down", cannot_write },
	{ "reloads", reloaded },
	{ "what needs a restart", fixed },
	{ "what is not there", not_there },
	{ "a reload when the module is back", reloaded_when_back },
	{ "a reload of which the module took a part", half_applied },
	{ "routes", routes },
	{ "what is shown", shows },
};

int main(void)
{
	ktap_begin();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		begin();
		ktap_result(&ktap, tests[i].run(), tests[i].name);
		end();
	}
	rmdir(folder);
	return ktap_end(&ktap);
}
