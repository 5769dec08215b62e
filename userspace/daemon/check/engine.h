/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs checks: when, how many at once, and what results mean. All in one loop, so
 * that a server that hangs costs a descriptor and a timer, and delays no other.
 */
#ifndef DAEMON_CHECK_ENGINE_H
#define DAEMON_CHECK_ENGINE_H

#include <limits.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "../loop.h"
#include "check.h"
#include "health.h"

struct check;
struct check_engine;
struct check_target;
struct check_kind_ops;

/* Bytes of a reason, and of what is wrong with a check, the NUL included. */
#define CHECK_REASON_SIZE 256

/* Where a report has no number. */
#define CHECK_NO_DAYS INT_MIN
#define CHECK_NO_WEIGHT (-1)

/**
 * enum check_verdict - how one check came out
 * @CHECK_PASSED: good
 * @CHECK_FAILED: the server's fault
 * @CHECK_BROKEN: this machine's fault: says nothing about the server
 */
enum check_verdict {
	CHECK_PASSED,
	CHECK_FAILED,
	CHECK_BROKEN,
};

/**
 * enum check_advice - what an agent wants for its server, apart from up and down
 * @CHECK_ADVICE_NONE: it did not say
 * @CHECK_ADVICE_READY: take connections
 * @CHECK_ADVICE_DRAIN: no new connections
 * @CHECK_ADVICE_MAINT: no connections
 */
enum check_advice {
	CHECK_ADVICE_NONE,
	CHECK_ADVICE_READY,
	CHECK_ADVICE_DRAIN,
	CHECK_ADVICE_MAINT,
};

/**
 * struct check_report - the result of one check of one server
 * @verdict: of this one
 * @state: that it leaves the server in
 * @changed: whether it was in another before
 * @reason: one line, of printable characters; valid during the call only
 * @duration_us: from its beginning
 * @days_left: until a certificate of the server's chain expires, negative if one
 *	has; CHECK_NO_DAYS
 * @weight_percent: wanted by an agent, 0 to 256; CHECK_NO_WEIGHT
 * @advice: of an agent
 */
struct check_report {
	enum check_verdict verdict;
	enum check_state state;
	bool changed;
	const char *reason;
	uint64_t duration_us;
	int days_left;
	int weight_percent;
	enum check_advice advice;
};

/**
 * struct check_watch - somebody who wants the results: a server in a pool
 * @report: called after each check; it may remove this and any other watch
 * @target: what is checked; shared by all watches of one check and address
 * @entry: in the list of the target
 */
struct check_watch {
	void (*report)(struct check_watch *watch,
		       const struct check_report *report);
	struct check_target *target;
	LIST_ENTRY(check_watch) entry;
};

/**
 * struct check_error - why a check is not taken
 * @text: one line, without the check's name
 */
struct check_error {
	char text[CHECK_REASON_SIZE];
};

/**
 * struct check_options - of an engine; all zero is good
 * @in_flight_max: checks at the same time; 0: 8192, or what the limit of open
 *	files leaves (3/4 of it) if that is less. What is due then waits for its turn.
 * @script_uid: user of scripts where the daemon is root or has
 *	PRIVILEGES_SCRIPTS; 0: nobody's, 65534
 * @script_gid: and its group
 * @kinds: the table to use, for tests; NULL: the kinds there are
 */
struct check_options {
	unsigned int in_flight_max;
	unsigned int script_uid;
	unsigned int script_gid;
	const struct check_kind_ops *const *kinds;
};

/**
 * struct check_stats - counters of an engine
 * @targets: servers under checks
 * @in_flight: checks that run
 * @waiting: checks that are due and wait for others to end
 * @passed: since the start, as the following
 * @failed: time-outs included
 * @broken: see CHECK_BROKEN
 * @delayed: checks that had to wait
 */
struct check_stats {
	uint64_t targets;
	uint64_t in_flight;
	uint64_t waiting;
	uint64_t passed;
	uint64_t failed;
	uint64_t broken;
	uint64_t delayed;
};

/**
 * check_engine_create() - make an engine
 * @loop: of this thread
 * @options: how, or NULL
 *
 * SIGPIPE has to be ignored, and SIGCHLD not.
 *
 * Return: the engine, or NULL: out of memory
 */
struct check_engine *check_engine_create(struct loop *loop,
					 const struct check_options *options);

/**
 * check_engine_free() - the end of an engine
 * @engine: all of whose checks are freed, or NULL
 */
void check_engine_free(struct check_engine *engine);

/**
 * check_engine_stats() - read the counters
 * @engine: to read
 *
 * Return: a copy
 */
struct check_stats check_engine_stats(const struct check_engine *engine);

/**
 * check_create() - make a check ready: expressions compiled, certificates read
 * @engine: to run it
 * @spec: as configured; stays the caller's, and has to outlive the check
 * @error: what is wrong, if something is
 *
 * Return: the check, or NULL
 */
struct check *check_create(struct check_engine *engine,
			   const struct check_spec *spec,
			   struct check_error *error);

/**
 * check_free() - the end of a check
 * @check: without watches, or NULL
 */
void check_free(struct check *check);

/**
 * check_watch_add() - a server shall be checked
 * @check: how
 * @address: of IPv4 or IPv6 with port; the check's own port takes precedence
 * @watch: with @report filled in
 * @known: a state from before (a reload), else CHECK_UNKNOWN: for
 *	check_watch_know()
 *
 * Return: 0, or a negative errno: ENOMEM, or EAFNOSUPPORT for another family or
 * one that @source of the check does not have
 */
int check_watch_add(struct check *check, const struct sockaddr *address,
		    struct check_watch *watch, enum check_state known);

/**
 * check_watch_del() - not any more for this one; without others a check that runs
 * is stopped
 * @watch: added before
 */
void check_watch_del(struct check_watch *watch);

/**
 * check_watch_know() - a state from before
 * @watch: added before
 * @known: holds until the first result, where nothing is known yet
 */
void check_watch_know(struct check_watch *watch, enum check_state known);

/**
 * check_watch_state() - what is known by now
 * @watch: added before
 *
 * Return: the state
 */
enum check_state check_watch_state(const struct check_watch *watch);

#endif /* DAEMON_CHECK_ENGINE_H */
