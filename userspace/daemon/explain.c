// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of places: for each service and route, where it runs and why. */
#include <string.h>
#include <unistd.h>

#include "place.h"

struct widths {
	int service;
	int route;
};

static int wider(int width, const char *text)
{
	int length = (int)strlen(text);

	return length > width ? length : width;
}

/* Why it is not lower: of what it needs, all that is below. */
static void print_why(const struct config_service *service,
		      const struct place *place, unsigned int built, FILE *to)
{
	int top = place->stratum >= 0 ? place->stratum : CONFIG_STRATA;
	const char *between = "";

	for (int stratum = CONFIG_FLOW; stratum < top; stratum++) {
		const char *why = place->why[stratum];

		if (!why[0])
			why = place_missing(service, stratum, built);
		if (!why)
			why = "another stratum is demanded";
		fprintf(to, "%s%s: %s", between, place_stratum_name(stratum),
			why);
		between = "; ";
	}
	if (!between[0])
		fputs("it is the lowest", to);
	fputc('\n', to);
}

static void print_row(const struct widths *widths,
		      const struct config_service *service, const char *route,
		      const struct place *place, unsigned int built, FILE *to)
{
	char stratum[32] = "none";

	if (place->stratum >= 0)
		snprintf(stratum, sizeof(stratum), "%s",
			 place_stratum_name(place->stratum));
	else if (place->could >= 0)
		snprintf(stratum, sizeof(stratum), "none (%s)",
			 place_stratum_name(place->could));
	fprintf(to, "%-*s  %-*s  %-12s  ", widths->service, service->name,
		widths->route, route, stratum);
	print_why(service, place, built, to);
}

void place_explain(const struct config *config, unsigned int built, FILE *to)
{
	struct widths widths = { .service = 7, .route = 5 };
	struct place place;

	for (size_t i = 0; i < config->services.count; i++) {
		const struct config_service *service =
			&config->services.items[i];

		widths.service = wider(widths.service, service->name);
		for (size_t j = 0; j < service->routes.count; j++)
			widths.route = wider(widths.route,
					     service->routes.items[j].name);
	}
	fprintf(to, "%-*s  %-*s  %-12s  %s\n", widths.service, "Service",
		widths.route, "Route", "Stratum", "Why not lower");
	for (size_t i = 0; i < config->services.count; i++) {
		const struct config_service *service =
			&config->services.items[i];

		place_service(service, built, &place);
		print_row(&widths, service, "-", &place, built, to);
		for (size_t j = 0; j < service->routes.count; j++) {
			const struct config_route *route =
				&service->routes.items[j];

			place_route(service, route, built, &place);
			print_row(&widths, service, route->name, &place, built,
				  to);
		}
	}
}

void place_remark(const struct config *config, unsigned int loaded, FILE *to)
{
	struct place place;

	for (int stratum = CONFIG_FLOW; stratum < CONFIG_STRATA; stratum++) {
		const char *why = NULL;
		size_t count = 0;

		for (size_t i = 0; i < config->services.count; i++) {
			const struct config_service *service =
				&config->services.items[i];
			const char *missing =
				place_missing(service, stratum, loaded);

			place_service(service, PLACE_BUILT, &place);
			if (place.stratum != stratum || !missing)
				continue;
			why = why ? why : missing;
			count++;
		}
		if (why)
			fprintf(to,
				"Stratum %s is not there now: %s; services in it above: %zu\n",
				place_stratum_name(stratum), why, count);
	}
}

/* Also where it is no module, but a part of the kernel. */
static bool has_tls(void)
{
	char words[256] = "";
	FILE *file = fopen("/proc/sys/net/ipv4/tcp_available_ulp", "re");
	char *rest = words, *word;

	if (!file)
		return false;
	if (!fgets(words, sizeof(words), file))
		words[0] = '\0';
	fclose(file);
	while ((word = strsep(&rest, " \n")))
		if (strcmp(word, "tls") == 0)
			return true;
	return false;
}

unsigned int place_loaded(void)
{
	unsigned int loaded = PLACE_ALONE;

	if (access("/sys/module/sluice", F_OK) == 0)
		loaded |= 1U << CONFIG_FLOW | 1U << CONFIG_SNIFF;
	if (access("/sys/module/sluice_ktls", F_OK) == 0)
		loaded |= 1U << CONFIG_RELAY;
	if (has_tls())
		loaded |= PLACE_KTLS;
	return loaded;
}
