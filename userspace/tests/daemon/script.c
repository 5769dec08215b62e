// SPDX-License-Identifier: GPL-2.0-or-later
/* Scripts: their status and output, what they may do, and what is left of them. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../ktap.h"
#include "once.h"

static const struct {
	const char *name;
	const char *program;
	enum check_verdict verdict;
	const char *reason;
} cases[] = {
	{ "good", "echo fine; echo more", CHECK_PASSED, "exit status 0: fine" },
	{ "bad", "echo 'disk full' >&2; exit 3", CHECK_FAILED,
	  "exit status 3: disk full" },
	{ "no output", "exit 1", CHECK_FAILED, "exit status 1: no output" },
	{ "killed", "kill -SEGV $$", CHECK_FAILED,
	  "killed by signal 11: no output" },
	{ "what it is told",
	  "echo $SLUICE_CHECK $SLUICE_ADDRESS $SLUICE_PORT $SLUICE_FAMILY $HOME",
	  CHECK_PASSED, "exit status 0: test 127.0.0.1 80 4" },
	{ "control characters", "printf 'a\\033[31m\\001\\377\\n'",
	  CHECK_PASSED, "exit status 0: a?[31m??" },
	{ "output without end", "while echo 0123456789abcdef; do :; done",
	  CHECK_FAILED, "killed by signal 13: 0123456789abcdef" },
	{ "it hangs", "sleep 60", CHECK_FAILED,
	  "timed out after 700 ms, waiting for the script" },
	{ "it does not want to end", "trap '' TERM INT HUP; sleep 60",
	  CHECK_FAILED, "timed out after 700 ms, waiting for the script" },
	{ "signals are as usual",
	  "grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\\n\\t 0'",
	  CHECK_PASSED, "exit status 0: SigBlk:SigIgn:" },
	{ "no descriptors but three",
	  "echo $(ls /proc/self/fd | grep -cv '^[012]$')", CHECK_PASSED,
	  "exit status 0: 1" },
	{ "no new privileges",
	  "grep NoNewPrivs /proc/self/status | tr -d '\\t'", CHECK_PASSED,
	  "exit status 0: NoNewPrivs:1" },
	{ "no capabilities",
	  "grep -E '^Cap(Eff|Prm|Amb)' /proc/self/status | tr -d '\\n\\t 0'",
	  CHECK_PASSED, "exit status 0: CapPrm:CapEff:CapAmb:" },
	{ "a group of its own",
	  "set -- $(cut -d' ' -f5 /proc/$$/stat); [ $1 = $$ ] && echo own",
	  CHECK_PASSED, "exit status 0: own" },
};

static bool run(const char *program, struct once *once, unsigned int timeout)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in *in = (void *)&address;
	char *command[] = { "/bin/sh", "-c", (char *)program, NULL };
	const struct check_spec spec = {
		.kind = CHECK_SCRIPT,
		.timeout_ms = timeout,
		.command = command,
	};

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in->sin_port = htons(80);
	return once_run(once, spec, &address, NULL);
}

static bool try(size_t i)
{
	struct once once;

	if (run(cases[i].program, &once,
		strstr(cases[i].reason, "timed out") ? 700 : 20000) &&
	    once.report.verdict == cases[i].verdict &&
	    strcmp(once.reason, cases[i].reason) == 0)
		return true;
	printf("# %d: %s\n", once.report.verdict, once.reason);
	return false;
}

static bool is_gone(const char *text)
{
	long pid = strtol(text, NULL, 10);

	for (int i = 0; i < 3000; i++) {
		if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
			return true;
		usleep(10000);
	}
	return false;
}

/* What it started goes with it, whether it ends or is ended. */
static bool nothing_left(const char *program)
{
	const char *pid;
	struct once once;

	run(program, &once, 20000);
	pid = strchr(once.reason, '#');
	if (pid && is_gone(pid + 1))
		return true;
	printf("# %s\n", once.reason);
	return false;
}

static bool not_root(void)
{
	struct once once;

	run("id -u; id -G", &once, 20000);
	if (geteuid() != 0)
		return true;
	return strcmp(once.reason, "exit status 0: 65534") == 0;
}

/* As a process that posix_spawn() started may be: the C library's first own signal. */
static void ignore_internal(void)
{
	struct {
#ifdef __mips__
		unsigned int flags;
#endif
		void (*handler)(int sig);
		unsigned long rest[6];
	} ignore = { .handler = SIG_IGN };

	syscall(SYS_rt_sigaction, 32, &ignore, NULL, NSIG / 8);
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	signal(SIGPIPE, SIG_IGN);
	ignore_internal();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ktap_result(&ktap, try(i), cases[i].name);
	ktap_result(&ktap, nothing_left("sleep 60 & echo \"#$!\""),
		    "nothing is left of one that ends");
	ktap_result(&ktap, not_root(), "not root");
	return ktap_end(&ktap);
}
