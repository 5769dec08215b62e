/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the service manager is told (sd_notify(3)): that the daemon is ready,
 * reloads, stops, and that its loop still turns. Where nobody wants to know, all
 * of it does nothing.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include "loop.h"

/**
 * notify_init() - find out who wants to know
 * @loop: whose turning is the sign of life
 *
 * Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so
 * that no child speaks for the daemon. Before privileges_drop(): the socket may be
 * for root.
 *
 * Context: before any other thread, since it changes the environment
 */
void notify_init(struct loop *loop);

/**
 * notify_ready() - the start, or a reload, is over
 *
 * The watchdog runs from the first time on.
 */
void notify_ready(void);

/**
 * notify_taken_over() - this process is the service's main one from now on
 *
 * Says so together with notify_ready(). The one before is to be there until then:
 * its end would be that of the service.
 */
void notify_taken_over(void);

/**
 * notify_watchdog() - how often a sign of life is wanted
 *
 * Return: milliseconds; 0: it is not.
 */
uint64_t notify_watchdog(void);

/**
 * notify_adopt_watchdog() - as the process before was asked to
 * @ms: of notify_watchdog(); used where this process was not asked itself
 */
void notify_adopt_watchdog(uint64_t ms);

/**
 * notify_reloading() - a reload begins; notify_ready() ends it, however it went
 */
void notify_reloading(void);

/**
 * notify_stopping() - the end begins
 */
void notify_stopping(void);

/**
 * notify_status() - one line for 'systemctl status'
 * @format: of the text; control characters are replaced, and it is cut at 512
 *	bytes
 */
void notify_status(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/**
 * notify_exit() - no signs of life any more; before loop_free()
 */
void notify_exit(void);

#endif /* DAEMON_NOTIFY_H */
