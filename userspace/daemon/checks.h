/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks that outlive the configuration they come from: one that says the same
 * after a reload goes on, with what it knows of its servers and when each is due.
 */
#ifndef DAEMON_CHECKS_H
#define DAEMON_CHECKS_H

#include "check/engine.h"
#include "config/config.h"

struct shared_check;

/**
 * struct checks - the checks of a configuration, in its order
 * @items: one each
 * @count: how many
 */
struct checks {
	struct shared_check **items;
	size_t count;
};

/**
 * checks_init() - make all checks of a configuration ready
 * @checks: filled in; for checks_exit() also on failure
 * @engine: to run them
 * @config: the configuration; each of its checks holds it
 * @before: those of the configuration before, or NULL: what is equal is shared
 * @errors: what is wrong, all of it
 *
 * Return: whether all are ready
 */
bool checks_init(struct checks *checks, struct check_engine *engine,
		 struct config *config, const struct checks *before,
		 struct config_errors *errors);

/**
 * checks_exit() - let go of checks
 * @checks: without watches of their configuration
 */
void checks_exit(struct checks *checks);

/**
 * checks_lookup() - find the check that the configuration names
 * @checks: of the configuration
 * @config: the configuration
 * @of: one of its checks, or NULL
 *
 * Return: the check, or NULL
 */
struct check *checks_lookup(const struct checks *checks,
			    const struct config *config,
			    const struct config_check *of);

#endif /* DAEMON_CHECKS_H */
