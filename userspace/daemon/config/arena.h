/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is taken piece by piece and given back all at once. */
#ifndef CONFIG_ARENA_H
#define CONFIG_ARENA_H

#include <stddef.h>

struct config_arena_chunk;

/**
 * struct config_arena - memory with one owner; all zero is an empty one
 * @chunks: newest first
 * @at: where the next piece begins
 * @left: bytes from there to the end of the newest chunk
 */
struct config_arena {
	struct config_arena_chunk *chunks;
	char *at;
	size_t left;
};

/**
 * config_arena_alloc() - take memory
 * @arena: where from
 * @size: bytes, any number
 *
 * Return: zeroed memory, aligned for everything, or NULL.
 */
void *config_arena_alloc(struct config_arena *arena, size_t size);

/**
 * config_arena_copy() - keep a text
 * @arena: where
 * @text: bytes
 * @length: how many
 *
 * Return: the same bytes, with a NUL behind them, or NULL.
 */
char *config_arena_copy(struct config_arena *arena, const char *text,
			size_t length);

/**
 * config_arena_free() - give everything back
 * @arena: empty afterwards
 */
void config_arena_free(struct config_arena *arena);

#endif /* CONFIG_ARENA_H */
