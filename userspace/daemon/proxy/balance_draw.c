// SPDX-License-Identifier: GPL-2.0-or-later
/* Servers drawn at random by their weights. */
#include <errno.h>
#include <stdlib.h>

#include "balance_draw.h"

/* Draws until all servers are looked at, since many of them are not usable. */
#define DRAWS 16

int balance_draw_init(struct balance *balance)
{
	struct balance_draw *draw = (struct balance_draw *)balance;

	draw->lots = calloc((size_t)balance->count + 1, sizeof(*draw->lots));
	return draw->lots ? 0 : -ENOMEM;
}

void balance_draw_exit(struct balance *balance)
{
	free(((struct balance_draw *)balance)->lots);
}

int balance_draw_weights(struct balance *balance)
{
	struct balance_draw *draw = (struct balance_draw *)balance;
	uint32_t weight, i;

	draw->count = 0;
	draw->total = 0;
	draw->each = 0;
	for (i = 0; i < balance->count; i++) {
		weight = balance_weight(balance, i);
		if (!weight)
			continue;
		if (!draw->count)
			draw->each = weight;
		else if (weight != draw->each)
			draw->each = 0;
		/* BALANCE_SERVERS_MAX times SLUICE_WEIGHT_MAX fits. */
		draw->total += weight;
		draw->lots[draw->count].end = draw->total;
		draw->lots[draw->count++].server = i;
	}
	return 0;
}

static uint32_t lot_begin(const struct balance_draw *draw, uint32_t lot)
{
	return lot ? draw->lots[lot - 1].end : 0;
}

/* Return: the lot that owns a number below the total. */
static uint32_t find_lot(const struct balance_draw *draw, uint32_t number)
{
	uint32_t low = 0, high = draw->count - 1, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (number < draw->lots[middle].end)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Any lot but one: there is another. */
static uint32_t draw_lot(struct balance_draw *draw, uint32_t except)
{
	uint64_t number = balance_number(&draw->balance);
	uint32_t begin, weight, at;

	if (draw->each) {
		if (except == BALANCE_DRAW_NONE)
			return sluice_scale(number, draw->count);
		at = sluice_scale(number, draw->count - 1);
		return at < except ? at : at + 1;
	}
	if (except == BALANCE_DRAW_NONE)
		return find_lot(draw, sluice_scale(number, draw->total));
	begin = lot_begin(draw, except);
	weight = draw->lots[except].end - begin;
	at = sluice_scale(number, draw->total - weight);
	return find_lot(draw, at < begin ? at : at + weight);
}

/*
 * One pass over all, in which the one that is held is given up for the next one
 * with the chance that this has among those so far.
 */
static uint32_t draw_of_all(struct balance_draw *draw,
			    const struct balance_ask *ask, uint32_t except)
{
	uint32_t held = BALANCE_DRAW_NONE, total = 0, weight, lot;

	for (lot = 0; lot < draw->count; lot++) {
		if (lot == except ||
		    !balance_may(&draw->balance, ask, draw->lots[lot].server))
			continue;
		weight = draw->lots[lot].end - lot_begin(draw, lot);
		total += weight;
		if (sluice_scale(balance_number(&draw->balance), total) <
		    weight)
			held = lot;
	}
	return held;
}

uint32_t balance_draw_usable(struct balance_draw *draw,
			     const struct balance_ask *ask, uint32_t except)
{
	uint32_t lot, tries;

	if (draw->count <= (except != BALANCE_DRAW_NONE))
		return BALANCE_DRAW_NONE;
	for (tries = 0; tries < DRAWS; tries++) {
		lot = draw_lot(draw, except);
		if (balance_may(&draw->balance, ask, draw->lots[lot].server))
			return lot;
	}
	return draw_of_all(draw, ask, except);
}
