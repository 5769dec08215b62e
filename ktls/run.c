// SPDX-License-Identifier: GPL-2.0
/*
 * A client of stratum relay, from the moment it is handed over to its end. All that is
 * done for it is done by one work item, one thing after the other: so nothing of it
 * needs a lock, and no two sockets are ever locked at a time. What happens on its
 * sockets, and its timer, only start the work.
 */

#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <uapi/linux/tls.h>

#include "room.h"
#include "run.h"
#include "server.h"
#include "../kmod/compat.h"
#include "../kmod/relay.h"

/* Milliseconds for the last bytes, and for the daemon to take what is its. */
#define CLOSING_TIME 5000
#define BACK_TIME 5000

/* Steps and reads after which others get a turn. */
#define STEPS_MAX 64
#define DISCARDS_MAX 64

struct workqueue_struct *sluice_relay_queue;
static struct kmem_cache *relays;

/**
 * sluice_relay_put() - give a reference back
 * @relay: the client
 */
void sluice_relay_put(struct sluice_relay *relay)
{
	if (refcount_dec_and_test(&relay->ref))
		kfree_rcu(relay, rcu);
}

/**
 * sluice_relay_run_once() - look at a client soon
 * @relay: the client, with a reference, which is given back
 *
 * Context: any.
 */
void sluice_relay_run_once(struct sluice_relay *relay)
{
	if (!sluice_turn_ask(&relay->turn))
		sluice_relay_put(relay);
}

/**
 * sluice_relay_run() - look at a client soon
 * @relay: the client, which has not ended, or whose work this is
 *
 * Context: any.
 */
void sluice_relay_run(struct sluice_relay *relay)
{
	refcount_inc(&relay->ref);
	sluice_relay_run_once(relay);
}

static u32 time_of(const struct sluice_relay *relay)
{
	const struct sluice_relay_config *config = &relay->config;

	switch (relay->phase) {
	case SLUICE_RELAY_PHASE_IDLE:
		return relay->requests ? config->timeout_idle :
					 config->timeout_head;
	case SLUICE_RELAY_PHASE_HEAD:
		return config->timeout_head;
	case SLUICE_RELAY_PHASE_CONNECTING:
		return config->timeout_connect;
	case SLUICE_RELAY_PHASE_WAITING:
		return relay->exchange->up.ended ? config->timeout_response :
						   config->timeout_body;
	case SLUICE_RELAY_PHASE_BODY:
		return config->timeout_body;
	case SLUICE_RELAY_PHASE_TUNNEL:
		/* The other side knows that it is over, and should say so. */
		if (relay->exchange->up.ended || relay->exchange->down.ended)
			return config->timeout_body;
		return config->timeout_tunnel;
	case SLUICE_RELAY_PHASE_BACK:
		return BACK_TIME;
	default:
		return relay->client.shut ? CLOSING_TIME : config->timeout_body;
	}
}

/**
 * sluice_relay_moved() - begin to count the time of a phase anew
 * @relay: the client; its time begins with the end of this turn
 */
void sluice_relay_moved(struct sluice_relay *relay)
{
	relay->moved = true;
}

/* One turn may go through many phases: the time of the last one counts. */
static void set_deadline(struct sluice_relay *relay)
{
	if (!relay->moved)
		return;
	relay->moved = false;
	relay->deadline = jiffies + msecs_to_jiffies(time_of(relay));
}

/**
 * sluice_relay_enter() - go to another phase
 * @relay: the client
 * @phase: what it does from now on
 */
void sluice_relay_enter(struct sluice_relay *relay, enum sluice_relay_phase phase)
{
	WRITE_ONCE(relay->phase, phase);
	sluice_relay_moved(relay);
}

/* The timer is moved to earlier times only: most deadlines are never reached. */
static void arm(struct sluice_relay *relay)
{
	unsigned long at = sluice_rekey_deadline(relay, relay->deadline);

	if (relay->soon && time_before(jiffies + SLUICE_END_RETRY, at))
		at = jiffies + SLUICE_END_RETRY;
	if (!timer_pending(&relay->timer) ||
	    time_before(at, relay->timer.expires))
		mod_timer(&relay->timer, at);
}

static void ring(struct timer_list *timer)
{
	sluice_relay_run(container_of(timer, struct sluice_relay, timer));
}

