// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * script: a program says by its exit status whether the server is good. It leads a
 * process group of its own, which does not outlive it or its time; its output is
 * read up to a limit, and the first line of it is the reason. It finds
 *
 *	SLUICE_CHECK, SLUICE_ADDRESS, SLUICE_PORT, SLUICE_FAMILY (4 or 6)
 *
 * in an environment without anything else but PATH, and is not root.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../child.h"
#include "../privileges.h"
#include "kinds.h"
#include "script.h"

/* Of output, before the script gets SIGPIPE. */
#define OUTPUT_MAX 65536
#define FILES_MAX 256
#define STACK_SIZE 32768
#define ENVIRONMENT_SIZE 512

struct state {
	struct check_process *process;
	size_t output;
	size_t line;
	bool line_done;
	char text[CHECK_QUOTE_SIZE];
};

/* Outlives its run until the killed process is gone. */
struct check_process {
	struct child child;
	struct check_run *run;
	LIST_ENTRY(check_process) entry;
};

static int prepare(struct check *check, struct check_error *error)
{
	char **command = check->spec->command;

	if (!command || !command[0] || command[0][0] != '/')
		return check_refuse(
			error,
			"command: a program with its whole path expected, as in [/usr/local/bin/check, argument]");
	if (access(command[0], X_OK) != 0)
		return check_refuse(error, "command: %s: %s", command[0],
				    strerror(errno));
	if (strlen(check->spec->name) > 200)
		return check_refuse(error, "name: at most 200 bytes expected");
	return 0;
}

/* What the process has to know, made before there is one. */
struct plan {
	char **argv;
	char *envp[6];
	char space[ENVIRONMENT_SIZE];
	int output;
	int netns;
	bool other_user;
	unsigned int uid;
	unsigned int gid;
	unsigned int seconds;
};

static void plan_environment(struct plan *plan, const struct check_run *run)
{
	const struct sockaddr_in6 *in6 = (const void *)run->address;
	const struct sockaddr_in *in = (const void *)run->address;
	bool six = run->address->ss_family == AF_INET6;
	const void *address = six ? (const void *)&in6->sin6_addr :
				    (const void *)&in->sin_addr;
	char text[INET6_ADDRSTRLEN], *at = plan->space;
	const char *end = at + sizeof(plan->space);

	inet_ntop(run->address->ss_family, address, text, sizeof(text));
	plan->envp[0] =
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	plan->envp[1] = six ? "SLUICE_FAMILY=6" : "SLUICE_FAMILY=4";
	plan->envp[2] = at;
	at += snprintf(at, (size_t)(end - at), "SLUICE_ADDRESS=%s", text) + 1;
	plan->envp[3] = at;
	at += snprintf(at, (size_t)(end - at), "SLUICE_PORT=%u",
		       ntohs(six ? in6->sin6_port : in->sin_port)) +
	      1;
	plan->envp[4] = at;
	snprintf(at, (size_t)(end - at), "SLUICE_CHECK=%s",
		 run->check->spec->name);
	plan->envp[5] = NULL;
}

/*
 * In the child, which shares memory with a parent that stands still: system calls
 * only, and those for identity not by the C library, which would have the other
 * threads take part.
 */
static bool become(const struct plan *plan)
{
	const struct rlimit none = { 0, 0 };
	const struct rlimit files = { FILES_MAX, FILES_MAX };
	const struct rlimit time = { plan->seconds, plan->seconds + 1 };
	int null;

	setpgid(0, 0);
	null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, 0) < 0 || dup2(plan->output, 1) < 0 ||
	    dup2(plan->output, 2) < 0)
		return false;
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	if (plan->netns >= 0 && setns(plan->netns, CLONE_NEWNET) != 0)
		return false;
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_CPU, &time);
	/* Capabilities of a daemon that is not root would be handed on. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
		return false;
	if (plan->other_user &&
	    (syscall(SYS_setgroups, 0, NULL) != 0 ||
	     syscall(SYS_setresgid, plan->gid, plan->gid, plan->gid) != 0 ||
	     syscall(SYS_setresuid, plan->uid, plan->uid, plan->uid) != 0))
		return false;
	return setrlimit(RLIMIT_NOFILE, &files) == 0;
}

/*
 * Handlers, ignored and blocked signals are the parent's: the program gets none. The C
 * library would leave out those signals that it uses itself, and what posix_spawn()
 * starts may ignore them.
 */
