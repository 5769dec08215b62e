/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers under checks, and where they are found by check and address. */
#ifndef DAEMON_CHECK_TARGETS_H
#define DAEMON_CHECK_TARGETS_H

#include "run.h"

/**
 * enum check_activity - what is going on with a server
 * @TARGET_RESTS: the timer says when it is due
 * @TARGET_WAITS: due, in the engine's queue
 * @TARGET_RUNS: being checked; the timer says until when
 */
enum check_activity {
	TARGET_RESTS,
	TARGET_WAITS,
	TARGET_RUNS,
};

/**
 * struct check_target - one server under one check
 * @check: how it is checked
 * @address: what is checked
 * @health: what is known
 * @activity: what is going on
 * @number: counts servers of the engine: its place in the interval
 * @due_ms: when its check was or is due, in the loop's time
 * @began: when its check began, in nanoseconds
 * @timer: by @activity
 * @waits: entry in the engine's queue
 * @watches: who is told
 * @cursor: who is told next
 * @next: with the same hash
 * @free: frees it when nobody can be in a callback of it any more
 * @run: its check
 * @state: of the kind
 */
struct check_target {
	struct check *check;
	struct sockaddr_storage address;
	struct check_health health;
	enum check_activity activity;
	unsigned int number;
	uint64_t due_ms;
	uint64_t began;
	struct wheel_timer timer;
	TAILQ_ENTRY(check_target) waits;
	LIST_HEAD(, check_watch) watches;
	struct check_watch *cursor;
	struct check_target *next;
	struct loop_task free;
	struct check_run run;
	max_align_t state[];
};

static inline struct check_target *check_target_of(struct check_run *run)
{
	return loop_owner(run, struct check_target, run);
}

/**
 * struct check_targets - a hash table; all zero is an empty one
 * @buckets: lists
 * @bucket_count: 0, or a power of two
 * @count: targets in it
 */
struct check_targets {
	struct check_target **buckets;
	size_t bucket_count;
	size_t count;
};

/**
 * check_targets_add() - put one in
 * @targets: table
 * @target: which is not in it
 *
 * Return: false if memory is out
 */
bool check_targets_add(struct check_targets *targets,
		       struct check_target *target);

/**
 * check_targets_del() - take one out
 * @targets: table
 * @target: which is in it
 */
void check_targets_del(struct check_targets *targets,
		       struct check_target *target);

/**
 * check_targets_lookup() - find one
 * @targets: table
 * @check: its check
 * @address: its address; bytes that mean nothing are 0
 *
 * Return: the target, or NULL
 */
struct check_target *
check_targets_lookup(const struct check_targets *targets,
		     const struct check *check,
		     const struct sockaddr_storage *address);

/**
 * check_targets_exit() - free the table
 * @targets: empty
 */
void check_targets_exit(struct check_targets *targets);

#endif /* DAEMON_CHECK_TARGETS_H */
