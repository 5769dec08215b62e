// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "handshakes.h"

/* A power of two: sources with the same number share their turn. */
#define SOURCES 1024
#define NONE UINT32_MAX

/**
 * struct source - handshakes of clients with the same number
 * @first: waits longest
 * @last: came last
 * @count: how many wait
 * @next: in the ring
 * @in_ring: it has a turn to come; it may have nothing left by then
 */
struct source {
	struct handshake *first;
	struct handshake *last;
	uint32_t count;
	uint32_t next;
	bool in_ring;
};

/**
 * struct handshakes - handshakes that wait
 * @loop: of the worker
 * @task: runs them
 * @seed: of the hash
 * @max: so many may wait
 * @waiting: so many do
 * @first: source whose turn is next, or NONE
 * @last: of the ring
 * @sources: by number
 */
struct handshakes {
	struct loop *loop;
	struct loop_task task;
	uint64_t seed[2];
	size_t max;
	size_t waiting;
	uint32_t first;
	uint32_t last;
	struct source sources[SOURCES];
};

static void ring_add(struct handshakes *handshakes, uint32_t number)
{
	struct source *source = &handshakes->sources[number];

	if (source->in_ring)
		return;
	source->in_ring = true;
	source->next = NONE;
	if (handshakes->first == NONE)
		handshakes->first = number;
	else
		handshakes->sources[handshakes->last].next = number;
	handshakes->last = number;
}

/* The next source that has something. One does. */
static uint32_t ring_take(struct handshakes *handshakes)
{
	struct source *source;
	uint32_t number;

	do {
		number = handshakes->first;
		source = &handshakes->sources[number];
		handshakes->first = source->next;
		source->in_ring = false;
	} while (!source->count);
	return number;
}

void handshakes_del(struct handshakes *handshakes, struct handshake *handshake)
{
	struct source *source;

	if (!handshake->waits)
		return;
	source = &handshakes->sources[handshake->source];
	if (handshake->previous)
		handshake->previous->next = handshake->next;
	else
		source->first = handshake->next;
	if (handshake->next)
		handshake->next->previous = handshake->previous;
	else
		source->last = handshake->previous;
	source->count--;
	handshakes->waiting--;
	handshake->waits = false;
}

static void run(struct loop_task *task)
{
	struct handshakes *handshakes =
		loop_owner(task, struct handshakes, task);
	uint64_t end = loop_clock(handshakes->loop) + HANDSHAKES_TURN_NS;

	while (handshakes->waiting) {
		uint32_t number = ring_take(handshakes);
		struct source *source = &handshakes->sources[number];
		struct handshake *handshake = source->first;

		handshakes_del(handshakes, handshake);
		if (source->count)
			ring_add(handshakes, number);
		handshake->run(handshake);
		if (loop_clock(handshakes->loop) >= end)
			break;
	}
	if (handshakes->waiting)
		loop_task_add(handshakes->loop, task);
}

struct handshakes *handshakes_create(struct loop *loop, size_t max)
{
	struct handshakes *handshakes = calloc(1, sizeof(*handshakes));

	if (!handshakes)
		return NULL;
	if (getrandom(handshakes->seed, sizeof(handshakes->seed), 0) !=
	    sizeof(handshakes->seed)) {
		free(handshakes);
		errno = EIO;
		return NULL;
	}
	handshakes->loop = loop;
	handshakes->task.run = run;
	handshakes->max = max;
	handshakes->first = NONE;
	return handshakes;
}

void handshakes_free(struct handshakes *handshakes)
{
	if (!handshakes)
		return;
	loop_task_del(handshakes->loop, &handshakes->task);
	free(handshakes);
}

static uint64_t mix(uint64_t value, uint64_t seed)
{
	value ^= seed;
	value *= UINT64_C(0xff51afd7ed558ccd);
	value ^= value >> 32;
	value *= UINT64_C(0xc4ceb9fe1a85ec53);
	return value ^ value >> 29;
}

/* An IPv4 address is the same client in its IPv6 form. */
static uint32_t number_of(const struct handshakes *handshakes,
			  const struct sluice_address *address)
{
	uint32_t v4 = address->v4.s_addr;
	uint64_t key;

	if (address->family != AF_INET && IN6_IS_ADDR_V4MAPPED(&address->v6))
		memcpy(&v4, &address->v6.s6_addr[12], sizeof(v4));
	else if (address->family != AF_INET)
		v4 = 0;
	if (v4)
		key = v4;
	else
		memcpy(&key, &address->v6, sizeof(key));
	key = mix(mix(key, handshakes->seed[0]), handshakes->seed[1]);
	return (uint32_t)(key % SOURCES);
}

/* Make room by what is fair. Return: whether there is some. */
static bool drop_one(struct handshakes *handshakes, uint32_t number)
{
	struct source *most = &handshakes->sources[number];
	struct handshake *victim;

	for (size_t i = 0; i < SOURCES; i++)
		if (handshakes->sources[i].count > most->count)
			most = &handshakes->sources[i];
	if (most == &handshakes->sources[number])
		return false;
	victim = most->last;
	handshakes_del(handshakes, victim);
	victim->drop(victim);
	return true;
}

int handshakes_add(struct handshakes *handshakes, struct handshake *handshake,
		   const struct sluice_address *address)
{
	uint32_t number = number_of(handshakes, address);
	struct source *source = &handshakes->sources[number];

	if (handshake->waits)
		return 0;
	if (handshakes->waiting >= handshakes->max &&
	    !drop_one(handshakes, number))
		return -ENOBUFS;
	handshake->source = number;
	handshake->waits = true;
	handshake->next = NULL;
	handshake->previous = source->last;
	if (source->last)
		source->last->next = handshake;
	else
		source->first = handshake;
	source->last = handshake;
	source->count++;
	handshakes->waiting++;
	ring_add(handshakes, number);
	loop_task_add(handshakes->loop, &handshakes->task);
	return 0;
}

size_t handshakes_waiting(const struct handshakes *handshakes)
{
	return handshakes->waiting;
}
