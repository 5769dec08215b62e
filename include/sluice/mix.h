/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers that look random, from numbers that do not: for tables and draws that
 * nobody gains by foreseeing. For what comes from a client, take a keyed hash.
 */
#ifndef SLUICE_MIX_H
#define SLUICE_MIX_H

#include <sluice/types.h>

/**
 * sluice_mix() - Spread a number over all of 64 bits.
 * @x: Any number.
 *
 * Each bit of the result depends on all of @x: Stafford's variant 13 of the
 * finalizer of MurmurHash3. Different numbers have different results.
 *
 * Return: The number that stands for @x, 0 for 0.
 */
static inline u64 sluice_mix(u64 x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ULL;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/**
 * sluice_scale() - Bring a random number into a range.
 * @x: Any number, all of whose bits are random.
 * @range: How many results there are.
 *
 * The high half of their product: no division, which is slow and which 32-bit
 * kernels lack for 64 bits.
 *
 * Return: From 0 to @range - 1, or 0 if that is 0.
 */
static inline u32 sluice_scale(u64 x, u32 range)
{
	return ((x >> 32) * range + ((x & 0xffffffff) * range >> 32)) >> 32;
}

#endif /* SLUICE_MIX_H */
