// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Weighted round robin: in as many picks as the sum of the weights, each server is
 * chosen as often as its weight says, and its turns are spread evenly over them
 * (sluice/turns.h).
 *
 * A server that is passed over loses its turn, so that it is not chosen many times
 * in a row to make up for it when it is usable again.
 */
#include <errno.h>
#include <stdlib.h>

#include <sluice/turns.h>

#include "balance_parts.h"

/* Servers that are taken out of the heap in a search, before all are looked at. */
#define ASIDE_MAX 16
/* Time goes back to 0 before sums of it could run over. */
#define TIME_MAX ((uint64_t)1 << 48)

/**
 * struct wrr - state
 * @balance: what every scheduler has
 * @turns: heap of the servers with a weight
 * @live: how many
 * @now: when the last one that was chosen was due; others can only be due before
 *	it if they were not usable
 * @before: for wrr_weights(), by server
 */
struct wrr {
	struct balance balance;
	struct sluice_turn *turns;
	uint32_t live;
	uint64_t now;
	struct sluice_turn *before;
};

static int wrr_init(struct balance *balance)
{
	struct wrr *wrr = (struct wrr *)balance;
	size_t count = (size_t)balance->count + 1;

	wrr->turns = calloc(count, sizeof(*wrr->turns));
	wrr->before = calloc(count, sizeof(*wrr->before));
	return wrr->turns && wrr->before ? 0 : -ENOMEM;
}

static void wrr_exit(struct balance *balance)
{
	struct wrr *wrr = (struct wrr *)balance;

	free(wrr->turns);
	free(wrr->before);
}

/* How long from now until a turn. */
static uint64_t time_left(const struct wrr *wrr, const struct sluice_turn *turn)
{
	return turn->due > wrr->now ? turn->due - wrr->now : 0;
}

/*
 * What a server of another weight has waited of its period remains: changes that
 * come often, as in slow start, neither favour nor starve it. The first turns of
 * new ones are spread by the golden ratio.
 */
static int wrr_weights(struct balance *balance)
{
	struct wrr *wrr = (struct wrr *)balance;
	uint32_t phase = (uint32_t)balance_number(balance), weight, i;

	for (i = 0; i < balance->count; i++)
		wrr->before[i].weight = 0;
	for (i = 0; i < wrr->live; i++)
		wrr->before[wrr->turns[i].index] = wrr->turns[i];
	wrr->live = 0;
	for (i = 0; i < balance->count; i++) {
		const struct sluice_turn *before = &wrr->before[i];
		struct sluice_turn *turn = &wrr->turns[wrr->live];

		weight = balance_weight(balance, i);
		if (!weight)
			continue;
		wrr->live++;
		if (before->weight == weight) {
			*turn = *before;
			continue;
		}
		turn->index = i;
		turn->order = i;
		sluice_turn_init(turn, weight, phase + i * 0x9e3779b9U);
		if (before->weight) {
			turn->due = time_left(wrr, before) * before->weight /
				    weight;
			turn->carry = 0;
		}
		turn->due += wrr->now;
	}
	sluice_turns_arrange(wrr->turns, wrr->live);
	return 0;
}

static void restart_time(struct wrr *wrr)
{
	for (uint32_t i = 0; i < wrr->live; i++)
		wrr->turns[i].due = time_left(wrr, &wrr->turns[i]);
	wrr->now = 0;
	sluice_turns_arrange(wrr->turns, wrr->live);
}

/* Ends the turn, and all that would have been up to now. */
static void end_turns(const struct wrr *wrr, struct sluice_turn *turn)
{
	uint64_t missed, carry;

	sluice_turn_end(turn);
	if (turn->due > wrr->now)
		return;
	missed = (wrr->now - turn->due) / turn->period + 1;
	carry = turn->carry + missed * turn->rest;
	turn->due += missed * turn->period + carry / turn->weight;
	turn->carry = (uint32_t)(carry % turn->weight);
}

/* Return: where in the heap the usable server is that is due first, or @count. */
static uint32_t find_usable(const struct wrr *wrr, uint32_t count,
			    const struct balance_ask *ask)
{
	uint32_t best = count, i;

	for (i = 0; i < count; i++) {
		if (best < count && wrr->turns[i].due >= wrr->turns[best].due)
			continue;
		if (balance_may(&wrr->balance, ask, wrr->turns[i].index))
			best = i;
	}
	return best;
}

/*
 * Those that are passed over go behind the end of the heap until it is known when
 * the one is due that is chosen. Where many are, the others are searched through,
 * and lose their turns when they are chosen the next time.
 */
static int wrr_pick(struct balance *balance, const struct balance_ask *ask)
{
	struct wrr *wrr = (struct wrr *)balance;
	struct sluice_turn *turns = wrr->turns, first;
	uint32_t count = wrr->live, found = 0;
	int picked = -1;

	while (count && !balance_may(balance, ask, turns[0].index)) {
		first = turns[0];
		turns[0] = turns[--count];
		turns[count] = first;
		sluice_turns_sink(turns, count, 0);
		if (wrr->live - count == ASIDE_MAX) {
			found = find_usable(wrr, count, ask);
			break;
		}
	}
	if (found < count) {
		picked = (int)turns[found].index;
		if (turns[found].due > wrr->now)
			wrr->now = turns[found].due;
		end_turns(wrr, &turns[found]);
		sluice_turns_sink(turns, count, found);
	}
	for (; count < wrr->live; count++) {
		if (picked >= 0 && turns[count].due <= wrr->now)
			end_turns(wrr, &turns[count]);
		sluice_turns_rise(turns, count);
	}
	if (wrr->now > TIME_MAX)
		restart_time(wrr);
	return picked;
}

const struct balance_scheduler balance_wrr = {
	.size = sizeof(struct wrr),
	.init = wrr_init,
	.exit = wrr_exit,
	.weights = wrr_weights,
	.pick = wrr_pick,
};
