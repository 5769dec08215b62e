// SPDX-License-Identifier: GPL-2.0
/* Translation of TCP's numbers: each of them, wherever it is, and the checksum with it. */

#include <kunit/skbuff.h>
#include <kunit/test.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/prandom.h>
#include <net/tcp.h>

#include "../nat.h"
#include "../translate.h"
#include "hex.h"
#include "suites.h"

#define OPTIONS_MAX 40
#define HEADERS (sizeof(struct iphdr) + sizeof(struct tcphdr))
/* An odd number. */
#define DATA_LENGTH 7
#define RANDOM_COUNT 20000

/* What may change of a segment, besides its options. */
struct numbers {
	u32 seq;
	u32 ack_seq;
	u16 window;
};

struct sample {
	const char *name;
	enum sluice_dir dir;
	/* TCPHDR_ACK and so on. */
	u8 flags;
	struct sluice_translation translation;
	struct numbers before;
	struct numbers after;
	/* As of read_hex(); @after_options only where they change. */
	const char *options;
	const char *after_options;
};

/* One of them with options as bytes. */
struct segment {
	struct numbers numbers;
	unsigned int length;
	u8 options[OPTIONS_MAX];
};

#define REPLY SLUICE_DIR_REPLY
#define ORIGINAL SLUICE_DIR_ORIGINAL
#define ACK TCPHDR_ACK
#define SYN TCPHDR_SYN
/* What is added, in all samples: it is not the same with bytes the other way round. */
#define SEQ 0x01020304
#define STAMP 0x05060708
#define BOTH { .seq = SEQ, .timestamp = STAMP, .flags = SLUICE_TRANSLATED | SLUICE_TIMESTAMPS }
#define NONE { .seq = SEQ, .timestamp = STAMP, .flags = SLUICE_TRANSLATED }
#define BLANKED { .seq = SEQ, .flags = SLUICE_TRANSLATED | SLUICE_NO_TIMESTAMPS }
#define WINDOW(n) { .seq = SEQ, .flags = SLUICE_TRANSLATED, .window = (n), .client_window = 1 }
/* Numbers, and what becomes of them. */
#define BEFORE { 0x10000000, 0x20000000, 100 }
#define REPLIED { 0x11020304, 0x20000000, 100 }
#define ACKED { 0x10000000, 0x1efdfcfc, 100 }
/* Options, without their values. */
#define NOP "01 "
#define STAMPS "080a "
#define SACK(length) "05" length " "

