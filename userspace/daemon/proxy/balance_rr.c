// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Round robin: servers take turns, in the order of the pool. A server that is
 * passed over loses its turn; the others keep their order.
 */
#include <errno.h>
#include <stdlib.h>

#include "balance_parts.h"

/**
 * struct rr - state
 * @balance: what every scheduler has
 * @live: servers with a weight, in the order of the pool
 * @live_count: how many
 * @next: where in @live the search begins
 */
struct rr {
	struct balance balance;
	uint16_t *live;
	uint32_t live_count;
	uint32_t next;
};

static int rr_init(struct balance *balance)
{
	struct rr *rr = (struct rr *)balance;

	rr->live = calloc(balance->count + 1, sizeof(*rr->live));
	return rr->live ? 0 : -ENOMEM;
}

static void rr_exit(struct balance *balance)
{
	free(((struct rr *)balance)->live);
}

/* Goes on with the server whose turn it is, or with the one behind it. */
static int rr_weights(struct balance *balance)
{
	struct rr *rr = (struct rr *)balance;
	uint32_t turn, i;

	if (rr->next < rr->live_count)
		turn = rr->live[rr->next];
	else
		turn = sluice_scale(balance_number(balance), balance->count);
	rr->live_count = 0;
	rr->next = 0;
	for (i = 0; i < balance->count; i++) {
		if (!balance_weight(balance, i))
			continue;
		if (i < turn)
			rr->next++;
		rr->live[rr->live_count++] = (uint16_t)i;
	}
	if (rr->next == rr->live_count)
		rr->next = 0;
	return 0;
}

static int rr_pick(struct balance *balance, const struct balance_ask *ask)
{
	struct rr *rr = (struct rr *)balance;
	uint32_t at = rr->next, i, tries;

	for (tries = rr->live_count; tries; tries--) {
		i = rr->live[at++];
		if (at == rr->live_count)
			at = 0;
		if (balance_may(balance, ask, i)) {
			rr->next = at;
			return (int)i;
		}
	}
	return -1;
}

const struct balance_scheduler balance_rr = {
	.size = sizeof(struct rr),
	.init = rr_init,
	.exit = rr_exit,
	.weights = rr_weights,
	.pick = rr_pick,
};
