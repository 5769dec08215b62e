// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about services. */

#include "event.h"
#include "gen.h"
#include "parse.h"

static struct sluice_service *get_service(struct sluice_net *sn,
					  struct genl_info *info)
{
	struct sluice_service_key key;
	struct sluice_service *service;
	int err;

	err = sluice_nl_get_service_key(info->attrs, NULL, &key, info->extack);
	if (err)
		return ERR_PTR(err);
	service = sluice_service_lookup(sn, &key);
	if (service)
		return service;
	NL_SET_ERR_MSG(info->extack, "no such service");
	return ERR_PTR(-ENOENT);
}

/**
 * sluice_nl_fill_service() - write a service
 * @skb: message
 * @sn: namespace
 * @service: the service
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or -EMSGSIZE.
 */
int sluice_nl_fill_service(struct sk_buff *skb, struct sluice_net *sn,
			   const struct sluice_service *service)
{
	const struct sluice_pool *pool = sluice_service_pool(sn, service);
	const struct sluice_service_key *key = &service->key;
	struct sluice_stats stats;

	sluice_service_read_stats(sn, service, &stats);
	if (nla_put_u8(skb, SLUICE_A_SERVICE_PROTOCOL, key->protocol) ||
	    sluice_nl_put_address(skb, SLUICE_A_SERVICE_ADDRESS, &key->addr,
				  key->family) ||
	    nla_put_be16(skb, SLUICE_A_SERVICE_PORT, key->port) ||
	    nla_put_string(skb, SLUICE_A_SERVICE_POOL, pool->name) ||
	    nla_put_string(skb, SLUICE_A_SERVICE_SCHEDULER,
			   pool->sched->name) ||
	    (pool->owned && nla_put_flag(skb, SLUICE_A_SERVICE_OWN_POOL)) ||
	    nla_put_uint(skb, SLUICE_A_SERVICE_ID, service->id) ||
	    sluice_nl_put_stats(skb, SLUICE_A_SERVICE_STATS, &stats) ||
	    sluice_nl_put_refusals(skb, SLUICE_A_SERVICE_REFUSALS,
				   &service->refusals))
		return -EMSGSIZE;
	return 0;
}

int sluice_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_net(genl_info_net(info));
	struct sluice_service *service;
	struct sk_buff *msg;
	void *header;
	int err;

	msg = sluice_nl_reply_new(info, &header);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&sn->lock);
	service = get_service(sn, info);
	if (IS_ERR(service))
		err = PTR_ERR(service);
	else
		err = sluice_nl_fill_service(msg, sn, service);
	mutex_unlock(&sn->lock);
	return sluice_nl_reply_send(msg, header, err, info);
}

static int dump_service(struct sk_buff *skb, struct netlink_callback *cb,
			struct sluice_net *sn,
			const struct sluice_service *service)
{
	void *header;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			     &sluice_nl_family, NLM_F_MULTI,
			     SLUICE_CMD_SERVICE_GET);
	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	if (sluice_nl_fill_service(skb, sn, service)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

int sluice_nl_service_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct sluice_net *sn = sluice_net(sock_net(skb->sk));
	struct sluice_nl_dump *at = sluice_nl_dump(cb);
	struct sluice_service *service;
	int err = 0;

	mutex_lock(&sn->lock);
	cb->seq = sn->generation;
	list_for_each_entry(service, &sn->service_list, list) {
		if (service->id <= at->outer)
			continue;
		cond_resched();
		err = dump_service(skb, cb, sn, service);
		if (err)
			break;
		at->outer = service->id;
	}
	mutex_unlock(&sn->lock);
	return err;
}

/* The pool that a service owns: tcp/192.0.2.1:80, udp/[2001:db8::1]:53. */
static void own_pool_name(const struct sluice_service_key *key, char *name)
{
	const char *protocol = key->protocol == IPPROTO_TCP ? "tcp" : "udp";

	if (key->family == AF_INET)
		snprintf(name, SLUICE_NAME_LEN + 1, "%s/%pI4:%u", protocol,
			 &key->addr.ip, ntohs(key->port));
	else
		snprintf(name, SLUICE_NAME_LEN + 1, "%s/[%pI6c]:%u", protocol,
			 &key->addr.in6, ntohs(key->port));
}

/* The named pool that a service is to use. */
static struct sluice_pool *get_named_pool(struct sluice_net *sn,
					  struct genl_info *info, u8 family)
{
	struct nlattr *scheduler = info->attrs[SLUICE_A_SERVICE_SCHEDULER];
	struct nlattr *attr = info->attrs[SLUICE_A_SERVICE_POOL];
	struct sluice_pool *pool;

	if (scheduler) {
		NL_SET_ERR_MSG_ATTR(info->extack, scheduler,
				    "a named pool has a scheduler already, set it there");
		return ERR_PTR(-EINVAL);
	}
	pool = sluice_nl_get_pool(sn, attr, info->extack);
	if (IS_ERR(pool))
		return pool;
	if (pool->owned) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "this pool belongs to one service and cannot be shared");
		return ERR_PTR(-EINVAL);
	}
	if (pool->family != family) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "pool and service are of different address families");
		return ERR_PTR(-EAFNOSUPPORT);
	}
	return pool;
}

static struct sluice_pool *make_own_pool(struct sluice_net *sn,
					 struct genl_info *info,
					 const struct sluice_service_key *key)
{
	struct nlattr *attr = info->attrs[SLUICE_A_SERVICE_SCHEDULER];
	const struct sluice_scheduler *sched;
	char name[SLUICE_NAME_LEN + 1];

	sched = sluice_nl_get_scheduler(attr, info->extack);
	if (IS_ERR(sched))
		return ERR_CAST(sched);
	own_pool_name(key, name);
	return sluice_pool_add(sn, name, key->family, true, sched,
			       info->extack);
}

