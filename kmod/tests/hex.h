/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes in tables of cases, as they are in packets. */
#ifndef _SLUICE_TESTS_HEX_H
#define _SLUICE_TESTS_HEX_H

#include <kunit/test.h>
#include <linux/hex.h>

/**
 * read_hex() - make bytes of digits
 * @test: fails where they are none, or too many
 * @text: digits of bytes, and blanks between bytes; NULL for none
 * @to: where to
 * @max: how many there is room for
 *
 * Return: how many there were.
 */
static inline unsigned int read_hex(struct kunit *test, const char *text, u8 *to, unsigned int max)
{
	unsigned int count = 0;

	while (text && *text) {
		if (*text == ' ') {
			text++;
			continue;
		}
		KUNIT_ASSERT_LT(test, count, max);
		KUNIT_ASSERT_EQ(test, hex2bin(to + count++, text, 1), 0);
		text += 2;
	}
	return count;
}

#endif /* _SLUICE_TESTS_HEX_H */
