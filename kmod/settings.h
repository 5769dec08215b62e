/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SETTINGS_H
#define _SLUICE_SETTINGS_H

#include <uapi/linux/sluice.h>

#include "sniff_settings.h"

struct sluice_net;

/*
 * Most clients of stratum relay, unless somebody says otherwise: a process that hands
 * them over has no descriptor of them any more, which would limit it.
 */
#define SLUICE_RELAY_CLIENTS_DEFAULT 262144

/* Time-outs that can be set. */
#define SLUICE_TIMEOUTS (SLUICE_CONN_STATE_UDP + 1)

/**
 * struct sluice_settings - what can be set in a namespace
 * @timeouts: milliseconds by &enum sluice_conn_state
 * @connections_max: most connections
 * @sniff: limits of stratum sniff
 * @relay_clients_max: most clients of stratum relay
 */
struct sluice_settings {
	u32 timeouts[SLUICE_TIMEOUTS];
	u32 connections_max;
	struct sluice_sniff_settings sniff;
	u32 relay_clients_max;
};

void sluice_settings_init(struct sluice_net *sn);
void sluice_settings_read(const struct sluice_net *sn,
			  struct sluice_settings *settings);
void sluice_settings_apply(struct sluice_net *sn,
			   const struct sluice_settings *settings);

#endif /* _SLUICE_SETTINGS_H */
