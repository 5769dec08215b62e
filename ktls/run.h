/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_KTLS_RUN_H
#define _SLUICE_KTLS_RUN_H

#include <linux/inet.h>
#include <linux/percpu.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "end.h"
#include "exchange.h"
#include "rekey.h"
#include "relay.h"
#include "server.h"
#include "turn.h"
#include "../kmod/server.h"
#include "../kmod/sticky.h"

/**
 * struct sluice_relay_counts - what is counted on one CPU
 * @counter: by &enum sluice_relay_counter
 *
 * Other CPUs only read it, so that none waits for the others' cache lines. Atomic for
 * 32-bit hosts, and for tasks that go to another CPU in between.
 */
struct sluice_relay_counts {
	atomic64_t counter[SLUICE_RELAY_COUNTERS];
};

/**
 * struct sluice_relay_net - stratum relay in one network namespace
 * @net: the namespace; it owns this structure
 * @relays: clients by &sluice_relay.id; read under RCU
 * @next_id: number of the next client
 * @count: clients
 * @gone: woken when @count becomes 0
 * @closing: the namespace or the module goes: no new clients
 * @lock: protects @configs, @config_count, @config_changes and what changes of
 *	@config_table
 * @configs: settings of services, &struct sluice_relay_service
 * @config_table: the same by service; read under RCU
 * @config_count: how many there are
 * @config_changes: grows with each change of them, behind it; read without a lock
 * @key: of sticky cookies of services that were given none; random, never changed
 * @counts: each CPU's part of what is counted
 * @returned: clients that were given back, by &enum sluice_relay_why
 */
struct sluice_relay_net {
	struct net *net;
	struct xarray relays;
	atomic64_t next_id;
	atomic_t count;
	wait_queue_head_t gone;
	bool closing;
	struct mutex lock;	/* see above */
	struct list_head configs;
	struct rhashtable config_table;
	u32 config_count;
	u32 config_changes;
	u8 key[SLUICE_STICKY_SECRET_SIZE];
	struct sluice_relay_counts __percpu *counts;
	atomic64_t returned[SLUICE_RELAY_WHY_COUNT];
};

/**
 * enum sluice_relay_back - a client that waits for the daemon
 * @SLUICE_RELAY_BACK_NOT: it does not, or does not any more
 * @SLUICE_RELAY_BACK_OFFERED: it does
 * @SLUICE_RELAY_BACK_TAKING: it is being taken
 * @SLUICE_RELAY_BACK_TAKEN: the daemon has it
 */
enum sluice_relay_back {
	SLUICE_RELAY_BACK_NOT,
	SLUICE_RELAY_BACK_OFFERED,
	SLUICE_RELAY_BACK_TAKING,
	SLUICE_RELAY_BACK_TAKEN,
};

/* Why a connection has to look at itself: bits of &sluice_relay.notes. */
#define SLUICE_RELAY_NOTE_KILL 0
#define SLUICE_RELAY_NOTE_LEAVE 1

/**
 * struct sluice_relay - a client, and all that is done for it
 * @rn: its namespace
 * @turn: in it all is done; never runs twice at a time
 * @ref: one until it has ended, and one for each time the work is queued
 * @id: its number
 * @client: its socket
 * @rekey: how it changes its keys
 * @exchange: its request, or NULL between two
 * @servers: its connections to servers: the one in use, if any, is the first
 * @server_count: how many there are
 * @phase: &enum sluice_relay_phase
 * @there: its work may touch it: everything is set up, and it has not ended
 * @moved: @deadline has to be set anew
 * @soon: memory was short, and nothing will tell when it is not: look again soon
 * @why: why it is given back
 * @back: &enum sluice_relay_back, in state SLUICE_RELAY_PHASE_BACK
 * @notes: see above
 * @config: how its service is relayed, as it was when its last request began
 * @config_changes: &sluice_relay_net.config_changes of @config; 0 before a request
 * @service: its service
 * @source: its address
 * @source_port: its port, network byte order
 * @source_family: AF_INET or AF_INET6
 * @source_text: its address for people and servers
 * @source_length: of that
 * @given: its address was told when it was handed over
 * @with: server that has its request, or had the last one
 * @with_family: of its address; 0 between two requests
 * @requests: requests so far
 * @bytes_client: see &struct sluice_relay_info
 * @bytes_server: likewise
 * @acked: what its socket had acknowledged when that was last looked at
 * @began: jiffies when it came
 * @deadline: jiffies when it has been in its phase for too long
 * @timer: starts the work at @deadline, or earlier
 * @rcu: frees it
 *
 * Only @turn touches what is not said otherwise, and it alone locks its sockets. What is listed of it is read
 * without a lock, and may be of two moments.
 */
