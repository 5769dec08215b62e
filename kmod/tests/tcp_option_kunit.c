// SPDX-License-Identifier: GPL-2.0
/* TCP options of a handshake: what hosts send, what nobody should, and what is written. */

#include <kunit/test.h>
#include <linux/prandom.h>
#include <net/tcp.h>

#include "../tcp_option.h"
#include "hex.h"
#include "suites.h"

#define OPTIONS_LENGTH_MAX 40
#define RANDOM_COUNT 20000

struct sample {
	const char *name;
	/* As of read_hex(). */
	const char *options;
	struct sluice_tcp_options wanted;
};

#define NOP "01 "
#define EOL "00 "
#define MSS "020405b4 "
#define SCALE "030307 "
#define PERMITTED "0402 "
#define STAMPS "080a 01020304 05060708 "
#define WITH_MSS { .mss = 1460, .flags = SLUICE_OPTION_MSS }
#define WITH_PERMITTED { .flags = SLUICE_OPTION_SACK }
#define WITH_STAMPS \
	{ .timestamp = 0x01020304, .echo = 0x05060708, .flags = SLUICE_OPTION_TIMESTAMP }
#define WITH_LARGEST { .window_scale = 14, .flags = SLUICE_OPTION_WINDOW_SCALE }
#define WITH_ALL \
	{ .timestamp = 0x01020304, .echo = 0x05060708, .mss = 1460, .window_scale = 7, \
	  .flags = SLUICE_OPTION_MSS | SLUICE_OPTION_SACK | SLUICE_OPTION_TIMESTAMP | \
		   SLUICE_OPTION_WINDOW_SCALE }

static const struct sample samples[] = {
	{ "none", "", {} },
	{ "those of Linux", MSS PERMITTED STAMPS NOP SCALE, WITH_ALL },
	{ "those of others", MSS NOP SCALE NOP NOP STAMPS PERMITTED EOL EOL, WITH_ALL },
	{ "each at an odd byte", NOP MSS PERMITTED STAMPS NOP SCALE NOP NOP NOP, WITH_ALL },
	{ "only NOPs", NOP NOP NOP NOP NOP NOP NOP NOP, {} },
	{ "only an end", EOL EOL EOL EOL, {} },
	{ "one that ends with the header", NOP NOP NOP NOP MSS, WITH_MSS },
	{ "an end in the middle", MSS NOP EOL "02" SCALE NOP NOP, WITH_MSS },
	{ "one that nobody knows", "fe07" MSS NOP PERMITTED NOP NOP NOP, WITH_PERMITTED },
	{ "one of length 0", MSS "fe00" SCALE NOP NOP NOP, WITH_MSS },
	{ "one of length 1", MSS "fe01" SCALE NOP NOP NOP, WITH_MSS },
	{ "an MSS of length 0", "020005b4" PERMITTED NOP NOP, {} },
	{ "one that goes on after the end", MSS "fe05" NOP NOP, WITH_MSS },
	{ "one of 255 bytes", MSS "feff" NOP NOP, WITH_MSS },
	{ "an MSS that goes on after the end", NOP "020405", {} },
	{ "a window scale that goes on after the end", NOP NOP "0303", {} },
	{ "a timestamp that goes on after the end", NOP NOP NOP "080a 01020304 050607", {} },
	{ "one without a length at the end", MSS NOP NOP NOP "04", WITH_MSS },
	{ "an MSS that is too long", "020505b400" PERMITTED NOP, WITH_PERMITTED },
	{ "an MSS that is too short", "020305" PERMITTED NOP NOP NOP, WITH_PERMITTED },
	{ "a window scale that is too long", "03040707" PERMITTED NOP NOP, WITH_PERMITTED },
	{ "a window scale without a value", "0302" PERMITTED, WITH_PERMITTED },
	{ "SACK permitted of a wrong length", "040302" MSS NOP, WITH_MSS },
	{ "a timestamp that is too short", "080601020304" MSS NOP NOP, WITH_MSS },
	{ "a timestamp that is too long", "080c 01020304 05060708 090a" MSS, WITH_MSS },
	{ "a timestamp alone", NOP NOP STAMPS, WITH_STAMPS },
	{ "an MSS of 0", "02040000", {} },
	{ "too large a window scale", NOP "03030f", WITH_LARGEST },
	{ "much too large a window scale", NOP "0303ff", WITH_LARGEST },
	{ "the last of two counts", "02040200" MSS, WITH_MSS },
	{ "the last of two that are right", MSS "02040000", WITH_MSS },
	{ "SACK that is sent, not permitted", NOP NOP "050a 01020304 05060708", {} },
};

KUNIT_ARRAY_PARAM_DESC(sample, samples, name);

/* The header is of just its size, so that KASAN sees what is behind it. */
static void read_options(struct kunit *test, const void *bytes, unsigned int length,
			 struct sluice_tcp_options *options)
{
	struct tcphdr *th = kmalloc(sizeof(*th) + length, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, th);
	memset(th, 0xff, sizeof(*th));
	th->doff = (sizeof(*th) + length) / 4;
	memcpy(th + 1, bytes, length);
	/* All is to be written. */
	memset(options, 0xaa, sizeof(*options));
	sluice_tcp_options_read(th, options);
	kfree(th);
}

static void expect_options(struct kunit *test, const struct sluice_tcp_options *actual,
			   const struct sluice_tcp_options *wanted)
{
	KUNIT_EXPECT_EQ(test, actual->flags, wanted->flags);
	KUNIT_EXPECT_EQ(test, actual->mss, wanted->mss);
	KUNIT_EXPECT_EQ(test, actual->window_scale, wanted->window_scale);
	KUNIT_EXPECT_EQ(test, actual->timestamp, wanted->timestamp);
	KUNIT_EXPECT_EQ(test, actual->echo, wanted->echo);
}

