/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process knows that nobody else does, for the one that takes over from it: a
 * JSON object with "watchdog-ms" and "servers", an array of objects with "pool" (as in
 * the kernel), "server", "state" and "reason".
 */
#ifndef DAEMON_HANDOVER_STATE_H
#define DAEMON_HANDOVER_STATE_H

#include <jansson.h>

#include "site.h"

/**
 * handover_state_save() - write it down
 * @site: in force
 * @watchdog_ms: how often the service manager wants a sign of life; 0: it does not
 *
 * Return: an object, or NULL if memory is out.
 */
json_t *handover_state_save(const struct site *site, uint64_t watchdog_ms);

/**
 * handover_state_adopt() - have a site take over states of servers
 * @state: of handover_state_save(), maybe of another version
 * @site: one that has not started. Where there is a kernel module, that is asked in
 *	place of this.
 */
void handover_state_adopt(const json_t *state, struct site *site);

/* Return: as given to handover_state_save(). */
uint64_t handover_state_watchdog(const json_t *state);

#endif /* DAEMON_HANDOVER_STATE_H */
