/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_LINE_H
#define _SLUICE_LINE_H

/*
 * Where the fields of a structure are in cache lines, for static_assert(). Which
 * fields are to share one, and which must not, is in
 * Documentation/cache-lines.md.
 */

#include <linux/cache.h>
#include <linux/kconfig.h>
#include <linux/stddef.h>

/**
 * SLUICE_IN_FIRST_LINE() - is a field in the first cache line of a structure
 * @type: the structure
 * @field: the field
 *
 * The line is taken to have 64 bytes, as most machines have it.
 */
#define SLUICE_IN_FIRST_LINE(type, field) (offsetofend(type, field) <= 64)

/**
 * SLUICE_ALIGNED() - does a structure have its cache lines for itself
 * @type: the structure; who allocates it with kmalloc() gets what it asks for
 *
 * With one CPU it does not matter, and is always true.
 */
#define SLUICE_ALIGNED(type)                                                   \
	(!IS_ENABLED(CONFIG_SMP) || __alignof__(type) % SMP_CACHE_BYTES == 0)

/**
 * SLUICE_APART() - are two fields in different cache lines
 * @type: the structure, which has to be SLUICE_ALIGNED()
 * @first: the field that comes first; all between the two is with one of them
 * @second: the other one
 *
 * With one CPU it does not matter, and is always true.
 */
#define SLUICE_APART(type, first, second)                                      \
	(!IS_ENABLED(CONFIG_SMP) ||                                            \
	 (SLUICE_ALIGNED(type) &&                                              \
	  (offsetofend(type, first) - 1) / SMP_CACHE_BYTES <                   \
		  offsetof(type, second) / SMP_CACHE_BYTES))

#endif /* _SLUICE_LINE_H */