static void tcp_option_read(struct kunit *test)
{
	const struct sample *sample = test->param_value;
	struct sluice_tcp_options options;
	u8 bytes[OPTIONS_LENGTH_MAX];
	unsigned int length = read_hex(test, sample->options, bytes, sizeof(bytes));

	KUNIT_ASSERT_EQ(test, length % 4, 0);
	read_options(test, bytes, length, &options);
	expect_options(test, &options, &sample->wanted);
}

/* A header that says it is shorter than a header. */
static void tcp_option_no_header(struct kunit *test)
{
	struct {
		struct tcphdr th;
		u8 bytes[4];
	} segment = {};
	struct sluice_tcp_options options;
	int doff;

	read_hex(test, MSS, segment.bytes, sizeof(segment.bytes));
	for (doff = 0; doff <= sizeof(segment.th) / 4; doff++) {
		segment.th.doff = doff;
		sluice_tcp_options_read(&segment.th, &options);
		KUNIT_EXPECT_EQ(test, options.flags, 0);
	}
	segment.th.doff = sizeof(segment) / 4;
	sluice_tcp_options_read(&segment.th, &options);
	KUNIT_EXPECT_EQ(test, options.flags, SLUICE_OPTION_MSS);
}

/* Nothing behind the header is read, and what is found can be used. */
static void tcp_option_garbage(struct kunit *test)
{
	static const u8 kinds[] = { TCPOPT_EOL, TCPOPT_NOP, TCPOPT_MSS, TCPOPT_WINDOW,
				    TCPOPT_SACK_PERM, TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP, 255 };
	struct sluice_tcp_options options;
	u8 bytes[OPTIONS_LENGTH_MAX];
	struct rnd_state state;
	int i, n, found = 0;

	prandom_seed_state(&state, 3);
	for (i = 0; i < RANDOM_COUNT; i++) {
		for (n = 0; n < sizeof(bytes); n++)
			bytes[n] = kinds[prandom_u32_state(&state) % ARRAY_SIZE(kinds)];
		read_options(test, bytes, prandom_u32_state(&state) % 11 * 4, &options);
		KUNIT_EXPECT_LE(test, options.window_scale, SLUICE_WINDOW_SCALE_MAX);
		KUNIT_EXPECT_EQ(test, !!(options.flags & SLUICE_OPTION_MSS), !!options.mss);
		found += !!options.flags;
		if (test->status == KUNIT_FAILURE)
			break;
	}
	KUNIT_EXPECT_GT(test, found, RANDOM_COUNT / 100);
}

/* All that can be written is read again, and nothing else is written. */
static void tcp_option_write(struct kunit *test)
{
	u8 bytes[SLUICE_OPTIONS_MAX + 1];
	unsigned int length, flags, longest = 0;

	for (flags = 0; flags < 16; flags++) {
		struct sluice_tcp_options wanted = { .flags = flags }, actual;

		if (flags & SLUICE_OPTION_MSS)
			wanted.mss = 0xfedc;
		if (flags & SLUICE_OPTION_WINDOW_SCALE)
			wanted.window_scale = 14;
		if (flags & SLUICE_OPTION_TIMESTAMP) {
			wanted.timestamp = 0xf1f2f3f4;
			wanted.echo = 0xf5f6f7f8;
		}
		memset(bytes, 0xaa, sizeof(bytes));
		length = sluice_tcp_options_write(bytes, &wanted);
		KUNIT_ASSERT_LE(test, length, SLUICE_OPTIONS_MAX);
		KUNIT_EXPECT_EQ(test, length % 4, 0);
		KUNIT_EXPECT_EQ(test, bytes[length], 0xaa);
		read_options(test, bytes, length, &actual);
		expect_options(test, &actual, &wanted);
		longest = max(longest, length);
	}
	KUNIT_EXPECT_EQ(test, longest, SLUICE_OPTIONS_MAX);
}

/* In the order that receivers read fastest. */
static void tcp_option_write_usual(struct kunit *test)
{
	static const struct sluice_tcp_options all = WITH_ALL, stamps = WITH_STAMPS;
	u8 bytes[SLUICE_OPTIONS_MAX], usual[SLUICE_OPTIONS_MAX];
	unsigned int length;

	length = read_hex(test, MSS PERMITTED STAMPS NOP SCALE, usual, sizeof(usual));
	KUNIT_EXPECT_EQ(test, sluice_tcp_options_write(bytes, &all), length);
	KUNIT_EXPECT_MEMEQ(test, bytes, usual, length);
	length = read_hex(test, NOP NOP STAMPS, usual, sizeof(usual));
	KUNIT_EXPECT_EQ(test, sluice_tcp_options_write(bytes, &stamps), length);
	KUNIT_EXPECT_MEMEQ(test, bytes, usual, length);
}

static struct kunit_case tcp_option_cases[] = {
	KUNIT_CASE_PARAM(tcp_option_read, sample_gen_params),
	KUNIT_CASE(tcp_option_no_header),
	KUNIT_CASE(tcp_option_garbage),
	KUNIT_CASE(tcp_option_write),
	KUNIT_CASE(tcp_option_write_usual),
	{}
};

struct kunit_suite sluice_tcp_option_suite = {
	.name = "sluice_tcp_option",
	.test_cases = tcp_option_cases,
};
