/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kinds of checks have in common with the engine: for check/ alone. */
#ifndef DAEMON_CHECK_RUN_H
#define DAEMON_CHECK_RUN_H

#include <openssl/types.h>
#include <sys/socket.h>

#include "engine.h"
#include "netns.h"

struct check_run;

/**
 * struct check_kind_ops - one kind of check
 * @name: in the configuration
 * @state_size: bytes of &check_run.state, zeroed before each run
 * @answer_max: bytes a stream may send before it is too much
 * @tls: the stream is in TLS
 * @prepare: refuses what the kind cannot do, and makes @data of a check; NULL:
 *	nothing to do. Return: 0, or what check_refuse() returned
 * @forget: undoes @prepare, also when it failed; @data may be NULL
 * @start: begins a run
 * @stop: frees what the run has; called once after each @start
 * @begin: a stream or datagram socket is connected; NULL: nothing is sent
 * @received: there is more in &check_run.in, or the server has closed (@end):
 *	what then neither passes nor fails, fails as closed too early. NULL: what
 *	comes is not read
 * @expired: time is up; NULL, or if it does nothing: that is a failure
 */
struct check_kind_ops {
	const char *name;
	size_t state_size;
	size_t answer_max;
	bool tls;
	int (*prepare)(struct check *check, struct check_error *error);
	void (*forget)(struct check *check);
	void (*start)(struct check_run *run);
	void (*stop)(struct check_run *run);
	void (*begin)(struct check_run *run);
	void (*received)(struct check_run *run, bool end);
	void (*expired)(struct check_run *run);
};

/**
 * struct check - one check of the configuration, made ready
 * @engine: that runs it
 * @spec: as configured; belongs to the configuration
 * @kind: of its kind
 * @netns: where its sockets are made
 * @source: address they are bound to, family AF_UNSPEC: none
 * @tls: for kinds with TLS
 * @data: of the kind
 * @target_count: servers under it
 */
struct check {
	struct check_engine *engine;
	const struct check_spec *spec;
	const struct check_kind_ops *kind;
	struct check_netns netns;
	struct sockaddr_storage source;
	SSL_CTX *tls;
	void *data;
	size_t target_count;
};

/**
 * struct check_run - one check of one server, while it lasts
 * @check: which
 * @loop: where
 * @address: of the server, with the port that is checked
 * @active: not passed, failed or stopped yet: every callback that may have ended
 *	the run looks at it before it goes on
 * @waiting_for: what the server owes, for the text of a time-out
 * @fd: socket of a stream or datagram
 * @connected: a stream is
 * @begun: @begin was called
 * @spoken: something was sent, or is to be
 * @goodbye: close in peace; otherwise a reset saves both sides the memory of
 *	a connection in TIME-WAIT
 * @ssl: session of TLS
 * @in: what was received and not consumed
 * @in_length: how much
 * @in_room: of @in
 * @in_total: what was received in this run
 * @out: what the socket would not take yet
 * @out_length: how much
 * @again: goes on with TLS in the next turn
 * @report: to be filled in, but for what the engine knows
 * @reason: text of the report
 * @state: of the kind
 */
struct check_run {
	struct check *check;
	struct loop *loop;
	const struct sockaddr_storage *address;
	bool active;
	const char *waiting_for;
	struct loop_fd fd;
	bool connected;
	bool begun;
	bool spoken;
	bool goodbye;
	SSL *ssl;
	unsigned char *in;
	size_t in_length;
	size_t in_room;
	size_t in_total;
	unsigned char *out;
	size_t out_length;
	struct loop_task again;
	struct check_report report;
	char reason[CHECK_REASON_SIZE];
	void *state;
};

/* The table of kinds. */
extern const struct check_kind_ops *const check_kinds[CHECK_KIND_COUNT];

/**
 * check_engine_options() - as the engine was made, with what was 0 filled in
 * @engine: to look at
 *
 * Return: the options, which stay the engine's
 */
const struct check_options *
check_engine_options(const struct check_engine *engine);

/**
 * check_refuse() - a check cannot be made ready
 * @error: to be filled in
 * @format: of one line: what, and what would be right
 *
 * Return: -EINVAL
 */
int check_refuse(struct check_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * check_pass() - the server is as it should be
 * @run: active; it is over when this returns
 * @format: of one line
 */
void check_pass(struct check_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * check_fail() - the server is not
 * @run: active; it is over when this returns
 * @format: of one line
 */
void check_fail(struct check_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * check_break() - the check could not be made, for a reason of this machine
 * @run: active; it is over when this returns
 * @format: of one line
 *
 * The state of the server stays: to be out of descriptors must not take every
 * server down.
 */
void check_break(struct check_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Longest text of check_quote(), with what quotes and ends it. */
#define CHECK_QUOTE_SIZE 84

/**
 * check_quote() - what a server sent, as it can be shown
 * @to: CHECK_QUOTE_SIZE bytes
 * @data: any bytes
 * @length: how many; not all are shown if there are many
 *
 * Return: @to
 */
const char *check_quote(char *to, const void *data, size_t length);

#endif /* DAEMON_CHECK_RUN_H */
