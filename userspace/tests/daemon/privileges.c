// SPDX-License-Identifier: GPL-2.0-or-later
/* What is left of root, each case in a process of its own; and what is refused. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../ktap.h"
#include "check/netns.h"
#include "once.h"
#include "privileges.h"

/* Bits of capabilities, by their numbers in the kernel. */
#define BASE (1ULL << CAP_NET_ADMIN | 1ULL << CAP_NET_BIND_SERVICE)
#define NETNS (1ULL << CAP_SYS_ADMIN)
#define SCRIPTS (1ULL << CAP_SETUID | 1ULL << CAP_SETGID | 1ULL << CAP_KILL)

/* Any user that is not root, and is not nobody. */
#define USER "daemon"

static char error[300];

/* A line of /proc/self/status, without its name. */
static bool status_is(const char *name, const char *wanted)
{
	char line[400];
	FILE *file = fopen("/proc/self/status", "r");
	bool found = false;

	while (!found && file && fgets(line, sizeof(line), file))
		found = strncmp(line, name, strlen(name)) == 0;
	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = '\0';
	if (found && strcmp(line + strlen(name), wanted) == 0)
		return true;
	printf("# '%s' instead of '%s'\n", line, wanted);
	return false;
}

static bool caps_are(unsigned long long caps)
{
	char text[40];

	snprintf(text, sizeof(text), "\t%016llx", caps);
	return status_is("CapPrm:", text) && status_is("CapEff:", text) &&
	       status_is("CapInh:", "\t0000000000000000") &&
	       status_is("CapAmb:", "\t0000000000000000") &&
	       status_is("NoNewPrivs:", "\t1");
}

static bool can_bind(uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	bool can;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	can = fd >= 0 && (bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0 ||
			  errno == EADDRINUSE);
	close(fd);
	return can;
}

static bool can_mark(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), mark = 7;
	bool can = setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) ==
		   0;

	close(fd);
	return can;
}

static bool can_change_namespace(void)
{
	struct check_netns netns;
	bool can;
	int fd;

	check_netns_init(&netns, NULL);
	netns.path = strdup("/proc/self/ns/net");
	fd = check_netns_socket(&netns, AF_INET, SOCK_STREAM, 0);
	can = fd >= 0;
	if (can)
		close(fd);
	check_netns_exit(&netns);
	return can;
}

static bool drop(unsigned int extra)
{
	int err = privileges_drop(USER, extra, error, sizeof(error));

	if (err)
		printf("# %d: %s\n", err, error);
	return !err;
}

static bool nothing_but(unsigned int extra, unsigned long long caps)
{
	const struct passwd *user = getpwnam(USER);
	const gid_t groups[] = { 4, 24 };
	char uids[100], gids[100];

	snprintf(uids, sizeof(uids), "\t%u\t%u\t%u\t%u", user->pw_uid,
		 user->pw_uid, user->pw_uid, user->pw_uid);
	snprintf(gids, sizeof(gids), "\t%u\t%u\t%u\t%u", user->pw_gid,
		 user->pw_gid, user->pw_gid, user->pw_gid);
	if (setgroups(2, groups) != 0 || !drop(extra))
		return false;
	return caps_are(caps) && status_is("CapBnd:", "\t0000000000000000") &&
	       status_is("Uid:", uids) && status_is("Gid:", gids) &&
	       getgroups(0, NULL) == 0 && can_bind(1) && can_mark();
}

static bool from_root(void)
{
	return nothing_but(0, BASE) && setuid(0) != 0 && seteuid(0) != 0 &&
	       setgid(0) != 0 && !can_change_namespace() &&
	       open("/etc/shadow", O_RDONLY) < 0 && !privileges_have(1) &&
	       !privileges_have(2) && privileges_have(0);
}

static bool with_netns(void)
{
	return nothing_but(PRIVILEGES_NETNS, BASE | NETNS) &&
	       can_change_namespace() && privileges_have(PRIVILEGES_NETNS) &&
	       !privileges_have(PRIVILEGES_NETNS | PRIVILEGES_SCRIPTS);
}

static bool with_scripts(void)
{
	return nothing_but(PRIVILEGES_SCRIPTS, BASE | SCRIPTS) &&
	       !can_change_namespace() && privileges_have(PRIVILEGES_SCRIPTS);
}

