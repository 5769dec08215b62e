/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buffers of a worker, taken while bytes are on their way and given back when they
 * are gone, so that an idle connection has none. They are of one size; a few are
 * wide, for content that goes on and on.
 */
#ifndef PROXY_BUFFER_H
#define PROXY_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room of the usual buffer: a record of TLS, or a head. */
#define BUFFER_SIZE 16384U
/* That of one for what is larger than usual. */
#define BUFFER_LARGE ((size_t)8 * BUFFER_SIZE)

/* That of a wide one: with what frames a chunk, four records of TLS. */
#define BUFFER_WIDE (4 * BUFFER_SIZE - 64)
/* So many wide ones has a worker at most, lest slow clients make it large. */
#define BUFFER_WIDE_MAX 64

/**
 * struct buffer - bytes from one place to another
 * @next: while it is free
 * @size: room in @data
 * @wide: it is one of those
 * @base: before it is what has to stay: a head that was parsed
 * @start: first byte that is still to be used, not before @base
 * @end: behind the last byte
 * @data: the bytes
 */
struct buffer {
	struct buffer *next;
	uint32_t size;
	bool wide;
	uint32_t base;
	uint32_t start;
	uint32_t end;
	uint8_t data[];
};

/* Buffers of one size that nobody has. */
struct buffer_stock {
	struct buffer *free;
	size_t count;
};

/**
 * struct buffers - those that a worker does not use at the moment
 * @usual: the one that was used last first: its memory is still in the cache
 * @wide: the same of wide ones
 * @used: that somebody has
 * @wide_used: wide ones among them
 */
struct buffers {
	struct buffer_stock usual;
	struct buffer_stock wide;
	size_t used;
	size_t wide_used;
};

/**
 * buffer_get() - take an empty buffer
 * @buffers: of this worker
 *
 * Return: of BUFFER_SIZE, for buffer_put(), or NULL: memory is out.
 */
struct buffer *buffer_get(struct buffers *buffers);

/**
 * buffer_get_large() - take one with more room
 * @buffers: of this worker
 * @size: room
 *
 * Return: empty, for buffer_put(), or NULL.
 */
struct buffer *buffer_get_large(struct buffers *buffers, size_t size);

/**
 * buffer_get_wide() - take one of the few wide ones
 * @buffers: of this worker
 *
 * Return: empty, for buffer_put(), or NULL: all are in use, or memory is out; a
 * usual one does as well.
 */
struct buffer *buffer_get_wide(struct buffers *buffers);

/**
 * buffer_put() - give a buffer back
 * @buffers: where it is from
 * @buffer: a pointer to it, NULL afterwards; to NULL: nothing is done
 */
void buffer_put(struct buffers *buffers, struct buffer **buffer);

/* Give back to the system what is not used. */
void buffers_exit(struct buffers *buffers);

static inline uint32_t buffer_length(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

static inline uint32_t buffer_room(const struct buffer *buffer)
{
	return buffer->size - buffer->end;
}

static inline void buffer_reset(struct buffer *buffer)
{
	buffer->base = 0;
	buffer->start = 0;
	buffer->end = 0;
}

#endif /* PROXY_BUFFER_H */
