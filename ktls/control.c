// SPDX-License-Identifier: GPL-2.0
/* Stratum relay as it is controlled: clients come and go, services have settings. */

#include <linux/file.h>
#include <linux/slab.h>
#include <net/sock.h>

#include <sluice/http_relay.h>

#include "listen.h"
#include "run.h"
#include "server.h"
#include "../kmod/relay.h"
#include "../kmod/server.h"

/**
 * sluice_relay_hand() - take a client over
 * @net: its namespace
 * @client: what is told of it
 * @extack: what is wrong
 *
 * Context: may sleep.
 * Return: 0, -ENOENT without such a service of stratum relay, -ENOMEM, -ENOSPC,
 * -ESHUTDOWN, or what &sluice_relay_client.own says.
 */
int sluice_relay_hand(struct net *net, const struct sluice_relay_client *client,
		      struct netlink_ext_ack *extack)
{
	struct sluice_relay_net *rn = sluice_relay_net(net);
	struct sluice_relay_config config;
	int err;

	if (!sluice_relay_serves(net, &client->service)) {
		NL_SET_ERR_MSG(extack, "there is no such service of stratum relay");
		return -ENOENT;
	}
	sluice_relay_config_read(rn, &client->service, &config);
	err = sluice_relay_add(rn, client, &config);
	if (err == -ENOMEM)
		NL_SET_ERR_MSG(extack, "no memory for another client");
	else if (err == -ENOSPC)
		NL_SET_ERR_MSG(extack,
			       "there are as many clients as relay-clients-max allows");
	else if (err == -ESHUTDOWN)
		NL_SET_ERR_MSG(extack, "the module is going");
	else if (err)
		NL_SET_ERR_MSG(extack,
			       "the socket that asks has no room for the answer");
	return err;
}

static struct sluice_relay *get(struct sluice_relay_net *rn, u64 id)
{
	struct sluice_relay *relay;

	rcu_read_lock();
	relay = id == (unsigned long)id ? xa_load(&rn->relays, id) : NULL;
	if (relay && !refcount_inc_not_zero(&relay->ref))
		relay = NULL;
	rcu_read_unlock();
	return relay;
}

/**
 * sluice_relay_take() - give a client to who asks for it
 * @net: its namespace
 * @id: its number
 * @back: set with success
 *
 * Context: may sleep.
 * Return: 0, -ENOENT without such a client, -EBUSY for one that is not to be taken,
 * or -ENOMEM.
 */
int sluice_relay_take(struct net *net, u64 id, struct sluice_relay_return *back)
{
	struct sluice_relay *relay = get(sluice_relay_net(net), id);
	struct sluice_end *client;
	struct file *file;
	int err = 0, was;

	if (!relay)
		return -ENOENT;
	/* The work leaves it alone while it is being taken. */
	was = atomic_cmpxchg(&relay->back, SLUICE_RELAY_BACK_OFFERED,
			     SLUICE_RELAY_BACK_TAKING);
	if (was != SLUICE_RELAY_BACK_OFFERED) {
		sluice_relay_put(relay);
		/* Or somebody else has it. */
		return was == SLUICE_RELAY_BACK_NOT ? -EBUSY : -ENOENT;
	}
	client = &relay->client;
	file = client->file;
	if (!file) {
		file = sock_alloc_file(client->sock, O_NONBLOCK, NULL);
		/* Which has released the socket. */
		if (IS_ERR(file))
			err = PTR_ERR(file);
	}
	if (!err) {
		back->file = file;
		back->service = relay->service;
		back->source = relay->source;
		back->source_family = relay->given ? relay->source_family : 0;
		back->tls = client->tls;
		back->length = sluice_end_unused(client);
		back->data = client->data + client->start;
		back->room = client->room;
		client->room.bv_page = NULL;
		client->data = NULL;
	}
	client->sock = NULL;
	client->file = NULL;
	atomic_set_release(&relay->back, SLUICE_RELAY_BACK_TAKEN);
	sluice_relay_run_once(relay);
	return err;
}

/**
 * sluice_relay_next() - tell of a client
 * @net: its namespace
 * @after: number of another one; 0 at the begin
 * @info: set to what is known of the first one behind it
 *
 * Return: false where there is none.
 */
bool sluice_relay_next(struct net *net, u64 after,
		       struct sluice_relay_info *info)
{
	struct sluice_relay_net *rn = sluice_relay_net(net);
	unsigned long index = after + 1;
	struct sluice_relay *relay;

