// SPDX-License-Identifier: GPL-2.0-or-later
/* smtp: the server greets with 220 and takes EHLO. */
#include "kinds.h"
#include "reply.h"
#include "stream.h"

struct state {
	bool greeted;
	unsigned int reply;
};

static int prepare(struct check *check, struct check_error *error)
{
	const struct check_spec *spec = check->spec;

	if (spec->user || spec->password)
		return check_refuse(
			error, "user: a check of kind smtp does not log in");
	if (!check_word(spec->helo))
		return check_refuse(
			error, "helo: 1 to 255 printable characters expected");
	return 0;
}

static void begin(struct check_run *run)
{
	run->waiting_for = "the greeting";
}

static void received(struct check_run *run, bool end)
{
	const struct check_spec *spec = run->check->spec;
	struct state *state = run->state;
	char text[CHECK_QUOTE_SIZE];
	unsigned int code;

	(void)end;
	while (run->active &&
	       (code = check_reply_next(run, &state->reply, text))) {
		unsigned int wanted = state->greeted ? 250 : 220;

		if (code != wanted) {
			check_fail(run, "%s instead of %u, waiting for %s",
				   text, wanted, run->waiting_for);
		} else if (!state->greeted) {
			state->greeted = true;
			check_reply_send(run, "the answer to EHLO", "EHLO",
					 spec->helo ? spec->helo : "sluiced");
		} else {
			/* The answer is not waited for. */
			check_reply_send(run, "the answer to QUIT", "QUIT",
					 NULL);
			run->goodbye = true;
			check_pass(run, "took EHLO");
		}
	}
}

const struct check_kind_ops check_smtp = {
	.name = "smtp",
	.state_size = sizeof(struct state),
	.answer_max = 16384,
	.prepare = prepare,
	.start = check_stream_start,
	.stop = check_stream_stop,
	.begin = begin,
	.received = received,
};
