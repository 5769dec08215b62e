// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Power of two choices (Mitzenmacher, IEEE TPDS 12(10), 2001): two different servers
 * are drawn by weight, and the one that has less to do for its weight is taken.
 */
#include "balance_draw.h"

static int p2c_pick(struct balance *balance, const struct balance_ask *ask)
{
	struct balance_draw *draw = (struct balance_draw *)balance;
	uint32_t one, other;
	uint64_t one_load, other_load;

	one = balance_draw_usable(draw, ask, BALANCE_DRAW_NONE);
	if (one == BALANCE_DRAW_NONE)
		return -1;
	other = balance_draw_usable(draw, ask, one);
	one = draw->lots[one].server;
	if (other == BALANCE_DRAW_NONE)
		return (int)one;
	other = draw->lots[other].server;
	/* Of equals, the one that was drawn first: by weight while all is idle. */
	one_load = (uint64_t)balance_active(balance, one) *
		   balance_weight(balance, other);
	other_load = (uint64_t)balance_active(balance, other) *
		     balance_weight(balance, one);
	return (int)(other_load < one_load ? other : one);
}

const struct balance_scheduler balance_p2c = {
	.size = sizeof(struct balance_draw),
	.init = balance_draw_init,
	.exit = balance_draw_exit,
	.weights = balance_draw_weights,
	.pick = p2c_pick,
};
