// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Least connections (lc), and for their weight (wlc). All servers are looked at for
 * each pick: for pools of more than some hundred servers, p2c does nearly as well
 * for less.
 *
 * As in the kernel, the search begins behind the last one that was chosen: servers
 * that have as few take turns.
 */
#include "balance_parts.h"

/**
 * struct lc - state
 * @balance: what every scheduler has
 * @next: server where the search begins
 */
struct lc {
	struct balance balance;
	uint32_t next;
};

static int lc_init(struct balance *balance)
{
	((struct lc *)balance)->next =
		sluice_scale(balance_number(balance), balance->count);
	return 0;
}

/* @weighted is constant where this is called. */
static inline int least(struct balance *balance, const struct balance_ask *ask,
			bool weighted)
{
	struct lc *lc = (struct lc *)balance;
	uint64_t best_active = 0, best_weight = 0;
	uint32_t i = lc->next, tries, best = 0;

	for (tries = balance->count; tries; tries--, i++) {
		uint64_t active, weight;

		if (i == balance->count)
			i = 0;
		active = balance_active(balance, i);
		weight = weighted ? balance_weight(balance, i) : 1;
		if (!weight)
			continue;
		/* active / weight >= best_active / best_weight */
		if (best_weight && active * best_weight >= best_active * weight)
			continue;
		if (!balance_may(balance, ask, i))
			continue;
		best = i;
		best_active = active;
		best_weight = weight;
		if (!active)
			break;
	}
	if (!best_weight)
		return -1;
	lc->next = best + 1 < balance->count ? best + 1 : 0;
	return (int)best;
}

static int lc_pick(struct balance *balance, const struct balance_ask *ask)
{
	return least(balance, ask, false);
}

static int wlc_pick(struct balance *balance, const struct balance_ask *ask)
{
	return least(balance, ask, true);
}

const struct balance_scheduler balance_lc = {
	.size = sizeof(struct lc),
	.init = lc_init,
	.pick = lc_pick,
};

const struct balance_scheduler balance_wlc = {
	.size = sizeof(struct lc),
	.init = lc_init,
	.pick = wlc_pick,
};
