// SPDX-License-Identifier: GPL-2.0
/* Tuples: what is equal, and how the hash spreads. */

#include <kunit/test.h>

#include "../tuple.h"
#include "suites.h"

static struct sluice_tuple tuple4(u32 client, u16 port)
{
	return (struct sluice_tuple){
		.src.ip = htonl(0x0a000000 + client),
		.dst.ip = htonl(0xc0000201),
		.sport = htons(port),
		.dport = htons(80),
		.family = AF_INET,
		.protocol = IPPROTO_TCP,
	};
}

static struct sluice_tuple tuple6(u32 client, u16 port)
{
	return (struct sluice_tuple){
		.src.ip6 = { htonl(0x20010db8), 0, 0, htonl(client) },
		.dst.ip6 = { htonl(0x20010db8), 0, htonl(1), htonl(1) },
		.sport = htons(port),
		.dport = htons(80),
		.family = AF_INET6,
		.protocol = IPPROTO_TCP,
	};
}

static void tuple_equality(struct kunit *test)
{
	struct sluice_tuple a = tuple4(1, 1024), b = a;

	b.dir = SLUICE_DIR_REPLY;
	KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&a, &b));
	KUNIT_EXPECT_EQ(test, sluice_tuple_hash(&a, 7),
			sluice_tuple_hash(&b, 7));
	b.protocol = IPPROTO_UDP;
	KUNIT_EXPECT_FALSE(test, sluice_tuple_equal(&a, &b));
	KUNIT_EXPECT_NE(test, sluice_tuple_hash(&a, 7),
			sluice_tuple_hash(&b, 7));
	b = tuple4(1, 1025);
	KUNIT_EXPECT_FALSE(test, sluice_tuple_equal(&a, &b));
	b = tuple4(2, 1024);
	KUNIT_EXPECT_FALSE(test, sluice_tuple_equal(&a, &b));
	a = tuple6(1, 1024);
	b = tuple6(1, 1024);
	KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&a, &b));
	b.dst.ip6[3] ^= htonl(1);
	KUNIT_EXPECT_FALSE(test, sluice_tuple_equal(&a, &b));
}

static void tuple_inversion(struct kunit *test)
{
	struct sluice_tuple a = tuple6(5, 4000), there, back;

	sluice_tuple_invert(&a, &there);
	KUNIT_EXPECT_EQ(test, there.sport, a.dport);
	KUNIT_EXPECT_TRUE(test, nf_inet_addr_cmp(&there.src, &a.dst));
	KUNIT_EXPECT_FALSE(test, sluice_tuple_equal(&there, &a));
	sluice_tuple_invert(&there, &back);
	KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&back, &a));
}

#define BUCKETS 1024
#define PER_BUCKET 16

/* The fullest bucket when clients differ in @clients addresses. */
static unsigned int fullest(struct kunit *test, bool v6, u32 clients, u32 seed)
{
	unsigned int max = 0, i;
	u16 *count;

	count = kunit_kcalloc(test, BUCKETS, sizeof(*count), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, count);
	for (i = 0; i < BUCKETS * PER_BUCKET; i++) {
		struct sluice_tuple t = v6 ? tuple6(i % clients, i / clients) :
					     tuple4(i % clients, i / clients);
		unsigned int n = ++count[sluice_tuple_hash(&t, seed) % BUCKETS];

		max = max(max, n);
	}
	return max;
}

/*
 * Neighbouring addresses and ports, as networks have them. With 16 to a bucket
 * on average, a fair hash puts over 48 into one with a probability below 1e-8.
 */
static void tuple_hash_spread(struct kunit *test)
{
	static const u32 clients[] = { 1, 16, 256, BUCKETS * PER_BUCKET };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(clients); i++) {
		KUNIT_EXPECT_LE(test, fullest(test, false, clients[i], 1), 48);
		KUNIT_EXPECT_LE(test, fullest(test, true, clients[i], 1), 48);
	}
}

/* Who does not know the seed cannot tell which tuples meet in a bucket. */
static void tuple_hash_seed(struct kunit *test)
{
	unsigned int together = 0, still = 0, i, j;
	struct sluice_tuple a, b;

	for (i = 0; i < 200; i++) {
		for (j = i + 1; j < 200; j++) {
			a = tuple4(1, i);
			b = tuple4(1, j);
			if (sluice_tuple_hash(&a, 1) % 64 !=
			    sluice_tuple_hash(&b, 1) % 64)
				continue;
			together++;
			still += sluice_tuple_hash(&a, 2) % 64 ==
				 sluice_tuple_hash(&b, 2) % 64;
		}
	}
	KUNIT_EXPECT_GT(test, together, 100);
	KUNIT_EXPECT_LT(test, still, together / 8);
}

static struct kunit_case tuple_cases[] = {
	KUNIT_CASE(tuple_equality),
	KUNIT_CASE(tuple_inversion),
	KUNIT_CASE(tuple_hash_spread),
	KUNIT_CASE(tuple_hash_seed),
	{}
};

struct kunit_suite sluice_tuple_suite = {
	.name = "sluice_tuple",
	.test_cases = tuple_cases,
};
