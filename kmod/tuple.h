/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_TUPLE_H
#define _SLUICE_TUPLE_H

#include <linux/math64.h>
#include <linux/netfilter.h>
#include <linux/string.h>

/**
 * enum sluice_dir - the two directions of a connection
 * @SLUICE_DIR_ORIGINAL: from the client to the service
 * @SLUICE_DIR_REPLY: from the server to the client
 */
enum sluice_dir {
	SLUICE_DIR_ORIGINAL,
	SLUICE_DIR_REPLY,
	/* private: */
	SLUICE_DIR_COUNT,
};

/**
 * struct sluice_tuple - addresses and ports of one packet as it arrives
 * @family: AF_INET or AF_INET6
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @dir: direction, in the tuple of a connection; not part of the key
 * @pad: zero
 * @sport: source port, network byte order
 * @dport: destination port, network byte order
 * @flow: all of the above as one word
 * @src: source address, network byte order; bytes past the family's are zero
 * @dst: destination address, likewise
 */
struct sluice_tuple {
	union {
		struct {
			u8 family;
			u8 protocol;
			u8 dir;
			u8 pad;
			__be16 sport;
			__be16 dport;
		};
		u64 flow;
	};
	union nf_inet_addr src;
	union nf_inet_addr dst;
};

/* The part of sluice_tuple.flow that identifies a flow: all but the direction. */
#define SLUICE_FLOW_KEY ((__force u64)cpu_to_be64(0xffff00ffffffffffULL))

/* An odd number without a pattern. */
#define SLUICE_MIX 0xd6e8feb86659fd93ULL

/* Mix two words well: both halves of their product. */
static inline u64 sluice_mix(u64 a, u64 b)
{
	return (a * b) ^ mul_u64_u64_shr(a, b, 64);
}

/**
 * sluice_hash4() - hash what identifies an IPv4 flow
 * @flow: &sluice_tuple.flow
 * @addrs: source address in the first four bytes, destination in the others
 * @seed: secret of the table, so that no client can aim at one bucket
 *
 * A keyed multiplication, since this is done for every packet. The seed is
 * spread over both factors.
 *
 * Return: 32 well mixed bits.
 */
static inline u32 sluice_hash4(u64 flow, u64 addrs, u32 seed)
{
	u64 key = seed * 0x9e3779b97f4a7c15ULL;
	u64 hash;

	hash = sluice_mix(addrs ^ key,
			  (flow & SLUICE_FLOW_KEY) ^ (key * SLUICE_MIX));
	return sluice_mix(hash ^ key, SLUICE_MIX) >> 32;
}

/**
 * sluice_hash6() - hash what identifies an IPv6 flow
 * @flow: &sluice_tuple.flow
 * @src: source address
 * @dst: destination address
 * @seed: as for sluice_hash4()
 *
 * Return: 32 well mixed bits.
 */
static inline u32 sluice_hash6(u64 flow, const struct in6_addr *src,
			       const struct in6_addr *dst, u32 seed)
{
	u64 key = seed * 0x9e3779b97f4a7c15ULL;
	u64 s, d, hash;

	s = (u64)(__force u32)src->s6_addr32[0] << 32 |
	    (__force u32)src->s6_addr32[1];
	d = (u64)(__force u32)src->s6_addr32[2] << 32 |
	    (__force u32)src->s6_addr32[3];
	hash = sluice_mix(s ^ key, d ^ (key * SLUICE_MIX));
	s = (u64)(__force u32)dst->s6_addr32[0] << 32 |
	    (__force u32)dst->s6_addr32[1];
	d = (u64)(__force u32)dst->s6_addr32[2] << 32 |
	    (__force u32)dst->s6_addr32[3];
	hash = sluice_mix(hash ^ s, d ^ key);
	hash = sluice_mix(hash ^ key,
			  (flow & SLUICE_FLOW_KEY) ^ (key * SLUICE_MIX));
	return sluice_mix(hash ^ key, SLUICE_MIX) >> 32;
}

/**
 * sluice_addrs4() - both addresses of an IPv4 flow as one word
 * @src: source address
 * @dst: destination address
 *
 * Return: the word, as it lies in memory.
 */
static inline u64 sluice_addrs4(__be32 src, __be32 dst)
{
	union {
		__be32 addr[2];
		u64 word;
	} addrs = { .addr = { src, dst } };

	return addrs.word;
}

/**
 * sluice_tuple_hash() - hash the key of a tuple
 * @t: the tuple
 * @seed: as for sluice_hash4()
 *
 * Return: 32 well mixed bits.
 */
static inline u32 sluice_tuple_hash(const struct sluice_tuple *t, u32 seed)
{
	if (t->family == AF_INET)
		return sluice_hash4(t->flow, sluice_addrs4(t->src.ip, t->dst.ip),
				    seed);
	return sluice_hash6(t->flow, &t->src.in6, &t->dst.in6, seed);
}

/**
 * sluice_tuple_equal() - compare the keys of two tuples
 * @a: one tuple
 * @b: the other
 *
 * Return: whether both name the same flow in the same direction.
 */
static inline bool sluice_tuple_equal(const struct sluice_tuple *a,
				      const struct sluice_tuple *b)
{
	return !((a->flow ^ b->flow) & SLUICE_FLOW_KEY) &&
	       nf_inet_addr_cmp(&a->src, &b->src) &&
	       nf_inet_addr_cmp(&a->dst, &b->dst);
}

/**
 * sluice_tuple_invert() - the tuple of a packet that goes the other way
 * @t: a tuple
 * @inverse: filled, with @dir zero
 */
static inline void sluice_tuple_invert(const struct sluice_tuple *t,
				       struct sluice_tuple *inverse)
{
	*inverse = (struct sluice_tuple){
		.src = t->dst,
		.dst = t->src,
		.sport = t->dport,
		.dport = t->sport,
		.family = t->family,
		.protocol = t->protocol,
	};
}

#endif /* _SLUICE_TUPLE_H */