static const struct sample samples[] = {
	{ "reply without options", REPLY, ACK, BOTH, BEFORE, REPLIED },
	{ "original without options", ORIGINAL, ACK, BOTH, BEFORE, ACKED },
	{ "reply with the usual timestamp", REPLY, ACK, BOTH, BEFORE, REPLIED,
	  NOP NOP STAMPS "00000100 00000200",
	  NOP NOP STAMPS "05060808 00000200" },
	{ "original with the usual timestamp", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  NOP NOP STAMPS "00000100 06060708",
	  NOP NOP STAMPS "00000100 01000000" },
	{ "nothing is acknowledged without ACK", ORIGINAL, 0, BOTH, BEFORE, BEFORE,
	  NOP NOP STAMPS "00000100 00000200" },
	{ "nor elsewhere in the options", ORIGINAL, 0, BOTH, BEFORE, BEFORE,
	  NOP STAMPS "00000100 00000200" NOP },
	{ "reply that wraps around", REPLY, ACK, BOTH,
	  { 0xfffffff0, 1, 100 }, { 0x010202f4, 1, 100 },
	  NOP NOP STAMPS "ffffffff 00000001",
	  NOP NOP STAMPS "05060707 00000001" },
	{ "original that wraps around", ORIGINAL, ACK, BOTH,
	  { 1, 4, 100 }, { 1, 0xfefdfd00, 100 },
	  NOP NOP STAMPS "00000001 00000008",
	  NOP NOP STAMPS "00000001 faf9f900" },

	{ "window to the left", REPLY, ACK, WINDOW(1), { 0, 0, 0x7fff }, { SEQ, 0, 0xfffe } },
	{ "too large a window", REPLY, ACK, WINDOW(1), { 0, 0, 0x8000 }, { SEQ, 0, 0xffff } },
	{ "much too large a window", REPLY, ACK, WINDOW(14),
	  { 0, 0, 0xffff }, { SEQ, 0, 0xffff } },
	{ "window to the right", REPLY, ACK, WINDOW(-9), { 0, 0, 0x03ff }, { SEQ, 0, 1 } },
	{ "too small a window", REPLY, ACK, WINDOW(-9), { 0, 0, 0x01ff }, { SEQ, 0, 0 } },
	{ "window of a client", ORIGINAL, ACK, WINDOW(-9),
	  { 0, SEQ, 0x0101 }, { 0, 0, 0x0202 } },
	{ "window of a SYN", REPLY, SYN | ACK, WINDOW(-9), { 0, 0, 0x0101 }, { SEQ, 0, 0x0101 } },

	{ "reply with a timestamp at an odd byte", REPLY, ACK, BOTH, BEFORE, REPLIED,
	  NOP STAMPS "00000100 00000200" NOP,
	  NOP STAMPS "05060808 00000200" NOP },
	{ "original with a timestamp at an odd byte", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  NOP STAMPS "00000100 06060708" NOP,
	  NOP STAMPS "00000100 01000000" NOP },
	{ "reply with a timestamp in front", REPLY, ACK, BOTH, BEFORE, REPLIED,
	  STAMPS "00000100 00000200" NOP NOP,
	  STAMPS "05060808 00000200" NOP NOP },
	{ "timestamps that are not agreed on", REPLY, ACK, NONE, BEFORE, REPLIED,
	  NOP NOP STAMPS "00000100 00000200" },
	{ "timestamp of a wrong length", REPLY, ACK, BOTH, BEFORE, REPLIED,
	  "080c 00000001 00000002 0000" },

	{ "timestamp that is blanked", ORIGINAL, ACK, BLANKED, BEFORE, ACKED,
	  NOP NOP STAMPS "12345678 9abcdef0",
	  NOP NOP NOP NOP NOP NOP NOP NOP NOP NOP NOP NOP },
	{ "timestamp at an odd byte that is blanked", ORIGINAL, ACK, BLANKED, BEFORE, ACKED,
	  NOP STAMPS "12345678 9abcdef0" NOP,
	  NOP NOP NOP NOP NOP NOP NOP NOP NOP NOP NOP NOP },
	{ "timestamp of a server whose client's are blanked", REPLY, ACK, BLANKED,
	  BEFORE, REPLIED,
	  NOP NOP STAMPS "00000100 00000200" },
	{ "blocks after a timestamp that is blanked", ORIGINAL, ACK, BLANKED, BEFORE, ACKED,
	  STAMPS "12345678 9abcdef0" SACK("0a") "01020304 0102030d",
	  NOP NOP NOP NOP NOP NOP NOP NOP NOP NOP SACK("0a") "00000000 00000009" },

	{ "one block", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  NOP NOP SACK("0a") "01021304 00000000",
	  NOP NOP SACK("0a") "00001000 fefdfcfc" },
	{ "one block at an odd byte", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  NOP SACK("0a") "01021304 00000000" NOP,
	  NOP SACK("0a") "00001000 fefdfcfc" NOP },
	{ "four blocks", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  SACK("22") "0102030501020306 0102030701020308 010203090102030a 0102030301020304" NOP NOP,
	  SACK("22") "0000000100000002 0000000300000004 0000000500000006 ffffffff00000000 0101" },
	{ "timestamp and three blocks, all at odd bytes", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  NOP STAMPS "00000100 06060708"
	  SACK("1a") "01020305 01020306 01020307 01020308 01020309 0102030a" NOP NOP NOP,
	  NOP STAMPS "00000100 01000000"
	  SACK("1a") "00000001 00000002 00000003 00000004 00000005 00000006" NOP NOP NOP },
	{ "blocks of a server", REPLY, ACK, BOTH, BEFORE, REPLIED,
	  NOP NOP SACK("0a") "00000001 00000002" },
	{ "block that is not whole", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  SACK("09") "01020304 112233" NOP NOP NOP,
	  SACK("09") "00000000 112233" NOP NOP NOP },

	{ "options after the end of all", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  NOP NOP NOP "0002" SACK("0a") "00000001 00000002" NOP },
	{ "options after one of length 0", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  "fe00" SACK("0a") "00000001 00000002" },
	{ "options after one of length 1", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  "fe01" SACK("0a") "00000001 00000002" },
	{ "options after one that nobody knows", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  "fe05112233" SACK("0a") "01020304 01020305" NOP,
	  "fe05112233" SACK("0a") "00000000 00000001" NOP },
	{ "blocks that go on after the end", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  NOP NOP NOP SACK("0a") "00000001 112233" },
	{ "timestamp that goes on after the end", REPLY, ACK, BOTH, BEFORE, REPLIED,
	  NOP NOP NOP STAMPS "00000001 112233" },
	{ "option without a length at the end", ORIGINAL, ACK, BOTH, BEFORE, ACKED,
	  NOP NOP NOP "05" },
};

