/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Content of which every byte is known: a part that is missing, twice, in another
 * place or of another message is not what belongs there. It repeats itself after a
 * prime number of bytes, which is no size of a buffer.
 */
#ifndef TOOLS_BODY_CONTENT_H
#define TOOLS_BODY_CONTENT_H

#include <stdint.h>
#include <string.h>

#define CONTENT_PERIOD 131071
/* What content_at() has in one piece. */
#define CONTENT_PIECE ((size_t)256 * 1024)

static uint8_t content_bytes[CONTENT_PERIOD + CONTENT_PIECE];

/* Once, before anything else. */
static inline void content_init(void)
{
	uint64_t state = 88172645463325252ull;

	for (size_t i = 0; i < sizeof(content_bytes); i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		content_bytes[i] = i < CONTENT_PERIOD ?
					   (uint8_t)(state >> 32) :
					   content_bytes[i - CONTENT_PERIOD];
	}
}

/* CONTENT_PIECE bytes from @offset on of the content with the number @seed. */
static inline const uint8_t *content_at(uint64_t seed, uint64_t offset)
{
	return content_bytes + (seed * 7919 + offset) % CONTENT_PERIOD;
}

/* How many bytes of @data are what belongs there, up to the first that is not. */
static inline size_t content_right(uint64_t seed, uint64_t offset,
				   const uint8_t *data, size_t count)
{
	const uint8_t *want = content_at(seed, offset);
	size_t i = 0;

	if (memcmp(want, data, count) == 0)
		return count;
	while (want[i] == data[i])
		i++;
	return i;
}

#endif /* TOOLS_BODY_CONTENT_H */
