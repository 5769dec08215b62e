/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all objects of a configuration share. See config.h. */
#ifndef CONFIG_COMMON_H
#define CONFIG_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../check/check.h"
#include "errors.h"
#include "sluice.h"

/* Strata, lowest first; numbered as enum sluice_stratum, which has no proxy. */
enum config_stratum {
	CONFIG_FLOW = SLUICE_STRATUM_FLOW,
	CONFIG_SNIFF = SLUICE_STRATUM_SNIFF,
	CONFIG_RELAY = SLUICE_STRATUM_RELAY,
	CONFIG_PROXY,
	CONFIG_STRATA,
};

/**
 * struct config_need - what an object has that not every stratum can do
 * @stratum: the lowest that can do all of it
 * @key: the first key that needs it, NULL for none
 */
struct config_need {
	enum config_stratum stratum;
	const char *key;
};

struct config_texts {
	char **items;
	size_t count;
};

struct config_pairs {
	struct check_header *items;
	size_t count;
};

struct config_sources {
	struct sluice_route_source *items;
	size_t count;
};

struct config_endpoints {
	struct sluice_endpoint *items;
	size_t count;
};

#endif /* CONFIG_COMMON_H */