KUNIT_ARRAY_PARAM_DESC(sample, samples, name);

static __sum16 *sum_of(struct sk_buff *skb)
{
	return &((struct tcphdr *)(skb->data + sizeof(struct iphdr)))->check;
}

static struct segment before_of(struct kunit *test, const struct sample *sample)
{
	struct segment segment = { .numbers = sample->before };

	segment.length = read_hex(test, sample->options, segment.options, OPTIONS_MAX);
	return segment;
}

static struct segment after_of(struct kunit *test, const struct sample *sample)
{
	struct segment segment = { .numbers = sample->after };

	segment.length = read_hex(test, sample->after_options ?: sample->options,
				  segment.options, OPTIONS_MAX);
	return segment;
}

/* An IPv4 packet with this segment, its TCP checksum complete or left to the device. */
static struct sk_buff *make_packet(struct kunit *test, const struct sample *sample,
				   const struct segment *segment, u8 ip_summed)
{
	unsigned int length = sizeof(struct tcphdr) + segment->length + DATA_LENGTH;
	struct sk_buff *skb = kunit_zalloc_skb(test, length + sizeof(struct iphdr), GFP_KERNEL);
	struct tcphdr *th;
	struct iphdr *iph;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_EQ(test, segment->length % 4, 0);
	skb_put(skb, length + sizeof(struct iphdr));
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(struct iphdr));
	iph = ip_hdr(skb);
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->protocol = IPPROTO_TCP;
	iph->saddr = htonl(0xc0000201);
	iph->daddr = htonl(0x0a010203);
	th = tcp_hdr(skb);
	th->source = htons(1234);
	th->dest = htons(80);
	th->seq = htonl(segment->numbers.seq);
	th->ack_seq = htonl(segment->numbers.ack_seq);
	th->doff = (sizeof(*th) + segment->length) / 4;
	th->syn = !!(sample->flags & SYN);
	th->ack = !!(sample->flags & ACK);
	th->window = htons(segment->numbers.window);
	memcpy(th + 1, segment->options, segment->length);
	memset((u8 *)(th + 1) + segment->length, 'x', DATA_LENGTH);
	skb->ip_summed = ip_summed;
	if (ip_summed == CHECKSUM_PARTIAL) {
		th->check = ~tcp_v4_check(length, iph->saddr, iph->daddr, 0);
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct tcphdr, check);
	} else {
		th->check = tcp_v4_check(length, iph->saddr, iph->daddr,
					 csum_partial(th, length, 0));
	}
	return skb;
}

static struct sluice_conn *make_conn(struct kunit *test, const struct sample *sample)
{
	struct sluice_conn *conn = kunit_kzalloc(test, sizeof(*conn), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, conn);
	conn->translation = sample->translation;
	return conn;
}

static int translate(struct sk_buff *skb, const struct sluice_conn *conn, enum sluice_dir dir)
{
	const struct sluice_packet p = {
		.kind = SLUICE_PACKET_FLOW,
		.transport = sizeof(struct iphdr),
	};

	return sluice_translate(skb, &p, conn, dir);
}

