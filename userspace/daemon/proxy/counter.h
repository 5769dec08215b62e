/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number that one thread changes and others read at any time: no lock, and no
 * locked instruction, since nobody else writes.
 */
#ifndef PROXY_COUNTER_H
#define PROXY_COUNTER_H

#include <stdint.h>

static inline uint64_t counter_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* Context: always the same thread. */
static inline void counter_add(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, counter_read(counter) + value,
			 __ATOMIC_RELAXED);
}

#endif /* PROXY_COUNTER_H */
