/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_HOLD_H
#define _SLUICE_HOLD_H

#include <linux/percpu_counter.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "stats.h"
#include "table.h"
#include "tcp_option.h"
#include "tuple.h"

struct sluice_net;

/* Most bytes of a client that are held, and the window it is told. */
#define SLUICE_HELD_MAX 16384
/* Gaps in what is held, at most. */
#define SLUICE_HELD_GAPS 4
/* Longest header of the PROXY protocol, version 2, without additions. */
#define SLUICE_PREFIX_MAX 52

/**
 * enum sluice_phase - how far a client is that has no server yet
 * @SLUICE_PHASE_HEAD: its head is not complete
 * @SLUICE_PHASE_CONNECTING: a server was sent a SYN
 * @SLUICE_PHASE_HANDING_OVER: the server answered, and has not acknowledged all
 *	that it can get only from here
 * @SLUICE_PHASE_ANSWERED: the client got an answer from here
 * @SLUICE_PHASE_OVER: nothing is to be done any more
 */
enum sluice_phase {
	SLUICE_PHASE_HEAD,
	SLUICE_PHASE_CONNECTING,
	SLUICE_PHASE_HANDING_OVER,
	SLUICE_PHASE_ANSWERED,
	SLUICE_PHASE_OVER,
};

/**
 * struct sluice_range - a part of the client's stream
 * @start: first byte
 * @end: the byte after it
 */
struct sluice_range {
	u32 start;
	u32 end;
};

/**
 * struct sluice_hold - a client that shook hands with us, and what it has sent
 * @link: in &sluice_hold_table.hash
 * @tuple: client to service; never changes
 * @sn: its namespace
 * @ref: held by the table, and by the timer while it is pending
 * @timer: see &enum sluice_phase: time-outs and repetitions
 * @rcu: frees it after the last reader
 * @home: the list that @list is in
 * @list: by age
 * @begun: when it came, in jiffies; never changes
 * @lock: protects what follows
 * @phase: how far it is
 * @view: what the packet or time-out goes by that is being handled, of sluice_view()
 * @parse: &enum sluice_parse of its service, as it was at the beginning
 * @cleared: the server was told that an earlier connection is over
 * @server_stamps: the server has agreed to timestamps
 * @options: what client and service agreed on; @options.timestamp and
 *	@options.echo are the latest of the client
 * @isn: initial sequence number of the client; byte 0 of its stream is the next
 * @cookie: our initial sequence number
 * @ack: what the client acknowledges, a number of ours
 * @window: latest window of the client, as in its header
 * @tos: of its last packet
 * @mark: of its last packet
 * @data: bytes of its stream, from byte 0; SLUICE_HELD_MAX at most
 * @size: room in @data
 * @have: bytes from byte 0 that are there
 * @gap: what is there behind, in order, unused ones with @end 0
 * @fin: where the stream ends, U32_MAX while that is not known
 * @acked: bytes that the client was told have arrived
 * @parsed: bytes that @parser has seen
 * @head: length of the head, once it is known
 * @answer: length of the answer that @data has in SLUICE_PHASE_ANSWERED
 * @is_head: the request is one whose answer has no body
 * @delayed: the client is to be told of what has arrived at the next time-out
 * @parser: how far the head was read; NULL where nothing has to be kept
 * @prefix: sent ahead of byte 0
 * @prefix_length: its length; the bytes of it are numbered from below zero
 * @sent: next byte to send to the server, or of the answer to the client
 * @una: first byte that the receiver has not acknowledged
 * @server_window: bytes that the server takes from @una on
 * @server_mss: bytes of data of one segment
 * @deadline: when the phase ends, in jiffies
 * @interval: until the next repetition, in jiffies
 * @tries: servers tried
 * @server: id of the last server tried
 */
struct sluice_hold {
	struct sluice_table_node link;
	struct sluice_tuple tuple;
	struct sluice_net *sn;
	refcount_t ref;
	struct timer_list timer;
	struct rcu_head rcu;
	struct sluice_hold_list *home;
	struct list_head list;
	unsigned long begun;
	spinlock_t lock;	/* see above */
	u8 phase;
	u8 view;
	u8 parse;
	u8 tos;
	u8 tries;
	u8 prefix_length;
	bool is_head;
	bool delayed;
	bool cleared;
	bool server_stamps;
	struct sluice_tcp_options options;
	u32 isn;
	u32 cookie;
	u32 ack;
	u32 mark;
	u16 window;
	u16 server_mss;
	u8 *data;
	void *parser;
	u32 size;
	u32 have;
	struct sluice_range gap[SLUICE_HELD_GAPS];
	u32 fin;
	u32 acked;
	u32 parsed;
	u32 head;
	u32 answer;
	s32 sent;
	s32 una;
	u32 server_window;
	u32 interval;
	unsigned long deadline;
	u64 server;
	u8 prefix[SLUICE_PREFIX_MAX];
};

/**
 * struct sluice_hold_list - the clients that one CPU began to hold
 * @lock: protects @list; taken inside &sluice_hold.lock
 * @list: by age
 */
struct sluice_hold_list {
	spinlock_t lock;	/* see above */
	struct list_head list;
};

/**
 * struct sluice_hold_table - the clients of a namespace that have no server yet
 * @hash: by tuple
 * @started: the rest is there, since the first service was made
 * @closing: the namespace goes; nothing is sent any more
 * @lists: by CPU
 * @bytes: memory that they take
 * @count: how many there are
 */
struct sluice_hold_table {
	struct sluice_table hash;
	bool started;
	bool closing;
	struct sluice_hold_list __percpu *lists;
	struct percpu_counter bytes;
	struct percpu_counter count;
};

int sluice_holds_init(void);
void sluice_holds_exit(void);
int sluice_hold_table_start(struct sluice_net *sn);
void sluice_hold_table_fit(struct sluice_net *sn);
void sluice_hold_table_stop(struct sluice_net *sn);
void sluice_hold_table_exit(struct sluice_net *sn);

struct sluice_hold *sluice_hold_lookup(struct sluice_net *sn,
				       const struct sluice_tuple *tuple);
struct sluice_hold *sluice_hold_new(struct sluice_net *sn,
				    const struct sluice_tuple *tuple,
				    void (*timer)(struct timer_list *timer));
int sluice_hold_add(struct sluice_hold *hold);
void sluice_hold_end(struct sluice_hold *hold);
void sluice_hold_put(struct sluice_hold *hold);
struct sluice_hold *sluice_hold_oldest(struct sluice_net *sn);
bool sluice_hold_is_full(struct sluice_net *sn);
void sluice_hold_arm(struct sluice_hold *hold, unsigned long when);
bool sluice_hold_store(struct sluice_hold *hold, u32 start, const struct sk_buff *skb,
		       unsigned int offset, u32 length);
void *sluice_hold_alloc(struct sluice_hold *hold, size_t size);
void sluice_hold_free(struct sluice_hold *hold, void *memory);

#endif /* _SLUICE_HOLD_H */
