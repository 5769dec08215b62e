/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing what -R reads, apart from asking the module for it. */
#ifndef ADM_SAVE_H
#define ADM_SAVE_H

#include "table.h"

int adm_save(const struct sluice_settings *settings,
	     const struct sluice_pool *pools, size_t pools_count,
	     const struct adm_table *table, const struct sluice_route *routes,
	     size_t routes_count);
void adm_save_relay(const struct sluice_relay_config *configs, size_t count);

#endif /* ADM_SAVE_H */
