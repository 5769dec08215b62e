// SPDX-License-Identifier: GPL-2.0-or-later
/* "daemon ...": what sluiced is asked for over its control socket. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../adm.h"
#include "../json.h"

#define SOCKET_DEFAULT "/run/sluice/control"
#define SOCKET_VARIABLE "SLUICED_CONTROL"
/* How long the daemon may be silent: commands by which it makes all anew take time. */
#define TIMEOUT_S 5
#define TIMEOUT_LONG_S 60
/* Digits of a number, its sign and the 0. */
#define NUMBER_SIZE 24

/* What the verbs ask for. */
static const struct {
	const char *verb;
	const char *command;
	const char *state;
} verbs[] = {
	{ "show", "show", NULL },
	{ "reload", "reload", NULL },
	{ "up", "state", "up" },
	{ "drain", "state", "draining" },
	{ "down", "state", "down" },
	{ "weight", "weight", NULL },
	{ "add", "add", NULL },
	{ "remove", "remove", NULL },
	{ "forget", "forget", NULL },
	{ "route-add", "route-add", NULL },
	{ "route-remove", "route-remove", NULL },
};

int cmd_daemon_operand(struct adm_request *req, unsigned int number,
		       const char *word, struct adm_message *msg)
{
	const char *keys[] = { "pool", "server", "weight" };
	const struct adm_endpoint_rules rules = { .what = "server" };
	char text[SLUICE_ENDPOINT_TEXT];
	struct sluice_endpoint at;
	json_t *value = NULL;
	uint32_t weight, deadline;
	int err;

	if (!req->ask)
		req->ask = json_object();
	if (number == 0) {
		value = json_string(word);
	} else if (number == 1) {
		err = adm_parse_endpoint(&at, word, &rules, msg);
		if (err)
			return err;
		value = json_string(
			sluice_endpoint_print(text, sizeof(text), &at));
	} else if (strcmp(req->command->verb, "drain") == 0) {
		if (adm_parse_time(&deadline, word, 0, "deadline", msg))
			return ADM_USAGE;
		keys[number] = "deadline-ms";
		value = json_integer(deadline);
	} else {
		if (adm_parse_number(&weight, word, 0, SLUICE_WEIGHT_MAX,
				     "weight", msg))
			return ADM_USAGE;
		value = json_integer(weight);
	}
	if (value && json_object_set_new(req->ask, keys[number], value) == 0)
		return ADM_DONE;
	adm_wrong(msg, "'%.200s': not text", word);
	return ADM_USAGE;
}

int cmd_daemon_route_operand(struct adm_request *req, unsigned int number,
			     const char *word, struct adm_message *msg)
{
	static const char *const keys[] = { "service", "name", "route",
					    "before" };
	json_t *value = json_string(word);

	if (!req->ask)
		req->ask = json_object();
	if (value && json_object_set_new(req->ask, keys[number], value) == 0)
		return ADM_DONE;
	return adm_wrong(msg, "'%.200s': not text", word);
}

/* Neither a full queue of connections nor an answer is waited for for ever. */
static void limit(int fd, const json_t *ask)
{
	static const char *const slow[] = { "reload", "forget", "route-add",
					    "route-remove" };
	const char *command =
		json_string_value(json_object_get(ask, "command"));
	struct timeval most = { .tv_sec = TIMEOUT_S };

	for (size_t i = 0; command && i < ARRAY_SIZE(slow); i++)
		if (strcmp(command, slow[i]) == 0)
			most.tv_sec = TIMEOUT_LONG_S;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most));
}

static void fail_silent(const struct adm *adm, const char *path)
{
	adm_fail(
		adm,
		"%s: sluiced runs but does not answer: it is stopped or very busy; see 'systemctl status sluiced' and its log, then try again",
		path);
}

static int reach(const struct adm *adm, const char *path, const json_t *ask)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		adm_fail(adm, "%s: longer than any path of a socket", path);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		limit(fd, ask);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address,
			       sizeof(address)) == 0)
		return fd;
	if (errno == EAGAIN)
		fail_silent(adm, path);
	else if (errno == EACCES)
		adm_fail(adm, "%s: %s: be root to control sluiced", path,
			 strerror(errno));
	else
		adm_fail(
			adm,
			"%s: %s: sluiced does not run, or listens elsewhere (%s)",
			path, strerror(errno), SOCKET_VARIABLE);
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool send_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t sent = send(fd, text, left, MSG_NOSIGNAL);

		if (sent < 0)
			return false;
		text += sent;
		left -= (size_t)sent;
	}
	return true;
}

/* An answer on its way; @error: errno of what ended it, 0: its end did. */
struct incoming {
	int fd;
	int error;
};

static size_t receive(void *to, size_t size, void *arg)
{
	struct incoming *from = arg;
	ssize_t got = recv(from->fd, to, size, 0);

	from->error = got < 0 ? errno : 0;
	return (size_t)got;
}

/* Return: the answer, or NULL after a message. */
static json_t *exchange(const struct adm *adm, const json_t *ask)
{
	const char *path = getenv(SOCKET_VARIABLE);
	json_error_t wrong = { .text = "" };
	char *text = json_dumps(ask, JSON_COMPACT);
	struct incoming from = { .fd = -1 };
	json_t *answer = NULL;

	if (!path)
		path = SOCKET_DEFAULT;
	if (text)
		from.fd = reach(adm, path, ask);
	if (from.fd >= 0) {
		/* Who is refused has an answer, whether all was sent or not. */
		if (send_all(from.fd, text))
			send_all(from.fd, "\n");
		answer = json_load_callback(receive, &from, 0, &wrong);
		if (!json_is_object(answer)) {
			if (from.error == EAGAIN)
				fail_silent(adm, path);
			else
				adm_fail(adm,
					 "%s: no answer that makes sense: %s",
					 path,
					 from.error ? strerror(from.error) :
						      wrong.text);
			json_decref(answer);
			answer = NULL;
		}
		close(from.fd);
	}
	free(text);
	return answer;
}

