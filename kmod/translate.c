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

#include "gso.h"
#include "nat.h"
#include "translate.h"

/* No option, no option, timestamp: what nearly every segment begins with. */
#define USUAL_TIMESTAMP                                                        \
	(TCPOPT_NOP << 24 | TCPOPT_NOP << 16 | TCPOPT_TIMESTAMP << 8 |         \
	 TCPOLEN_TIMESTAMP)

/* A segment whose options are changed, and the difference to its sum. */
struct segment {
	struct tcphdr *th;
	const struct sluice_translation *translation;
	enum sluice_dir dir;
	u64 diff;
};

/* Add to a number. Return the difference to a sum, where it begins at an even byte. */
static __always_inline u64 add(void *at, u32 n)
{
	__be32 old = get_unaligned((__be32 *)at);
	__be32 new = htonl(ntohl(old) + n);

	put_unaligned(new, (__be32 *)at);
	return (u64)(__force u32)~old + (__force u32)new;
}

/* The same for one that may begin at an odd byte, whose bytes the sum has the other way round. */
static void add_anywhere(struct segment *s, u8 *at, u32 n)
{
	u64 diff = add(at, n);

	s->diff += (at - (u8 *)s->th) % 2 ? diff << 8 : diff;
}

static __always_inline u64 set_window(struct tcphdr *th, int shift)
{
	__be16 old = th->window;
	u32 window = ntohs(old);

	if (!shift || th->syn)
		return 0;
	window = shift > 0 ? min(window << shift, U16_MAX) : window >> -shift;
	th->window = htons(window);
	return (u64)(__force u16)~old + (__force u16)th->window;
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

static noinline u64 translate_options(struct tcphdr *th,
				      const struct sluice_translation *t,
				      enum sluice_dir dir)
{
	struct segment s = { .th = th, .translation = t, .dir = dir };
	int left = th->doff * 4 - (int)sizeof(*th), length;
	u8 *at = (u8 *)(th + 1);

	while (left > 0 && *at != TCPOPT_EOL) {
		if (*at == TCPOPT_NOP) {
			at++;
			left--;
			continue;
		}
		length = left < 2 ? 0 : at[1];
		if (length < 2 || length > left)
			break;
		translate_option(&s, at);
		left -= length;
		at += length;
	}
	return s.diff;
}

/* One timestamp and nothing else, as nearly every segment has it. */
static __always_inline bool has_usual_options(const struct tcphdr *th,
					      const struct sluice_translation *t)
{
	return th->doff * 4 == sizeof(*th) + TCPOLEN_TSTAMP_ALIGNED &&
	       get_unaligned((__be32 *)(th + 1)) == htonl(USUAL_TIMESTAMP) &&
	       t->flags & SLUICE_TIMESTAMPS;
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
	u8 *timestamp = (u8 *)(th + 1) + 4;
	u64 diff;

	if (dir == SLUICE_DIR_REPLY)
		diff = add(&th->seq, t->seq) + set_window(th, t->window);
	else
		diff = (th->ack ? add(&th->ack_seq, -t->seq) : 0) +
		       set_window(th, t->client_window);
	if (unlikely(!has_usual_options(th, t)))
		diff += translate_options(th, t, dir);
	else if (dir == SLUICE_DIR_REPLY)
		diff += add(timestamp, t->timestamp);
	else if (th->ack)
		diff += add(timestamp + 4, -t->timestamp);
	return fold(diff);
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
 * Return: 0, or -ENOMEM where memory or the packet is too short, or it is damaged.
 */
int sluice_translate_segment(struct sk_buff *skb, const struct sluice_packet *p,
			     const struct sluice_conn *conn, enum sluice_dir dir)
{
	unsigned int length = sluice_tcp_header_length(skb, p);
	struct tcphdr *th;
	__wsum diff;

	if (!length || sluice_make_writable(skb, p->transport + length) ||
	    (sluice_gso_is_list(skb) && sluice_gso_whole(skb, p, length)))
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
	struct icmphdr *icmp;
	u64 diff;

	if (sluice_make_writable(skb, at + sizeof(__be32)))
		return -ENOMEM;
	diff = add(skb->data + at, -conn->translation.seq);
	icmp = (struct icmphdr *)(skb->data + p->transport);
	update_sum(skb, &icmp->checksum, fold(diff));
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_translate_error);
