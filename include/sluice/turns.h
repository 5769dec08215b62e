/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns in proportion to weights: who is next has the earliest due time in a binary
 * heap, and is due again after a time that is inverse to his weight. Over
 * SLUICE_TURNS_CYCLE of that time, everybody has exactly as many turns as his
 * weight says, spread evenly, for a cost of O(log n) each.
 */
#ifndef SLUICE_TURNS_H
#define SLUICE_TURNS_H

#include <sluice/types.h>

/* The time in which each has as many turns as its weight. */
#define SLUICE_TURNS_CYCLE 0xffffffffU

/**
 * struct sluice_turn - one of those who take turns, an element of the heap
 * @due: When it is next.
 * @carry: By what part of a unit it is due later, in parts of @weight, so that no
 *	rounding adds up.
 * @weight: Turns in a cycle, from 1.
 * @period: From turn to turn, rounded down.
 * @rest: What that leaves out, in parts of @weight.
 * @order: Who comes first of those that are due at one time.
 * @index: Of whom.
 */
struct sluice_turn {
	u64 due;
	u32 carry;
	u32 weight;
	u32 period;
	u32 rest;
	u32 order;
	u32 index;
};

/**
 * sluice_turn_init() - Fill in one with its first turn.
 * @turn: With @index and @order filled in.
 * @weight: From 1.
 * @phase: Any number: what part of its period, in parts of 2^32, the first turn
 *	is behind time 0. Where phases are spread, turns of equals are, too.
 */
static inline void sluice_turn_init(struct sluice_turn *turn, u32 weight,
				    u32 phase)
{
	/* Less than a cycle, for the first turn to be within the first period. */
	phase -= phase == SLUICE_TURNS_CYCLE;
	turn->weight = weight;
	turn->period = SLUICE_TURNS_CYCLE / weight;
	turn->rest = SLUICE_TURNS_CYCLE % weight;
	turn->due = phase / weight;
	turn->carry = phase % weight;
}

/**
 * sluice_turn_end() - Its turn is over: set when it is due next.
 * @turn: To be put in its place by sluice_turns_sink().
 */
static inline void sluice_turn_end(struct sluice_turn *turn)
{
	turn->due += turn->period;
	turn->carry += turn->rest;
	if (turn->carry >= turn->weight) {
		turn->carry -= turn->weight;
		turn->due++;
	}
}

/**
 * sluice_turns_arrange() - Make a heap.
 * @turns: Array in any order.
 * @count: Its length.
 */
void sluice_turns_arrange(struct sluice_turn *turns, u32 count);

/**
 * sluice_turns_sink() - Put an element in its place that is due later than before.
 * @turns: The heap: the first is next.
 * @count: Its length.
 * @at: Where the element is.
 */
void sluice_turns_sink(struct sluice_turn *turns, u32 count, u32 at);

/**
 * sluice_turns_rise() - Put an element in its place that may be due earlier.
 * @turns: The heap; it ends at @at or behind it.
 * @at: Where the element is.
 */
void sluice_turns_rise(struct sluice_turn *turns, u32 at);

#endif /* SLUICE_TURNS_H */
