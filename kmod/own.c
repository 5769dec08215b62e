// SPDX-License-Identifier: GPL-2.0
/*
 * Which IPv4 addresses are not this host's. The source of each first packet has to
 * be none of them, and the kernel's answer takes two lookups, the second one in a
 * routing table. So addresses are counted by their hash: where the count is 0,
 * there is no such address.
 */

#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "own.h"

/* Changes are followed; false before and after that. */
bool sluice_own_known __read_mostly;

/*
 * A secondary address that becomes a primary one is announced once more: then its
 * count is too large ever after, which costs lookups and nothing else.
 */
static void count(struct sluice_net *sn, const struct in_ifaddr *ifa, int change)
{
	u16 *place;

	ASSERT_RTNL();
	if (!sn->own)
		return;
	place = sluice_own_place(sn->own, ifa->ifa_local);
	if (*place != U16_MAX)
		WRITE_ONCE(*place, *place + change);
}

static int address_event(struct notifier_block *block, unsigned long event,
			 void *info)
{
	const struct in_ifaddr *ifa = info;
	struct sluice_net *sn = sluice_net(dev_net(ifa->ifa_dev->dev));

	if (event == NETDEV_UP)
		count(sn, ifa, 1);
	else if (event == NETDEV_DOWN)
		count(sn, ifa, -1);
	return NOTIFY_DONE;
}

static struct notifier_block address_notifier = {
	.notifier_call = address_event,
};

/**
 * sluice_own_init() - count the addresses of a namespace from now on
 * @sn: namespace; nothing is done where they are counted
 *
 * Context: &sluice_net.lock is held, RTNL is taken.
 * Return: 0 or -ENOMEM.
 */
int sluice_own_init(struct sluice_net *sn)
{
	const struct in_device *in_dev;
	const struct in_ifaddr *ifa;
	struct sluice_own *own;
	struct net_device *dev;

	if (sn->own)
		return 0;
	own = kzalloc(sizeof(*own), GFP_KERNEL_ACCOUNT);
	if (!own)
		return -ENOMEM;
	rtnl_lock();
	sn->own = own;
	for_each_netdev(sn->net, dev) {
		in_dev = __in_dev_get_rtnl(dev);
		if (!in_dev)
			continue;
		in_dev_for_each_ifa_rtnl(ifa, in_dev)
			count(sn, ifa, 1);
	}
	rtnl_unlock();
	return 0;
}

/**
 * sluice_own_exit() - undo sluice_own_init()
 * @sn: namespace that no packet reaches any more, without devices unless the
 *	module goes
 */
void sluice_own_exit(struct sluice_net *sn)
{
	kfree(sn->own);
	sn->own = NULL;
}

/**
 * sluice_own_register() - learn of addresses that come and go
 *
 * Return: 0 or a negative error.
 */
int sluice_own_register(void)
{
	int err = register_inetaddr_notifier(&address_notifier);

	if (!err)
		WRITE_ONCE(sluice_own_known, true);
	return err;
}

/**
 * sluice_own_unregister() - undo sluice_own_register()
 *
 * Packets that still come ask the kernel again.
 */
void sluice_own_unregister(void)
{
	WRITE_ONCE(sluice_own_known, false);
	unregister_inetaddr_notifier(&address_notifier);
}
