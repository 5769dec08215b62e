/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How services of stratum relay are relayed: what the kernel is told besides them. */
#ifndef DAEMON_RELAY_CONFIG_H
#define DAEMON_RELAY_CONFIG_H

#include "config/config.h"
#include "sluice_relay.h"

/**
 * relay_config_of() - how a service is relayed
 * @service: placed in stratum relay
 * @at: one of its addresses
 * @key: of sticky cookies
 * @to: filled in
 */
void relay_config_of(const struct config_service *service,
		     const struct sluice_endpoint *at,
		     const uint8_t key[SLUICE_RELAY_STICKY_KEY_LEN],
		     struct sluice_relay_config *to);

/**
 * relay_config_apply() - tell the kernel of all services, and of no other
 * @sl: of sluice_relay_open()
 * @config: whose services the kernel has already
 * @built: bits of the strata that there are, for place_service()
 * @key: see above
 *
 * Return: 0 or a negative errno, of which sluice_error() knows more.
 */
int relay_config_apply(struct sluice *sl, const struct config *config,
		       unsigned int built,
		       const uint8_t key[SLUICE_RELAY_STICKY_KEY_LEN]);

#endif /* DAEMON_RELAY_CONFIG_H */