/* The namespace may go when there are none left, but not before a grace period. */
static void uncount(struct sluice_relay_net *rn)
{
	rcu_read_lock();
	if (atomic_dec_and_test(&rn->count))
		wake_up_all(&rn->gone);
	rcu_read_unlock();
}

/**
 * sluice_relay_finish() - end a client
 * @relay: the client; not to be touched afterwards, but by its own work
 * @reset: its peers are to know that something went wrong
 *
 * Context: the work of @relay.
 */
void sluice_relay_finish(struct sluice_relay *relay, bool reset)
{
	struct sluice_relay_net *rn = relay->rn;

	relay->there = false;
	timer_shutdown_sync(&relay->timer);
	sluice_exchange_end(relay);
	sluice_relay_servers_close(relay);
	sluice_end_close(&relay->client, reset);
	sluice_rekey_exit(&relay->rekey);
	if (relay->rekey.port)
		sluice_relay_nl_gone(rn->net, relay->rekey.port, relay->id,
				     relay->rekey.keys);
	xa_erase(&rn->relays, relay->id);
	sluice_relay_put(relay);
	/* What is left of the work is waited for by sluice_runs_exit(). */
	module_put(THIS_MODULE);
	uncount(rn);
}

/**
 * sluice_relay_return() - give a client to the daemon
 * @relay: the client; nothing of its request was passed on
 * @why: why
 *
 * Where nobody listens it is answered with status 501.
 *
 * Return: what comes next.
 */
enum sluice_step sluice_relay_return(struct sluice_relay *relay,
				     enum sluice_relay_why why)
{
	sluice_exchange_end(relay);
	sluice_relay_servers_close(relay);
	sluice_end_detach(&relay->client);
	relay->why = why;
	sluice_relay_enter(relay, SLUICE_RELAY_PHASE_BACK);
	atomic_set_release(&relay->back, SLUICE_RELAY_BACK_OFFERED);
	if (!sluice_relay_nl_back(relay->rn->net, relay->id, why,
				  &relay->service)) {
		atomic64_inc(&relay->rn->returned[why]);
		return SLUICE_STEP_WAIT;
	}
	/* Somebody may have found it in a list meanwhile. */
	if (atomic_cmpxchg(&relay->back, SLUICE_RELAY_BACK_OFFERED,
			   SLUICE_RELAY_BACK_NOT) != SLUICE_RELAY_BACK_OFFERED)
		return SLUICE_STEP_WAIT;
	sluice_end_attach(&relay->client, relay->client.sock,
			  relay->client.file);
	return sluice_relay_answer(relay, 501);
}

/* Send the last bytes, say so, and wait for the client to have read them. */
static enum sluice_step close_step(struct sluice_relay *relay)
{
	struct sluice_exchange *x = relay->exchange;
	bool was_shut = relay->client.shut;
	int err = 0, i;

	if (x)
		err = sluice_end_write(&relay->client, &x->to_client);
	if (!err)
		err = sluice_end_shutdown(&relay->client);
	if (err == -EAGAIN)
		return SLUICE_STEP_WAIT;
	if (relay->client.shut && !was_shut)
		sluice_relay_moved(relay);
	for (i = 0; !err && i < DISCARDS_MAX; i++) {
		err = sluice_end_discard(&relay->client);
		if (err == -EAGAIN)
			return SLUICE_STEP_WAIT;
		if (err > 0)
			err = 0;
		else if (!err)
			err = -ENOTCONN;
	}
	if (!err)
		return SLUICE_STEP_YIELD;
	sluice_relay_finish(relay, !relay->client.shut);
	return SLUICE_STEP_GONE;
}

/* Did the client take something since it was last asked? */
static bool advanced(struct sluice_relay *relay)
{
	u32 acked = READ_ONCE(tcp_sk(relay->client.sock->sk)->snd_una);
	bool has = acked != relay->acked;

	relay->acked = acked;
	return has;
}

/*
 * The daemon is to take it. Who is just doing so starts the work when it is done;
 * until then the client is not to be touched.
 */
static enum sluice_step look_back(struct sluice_relay *relay)
{
	bool late = time_after_eq(jiffies, relay->deadline);
	bool killed = test_bit(SLUICE_RELAY_NOTE_KILL, &relay->notes);

