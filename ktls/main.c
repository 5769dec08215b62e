// SPDX-License-Identifier: GPL-2.0
/* The module of stratum relay, and its part in each network namespace. */

#include <linux/module.h>
#include <net/netns/generic.h>

#include "exchange.h"
#include "gen.h"
#include "run.h"
#include "../kmod/compat.h"
#include "../kmod/relay.h"

static unsigned int sluice_relay_net_id __read_mostly;

/**
 * sluice_relay_net() - stratum relay's part of a namespace
 * @net: the namespace
 *
 * Return: never NULL while the namespace and the module live.
 */
struct sluice_relay_net *sluice_relay_net(const struct net *net)
{
	return net_generic(net, sluice_relay_net_id);
}

static int __net_init relay_net_init(struct net *net)
{
	struct sluice_relay_net *rn = sluice_relay_net(net);
	int err;

	rn->counts = alloc_percpu_gfp(struct sluice_relay_counts,
				      GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!rn->counts)
		return -ENOMEM;
	rn->net = net;
	xa_init(&rn->relays);
	init_waitqueue_head(&rn->gone);
	err = sluice_relay_configs_init(rn);
	if (err)
		free_percpu(rn->counts);
	return err;
}

/*
 * Clients keep their namespace alive; the module is only unloaded without any. One
 * that was accepted at the last moment is ended here.
 */
static void __net_exit relay_net_exit(struct net *net)
{
	struct sluice_relay_net *rn = sluice_relay_net(net);

	sluice_relay_configs_exit(rn);
	sluice_relay_end_all(rn);
	xa_destroy(&rn->relays);
	free_percpu(rn->counts);
}

static struct pernet_operations relay_net_ops = {
	.init = relay_net_init,
	.exit = relay_net_exit,
	.id = &sluice_relay_net_id,
	.size = sizeof(struct sluice_relay_net),
};

static int __init relay_init(void)
{
	int err;

	err = sluice_exchanges_init();
	if (err)
		return err;
	err = sluice_runs_init();
	if (err)
		goto err_exchanges;
	err = register_pernet_subsys(&relay_net_ops);
	if (err)
		goto err_runs;
	err = genl_register_family(&sluice_relay_nl_family);
	if (err)
		goto err_pernet;
	err = sluice_relay_register(&sluice_relay_control);
	if (err)
		goto err_family;
	return 0;

err_family:
	genl_unregister_family(&sluice_relay_nl_family);
err_pernet:
	unregister_pernet_subsys(&relay_net_ops);
err_runs:
	sluice_runs_exit();
err_exchanges:
	sluice_exchanges_exit();
	return err;
}

static void __exit relay_exit(void)
{
	sluice_relay_unregister(&sluice_relay_control);
	genl_unregister_family(&sluice_relay_nl_family);
	unregister_pernet_subsys(&relay_net_ops);
	sluice_runs_exit();
	sluice_exchanges_exit();
}

module_init(relay_init);
module_exit(relay_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Sluice load balancer, stratum relay");
MODULE_VERSION(SLUICE_VERSION);
MODULE_ALIAS_GENL_FAMILY(SLUICE_RELAY_FAMILY_NAME);
SLUICE_IMPORT;