static void reset_signals(void)
{
	/* The kernel's struct sigaction: SIG_DFL, no flags, no mask, on every architecture. */
	static const unsigned long usual[8];
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		syscall(SYS_rt_sigaction, i, usual, NULL, NSIG / 8);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Return: its exit status, if the program does not take over */
static int process_main(void *argument)
{
	const struct plan *plan = argument;

	if (!become(plan))
		return 126;
	reset_signals();
	execve(plan->argv[0], plan->argv, plan->envp);
	return 127;
}

/* Return: the process, or a negative errno */
static pid_t spawn(struct plan *plan)
{
	_Alignas(16) char stack[STACK_SIZE];
	sigset_t all, before;
	pid_t pid;

	/* No handler of the parent may run in the child. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	/* Without a copy of the daemon's page tables, which may be large. */
	pid = clone(process_main, stack + sizeof(stack),
		    CLONE_VM | CLONE_VFORK | SIGCHLD, plan);
	if (pid < 0)
		pid = -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

/* The first line, as far as it can be shown. */
static void keep(struct state *state, const char *data, size_t length)
{
	for (size_t i = 0; i < length && !state->line_done; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c == '\n' || state->line == sizeof(state->text) - 1)
			state->line_done = true;
		else
			state->text[state->line++] =
				c >= ' ' && c < 0x7f ? (char)c : '?';
	}
	state->text[state->line] = '\0';
}

static void read_output(struct check_run *run)
{
	struct state *state = run->state;
	char buffer[4096];
	ssize_t count;

	while (run->fd.fd >= 0) {
		count = read(run->fd.fd, buffer, sizeof(buffer));
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN)
			return;
		if (count > 0) {
			keep(state, buffer, (size_t)count);
			state->output += (size_t)count;
		}
		if (count <= 0 || state->output >= OUTPUT_MAX)
			loop_fd_close(run->loop, &run->fd);
	}
}

static void readable(struct loop_fd *fd, uint32_t events)
{
	(void)events;
	read_output(loop_owner(fd, struct check_run, fd));
}

static void exited(struct child *child, int code, int status)
{
	struct check_process *process =
		loop_owner(child, struct check_process, child);
	struct check_run *run = process->run;
	struct state *state;
	const char *text;

	LIST_REMOVE(process, entry);
	free(process);
	if (!run)
		return;
	state = run->state;
	state->process = NULL;
	read_output(run);
	text = state->line ? state->text : "no output";
	if (code != CLD_EXITED)
		check_fail(run, "killed by signal %d: %s", status, text);
	else if (status == 126 && !state->line)
		check_break(run, "the script cannot be started as it should");
	else if (status == 127 && !state->line)
		check_break(run, "the script cannot be executed");
	else if (status != 0)
		check_fail(run, "exit status %d: %s", status, text);
	else
		check_pass(run, "exit status 0: %s", text);
}

/* Return: 0, or a negative errno: then nothing is left */
static int start_process(struct check_run *run, struct plan *plan)
{
	struct check_process *process = calloc(1, sizeof(*process));
	struct state *state = run->state;
	pid_t pid;
	int err;

	if (!process)
		return -ENOMEM;
	pid = spawn(plan);
	err = pid < 0 ? pid : 0;
	process->child.exited = exited;
	if (!err)
		err = child_watch(run->loop, &process->child, pid);
	if (err) {
		if (pid > 0) {
			kill(-pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
		free(process);
		return err;
	}
	process->run = run;
	state->process = process;
	LIST_INSERT_HEAD(check_engine_processes(run->check->engine), process,
			 entry);
	return 0;
}

static void start(struct check_run *run)
{
	struct check *check = run->check;
	const struct check_options *options =
		check_engine_options(check->engine);
	struct check_netns *netns = &check->netns;
	struct plan plan = {
		.argv = check->spec->command,
		.netns = -1,
		.other_user = geteuid() == 0 ||
			      privileges_have(PRIVILEGES_SCRIPTS),
		.uid = options->script_uid,
		.gid = options->script_gid,
		.seconds = check->spec->timeout_ms / 1000 + 1,
	};
	int pipes[2], err = 0;

	run->waiting_for = "the script";
	plan_environment(&plan, run);
	if (netns->path) {
		plan.netns = check_netns_open(netns);
		if (plan.netns < 0) {
			check_break(run, "network namespace: %s",
				    strerror(-plan.netns));
			return;
		}
	}
	if (pipe2(pipes, O_CLOEXEC) != 0) {
		check_break(run, "pipe: %s", strerror(errno));
		return;
	}
	plan.output = pipes[1];
	run->fd.ready = readable;
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	err = loop_fd_add(run->loop, &run->fd, pipes[0], EPOLLIN | EPOLLET);
	if (err)
		close(pipes[0]);
	else
		err = start_process(run, &plan);
	close(pipes[1]);
	if (err)
		check_break(run, "the script cannot be started: %s",
			    strerror(-err));
}

static void stop(struct check_run *run)
{
	struct state *state = run->state;

	if (run->fd.fd >= 0)
		loop_fd_close(run->loop, &run->fd);
	if (state->process) {
		state->process->run = NULL;
		child_kill(&state->process->child);
		state->process = NULL;
	}
}

void check_processes_forget(struct check_processes *processes)
{
	struct check_process *process;

	while ((process = LIST_FIRST(processes))) {
		LIST_REMOVE(process, entry);
		child_forget(&process->child);
		free(process);
	}
}

const struct check_kind_ops check_script = {
	.name = "script",
	.state_size = sizeof(struct state),
	.prepare = prepare,
	.start = start,
	.stop = stop,
};
