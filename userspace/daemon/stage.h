/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A site as requests of one transaction, each with its place in the configuration. */
#ifndef DAEMON_STAGE_H
#define DAEMON_STAGE_H

#include "site.h"

/* Bytes of what names an object of the configuration. */
#define STAGE_PATH_MAX 256

/**
 * struct stage_origin - what a request comes from
 * @service: a service, or NULL
 * @pool: a pool, or NULL
 * @route: a route of @service, or NULL
 * @server: a server of @pool, or NULL
 * @at: address and port of that server
 */
struct stage_origin {
	const struct config_service *service;
	const struct config_pool *pool;
	const struct config_route *route;
	const struct config_server *server;
	struct sluice_endpoint at;
};

/**
 * struct stage - what was staged; all zero: nothing yet
 * @origins: by number of the request
 * @count: how many
 * @room: how many there is room for
 * @site: the site
 * @limits_relay: the module has the setting relay-clients-max; set by the caller
 */
struct stage {
	struct stage_origin *origins;
	size_t count;
	size_t room;
	const struct site *site;
	bool limits_relay;
};

/**
 * stage_site() - stage a site in a transaction that is open
 * @stage: filled in
 * @sl: the handle
 * @site: the site
 * @built: bits of the strata that there are
 *
 * Return: 0, or a negative errno: the request of number @stage.count cannot be made.
 */
int stage_site(struct stage *stage, struct sluice *sl, const struct site *site,
	       unsigned int built);

/**
 * stage_locate() - where a request comes from
 * @stage: staged
 * @number: of the request
 * @path: filled in, as "pools.web"
 * @at: its place
 */
void stage_locate(const struct stage *stage, size_t number,
		  char path[STAGE_PATH_MAX], struct config_place *at);

/**
 * stage_free() - free it
 * @stage: all zero afterwards
 */
void stage_free(struct stage *stage);

#endif /* DAEMON_STAGE_H */
