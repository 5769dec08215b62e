// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "privileges.h"
#include "sanitizer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What is kept: always, or for a bit of enum privileges_extra. */
static const struct {
	cap_value_t cap;
	const char *name;
	unsigned int extra;
	const char *why;
} kept[] = {
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN", 0, "the kernel module asks for" },
	{ CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE", 0,
	  "ports below 1024 need" },
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", PRIVILEGES_NETNS,
	  "checks with 'netns' need" },
	{ CAP_SETUID, "CAP_SETUID", PRIVILEGES_SCRIPTS, "script checks need" },
	{ CAP_SETGID, "CAP_SETGID", PRIVILEGES_SCRIPTS, "script checks need" },
	{ CAP_KILL, "CAP_KILL", PRIVILEGES_SCRIPTS, "script checks need" },
};

static bool is_kept(size_t i, unsigned int extra)
{
	return !kept[i].extra || (kept[i].extra & extra);
}

__attribute__((format(printf, 4, 5))) static int
refuse(char *error, size_t size, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, size, format, args);
	va_end(args);
	return -err;
}

static int failed(char *error, size_t size, const char *what)
{
	int err = errno;

	return refuse(error, size, err, "privileges: %s: %s", what,
		      strerror(err));
}

static bool has(cap_t caps, cap_value_t cap)
{
	cap_flag_value_t permitted = CAP_CLEAR;

	return cap_get_flag(caps, cap, CAP_PERMITTED, &permitted) == 0 &&
	       permitted == CAP_SET;
}

/* Return: whether all of @extra, and what is always kept, is there; else error */
static int look_for_missing(unsigned int extra, bool root, char *error,
			    size_t size)
{
	cap_t caps = cap_get_proc();
	int err = 0;

	if (!caps)
		return failed(error, size, "capabilities");
	for (size_t i = 0; !err && i < COUNT(kept); i++)
		if (is_kept(i, extra) && !has(caps, kept[i].cap))
			err = refuse(
				error, size, EPERM,
				"%s is missing, which %s; start as root, or give it to the service (AmbientCapabilities=)",
				kept[i].name, kept[i].why);
	if (!err && root && (!has(caps, CAP_SETUID) || !has(caps, CAP_SETGID)))
		err = refuse(
			error, size, EPERM,
			"root cannot become another user: CAP_SETUID or CAP_SETGID is missing; give them, or start as the user with capabilities");
	cap_free(caps);
	return err;
}

static int look_up(const char *name, struct passwd **user, char *error,
		   size_t size)
{
	errno = 0;
	*user = getpwnam(name);
	if (!*user && errno && errno != ENOENT && errno != ESRCH)
		return refuse(error, size, errno, "settings.user: '%s': %s",
			      name, strerror(errno));
	if (!*user)
		return refuse(
			error, size, ENOENT,
			"settings.user: there is no user '%s'; make one (useradd --system), or name another",
			name);
	if ((*user)->pw_uid == 0 || (*user)->pw_gid == 0)
		return refuse(
			error, size, EPERM,
			"settings.user: '%s' has the rights of root; name a user without any",
			name);
	return 0;
}

/* Who may not empty it has nothing to gain from it with no_new_privs. */
static int empty_bounding_set(char *error, size_t size)
{
	for (cap_value_t cap = 0; cap_get_bound(cap) >= 0; cap++)
		if (cap_drop_bound(cap) != 0 && errno != EPERM)
			return failed(error, size, "bounding set");
	return 0;
}

static int become(const struct passwd *user, char *error, size_t size)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		return failed(error, size, "PR_SET_KEEPCAPS");
	if (getgroups(0, NULL) != 0 && setgroups(0, NULL) != 0)
		return failed(error, size, "supplementary groups");
	if (setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0)
		return failed(error, size, "group");
	if (setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
		return failed(error, size, "user");
	return 0;
}

static cap_t make_caps(unsigned int extra)
{
	cap_t caps = cap_init();

	for (size_t i = 0; caps && i < COUNT(kept); i++) {
		if (!is_kept(i, extra))
			continue;
		if (cap_set_flag(caps, CAP_PERMITTED, 1, &kept[i].cap,
				 CAP_SET) != 0 ||
		    cap_set_flag(caps, CAP_EFFECTIVE, 1, &kept[i].cap,
				 CAP_SET) != 0) {
			cap_free(caps);
			return NULL;
		}
	}
	return caps;
}

/* That the kernel took it is not enough: it is what is looked at. */
static int set_caps(unsigned int extra, char *error, size_t size)
{
	cap_t wanted = make_caps(extra), now = NULL;
	int err = 0;

	if (!wanted || cap_set_proc(wanted) != 0)
		err = failed(error, size, "capabilities");
	if (!err)
		now = cap_get_proc();
	if (!err && (!now || cap_compare(now, wanted) != 0))
		err = refuse(error, size, EPERM,
			     "privileges: the capabilities are not as set");
	cap_free(wanted);
	cap_free(now);
	return err;
}

/* The way back is closed. */
static int close_ways(char *error, size_t size)
{
	if (cap_reset_ambient() != 0)
		return failed(error, size, "ambient set");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return failed(error, size, "PR_SET_NO_NEW_PRIVS");
	/* The sanitizers look into their own process. */
	if (prctl(PR_SET_DUMPABLE, SANITIZER ? 1 : 0, 0, 0, 0) != 0)
		return failed(error, size, "PR_SET_DUMPABLE");
	return 0;
}

int privileges_drop(const char *name, unsigned int extra, char *error,
		    size_t size)
{
	bool root = geteuid() == 0 || getuid() == 0;
	struct passwd *user = NULL;
	int err = 0;

	if (root)
		err = look_up(name, &user, error, size);
	if (!err)
		err = look_for_missing(extra, root, error, size);
	if (!err)
		err = empty_bounding_set(error, size);
	if (!err && root)
		err = become(user, error, size);
	if (!err)
		err = set_caps(extra, error, size);
	if (!err)
		err = close_ways(error, size);
	return err;
}

bool privileges_have(unsigned int extra)
{
	cap_t caps = cap_get_proc();
	bool all = caps != NULL;

	for (size_t i = 0; all && i < COUNT(kept); i++)
		if (kept[i].extra & extra)
			all = has(caps, kept[i].cap);
	cap_free(caps);
	return all;
}
