// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "buffer.h"

/* Enough for a burst; what is above goes back to the system. */
#define FREE_MAX 256
#define FREE_WIDE_MAX 8

static struct buffer *take(struct buffer_stock *stock)
{
	struct buffer *buffer = stock->free;

	if (buffer) {
		stock->free = buffer->next;
		stock->count--;
		buffer_reset(buffer);
	}
	return buffer;
}

static void give_back(struct buffer_stock *stock, size_t max,
		      struct buffer *buffer)
{
	if (stock->count >= max) {
		free(buffer);
		return;
	}
	buffer->next = stock->free;
	stock->free = buffer;
	stock->count++;
}

static struct buffer *allocate(size_t size)
{
	struct buffer *buffer = malloc(sizeof(*buffer) + size);

	if (!buffer)
		return NULL;
	buffer->next = NULL;
	buffer->size = (uint32_t)size;
	buffer->wide = false;
	buffer_reset(buffer);
	return buffer;
}

struct buffer *buffer_get_large(struct buffers *buffers, size_t size)
{
	struct buffer *buffer = allocate(size);

	buffers->used += buffer != NULL;
	return buffer;
}

struct buffer *buffer_get(struct buffers *buffers)
{
	struct buffer *buffer = take(&buffers->usual) ?: allocate(BUFFER_SIZE);

	buffers->used += buffer != NULL;
	return buffer;
}

struct buffer *buffer_get_wide(struct buffers *buffers)
{
	struct buffer *buffer;

	if (buffers->wide_used == BUFFER_WIDE_MAX)
		return NULL;
	buffer = take(&buffers->wide) ?: allocate(BUFFER_WIDE);
	if (!buffer)
		return NULL;
	buffer->wide = true;
	buffers->used++;
	buffers->wide_used++;
	return buffer;
}

void buffer_put(struct buffers *buffers, struct buffer **buffer)
{
	struct buffer *gone = *buffer;

	if (!gone)
		return;
	*buffer = NULL;
	buffers->used--;
	if (gone->wide) {
		buffers->wide_used--;
		give_back(&buffers->wide, FREE_WIDE_MAX, gone);
	} else if (gone->size == BUFFER_SIZE) {
		give_back(&buffers->usual, FREE_MAX, gone);
	} else {
		free(gone);
	}
}

static void empty(struct buffer_stock *stock)
{
	struct buffer *buffer;

	while ((buffer = take(stock)))
		free(buffer);
}

void buffers_exit(struct buffers *buffers)
{
	empty(&buffers->usual);
	empty(&buffers->wide);
}
