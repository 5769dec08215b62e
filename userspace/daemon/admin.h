/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The admin address: a small HTTP server for those who watch the daemon.
 *
 *	GET /metrics    the page of metrics.h
 *	GET /healthz    "ok", as long as the loop turns
 *
 * Neither many clients, slow ones nor large tables cost the loop much: the kernel
 * is asked, and the page written, in a thread of its own, at most once a second
 * and once at a time.
 */
#ifndef DAEMON_ADMIN_H
#define DAEMON_ADMIN_H

#include <time.h>

#include "check/engine.h"
#include "loop.h"
#include "metrics.h"
#include "sluice.h"

struct access_files;
struct admin;
struct counts_table;

/**
 * struct admin_source - what a page tells of the daemon, kept up to date by whoever
 * runs it
 * @checks: the engine, or NULL
 * @started: seconds since 1970
 * @generation: how many configurations were applied
 * @reloads_applied: reloads that were carried out
 * @reloads_refused: those whose configuration was wrong
 * @last_reload: the last of either, seconds since 1970; 0: none
 * @extra: writes the caller's own samples, in the loop's thread, in one call; NULL:
 *	none
 * @arg: passed to @extra
 * @counts: what stratum proxy has done, or NULL; set before the first page, and
 *	there as long as the server
 * @access: its access logs, where @counts are
 */
struct admin_source {
	const struct check_engine *checks;
	time_t started;
	uint64_t generation;
	uint64_t reloads_applied;
	uint64_t reloads_refused;
	time_t last_reload;
	void (*extra)(struct metrics *m, void *arg);
	void *arg;
	struct counts_table *counts;
	const struct access_files *access;
};

/**
 * admin_create() - make a server that listens nowhere yet
 * @loop: of this thread
 * @source: read whenever a page is made
 *
 * Signals that the loop watches are blocked by now: the thread inherits that.
 *
 * Return: the server, or NULL with errno set
 */
struct admin *admin_create(struct loop *loop,
			   const struct admin_source *source);

/**
 * admin_inherit() - listen on a socket that another process has opened
 * @admin: listens nowhere
 * @fd: of the kind that admin_listen() opens; belongs to it, also on failure
 *
 * admin_listen() has another one opened where the address is another.
 *
 * Return: 0 or a negative errno.
 */
int admin_inherit(struct admin *admin, int fd);

/* Return: what it listens on, or -1: nowhere. */
int admin_socket(const struct admin *admin);

/**
 * admin_listen() - listen there from now on, and nowhere else
 * @admin: the server
 * @at: address and port; no family: nowhere
 * @error: what is wrong, if something is: one line
 * @size: room there
 *
 * The new address is open before the old one is closed; only one that the old one
 * is in the way of takes its place after it, and gives it back where it cannot be
 * opened. Clients that are there stay.
 *
 * Return: 0, or a negative errno: then it listens where it did
 */
int admin_listen(struct admin *admin, const struct sluice_endpoint *at,
		 char *error, size_t size);

/**
 * admin_free() - close all
 * @admin: the server, or NULL
 *
 * Waits for the page that is being made, if one is.
 */
void admin_free(struct admin *admin);

#endif /* DAEMON_ADMIN_H */
