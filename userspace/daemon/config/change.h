/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes of a configuration that were changed at run time: as if they were in its files. */
#ifndef CONFIG_CHANGE_H
#define CONFIG_CHANGE_H

#include "config.h"

/* What messages call the place of a route that was added. */
#define CONFIG_CHANGE_FILE "route added at run time"

/**
 * struct config_route_change - a route that is added or taken out
 * @service: name of its service
 * @name: name of the route
 * @before: the route that it is to come before; NULL, or one that is not there: the
 *	last one
 * @text: the route in YAML, which JSON is, too, without its name; NULL: it is taken out
 */
struct config_route_change {
	const char *service;
	const char *name;
	const char *before;
	const char *text;
};

/**
 * config_change() - a configuration with changed routes
 * @base: as it was read
 * @changes: by service
 * @count: how many
 * @errors: what is wrong
 *
 * A change that has no subject any more, or that the files have made by now, is passed
 * over.
 *
 * Return: as config_load(); it holds @base.
 */
struct config *config_change(struct config *base,
			     const struct config_route_change *changes,
			     size_t count, struct config_errors *errors);

#endif /* CONFIG_CHANGE_H */
