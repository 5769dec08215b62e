/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_NETLINK_EVENT_H
#define _SLUICE_NETLINK_EVENT_H

#include "parse.h"

void sluice_nl_event(struct sluice_net *sn, u8 cmd, sluice_nl_fill_fn fill,
		     const void *object);
void sluice_nl_event_sized(struct sluice_net *sn, u8 cmd, size_t size,
			   sluice_nl_fill_fn fill, const void *object);
void sluice_nl_events_send(struct sluice_net *sn);
void sluice_nl_events_drop(struct sluice_net *sn);
void sluice_nl_tell_flushed(struct sluice_net *sn);
void sluice_nl_server_drained(struct sluice_net *sn, struct sluice_server *server);

#endif /* _SLUICE_NETLINK_EVENT_H */
