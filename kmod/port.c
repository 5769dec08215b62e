// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: the devices that balanced traffic arrives on. A packet of theirs meets
 * the fast path in a hook of the device, before the IP layer. Other devices
 * have no hook and pay nothing.
 *
 * A port is the device that the IP layer sees, so VLANs, bonds and bridges are
 * ports, not what is below them.
 *
 * &sluice_net.ports holds, by the index of the device, a value while the hook
 * is wished for or was refused, then the port.
 */

#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "fast.h"
#include "port.h"

/* After filters and flow tables that a user has put there, whatever their priority. */
#define PRIORITY_INGRESS INT_MAX

/* Not attached yet; not to be attached. */
#define PORT_WISHED xa_mk_value(1)
#define PORT_REFUSED xa_mk_value(2)

/* The module goes, and nobody will tell of devices that do; under RTNL. */
static bool closing;

/**
 * struct sluice_port - one attached device
 * @ops: the hook
 * @rcu: frees it after the last reader
 */
struct sluice_port {
	struct nf_hook_ops ops;
	struct rcu_head rcu;
};

static unsigned int ingress(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	/* With a tag, it is for a VLAN device, and will be seen there. */
	if (skb_vlan_tag_present(skb))
		return NF_ACCEPT;
	if (skb->protocol == htons(ETH_P_IP))
		return sluice_fast(priv, skb, AF_INET);
	if (skb->protocol == htons(ETH_P_IPV6))
		return sluice_fast(priv, skb, AF_INET6);
	return NF_ACCEPT;
}

/**
 * sluice_port_wish() - balanced traffic arrives on a device
 * @sn: namespace of the device
 * @dev: the device
 *
 * Context: RCU read side, bottom halves off.
 */
void sluice_port_wish(struct sluice_net *sn, const struct net_device *dev)
{
	if (sluice_port_is_attached(sn, dev) ||
	    xa_load(&sn->ports, dev->ifindex) || dev->flags & IFF_LOOPBACK)
		return;
	/* Another CPU may have been first, and the device be attached by now. */
	if (!xa_insert(&sn->ports, dev->ifindex, PORT_WISHED,
		       GFP_ATOMIC | __GFP_NOWARN))
		schedule_work(&sn->ports_work);
}

static void *attach(struct sluice_net *sn, struct net_device *dev)
{
	struct sluice_port *port;
	int err;

	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return NULL;
	port->ops = (struct nf_hook_ops){
		.hook = ingress,
		.priv = sn,
		.dev = dev,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		.priority = PRIORITY_INGRESS,
	};
	err = nf_register_net_hook(sn->net, &port->ops);
	if (!err)
		return port;
	kfree(port);
	/* A kernel that has no such hooks: PRE_ROUTING does it all. */
	return err == -ENOMEM ? NULL : PORT_REFUSED;
}

static u32 *at_hand(struct sluice_net *sn, u32 ifindex)
{
	return &sn->attached[ifindex % SLUICE_PORTS_AT_HAND];
}

static void detach(struct sluice_net *sn, struct sluice_port *port)
{
	u32 ifindex = port->ops.dev->ifindex, *place = at_hand(sn, ifindex);

	ASSERT_RTNL();
	if (*place == ifindex)
		WRITE_ONCE(*place, 0);
	nf_unregister_net_hook(sn->net, &port->ops);
	kfree_rcu(port, rcu);
}

/* RTNL keeps the devices, and the notifier away. */
static void ports_work(struct work_struct *work)
{
	struct sluice_net *sn = container_of(work, struct sluice_net, ports_work);
	struct net_device *dev;
	unsigned long ifindex;
	void *entry;

	rtnl_lock();
	xa_for_each(&sn->ports, ifindex, entry) {
		if (entry != PORT_WISHED)
			continue;
		entry = NULL;
		dev = __dev_get_by_index(sn->net, ifindex);
		if (dev && dev->reg_state == NETREG_REGISTERED && sn->hooked &&
		    !closing)
			entry = attach(sn, dev);
		/* Nothing is allocated: the entry exists. */
		xa_store_bh(&sn->ports, ifindex, entry, GFP_KERNEL);
		if (entry && !xa_is_value(entry))
			WRITE_ONCE(*at_hand(sn, ifindex), ifindex);
	}
	rtnl_unlock();
}

static int device_event(struct notifier_block *block, unsigned long event,
			void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct sluice_net *sn = sluice_net(dev_net(dev));
	void *entry;

	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	entry = xa_erase_bh(&sn->ports, dev->ifindex);
	if (entry && !xa_is_value(entry))
		detach(sn, entry);
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

/**
 * sluice_ports_init() - prepare a namespace without ports
 * @sn: namespace
 */
void sluice_ports_init(struct sluice_net *sn)
{
	xa_init_flags(&sn->ports, XA_FLAGS_LOCK_BH);
	INIT_WORK(&sn->ports_work, ports_work);
}

/**
 * sluice_ports_detach() - take the hooks off all ports
 * @sn: namespace whose other hooks are gone
 *
 * Packets that are being handled may go on until the end of an RCU grace
 * period, for which the caller waits.
 */
void sluice_ports_detach(struct sluice_net *sn)
{
	unsigned long ifindex;
	void *entry;

	rtnl_lock();
	xa_for_each(&sn->ports, ifindex, entry) {
		xa_erase_bh(&sn->ports, ifindex);
		if (!xa_is_value(entry))
			detach(sn, entry);
	}
	rtnl_unlock();
}

/**
 * sluice_ports_exit() - free what is left
 * @sn: namespace that no packet reaches any more
 */
void sluice_ports_exit(struct sluice_net *sn)
{
	cancel_work_sync(&sn->ports_work);
	xa_destroy(&sn->ports);
}

/**
 * sluice_ports_register() - learn of devices that go
 *
 * Return: 0 or a negative error.
 */
int sluice_ports_register(void)
{
	return register_netdevice_notifier(&device_notifier);
}

/**
 * sluice_ports_unregister() - undo sluice_ports_register()
 *
 * For each device it is as if it went.
 */
void sluice_ports_unregister(void)
{
	rtnl_lock();
	closing = true;
	rtnl_unlock();
	unregister_netdevice_notifier(&device_notifier);
}