/* Every byte is as in a packet that was made so, and therefore its checksum is, too. */
static void check_packet(struct kunit *test, const struct sample *sample,
			 const struct segment *after, const struct sk_buff *skb, u8 ip_summed)
{
	struct sk_buff *wanted = make_packet(test, sample, after, ip_summed);

	KUNIT_ASSERT_EQ(test, skb->len, wanted->len);
	KUNIT_EXPECT_MEMEQ(test, skb->data, wanted->data, wanted->len);
	kunit_kfree_skb(test, wanted);
}

static void translate_sample(struct kunit *test)
{
	const struct sample *sample = test->param_value;
	struct segment before = before_of(test, sample), after = after_of(test, sample);
	struct sluice_conn *conn = make_conn(test, sample);
	struct sk_buff *skb;

	skb = make_packet(test, sample, &before, CHECKSUM_NONE);
	KUNIT_EXPECT_EQ(test, translate(skb, conn, sample->dir), 0);
	check_packet(test, sample, &after, skb, CHECKSUM_NONE);

	skb = make_packet(test, sample, &before, CHECKSUM_PARTIAL);
	KUNIT_EXPECT_EQ(test, translate(skb, conn, sample->dir), 0);
	check_packet(test, sample, &after, skb, CHECKSUM_PARTIAL);
	KUNIT_ASSERT_EQ(test, skb_checksum_help(skb), 0);
	check_packet(test, sample, &after, skb, CHECKSUM_NONE);
}

/* The reply with the usual timestamp, its connection, and a packet of it. */
#define USUAL (&samples[2])

static struct sk_buff *usual_packet(struct kunit *test)
{
	struct segment before = before_of(test, USUAL);

	return make_packet(test, USUAL, &before, CHECKSUM_NONE);
}

/* What came in damaged goes out damaged: by as much. */
static void translate_damaged(struct kunit *test)
{
	struct segment after = after_of(test, USUAL);
	struct sk_buff *wanted = make_packet(test, USUAL, &after, CHECKSUM_NONE);
	struct sk_buff *skb = usual_packet(test);

	sluice_add_diff(sum_of(skb), (__force __wsum)htons(1));
	sluice_add_diff(sum_of(wanted), (__force __wsum)htons(1));
	KUNIT_EXPECT_EQ(test, translate(skb, make_conn(test, USUAL), REPLY), 0);
	KUNIT_EXPECT_MEMEQ(test, skb->data, wanted->data, wanted->len);
}

/* Random options in a random order, with what they have to become. */
struct random {
	struct rnd_state state;
	struct sample sample;
	struct segment before;
	struct segment after;
};

static u32 rnd(struct random *r, u32 below)
{
	return prandom_u32_state(&r->state) % below;
}

static void put(struct random *r, u8 before, u8 after)
{
	r->before.options[r->before.length++] = before;
	r->after.options[r->after.length++] = after;
}

static void put_word(struct random *r, u32 add)
{
	u32 n = prandom_u32_state(&r->state);
	int shift;

	for (shift = 24; shift >= 0; shift -= 8)
		put(r, n >> shift, (n + add) >> shift);
}

static void put_timestamp(struct random *r)
{
	const struct sluice_translation *t = &r->sample.translation;
	bool reply = r->sample.dir == REPLY;
	bool both = t->flags & SLUICE_TIMESTAMPS;
	unsigned int start = r->after.length;

	put(r, TCPOPT_TIMESTAMP, TCPOPT_TIMESTAMP);
	put(r, TCPOLEN_TIMESTAMP, TCPOLEN_TIMESTAMP);
	put_word(r, both && reply ? t->timestamp : 0);
	put_word(r, both && !reply && r->sample.flags & ACK ? -t->timestamp : 0);
	if (t->flags & SLUICE_NO_TIMESTAMPS && !reply)
		memset(r->after.options + start, TCPOPT_NOP, TCPOLEN_TIMESTAMP);
}

