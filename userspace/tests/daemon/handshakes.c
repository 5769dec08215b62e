// SPDX-License-Identifier: GPL-2.0-or-later
/* Handshakes: in turns by source, bounded in time and number. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../ktap.h"
#include "proxy/handshakes.h"

#define MS 1000000UL

struct entry {
	struct handshake handshake;
	char source;
};

static struct ktap ktap;
static struct loop *loop;
static struct handshakes *queue;
static uint64_t now;
static uint64_t cost;
static char order[256];
static size_t done;
static unsigned int dropped;
static struct entry *to_free;

static uint64_t clock_of_test(void)
{
	return now;
}

static void run(struct handshake *handshake)
{
	struct entry *entry = loop_owner(handshake, struct entry, handshake);

	order[done++] = entry->source;
	order[done] = '\0';
	now += cost;
	if (to_free) {
		handshakes_del(queue, &to_free->handshake);
		free(to_free);
		to_free = NULL;
	}
}

static void drop(struct handshake *handshake)
{
	(void)handshake;
	dropped++;
}

static int add(struct entry *entry, char source, const char *address)
{
	struct sluice_address from = { .family = AF_INET6 };

	memset(entry, 0, sizeof(*entry));
	entry->handshake.run = run;
	entry->handshake.drop = drop;
	entry->source = source;
	if (inet_pton(AF_INET6, address, &from.v6) != 1) {
		from.family = AF_INET;
		inet_pton(AF_INET, address, &from.v4);
	}
	return handshakes_add(queue, &entry->handshake, &from);
}

static void begin(size_t max, uint64_t each)
{
	now = 0;
	cost = each;
	done = 0;
	order[0] = '\0';
	dropped = 0;
	loop = loop_create(clock_of_test);
	queue = handshakes_create(loop, max);
}

static void end(void)
{
	handshakes_free(queue);
	loop_free(loop);
}

static void check_order(const char *expect, const char *name)
{
	if (strcmp(order, expect) != 0)
		printf("# got %s instead of %s\n", order, expect);
	ktap_result(&ktap, strcmp(order, expect) == 0, name);
}

static void check_turns(void)
{
	struct entry e[9];

	begin(100, 1);
	for (int i = 0; i < 5; i++)
		add(&e[i], 'a', "10.0.0.1");
	add(&e[5], 'b', "10.0.0.2");
	add(&e[6], 'c', "2001:db8::1");
	add(&e[7], 'd', "2001:db8:0:1::1");
	add(&e[8], 'b', "::ffff:10.0.0.2");
	check_order("", "nothing is run before the end of the turn");
	loop_turn(loop, 0);
	check_order("abcdabaaa", "one of each source in turns");
	end();

	begin(100, 1);
	add(&e[0], 'a', "2001:db8::1");
	add(&e[1], 'a', "2001:db8::2");
	add(&e[2], 'a', "2001:db8::ffff:1:2:3");
	add(&e[3], 'b', "2001:db8:0:1::1");
	loop_turn(loop, 0);
	check_order("abaa", "a /64 is one source");
	end();
}

static void check_time(void)
{
	struct entry e[10];
	bool good = true;

	begin(100, HANDSHAKES_TURN_NS / 2);
	for (int i = 0; i < 10; i++)
		add(&e[i], 'a', "10.0.0.1");
	for (size_t i = 1; i <= 5; i++) {
		loop_turn(loop, -1);
		good &= done == 2 * i &&
			handshakes_waiting(queue) == 10 - 2 * i;
	}
	ktap_result(&ktap, good,
		    "a turn has a bounded time, and the next one goes on");
	end();

	begin(100, 100 * MS);
	add(&e[0], 'a', "10.0.0.1");
	add(&e[1], 'b', "10.0.0.2");
	loop_turn(loop, 0);
	check_order("a", "one is run however long it takes");
	end();
}

static void check_bounds(void)
{
	struct entry e[12];
	bool good = true;

	begin(10, 1);
	for (int i = 0; i < 10; i++)
		good &= add(&e[i], 'a', "10.0.0.1") == 0;
	good &= add(&e[10], 'a', "10.0.0.1") == -ENOBUFS && !dropped;
	ktap_result(&ktap, good, "the source that has most gets no more");
	good = add(&e[11], 'b', "10.0.0.2") == 0 && dropped == 1 &&
	       !e[9].handshake.waits && handshakes_waiting(queue) == 10;
	ktap_result(&ktap, good, "and has one dropped for another source");
	loop_turn(loop, 0);
	check_order("abaaaaaaaa", "all others are run");
	end();
}

static void check_removal(void)
{
	struct entry e[4], *freed = malloc(sizeof(*freed));

	begin(100, 1);
	add(&e[0], 'a', "10.0.0.1");
	add(&e[1], 'b', "10.0.0.1");
	add(&e[2], 'c', "10.0.0.1");
	add(&e[3], 'd', "10.0.0.2");
	handshakes_add(queue, &e[0].handshake,
		       &(struct sluice_address){ .family = AF_INET });
	handshakes_del(queue, &e[1].handshake);
	handshakes_del(queue, &e[3].handshake);
	handshakes_del(queue, &e[3].handshake);
	loop_turn(loop, 0);
	check_order("ac",
		    "what is removed is not run, what is added twice is once");
	add(&e[0], 'a', "10.0.0.1");
	add(freed, 'f', "10.0.0.3");
	to_free = freed;
	loop_turn(loop, 0);
	check_order("aca", "one may be freed by another");
	end();
}

int main(void)
{
	ktap_begin();
	check_turns();
	check_time();
	check_bounds();
	check_removal();
	return ktap_end(&ktap);
}
