/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What code that kernel and user space share builds on: parsers and tables that
 * get a buffer and leave no trace but in what they are given. No allocation, no
 * packet, no C library but memcpy() and its kin.
 */
#ifndef SLUICE_TYPES_H
#define SLUICE_TYPES_H

#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/math64.h>
#include <linux/string.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define u8 __u8
#define u16 __u16
#define u32 __u32
#define u64 __u64

/* The kernel's, where 32-bit machines have no other division of 64 bits. */
static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = (u32)(dividend % divisor);
	return dividend / divisor;
}
#endif

#endif /* SLUICE_TYPES_H */