static void put_sack(struct random *r, int blocks)
{
	u32 add = r->sample.dir == REPLY ? 0 : -r->sample.translation.seq;

	put(r, TCPOPT_SACK, TCPOPT_SACK);
	put(r, TCPOLEN_SACK_BASE + 8 * blocks, TCPOLEN_SACK_BASE + 8 * blocks);
	for (blocks *= 2; blocks > 0; blocks--)
		put_word(r, add);
}

static void put_options(struct random *r)
{
	unsigned int *length = &r->before.length, n;

	while (rnd(r, 8) && *length < OPTIONS_MAX) {
		switch (rnd(r, 4)) {
		case 0:
			put(r, TCPOPT_NOP, TCPOPT_NOP);
			break;
		case 1:
			if (*length + TCPOLEN_TIMESTAMP <= OPTIONS_MAX)
				put_timestamp(r);
			break;
		case 2:
			n = 1 + rnd(r, 4);
			if (*length + TCPOLEN_SACK_BASE + 8 * n <= OPTIONS_MAX)
				put_sack(r, n);
			break;
		case 3:
			/* One of two bytes, for which nobody has to know it. */
			if (*length + 2 > OPTIONS_MAX)
				break;
			put(r, 254, 254);
			put(r, 2, 2);
			break;
		}
	}
	while (*length % 4)
		put(r, TCPOPT_NOP, TCPOPT_NOP);
}

static void make_random(struct random *r)
{
	static const u8 flags[] = { 0, SLUICE_TIMESTAMPS, SLUICE_NO_TIMESTAMPS };
	struct sample *s = &r->sample;
	struct sluice_translation *t = &s->translation;
	struct numbers *before = &r->before.numbers, *after = &r->after.numbers;
	u32 window;
	int shift;

	memset(s, 0, sizeof(*s));
	r->before.length = 0;
	r->after.length = 0;
	s->dir = rnd(r, 2) ? REPLY : ORIGINAL;
	s->flags = (rnd(r, 8) ? 0 : SYN) | (rnd(r, 8) ? ACK : 0);
	t->seq = prandom_u32_state(&r->state);
	t->timestamp = prandom_u32_state(&r->state);
	t->window = rnd(r, 29) - 14;
	t->client_window = rnd(r, 15);
	t->flags = SLUICE_TRANSLATED | flags[rnd(r, ARRAY_SIZE(flags))];
	before->seq = prandom_u32_state(&r->state);
	before->ack_seq = prandom_u32_state(&r->state);
	before->window = rnd(r, 65536);
	*after = *before;
	if (s->dir == REPLY)
		after->seq += t->seq;
	else if (s->flags & ACK)
		after->ack_seq -= t->seq;
	shift = s->dir == REPLY ? t->window : t->client_window;
	if (!(s->flags & SYN)) {
		/* All shifts at once: to the left by 14, and to the right by the rest. */
		window = (u32)before->window << 14 >> (14 - shift);
		after->window = min(window, 65535);
	}
	if (!rnd(r, 4)) {
		put(r, TCPOPT_NOP, TCPOPT_NOP);
		put(r, TCPOPT_NOP, TCPOPT_NOP);
		put_timestamp(r);
	} else {
		put_options(r);
	}
}

static void translate_random(struct kunit *test)
{
	struct random *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	struct sk_buff *skb;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, r);
	prandom_seed_state(&r->state, 1);
	for (i = 0; i < RANDOM_COUNT; i++) {
		struct sluice_conn conn = {};

		make_random(r);
		conn.translation = r->sample.translation;
		skb = make_packet(test, &r->sample, &r->before, CHECKSUM_NONE);
		KUNIT_EXPECT_EQ(test, translate(skb, &conn, r->sample.dir), 0);
		check_packet(test, &r->sample, &r->after, skb, CHECKSUM_NONE);
		kunit_kfree_skb(test, skb);
		/* One is enough to see what is wrong. */
		if (test->status == KUNIT_FAILURE)
			break;
	}
}

