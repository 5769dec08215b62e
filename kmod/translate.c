// SPDX-License-Identifier: GPL-2.0
/*
 * Two halves of a TCP connection made one. The client shook hands with the
 * balancer, and the server later with the balancer in the client's name: the
 * client's sequence numbers are the same on both sides, those of the server
 * differ by what was promised for it, and so do its timestamps.
 *
 * Checksums are updated by the difference, as in nat.c.
 */

#include <kunit/visibility.h>
#include <linux/icmp.h>
#include <linux/unaligned.h>
#include <net/checksum.h>
#include <net/tcp.h>

#include "nat.h"
#include "translate.h"

/* No option, no option, timestamp: what nearly every segment begins with. */
#define USUAL_TIMESTAMP                                                        \
	(TCPOPT_NOP << 24 | TCPOPT_NOP << 16 | TCPOPT_TIMESTAMP << 8 |         \
	 TCPOLEN_TIMESTAMP)

/* A segment whose numbers are changed, and the difference to its sum so far. */
struct segment {
	struct tcphdr *th;
	const struct sluice_translation *translation;
	enum sluice_dir dir;
	u64 diff;
};

/* Add to a number that begins at an even byte of the header. */
static __always_inline void add(struct segment *s, void *at, u32 n)
{
	__be32 old = get_unaligned((__be32 *)at);
	__be32 new = htonl(ntohl(old) + n);

	put_unaligned(new, (__be32 *)at);
	s->diff += (__force u32)~old;
	s->diff += (__force u32)new;
}

/* The same for one that may begin at an odd byte, whose bytes the sum has the other way round. */
static void add_anywhere(struct segment *s, u8 *at, u32 n)
{
	u64 before = s->diff;

	s->diff = 0;
	add(s, at, n);
	if ((at - (u8 *)s->th) % 2)
		s->diff <<= 8;
	s->diff += before;
}

static __always_inline void set_window(struct segment *s)
{
	int shift = s->dir == SLUICE_DIR_REPLY ? s->translation->window :
						 s->translation->client_window;
	__be16 old = s->th->window;
	u32 window = ntohs(old);

	if (!shift || s->th->syn)
		return;
	window = shift > 0 ? min(window << shift, U16_MAX) : window >> -shift;
	s->th->window = htons(window);
	s->diff += (__force u16)~old;
	s->diff += (__force u16)s->th->window;
}

static __always_inline void set_timestamp(struct segment *s, void *option)
{
	const struct sluice_translation *t = s->translation;

	if (s->dir == SLUICE_DIR_REPLY)
		add(s, option + 2, t->timestamp);
	else if (s->th->ack)
		add(s, option + 6, -t->timestamp);
}

/* The server has not agreed to an option. */
static void blank(struct segment *s, u8 *option)
{
	unsigned int length = option[1], i;
	u8 *at;

	for (i = 0; i < length; i++) {
		at = option + i;
		/* A byte at an even place is the high one of a word. */
		if ((at - (u8 *)s->th) % 2)
			s->diff += (__force u16)htons((u16)~*at) +
				   (__force u16)htons(TCPOPT_NOP);
		else
			s->diff += (__force u16)htons((u16)~(*at << 8)) +
				   (__force u16)htons(TCPOPT_NOP << 8);
		*at = TCPOPT_NOP;
	}
}

static void translate_option(struct segment *s, u8 *option)
{
	const struct sluice_translation *t = s->translation;
	unsigned int i;

	if (option[0] == TCPOPT_TIMESTAMP && option[1] == TCPOLEN_TIMESTAMP) {
		if (t->flags & SLUICE_TIMESTAMPS) {
			if (s->dir == SLUICE_DIR_REPLY)
				add_anywhere(s, option + 2, t->timestamp);
			else if (s->th->ack)
				add_anywhere(s, option + 6, -t->timestamp);
		} else if (t->flags & SLUICE_NO_TIMESTAMPS &&
			   s->dir == SLUICE_DIR_ORIGINAL) {
			blank(s, option);
		}
	}
	if (option[0] == TCPOPT_SACK && s->dir == SLUICE_DIR_ORIGINAL)
		for (i = TCPOLEN_SACK_BASE; i + 4 <= option[1]; i += 4)
			add_anywhere(s, option + i, -t->seq);
}

static noinline void translate_options(struct segment *s)
{
	int left = s->th->doff * 4 - (int)sizeof(*s->th), length;
	u8 *at = (u8 *)(s->th + 1);

	while (left > 0 && *at != TCPOPT_EOL) {
		if (*at == TCPOPT_NOP) {
			at++;
			left--;
			continue;
		}
		length = left < 2 ? 0 : at[1];
		if (length < 2 || length > left)
			return;
		translate_option(s, at);
		left -= length;
		at += length;
	}
}

