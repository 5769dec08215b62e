/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel counts, as metrics. */
#ifndef DAEMON_METRICS_KERNEL_H
#define DAEMON_METRICS_KERNEL_H

#include "metrics.h"
#include "sluice_relay.h"

/**
 * struct metrics_kernel - all that the kernel knows; all zero: nothing
 * @up: it answered
 * @why: why not
 * @info: of the module
 * @has_relay: stratum relay answered
 * @relay: of that
 * @services: all, the following too
 * @service_count: how many
 * @pools: of these
 * @pool_count: of these
 * @servers: of all pools
 * @server_count: of these
 * @routes: of all services
 * @route_count: of these
 */
struct metrics_kernel {
	bool up;
	char why[200];
	struct sluice_info info;
	bool has_relay;
	struct sluice_relay_stats relay;
	struct sluice_service *services;
	size_t service_count;
	struct sluice_pool *pools;
	size_t pool_count;
	struct sluice_server *servers;
	size_t server_count;
	struct sluice_route *routes;
	size_t route_count;
};

/**
 * metrics_kernel_read() - ask the kernel, which takes a while
 * @kernel: filled in, for metrics_kernel_free()
 *
 * Context: any thread
 */
void metrics_kernel_read(struct metrics_kernel *kernel);

/**
 * metrics_kernel_write() - write it down
 * @kernel: what the kernel said
 * @m: the page
 */
void metrics_kernel_write(const struct metrics_kernel *kernel,
			  struct metrics *m);

/**
 * metrics_kernel_free() - free what it points to
 * @kernel: read
 */
void metrics_kernel_free(struct metrics_kernel *kernel);

#endif /* DAEMON_METRICS_KERNEL_H */
