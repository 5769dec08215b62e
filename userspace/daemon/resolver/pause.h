/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a name is looked up again. Each pause has a part by chance, so that names
 * that were added together do not stay together.
 */
#ifndef DAEMON_RESOLVER_PAUSE_H
#define DAEMON_RESOLVER_PAUSE_H

#include "../config/settings.h"

/**
 * resolver_pause_answer() - the pause after a good answer
 * @config: its limits
 * @valid_ms: how long the answer holds
 *
 * Up to a tenth longer than that: a name server that keeps answers has the rest of
 * the old one until then.
 *
 * Return: milliseconds, ttl_min to ttl_max
 */
uint64_t resolver_pause_answer(const struct config_resolver *config,
			       uint64_t valid_ms);

/**
 * resolver_pause_failure() - the pause after a failure
 * @config: its limits
 * @failures: in a row, this one counted
 *
 * At first ttl_min, then twice as long each time, up to a minute; and, as above,
 * up to a tenth longer.
 *
 * Return: milliseconds, ttl_min to ttl_max
 */
uint64_t resolver_pause_failure(const struct config_resolver *config,
				unsigned int failures);

#endif /* DAEMON_RESOLVER_PAUSE_H */
