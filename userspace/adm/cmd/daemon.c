// SPDX-License-Identifier: GPL-2.0-or-later
/* "daemon ...": what sluiced is asked for over its control socket. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../adm.h"
#include "../json.h"

#define SOCKET_DEFAULT "/run/sluice/control"
#define SOCKET_VARIABLE "SLUICED_CONTROL"

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

	if (!req->ask)
		req->ask = json_object();
	if (number == 0) {
		value = json_string(word);
	} else if (number == 1) {
		if (adm_parse_endpoint(&at, word, &rules, msg))
			return ADM_USAGE;
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
	adm_wrong(msg, "'%s': not text", word);
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
	return adm_wrong(msg, "'%s': not text", word);
}

static int reach(const struct adm *adm, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		adm_fail(adm, "%s: longer than any path of a socket", path);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address,
			       sizeof(address)) == 0)
		return fd;
	if (errno == EACCES)
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

/* Return: the answer, or NULL after a message. */
static json_t *exchange(const struct adm *adm, const json_t *ask)
{
	const char *path = getenv(SOCKET_VARIABLE);
	json_error_t wrong = { .text = "" };
	char *text = json_dumps(ask, JSON_COMPACT);
	json_t *answer = NULL;
	FILE *from = NULL;
	int fd, copy;

	if (!path)
		path = SOCKET_DEFAULT;
	fd = text ? reach(adm, path) : -1;
	if (fd >= 0) {
		/* Who is refused has an answer, whether all was sent or not. */
		if (send_all(fd, text))
			send_all(fd, "\n");
		/* From a descriptor jansson reads one byte after the other. */
		copy = dup(fd);
		from = copy < 0 ? NULL : fdopen(copy, "r");
		if (from) {
			answer = json_loadf(from, 0, &wrong);
			fclose(from);
		}
		if (!json_is_object(answer)) {
			adm_fail(adm, "%s: no answer that makes sense: %s",
				 path, wrong.text);
			json_decref(answer);
			answer = NULL;
		}
		close(fd);
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

static void print_servers(const json_t *pool)
{
	const json_t *server;
	size_t i;

	json_array_foreach(json_object_get(pool, "servers"), i, server) printf(
		"%-24s %-28s %-8s %6lld  %-8s %s\n", text_of(pool, "name"),
		text_of(server, "address"), text_of(server, "state"),
		(long long)json_integer_value(
			json_object_get(server, "weight")),
		text_of(json_object_get(server, "check"), "state"),
		json_object_get(server, "why") ? text_of(server, "why") : "");
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
	printf("\n%-24s %-28s %-8s %6s  %-8s Why\n", "Pool", "Server", "State",
	       "Weight", "Check");
	json_array_foreach(json_object_get(whole, "pools"), i, pool)
		print_servers(pool);
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
