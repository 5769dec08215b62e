/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon knows of itself, as metrics. */
#ifndef DAEMON_METRICS_DAEMON_H
#define DAEMON_METRICS_DAEMON_H

#include "admin.h"

/**
 * metrics_daemon_write() - what belongs to the loop's thread
 * @source: of the daemon
 * @m: the page
 */
void metrics_daemon_write(const struct admin_source *source, struct metrics *m);

/**
 * metrics_process_write() - what the kernel knows of the process
 * @m: the page
 *
 * Context: any thread
 */
void metrics_process_write(struct metrics *m);

#endif /* DAEMON_METRICS_DAEMON_H */
