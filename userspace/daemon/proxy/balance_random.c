// SPDX-License-Identifier: GPL-2.0-or-later
/* Any server, with a chance in proportion to its weight. */
#include "balance_draw.h"

static int random_pick(struct balance *balance, const struct balance_ask *ask)
{
	struct balance_draw *draw = (struct balance_draw *)balance;
	uint32_t lot = balance_draw_usable(draw, ask, BALANCE_DRAW_NONE);

	return lot == BALANCE_DRAW_NONE ? -1 : (int)draw->lots[lot].server;
}

const struct balance_scheduler balance_random = {
	.size = sizeof(struct balance_draw),
	.init = balance_draw_init,
	.exit = balance_draw_exit,
	.weights = balance_draw_weights,
	.pick = random_pick,
};
