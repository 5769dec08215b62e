/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_COOKIE_H
#define _SLUICE_COOKIE_H

#include <linux/skbuff.h>

#include "packet.h"
#include "tcp_option.h"

/**
 * union sluice_offer - what a service tells its clients of its servers
 * @mss: largest segment that they take
 * @window_scale: shift of their windows
 * @flags: SLUICE_OPTION_TIMESTAMP and so on: what they agree to
 * @word: all of it
 *
 * One word, so that it can be read and written at once.
 */
union sluice_offer {
	struct {
		u16 mss;
		u8 window_scale;
		u8 flags;
	};
	u32 word;
};

/**
 * enum sluice_cookie - what a segment of no known connection is
 * @SLUICE_COOKIE_VALID: the first of a client that was answered
 * @SLUICE_COOKIE_LATE: perhaps a later one of such a client
 * @SLUICE_COOKIE_WRONG: neither
 */
enum sluice_cookie {
	SLUICE_COOKIE_VALID,
	SLUICE_COOKIE_LATE,
	SLUICE_COOKIE_WRONG,
};

struct sk_buff *sluice_cookie_answer(struct sk_buff *skb,
				     const struct sluice_packet *p,
				     union sluice_offer offer);
u32 sluice_cookie_clock(void);
enum sluice_cookie sluice_cookie_check(const struct sk_buff *skb,
				       const struct sluice_packet *p,
				       struct sluice_tcp_options *options);

#endif /* _SLUICE_COOKIE_H */
