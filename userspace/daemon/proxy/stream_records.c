// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "stream_records.h"

/* Four of the largest records, or sixteen small ones, with what TLS adds. */
#define BATCH_SIZE (4UL * (16384 + 256))
#define MARKS_MAX 32
/* What one stream may have waiting. */
#define UNSENT_MAX (2 * BATCH_SIZE)

/* Up to @end there are @bytes of the owner since the mark before. */
struct mark {
	uint32_t end;
	uint32_t bytes;
};

/**
 * struct stream_records - records
 * @from: what is before is sent
 * @used: what is there
 * @room: for how much
 * @first: of @marks
 * @count: of @marks
 * @marks: in their order
 * @data: the records
 */
struct stream_records {
	uint32_t from;
	uint32_t used;
	uint32_t room;
	uint32_t first;
	uint32_t count;
	struct mark marks[MARKS_MAX];
	uint8_t *data;
};

/* Empty between two calls for streams, so that no two streams ever share it. */
static _Thread_local struct stream_records batch;
static _Thread_local uint8_t batch_data[BATCH_SIZE];

static void batch_empty(void)
{
	batch.from = 0;
	batch.used = 0;
	batch.first = 0;
	batch.count = 0;
}

static int give_up(struct stream *stream, int err)
{
	batch_empty();
	stream->error = err;
	return err;
}

static void note_taken(struct stream *stream, struct stream_records *records)
{
	while (records->count &&
	       records->marks[records->first].end <= records->from) {
		stream->taken += records->marks[records->first].bytes;
		records->first++;
		records->count--;
	}
}

static int send_records(struct stream *stream, struct stream_records *records,
			bool more)
{
	int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);

	while (records->from < records->used) {
		size_t left = records->used - records->from;
		ssize_t count;

		if (!stream->writable)
			return -EAGAIN;
		count = send(stream->fd.fd, records->data + records->from, left,
			     flags);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno != EAGAIN)
			return -errno;
		if (count < 0 || (size_t)count < left)
			stream->writable = false;
		if (count > 0) {
			records->from += (uint32_t)count;
			note_taken(stream, records);
		}
	}
	return 0;
}

/* Keep what is left of the batch with the stream. */
static int keep(struct stream *stream)
{
	uint32_t left = batch.used - batch.from;
	struct stream_records *unsent = malloc(sizeof(*unsent) + left);

	if (!unsent)
		return give_up(stream, -ENOMEM);
	*unsent = (struct stream_records){
		.used = left,
		.room = left,
		.count = batch.count,
		.data = (uint8_t *)(unsent + 1),
	};
	memcpy(unsent->data, batch.data + batch.from, left);
	for (uint32_t i = 0; i < batch.count; i++) {
		unsent->marks[i] = batch.marks[batch.first + i];
		unsent->marks[i].end -= batch.from;
	}
	batch_empty();
	stream->unsent = unsent;
	return 0;
}

int stream_records_send(struct stream *stream, bool more)
{
	int err;

	if (stream->error)
		return give_up(stream, stream->error);
	if (stream->unsent) {
		err = send_records(stream, stream->unsent, more);
		if (!err)
			stream_records_free(stream);
		else if (err != -EAGAIN)
			stream->error = err;
		return err;
	}
	if (!batch.used)
		return 0;
	err = send_records(stream, &batch, more);
	if (err && err != -EAGAIN)
		return give_up(stream, err);
	if (err)
		return keep(stream) ?: -EAGAIN;
	batch_empty();
	return 0;
}

bool stream_records_room(const struct stream *stream, size_t size)
{
	return !stream->unsent && batch.count < MARKS_MAX &&
	       size <= BATCH_SIZE - batch.used;
}

/* Behind what a stream has already. */
static int append(struct stream *stream, const void *data, size_t size)
{
	struct stream_records *unsent = stream->unsent;

	if (size > UNSENT_MAX - unsent->used)
		return -EAGAIN;
	if (size > unsent->room - unsent->used) {
		uint32_t room = unsent->used + (uint32_t)size;
		struct stream_records *grown =
			realloc(unsent, sizeof(*unsent) + room);

		if (!grown)
			return give_up(stream, -ENOMEM);
		unsent = grown;
		unsent->room = room;
		unsent->data = (uint8_t *)(unsent + 1);
		stream->unsent = unsent;
	}
	memcpy(unsent->data + unsent->used, data, size);
	unsent->used += (uint32_t)size;
	return 0;
}

int stream_records_add(struct stream *stream, const void *data, size_t size)
{
	int err;

	if (stream->error)
		return stream->error;
	if (size > BATCH_SIZE)
		return give_up(stream, -EMSGSIZE);
	if (!stream->unsent && size > BATCH_SIZE - batch.used) {
		err = stream_records_send(stream, true);
		if (err && err != -EAGAIN)
			return err;
	}
	if (stream->unsent)
		return append(stream, data, size);
	batch.data = batch_data;
	memcpy(batch.data + batch.used, data, size);
	batch.used += (uint32_t)size;
	return 0;
}

void stream_records_mark(struct stream *stream, uint32_t bytes)
{
	struct stream_records *records = stream->unsent ? stream->unsent :
							  &batch;
	uint32_t last = records->first + records->count;

	/* The table is full: with those before, which are taken later then. */
	if (last == MARKS_MAX && records->count) {
		records->marks[last - 1].end = records->used;
		records->marks[last - 1].bytes += bytes;
		return;
	}
	records->marks[last] = (struct mark){ records->used, bytes };
	records->count++;
}

void stream_records_free(struct stream *stream)
{
	free(stream->unsent);
	stream->unsent = NULL;
}
