/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stratum proxy has done, as metrics. */
#ifndef DAEMON_METRICS_PROXY_H
#define DAEMON_METRICS_PROXY_H

#include "metrics.h"
#include "proxy/access.h"
#include "proxy/counts.h"
#include "proxy/plan.h"

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

/**
 * metrics_proxy_write_states() - write what servers of stratum proxy get
 * @plan: in force
 * @now: the loop's time
 * @m: where
 *
 * Context: main thread, since that changes plans.
 */
void metrics_proxy_write_states(const struct plan *plan, uint64_t now,
				struct metrics *m);

#endif /* DAEMON_METRICS_PROXY_H */
