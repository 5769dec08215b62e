/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with a rule, said of the route that it was made of. */
#ifndef CONFIG_RULE_H
#define CONFIG_RULE_H

#include "config.h"

/**
 * struct config_rule_place - where a part of a route is
 * @at: place
 * @key: key of match
 * @name: of the parameter, field or cookie; NULL for other keys
 */
struct config_rule_place {
	struct config_place at;
	const char *key;
	const char *name;
};

/**
 * config_rule_locate() - find what an error of sluice_route_check() is about
 * @route: the route
 * @method: which of its methods the rule had
 * @error: the error
 * @place: filled in
 */
void config_rule_locate(const struct config_route *route, size_t method,
			const struct sluice_route_error *error,
			struct config_rule_place *place);

#endif /* CONFIG_RULE_H */
