// SPDX-License-Identifier: GPL-2.0
/* Rewriting addresses and ports: the sums that a packet has, and the one that its device made. */

#include <kunit/skbuff.h>
#include <kunit/test.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>

#include "../nat.h"
#include "suites.h"

/* An odd number. */
#define DATA_LENGTH 7

struct sample {
	const char *name;
	u8 family;
	u8 protocol;
	enum sluice_nat_end end;
};

static const struct sample samples[] = {
	{ "IPv4, TCP, source", AF_INET, IPPROTO_TCP, SLUICE_NAT_SRC },
	{ "IPv4, UDP, destination", AF_INET, IPPROTO_UDP, SLUICE_NAT_DST },
	{ "IPv6, TCP, destination", AF_INET6, IPPROTO_TCP, SLUICE_NAT_DST },
	{ "IPv6, UDP, source", AF_INET6, IPPROTO_UDP, SLUICE_NAT_SRC },
};

KUNIT_ARRAY_PARAM_DESC(sample, samples, name);

/* With its transport header at sluice_packet.transport, complete but for its sum. */
static void set_headers(struct sk_buff *skb, const struct sample *sample,
			unsigned int length)
{
	struct ipv6hdr *ip6h = ipv6_hdr(skb);
	struct iphdr *iph = ip_hdr(skb);

	if (sample->family == AF_INET) {
		iph->version = 4;
		iph->ihl = sizeof(*iph) / 4;
		iph->ttl = 64;
		iph->protocol = sample->protocol;
		iph->tot_len = htons(skb->len);
		iph->saddr = htonl(0xc0000201);
		iph->daddr = htonl(0x0a010203);
		ip_send_check(iph);
	} else {
		ip6h->version = 6;
		ip6h->hop_limit = 64;
		ip6h->nexthdr = sample->protocol;
		ip6h->payload_len = htons(length);
		ip6h->saddr.s6_addr32[0] = htonl(0x20010db8);
		ip6h->saddr.s6_addr32[3] = htonl(1);
		ip6h->daddr.s6_addr32[0] = htonl(0xfd000001);
		ip6h->daddr.s6_addr32[3] = htonl(2);
	}
}

/* The sum of a transport header and what follows: 0 where it is right. */
static __sum16 transport_sum(const struct sk_buff *skb, const struct sample *sample,
			     unsigned int transport)
{
	unsigned int length = skb->len - transport;
	__wsum sum = csum_partial(skb->data + transport, length, 0);

	if (sample->family == AF_INET)
		return csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr,
					 length, sample->protocol, sum);
	return csum_ipv6_magic(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr,
			       length, sample->protocol, sum);
}

static struct sk_buff *make(struct kunit *test, const struct sample *sample,
			    struct sluice_packet *p)
{
	unsigned int header = sample->protocol == IPPROTO_TCP ?
				      sizeof(struct tcphdr) :
				      sizeof(struct udphdr);
	unsigned int length = header + DATA_LENGTH;
	struct sk_buff *skb;
	struct tcphdr *th;
	struct udphdr *uh;
	__sum16 *sum;

	*p = (struct sluice_packet){
		.kind = SLUICE_PACKET_FLOW,
		.tuple.family = sample->family,
		.tuple.protocol = sample->protocol,
		.transport = sample->family == AF_INET ? sizeof(struct iphdr) :
							 sizeof(struct ipv6hdr),
	};
	skb = kunit_zalloc_skb(test, p->transport + length, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put(skb, p->transport + length);
	skb_reset_network_header(skb);
	set_headers(skb, sample, length);
	th = (struct tcphdr *)(skb->data + p->transport);
	uh = (struct udphdr *)th;
	th->source = htons(1234);
	th->dest = htons(80);
	if (sample->protocol == IPPROTO_TCP) {
		th->doff = sizeof(*th) / 4;
		sum = &th->check;
	} else {
		uh->len = htons(length);
		sum = &uh->check;
	}
	memset(skb->data + p->transport + header, 0xa5, DATA_LENGTH);
	*sum = transport_sum(skb, sample, p->transport);
	return skb;
}

/* What a device says of a packet that it has summed from the IP header on. */
static void nat_complete(struct kunit *test)
{
	const struct sample *sample = test->param_value;
	union nf_inet_addr to = {};
	struct sluice_packet p;
	struct sk_buff *skb = make(test, sample, &p);

	KUNIT_ASSERT_EQ(test, transport_sum(skb, sample, p.transport), 0);
	skb->ip_summed = CHECKSUM_COMPLETE;
	skb->csum = csum_partial(skb->data, skb->len, 0);
	to.ip6[0] = htonl(0xfe345678);
	to.ip6[3] = htonl(0x9abcdef0);
	if (sample->family == AF_INET)
		to.ip6[3] = 0;
	KUNIT_ASSERT_EQ(test, sluice_nat(skb, &p, sample->end, &to, htons(4321)), 0);
	KUNIT_EXPECT_EQ(test, transport_sum(skb, sample, p.transport), 0);
	KUNIT_EXPECT_EQ(test, csum_fold(skb->csum),
			csum_fold(csum_partial(skb->data, skb->len, 0)));
}

static struct kunit_case nat_cases[] = {
	KUNIT_CASE_PARAM(nat_complete, sample_gen_params),
	{}
};

struct kunit_suite sluice_nat_suite = {
	.name = "sluice_nat",
	.test_cases = nat_cases,
};
