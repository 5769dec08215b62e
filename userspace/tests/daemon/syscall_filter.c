// SPDX-License-Identifier: GPL-2.0-or-later
/* The filter of system calls: what goes on, what is refused, and what ends. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../ktap.h"
#include "fake.h"
#include "once.h"
#include "syscall_filter.h"

static bool is_refused(long result, int with)
{
	if (result < 0 && errno == with)
		return true;
	printf("# %ld, %s\n", result, result < 0 ? strerror(errno) : "done");
	return false;
}

static bool refuses_socket(int family)
{
	return is_refused(socket(family, SOCK_RAW, 0), EAFNOSUPPORT);
}

static void *nothing(void *arg)
{
	return arg;
}

static bool thread_runs(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, nothing, NULL) == 0 &&
	       pthread_join(thread, NULL) == 0;
}

static bool ordinary_calls(void)
{
	struct addrinfo *found = NULL;
	int pair[2], length = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
	    ioctl(pair[0], FIONREAD, &length) != 0 ||
	    ioctl(pair[0], TIOCOUTQ, &length) != 0 || !thread_runs())
		return false;
	/* By the C library's own ways: files, sockets and libraries. */
	if (getaddrinfo("127.0.0.1", "80", NULL, &found) != 0)
		return false;
	freeaddrinfo(found);
	return true;
}

static bool other_sockets(void)
{
	return refuses_socket(AF_PACKET) && refuses_socket(AF_ALG) &&
	       refuses_socket(AF_VSOCK) && refuses_socket(AF_KEY);
}

static bool as_on_an_older_kernel(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *memory;

	if (!is_refused(syscall(SYS_getpriority, 0, 0), ENOSYS) ||
	    !is_refused(ioctl(0, TIOCSTI, ""), ENOSYS) ||
	    !is_refused(setns(0, CLONE_NEWUSER), ENOSYS) ||
	    !is_refused(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), ENOSYS))
		return false;
	memory = mmap(NULL, page, PROT_READ | PROT_WRITE | PROT_EXEC,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory != MAP_FAILED || errno != ENOSYS)
		return false;
	memory = mmap(NULL, page, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory != MAP_FAILED &&
	       is_refused(mprotect(memory, page, PROT_READ | PROT_EXEC),
			  ENOSYS);
}

static bool executes(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return true;
}

static bool traces(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	return true;
}

static bool makes_a_ring(void)
{
	syscall(SYS_io_uring_setup, 1, NULL);
	return true;
}

/* In the thread that was there before, too. */
static pthread_barrier_t barrier;

static void *trace_later(void *arg)
{
	pthread_barrier_wait(&barrier);
	traces();
	return arg;
}

static bool another_thread_traces(void)
{
	pthread_barrier_wait(&barrier);
	sleep(60);
	return true;
}

static bool check_of_a_server(void)
{
	static const char *const steps[] = {
		"<", ">HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", NULL
	};
	const struct check_spec spec = { .kind = CHECK_HTTP,
					 .timeout_ms = 20000 };
	struct fake fake = { .steps = steps };
	struct once once;
	bool passed;

	fake_start(&fake);
	passed = once_run(&once, spec, &fake.address, NULL) &&
		 once.report.verdict == CHECK_PASSED;
	fake_stop(&fake);
	if (!passed)
		printf("# %s\n", once.reason);
	return passed;
}

static bool script(const char *program, const char *wanted)
{
	char *command[] = { "/bin/sh", "-c", (char *)program, NULL };
	struct sockaddr_storage address = { .ss_family = AF_INET };
	const struct check_spec spec = { .kind = CHECK_SCRIPT,
					 .timeout_ms = 20000,
					 .command = command };
	struct once once;

	if (once_run(&once, spec, &address, NULL) &&
	    strcmp(once.reason, wanted) == 0)
		return true;
	printf("# %s\n", once.reason);
	return false;
}

static bool scripts_run(void)
{
	return script("ls / | wc -l >/dev/null && echo fine",
		      "exit status 0: fine") &&
	       script("grep ^Seccomp: /proc/self/status | tr -d '\\t'",
		      "exit status 0: Seccomp:2");
}

static bool what_no_script_needs(void)
{
	return is_refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL), EPERM) &&
	       is_refused(unshare(CLONE_NEWUSER), EPERM) &&
	       is_refused(syscall(SYS_clone, SIGCHLD | CLONE_NEWUSER, 0, 0, 0,
				  0),
			  EPERM) &&
	       is_refused(syscall(SYS_clone3, NULL, 0), ENOSYS) &&
	       is_refused(ioctl(0, TIOCSTI, ""), EPERM) && other_sockets();
}

/* In a process of its own. Return: whether it ended so: @signal or well */
static bool apart(bool (*test)(void), bool scripts, int signal)
{
	bool threads = test == another_thread_traces;
	int status = 0;
	char error[200];
	pthread_t thread;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		bool passed;

		pthread_barrier_init(&barrier, NULL, 2);
		if (threads)
			pthread_create(&thread, NULL, trace_later, NULL);
		if (syscall_filter_load(scripts, error, sizeof(error)) != 0) {
			printf("# %s\n", error);
			_exit(2);
		}
		passed = test();
		fflush(stdout);
		_exit(passed ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	if (signal ? WIFSIGNALED(status) && WTERMSIG(status) == signal :
		     WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	printf("# status %#x\n", (unsigned int)status);
	return false;
}

int main(void)
{
	static const struct {
		bool (*test)(void);
		bool scripts;
		int signal;
		const char *name;
	} tests[] = {
		{ ordinary_calls, false, 0, "ordinary calls" },
		{ check_of_a_server, false, 0, "a check of a server" },
		{ other_sockets, false, 0, "other families of sockets" },
		{ as_on_an_older_kernel, false, 0, "as on an older kernel" },
		{ executes, false, SIGSYS, "a program is executed" },
		{ traces, false, SIGSYS, "a process is traced" },
		{ makes_a_ring, false, SIGSYS, "a ring of requests is made" },
		{ another_thread_traces, false, SIGSYS,
		  "in a thread that was there before" },
		{ scripts_run, true, 0, "scripts run" },
		{ check_of_a_server, true, 0, "a check of a server, too" },
		{ what_no_script_needs, true, 0, "what no script needs" },
	};
	struct ktap ktap = { 0 };

	ktap_begin();
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		ktap_result(&ktap,
			    apart(tests[i].test, tests[i].scripts,
				  tests[i].signal),
			    tests[i].name);
	return ktap_end(&ktap);
}
