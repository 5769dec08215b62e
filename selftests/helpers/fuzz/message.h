/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request that can be taken apart before it is written. */
#ifndef _FUZZ_MESSAGE_H
#define _FUZZ_MESSAGE_H

#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/sluice.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATTRS 16
#define DATA 512
/* Lists in a message that there may be many of: conditions, sources, pools. */
#define PARTS 8
/* Most that put_message() writes. */
#define MESSAGE_MAX ((3 + PARTS) * ATTRS * (DATA + 4) + 64)

/* What an attribute is for: tells which values are certainly wrong. */
enum role {
	PROTOCOL,
	ADDRESS,
	PORT,
	POOL,
	NEW_POOL,
	SCHEDULER,
	FAMILY,
	FORWARD,
	WEIGHT,
	STATE,
	DEADLINE,
	REASON,
	FATE,
	SLOW_PATH,
	TIMEOUT,
	CONNECTIONS_MAX,
	RETRIES,
	STRATUM,
	PARSE,
	PROXY_PROTOCOL,
	/* Of a route; the one that is there, and one that is to be. */
	ROUTE,
	NEW_ROUTE,
	HOST,
	PATH,
	PATH_HOW,
	SHARE,
	SALT,
	ACTION,
	STATUS,
	WHAT,
	HOW,
	CONDITION_NAME,
	CONDITION_VALUE,
	/* A source's address, with a number of bits or without. */
	NETWORK,
	SOURCE,
	BITS,
	POOL_WEIGHT,
	/* Of a client of stratum relay. */
	CLIENT,
	FD,
	FLAG,
	PHASE,
	MASK,
	FEW,
	BINARY,
	/* In a filter any value is right, but not any length. */
	ANY_PROTOCOL,
	ANY_ADDRESS,
	ANY_PORT,
	NEST,
	OTHER,
};

struct attr {
	uint16_t type, length;
	enum role role;
	bool needed;
	/* How many bytes the length field says more than there are. */
	int lie;
	/* Of a nest: what it has in it instead of data. */
	struct list *inner;
	unsigned char data[DATA];
};

struct list {
	struct attr attr[ATTRS];
	int count;
	/* First type that the kernel does not know here. */
	int unknown;
};

struct message {
	uint8_t cmd;
	bool dump;
	uint16_t flags, reserved;
	uint8_t version;
	int parts;
	/* Of the payload: added after it, or cut from all of it. */
	unsigned int trailing, cut;
	struct list top, nest, match, part[PARTS];
};

/* What differs between the families of our modules. */
struct kind {
	const char *name;
	/* Requests that make() can make; all before the last @more are accepted. */
	int bases, more;
	void (*make)(struct message *m, int base);
	/* Commands that are events, and the greatest one. */
	const uint8_t *events;
	unsigned int event_count, last;
	/* Whether a command can be asked both for one and for all. */
	bool (*has_both)(uint8_t cmd);
	/* Make it one that does not fit what is there. */
	bool (*spoil_state)(struct message *m);
};

struct fault {
	const char *name;
	/* Return whether it could be made in this message. */
	bool (*make)(struct message *m);
	/* Found by the core, which does not say what it found. */
	bool mute;
};

extern const struct kind sluice_kind, relay_kind;
extern const struct kind *kind;
extern int family;
extern uint32_t sequence;
extern const struct fault faults[];
extern const unsigned int fault_count;

void seed(uint64_t value);
uint32_t rnd(uint32_t below);
struct attr *add(struct list *list, int type, enum role role, const void *data,
		 int length);
struct attr *add_u8(struct list *list, int type, enum role role, uint8_t v);
struct attr *add_u32(struct list *list, int type, enum role role, uint32_t v);
struct attr *add_address(struct list *list, int type, enum role role,
			 const char *text);
void add_key(struct list *list, const char *address);
struct attr *add_string(struct list *list, int type, enum role role,
			const char *text);
struct attr *add_nest(struct list *list, int type, struct list *inner);
struct list *add_part(struct message *m, struct list *list, int type);
struct list *some_list(struct message *m);
void make_base(struct message *m, int base);
bool spoil_state(struct message *m);
size_t put_message(unsigned char *to, const struct message *m);

/* A connected socket that a client can be handed over by. */
int client_socket(void);
/* Number of a client that was handed over. */
extern uint64_t client;

#endif /* _FUZZ_MESSAGE_H */
