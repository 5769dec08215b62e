/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_NETLINK_EVENT_H
#define _SLUICE_NETLINK_EVENT_H

#include "parse.h"

void sluice_nl_event(struct sluice_net *sn, u8 cmd, sluice_nl_fill_fn fill,
		     const void *object);
void sluice_nl_event_sized(struct sluice_net *sn, u8 cmd, size_t size,
			   sluice_nl_fill_fn fill, const void *object);

#endif /* _SLUICE_NETLINK_EVENT_H */
