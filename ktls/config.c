// SPDX-License-Identifier: GPL-2.0
/* How services are relayed. */

#include <linux/random.h>
#include <linux/slab.h>

#include <sluice/http_relay.h>

#include "listen.h"
#include "run.h"
#include "../kmod/relay.h"

/**
 * struct sluice_relay_service - settings of a service
 * @hash: in &sluice_relay_net.config_table
 * @list: in &sluice_relay_net.configs
 * @key: the service
 * @config: its settings; never changed: new settings take the place of the whole
 * @sticky_key: of its sticky cookies, with &sluice_relay_config.keyed; nobody is told
 * @listener: accepts its clients, or NULL; under &sluice_relay_net.lock
 * @rcu: frees it after the last reader
 */
struct sluice_relay_service {
	struct rhash_head hash;
	struct list_head list;
	struct sluice_service_key key;
	struct sluice_relay_config config;
	u8 sticky_key[SLUICE_STICKY_SECRET_SIZE];
	struct sluice_listener *listener;
	struct rcu_head rcu;
};

/* Most services that have settings, in a namespace. */
#define CONFIGS_MAX 65536

static const struct rhashtable_params table_params = {
	.key_len = sizeof(struct sluice_service_key),
	.key_offset = offsetof(struct sluice_relay_service, key),
	.head_offset = offsetof(struct sluice_relay_service, hash),
	.automatic_shrinking = true,
};

/**
 * sluice_relay_config_default() - what holds where nothing was said
 * @config: set to it
 */
void sluice_relay_config_default(struct sluice_relay_config *config)
{
	*config = (struct sluice_relay_config){
		.timeout_head = 10000,
		.timeout_idle = 60000,
		.timeout_body = 30000,
		.timeout_connect = 3000,
		.timeout_response = 60000,
		.timeout_tunnel = 3600000,
		.retries = 2,
		.add = SLUICE_HTTP_RELAY_X_FORWARDED,
		.request_id = "X-Request-Id",
	};
}

/**
 * sluice_relay_config_get() - what was said of a service
 * @net: its namespace
 * @service: the service
 * @config: set to its settings, if there are any
 *
 * Context: any.
 * Return: whether there are.
 */
bool sluice_relay_config_get(struct net *net,
			     const struct sluice_service_key *service,
			     struct sluice_relay_config *config)
{
	struct sluice_relay_net *rn = sluice_relay_net(net);
	const struct sluice_relay_service *found;

	rcu_read_lock();
	found = rhashtable_lookup(&rn->config_table, service, table_params);
	if (found)
		*config = found->config;
	rcu_read_unlock();
	return found;
}

/**
 * sluice_relay_config_read() - how a service is relayed
 * @rn: its namespace
 * @service: the service
 * @config: set to its settings, or to the defaults
 *
 * Context: any.
 */
void sluice_relay_config_read(struct sluice_relay_net *rn,
			      const struct sluice_service_key *service,
			      struct sluice_relay_config *config)
{
	if (!sluice_relay_config_get(rn->net, service, config))
		sluice_relay_config_default(config);
}

/**
 * sluice_relay_config_renew() - go on with the settings that hold now
 * @relay: the client, between two requests
 *
 * Context: the work of @relay.
 */
void sluice_relay_config_renew(struct sluice_relay *relay)
{
	/* Pairs with smp_store_release() in changed(). */
	u32 changes = smp_load_acquire(&relay->rn->config_changes);

	if (changes == relay->config_changes)
		return;
	relay->config_changes = changes;
	sluice_relay_config_read(relay->rn, &relay->service, &relay->config);
}

/**
 * sluice_relay_config_key() - what the sticky cookies of a service are signed with
 * @rn: its namespace
 * @service: the service
 * @key: set to it
 *
 * Context: any.
 */
void sluice_relay_config_key(struct sluice_relay_net *rn,
			     const struct sluice_service_key *service,
			     u8 key[SLUICE_STICKY_SECRET_SIZE])
{
	const struct sluice_relay_service *found;

	rcu_read_lock();
	found = rhashtable_lookup(&rn->config_table, service, table_params);
	memcpy(key, found && found->config.keyed ? found->sticky_key : rn->key,
	       SLUICE_STICKY_SECRET_SIZE);
	rcu_read_unlock();
}

/* Clients that are there will see it. */
static void changed(struct sluice_relay_net *rn)
{
	/* 0 is that of clients who have not looked. */
	smp_store_release(&rn->config_changes, rn->config_changes + 1 ?: 1);
}

/**
 * sluice_relay_config_version() - tell whether settings have changed
 * @net: a namespace
 *
 * Context: any.
 * Return: what it was before only if no settings of the namespace have changed since;
 * not 0 once there are any.
 */
u32 sluice_relay_config_version(struct net *net)
{
	return READ_ONCE(sluice_relay_net(net)->config_changes);
}

/* The new settings listen, if they are to: by the old ones' listener, if any. */
static int listen(struct sluice_relay_net *rn, struct sluice_relay_service *new,
		  struct sluice_relay_service *old,
		  struct netlink_ext_ack *extack)
{
	if (!new->config.listen)
		return 0;
	if (old && old->listener) {
		swap(new->listener, old->listener);
		return 0;
	}
	new->listener = sluice_listen(rn, &new->key, extack);
	if (!IS_ERR(new->listener))
		return 0;
	return PTR_ERR(new->listener);
}

static void free_rcu(struct rcu_head *rcu)
{
	kfree_sensitive(container_of(rcu, struct sluice_relay_service, rcu));
}

static void drop(struct sluice_relay_service *s)
{
	if (s->listener)
		sluice_listen_end(s->listener);
	list_del(&s->list);
	call_rcu(&s->rcu, free_rcu);
}

