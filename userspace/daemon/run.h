/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon while it runs: one configuration in force, and how it is exchanged. */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include "admin.h"
#include "control.h"
#include "handover.h"
#include "kernel.h"
#include "proxy/proxy.h"
#include "relay_back.h"
#include "signals.h"
#include "takeover.h"

/* Of locks; the default of the control socket is there, too. */
#define DAEMON_LOCK_FOLDER "/run/sluice"

/**
 * struct daemon - all that runs
 * @file: the configuration
 * @host: what sites live in: loop, checks, resolver, changes
 * @kernel: the module; NULL: it is not there, and nothing needs it
 * @secret: of sticky cookies, for each connection to the module
 * @proxy: stratum proxy
 * @back: clients that stratum relay gives back, NULL: it is not there, or they are for
 *	another process
 * @shutdown: ends what does not end by itself
 * @ending: a signal has said so
 * @drained: stratum proxy has no client any more
 * @takes_over: it was started to take over from another process
 * @takeover: what that has handed over
 * @handover: another process is about to take over, or has; NULL: none
 * @released: another process has taken over: @site, @control, @kernel and @admin
 *	are not there any more
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
	uint8_t secret[SLUICE_STICKY_SECRET_SIZE];
	struct proxy *proxy;
	struct relay_back *back;
	struct wheel_timer shutdown;
	bool ending;
	bool drained;
	bool takes_over;
	struct takeover takeover;
	struct handover *handover;
	bool released;
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
 * @takes_over: from the process that runs
 *
 * Return: an exit status: 0, or 1 if it could not be started.
 */
int daemon_run(const char *file, bool takes_over);

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

/* What follows is shared by run.c, start.c and upgrade.c. */

/* Callbacks of what is in @daemon; first of all. */
void daemon_init(struct daemon *daemon);
/* Return: 0 or a negative errno. */
int daemon_watch_signals(struct daemon *daemon);

/**
 * daemon_settle() - a configuration from files, with what was changed at run time
 * @daemon: with its host
 * @config: used up; NULL where memory is out
 * @errors: what is wrong, also with the strata that it needs
 *
 * Return: what holds now; it may be used if there are no errors.
 */
struct config *daemon_settle(struct daemon *daemon, struct config *config,
			     struct config_errors *errors);

/* Return: 0; or a negative errno: what is wrong is in @errors. */
int daemon_use_settings(struct daemon *daemon, const struct config *config,
			struct config_errors *errors);

/* What is in force, after a colon behind @what: to the log, and to the service manager. */
void daemon_tell_counts(const struct daemon *daemon, const char *what);

/* What checks need besides the usual: bits of enum privileges_extra. */
unsigned int daemon_extra_privileges(const struct config *config);

/* The kernel has all of @site, or nothing. Return: 0 or a negative errno. */
int daemon_apply(struct daemon *daemon, struct site *site,
		 struct config_errors *errors);

/* Ask now and then whether the module is there, from now on. */
void daemon_watch_kernel(struct daemon *daemon);
/* Take clients back from stratum relay, where it is there; anew, if they are already. */
void daemon_watch_relay(struct daemon *daemon);
/* Tell the module nothing by itself any more. */
void daemon_leave_kernel(struct daemon *daemon);
/* Tell it everything, soon: it may have been told something by somebody else. */
void daemon_tell_again(struct daemon *daemon);

/**
 * daemon_drain() - serve those who are there to their end, within settings.shutdown
 * @daemon: with its site
 * @gently: as for proxy_drain()
 */
void daemon_drain(struct daemon *daemon, bool gently);

/* It ends if it has drained, and has nothing to hand over. */
void daemon_stop_drained(struct daemon *daemon);

#endif /* DAEMON_RUN_H */
