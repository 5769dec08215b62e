/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_COOKIE_H
#define _SLUICE_COOKIE_H

#include <linux/skbuff.h>

#include "offer.h"
#include "packet.h"
#include "tcp_option.h"

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
