// SPDX-License-Identifier: GPL-2.0
/* The settings of a namespace. */

#include "net.h"
#include "settings.h"

/* Time-outs of a new namespace, in milliseconds. */
static const u32 default_timeouts[SLUICE_TIMEOUTS] = {
	[SLUICE_CONN_STATE_SYN_SENT] = 30000,
	[SLUICE_CONN_STATE_SYN_RECV] = 60000,
	[SLUICE_CONN_STATE_ESTABLISHED] = 900000,
	[SLUICE_CONN_STATE_FIN_WAIT] = 120000,
	[SLUICE_CONN_STATE_CLOSE_WAIT] = 120000,
	[SLUICE_CONN_STATE_LAST_ACK] = 30000,
	[SLUICE_CONN_STATE_TIME_WAIT] = 60000,
	[SLUICE_CONN_STATE_CLOSE] = 10000,
	[SLUICE_CONN_STATE_UDP_NEW] = 30000,
	[SLUICE_CONN_STATE_UDP] = 300000,
};

static void set_timeouts(struct sluice_net *sn, const u32 *timeouts)
{
	unsigned int state;

	for (state = 0; state < SLUICE_TIMEOUTS; state++) {
		sn->timeouts[state] = timeouts[state];
		sluice_conn_set_timeout(&sn->conns, state, timeouts[state]);
	}
}

/**
 * sluice_settings_init() - set what holds unless somebody says otherwise
 * @sn: a new namespace, whose table of connections is there
 */
void sluice_settings_init(struct sluice_net *sn)
{
	set_timeouts(sn, default_timeouts);
	sluice_sniff_settings_init(&sn->sniff);
	sn->relay_clients_max = SLUICE_RELAY_CLIENTS_DEFAULT;
}

/**
 * sluice_settings_read() - what is set
 * @sn: namespace
 * @settings: overwritten
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_settings_read(const struct sluice_net *sn,
			  struct sluice_settings *settings)
{
	lockdep_assert_held(&sn->lock);
	memcpy(settings->timeouts, sn->timeouts, sizeof(settings->timeouts));
	settings->connections_max = sn->conns.max;
	settings->sniff = sn->sniff;
	settings->relay_clients_max = sn->relay_clients_max;
}

/**
 * sluice_settings_apply() - let settings hold, for connections that are there, too
 * @sn: namespace
 * @settings: all of them, valid
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_settings_apply(struct sluice_net *sn,
			   const struct sluice_settings *settings)
{
	const struct sluice_sniff_settings *sniff = &settings->sniff;

	lockdep_assert_held(&sn->lock);
	set_timeouts(sn, settings->timeouts);
	WRITE_ONCE(sn->conns.max, settings->connections_max);
	sluice_sniff_set_head_timeout(&sn->sniff, sniff->head_timeout_ms);
	sluice_sniff_set_connect_timeout(&sn->sniff, sniff->connect_timeout_ms);
	WRITE_ONCE(sn->sniff.retries, sniff->retries);
	WRITE_ONCE(sn->sniff.held_max, sniff->held_max);
	WRITE_ONCE(sn->relay_clients_max, settings->relay_clients_max);
}