/* Options that are no options: nothing outside of the header is read, or changed. */
static void translate_garbage(struct kunit *test)
{
	static const struct sluice_translation translations[] = { BOTH, NONE, BLANKED };
	struct rnd_state state;
	struct tcphdr *th;
	__wsum sum, diff;
	int i, length;

	prandom_seed_state(&state, 2);
	for (i = 0; i < RANDOM_COUNT; i++) {
		length = sizeof(*th) + prandom_u32_state(&state) % 11 * 4;
		/* Of just this size, so that KASAN sees what is behind it. */
		th = kmalloc(length, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, th);
		prandom_bytes_state(&state, th, length);
		th->doff = length / 4;
		/* Nearly all kinds would be unknown. */
		if (length > sizeof(*th) && i % 2)
			*(u8 *)(th + 1) = i % 4 == 1 ? TCPOPT_SACK : TCPOPT_TIMESTAMP;
		sum = csum_partial(th, length, 0);
		if (i % 3)
			diff = sluice_translate_original(th, &translations[i % 3]);
		else
			diff = sluice_translate_reply(th, &translations[i / 3 % 3]);
		KUNIT_EXPECT_EQ(test, csum_fold(csum_add(sum, diff)),
				csum_fold(csum_partial(th, length, 0)));
		kfree(th);
		if (test->status == KUNIT_FAILURE)
			break;
	}
}

static void translate_short(struct kunit *test)
{
	struct sluice_conn *conn = make_conn(test, USUAL);
	struct sk_buff *skb, *before;
	unsigned int doff;

	for (doff = 0; doff < 16; doff++) {
		/* The header does not end before its options begin, nor after the packet. */
		skb = usual_packet(test);
		tcp_hdr(skb)->doff = doff;
		before = skb_copy(skb, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, before);
		if (doff >= sizeof(struct tcphdr) / 4 &&
		    doff * 4 + sizeof(struct iphdr) <= skb->len) {
			KUNIT_EXPECT_EQ(test, translate(skb, conn, REPLY), 0);
		} else {
			KUNIT_EXPECT_EQ(test, translate(skb, conn, REPLY), -ENOMEM);
			KUNIT_EXPECT_MEMEQ(test, skb->data, before->data, before->len);
		}
		kfree_skb(before);
	}
	skb = usual_packet(test);
	skb_trim(skb, HEADERS - 1);
	KUNIT_EXPECT_EQ(test, translate(skb, conn, REPLY), -ENOMEM);
}

/* Somebody else has the same bytes. */
static void translate_cloned(struct kunit *test)
{
	struct segment after = after_of(test, USUAL);
	struct sk_buff *skb = usual_packet(test), *before = usual_packet(test);
	struct sk_buff *clone = skb_clone(skb, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, clone);
	KUNIT_EXPECT_EQ(test, translate(skb, make_conn(test, USUAL), REPLY), 0);
	check_packet(test, USUAL, &after, skb, CHECKSUM_NONE);
	KUNIT_EXPECT_MEMEQ(test, clone->data, before->data, before->len);
	kfree_skb(clone);
}

/* What a device has put together as a list becomes one packet, whatever it says of the first one's sum. */
static void translate_list(struct kunit *test)
{
	const struct sluice_packet p = {
		.kind = SLUICE_PACKET_FLOW,
		.tuple.family = AF_INET,
		.transport = sizeof(struct iphdr),
	};
	struct segment after = after_of(test, USUAL);
	struct sk_buff *skb = usual_packet(test), *second;
	unsigned int length = skb->len + DATA_LENGTH;
	const struct tcphdr *th;

	second = alloc_skb(DATA_LENGTH, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, second);
	memset(skb_put(second, DATA_LENGTH), 'y', DATA_LENGTH);
	skb->ip_summed = CHECKSUM_COMPLETE;
	skb->csum = csum_partial(skb->data, skb->len, 0);
	skb_shinfo(skb)->frag_list = second;
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4 | SKB_GSO_FRAGLIST;
	skb_shinfo(skb)->gso_size = DATA_LENGTH;
	skb_shinfo(skb)->gso_segs = 2;
	skb->data_len += DATA_LENGTH;
	skb->len += DATA_LENGTH;
	skb->truesize += second->truesize;

	KUNIT_ASSERT_EQ(test, sluice_translate(skb, &p, make_conn(test, USUAL), REPLY), 0);
	KUNIT_EXPECT_FALSE(test, skb_is_nonlinear(skb));
	KUNIT_EXPECT_EQ(test, skb->len, length);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_type, SKB_GSO_TCPV4);
	KUNIT_EXPECT_EQ(test, (u8)skb->ip_summed, CHECKSUM_PARTIAL);
	th = tcp_hdr(skb);
	KUNIT_EXPECT_EQ(test, ntohl(th->seq), after.numbers.seq);
	length -= sizeof(struct iphdr);
	KUNIT_EXPECT_EQ(test, th->check,
			(__sum16)~tcp_v4_check(length, ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, 0));
}

