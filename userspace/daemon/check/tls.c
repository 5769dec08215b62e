// SPDX-License-Identifier: GPL-2.0-or-later
/* tls: the server completes a handshake; how long its certificate lasts. */
#include "kinds.h"
#include "stream.h"

static void begin(struct check_run *run)
{
	int days = run->report.days_left;

	if (days == CHECK_NO_DAYS)
		check_fail(run, "no certificate");
	else if (days < 0)
		check_pass(run, "handshake done, certificate expired");
	else
		check_pass(run, "handshake done, certificate for %d days",
			   days);
}

const struct check_kind_ops check_tls = {
	.name = "tls",
	.tls = true,
	.start = check_stream_start,
	.stop = check_stream_stop,
	.begin = begin,
};
