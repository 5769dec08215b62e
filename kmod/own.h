/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_OWN_H
#define _SLUICE_OWN_H

#include <linux/hash.h>
#include <linux/types.h>

#include "net.h"

#define SLUICE_OWN_BITS 11

/**
 * struct sluice_own - how many IPv4 addresses of this host have each hash
 * @count: by hash; one that has reached its largest value keeps it. Written under
 *	RTNL, read with READ_ONCE().
 */
struct sluice_own {
	u16 count[1 << SLUICE_OWN_BITS];
};

extern bool sluice_own_known;

int sluice_own_init(struct sluice_net *sn);
void sluice_own_exit(struct sluice_net *sn);
int sluice_own_register(void);
void sluice_own_unregister(void);

/**
 * sluice_own_place() - where an address is counted
 * @own: the counts
 * @addr: the address, network byte order
 *
 * Return: its count, which other addresses have, too.
 */
static inline u16 *sluice_own_place(struct sluice_own *own, __be32 addr)
{
	return &own->count[hash_32((__force u32)addr, SLUICE_OWN_BITS)];
}

/**
 * sluice_own_may_be() - may an IPv4 address be one of this host's
 * @sn: namespace with hooks
 * @addr: the address, network byte order
 *
 * Return: false where it is certain that it is none; otherwise whoever asks has
 * to look for it.
 */
static inline bool sluice_own_may_be(const struct sluice_net *sn, __be32 addr)
{
	return READ_ONCE(*sluice_own_place(sn->own, addr)) ||
	       unlikely(!READ_ONCE(sluice_own_known));
}

#endif /* _SLUICE_OWN_H */