/* One timestamp and nothing else, as nearly every segment has it. */
static bool has_usual_options(const struct segment *s)
{
	return s->th->doff * 4 == sizeof(*s->th) + TCPOLEN_TSTAMP_ALIGNED &&
	       get_unaligned((__be32 *)(s->th + 1)) == htonl(USUAL_TIMESTAMP) &&
	       s->translation->flags & SLUICE_TIMESTAMPS;
}

static __wsum fold(u64 diff)
{
	diff = (diff & U32_MAX) + (diff >> 32);
	diff = (diff & U32_MAX) + (diff >> 32);
	return (__force __wsum)(u32)diff;
}

static void update_sum(const struct sk_buff *skb, __sum16 *sum, __wsum diff)
{
	/* Otherwise the device sums all of this, or so far only the addresses. */
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		sluice_add_diff(sum, diff);
}

static __always_inline __wsum translate(struct tcphdr *th,
					const struct sluice_translation *t,
					enum sluice_dir dir)
{
	struct segment s;

	s.th = th;
	s.translation = t;
	s.dir = dir;
	s.diff = 0;
	if (dir == SLUICE_DIR_REPLY)
		add(&s, &th->seq, t->seq);
	else if (th->ack)
		add(&s, &th->ack_seq, -t->seq);
	set_window(&s);
	if (likely(has_usual_options(&s)))
		set_timestamp(&s, (u8 *)(th + 1) + 2);
	else
		translate_options(&s);
	return fold(s.diff);
}

/**
 * sluice_translate_original() - make a client's numbers those that its server knows
 * @th: a TCP header, all of it writable
 * @t: what makes them others
 *
 * Return: what has to be added to the checksum, as sluice_nat_rewrite() takes it.
 */
__wsum sluice_translate_original(struct tcphdr *th,
				 const struct sluice_translation *t)
{
	return translate(th, t, SLUICE_DIR_ORIGINAL);
}
EXPORT_SYMBOL_IF_KUNIT(sluice_translate_original);

/**
 * sluice_translate_reply() - make a server's numbers those that the client knows
 * @th: a TCP header, all of it writable
 * @t: what makes them others
 *
 * Return: what has to be added to the checksum, as sluice_nat_rewrite() takes it.
 */
__wsum sluice_translate_reply(struct tcphdr *th,
			      const struct sluice_translation *t)
{
	return translate(th, t, SLUICE_DIR_REPLY);
}
EXPORT_SYMBOL_IF_KUNIT(sluice_translate_reply);

/**
 * sluice_translate_segment() - the same for a packet that needs it
 * @skb: packet, skb->data at its network header
 * @p: what was found in it
 * @conn: its connection
 * @dir: its direction
 *
 * Return: 0, or -ENOMEM where memory or the packet is too short.
 */
int sluice_translate_segment(struct sk_buff *skb, const struct sluice_packet *p,
			     const struct sluice_conn *conn, enum sluice_dir dir)
{
	unsigned int length = sluice_tcp_header_length(skb, p);
	struct tcphdr *th;
	__wsum diff;

	if (!length || sluice_make_writable(skb, p->transport + length))
		return -ENOMEM;
	th = (struct tcphdr *)(skb->data + p->transport);
	if (dir == SLUICE_DIR_REPLY)
		diff = sluice_translate_reply(th, &conn->translation);
	else
		diff = sluice_translate_original(th, &conn->translation);
	update_sum(skb, &th->check, diff);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_translate_segment);

/**
 * sluice_translate_error() - the same for an ICMP error about a server's segment
 * @skb: packet, skb->data at its network header
 * @p: what was found in it
 * @conn: the connection of the segment that it is about
 *
 * The server takes an error only if the sequence number in it is one that it
 * has sent.
 *
 * Return: 0, or -ENOMEM where memory or the packet is too short.
 */
int sluice_translate_error(struct sk_buff *skb, const struct sluice_packet *p,
			   const struct sluice_conn *conn)
{
	unsigned int at = p->inner_transport + offsetof(struct tcphdr, seq);
	struct segment s = {};
	struct icmphdr *icmp;

	if (sluice_make_writable(skb, at + sizeof(__be32)))
		return -ENOMEM;
	add(&s, skb->data + at, -conn->translation.seq);
	icmp = (struct icmphdr *)(skb->data + p->transport);
	update_sum(skb, &icmp->checksum, fold(s.diff));
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_translate_error);
