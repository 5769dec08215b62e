/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_TUPLE_H
#define _SLUICE_TUPLE_H

#include <linux/jhash.h>
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

/**
 * sluice_tuple_hash() - hash the key of a tuple
 * @t: the tuple
 * @seed: secret of the table, so that no client can aim at one bucket
 *
 * Return: 32 well mixed bits.
 */
static inline u32 sluice_tuple_hash(const struct sluice_tuple *t, u32 seed)
{
	u32 ports = (__force u32)t->sport << 16 | (__force u32)t->dport;

	seed ^= t->protocol;
	if (t->family == AF_INET)
		return jhash_3words((__force u32)t->src.ip,
				    (__force u32)t->dst.ip, ports, seed);
	return jhash_2words(jhash2((const u32 *)&t->src, 8, seed), ports, seed);
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
