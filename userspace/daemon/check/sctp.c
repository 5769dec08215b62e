// SPDX-License-Identifier: GPL-2.0-or-later
/* sctp: the server takes an association. */
#include "kinds.h"
#include "stream.h"

static void begin(struct check_run *run)
{
	check_pass(run, "associated");
}

const struct check_kind_ops check_sctp = {
	.name = "sctp",
	.start = check_stream_start_sctp,
	.stop = check_stream_stop,
	.begin = begin,
};
