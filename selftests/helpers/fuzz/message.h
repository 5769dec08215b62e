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
#define BASES 31

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

struct fault {
	const char *name;
	/* Return whether it could be made in this message. */
	bool (*make)(struct message *m);
	/* Found by the core, which does not say what it found. */
	bool mute;
};

extern int family;
extern uint32_t sequence;
extern const struct fault faults[];
extern const unsigned int fault_count;

void seed(uint64_t value);
uint32_t rnd(uint32_t below);
struct attr *add(struct list *list, int type, enum role role, const void *data,
		 int length);
struct attr *add_string(struct list *list, int type, enum role role,
			const char *text);
struct attr *add_nest(struct list *list, int type, struct list *inner);
struct list *add_part(struct message *m, struct list *list, int type);
struct list *some_list(struct message *m);
void make_base(struct message *m, int base);
size_t put_message(unsigned char *to, const struct message *m);

#endif /* _FUZZ_MESSAGE_H */
