/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stratum proxy has done, as metrics. */
#ifndef DAEMON_METRICS_PROXY_H
#define DAEMON_METRICS_PROXY_H

#include "metrics.h"
#include "proxy/access.h"
#include "proxy/counts.h"

/**
 * metrics_proxy_write() - write samples of all that is counted
 * @counts: of all plans; while workers count
 * @access: all access logs
 * @m: the page
 *
 * Context: any thread
 */
void metrics_proxy_write(struct counts_table *counts,
			 const struct access_files *access, struct metrics *m);

#endif /* DAEMON_METRICS_PROXY_H */
