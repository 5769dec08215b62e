// SPDX-License-Identifier: GPL-2.0-or-later
/* tcp: the server takes a connection; or answers with what is expected. */
#include <string.h>

#include "kinds.h"
#include "stream.h"

static void begin(struct check_run *run)
{
	const struct check_spec *spec = run->check->spec;

	run->waiting_for = "the expected bytes";
	if (spec->send_length)
		check_stream_send(run, spec->send, spec->send_length);
	if (run->active && !spec->expect_length)
		check_pass(run, "connected");
}

static void received(struct check_run *run, bool end)
{
	const struct check_spec *spec = run->check->spec;
	char quote[CHECK_QUOTE_SIZE];

	if (memmem(run->in, run->in_length, spec->expect, spec->expect_length))
		check_pass(run, "answered as expected");
	else if (end)
		check_fail(run, "%s without the expected bytes",
			   run->in_length ?
				   check_quote(quote, run->in, run->in_length) :
				   "closed");
}

const struct check_kind_ops check_tcp = {
	.name = "tcp",
	.answer_max = 16384,
	.start = check_stream_start,
	.stop = check_stream_stop,
	.begin = begin,
	.received = received,
};
