/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What runs, as JSON. */
#ifndef DAEMON_SHOW_H
#define DAEMON_SHOW_H

#include <jansson.h>

struct daemon;

/**
 * show_daemon() - all that there is
 * @daemon: running
 *
 * Return: an object with the daemon, services, pools with their servers, and checks.
 */
json_t *show_daemon(const struct daemon *daemon);

#endif /* DAEMON_SHOW_H */