	if (atomic_read_acquire(&relay->back) == SLUICE_RELAY_BACK_TAKEN) {
		sluice_relay_finish(relay, false);
		return SLUICE_STEP_GONE;
	}
	if (late)
		relay->deadline = jiffies + HZ;
	if ((!late && !killed) ||
	    atomic_cmpxchg(&relay->back, SLUICE_RELAY_BACK_OFFERED,
			   SLUICE_RELAY_BACK_NOT) != SLUICE_RELAY_BACK_OFFERED)
		return SLUICE_STEP_WAIT;
	sluice_end_attach(&relay->client, relay->client.sock, relay->client.file);
	if (late)
		sluice_relay_tally(relay, SLUICE_RELAY_COUNT_TIMEOUTS);
	sluice_relay_finish(relay, true);
	return SLUICE_STEP_GONE;
}

static enum sluice_step step(struct sluice_relay *relay)
{
	switch (relay->phase) {
	case SLUICE_RELAY_PHASE_IDLE:
	case SLUICE_RELAY_PHASE_HEAD:
		return sluice_request_read(relay);
	case SLUICE_RELAY_PHASE_CONNECTING:
		return sluice_request_connect(relay);
	case SLUICE_RELAY_PHASE_WAITING:
		return sluice_response_read(relay);
	case SLUICE_RELAY_PHASE_BODY:
		return sluice_response_move(relay);
	case SLUICE_RELAY_PHASE_TUNNEL:
		return sluice_tunnel_move(relay);
	default:
		return close_step(relay);
	}
}

/* It has been in its phase for too long. */
static enum sluice_step late(struct sluice_relay *relay)
{
	if (relay->phase == SLUICE_RELAY_PHASE_IDLE) {
		sluice_relay_enter(relay, SLUICE_RELAY_PHASE_CLOSING);
		return SLUICE_STEP_AGAIN;
	}
	/* The last bytes may be many, for a client that is slow. */
	if (relay->phase == SLUICE_RELAY_PHASE_CLOSING && !relay->client.shut &&
	    advanced(relay)) {
		sluice_relay_moved(relay);
		return SLUICE_STEP_AGAIN;
	}
	if (relay->phase != SLUICE_RELAY_PHASE_CLOSING)
		sluice_relay_tally(relay, SLUICE_RELAY_COUNT_TIMEOUTS);
	switch (relay->phase) {
	case SLUICE_RELAY_PHASE_HEAD:
		return sluice_relay_answer(relay, 408);
	case SLUICE_RELAY_PHASE_CONNECTING:
		return sluice_request_again(relay, 504);
	case SLUICE_RELAY_PHASE_WAITING:
		if (!relay->exchange->answered)
			return sluice_relay_answer(relay,
						   relay->exchange->up.ended ?
							   504 : 408);
		fallthrough;
	default:
		/* What was not sent to its end is not to look as if it was. */
		sluice_relay_finish(relay, !relay->client.shut);
		return SLUICE_STEP_GONE;
	}
}

static enum sluice_step gone(struct sluice_relay *relay)
{
	sluice_relay_finish(relay, true);
	return SLUICE_STEP_GONE;
}

static enum sluice_step look(struct sluice_relay *relay)
{
	enum sluice_step next = SLUICE_STEP_AGAIN;
	int err, i;
	bool over;

	/* Pairs with smp_store_release() in sluice_relay_add(). */
	if (!smp_load_acquire(&relay->there))
		return SLUICE_STEP_GONE;
	if (relay->phase == SLUICE_RELAY_PHASE_BACK)
		return look_back(relay);
	relay->soon = false;
	over = test_bit(SLUICE_RELAY_NOTE_KILL, &relay->notes) ||
	       READ_ONCE(relay->client.sock->sk->sk_err);
	err = relay->client.rekeying ? sluice_rekey_look(relay, over) : 0;
	if (err == -EAGAIN)
		return SLUICE_STEP_WAIT;
	if (over || err)
		return gone(relay);
	sluice_end_push(&relay->client);
	if (test_and_clear_bit(SLUICE_RELAY_NOTE_LEAVE, &relay->notes) &&
	    sluice_relay_servers_leave(relay)) {
		/* What was not sent yet may go to another one. */
		if (!relay->exchange->sent)
			next = sluice_request_again(relay, 503);
		else
			return gone(relay);
	}
	if (next == SLUICE_STEP_AGAIN &&
	    time_after_eq(jiffies, relay->deadline))
		next = late(relay);
	for (i = 0; next == SLUICE_STEP_AGAIN && i < STEPS_MAX; i++)
		next = step(relay);
	return next == SLUICE_STEP_AGAIN ? SLUICE_STEP_YIELD : next;
}