static void translate_others(struct kunit *test)
{
	struct sk_buff *skb = usual_packet(test), *before = usual_packet(test);
	struct sluice_conn *conn = make_conn(test, USUAL);

	conn->translation.flags &= ~SLUICE_TRANSLATED;
	KUNIT_EXPECT_EQ(test, translate(skb, conn, REPLY), 0);
	KUNIT_EXPECT_EQ(test, translate(skb, conn, ORIGINAL), 0);
	KUNIT_EXPECT_MEMEQ(test, skb->data, before->data, before->len);
}

/* An ICMP error of the client's side about a segment of the server. */
static struct sk_buff *make_error(struct kunit *test, u32 seq)
{
	struct {
		struct iphdr iph;
		struct icmphdr icmp;
		struct iphdr inner;
		__be16 ports[2];
		__be32 seq;
	} *error;
	struct sk_buff *skb = kunit_zalloc_skb(test, sizeof(*error), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	error = skb_put(skb, sizeof(*error));
	error->icmp.type = ICMP_DEST_UNREACH;
	error->icmp.code = ICMP_FRAG_NEEDED;
	error->inner.saddr = htonl(0xc0000201);
	error->ports[0] = htons(80);
	error->seq = htonl(seq);
	error->icmp.checksum = ip_compute_csum(&error->icmp, sizeof(*error) - sizeof(error->iph));
	return skb;
}

static void translate_error(struct kunit *test)
{
	const struct sluice_packet p = {
		.kind = SLUICE_PACKET_ERROR,
		.transport = sizeof(struct iphdr),
		.inner = sizeof(struct iphdr) + sizeof(struct icmphdr),
		.inner_transport = 2 * sizeof(struct iphdr) + sizeof(struct icmphdr),
	};
	struct sluice_conn *conn = make_conn(test, &samples[0]);
	struct sk_buff *skb = make_error(test, 5), *wanted = make_error(test, 5 - SEQ);

	/* To the client go only those about its own segments, whose numbers are the same. */
	KUNIT_EXPECT_EQ(test, sluice_translate(skb, &p, conn, REPLY), 0);
	KUNIT_EXPECT_MEMEQ(test, skb->data, make_error(test, 5)->data, skb->len);
	KUNIT_EXPECT_EQ(test, sluice_translate(skb, &p, conn, ORIGINAL), 0);
	KUNIT_EXPECT_MEMEQ(test, skb->data, wanted->data, wanted->len);
	skb_trim(skb, skb->len - 1);
	KUNIT_EXPECT_EQ(test, sluice_translate(skb, &p, conn, ORIGINAL), -ENOMEM);
}

static struct kunit_case translate_cases[] = {
	KUNIT_CASE_PARAM(translate_sample, sample_gen_params),
	KUNIT_CASE(translate_damaged),
	KUNIT_CASE(translate_random),
	KUNIT_CASE(translate_garbage),
	KUNIT_CASE(translate_short),
	KUNIT_CASE(translate_cloned),
	KUNIT_CASE(translate_list),
	KUNIT_CASE(translate_others),
	KUNIT_CASE(translate_error),
	{}
};

struct kunit_suite sluice_translate_suite = {
	.name = "sluice_translate",
	.test_cases = translate_cases,
};
