/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_PORT_H
#define _SLUICE_PORT_H

#include <linux/netdevice.h>
#include <linux/xarray.h>

#include "net.h"

void sluice_ports_init(struct sluice_net *sn);
void sluice_ports_detach(struct sluice_net *sn);
void sluice_ports_exit(struct sluice_net *sn);
int sluice_ports_register(void);
void sluice_ports_unregister(void);
void sluice_port_wish(struct sluice_net *sn, const struct net_device *dev);

/**
 * sluice_port_is_attached() - do packets of a device come to the ingress hook
 * @sn: namespace of the device
 * @dev: the device
 *
 * Context: RCU read side.
 * Return: whether they do.
 */
static inline bool sluice_port_is_attached(struct sluice_net *sn,
					   const struct net_device *dev)
{
	void *entry;

	if (likely(READ_ONCE(sn->attached[dev->ifindex %
					  SLUICE_PORTS_AT_HAND]) == dev->ifindex))
		return true;
	entry = xa_load(&sn->ports, dev->ifindex);
	return entry && !xa_is_value(entry);
}

#endif /* _SLUICE_PORT_H */