static void run(struct sluice_turn *turn)
{
	struct sluice_relay *relay = container_of(turn, struct sluice_relay, turn);

	switch (look(relay)) {
	case SLUICE_STEP_GONE:
		break;
	case SLUICE_STEP_YIELD:
		set_deadline(relay);
		sluice_relay_run(relay);
		break;
	default:
		set_deadline(relay);
		arm(relay);
	}
	sluice_turn_over(turn);
	sluice_relay_put(relay);
}

static void tell_source(struct sluice_relay *relay)
{
	char *text = relay->source_text;
	size_t size = sizeof(relay->source_text);

	relay->source_length = relay->source_family == AF_INET ?
		scnprintf(text, size, "%pI4", &relay->source.ip) :
		scnprintf(text, size, "%pI6c", &relay->source.in6);
}

static void find_source(struct sluice_relay *relay, const struct sock *sk)
{
	relay->source_port = sk->sk_dport;
	relay->source_family = AF_INET;
	if (sk->sk_family == AF_INET) {
		relay->source.ip = sk->sk_daddr;
	} else if (ipv6_addr_v4mapped(&sk->sk_v6_daddr)) {
		relay->source.ip = sk->sk_v6_daddr.s6_addr32[3];
	} else {
		relay->source_family = AF_INET6;
		relay->source.in6 = sk->sk_v6_daddr;
	}
}

/*
 * kTLS may decrypt TLS 1.3 to where it is wanted where it expects no padding. A record
 * that has some all the same costs it a second try, and is right.
 */
static void expect_no_padding(struct socket *sock)
{
	int on = 1;

	READ_ONCE(sock->ops)->setsockopt(sock, SOL_TLS, TLS_RX_EXPECT_NO_PAD,
					 KERNEL_SOCKPTR(&on), sizeof(on));
}

/**
 * sluice_relay_add() - begin with a client
 * @rn: its namespace
 * @client: what is told of it; its bytes are copied, its file is taken over
 * @config: how its service is relayed
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, -ENOSPC where there are sluice_relay_clients_max(), which is
 * counted, -ESHUTDOWN where the namespace or the module goes, or what
 * &sluice_relay_client.own says.
 */