/* Where none is given, it stays what it was. */
static void set_key(struct sluice_relay_service *new,
		    const struct sluice_relay_service *old, const u8 *key)
{
	if (!key && old && old->config.keyed)
		key = old->sticky_key;
	new->config.keyed = key;
	if (key)
		memcpy(new->sticky_key, key, sizeof(new->sticky_key));
}

static int put(struct sluice_relay_net *rn, struct sluice_relay_service *new,
	       struct sluice_relay_service *old, struct netlink_ext_ack *extack)
{
	int err;

	if (!old && rn->config_count >= CONFIGS_MAX) {
		NL_SET_ERR_MSG(extack, "65536 services have settings, delete some");
		return -ENOSPC;
	}
	/* The last thing that can fail, but for the table. */
	err = old ? rhashtable_replace_fast(&rn->config_table, &old->hash,
					    &new->hash, table_params) :
		    rhashtable_insert_fast(&rn->config_table, &new->hash,
					   table_params);
	if (err)
		return err;
	err = listen(rn, new, old, extack);
	if (err) {
		/* The old ones were there a moment ago, so this needs no memory. */
		if (old)
			rhashtable_replace_fast(&rn->config_table, &new->hash,
						&old->hash, table_params);
		else
			rhashtable_remove_fast(&rn->config_table, &new->hash,
					       table_params);
		changed(rn);
		return err;
	}
	if (old) {
		list_add(&new->list, &old->list);
		drop(old);
	} else {
		list_add_tail(&new->list, &rn->configs);
		rn->config_count++;
	}
	changed(rn);
	return 0;
}

/**
 * sluice_relay_configure() - say how a service is relayed
 * @net: its namespace
 * @service: the service, of stratum relay
 * @config: its settings, checked, but for @keyed
 * @key: SLUICE_STICKY_SECRET_SIZE bytes, the key of its sticky cookies; NULL: as it
 *	was, and that of the namespace where nothing was said
 * @extack: what is wrong
 *
 * Clients that are there go on with them from their next request on.
 *
 * Context: may sleep.
 * Return: 0, -ENOENT without such a service, -ENOSPC, -ENOMEM, or why it cannot be
 * listened to.
 */
int sluice_relay_configure(struct net *net,
			   const struct sluice_service_key *service,
			   const struct sluice_relay_config *config,
			   const u8 *key, struct netlink_ext_ack *extack)
{
	struct sluice_relay_net *rn = sluice_relay_net(net);
	struct sluice_relay_service *new, *old;
	int err;

	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	new->key = *service;
	new->config = *config;
	mutex_lock(&rn->lock);
	/* Under the lock by which its end is told. */
	if (sluice_relay_serves(net, service)) {
		old = rhashtable_lookup_fast(&rn->config_table, service,
					     table_params);
		set_key(new, old, key);
		err = put(rn, new, old, extack);
	} else {
		NL_SET_ERR_MSG(extack, "there is no such service of stratum relay");
		err = -ENOENT;
	}
	mutex_unlock(&rn->lock);
	if (err)
		call_rcu(&new->rcu, free_rcu);
	return err;
}

/**
 * sluice_relay_unconfigure() - let the defaults hold for a service
 * @net: its namespace
 * @service: the service, which need not be there any more
 *
 * Context: may sleep.
 * Return: 0, or -ENOENT where nothing was said of it.
 */
int sluice_relay_unconfigure(struct net *net,
			     const struct sluice_service_key *service)
{
	struct sluice_relay_net *rn = sluice_relay_net(net);
	struct sluice_relay_service *old;

	mutex_lock(&rn->lock);
	old = rhashtable_lookup_fast(&rn->config_table, service, table_params);
	if (old) {
		rhashtable_remove_fast(&rn->config_table, &old->hash,
				       table_params);
		rn->config_count--;
		changed(rn);
		drop(old);
	}
	mutex_unlock(&rn->lock);
	return old ? 0 : -ENOENT;
}

/**
 * sluice_relay_config_next() - read the settings of services, one by one
 * @net: their namespace
 * @at: how many there are before it
 * @service: set to the service
 * @config: set to its settings
 *
 * Return: false where there are no more.
 */
bool sluice_relay_config_next(struct net *net, u32 at,
			      struct sluice_service_key *service,
			      struct sluice_relay_config *config)
{
	struct sluice_relay_net *rn = sluice_relay_net(net);
	const struct sluice_relay_service *s;
	bool found = false;

	mutex_lock(&rn->lock);
	list_for_each_entry(s, &rn->configs, list) {
		if (at--)
			continue;
		*service = s->key;
		*config = s->config;
		found = true;
		break;
	}
	mutex_unlock(&rn->lock);
	return found;
}

/**
 * sluice_relay_configs_init() - prepare for settings
 * @rn: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_relay_configs_init(struct sluice_relay_net *rn)
{
	mutex_init(&rn->lock);
	get_random_bytes(rn->key, sizeof(rn->key));
	INIT_LIST_HEAD(&rn->configs);
	return rhashtable_init(&rn->config_table, &table_params);
}

/**
 * sluice_relay_configs_exit() - forget all settings, and listen no more
 * @rn: the namespace, which nobody configures any more
 */
void sluice_relay_configs_exit(struct sluice_relay_net *rn)
{
	struct sluice_relay_service *s, *next;

	/* Listeners that are still there read the table for whom they accept. */
	list_for_each_entry_safe(s, next, &rn->configs, list) {
		rhashtable_remove_fast(&rn->config_table, &s->hash, table_params);
		drop(s);
	}
	rhashtable_destroy(&rn->config_table);
	mutex_destroy(&rn->lock);
	memzero_explicit(rn->key, sizeof(rn->key));
}
