// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * udp: the server answers with what is expected. Where nothing is expected, any
 * answer passes at once, and silence passes when the time is up: what fails is
 * that the port is refused, or the server cannot be reached (ICMP).
 */
#include <string.h>

#include "datagram.h"
#include "kinds.h"

static int prepare(struct check *check, struct check_error *error)
{
	const struct check_spec *spec = check->spec;

	if (spec->send_length > 65507)
		return check_refuse(error,
				    "send: a datagram has at most 65507 bytes");
	return 0;
}

static void begin(struct check_run *run)
{
	const struct check_spec *spec = run->check->spec;

	/* An empty datagram, if nothing else is to be sent. */
	check_datagram_send(run, spec->send_length ? spec->send : "",
			    spec->send_length);
}

static void received(struct check_run *run, bool end)
{
	const struct check_spec *spec = run->check->spec;
	char quote[CHECK_QUOTE_SIZE];

	(void)end;
	if (!spec->expect_length)
		check_pass(run, "answered");
	else if (memmem(run->in, run->in_length, spec->expect,
			spec->expect_length))
		check_pass(run, "answered as expected");
	else
		check_fail(run, "%s without the expected bytes",
			   check_quote(quote, run->in, run->in_length));
}

static void expired(struct check_run *run)
{
	if (!run->check->spec->expect_length)
		check_pass(run, "not refused");
}

const struct check_kind_ops check_udp = {
	.name = "udp",
	.prepare = prepare,
	.start = check_datagram_start,
	.stop = check_datagram_stop,
	.begin = begin,
	.received = received,
	.expired = expired,
};