int sluice_relay_add(struct sluice_relay_net *rn,
		     const struct sluice_relay_client *client,
		     const struct sluice_relay_config *config)
{
	struct sluice_relay *relay;
	struct bio_vec room;
	int err = -ENOMEM;

	relay = kmem_cache_zalloc(relays, GFP_KERNEL_ACCOUNT);
	if (!relay)
		return -ENOMEM;
	relay->rn = rn;
	relay->id = atomic64_inc_return(&rn->next_id);
	relay->config = *config;
	relay->service = client->service;
	relay->began = jiffies;
	refcount_set(&relay->ref, 1);
	sluice_turn_init(&relay->turn);
	INIT_LIST_HEAD(&relay->servers);
	timer_setup(&relay->timer, ring, 0);
	sluice_end_init(&relay->client, relay);
	relay->client.tls = client->tls;
	sluice_rekey_init(&relay->rekey, client->keys_port, client->keys);
	if (client->length) {
		if (!sluice_room_get(&room, client->length))
			goto err_relay;
		memcpy(sluice_room_data(&room), client->data, client->length);
		sluice_end_hold(&relay->client, &room);
	}
	find_source(relay, client->sock->sk);
	if (client->source_family) {
		relay->given = true;
		relay->source = client->source;
		relay->source_family = client->source_family;
	}
	tell_source(relay);

	err = -ESHUTDOWN;
	if (!try_module_get(THIS_MODULE))
		goto err_data;
	err = -ENOSPC;
	if ((u32)atomic_inc_return(&rn->count) >
	    sluice_relay_clients_max(rn->net)) {
		sluice_relay_tally(relay, SLUICE_RELAY_COUNT_REFUSED);
		goto err_count;
	}
	err = -ESHUTDOWN;
	/* Behind the count, as sluice_relay_end_all() reads that behind it. */
	if (READ_ONCE(rn->closing))
		goto err_count;
	if (relay->id != (unsigned long)relay->id)
		goto err_count;	/* the last one of a 32-bit host, after 4 billion */
	err = xa_reserve(&rn->relays, relay->id, GFP_KERNEL_ACCOUNT);
	if (err)
		goto err_count;
	err = client->own ? client->own(client, relay->id) : 0;
	if (err)
		goto err_reserved;
	/* There is room for it. */
	xa_store(&rn->relays, relay->id, relay, 0);
	sluice_relay_enter(relay, SLUICE_RELAY_PHASE_IDLE);
	set_deadline(relay);
	sluice_relay_tally(relay, SLUICE_RELAY_COUNT_CLIENTS);
	if (client->tls)
		expect_no_padding(client->sock);
	sluice_end_attach(&relay->client, client->sock, client->file);
	/*
	 * Its work, which whoever finds it may have started, leaves it alone so far.
	 * From now on it may be gone at any time, but not before this reference.
	 */
	refcount_inc(&relay->ref);
	/* Pairs with smp_load_acquire() in look(). */
	smp_store_release(&relay->there, true);
	sluice_relay_run_once(relay);
	return 0;

err_reserved:
	xa_release(&rn->relays, relay->id);
err_count:
	uncount(rn);
	module_put(THIS_MODULE);
err_data:
	sluice_room_put(&relay->client.room);
err_relay:
	kmem_cache_free(relays, relay);
	return err;
}

/**
 * sluice_relay_note_all() - tell all clients to look at themselves
 * @rn: their namespace
 * @note: SLUICE_RELAY_NOTE_KILL or SLUICE_RELAY_NOTE_LEAVE
 *
 * Context: may sleep.
 */
void sluice_relay_note_all(struct sluice_relay_net *rn, unsigned int note)
{
	struct sluice_relay *relay;
	unsigned long id;

	rcu_read_lock();
	xa_for_each(&rn->relays, id, relay) {
		if (!refcount_inc_not_zero(&relay->ref))
			continue;
		set_bit(note, &relay->notes);
		sluice_relay_run_once(relay);
		if (need_resched()) {
			rcu_read_unlock();
			cond_resched();
			rcu_read_lock();
		}
	}
	rcu_read_unlock();
}

/**
 * sluice_relay_end_all() - end all clients, and wait until they have gone
 * @rn: their namespace, where no new ones come any more
 *
 * Context: may sleep.
 */
void sluice_relay_end_all(struct sluice_relay_net *rn)
{
	WRITE_ONCE(rn->closing, true);
	/* Pairs with atomic_inc_return() in sluice_relay_add(). */
	smp_mb();
	do {
		sluice_relay_note_all(rn, SLUICE_RELAY_NOTE_KILL);
	} while (!wait_event_timeout(rn->gone, !atomic_read(&rn->count), HZ / 10));
	/* Who made it 0 is done with @rn, too. */
	synchronize_rcu();
}

/**
 * sluice_runs_init() - prepare for clients
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_runs_init(void)
{
	int err = -ENOMEM;

	relays = KMEM_CACHE(sluice_relay, SLAB_HWCACHE_ALIGN);
	if (!relays)
		return err;
	sluice_relay_queue = alloc_workqueue("sluice_relay", SLUICE_WQ_PERCPU, 0);
	if (!sluice_relay_queue)
		goto err_relays;
	err = sluice_turns_init(sluice_relay_queue, run);
	if (err)
		goto err_queue;
	return 0;

err_queue:
	destroy_workqueue(sluice_relay_queue);
err_relays:
	kmem_cache_destroy(relays);
	return err;
}

/**
 * sluice_runs_exit() - undo sluice_runs_init()
 *
 * All clients have ended; what is left of their work is waited for.
 */
void sluice_runs_exit(void)
{
	sluice_turns_exit();
	rcu_barrier();
	kmem_cache_destroy(relays);
}
