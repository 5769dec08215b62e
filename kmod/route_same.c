// SPDX-License-Identifier: GPL-2.0
/* Whether two routes match the same and do the same. */

#include <kunit/visibility.h>

#include "service_route.h"

static bool same_text(struct sluice_text a, struct sluice_text b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static bool same_condition(const struct sluice_route_condition *a,
			   const struct sluice_route_condition *b)
{
	return a->what == b->what && a->how == b->how &&
	       same_text(a->name, b->name) && same_text(a->value, b->value);
}

static bool same_source(const struct sluice_route_source *a,
			const struct sluice_route_source *b)
{
	return a->address_len == b->address_len && a->bits == b->bits &&
	       !memcmp(a->address, b->address, a->address_len);
}

/**
 * sluice_route_rule_same() - are two rules written the same
 * @a: a rule
 * @b: another one
 *
 * Return: whether they have the same in the same order; others may mean the same.
 */
bool sluice_route_rule_same(const struct sluice_route_rule *a,
			    const struct sluice_route_rule *b)
{
	u32 i;

	if (!same_text(a->host, b->host) || !same_text(a->path, b->path) ||
	    a->port != b->port || a->path_how != b->path_how ||
	    a->share != b->share || a->salt != b->salt ||
	    a->condition_count != b->condition_count ||
	    a->source_count != b->source_count)
		return false;
	for (i = 0; i < a->condition_count; i++)
		if (!same_condition(a->conditions + i, b->conditions + i))
			return false;
	for (i = 0; i < a->source_count; i++)
		if (!same_source(a->sources + i, b->sources + i))
			return false;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_route_rule_same);

/**
 * sluice_action_same() - are two actions the same
 * @a: an action
 * @b: another one; of proxy the pool need not be made yet
 *
 * Return: whether they are, with pools in the same order.
 */
bool sluice_action_same(const struct sluice_action *a,
			const struct sluice_action *b)
{
	u32 i;

	if (a->kind != b->kind || a->status != b->status || a->port != b->port)
		return false;
	if (a->kind != SLUICE_ROUTE_ACTION_POOL)
		return true;
	if (a->pool_count != b->pool_count)
		return false;
	for (i = 0; i < a->pool_count; i++)
		if (a->pools[i].pool != b->pools[i].pool ||
		    a->pools[i].weight != b->pools[i].weight)
			return false;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_action_same);
