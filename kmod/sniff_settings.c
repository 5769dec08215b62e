// SPDX-License-Identifier: GPL-2.0
/* Limits of stratum sniff, which can be set. */

#include <linux/jiffies.h>

#include "sniff_settings.h"

/**
 * sluice_sniff_settings_init() - set what holds unless somebody says otherwise
 * @settings: of a new namespace
 */
void sluice_sniff_settings_init(struct sluice_sniff_settings *settings)
{
	sluice_sniff_set_head_timeout(settings, 10000);
	sluice_sniff_set_connect_timeout(settings, 3000);
	WRITE_ONCE(settings->retries, 2);
	WRITE_ONCE(settings->held_max, SLUICE_HELD_DEFAULT);
}

/**
 * sluice_sniff_set_head_timeout() - set how long a client has for its head
 * @settings: of a namespace
 * @ms: milliseconds
 *
 * Context: &sluice_net.lock is held, or the namespace is being made.
 */
void sluice_sniff_set_head_timeout(struct sluice_sniff_settings *settings,
				   u32 ms)
{
	settings->head_timeout_ms = ms;
	WRITE_ONCE(settings->head_timeout, msecs_to_jiffies(ms));
}

/**
 * sluice_sniff_set_connect_timeout() - set how long a server has to answer
 * @settings: of a namespace
 * @ms: milliseconds
 *
 * Context: &sluice_net.lock is held, or the namespace is being made.
 */
void sluice_sniff_set_connect_timeout(struct sluice_sniff_settings *settings,
				      u32 ms)
{
	settings->connect_timeout_ms = ms;
	WRITE_ONCE(settings->connect_timeout, msecs_to_jiffies(ms));
}