static int service_new(struct sluice_net *sn, struct genl_info *info)
{
	struct sluice_service_key key;
	struct sluice_service *service;
	struct sluice_pool *pool;
	int err;

	err = sluice_nl_get_service_key(info->attrs, NULL, &key, info->extack);
	if (err)
		return err;
	if (sluice_service_lookup(sn, &key)) {
		NL_SET_ERR_MSG(info->extack, "the service exists already");
		return -EEXIST;
	}
	if (info->attrs[SLUICE_A_SERVICE_POOL])
		pool = get_named_pool(sn, info, key.family);
	else
		pool = make_own_pool(sn, info, &key);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	service = sluice_service_add(sn, &key, pool, info->extack);
	if (IS_ERR(service)) {
		if (pool->owned)
			sluice_pool_del(sn, pool);
		return PTR_ERR(service);
	}
	sluice_nl_event_service(sn, SLUICE_CMD_SERVICE_NTF, service);
	return 0;
}

int sluice_nl_service_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_net(genl_info_net(info));
	int err;

	mutex_lock(&sn->lock);
	err = service_new(sn, info);
	mutex_unlock(&sn->lock);
	return err;
}

static int set_scheduler(struct sluice_net *sn, struct genl_info *info,
			 struct sluice_pool *pool, struct nlattr *attr)
{
	const struct sluice_scheduler *sched;

	sched = sluice_nl_get_scheduler(attr, info->extack);
	if (IS_ERR(sched))
		return PTR_ERR(sched);
	if (!pool->owned) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a named pool has a scheduler already, set it there");
		return -EINVAL;
	}
	return sluice_pool_set_sched(sn, pool, sched, info->extack);
}

static int service_set(struct sluice_net *sn, struct genl_info *info)
{
	struct nlattr *scheduler = info->attrs[SLUICE_A_SERVICE_SCHEDULER];
	struct nlattr *attr = info->attrs[SLUICE_A_SERVICE_POOL];
	struct sluice_service *service;
	struct sluice_pool *pool, *old;
	int err;

	service = get_service(sn, info);
	if (IS_ERR(service))
		return PTR_ERR(service);
	old = sluice_service_pool(sn, service);
	if (attr) {
		pool = get_named_pool(sn, info, service->key.family);
		if (IS_ERR(pool))
			return PTR_ERR(pool);
		if (old->owned && old != pool)
			sluice_nl_event_pool(sn, SLUICE_CMD_POOL_DEL_NTF, old);
		sluice_service_set_pool(sn, service, pool);
	} else if (scheduler) {
		err = set_scheduler(sn, info, old, scheduler);
		if (err)
			return err;
	} else {
		NL_SET_ERR_MSG(info->extack,
			       "nothing to change: give a pool or a scheduler");
		return -EINVAL;
	}
	sluice_nl_event_service(sn, SLUICE_CMD_SERVICE_NTF, service);
	return 0;
}

int sluice_nl_service_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_net(genl_info_net(info));
	int err;

	mutex_lock(&sn->lock);
	err = service_set(sn, info);
	mutex_unlock(&sn->lock);
	return err;
}

int sluice_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_net(genl_info_net(info));
	struct sluice_service *service;
	int err = 0;

	mutex_lock(&sn->lock);
	service = get_service(sn, info);
	if (IS_ERR(service)) {
		err = PTR_ERR(service);
	} else {
		sluice_nl_event_service(sn, SLUICE_CMD_SERVICE_DEL_NTF, service);
		sluice_service_del(sn, service);
	}
	mutex_unlock(&sn->lock);
	return err;
}

int sluice_nl_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_net(genl_info_net(info));
	struct sluice_service *service;
	struct sluice_pool *pool;

	mutex_lock(&sn->lock);
	list_for_each_entry(service, &sn->service_list, list)
		sluice_nl_event_service(sn, SLUICE_CMD_SERVICE_DEL_NTF, service);
	list_for_each_entry(pool, &sn->pool_list, list)
		if (!pool->owned)
			sluice_nl_event_pool(sn, SLUICE_CMD_POOL_DEL_NTF, pool);
	sluice_flush(sn);
	mutex_unlock(&sn->lock);
	return 0;
}

static int stats_reset(struct sluice_net *sn, struct genl_info *info)
{
	struct sluice_service *service;
	struct sluice_pool *pool;

	if (info->attrs[SLUICE_A_SERVICE_PROTOCOL] ||
	    info->attrs[SLUICE_A_SERVICE_ADDRESS] ||
	    info->attrs[SLUICE_A_SERVICE_PORT]) {
		service = get_service(sn, info);
		if (IS_ERR(service))
			return PTR_ERR(service);
		sluice_service_reset_stats(service);
		sluice_pool_reset_stats(sluice_service_pool(sn, service));
		return 0;
	}
	list_for_each_entry(service, &sn->service_list, list) {
		sluice_service_reset_stats(service);
		cond_resched();
	}
	list_for_each_entry(pool, &sn->pool_list, list) {
		sluice_pool_reset_stats(pool);
		cond_resched();
	}
	return 0;
}

int sluice_nl_stats_reset_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_net(genl_info_net(info));
	int err;

	mutex_lock(&sn->lock);
	err = stats_reset(sn, info);
	mutex_unlock(&sn->lock);
	return err;
}