struct sluice_relay {
	struct sluice_relay_net *rn;
	struct sluice_turn turn;
	refcount_t ref;
	u64 id;
	struct sluice_end client;
	struct sluice_rekey rekey;
	struct sluice_exchange *exchange;
	struct list_head servers;
	u8 server_count;
	u8 phase;
	bool there;
	bool moved;
	bool soon;
	u8 why;
	atomic_t back;
	unsigned long notes;
	struct sluice_relay_config config;
	u32 config_changes;
	struct sluice_service_key service;
	union nf_inet_addr source;
	__be16 source_port;
	u8 source_family;
	char source_text[INET6_ADDRSTRLEN];
	u8 source_length;
	bool given;
	u8 with_family;
	struct sluice_server_key with;
	u64 requests;
	u64 bytes_client;
	u64 bytes_server;
	u32 acked;
	unsigned long began;
	unsigned long deadline;
	struct timer_list timer;
	struct rcu_head rcu;
};

void sluice_relay_run(struct sluice_relay *relay);
void sluice_relay_run_once(struct sluice_relay *relay);
void sluice_relay_put(struct sluice_relay *relay);
void sluice_relay_enter(struct sluice_relay *relay, enum sluice_relay_phase phase);
void sluice_relay_moved(struct sluice_relay *relay);
void sluice_relay_finish(struct sluice_relay *relay, bool reset);
enum sluice_step sluice_relay_return(struct sluice_relay *relay,
				     enum sluice_relay_why why);

int sluice_relay_add(struct sluice_relay_net *rn,
		     const struct sluice_relay_client *client,
		     const struct sluice_relay_config *config);
void sluice_relay_note_all(struct sluice_relay_net *rn, unsigned int note);

void sluice_relay_end_all(struct sluice_relay_net *rn);

int sluice_relay_configs_init(struct sluice_relay_net *rn);
void sluice_relay_configs_exit(struct sluice_relay_net *rn);
void sluice_relay_config_read(struct sluice_relay_net *rn,
			      const struct sluice_service_key *service,
			      struct sluice_relay_config *config);
void sluice_relay_config_renew(struct sluice_relay *relay);
void sluice_relay_config_key(struct sluice_relay_net *rn,
			     const struct sluice_service_key *service,
			     u8 key[SLUICE_STICKY_SECRET_SIZE]);

extern const struct sluice_relay_ops sluice_relay_control;
/* Runs what is done for clients, on the CPU where something happened to them. */
extern struct workqueue_struct *sluice_relay_queue;

struct sluice_relay_net *sluice_relay_net(const struct net *net);
int sluice_runs_init(void);
void sluice_runs_exit(void);

/**
 * sluice_relay_tally_many() - count something that happened to a client
 * @relay: the client
 * @what: what it was
 * @times: how often
 */
static inline void sluice_relay_tally_many(struct sluice_relay *relay,
					   enum sluice_relay_counter what,
					   u64 times)
{
	atomic64_add(times, &raw_cpu_ptr(relay->rn->counts)->counter[what]);
}

/**
 * sluice_relay_tally() - count something
 * @relay: the client it happened to
 * @what: what
 */
static inline void sluice_relay_tally(struct sluice_relay *relay,
				      enum sluice_relay_counter what)
{
	sluice_relay_tally_many(relay, what, 1);
}

#endif /* _SLUICE_KTLS_RUN_H */
