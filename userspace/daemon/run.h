/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon while it runs: one configuration in force, and how it is exchanged. */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include "admin.h"
#include "control.h"
#include "kernel.h"
#include "signals.h"

/**
 * struct daemon - all that runs
 * @file: the configuration
 * @host: what sites live in: loop, checks, resolver, changes
 * @kernel: the module
 * @site: in force
 * @control: the control socket
 * @signals: what the process is told
 * @lock: nobody else runs in this network namespace
 * @ask: asks now and then whether the module is there
 * @repair: tells the module everything again, after it was lost
 * @repairing: it is lost
 * @repairs: tries since then
 * @admin: the admin address
 * @source: what is told there of the daemon
 */
struct daemon {
	const char *file;
	struct site_host host;
	struct kernel *kernel;
	struct site *site;
	struct control *control;
	struct signals signals;
	int lock;
	struct wheel_timer ask;
	struct wheel_timer repair;
	bool repairing;
	unsigned int repairs;
	struct admin *admin;
	struct admin_source source;
};

/**
 * daemon_run() - run until a signal ends it
 * @file: the configuration
 *
 * Return: an exit status: 0, or 1 if it could not be started.
 */
int daemon_run(const char *file);

/**
 * daemon_reload() - read the configuration again and put it in force
 * @daemon: running
 * @errors: what is wrong: then nothing has changed
 *
 * Return: the configuration that was read, to be freed after the errors, whose places
 * it has; NULL if memory is out.
 */
struct config *daemon_reload(struct daemon *daemon,
			     struct config_errors *errors);

/**
 * daemon_rebuild() - what was changed at run time comes into force
 * @daemon: running
 * @errors: what is wrong: then nothing has changed
 *
 * Return: as daemon_reload().
 */
struct config *daemon_rebuild(struct daemon *daemon,
			      struct config_errors *errors);

/**
 * daemon_flush() - tell the module now what is pending
 * @daemon: running
 * @error: says what is wrong
 * @size: room there
 *
 * Return: 0 or a negative errno; it is told again later.
 */
int daemon_flush(struct daemon *daemon, char *error, size_t size);

#endif /* DAEMON_RUN_H */
