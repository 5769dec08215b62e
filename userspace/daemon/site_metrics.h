/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the servers of a site, for those who watch. */
#ifndef DAEMON_SITE_METRICS_H
#define DAEMON_SITE_METRICS_H

#include "metrics.h"
#include "site.h"

/**
 * site_metrics() - write samples of all servers and names
 * @m: where
 * @site: in force
 */
void site_metrics(struct metrics *m, const struct site *site);

#endif /* DAEMON_SITE_METRICS_H */
