/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a service runs: in the lowest stratum that can serve it, and why not in
 * a lower one.
 */
#ifndef DAEMON_PLACE_H
#define DAEMON_PLACE_H

#include <stdio.h>

#include "config/config.h"

/*
 * Behind the bits of the strata that there are: the kernel does TLS, without which
 * stratum relay is for services in clear only.
 */
#define PLACE_KTLS (1U << CONFIG_STRATA)
/* All that this version can use. */
#define PLACE_BUILT (PLACE_KTLS | (PLACE_KTLS - 1))
/* What of it needs no kernel module. */
#define PLACE_ALONE (1U << CONFIG_PROXY)

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
 * @built: bits of the strata that there are, and PLACE_KTLS
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
 * place_is_returned() - whether the daemon serves a route of a service in relay
 * @service: a service, placed in stratum relay
 * @route: one of its routes
 *
 * Where relay is demanded, a route may ask for more than it can do: a client that
 * takes it is given back, and served by stratum proxy from then on.
 *
 * Return: whether it does.
 */
bool place_is_returned(const struct config_service *service,
		       const struct config_route *route);

/**
 * place_missing() - why a stratum is not there
 * @service: that would use it
 * @stratum: enum config_stratum
 * @built: bits of the strata that there are, and PLACE_KTLS
 *
 * Return: a text, or NULL: it is there.
 */
const char *place_missing(const struct config_service *service, int stratum,
			  unsigned int built);

/**
 * place_check() - refuse services that no stratum that there is can serve
 * @config: a configuration without errors
 * @built: bits of the strata that there are
 * @errors: gets them
 */
void place_check(const struct config *config, unsigned int built,
		 struct config_errors *errors);

/**
 * place_raised() - find services that run higher than they would if all were there
 * @config: a configuration without errors
 * @built: bits of the strata that there are
 * @strata: bits of those that services are asked for which would run in them
 * @count: filled in: how many
 *
 * Return: the first of them, or NULL: none.
 */
const struct config_service *place_raised(const struct config *config,
					  unsigned int built,
					  unsigned int strata, size_t *count);

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

/**
 * place_remark() - write what of the table does not hold here
 * @config: a configuration without errors, of which a table was written for all strata
 * @loaded: bits of the strata that there are now
 * @to: where; a line for each stratum that services need and that is not there
 */
void place_remark(const struct config *config, unsigned int loaded, FILE *to);

/**
 * place_loaded() - which strata could be used now
 *
 * Nothing is loaded for that, and no privileges are needed.
 *
 * Return: bits of the strata, and PLACE_KTLS.
 */
unsigned int place_loaded(void);

#endif /* DAEMON_PLACE_H */
