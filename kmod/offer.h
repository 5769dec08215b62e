/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_OFFER_H
#define _SLUICE_OFFER_H

#include <linux/skbuff.h>

struct sluice_hold;
struct sluice_service;
struct sluice_tcp_options;

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

u16 sluice_offer_mss_max(u8 family);
union sluice_offer sluice_offer_make(const struct sluice_service *service,
				     const struct sk_buff *skb, u8 family);
void sluice_offer_learn(const struct sluice_hold *hold,
			const struct sluice_tcp_options *theirs, u16 mss);

#endif /* _SLUICE_OFFER_H */
