/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SNIFF_SETTINGS_H
#define _SLUICE_SNIFF_SETTINGS_H

#include <linux/types.h>

/* Bytes that a namespace may hold unless somebody with more power says more. */
#define SLUICE_HELD_DEFAULT (64ULL << 20)

/**
 * struct sluice_sniff_settings - limits of stratum sniff in a namespace
 * @head_timeout: jiffies that a client has to complete its head
 * @connect_timeout: jiffies that a server has to answer
 * @retries: servers that are tried after the first one
 * @held_max: most bytes that may be held
 * @head_timeout_ms: @head_timeout as it was given
 * @connect_timeout_ms: @connect_timeout as it was given
 *
 * Written with WRITE_ONCE() under &sluice_net.lock, read by packets with
 * READ_ONCE(); those in milliseconds are only read under the lock. A reader on a
 * 32-bit machine may see half of a change of @held_max.
 */
struct sluice_sniff_settings {
	u32 head_timeout;
	u32 connect_timeout;
	u32 retries;
	u64 held_max;
	u32 head_timeout_ms;
	u32 connect_timeout_ms;
};

void sluice_sniff_settings_init(struct sluice_sniff_settings *settings);
void sluice_sniff_set_head_timeout(struct sluice_sniff_settings *settings,
				   u32 ms);
void sluice_sniff_set_connect_timeout(struct sluice_sniff_settings *settings,
				      u32 ms);

#endif /* _SLUICE_SNIFF_SETTINGS_H */
