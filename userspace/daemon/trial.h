/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only shows when a configuration is used, without using it. */
#ifndef DAEMON_TRIAL_H
#define DAEMON_TRIAL_H

#include "check/engine.h"
#include "config/config.h"

/**
 * trial() - find what is wrong with a configuration besides how it is written
 * @config: as it was read, with errors or without
 * @built: bits of the strata that there are, and PLACE_KTLS
 * @engine: to make checks for, or NULL: one is made
 * @errors: gets what is not among them yet
 *
 * Places of services, checks, certificates, pages, the key of cookies: each is tried,
 * whatever is wrong with another one. What has an error in it is left out. Files are
 * read; nothing is changed and nothing is made.
 */
void trial(struct config *config, unsigned int built,
	   struct check_engine *engine, struct config_errors *errors);

#endif /* DAEMON_TRIAL_H */
