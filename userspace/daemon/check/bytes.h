/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as they are in messages, at any alignment. */
#ifndef DAEMON_CHECK_BYTES_H
#define DAEMON_CHECK_BYTES_H

#include <stdint.h>

static inline uint32_t get_be16(const unsigned char *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t get_be32(const unsigned char *p)
{
	return get_be16(p) << 16 | get_be16(p + 2);
}

static inline void put_be16(unsigned char *p, uint32_t value)
{
	p[0] = (unsigned char)(value >> 8);
	p[1] = (unsigned char)value;
}

static inline void put_be32(unsigned char *p, uint32_t value)
{
	put_be16(p, value >> 16);
	put_be16(p + 2, value);
}

static inline uint32_t get_le24(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

#endif /* DAEMON_CHECK_BYTES_H */