/* Return: an exit status. */
static int print_errors(const struct adm *adm, const json_t *answer)
{
	const json_t *errors = json_object_get(answer, "errors");
	const json_t *text;
	size_t i;

	json_array_foreach(errors, i, text)
		adm_fail(adm, "%s", json_string_value(text));
	return errors ? ADM_FAILED : ADM_DONE;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

/* A number of stratum proxy; "-" where that does not serve it: it is not known. */
static const char *proxy_number(const json_t *object, const char *key, char *to,
				size_t size)
{
	const json_t *number =
		json_object_get(json_object_get(object, "proxy"), key);

	if (!json_is_integer(number))
		return "-";
	snprintf(to, size, "%lld", (long long)json_integer_value(number));
	return to;
}

/* Why a server is in the state that it is in, or gets nothing all the same. */
static void print_why(const json_t *server)
{
	const json_t *until = json_object_get(json_object_get(server, "proxy"),
					      "left-out-until");
	const char *why = json_string_value(json_object_get(server, "why"));
	time_t end = (time_t)json_integer_value(until);
	char clock[32];
	struct tm tm;

	if (why)
		printf("  %s", why);
	if (until && localtime_r(&end, &tm) &&
	    strftime(clock, sizeof(clock), "%H:%M:%S", &tm))
		printf("%sfails too often, left out until %s",
		       why ? "; " : "  ", clock);
	putchar('\n');
}

static void print_servers(const json_t *pool)
{
	const json_t *server;
	size_t i;

	json_array_foreach(json_object_get(pool, "servers"), i, server)
	{
		char requests[NUMBER_SIZE], connections[NUMBER_SIZE];

		printf("%-24s %-28s %-8s %6lld  %8s %11s  %-8s",
		       text_of(pool, "name"), text_of(server, "address"),
		       text_of(server, "state"),
		       (long long)json_integer_value(
			       json_object_get(server, "weight")),
		       proxy_number(server, "requests", requests,
				    sizeof(requests)),
		       proxy_number(server, "connections", connections,
				    sizeof(connections)),
		       text_of(json_object_get(server, "check"), "state"));
		print_why(server);
	}
}

/* Pools in which requests may wait; none is in most. */
static void print_queues(const json_t *pools)
{
	const json_t *pool;
	bool headed = false;
	size_t i;

	json_array_foreach(pools, i, pool)
	{
		const json_t *proxy = json_object_get(pool, "proxy");
		char queued[NUMBER_SIZE], queue[NUMBER_SIZE];

		if (!json_integer_value(json_object_get(proxy, "queue")))
			continue;
		if (!headed)
			printf("\n%-24s %8s %8s\n", "Queue of pool", "Waiting",
			       "Most");
		headed = true;
		printf("%-24s %8s %8s\n", text_of(pool, "name"),
		       proxy_number(pool, "queued", queued, sizeof(queued)),
		       proxy_number(pool, "queue", queue, sizeof(queue)));
	}
}

static void print_text(const json_t *whole)
{
	const json_t *service, *pool;
	size_t i;

	printf("%-24s %-8s %-24s Address\n", "Service", "Stratum", "Pool");
	json_array_foreach(json_object_get(whole, "services"), i, service)
	{
		const json_t *address;
		size_t j;

		json_array_foreach(json_object_get(service, "addresses"), j,
				   address) printf("%-24s %-8s %-24s %s/%s\n",
						   text_of(service, "name"),
						   text_of(service, "stratum"),
						   text_of(service, "pool"),
						   text_of(service, "protocol"),
						   json_string_value(address));
	}
	printf("\n%-24s %-28s %-8s %6s  %8s %11s  %-8s  Why\n", "Pool",
	       "Server", "State", "Weight", "Requests", "Connections", "Check");
	json_array_foreach(json_object_get(whole, "pools"), i, pool)
		print_servers(pool);
	print_queues(json_object_get(whole, "pools"));
}

static int print(const struct adm *adm, const struct adm_request *req,
		 json_t *answer)
{
	if (adm_has(req, OPT_JSON))
		return json_print(adm, json_incref(answer));
	if (json_object_get(answer, "pools"))
		print_text(answer);
	return ADM_DONE;
}

int cmd_daemon(struct adm *adm, const struct adm_request *req)
{
	const char *verb = req->command->verb;
	json_t *ask = req->ask ? json_copy(req->ask) : json_object();
	json_t *answer;
	int status = ADM_FAILED;

	/* "reload" may stand alone. */
	if (!verb)
		verb = req->command->object;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(verb, verbs[i].verb) != 0)
			continue;
		json_put(&ask, "command", json_string(verbs[i].command));
		if (verbs[i].state)
			json_put(&ask, "state", json_string(verbs[i].state));
	}
	answer = ask ? exchange(adm, ask) : NULL;
	if (answer)
		status = print_errors(adm, answer);
	if (!status)
		status = print(adm, req, answer);
	json_decref(answer);
	json_decref(ask);
	return status;
}
