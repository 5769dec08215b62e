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
 * @src: source address, network byte order; bytes past the family's are zero
 * @dst: destination address, likewise
 * @sport: source port, network byte order
 * @dport: destination port, network byte order
 * @family: AF_INET or AF_INET6
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @dir: direction of the node this tuple belongs to; not part of the key
 * @pad: zero
 *
 * Everything up to @dir is compared as memory, so a tuple has to be zeroed
 * before it is filled.
 */
struct sluice_tuple {
	union nf_inet_addr src;
	union nf_inet_addr dst;
	__be16 sport;
	__be16 dport;
	u8 family;
	u8 protocol;
	u8 dir;
	u8 pad;
};

/* Length of the part of a tuple that identifies a flow. */
#define SLUICE_TUPLE_KEY_LEN offsetof(struct sluice_tuple, dir)

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
	return jhash_2words(jhash2((const u32 *)t, 8, seed), ports, seed);
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
	return !memcmp(a, b, SLUICE_TUPLE_KEY_LEN);
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
