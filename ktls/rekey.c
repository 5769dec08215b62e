// SPDX-License-Identifier: GPL-2.0
/*
 * A client of TLS 1.3 changes its keys (KeyUpdate, RFC 8446 section 4.6.3). Its next
 * ones are made of a secret that the daemon has: it is asked, borrows the socket, and
 * sets them. Until then nothing more of the client is read; nor is anything sent to
 * it, where the client wants new keys for that, too. Then all goes on where it was.
 *
 * The daemon sets them by a system call of its own, since kTLS copies keys in a way
 * that hardened kernels complain of where they are not in the memory of a process.
 */

#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <net/sock.h>
#include <net/tls.h>

#include "rekey.h"
#include "run.h"

/* Milliseconds in which the daemon has to answer. */
#define ANSWER_TIME 5000

/*
 * Changes that a client may make at once, and milliseconds for one more. Each of them
 * costs a process of ours a wake-up; whoever means it makes one in gigabytes.
 */
#define CHANGES_MAX 16
#define CHANGE_TIME 5000

/*
 * Whether this kernel changes keys, from 6.14 on or wherever it was brought to: one
 * that does not says EBUSY to whatever comes second; others look at the version,
 * which is wrong here. They count that as an error: so it is asked once.
 */
static bool is_able(struct socket *sock)
{
	static int able;	/* 1 or -1 when it is known, of every socket */
	struct tls_crypto_info none = {};
	int known = READ_ONCE(able);

	if (known)
		return known > 0;
	switch (READ_ONCE(sock->ops)->setsockopt(sock, SOL_TLS, TLS_RX,
						 KERNEL_SOCKPTR(&none),
						 sizeof(none))) {
	case -EINVAL:
		WRITE_ONCE(able, 1);
		return true;
	case -EBUSY:
		WRITE_ONCE(able, -1);
		fallthrough;
	default:
		return false;
	}
}

/**
 * sluice_rekey_can() - can the keys of a socket be changed?
 * @sock: with kTLS by software in both directions
 * @extack: gets what is wrong
 *
 * Context: may sleep.
 * Return: 0, -EINVAL for another version than TLS 1.3, or -EOPNOTSUPP for this
 * kernel.
 */
