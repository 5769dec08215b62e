// SPDX-License-Identifier: GPL-2.0-or-later
/* Each kind of check against servers that are good, bad and hostile. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>

#include "../ktap.h"
#include "fake.h"
#include "once.h"

#define PASSED CHECK_PASSED
#define FAILED CHECK_FAILED

/* Where nothing comes, the check has to wait, for time that is made; the rest may take its time. */
#define TIMEOUT 400
#define TIMEOUT_LONG 20000

struct kind_case {
	const char *name;
	struct check_spec spec;
	const char *steps[8];
	enum check_verdict verdict;
	const char *reason;
};

#include "kinds_cases.h"

/* Whether what is to come of it is for the time to say. */
static bool waits(const char *reason)
{
	return strncmp(reason, "timed out", 9) == 0 ||
	       strcmp(reason, "not refused") == 0;
}

static bool try(const struct kind_case *test, int family)
{
	enum check_kind kind = test->spec.kind;
	struct fake fake = {
		.steps = test->steps,
		.family = family,
		.type = kind == CHECK_DNS || kind == CHECK_UDP ? SOCK_DGRAM :
								 SOCK_STREAM,
	};
	struct check_spec spec = test->spec;
	struct once once;
	bool passed;

	spec.timeout_ms = waits(test->reason) ? TIMEOUT : TIMEOUT_LONG;
	fake_start(&fake);
	once_run(&once, spec, &fake.address,
		 waits(test->reason) ? &fake.waits : NULL);
	fake_stop(&fake);
	passed = once.done && once.report.verdict == test->verdict &&
		 strcmp(once.reason, test->reason) == 0;
	if (!passed)
		printf("# %d after %lu us: %s\n", once.report.verdict,
		       once.report.duration_us, once.reason);
	return passed;
}

/* A TCP socket bound to a port of loopback; it listens, unless @backlog is negative. */
static int take_port(struct sockaddr_storage *address, int backlog)
{
	struct sockaddr_in *in = (void *)address;
	socklen_t size = sizeof(*in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(address, 0, sizeof(*address));
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)in, size) != 0 ||
	    getsockname(fd, (struct sockaddr *)in, &size) != 0 ||
	    (backlog >= 0 && listen(fd, backlog) != 0)) {
		printf("Bail out! no port to be had\n");
		exit(1);
	}
	return fd;
}

/* Nobody listens at a port that is bound only. */
static bool refused(enum check_kind kind, const char *reason)
{
	struct check_spec spec = { .kind = kind, .timeout_ms = TIMEOUT_LONG };
	struct sockaddr_storage address;
	int fd = take_port(&address, -1);
	struct once once;

	once_run(&once, spec, &address, NULL);
	close(fd);
	if (strcmp(once.reason, reason) != 0)
		printf("# %s\n", once.reason);
	return once.report.verdict == CHECK_FAILED &&
	       strcmp(once.reason, reason) == 0;
}

