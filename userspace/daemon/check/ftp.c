// SPDX-License-Identifier: GPL-2.0-or-later
/* ftp: the server greets with 220, and lets the user in if there is one. */
#include "kinds.h"
#include "reply.h"
#include "stream.h"

enum step {
	STEP_GREETING,
	STEP_USER,
	STEP_PASSWORD,
};

struct state {
	enum step step;
	unsigned int reply;
};

static int prepare(struct check *check, struct check_error *error)
{
	const struct check_spec *spec = check->spec;

	if (!check_word(spec->user) || !check_word(spec->password))
		return check_refuse(
			error,
			"user and password: 1 to 255 printable characters expected");
	if (spec->password && !spec->user)
		return check_refuse(error, "password: without a user");
	return 0;
}

static void begin(struct check_run *run)
{
	run->waiting_for = "the greeting";
}

static void done(struct check_run *run, const char *text)
{
	check_reply_send(run, "the answer to QUIT", "QUIT", NULL);
	run->goodbye = true;
	check_pass(run, "%s", text);
}

static void take(struct check_run *run, unsigned int code, const char *text)
{
	const struct check_spec *spec = run->check->spec;
	struct state *state = run->state;

	/* A server that is about to be ready, and one that lets in. */
	if (state->step == STEP_GREETING && code == 120)
		return;
	if (state->step == STEP_GREETING && code == 220) {
		if (!spec->user) {
			done(run, "greeted");
			return;
		}
		state->step = STEP_USER;
		check_reply_send(run, "the answer to USER", "USER", spec->user);
	} else if (state->step != STEP_GREETING && code == 230) {
		done(run, "logged in");
	} else if (state->step == STEP_USER && code == 331 && spec->password) {
		state->step = STEP_PASSWORD;
		check_reply_send(run, "the answer to PASS", "PASS",
				 spec->password);
	} else {
		check_fail(run, "%s, waiting for %s", text, run->waiting_for);
	}
}

static void received(struct check_run *run, bool end)
{
	struct state *state = run->state;
	char text[CHECK_QUOTE_SIZE];
	unsigned int code;

	(void)end;
	while (run->active &&
	       (code = check_reply_next(run, &state->reply, text)))
		take(run, code, text);
}

const struct check_kind_ops check_ftp = {
	.name = "ftp",
	.state_size = sizeof(struct state),
	.answer_max = 16384,
	.prepare = prepare,
	.start = check_stream_start,
	.stop = check_stream_stop,
	.begin = begin,
	.received = received,
};
