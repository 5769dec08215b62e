/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a service of stratum relay, as words. */
#ifndef ADM_RELAY_H
#define ADM_RELAY_H

#include <stdio.h>

#include "adm.h"

/**
 * adm_relay_timeout() - the time-out of a number
 * @config: where it is
 * @attr: SLUICE_RELAY_A_CONFIG_...
 *
 * Return: where it is, or NULL if that is no time-out.
 */
uint32_t *adm_relay_timeout(struct sluice_relay_config *config,
			    unsigned int attr);

/* Return: an exit status; what is wrong is in @msg. */
int adm_relay_take(struct sluice_relay_config *to, const char *word,
		   struct adm_message *msg);

/* In the words that adm_relay_take() takes, each after a blank. */
void print_relay_config(FILE *to, const struct sluice_relay_config *config);

#endif /* ADM_RELAY_H */
