/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From root, or from capabilities, to a user that can do little else. */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>

/**
 * enum privileges_extra - what else some configurations need
 * @PRIVILEGES_NETNS: sockets and scripts in other network namespaces
 *	(CAP_SYS_ADMIN)
 * @PRIVILEGES_SCRIPTS: programs that run as nobody (CAP_SETUID, CAP_SETGID,
 *	CAP_KILL)
 *
 * Each is worth much to an intruder: to be asked for only where a check has a
 * netns, or is a script.
 */
enum privileges_extra {
	PRIVILEGES_NETNS = 1 << 0,
	PRIVILEGES_SCRIPTS = 1 << 1,
};

/**
 * privileges_drop() - keep what the daemon needs, and nothing else, for good
 * @user: whom root becomes. Who is not root already stays who they are: then the
 *	capabilities come from the service manager.
 * @extra: bits of enum privileges_extra
 * @error: what is wrong, if something is: one line
 * @size: room there
 *
 * CAP_NET_ADMIN and CAP_NET_BIND_SERVICE stay, and what @extra says. The bounding
 * set, the ambient set and supplementary groups are emptied, programs that are
 * executed get no privileges of their own (no_new_privs), and other processes of
 * the user cannot look inside. What is to be read as root is read before. A
 * process that has been here can be asked for less again, but not for more.
 *
 * Context: before any other thread: capabilities belong to a thread
 *
 * Return: 0, or a negative errno: then nothing has changed where something was
 * missing (-ENOENT: the user, -EPERM: a capability); after another error the
 * process must not go on
 */
int privileges_drop(const char *user, unsigned int extra, char *error,
		    size_t size);

/**
 * privileges_have() - whether what a reload asks for was kept
 * @extra: bits of enum privileges_extra
 *
 * Return: false if the daemon has to be started anew for it
 */
bool privileges_have(unsigned int extra);

#endif /* DAEMON_PRIVILEGES_H */
