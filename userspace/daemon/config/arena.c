// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

/* What is larger than a quarter of this gets a chunk of its own. */
#define CHUNK_SIZE 65536

struct config_arena_chunk {
	struct config_arena_chunk *next;
	alignas(max_align_t) char data[];
};

static void *add_chunk(struct config_arena *arena, size_t size)
{
	struct config_arena_chunk *chunk;

	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = calloc(1, sizeof(*chunk) + size);
	if (!chunk)
		return NULL;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	return chunk->data;
}

void *config_arena_alloc(struct config_arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	char *piece;

	if (size > SIZE_MAX - align)
		return NULL;
	size = (size + align - 1) / align * align;
	if (size > arena->left) {
		if (size > CHUNK_SIZE / 4)
			return add_chunk(arena, size);
		piece = add_chunk(arena, CHUNK_SIZE);
		if (!piece)
			return NULL;
		arena->at = piece;
		arena->left = CHUNK_SIZE;
	}
	piece = arena->at;
	arena->at += size;
	arena->left -= size;
	return piece;
}

char *config_arena_copy(struct config_arena *arena, const char *text,
			size_t length)
{
	char *copy = length < SIZE_MAX ? config_arena_alloc(arena, length + 1) :
					 NULL;

	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}

void config_arena_free(struct config_arena *arena)
{
	struct config_arena_chunk *chunk, *next;

	for (chunk = arena->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	*arena = (struct config_arena){ 0 };
}
