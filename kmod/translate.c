// SPDX-License-Identifier: GPL-2.0
/*
 * Two halves of a TCP connection made one. The client shook hands with the
 * balancer, and the server later with the balancer in the client's name: the
 * client's sequence numbers are the same on both sides, those of the server
 * differ by what was promised for it, and so do its timestamps.
 *
 * Checksums are updated by the difference, as in nat.c.
 */

#include <linux/icmp.h>
#include <linux/unaligned.h>
#include <net/checksum.h>
#include <net/tcp.h>

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
	__wsum diff;
};

/* Note that a word of the header changes; it may begin at an odd byte. */
static void note(struct segment *s, const void *at, u32 from, u32 to)
{
	__wsum diff;

	diff = csum_add((__force __wsum)~htonl(from), (__force __wsum)htonl(to));
	s->diff = csum_add(s->diff, csum_shift(diff, (int)(at - (void *)s->th)));
}

static void add(struct segment *s, void *at, u32 n)
{
	u32 old = get_unaligned_be32(at);

	put_unaligned_be32(old + n, at);
	note(s, at, old, old + n);
}

static void set_window(struct segment *s)
{
	u32 window = ntohs(s->th->window), old = window;
	int shift = s->dir == SLUICE_DIR_REPLY ? s->translation->window :
						 s->translation->client_window;

	if (!shift || s->th->syn)
		return;
	window = shift > 0 ? min(window << shift, U16_MAX) : window >> -shift;
	s->th->window = htons(window);
	/* The half word before it, offset and flags, stays. */
	note(s, (void *)&s->th->window - 2, old, window);
}

static void translate_timestamp(struct segment *s, u8 *option)
{
	const struct sluice_translation *t = s->translation;
	unsigned int i;

	if (t->flags & SLUICE_TIMESTAMPS) {
		if (s->dir == SLUICE_DIR_REPLY)
			add(s, option + 2, t->timestamp);
		else if (s->th->ack)
			add(s, option + 6, -t->timestamp);
		return;
	}
	if (!(t->flags & SLUICE_NO_TIMESTAMPS) || s->dir == SLUICE_DIR_REPLY)
		return;
	/* The server has not agreed to it. */
	for (i = 0; i < TCPOLEN_TIMESTAMP; i++) {
		s->diff = csum_add(s->diff,
				   csum_shift((__force __wsum)htons((u16)~(option[i] << 8)),
					      (int)(option + i - (u8 *)s->th)));
		option[i] = TCPOPT_NOP;
		s->diff = csum_add(s->diff,
				   csum_shift((__force __wsum)htons(TCPOPT_NOP << 8),
					      (int)(option + i - (u8 *)s->th)));
	}
}

static void translate_sack(struct segment *s, u8 *option)
{
	unsigned int i;

	if (s->dir == SLUICE_DIR_REPLY)
		return;
	for (i = TCPOLEN_SACK_BASE; i + 4 <= option[1]; i += 4)
		add(s, option + i, -s->translation->seq);
}

static void translate_options(struct segment *s)
{
	u8 *at = (u8 *)(s->th + 1);
	int left = s->th->doff * 4 - (int)sizeof(*s->th);

	while (left > 0 && *at != TCPOPT_EOL) {
		if (*at == TCPOPT_NOP) {
			at++;
			left--;
			continue;
		}
		if (left < 2 || at[1] < 2 || at[1] > left)
			return;
		if (*at == TCPOPT_SACK)
			translate_sack(s, at);
		if (*at == TCPOPT_TIMESTAMP && at[1] == TCPOLEN_TIMESTAMP) {
			left -= at[1];
			translate_timestamp(s, at);
			at += TCPOLEN_TIMESTAMP;
			continue;
		}
		left -= at[1];
		at += at[1];
	}
}

/* One timestamp and nothing else, as nearly every segment has it. */
static bool has_usual_options(const struct tcphdr *th)
{
	return th->doff * 4 == sizeof(*th) + TCPOLEN_TSTAMP_ALIGNED &&
	       *(const __be32 *)(th + 1) == htonl(USUAL_TIMESTAMP);
}

/* Update a sum as it is in headers, complemented. */
static void update_sum(const struct sk_buff *skb, __sum16 *sum, __wsum diff)
{
	/* Otherwise the device sums all of this, or so far only the addresses. */
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		*sum = csum_fold(csum_add(~csum_unfold(*sum), diff));
}

/**
 * sluice_translate_segment() - the same for a TCP segment that needs it
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
	struct segment s = { .translation = &conn->translation, .dir = dir };
	unsigned int length;

	if (skb_ensure_writable(skb, p->transport + sizeof(*s.th)))
		return -ENOMEM;
	s.th = (struct tcphdr *)(skb->data + p->transport);
	length = s.th->doff * 4;
	if (length < sizeof(*s.th) ||
	    skb_ensure_writable(skb, p->transport + length))
		return -ENOMEM;
	s.th = (struct tcphdr *)(skb->data + p->transport);
	if (dir == SLUICE_DIR_REPLY)
		add(&s, &s.th->seq, s.translation->seq);
	else if (s.th->ack)
		add(&s, &s.th->ack_seq, -s.translation->seq);
	set_window(&s);
	if (likely(has_usual_options(s.th)))
		translate_timestamp(&s, (u8 *)(s.th + 1) + 2);
	else
		translate_options(&s);
	update_sum(skb, &s.th->check, s.diff);
	return 0;
}

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
	u32 old, new;

	if (skb_ensure_writable(skb, at + sizeof(__be32)))
		return -ENOMEM;
	old = get_unaligned_be32(skb->data + at);
	new = old - conn->translation.seq;
	put_unaligned_be32(new, skb->data + at);
	icmp = (struct icmphdr *)(skb->data + p->transport);
	update_sum(skb, &icmp->checksum,
		   csum_add((__force __wsum)~htonl(old),
			    (__force __wsum)htonl(new)));
	return 0;
}
