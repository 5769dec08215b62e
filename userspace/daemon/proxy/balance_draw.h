/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers drawn at random by their weights, for schedulers random and p2c. */
#ifndef PROXY_BALANCE_DRAW_H
#define PROXY_BALANCE_DRAW_H

#include "balance_parts.h"

/* No server. */
#define BALANCE_DRAW_NONE UINT32_MAX

/**
 * struct balance_draw - scheduler with servers to draw from
 * @balance: what every scheduler has
 * @lots: servers with a weight
 * @count: how many
 * @total: sum of their weights
 * @each: weight of each, 0: they differ
 */
struct balance_draw {
	struct balance balance;
	struct balance_lot *lots;
	uint32_t count;
	uint32_t total;
	uint32_t each;
};

/**
 * struct balance_lot - a server to draw
 * @end: sum of the weights up to it, its own included
 * @server: which one
 */
struct balance_lot {
	uint32_t end;
	uint32_t server;
};

/* For &struct balance_scheduler. */
int balance_draw_init(struct balance *balance);
void balance_draw_exit(struct balance *balance);
int balance_draw_weights(struct balance *balance);

/**
 * balance_draw_usable() - draw a server
 * @draw: to draw from; takes O(log n), O(1) if all weights are the same, unless
 *	most of what is drawn is not usable
 * @ask: the request
 * @except: lot that is not to be drawn, or BALANCE_DRAW_NONE
 *
 * Each usable server but @except has a chance in proportion to its weight.
 *
 * Return: its lot, or BALANCE_DRAW_NONE.
 */
uint32_t balance_draw_usable(struct balance_draw *draw,
			     const struct balance_ask *ask, uint32_t except);

#endif /* PROXY_BALANCE_DRAW_H */