/* A queue of connections that is full: nothing answers the SYN. */
static bool silent(void)
{
	struct check_spec spec = { .kind = CHECK_TCP, .timeout_ms = TIMEOUT };
	struct sockaddr_storage address;
	int fd = take_port(&address, 0), full[4];
	struct once once;

	for (int i = 0; i < 4; i++) {
		full[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (full[i] < 0 ||
		    (connect(full[i], (struct sockaddr *)&address,
			     sizeof(struct sockaddr_in)) != 0 &&
		     errno != EINPROGRESS))
			return false;
	}
	once_run(&once, spec, &address, NULL);
	for (int i = 0; i < 4; i++)
		close(full[i]);
	close(fd);
	if (once.report.verdict != CHECK_FAILED)
		printf("# %s\n", once.reason);
	return once.report.verdict == CHECK_FAILED &&
	       strcmp(once.reason,
		      "timed out after 400 ms, waiting for the connection") ==
		       0;
}

/* Whether the check left by a reset: only where no goodbye has to arrive. */
static bool left_by(bool reset, struct check_spec spec,
		    const char *const *steps)
{
	struct fake fake = { .steps = steps };
	struct once once;

	spec.timeout_ms = TIMEOUT_LONG;
	fake_start(&fake);
	once_run(&once, spec, &fake.address, NULL);
	fake_stop(&fake);
	if (once.report.verdict != PASSED || fake.reset != reset)
		printf("# %s, reset %d\n", once.reason, fake.reset);
	return once.report.verdict == PASSED && fake.reset == reset;
}

/*
 * Who only wants to know whether a server takes connections gets that from its
 * kernel: its program sees none.
 */
static bool unseen(void)
{
	struct check_spec spec = { .kind = CHECK_TCP,
				   .timeout_ms = TIMEOUT_LONG };
	struct sockaddr_storage address;
	int fd = take_port(&address, 4);
	struct once once;
	int taken;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	once_run(&once, spec, &address, NULL);
	taken = accept(fd, NULL, NULL);
	if (taken >= 0)
		close(taken);
	close(fd);
	return once.report.verdict == PASSED && taken < 0;
}

/*
 * A server that speaks first gets to know at once that somebody is there: the kernel
 * would keep the acknowledgement for 200 ms. A slow machine has some tries.
 */
static bool greeted(void)
{
	static const char *const steps[] = { ">220 x\r\n", "<", NULL };
	struct check_spec spec = { .kind = CHECK_FTP,
				   .timeout_ms = TIMEOUT_LONG };
	uint64_t shortest = UINT64_MAX;

	for (int i = 0; i < 10 && shortest >= 150000; i++) {
		struct fake fake = { .steps = steps };
		struct once once;

		fake_start(&fake);
		once_run(&once, spec, &fake.address, NULL);
		fake_stop(&fake);
		if (once.report.verdict == PASSED &&
		    once.report.duration_us < shortest)
			shortest = once.report.duration_us;
	}
	return shortest < 150000;
}

/* What check_create() says of a specification. */
static bool not_taken(size_t i)
{
	struct sockaddr_storage address = { .ss_family = AF_INET };
	struct check_spec spec = refusals[i].spec;
	struct once once;

	spec.timeout_ms = TIMEOUT;
	if (once_run(&once, spec, &address, NULL) ||
	    strcmp(once.reason, refusals[i].text) != 0) {
		printf("# '%s' instead of '%s'\n", once.reason,
		       refusals[i].text);
		return false;
	}
	return true;
}

/* This machine's fault is not the server's. */
static bool broken(const char *reason, struct check_spec spec, int family)
{
	struct sockaddr_storage address = { .ss_family = (sa_family_t)family };
	struct once once;

	spec.timeout_ms = TIMEOUT;
	spec.port = 9;
	once_run(&once, spec, &address, NULL);
	if (strcmp(once.reason, reason) != 0)
		printf("# %s\n", once.reason);
	return once.done && once.report.verdict == CHECK_BROKEN &&
	       strcmp(once.reason, reason) == 0;
}

int main(void)
{
	static const char *const says_x[] = { ">x", "_", NULL };
	static const char *const mail[] = { ">220 x\r\n", "<", ">250 x\r\n",
					    "_", NULL };
	struct ktap ktap = { 0 };

	ktap_begin();
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ktap_result(&ktap, try(&cases[i], i % 2 ? AF_INET6 : AF_INET),
			    cases[i].name);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		ktap_result(&ktap, not_taken(i), refusals[i].text);
	ktap_result(
		&ktap,
		refused(CHECK_TCP,
			"Connection refused, waiting for the connection") &&
			refused(CHECK_UDP,
				"Connection refused, waiting for an answer"),
		"refused");
	ktap_result(&ktap, silent(), "no answer to a connection");
	ktap_result(&ktap, unseen(), "a connection that nothing is said on");
	ktap_result(&ktap, greeted(), "a server that speaks first");
	ktap_result(&ktap,
		    left_by(true, (struct check_spec){ TCP, BYTES("x") },
			    says_x) &&
			    left_by(false, (struct check_spec){ SMTP }, mail),
		    "left by a reset, or with a goodbye");
	ktap_result(&ktap,
		    broken("source address: Cannot assign requested address",
			   (struct check_spec){ .source = "192.0.2.77" },
			   AF_INET),
		    "a source address that is not here");
	ktap_result(
		&ktap,
		broken("socket in network namespace sluice-none: No such file or directory",
		       (struct check_spec){ .netns = "sluice-none" }, AF_INET6),
		"a network namespace that is not here");
	return ktap_end(&ktap);
}
