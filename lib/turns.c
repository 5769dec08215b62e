// SPDX-License-Identifier: GPL-2.0-or-later
/* The heap of those who take turns. */
#include <sluice/turns.h>

/* Carries are only parts of one size where weights are equal. */
static bool is_before(const struct sluice_turn *a, const struct sluice_turn *b)
{
	if (a->due != b->due)
		return a->due < b->due;
	if (a->weight != b->weight)
		return a->weight > b->weight;
	if (a->carry != b->carry)
		return a->carry < b->carry;
	return a->order < b->order;
}

void sluice_turns_sink(struct sluice_turn *turns, u32 count, u32 at)
{
	struct sluice_turn turn = turns[at];
	u32 child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count &&
		    is_before(&turns[child + 1], &turns[child]))
			child++;
		if (!is_before(&turns[child], &turn))
			break;
		turns[at] = turns[child];
		at = child;
	}
	turns[at] = turn;
}

void sluice_turns_rise(struct sluice_turn *turns, u32 at)
{
	struct sluice_turn turn = turns[at];
	u32 parent;

	for (; at; at = parent) {
		parent = (at - 1) / 2;
		if (!is_before(&turn, &turns[parent]))
			break;
		turns[at] = turns[parent];
	}
	turns[at] = turn;
}

void sluice_turns_arrange(struct sluice_turn *turns, u32 count)
{
	u32 at;

	for (at = count / 2; at; at--)
		sluice_turns_sink(turns, count, at - 1);
}