	if (index != after + 1)
		return false;
	rcu_read_lock();
	relay = xa_find(&rn->relays, &index, ULONG_MAX, XA_PRESENT);
	if (relay)
		*info = (struct sluice_relay_info){
			.id = relay->id,
			.service = relay->service,
			.source = relay->source,
			.source_port = relay->source_port,
			.source_family = relay->source_family,
			.tls = relay->client.tls,
			.phase = READ_ONCE(relay->phase),
			.server_family = READ_ONCE(relay->with_family),
			.server = relay->with.addr,
			.server_port = relay->with.port,
			.requests = READ_ONCE(relay->requests),
			.bytes_client = READ_ONCE(relay->bytes_client),
			.bytes_server = READ_ONCE(relay->bytes_server),
			.age = jiffies64_to_msecs(jiffies - relay->began),
		};
	rcu_read_unlock();
	return relay;
}

/**
 * sluice_relay_kill() - end a client
 * @net: its namespace
 * @id: its number
 *
 * Context: may sleep; the client ends soon after.
 * Return: 0 or -ENOENT.
 */
int sluice_relay_kill(struct net *net, u64 id)
{
	struct sluice_relay *relay = get(sluice_relay_net(net), id);

	if (!relay)
		return -ENOENT;
	set_bit(SLUICE_RELAY_NOTE_KILL, &relay->notes);
	sluice_relay_run_once(relay);
	return 0;
}

/**
 * sluice_relay_lend() - lend the socket of a client that waits for keys
 * @net: its namespace
 * @id: its number
 *
 * Context: may sleep.
 * Return: its file, with a reference, or ERR_PTR(): -ENOENT without such a client,
 * -EBUSY where it does not wait for keys, or somebody else is setting them.
 */
struct file *sluice_relay_lend(struct net *net, u64 id)
{
	struct sluice_relay *relay = get(sluice_relay_net(net), id);
	struct file *file;

	if (!relay)
		return ERR_PTR(-ENOENT);
	file = sluice_rekey_lend(&relay->rekey);
	sluice_relay_put(relay);
	return file ?: ERR_PTR(-EBUSY);
}

/**
 * sluice_relay_rekeyed() - say what came of the keys of a client
 * @net: its namespace
 * @id: its number
 * @set: its socket has new ones; otherwise it gets none
 *
 * Context: may sleep.
 * Return: 0, -ENOENT without such a client, or -EBUSY where it does not wait for that.
 */
int sluice_relay_rekeyed(struct net *net, u64 id, bool set)
{
	struct sluice_relay *relay = get(sluice_relay_net(net), id);
	int err;

	if (!relay)
		return -ENOENT;
	err = sluice_rekey_end(&relay->rekey, set);
	sluice_relay_run_once(relay);
	return err;
}

/* Told by sluice.ko: some servers have to be left. Each client sees to it by itself. */
static bool leave(struct net *net)
{
	sluice_relay_note_all(sluice_relay_net(net), SLUICE_RELAY_NOTE_LEAVE);
	return false;
}

/* Told by sluice.ko: what was said of a service ends with it. */
static void gone(struct net *net, const struct sluice_service_key *key)
{
	sluice_relay_unconfigure(net, key);
}

const struct sluice_relay_ops sluice_relay_control = {
	.leave = leave,
	.gone = gone,
};

/**
 * sluice_relay_counted() - read a counter
 * @net: namespace
 * @what: which one
 *
 * Return: the count since the namespace or the module is there.
 */
u64 sluice_relay_counted(struct net *net, enum sluice_relay_counter what)
{
	const struct sluice_relay_net *rn = sluice_relay_net(net);
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += atomic64_read(&per_cpu_ptr(rn->counts, cpu)->counter[what]);
	return sum;
}

/**
 * sluice_relay_returned() - how many clients were given to the daemon
 * @net: namespace
 * @why: for which reason
 *
 * Return: the count.
 */
u64 sluice_relay_returned(struct net *net, enum sluice_relay_why why)
{
	return atomic64_read(&sluice_relay_net(net)->returned[why]);
}

/**
 * sluice_relay_clients() - how many clients are there
 * @net: namespace
 *
 * Return: the number, now.
 */
u32 sluice_relay_clients(struct net *net)
{
	return atomic_read(&sluice_relay_net(net)->count);
}
