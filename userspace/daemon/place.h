/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a service runs: in the lowest stratum that can serve it, and why not in
 * a lower one.
 */
#ifndef DAEMON_PLACE_H
#define DAEMON_PLACE_H

#include <stdio.h>

#include "config/config.h"

/* Bits of the strata that this version has. */
#define PLACE_BUILT (1U << CONFIG_FLOW | 1U << CONFIG_SNIFF)

/* Bytes of a reason. */
#define PLACE_WHY_MAX 256

/**
 * struct place - where a service, or a route of it, can run
 * @stratum: enum config_stratum, the lowest that is built and can serve it, or
 *   the one that it demands; -1: none
 * @could: the lowest that could if all were built; -1: none
 * @why: by stratum, why it cannot; empty if it could
 */
struct place {
	int stratum;
	int could;
	char why[CONFIG_STRATA][PLACE_WHY_MAX];
};

/**
 * place_service() - find the stratum of a service
 * @service: the service, of a configuration without errors
 * @built: bits of the strata that there are
 * @place: filled in
 */
void place_service(const struct config_service *service, unsigned int built,
		   struct place *place);

/**
 * place_route() - find the stratum that one route alone would need
 * @service: its service
 * @route: the route
 * @built: bits of the strata that there are
 * @place: filled in; what the service demands makes no difference
 */
void place_route(const struct config_service *service,
		 const struct config_route *route, unsigned int built,
		 struct place *place);

/**
 * place_check() - refuse services that no stratum of this version can serve
 * @config: a configuration without errors
 * @built: bits of the strata that there are
 * @errors: gets them
 */
void place_check(const struct config *config, unsigned int built,
		 struct config_errors *errors);

/**
 * place_stratum_name() - the name of a stratum
 * @stratum: enum config_stratum
 *
 * Return: its name.
 */
const char *place_stratum_name(int stratum);

/**
 * place_explain() - write a table of all services and routes
 * @config: a configuration without errors
 * @built: bits of the strata that there are
 * @to: where
 */
void place_explain(const struct config *config, unsigned int built, FILE *to);

#endif /* DAEMON_PLACE_H */
