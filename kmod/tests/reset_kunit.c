// SPDX-License-Identifier: GPL-2.0
/* What the numbers of a segment say of the resets for both ends. */

#include <kunit/test.h>
#include <net/tcp.h>

#include "../reset.h"
#include "suites.h"

struct reset_case {
	const char *name;
	enum sluice_dir dir;
	u8 flags;
	bool translated;
	struct sluice_segment client;
	struct sluice_segment server;
};

/* A segment with the sequence number 1000 that acknowledges 77. */
static const struct reset_case cases[] = {
	{ .name = "of the client",
	  .dir = SLUICE_DIR_ORIGINAL,
	  .flags = TCPHDR_ACK,
	  .client = { .flags = TCPHDR_RST, .seq = 77 },
	  .server = { .flags = TCPHDR_RST | TCPHDR_ACK, .seq = 1000, .ack = 77 } },
	{ .name = "of the client, translated: what it says goes to it as it is",
	  .dir = SLUICE_DIR_ORIGINAL,
	  .flags = TCPHDR_ACK | TCPHDR_PSH,
	  .translated = true,
	  .client = { .flags = TCPHDR_RST, .seq = 77 },
	  .server = { .flags = TCPHDR_RST | TCPHDR_ACK, .seq = 1000, .ack = 77 } },
	{ .name = "of the server",
	  .dir = SLUICE_DIR_REPLY,
	  .flags = TCPHDR_ACK | TCPHDR_FIN,
	  .client = { .flags = TCPHDR_RST | TCPHDR_ACK, .seq = 1000, .ack = 77 },
	  .server = { .flags = TCPHDR_RST, .seq = 77 } },
	{ .name = "of the server, translated: less than 2^32 for the client",
	  .dir = SLUICE_DIR_REPLY,
	  .flags = TCPHDR_ACK,
	  .translated = true,
	  .client = { .flags = TCPHDR_RST | TCPHDR_ACK, .seq = 990, .ack = 77 },
	  .server = { .flags = TCPHDR_RST, .seq = 77 } },
	{ .name = "without an ACK",
	  .dir = SLUICE_DIR_ORIGINAL,
	  .flags = TCPHDR_SYN },
};

static void reset_numbers(struct kunit *test)
{
	const struct reset_case *c = test->param_value;
	const struct sluice_translation t = {
		.seq = -10,
		.flags = SLUICE_RESETTING |
			 (c->translated ? SLUICE_TRANSLATED : 0),
	};
	struct sluice_segment client, server;
	struct tcphdr th = { .seq = htonl(1000), .ack_seq = htonl(77) };

	tcp_flag_byte(&th) = c->flags;
	sluice_reset_numbers(&th, c->dir, &t, &client, &server);
	KUNIT_EXPECT_EQ(test, client.flags, c->client.flags);
	KUNIT_EXPECT_EQ(test, client.seq, c->client.seq);
	KUNIT_EXPECT_EQ(test, client.ack, c->client.ack);
	KUNIT_EXPECT_EQ(test, server.flags, c->server.flags);
	KUNIT_EXPECT_EQ(test, server.seq, c->server.seq);
	KUNIT_EXPECT_EQ(test, server.ack, c->server.ack);
}

static void describe(const struct reset_case *c, char *text)
{
	strscpy(text, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(reset, cases, describe);

static struct kunit_case reset_cases[] = {
	KUNIT_CASE_PARAM(reset_numbers, reset_gen_params),
	{}
};

struct kunit_suite sluice_reset_suite = {
	.name = "sluice_reset",
	.test_cases = reset_cases,
};
