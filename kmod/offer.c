// SPDX-License-Identifier: GPL-2.0
/*
 * What clients of stratum sniff agree on with a service before a server is known:
 * no more than its servers agreed to when they were last asked.
 */

#include <net/dst.h>
#include <net/tcp.h>

#include "hold.h"
#include "net.h"
#include "offer.h"
#include "segment.h"
#include "service.h"
#include "sniff.h"

/* How long it is remembered what servers do not agree to. */
#define OFFER_TIME (60 * HZ)
/* What IP and TCP take of a packet, without options. */
#define HEADERS4 40
#define HEADERS6 60
/* What the way to servers is taken to let pass, at most. */
#define ETHERNET_MTU 1500

/**
 * sluice_offer_mss_max() - the largest segment size that any client is told
 * @family: AF_INET or AF_INET6
 *
 * Return: bytes of data.
 */
u16 sluice_offer_mss_max(u8 family)
{
	return ETHERNET_MTU - (family == AF_INET ? HEADERS4 : HEADERS6);
}

/**
 * sluice_offer_make() - say what a client may be told
 * @service: its service
 * @skb: its SYN
 * @family: AF_INET or AF_INET6
 *
 * While nothing is known of the servers, the segment size is the one that every
 * host takes (RFC 9293, section 3.7.1).
 *
 * Context: RCU read side.
 * Return: the offer.
 */
union sluice_offer sluice_offer_make(const struct sluice_service *service,
				     const struct sk_buff *skb, u8 family)
{
	union sluice_offer offer = { .word = READ_ONCE(service->offer) };
	u32 headers = family == AF_INET ? HEADERS4 : HEADERS6;
	struct net_device *dev = skb->dev ?: skb_dst(skb)->dev;
	u32 mtu = min(READ_ONCE(dev->mtu), ETHERNET_MTU);

	if (!offer.word)
		offer = (union sluice_offer){
			.mss = sluice_default_mss(family),
			.flags = SLUICE_OPTION_MSS | SLUICE_OPTION_SACK |
				 SLUICE_OPTION_WINDOW_SCALE |
				 SLUICE_OPTION_TIMESTAMP,
		};
	offer.mss = min(offer.mss, max(mtu, 2 * headers) - headers);
	offer.window_scale = SLUICE_WINDOW_SCALE;
	return offer;
}

/**
 * sluice_offer_learn() - note what a server agreed to, for the clients to come
 * @hold: the client that it was asked for, locked
 * @theirs: options of its SYN-ACK
 * @mss: the segment size that it takes
 *
 * Context: RCU read side.
 */
void sluice_offer_learn(const struct sluice_hold *hold,
			const struct sluice_tcp_options *theirs, u16 mss)
{
	struct sluice_service *service;
	union sluice_offer old, new;

	service = sluice_service_of(hold->sn, &hold->tuple);
	if (!service)
		return;
	old.word = READ_ONCE(service->offer);
	if ((u32)jiffies - READ_ONCE(service->offer_time) > OFFER_TIME) {
		old.word = 0;
		WRITE_ONCE(service->offer_time, (u32)jiffies);
	}
	/* What the client did not ask for the server was not asked either. */
	new = (union sluice_offer){
		.mss = mss,
		.flags = SLUICE_OPTION_MSS | SLUICE_OPTION_WINDOW_SCALE |
			 ((SLUICE_OPTION_SACK | SLUICE_OPTION_TIMESTAMP) &
			  (theirs->flags | ~hold->options.flags)),
	};
	if (old.word) {
		new.mss = min(new.mss, old.mss);
		new.flags &= old.flags;
	}
	if (new.word != READ_ONCE(service->offer))
		WRITE_ONCE(service->offer, new.word);
}
