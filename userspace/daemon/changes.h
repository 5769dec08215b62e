/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was changed at run time, over the control socket. It holds until it is
 * taken back: through reloads, and through the end of the daemon by a file.
 */
#ifndef DAEMON_CHANGES_H
#define DAEMON_CHANGES_H

#include <stdbool.h>

#include "config/change.h"

/* Milliseconds that a server may drain. */
#define CHANGES_DEADLINE_MAX 86400000

struct changes;

/**
 * struct change - what was changed about a server
 * @pool: name of its pool
 * @at: its address and port
 * @has_state: @state holds in place of what is configured
 * @has_weight: @weight does
 * @added: it is not in the configuration
 * @removed: it is, but is not to be used
 * @state: enum sluice_server_state
 * @forward: enum sluice_forward, of one that was added
 * @weight: 0 to SLUICE_WEIGHT_MAX
 * @has_deadline: @deadline holds in place of the time of the pool
 * @deadline: milliseconds for which it drains, 0: until its connections end
 */
struct change {
	char pool[SLUICE_NAME_LEN + 1];
	struct sluice_endpoint at;
	bool has_state;
	bool has_weight;
	bool added;
	bool removed;
	uint8_t state;
	uint8_t forward;
	uint32_t weight;
	bool has_deadline;
	uint32_t deadline;
};

/**
 * changes_open() - read what was changed before
 * @path: of the file; one that is not there is as good as an empty one
 * @error: says what is wrong
 * @size: room there
 *
 * Return: the changes, or NULL: the file cannot be read, or is not of this form
 */
struct changes *changes_open(const char *path, char *error, size_t size);

/**
 * changes_free() - forget them; the file stays
 * @changes: or NULL
 */
void changes_free(struct changes *changes);

/**
 * changes_find() - what was changed about a server
 * @changes: all
 * @pool: name of its pool
 * @at: its address and port
 *
 * Return: the change, valid until it is put or taken back, or NULL.
 */
const struct change *changes_find(const struct changes *changes,
				  const char *pool,
				  const struct sluice_endpoint *at);

/**
 * changes_put() - write down a change
 * @changes: all
 * @change: in place of what there is for that server; one that changes nothing is
 *	forgotten
 * @error: says what is wrong
 * @size: room there
 *
 * Return: 0, or a negative errno: then nothing has changed, in the file neither.
 */
int changes_put(struct changes *changes, const struct change *change,
		char *error, size_t size);

/**
 * changes_each() - go through all of them
 * @changes: all
 * @after: the last one, NULL at first
 *
 * Return: the next one, or NULL.
 */
const struct change *changes_each(const struct changes *changes,
				  const struct change *after);

/**
 * changes_routes() - what was changed about routes
 * @changes: all
 * @count: how many
 *
 * Return: an array by service, valid until the next change.
 */
const struct config_route_change *changes_routes(const struct changes *changes,
						 size_t *count);

/**
 * changes_put_route() - write down a change of a route
 * @changes: all
 * @change: in place of what there is for that route; copied
 * @forget: what there is for that route is to be forgotten instead
 * @error: says what is wrong
 * @size: room there
 *
 * Return: 0, or a negative errno: then nothing has changed.
 */
int changes_put_route(struct changes *changes,
		      const struct config_route_change *change, bool forget,
		      char *error, size_t size);

/**
 * changes_clear() - take all back
 * @changes: all
 * @error: says what is wrong
 * @size: room there
 *
 * Return: 0, or a negative errno: then nothing has changed.
 */
int changes_clear(struct changes *changes, char *error, size_t size);

/**
 * changes_restore() - undo changes_clear()
 * @changes: all, without a change since
 * @error: says what is wrong
 * @size: room there
 *
 * Return: 0, or a negative errno: they hold, but the file does not have them.
 */
int changes_restore(struct changes *changes, char *error, size_t size);

#endif /* DAEMON_CHANGES_H */
