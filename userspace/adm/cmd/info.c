// SPDX-License-Identifier: GPL-2.0-or-later
/* "info": what is loaded, and totals. */
#include <inttypes.h>
#include <stdio.h>

#include "names.gen.h"

#include "../adm.h"
#include "../json.h"
#include "../print.h"

static void print_text(const struct sluice_info *info)
{
	printf("version: %s\nabi: %u\nstrata:", info->version, info->abi);
	for (unsigned int bit = 0; bit < 32; bit++) {
		const char *name = sluice_strata_name(BIT(bit));

		if ((info->strata & BIT(bit)) && name)
			printf(" %s", name);
	}
	printf("\nschedulers:");
	for (size_t i = 0; i < info->schedulers_count; i++)
		printf(" %s", info->schedulers[i]);
	printf("\nservices: %u\npools: %u\nservers: %u\n", info->services,
	       info->pools, info->servers);
	printf("generation: %" PRIu64 "\n", info->generation);
	printf("connections: %" PRIu64 " of %u\n", info->connections,
	       info->connections_max);
	printf("refused:");
	for (unsigned int i = 1; i <= SLUICE_A_REFUSALS_MAX; i++)
		printf("%s %s %" PRIu64, i > 1 ? "," : "",
		       sluice_attr_name(SLUICE_SET_REFUSALS, i),
		       print_refusal(&info->refusals, i));
	putchar('\n');
}

int cmd_info(struct adm *adm, const struct adm_request *req)
{
	struct sluice_info info;

	if (sluice_info_get(adm->sl, &info) < 0)
		return adm_refused(adm, "info");
	if (adm_has(req, OPT_JSON))
		return json_print(adm, json_info(&info));
	print_text(&info);
	return ADM_DONE;
}
