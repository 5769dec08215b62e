/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Servers that are left out for a time because of what they answer.
 *
 * One state for all workers, atomic and without a lock. On the way of a request it
 * is only read; it is written where a server fails, or answers after a failure.
 */
#ifndef PROXY_OUTLIER_H
#define PROXY_OUTLIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/pool.h"

/* Times out in a row get longer up to this many times the first. */
#define OUTLIER_ROW_MAX 10

/**
 * struct outlier_server - a server; all of it atomic but @pool
 * @pool: what it belongs to
 * @until: when it is back, ns; 0: it is in
 * @errors: failures in a row
 * @row: times out in a row
 * @span: how long the last time was, ns
 * @back: when that ended, or ends, ns
 * @ejections: how often it was left out; for metrics
 */
struct outlier_server {
	struct outlier *pool;
	uint64_t until;
	uint32_t errors;
	uint32_t row;
	uint64_t span;
	uint64_t back;
	uint64_t ejections;
};

/**
 * struct outlier - the servers of a pool
 * @errors: failures in a row after which a server is left out
 * @latency_us: an answer that takes longer is a failure, 0: none is
 * @time: how long the first time out is, ns
 * @share_max: most servers out at once, hundredths of a percent
 * @most: the same as a number; atomic
 * @out: servers that are out, or of which nobody has seen yet that they are back;
 *	never more than @most was when they went; atomic
 * @kept: how often a server stayed in because @most were out; for metrics, atomic
 * @count: number of @servers
 * @servers: in the order of the pool
 */
struct outlier {
	uint32_t errors;
	uint64_t latency_us;
	uint64_t time;
	uint32_t share_max;
	uint32_t most;
	uint32_t out;
	uint64_t kept;
	size_t count;
	struct outlier_server servers[];
};

/**
 * outlier_create() - make the state of a pool, with all servers in
 * @config: not needed afterwards
 * @count: servers
 *
 * Return: for outlier_free() when no worker has it any more, or NULL with errno.
 */
struct outlier *outlier_create(const struct config_outlier *config,
			       size_t count);
void outlier_free(struct outlier *outlier);

/**
 * outlier_set_up() - say how many servers there are to send requests to
 * @outlier: of the pool
 * @up: servers with a weight, whether they are left out or not; all of them until
 *	this is called
 *
 * @share_max of them may be out at once, rounded down, but at least one (unless
 * @share_max is 0), and never all. Servers that are out stay so when this becomes
 * less: where no other is usable, who chooses a server has to take one of those.
 *
 * Context: main thread.
 */
void outlier_set_up(struct outlier *outlier, size_t up);

/**
 * outlier_inherit() - a server of another configuration is the same one
 * @to: of an outlier that no worker has yet
 * @from: which workers may use meanwhile
 * @now: loop_now()
 *
 * It stays out as long as it was to, if @to's pool has room for it, and keeps its
 * failures. Context: main thread.
 */
void outlier_inherit(struct outlier_server *to,
		     const struct outlier_server *from, uint64_t now);

/**
 * outlier_report() - say what has become of a request
 * @server: that had it
 * @failed: the connection failed or broke, no answer came in time, it was not
 *	HTTP, or its status was 500 or above; not: the client went away
 * @latency_us: until the head of the answer came; 0: does not count
 * @now: loop_now()
 *
 * A server that is out for the second time within as long after it came back as
 * it was out before is out twice as long as the first time, then three times, up to
 * OUTLIER_ROW_MAX. What comes from requests that were under way when it went does
 * not count.
 *
 * Context: any worker.
 * Return: 0; or for how long this has left the server out, ns, for the log.
 */
uint64_t outlier_report(struct outlier_server *server, bool failed,
			uint64_t latency_us, uint64_t now);

/* A server's time is over. Return: whether it is not. See outlier_ejected(). */
bool outlier_still_out(struct outlier_server *server, uint64_t now);

/**
 * outlier_ejected() - whether a server is left out
 * @server: any
 * @now: loop_now()
 *
 * Context: any worker.
 */
static inline bool outlier_ejected(struct outlier_server *server, uint64_t now)
{
	return __atomic_load_n(&server->until, __ATOMIC_RELAXED) &&
	       outlier_still_out(server, now);
}

#endif /* PROXY_OUTLIER_H */