int sluice_rekey_can(struct socket *sock, struct netlink_ext_ack *extack)
{
	struct sock *sk = sock->sk;
	u16 version;

	lock_sock(sk);
	version = tls_get_ctx(sk)->crypto_recv.info.version;
	release_sock(sk);
	if (version != TLS_1_3_VERSION) {
		NL_SET_ERR_MSG(extack, "keys are changed in TLS 1.3 only");
		return -EINVAL;
	}
	if (!is_able(sock)) {
		NL_SET_ERR_MSG(extack,
			       "this kernel cannot change keys: leave keys-port and keys out");
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * sluice_rekey_init() - say who has a client's secrets
 * @rekey: all zero
 * @port: netlink socket, or 0 where nobody has them
 * @keys: number by which its owner knows them
 */
void sluice_rekey_init(struct sluice_rekey *rekey, u32 port, u64 keys)
{
	rekey->port = port;
	rekey->keys = keys;
	rekey->left = CHANGES_MAX;
	rekey->refilled = jiffies;
}

/**
 * sluice_rekey_exit() - the socket is not to be borrowed any more
 * @rekey: of a client; one that is being borrowed right now stays with who does so
 *
 * Context: any.
 */
void sluice_rekey_exit(struct sluice_rekey *rekey)
{
	struct file *file = xchg(&rekey->file, NULL);

	if (file)
		fput(file);
}

/* A flood of changes has no purpose but to keep us busy. */
static bool may_change(struct sluice_rekey *rekey)
{
	unsigned long more = (jiffies - rekey->refilled) /
			     msecs_to_jiffies(CHANGE_TIME);

	if (more) {
		rekey->left = min_t(unsigned long, rekey->left + more, CHANGES_MAX);
		rekey->refilled += more * msecs_to_jiffies(CHANGE_TIME);
	}
	if (!rekey->left)
		return false;
	rekey->left--;
	return true;
}

/* All goes on; @err is what is read from now on, or 0. */
static void resume(struct sluice_relay *relay, int err)
{
	sluice_rekey_exit(&relay->rekey);
	atomic_set(&relay->rekey.state, SLUICE_REKEY_NOT);
	relay->client.rekeying = false;
	relay->client.held = false;
	if (err)
		relay->client.error = err;
}

/* Whoever borrows the socket can send a record at once: nothing else is sent. */
static void ask(struct sluice_relay *relay)
{
	struct sluice_rekey *rekey = &relay->rekey;

	if (rekey->requested && !sluice_end_has_room(&relay->client))
		return;
	rekey->deadline = jiffies + msecs_to_jiffies(ANSWER_TIME);
	xchg(&rekey->file, get_file(relay->client.file));
	/* Pairs with atomic_cmpxchg() in sluice_rekey_lend(). */
	atomic_set_release(&rekey->state, SLUICE_REKEY_ASKED);
	if (sluice_relay_nl_key_update(relay->rn->net, rekey->port, relay->id,
				       rekey->keys, rekey->requested))
		/* Nobody hears it; but somebody may have borrowed it all the same. */
		atomic_cmpxchg(&rekey->state, SLUICE_REKEY_ASKED,
			       SLUICE_REKEY_NONE);
}

/**
 * sluice_rekey_begin() - a client has changed its keys
 * @relay: the client, which speaks TLS
 * @requested: it wants us to change ours, too
 *
 * Context: the work of @relay.
 * Return: 0: nothing is read until sluice_rekey_look() has come to an end;
 * -EKEYEXPIRED where there will not be new keys, or -EPROTO where there were too many.
 */
int sluice_rekey_begin(struct sluice_relay *relay, bool requested)
{
	struct sluice_rekey *rekey = &relay->rekey;

	/* What comes while it is closed is not wanted anyway. */
	if (!rekey->port || relay->phase == SLUICE_RELAY_PHASE_CLOSING)
		return -EKEYEXPIRED;
	if (!may_change(rekey))
		return -EPROTO;
	/* Behind close_notify there is nothing that other keys would be for. */
	rekey->requested = requested && !relay->client.notified;
	relay->client.rekeying = true;
	relay->client.held = rekey->requested;
	atomic_set(&rekey->state, SLUICE_REKEY_ROOM);
	/* To ask in another turn: the rest of this one may need the socket. */
	sluice_relay_run(relay);
	return 0;
}

/**
 * sluice_rekey_lend() - lend the socket of a client that waits for keys
 * @rekey: of a client with a reference
 *
 * Context: any.
 * Return: its file, with a reference, or NULL where it does not wait, or somebody
 * else has borrowed it.
 */
struct file *sluice_rekey_lend(struct sluice_rekey *rekey)
{
	struct file *file = xchg(&rekey->file, NULL);

	if (!file)
		return NULL;
	if (atomic_cmpxchg(&rekey->state, SLUICE_REKEY_ASKED,
			   SLUICE_REKEY_LENT) == SLUICE_REKEY_ASKED)
		return file;
	fput(file);
	return NULL;
}

/**
 * sluice_rekey_end() - the daemon has answered
 * @rekey: of a client with a reference, whose work is to be started afterwards
 * @set: the socket, which was lent, has new keys
 *
 * Context: any.
 * Return: 0, or -EBUSY where it does not wait for that.
 */
int sluice_rekey_end(struct sluice_rekey *rekey, bool set)
{
	int to = set ? SLUICE_REKEY_SET : SLUICE_REKEY_NONE;

	if (atomic_cmpxchg(&rekey->state, SLUICE_REKEY_LENT, to) ==
	    SLUICE_REKEY_LENT)
		return 0;
	if (!set && atomic_cmpxchg(&rekey->state, SLUICE_REKEY_ASKED, to) ==
			    SLUICE_REKEY_ASKED)
		return 0;
	return -EBUSY;
}

/*
 * Does anybody still have the socket, of those who could borrow it? Without a descriptor
 * nobody gets one any more.
 */
static bool is_lent(const struct sluice_relay *relay)
{
	long ours = 1 + !!READ_ONCE(relay->rekey.file);

	return file_count(relay->client.file) > ours;
}

/**
 * sluice_rekey_look() - go on where the daemon has answered, or does not
 * @relay: a client whose keys are being changed
 * @over: it is to be ended as soon as may be
 *
 * Context: the work of @relay; may sleep.
 * Return: 0 where the socket is ours, -EAGAIN where it may be somebody else's: then it is
 * not to be touched; or -EPIPE where it is ours, and nothing can be sent any more.
 */
int sluice_rekey_look(struct sluice_relay *relay, bool over)
{
	struct sluice_rekey *rekey = &relay->rekey;
	int state;

	if (atomic_read(&rekey->state) == SLUICE_REKEY_ROOM) {
		if (!over)
			ask(relay);
		if (atomic_read(&rekey->state) == SLUICE_REKEY_ROOM)
			return 0;
	}
	if (over || time_after_eq(jiffies, rekey->deadline)) {
		atomic_cmpxchg(&rekey->state, SLUICE_REKEY_ASKED,
			       SLUICE_REKEY_NONE);
		atomic_cmpxchg(&rekey->state, SLUICE_REKEY_LENT,
			       SLUICE_REKEY_LATE);
	}
	state = atomic_read_acquire(&rekey->state);
	if (state == SLUICE_REKEY_ASKED || state == SLUICE_REKEY_LENT)
		return -EAGAIN;
	/* From here on nobody can borrow it. Who has it does not say when it has not. */
	if (is_lent(relay)) {
		rekey->deadline = jiffies + HZ;
		return -EAGAIN;
	}
	resume(relay, state == SLUICE_REKEY_SET ? 0 : -EKEYEXPIRED);
	/* What was done to what is sent is not known. */
	if (state == SLUICE_REKEY_LATE && rekey->requested)
		return -EPIPE;
	if (state != SLUICE_REKEY_SET)
		return 0;
	relay->client.rekeyed = true;
	sluice_relay_tally(relay, SLUICE_RELAY_COUNT_KEY_UPDATES);
	return 0;
}

/**
 * sluice_rekey_deadline() - when to look at a client again
 * @relay: the client
 * @deadline: jiffies when it has to be looked at otherwise
 *
 * Context: the work of @relay.
 * Return: jiffies: @deadline, or while its socket is left alone, when that is over.
 */
unsigned long sluice_rekey_deadline(const struct sluice_relay *relay,
				    unsigned long deadline)
{
	const struct sluice_rekey *rekey = &relay->rekey;

	/* Whoever answers starts the work. */
	if (!relay->client.rekeying ||
	    atomic_read(&rekey->state) == SLUICE_REKEY_ROOM)
		return deadline;
	return rekey->deadline;
}
