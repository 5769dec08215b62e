/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name that is looked up: what the parts of the resolver share. */
#ifndef DAEMON_RESOLVER_NAME_H
#define DAEMON_RESOLVER_NAME_H

#include <stdbool.h>

#include "records.h"

struct resolver_lookup;
struct resolver_srv;

/**
 * struct resolver_name - one name, kind and port
 * @resolver: whose it is
 * @text: in small letters, without the last dot
 * @resolve: enum config_resolve
 * @port: of its addresses
 * @answer: the last; its addresses are owned, its problem is @problem or NULL
 * @answered: whether there is one
 * @trouble: of @answer
 * @problem: the same in words
 * @failures: lookups in a row without a good answer
 * @timer: when it is due
 * @lookup: in flight, or NULL
 * @waiting: due, in the resolver's queue
 * @waits: entry there
 * @untold: @answer has changed, in the resolver's list of those
 * @changed: entry there
 * @srv: what an SRV name has, else NULL
 * @watches: who is told
 * @cursor: who is told next
 * @entry: in the resolver's list of all
 * @free: frees it when nobody can be in a callback of it any more
 */
struct resolver_name {
	struct resolver *resolver;
	char text[RESOLVER_NAME_SIZE];
	int resolve;
	uint16_t port;
	struct resolver_answer answer;
	bool answered;
	enum resolver_trouble trouble;
	char problem[RESOLVER_PROBLEM_SIZE];
	unsigned int failures;
	struct wheel_timer timer;
	struct resolver_lookup *lookup;
	bool waiting;
	TAILQ_ENTRY(resolver_name) waits;
	bool untold;
	TAILQ_ENTRY(resolver_name) changed;
	struct resolver_srv *srv;
	LIST_HEAD(, resolver_watch) watches;
	struct resolver_watch *cursor;
	LIST_ENTRY(resolver_name) entry;
	struct loop_task free;
};

/**
 * resolver_name_answer() - this is known of a name now
 * @name: name
 * @records: with the port of @name in all addresses; emptied. Without addresses
 *	those from before stay.
 *
 * Who watches it is told at the end of the turn, if it makes a difference.
 */
void resolver_name_answer(struct resolver_name *name,
			  struct resolver_records *records);

/**
 * resolver_name_given() - an answer that came without a question
 * @name: name
 * @records: emptied
 *
 * As good as a lookup: one that is due or in flight is not needed any more.
 */
void resolver_name_given(struct resolver_name *name,
			 struct resolver_records *records);

/**
 * resolver_loop() - where a resolver runs
 * @resolver: resolver
 *
 * Return: the loop
 */
struct loop *resolver_loop(const struct resolver *resolver);

#endif /* DAEMON_RESOLVER_NAME_H */
