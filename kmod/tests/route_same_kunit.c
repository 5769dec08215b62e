// SPDX-License-Identifier: GPL-2.0
/* Which routes are the same: each thing that makes a difference. */

#include <kunit/test.h>

#include "../service_route.h"
#include "suites.h"

#define TEXT(s) { (s), sizeof(s) - 1 }

static const struct sluice_route_condition conditions[] = {
	{ SLUICE_ROUTE_HEADER, SLUICE_ROUTE_EXACT, TEXT("X-A"), TEXT("b") },
	{ SLUICE_ROUTE_METHOD, SLUICE_ROUTE_EXACT, {}, TEXT("GET") },
};

static const struct sluice_route_source sources[] = {
	{ { 10 }, 4, 8 },
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 16, 32 },
};

static struct sluice_route_rule a_rule(void)
{
	return (struct sluice_route_rule){
		.host = TEXT("www.example.com"),
		.port = 80,
		.path_how = 1,
		.share = 500,
		.salt = 7,
		.path = TEXT("/api"),
		.conditions = conditions,
		.condition_count = ARRAY_SIZE(conditions),
		.source_count = ARRAY_SIZE(sources),
		.sources = sources,
	};
}

static void rules(struct kunit *test)
{
	struct sluice_route_condition condition[2];
	struct sluice_route_source source[2];
	struct sluice_route_rule a = a_rule(), b;
	char host[] = "www.example.com";

	b = a;
	b.host.data = host;
	memcpy(condition, conditions, sizeof(condition));
	memcpy(source, sources, sizeof(source));
	b.conditions = condition;
	b.sources = source;
	KUNIT_EXPECT_TRUE(test, sluice_route_rule_same(&a, &b));

	host[0] = 'x';
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
	host[0] = 'w';
	condition[0].how = SLUICE_ROUTE_PREFIX;
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
	condition[0] = conditions[0];
	condition[1].value.len = 2;
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
	condition[1] = conditions[1];
	source[0].bits = 9;
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
	source[0] = sources[0];
	source[1].address[15] = 1;
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
	source[1] = sources[1];
	/* What is past the address does not count. */
	source[0].address[15] = 1;
	KUNIT_EXPECT_TRUE(test, sluice_route_rule_same(&a, &b));
}

static void fields(struct kunit *test)
{
	struct sluice_route_rule a = a_rule(), b;

	b = a;
	b.host.len--;
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
	b = a;
	b.port--;
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
	b = a;
	b.path_how--;
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
	b = a;
	b.share--;
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
	b = a;
	b.salt--;
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
	b = a;
	b.path.len--;
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
	b = a;
	b.condition_count--;
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
	b = a;
	b.source_count--;
	KUNIT_EXPECT_FALSE(test, sluice_route_rule_same(&a, &b));
}

static void actions(struct kunit *test)
{
	/* Only compared. */
	struct sluice_pool *one = (void *)8, *two = (void *)16;
	struct sluice_action_share shares[] = { { one, 1 }, { two, 3 } };
	struct sluice_action_share others[] = { { one, 1 }, { two, 3 } };
	struct sluice_action a = {
		.kind = SLUICE_ROUTE_ACTION_POOL,
		.pool_count = 2,
		.pools = shares,
	}, b = a;

	b.pools = others;
	KUNIT_EXPECT_TRUE(test, sluice_action_same(&a, &b));
	others[1].weight = 4;
	KUNIT_EXPECT_FALSE(test, sluice_action_same(&a, &b));
	others[1].weight = 3;
	others[0].pool = two;
	KUNIT_EXPECT_FALSE(test, sluice_action_same(&a, &b));
	b = a;
	b.pool_count = 1;
	KUNIT_EXPECT_FALSE(test, sluice_action_same(&a, &b));

	a.kind = SLUICE_ROUTE_ACTION_PROXY;
	a.port = htons(8080);
	a.pool_count = 1;
	b = a;
	b.pool_count = 0;
	KUNIT_EXPECT_TRUE(test, sluice_action_same(&a, &b));
	b.port = htons(8081);
	KUNIT_EXPECT_FALSE(test, sluice_action_same(&a, &b));
	b = a;
	b.kind = SLUICE_ROUTE_ACTION_REJECT;
	KUNIT_EXPECT_FALSE(test, sluice_action_same(&a, &b));
	a = b;
	b.status = 403;
	KUNIT_EXPECT_FALSE(test, sluice_action_same(&a, &b));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(rules),
	KUNIT_CASE(fields),
	KUNIT_CASE(actions),
	{}
};

struct kunit_suite sluice_route_same_suite = {
	.name = "sluice_route_same",
	.test_cases = cases,
};