/* What a program gets that has a user and capabilities of its own. */
static bool nothing_by_exec(void)
{
	int status = 0;
	pid_t pid;

	if (!drop(PRIVILEGES_SCRIPTS))
		return false;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		/* Even root's own, who it can still become. */
		if (setresuid(0, 0, 0) != 0)
			_exit(2);
		execl("/bin/sh", "sh", "-c",
		      "grep -q '^CapEff:.0*$' /proc/self/status", (char *)NULL);
		_exit(3);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool less_but_not_more(void)
{
	return drop(PRIVILEGES_NETNS | PRIVILEGES_SCRIPTS) &&
	       drop(PRIVILEGES_NETNS) && caps_are(BASE | NETNS) && drop(0) &&
	       caps_are(BASE) &&
	       privileges_drop(USER, PRIVILEGES_NETNS, error, sizeof(error)) ==
		       -EPERM &&
	       strcmp(error,
		      "CAP_SYS_ADMIN is missing, which checks with 'netns' need; start as root, or give it to the service (AmbientCapabilities=)") ==
		       0 &&
	       caps_are(BASE);
}

/* As the service manager starts it: a user, with capabilities that are inherited. */
static bool become_ambient(const cap_value_t *list, int count)
{
	cap_t caps = cap_init();

	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 ||
	    setgroups(0, NULL) != 0 || setresgid(9, 9, 9) != 0 ||
	    setresuid(9, 9, 9) != 0)
		return false;
	cap_set_flag(caps, CAP_PERMITTED, count, list, CAP_SET);
	cap_set_flag(caps, CAP_EFFECTIVE, count, list, CAP_SET);
	cap_set_flag(caps, CAP_INHERITABLE, count, list, CAP_SET);
	if (cap_set_proc(caps) != 0)
		return false;
	cap_free(caps);
	for (int i = 0; i < count; i++)
		if (cap_set_ambient(list[i], CAP_SET) != 0)
			return false;
	return true;
}

static bool from_capabilities(void)
{
	static const cap_value_t all[] = { CAP_NET_ADMIN, CAP_NET_BIND_SERVICE,
					   CAP_SYS_ADMIN };

	if (!become_ambient(all, 3))
		return false;
	/* Nobody is looked up who is not needed. */
	return privileges_drop("no-such-user", 0, error, sizeof(error)) == 0 &&
	       caps_are(BASE) && getuid() == 9 && can_bind(1) && can_mark();
}

static bool a_capability_is_missing(void)
{
	static const cap_value_t one[] = { CAP_NET_BIND_SERVICE };

	return become_ambient(one, 1) &&
	       privileges_drop(USER, 0, error, sizeof(error)) == -EPERM &&
	       strcmp(error,
		      "CAP_NET_ADMIN is missing, which the kernel module asks for; start as root, or give it to the service (AmbientCapabilities=)") ==
		       0 &&
	       status_is("CapAmb:", "\t0000000000000400") &&
	       status_is("NoNewPrivs:", "\t0");
}

static bool refused(const char *user, int err, const char *text)
{
	if (privileges_drop(user, 0, error, sizeof(error)) == err &&
	    strcmp(error, text) == 0)
		return geteuid() == 0 && status_is("NoNewPrivs:", "\t0");
	printf("# %s\n", error);
	return false;
}

static bool no_such_user(void)
{
	return refused(
		"no-such-user", -ENOENT,
		"settings.user: there is no user 'no-such-user'; make one (useradd --system), or name another");
}

static bool root_again(void)
{
	return refused(
		"root", -EPERM,
		"settings.user: 'root' has the rights of root; name a user without any");
}

static bool run_script(const char *program, unsigned int timeout,
		       const char *wanted)
{
	char *command[] = { "/bin/sh", "-c", (char *)program, NULL };
	struct sockaddr_storage address = { .ss_family = AF_INET };
	const struct check_spec spec = {
		.kind = CHECK_SCRIPT,
		.timeout_ms = timeout,
		.command = command,
	};
	struct once once;

	if (once_run(&once, spec, &address, NULL) &&
	    strcmp(once.reason, wanted) == 0)
		return true;
	printf("# %s\n", once.reason);
	return false;
}

/* Not the daemon's user: that could send it signals. */
static bool scripts_are_nobody(void)
{
	return drop(PRIVILEGES_SCRIPTS) &&
	       run_script("echo $(id -u) $(id -G)", 20000,
			  "exit status 0: 65534 65534") &&
	       run_script(
		       "grep -E '^Cap(Eff|Prm|Amb)' /proc/self/status | tr -d '\\n\\t 0'",
		       20000, "exit status 0: CapPrm:CapEff:CapAmb:") &&
	       run_script("sleep 60", 300,
			  "timed out after 300 ms, waiting for the script") &&
	       waitpid(-1, NULL, WNOHANG) == -1;
}

/* In a process of its own, for which there is no way back either. */
static bool apart(bool (*test)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		bool passed = test();

		fflush(stdout);
		_exit(passed ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(void)
{
	static const struct {
		bool (*test)(void);
		const char *name;
	} tests[] = {
		{ from_root, "from root" },
		{ with_netns, "with network namespaces" },
		{ with_scripts, "with scripts" },
		{ nothing_by_exec, "programs gain nothing" },
		{ less_but_not_more, "less again, but not more" },
		{ from_capabilities, "from capabilities" },
		{ a_capability_is_missing, "a capability is missing" },
		{ no_such_user, "no such user" },
		{ root_again, "root again" },
		{ scripts_are_nobody, "scripts are nobody's" },
	};
	struct ktap ktap = { 0 };

	ktap_begin();
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (geteuid() == 0) {
			ktap_result(&ktap, apart(tests[i].test), tests[i].name);
			continue;
		}
		printf("ok %u %s # SKIP not root\n", ++ktap.count,
		       tests[i].name);
	}
	return ktap_end(&ktap);
}
