/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC-32C (Castagnoli), as of SCTP and iSCSI (RFC 3385); for a few hundred bytes. */
#ifndef PROXY_CRC32C_H
#define PROXY_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/**
 * crc32c() - sum of bytes
 * @crc: of those before, 0 at first
 * @data: bytes
 * @size: how many
 */
static inline uint32_t crc32c(uint32_t crc, const uint8_t *data, size_t size)
{
	/* Half a byte at a time. */
	static const uint32_t table[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
		0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};

	crc = ~crc;
	for (size_t i = 0; i < size; i++) {
		crc ^= data[i];
		crc = crc >> 4 ^ table[crc & 0xf];
		crc = crc >> 4 ^ table[crc & 0xf];
	}
	return ~crc;
}

#endif /* PROXY_CRC32C_H */
