// SPDX-License-Identifier: GPL-2.0-or-later
/* redis: AUTH if there is a password, then PING (RESP, version 2). */
#include <stdio.h>
#include <string.h>

#include "kinds.h"
#include "stream.h"

struct state {
	bool authenticated;
};

static int prepare(struct check *check, struct check_error *error)
{
	const struct check_spec *spec = check->spec;

	if (spec->user && !spec->password)
		return check_refuse(error, "user: without a password");
	if ((spec->user && strlen(spec->user) > 255) ||
	    (spec->password && strlen(spec->password) > 255))
		return check_refuse(
			error, "user and password: 255 bytes at most expected");
	return 0;
}

static void send_auth(struct check_run *run)
{
	const char *user = run->check->spec->user;
	const char *password = run->check->spec->password;
	char text[640];
	int length = snprintf(text, sizeof(text), "*%d\r\n$4\r\nAUTH\r\n",
			      user ? 3 : 2);

	if (user)
		length += snprintf(text + length, sizeof(text) - (size_t)length,
				   "$%zu\r\n%s\r\n", strlen(user), user);
	length += snprintf(text + length, sizeof(text) - (size_t)length,
			   "$%zu\r\n%s\r\n", strlen(password), password);
	run->waiting_for = "the answer to AUTH";
	check_stream_send(run, text, (size_t)length);
}

static void send_ping(struct check_run *run)
{
	static const char ping[] = "*1\r\n$4\r\nPING\r\n";

	run->waiting_for = "the answer to PING";
	check_stream_send(run, ping, sizeof(ping) - 1);
}

static void begin(struct check_run *run)
{
	struct state *state = run->state;

	state->authenticated = !run->check->spec->password;
	if (state->authenticated)
		send_ping(run);
	else
		send_auth(run);
}

static void received(struct check_run *run, bool end)
{
	struct state *state = run->state;
	char quote[CHECK_QUOTE_SIZE];
	const char *line, *wanted;
	size_t length, size;

	(void)end;
	while (run->active && (line = check_stream_line(run, &length, &size))) {
		wanted = state->authenticated ? "+PONG" : "+OK";
		if (length != strlen(wanted) || memcmp(line, wanted, length)) {
			check_fail(run, "%s, waiting for %s",
				   check_quote(quote, line, length),
				   run->waiting_for);
			return;
		}
		check_stream_consume(run, size);
		if (state->authenticated) {
			check_pass(run, "answered PING");
		} else {
			state->authenticated = true;
			send_ping(run);
		}
	}
}

const struct check_kind_ops check_redis = {
	.name = "redis",
	.state_size = sizeof(struct state),
	.answer_max = 4096,
	.prepare = prepare,
	.start = check_stream_start,
	.stop = check_stream_stop,
	.begin = begin,
	.received = received,
};
