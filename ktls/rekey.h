/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_KTLS_REKEY_H
#define _SLUICE_KTLS_REKEY_H

#include <linux/atomic.h>
#include <linux/types.h>

struct file;
struct netlink_ext_ack;
struct sluice_relay;
struct socket;

/* A KeyUpdate is a message of the handshake, RFC 8446 section 4.6.3. */
#define SLUICE_RECORD_HANDSHAKE 22
#define SLUICE_HANDSHAKE_KEY_UPDATE 24
#define SLUICE_KEY_UPDATE_SIZE 5

/**
 * enum sluice_rekey_state - how far a change of keys has come
 * @SLUICE_REKEY_NOT: there is none
 * @SLUICE_REKEY_ROOM: there has to be room for a record of ours first
 * @SLUICE_REKEY_ASKED: the daemon was asked
 * @SLUICE_REKEY_LENT: it has the socket, to set keys
 * @SLUICE_REKEY_SET: they are set
 * @SLUICE_REKEY_NONE: there will not be any
 * @SLUICE_REKEY_LATE: nor is the daemon waited for, which had the socket
 *
 * The work goes to the first three and to the last one, and from the last three; the
 * daemon to the others. From SLUICE_REKEY_ASKED on the work leaves the socket alone: whoever
 * borrows it may lock it for as long as it likes.
 */
enum sluice_rekey_state {
	SLUICE_REKEY_NOT,
	SLUICE_REKEY_ROOM,
	SLUICE_REKEY_ASKED,
	SLUICE_REKEY_LENT,
	SLUICE_REKEY_SET,
	SLUICE_REKEY_NONE,
	SLUICE_REKEY_LATE,
};

/**
 * struct sluice_rekey - how a client changes its keys
 * @state: &enum sluice_rekey_state
 * @file: of the client's socket, with a reference, for who borrows it; NULL where it
 *	is not to be had. Taken by xchg() only
 * @port: netlink socket whose owner has the secrets, or 0 where nobody does
 * @keys: number by which that knows the client
 * @requested: the client wants us to change ours
 * @left: changes that it may make at once
 * @refilled: jiffies when @left was last added to
 * @deadline: jiffies when an answer is late, or when to look again whether nobody has
 *	the socket any more
 *
 * But for @state and @file only the work of the client touches what changes.
 */
struct sluice_rekey {
	atomic_t state;
	struct file *file;
	u32 port;
	u64 keys;
	bool requested;
	u8 left;
	unsigned long refilled;
	unsigned long deadline;
};

int sluice_rekey_can(struct socket *sock, struct netlink_ext_ack *extack);
void sluice_rekey_init(struct sluice_rekey *rekey, u32 port, u64 keys);
void sluice_rekey_exit(struct sluice_rekey *rekey);
int sluice_rekey_begin(struct sluice_relay *relay, bool requested);
struct file *sluice_rekey_lend(struct sluice_rekey *rekey);
int sluice_rekey_end(struct sluice_rekey *rekey, bool set);
int sluice_rekey_look(struct sluice_relay *relay, bool over);
unsigned long sluice_rekey_deadline(const struct sluice_relay *relay,
				    unsigned long deadline);

#endif /* _SLUICE_KTLS_REKEY_H */
