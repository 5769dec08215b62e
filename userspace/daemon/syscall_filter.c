// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/sched.h>
#include <net/if.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "sanitizer.h"
#include "syscall_filter.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * What the daemon and its libraries call, whatever is in the arguments. Some are
 * for one architecture or another: those that this one does not have are skipped.
 */
static const char *const allowed[] = {
	/* files and folders */
	"access",
	"chmod",
	"chown",
	"close",
	"close_range",
	"dup",
	"dup2",
	"dup3",
	"faccessat",
	"faccessat2",
	"fadvise64",
	"fchmod",
	"fchmodat",
	"fchown",
	"fchownat",
	"fcntl",
	"fdatasync",
	"flock",
	"fstat",
	"fstatfs",
	"fsync",
	"ftruncate",
	"getcwd",
	"getdents64",
	"lseek",
	"lstat",
	"mkdir",
	"mkdirat",
	"newfstatat",
	"open",
	"openat",
	"pipe",
	"pipe2",
	"pread64",
	"preadv",
	"pwrite64",
	"pwritev",
	"read",
	"readlink",
	"readlinkat",
	"readv",
	"rename",
	"renameat",
	"renameat2",
	"stat",
	"statfs",
	"statx",
	"umask",
	"unlink",
	"unlinkat",
	"write",
	"writev",
	/* changes of files that are watched */
	"inotify_add_watch",
	"inotify_init1",
	"inotify_rm_watch",
	/* sockets */
	"accept",
	"accept4",
	"bind",
	"connect",
	"getpeername",
	"getsockname",
	"getsockopt",
	"listen",
	"recvfrom",
	"recvmmsg",
	"recvmsg",
	"sendfile",
	"sendmmsg",
	"sendmsg",
	"sendto",
	"setsockopt",
	"shutdown",
	"splice",
	/* waiting */
	"clock_nanosleep",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_pwait2",
	"epoll_wait",
	"eventfd2",
	"nanosleep",
	"poll",
	"ppoll",
	"pselect6",
	"select",
	"signalfd4",
	"timerfd_create",
	"timerfd_settime",
	/* time */
	"clock_getres",
	"clock_gettime",
	"gettimeofday",
	"time",
	/* memory */
	"brk",
	"madvise",
	"mremap",
	"munmap",
	/* threads and signals */
	"exit",
	"exit_group",
	"futex",
	"get_robust_list",
	"membarrier",
	"restart_syscall",
	"rseq",
	"rt_sigaction",
	"rt_sigpending",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sched_getaffinity",
	"sched_setaffinity",
	"sched_yield",
	"set_robust_list",
	"set_tid_address",
	"sigaltstack",
	"tgkill",
	/* the process, and what it runs on */
	"arch_prctl",
	"capget",
	"capset",
	"getcpu",
	"getegid",
	"geteuid",
	"getgid",
	"getgroups",
	"getpgid",
	"getpgrp",
	"getpid",
	"getppid",
	"getrandom",
	"getresgid",
	"getresuid",
	"getrlimit",
	"getrusage",
	"gettid",
	"getuid",
	"prctl",
	"prlimit64",
	"setrlimit",
	"sysinfo",
	"uname",
};

/* What no unprivileged program has a use for, and intruders have. */
static const char *const forbidden[] = {
	/* other processes */
	"kcmp",
	"pidfd_getfd",
	"process_madvise",
	"process_vm_readv",
	"process_vm_writev",
	"ptrace",
	/* parts of the kernel that are known for their holes */
	"add_key",
	"bpf",
	"io_uring_enter",
	"io_uring_register",
	"io_uring_setup",
	"keyctl",
	"perf_event_open",
	"request_key",
	"userfaultfd",
	/* other views of the system */
	"chroot",
	"fsconfig",
	"fsmount",
	"fsopen",
	"fspick",
	"mount",
	"mount_setattr",
	"move_mount",
	"open_by_handle_at",
	"open_tree",
	"pivot_root",
	"umount",
	"umount2",
	"unshare",
	/* the machine */
	"acct",
	"adjtimex",
	"clock_adjtime",
	"clock_settime",
	"delete_module",
	"finit_module",
	"init_module",
	"ioperm",
	"iopl",
	"kexec_file_load",
	"kexec_load",
	"lookup_dcookie",
	"modify_ldt",
	"nfsservctl",
	"personality",
	"quotactl",
	"quotactl_fd",
	"reboot",
	"setdomainname",
	"sethostname",
	"settimeofday",
	"swapoff",
	"swapon",
	"syslog",
	"vhangup",
};

/* Without scripts these are what an intruder wants most. */
static const char *const of_scripts[] = { "execve", "execveat", "fork",
					  "vfork" };

/* Requests of ioctl() that are made of descriptors and interfaces, mostly by libraries. */
static const unsigned long requests[] = {
	FIOCLEX,      FIONBIO,	   FIONREAD, SIOCGIFCONF, SIOCGIFFLAGS,
	SIOCGIFINDEX, SIOCGIFNAME, TCGETS,   TIOCGWINSZ,  TIOCOUTQ,
};

static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

