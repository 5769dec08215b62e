// SPDX-License-Identifier: GPL-2.0
/*
 * Answering SYNs without keeping anything: what has to be remembered of one is
 * in the answer, and comes back with the client's next segment. The sequence
 * number is the kernel's own SYN cookie, which holds the MSS (RFC 4987, section
 * 3.6); what it has no room for is in the low bits of the timestamp. A client
 * without timestamps gets the MSS only.
 */

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/tcp.h>

#include "cookie.h"
#include "hold.h"
#include "segment.h"

/* The low bits of our timestamps in answers to SYNs. */
#define STAMP_NO_SCALE 0x0f
#define STAMP_SCALE 0x0f
#define STAMP_SACK 0x10
#define STAMP_BITS 0x3f

/*
 * How old a timestamp of ours may be in a segment that overtook the first one.
 * Whose connection was forgotten is told so when it repeats it later.
 */
#define STAMP_AGE (15 * MSEC_PER_SEC)

/**
 * sluice_cookie_clock() - our clock, as timestamps tell it
 *
 * Return: milliseconds.
 */
u32 sluice_cookie_clock(void)
{
	return tcp_clock_ms();
}

/*
 * What was agreed on, in the place of the clock's last bits. It may be ahead of
 * the clock by so much.
 */
static u32 make_stamp(const struct sluice_tcp_options *agreed)
{
	u32 stamp = sluice_cookie_clock() & ~STAMP_BITS;

	stamp |= agreed->flags & SLUICE_OPTION_WINDOW_SCALE ?
			 agreed->window_scale :
			 STAMP_NO_SCALE;
	if (agreed->flags & SLUICE_OPTION_SACK)
		stamp |= STAMP_SACK;
	return stamp;
}

static void read_stamp(u32 stamp, struct sluice_tcp_options *options)
{
	if ((stamp & STAMP_SCALE) != STAMP_NO_SCALE) {
		options->window_scale = stamp & STAMP_SCALE;
		options->flags |= SLUICE_OPTION_WINDOW_SCALE;
	}
	if (stamp & STAMP_SACK)
		options->flags |= SLUICE_OPTION_SACK;
}

static u32 make_cookie(const struct sk_buff *skb, const struct tcphdr *th,
		       u16 *mss)
{
	if (skb->protocol == htons(ETH_P_IPV6))
		return __cookie_v6_init_sequence(ipv6_hdr(skb), th, mss);
	return __cookie_v4_init_sequence(ip_hdr(skb), th, mss);
}

/**
 * sluice_cookie_answer() - make the answer to a SYN
 * @skb: a packet with a SYN alone, skb->data at its network header; its TCP
 *	header is in one piece
 * @p: what was found in it
 * @offer: what to agree to at most
 *
 * Context: any.
 * Return: a segment for sluice_segment_to_client(), or NULL.
 */
struct sk_buff *sluice_cookie_answer(struct sk_buff *skb,
				     const struct sluice_packet *p,
				     union sluice_offer offer)
{
	const struct tcphdr *th = (const void *)(skb->data + p->transport);
	struct sluice_tcp_options theirs;
	struct sluice_segment segment = {
		.flags = TCPHDR_SYN | TCPHDR_ACK,
		.ack = ntohl(th->seq) + 1,
		.window = SLUICE_HELD_MAX,
		.mark = skb->mark,
	};
	u16 mss;
	u8 *data;

	sluice_tcp_options_read(th, &theirs);
	mss = theirs.flags & SLUICE_OPTION_MSS ? theirs.mss :
						 sluice_default_mss(p->tuple.family);
	sluice_tuple_invert(&p->tuple, &segment.tuple);
	segment.seq = make_cookie(skb, th, &mss);
	segment.options.flags = SLUICE_OPTION_MSS;
	segment.options.mss = offer.mss;
	if (theirs.flags & offer.flags & SLUICE_OPTION_TIMESTAMP) {
		segment.options.flags |= theirs.flags & offer.flags;
		/* The client's, to be remembered. */
		segment.options.window_scale = theirs.window_scale;
		segment.options.timestamp = make_stamp(&segment.options);
		segment.options.echo = theirs.timestamp;
		segment.options.window_scale = offer.window_scale;
	}
	return sluice_segment_make(&segment, 0, &data);
}

static int check_cookie(const struct sk_buff *skb, const struct tcphdr *th)
{
	if (skb->protocol == htons(ETH_P_IPV6))
		return __cookie_v6_check(ipv6_hdr(skb), th);
	return __cookie_v4_check(ip_hdr(skb), th);
}

/**
 * sluice_cookie_check() - is a segment the first after an answer of ours
 * @skb: a packet with an ACK, skb->data at its network header; its TCP header
 *	is in one piece
 * @p: what was found in it
 * @options: set to what was agreed on where it is, with the client's @mss and
 *	@window_scale, its last @timestamp, and ours that it has seen in @echo
 *
 * Context: any.
 * Return: SLUICE_COOKIE_VALID; SLUICE_COOKIE_LATE where it may belong to a client
 * that was answered, but is not its first segment; or SLUICE_COOKIE_WRONG.
 */
enum sluice_cookie sluice_cookie_check(const struct sk_buff *skb,
				       const struct sluice_packet *p,
				       struct sluice_tcp_options *options)
{
	const struct tcphdr *th = (const void *)(skb->data + p->transport);
	struct sluice_tcp_options theirs;
	int mss = check_cookie(skb, th);

	sluice_tcp_options_read(th, &theirs);
	if (!mss)
		return theirs.flags & SLUICE_OPTION_TIMESTAMP &&
				       sluice_cookie_clock() + STAMP_BITS -
						       theirs.echo <
					       STAMP_AGE ?
			       SLUICE_COOKIE_LATE :
			       SLUICE_COOKIE_WRONG;
	memset(options, 0, sizeof(*options));
	options->mss = mss;
	options->flags = SLUICE_OPTION_MSS;
	if (theirs.flags & SLUICE_OPTION_TIMESTAMP) {
		options->flags |= SLUICE_OPTION_TIMESTAMP;
		options->timestamp = theirs.timestamp;
		options->echo = theirs.echo;
		read_stamp(theirs.echo, options);
	}
	return SLUICE_COOKIE_VALID;
}
