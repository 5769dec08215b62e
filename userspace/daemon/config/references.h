/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is checked once all objects are read. */
#ifndef CONFIG_REFERENCES_H
#define CONFIG_REFERENCES_H

#include "config.h"

/**
 * config_check_route() - look whether a route is right for its service
 * @service: the service
 * @which: number of the route, from 0
 * @errors: gets what is wrong
 */
void config_check_route(const struct config_service *service, size_t which,
			struct config_errors *errors);

/**
 * config_check_route_names() - look for two routes of one name
 * @service: the service
 * @errors: gets what is wrong
 */
void config_check_route_names(const struct config_service *service,
			      struct config_errors *errors);

#endif /* CONFIG_REFERENCES_H */
