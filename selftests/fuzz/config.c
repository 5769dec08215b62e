// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A configuration: whatever it says, it is refused with errors that name a place
 * and fit in one line, or it is right, placed and explained.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../userspace/daemon/place.h"

#define ALL ((1U << CONFIG_STRATA) - 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_errors(const struct config_errors *errors)
{
	if (errors->count > CONFIG_ERRORS_MAX ||
	    (errors->more && errors->count < CONFIG_ERRORS_MAX))
		abort();
	for (size_t i = 0; i < errors->count; i++) {
		const struct config_error *error = &errors->list[i];

		if (!error->at.file || !error->at.line || !error->at.column ||
		    !error->text[0])
			abort();
		for (const char *c = error->text; *c; c++)
			if ((unsigned char)*c < ' ' || *c == 0x7f)
				abort();
	}
}

/* What the kernel gets has to be what it takes. */
static void check_routes(const struct config_service *service)
{
	struct sluice_route_condition
		conditions[SLUICE_ROUTE_CONDITIONS_MAX + 1];
	struct sluice_route_error wrong;
	struct sluice_route_rule rule;

	for (size_t i = 0; i < service->routes.count; i++) {
		config_route_rule(&service->routes.items[i], service->parse, 0,
				  0, conditions, &rule);
		if (!sluice_route_check(&rule, &wrong))
			abort();
	}
}

/* Every service is placed or refused, and with all strata alike. */
static void check_places(const struct config *config, unsigned int built)
{
	struct config_errors errors = { 0 };
	char *text = NULL;
	size_t length, unplaced = 0;
	struct place place;
	FILE *to;

	place_check(config, built, &errors);
	check_errors(&errors);
	for (size_t i = 0; i < config->services.count; i++) {
		place_service(&config->services.items[i], built, &place);
		unplaced += place.stratum < 0;
		if (place.stratum >= 0 && place.why[place.stratum][0])
			abort();
	}
	if (unplaced != errors.count + errors.more)
		abort();
	config_errors_free(&errors);
	to = open_memstream(&text, &length);
	if (!to)
		abort();
	place_explain(config, built, to);
	fclose(to);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_errors errors = { 0 };
	struct config *config;
	/* What is read past its end is in nobody's memory. */
	char *copy = malloc(size + !size);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	config = config_parse("t", copy, size, &errors);
	free(copy);
	if (!config)
		abort();
	check_errors(&errors);
	if (!config_errors_any(&errors)) {
		for (size_t i = 0; i < config->services.count; i++)
			check_routes(&config->services.items[i]);
		check_places(config, PLACE_BUILT);
		check_places(config, ALL);
	}
	config_errors_free(&errors);
	config_free(config);
	return 0;
}
