// SPDX-License-Identifier: GPL-2.0
/* The module and its part in each network namespace. */

#include <linux/module.h>
#include <net/netns/generic.h>

#include "deadline.h"
#include "head.h"
#include "leave.h"
#include "line.h"
#include "net.h"
#include "netlink/gen.h"
#include "netlink/transaction.h"
#include "own.h"
#include "path.h"
#include "pool.h"
#include "port.h"
#include "service.h"
#include "tunnel.h"

/* What packets read is not where refusals are counted. */
static_assert(SLUICE_APART(struct sluice_net, view, refusals));
static_assert(SLUICE_APART(struct sluice_net, services, refusals));
static_assert(SLUICE_APART(struct sluice_net, paths, refusals));
static_assert(SLUICE_APART(struct sluice_net, own, refusals));
static_assert(SLUICE_APART(struct sluice_net, ports, refusals));
static_assert(SLUICE_APART(struct sluice_net, attached, refusals));
static_assert(SLUICE_APART(struct sluice_net, sniff, refusals));

static unsigned int sluice_net_id __read_mostly;

/**
 * sluice_net() - Sluice's part of a namespace
 * @net: the namespace
 *
 * Return: never NULL while the namespace and the module live.
 */
struct sluice_net *sluice_net(const struct net *net)
{
	return net_generic(net, sluice_net_id);
}

static int __net_init sluice_net_init(struct net *net)
{
	struct sluice_net *sn = sluice_net(net);
	int err;

	sn->net = net;
	mutex_init(&sn->lock);
	sluice_commit_init(sn);
	sluice_nl_transactions_init(sn);
	err = sluice_services_init(sn);
	if (err)
		return err;
	err = sluice_pools_init(sn);
	if (err)
		goto err_services;
	err = sluice_conn_table_init(&sn->conns);
	if (err)
		goto err_pools;
	sluice_settings_init(sn);
	sluice_deadlines_init(sn);
	sluice_leave_init(sn);
	sluice_ports_init(sn);
	return 0;

err_pools:
	sluice_pools_exit(sn);
err_services:
	sluice_services_exit(sn);
	return err;
}

/* A grace period passes between this and sluice_net_exit(). */
static void __net_exit sluice_net_pre_exit(struct net *net)
{
	WRITE_ONCE(sluice_net(net)->holds.closing, true);
	sluice_deadlines_stop(sluice_net(net));
	sluice_leave_stop(sluice_net(net));
	sluice_hooks_unregister(sluice_net(net));
	sluice_ports_detach(sluice_net(net));
}

static void __net_exit sluice_net_exit(struct net *net)
{
	struct sluice_net *sn = sluice_net(net);

	mutex_lock(&sn->lock);
	sluice_nl_transactions_exit(sn);
	sluice_commit_begin(sn);
	sluice_flush(sn);
	/* What only deletes cannot fail. */
	sluice_commit_end(sn, SLUICE_COMMIT_QUICK, NULL);
	mutex_unlock(&sn->lock);
	sluice_ports_exit(sn);
	sluice_hold_table_stop(sn);
	sluice_conn_table_exit(&sn->conns);
	sluice_hold_table_exit(sn);
	sluice_paths_exit(sn);
	sluice_own_exit(sn);
	sluice_pools_exit(sn);
	sluice_services_exit(sn);
	mutex_destroy(&sn->lock);
}

static struct pernet_operations sluice_net_ops = {
	.init = sluice_net_init,
	.pre_exit = sluice_net_pre_exit,
	.exit = sluice_net_exit,
	.id = &sluice_net_id,
	.size = sizeof(struct sluice_net),
};

static int __init sluice_init(void)
{
	int err;

	sluice_tunnels_init();
	err = sluice_conn_init();
	if (err)
		return err;
	err = sluice_heads_init();
	if (err)
		goto err_conn;
	err = sluice_holds_init();
	if (err)
		goto err_heads;
	err = register_pernet_subsys(&sluice_net_ops);
	if (err)
		goto err_holds;
	err = sluice_ports_register();
	if (err)
		goto err_pernet;
	err = sluice_own_register();
	if (err)
		goto err_ports;
	err = sluice_nl_transactions_register();
	if (err)
		goto err_own;
	err = genl_register_family(&sluice_nl_family);
	if (err)
		goto err_transactions;
	return 0;

err_transactions:
	sluice_nl_transactions_unregister();
err_own:
	sluice_own_unregister();
err_ports:
	sluice_ports_unregister();
err_pernet:
	unregister_pernet_subsys(&sluice_net_ops);
err_holds:
	sluice_holds_exit();
err_heads:
	sluice_heads_exit();
err_conn:
	sluice_conn_exit();
	return err;
}

static void __exit sluice_exit(void)
{
	genl_unregister_family(&sluice_nl_family);
	sluice_nl_transactions_unregister();
	sluice_own_unregister();
	sluice_ports_unregister();
	unregister_pernet_subsys(&sluice_net_ops);
	/*
	 * What connections and deleted servers leave to call_rcu() may call it
	 * once more: a server goes when its last connection has gone.
	 */
	rcu_barrier();
	sluice_holds_exit();
	sluice_heads_exit();
	sluice_conn_exit();
}

module_init(sluice_init);
module_exit(sluice_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Sluice load balancer, stratum flow");
MODULE_VERSION(SLUICE_VERSION);
MODULE_ALIAS_GENL_FAMILY(SLUICE_FAMILY_NAME);
