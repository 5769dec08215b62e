// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "wheel.h"

/* How far the last level reaches; what is later waits in its last slot. */
#define REACH ((uint64_t)1 << (WHEEL_LEVELS * WHEEL_BITS))

void wheel_init(struct wheel *wheel, uint64_t now)
{
	memset(wheel, 0, sizeof(*wheel));
	wheel->tick = now;
}

static void push(struct wheel_timer **head, struct wheel_timer *timer)
{
	timer->next = *head;
	timer->link = head;
	if (timer->next)
		timer->next->link = &timer->next;
	*head = timer;
}

static void unlink_timer(struct wheel_timer *timer)
{
	*timer->link = timer->next;
	if (timer->next)
		timer->next->link = timer->link;
	timer->link = NULL;
}

static void insert(struct wheel *wheel, struct wheel_timer *timer)
{
	uint64_t at = timer->at, delta;
	unsigned int level = 0, shift = 0, slot;

	if (at <= wheel->tick)
		at = wheel->tick + 1;
	delta = at - wheel->tick;
	if (delta >= REACH) {
		delta = REACH - 1;
		at = wheel->tick + delta;
	}
	while (delta >> (shift + WHEEL_BITS)) {
		level++;
		shift += WHEEL_BITS;
	}
	slot = (at >> shift) % WHEEL_SLOTS;
	timer->visit = at >> shift << shift;
	push(&wheel->slots[level][slot], timer);
	wheel->used[level][slot / 64] |= (uint64_t)1 << slot % 64;
}

void wheel_set(struct wheel *wheel, struct wheel_timer *timer, uint64_t at)
{
	timer->at = at;
	/* It is moved on when the wheel comes to where it is. */
	if (timer->link && at >= timer->visit)
		return;
	wheel_del(wheel, timer);
	insert(wheel, timer);
}

void wheel_del(struct wheel *wheel, struct wheel_timer *timer)
{
	struct wheel_timer **head = timer->link;
	struct wheel_timer **first = &wheel->slots[0][0];

	if (!head)
		return;
	unlink_timer(timer);
	/* The last one in its slot: what pointed to it is the slot itself. */
	if (!*head && head >= first &&
	    head < first + (size_t)WHEEL_LEVELS * WHEEL_SLOTS) {
		size_t slot = (size_t)(head - first);

		wheel->used[slot / WHEEL_SLOTS][slot % WHEEL_SLOTS / 64] &=
			~((uint64_t)1 << slot % 64);
	}
}

/* Return: how many slots after @from the next used one is, 1 to 256; 0: none. */
static unsigned int distance(const uint64_t *used, unsigned int from)
{
	unsigned int start = (from + 1) % WHEEL_SLOTS;
	unsigned int word = start / 64;
	uint64_t bits = used[word] & (~(uint64_t)0 << start % 64);
	unsigned int slot;

	/* The word of the start comes again at the end, for what is before. */
	for (unsigned int i = 0; i <= WHEEL_WORDS; i++) {
		if (bits) {
			slot = word * 64 + (unsigned int)__builtin_ctzll(bits);
			return (slot - start) % WHEEL_SLOTS + 1;
		}
		word = (word + 1) % WHEEL_WORDS;
		bits = used[word];
	}
	return 0;
}

/* When the wheel comes to the next slot that is not empty. */
static uint64_t next_slot(const struct wheel *wheel)
{
	uint64_t next = WHEEL_NEVER;

	for (unsigned int level = 0; level < WHEEL_LEVELS; level++) {
		unsigned int shift = level * WHEEL_BITS;
		uint64_t at = wheel->tick >> shift;
		unsigned int slots;

		slots = distance(wheel->used[level],
				 (unsigned int)(at % WHEEL_SLOTS));
		if (slots && (at + slots) << shift < next)
			next = (at + slots) << shift;
	}
	return next;
}

uint64_t wheel_next(const struct wheel *wheel)
{
	return wheel->due ? wheel->tick : next_slot(wheel);
}

/* The slot of @level that begins at the wheel's time is spread, or is due. */
static void empty_slot(struct wheel *wheel, unsigned int level)
{
	unsigned int slot = (wheel->tick >> (level * WHEEL_BITS)) % WHEEL_SLOTS;
	struct wheel_timer *timer = wheel->slots[level][slot], *next;

	wheel->slots[level][slot] = NULL;
	wheel->used[level][slot / 64] &= ~((uint64_t)1 << slot % 64);
	for (; timer; timer = next) {
		next = timer->next;
		if (timer->at <= wheel->tick)
			push(&wheel->due, timer);
		else
			insert(wheel, timer);
	}
}

void wheel_advance(struct wheel *wheel, uint64_t now)
{
	uint64_t next;

	while ((next = next_slot(wheel)) <= now) {
		wheel->tick = next;
		for (unsigned int level = WHEEL_LEVELS; level-- > 0;)
			if (next % ((uint64_t)1 << level * WHEEL_BITS) == 0)
				empty_slot(wheel, level);
	}
	if (now > wheel->tick)
		wheel->tick = now;
}

struct wheel_timer *wheel_pop(struct wheel *wheel)
{
	struct wheel_timer *timer;

	while ((timer = wheel->due)) {
		unlink_timer(timer);
		if (timer->at <= wheel->tick)
			return timer;
		/* Moved back while it was due. */
		insert(wheel, timer);
	}
	return NULL;
}