/* Flags of clone() that make a new view of the system; low bits are a signal. */
static const unsigned long views[] = {
	CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
	CLONE_NEWUSER, CLONE_NEWPID,	CLONE_NEWNET,
};

/* Rules for some calls; the first error is kept. */
static void add_all(scmp_filter_ctx filter, uint32_t action,
		    const char *const *names, size_t count, int *err)
{
	for (size_t i = 0; i < count && !*err; i++) {
		int number = seccomp_syscall_resolve_name(names[i]);

		if (number != __NR_SCMP_ERROR)
			*err = seccomp_rule_add(filter, action, number, 0);
	}
}

static void add_one(scmp_filter_ctx filter, uint32_t action, int number,
		    struct scmp_arg_cmp compare, int *err)
{
	if (!*err)
		*err = seccomp_rule_add(filter, action, number, 1, compare);
}

/* The kernel takes 32 bits of such an argument. */
static struct scmp_arg_cmp argument_is(unsigned int which, uint64_t value)
{
	return SCMP_CMP64(which, SCMP_CMP_MASKED_EQ, UINT32_MAX, value);
}

static struct scmp_arg_cmp argument_has(unsigned int which, uint64_t bits,
					uint64_t value)
{
	return SCMP_CMP64(which, SCMP_CMP_MASKED_EQ, bits, value);
}

static bool is_family(int family)
{
	for (size_t i = 0; i < COUNT(families); i++)
		if (families[i] == family)
			return true;
	return false;
}

/* Other families are said not to be there, as where they are not loaded. */
static void add_families(scmp_filter_ctx filter, bool scripts, int *err)
{
	uint32_t refused = SCMP_ACT_ERRNO(EAFNOSUPPORT);

	for (int family = 0; family < AF_MAX; family++) {
		if (!is_family(family))
			add_one(filter, refused, SCMP_SYS(socket),
				argument_is(0, (uint64_t)family), err);
		else if (!scripts)
			add_one(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket),
				argument_is(0, (uint64_t)family), err);
	}
}

/* What the daemon itself needs, where no other program is run. */
static void add_daemon(scmp_filter_ctx filter, int *err)
{
	add_all(filter, SCMP_ACT_ALLOW, allowed, COUNT(allowed), err);
	add_all(filter, SCMP_ACT_KILL_PROCESS, of_scripts, COUNT(of_scripts),
		err);
	add_one(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair),
		argument_is(0, AF_UNIX), err);
	add_one(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone),
		argument_has(0, CLONE_THREAD, CLONE_THREAD), err);
	add_one(filter, SCMP_ACT_ALLOW, SCMP_SYS(setns),
		argument_is(1, CLONE_NEWNET), err);
	for (size_t i = 0; i < COUNT(requests); i++)
		add_one(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl),
			argument_is(1, requests[i]), err);
	/* What can be written is not executed. */
	add_one(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap),
		argument_has(2, PROT_EXEC, 0), err);
	add_one(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap),
		argument_has(2, PROT_WRITE, 0), err);
	add_one(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect),
		argument_has(2, PROT_EXEC, 0), err);
}

/* What no script needs, where all else is allowed. */
static void add_scripts(scmp_filter_ctx filter, int *err)
{
	uint32_t refused = SCMP_ACT_ERRNO(EPERM);

	for (size_t i = 0; i < COUNT(views); i++)
		add_one(filter, refused, SCMP_SYS(clone),
			argument_has(0, views[i], views[i]), err);
	/* Its flags are in memory, where no filter looks; clone() is there. */
	if (!*err)
		*err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
					SCMP_SYS(clone3), 0);
	add_one(filter, refused, SCMP_SYS(ioctl), argument_is(1, TIOCSTI), err);
	add_one(filter, refused, SCMP_SYS(ioctl), argument_is(1, TIOCLINUX),
		err);
}

static int load(scmp_filter_ctx filter, bool scripts)
{
	uint32_t action = scripts ? SCMP_ACT_ERRNO(EPERM) :
				    SCMP_ACT_KILL_PROCESS;
	int err;

	err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!err)
		err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
				       SCMP_ACT_KILL_PROCESS);
	/* A search among a hundred numbers for each call would be felt. */
	if (!err)
		err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	add_all(filter, action, forbidden, COUNT(forbidden), &err);
	add_families(filter, scripts, &err);
	if (scripts)
		add_scripts(filter, &err);
	else
		add_daemon(filter, &err);
	return err ? err : seccomp_load(filter);
}

int syscall_filter_load(bool scripts, char *error, size_t size)
{
	scmp_filter_ctx filter;
	int err = -ENOMEM;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
		snprintf(
			error, size,
			"this kernel has no filter of system calls (CONFIG_SECCOMP_FILTER)");
		return -ENOSYS;
	}
	filter =
		seccomp_init(scripts ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(ENOSYS));
	if (filter)
		err = load(filter, scripts);
	seccomp_release(filter);
	if (err)
		snprintf(error, size, "filter of system calls: %s",
			 strerror(-err));
	return err;
}

int syscall_filter_install(bool scripts, char *error, size_t size)
{
	return SANITIZER ? 0 : syscall_filter_load(scripts, error, size);
}
