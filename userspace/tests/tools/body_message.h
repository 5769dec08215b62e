/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heads and content of body-client and body-origin, in HTTP/1.1. */
#ifndef TOOLS_BODY_MESSAGE_H
#define TOOLS_BODY_MESSAGE_H

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "body_wire.h"

/**
 * struct body - what is transferred
 * @seed: of the content
 * @length: bytes
 * @pace: bytes a second of the origin server, 0: as fast as it can
 * @chunked: without Content-Length
 *
 * A request's target is all four of them: body_target().
 */
struct body {
	uint64_t seed;
	uint64_t length;
	uint64_t pace;
	bool chunked;
};

#define BODY_TARGET_MAX 96

static inline void body_target(const struct body *body, char *to)
{
	snprintf(to, BODY_TARGET_MAX, "/%" PRIu64 "/%" PRIu64 "/%" PRIu64 "/%s",
		 body->seed, body->length, body->pace,
		 body->chunked ? "chunks" : "length");
}

static inline bool body_parse(const char *target, struct body *body)
{
	uint64_t *const numbers[] = { &body->seed, &body->length, &body->pace };

	for (size_t i = 0; i < 3; i++) {
		char *end;

		if (*target++ != '/')
			return false;
		*numbers[i] = strtoull(target, &end, 10);
		if (end == target)
			return false;
		target = end;
	}
	body->chunked = strcmp(target, "/chunks") == 0;
	return body->chunked || strcmp(target, "/length") == 0;
}

/* The field that frames it, with the end of the head. */
static inline void body_framing(const struct body *body, char *to, size_t size)
{
	if (body->chunked)
		snprintf(to, size, "Transfer-Encoding: chunked\r\n\r\n");
	else
		snprintf(to, size, "Content-Length: %" PRIu64 "\r\n\r\n",
			 body->length);
}

/**
 * struct head - of a message
 * @first: its first line, cut where it is longer
 * @length: UINT64_MAX: it does not say
 * @chunked: instead of that
 */
struct head {
	char first[256];
	uint64_t length;
	bool chunked;
};

/* False: there is none that is whole. */
static inline bool head_read(struct wire *wire, struct head *head)
{
	char *line = wire_line(wire);

	if (!line)
		return false;
	snprintf(head->first, sizeof(head->first), "%s", line);
	head->length = UINT64_MAX;
	head->chunked = false;
	while ((line = wire_line(wire)) && *line) {
		if (strncasecmp(line, "content-length:", 15) == 0)
			head->length = strtoull(line + 15, NULL, 10);
		else if (strcasecmp(line, "transfer-encoding: chunked") == 0)
			head->chunked = true;
	}
	return line;
}

/* The next @count bytes of content, from @offset on; each is looked at. */
static inline bool content_take(struct wire *wire, const struct body *body,
				uint64_t offset, uint64_t count,
				atomic_ullong *progress)
{
	while (count) {
		size_t part = wire->end - wire->start, right;

		if (!part) {
			if (!wire_fill(wire))
				return false;
			continue;
		}
		if (part > count)
			part = (size_t)count;
		right = content_right(body->seed, offset,
				      wire->in + wire->start, part);
		if (right != part)
			return wire_fail(wire, "byte %" PRIu64 " is wrong",
					 offset + right);
		wire->start += part;
		offset += part;
		count -= part;
		*progress += part;
	}
	return true;
}

static inline bool content_take_chunks(struct wire *wire,
				       const struct body *body,
				       atomic_ullong *progress)
{
	uint64_t offset = 0, size;
	char *line;

	do {
		line = wire_line(wire);
		if (!line)
			return false;
		size = strtoull(line, NULL, 16);
		if (size > body->length - offset)
			return wire_fail(wire, "more than %" PRIu64 " bytes",
					 body->length);
		if (!content_take(wire, body, offset, size, progress))
			return false;
		offset += size;
		line = wire_line(wire);
		if (!line || *line)
			return wire_fail(wire, "a chunk without its end");
	} while (size);
	if (offset != body->length)
		return wire_fail(wire, "%" PRIu64 " bytes in chunks", offset);
	return true;
}

/* The content behind @head is as it has to be: whole, in its place, framed as asked. */
static inline bool content_receive(struct wire *wire, const struct head *head,
				   const struct body *body,
				   atomic_ullong *progress)
{
	if (head->chunked != body->chunked)
		return wire_fail(wire, "content %s chunks",
				 head->chunked ? "in" : "without");
	if (head->chunked)
		return content_take_chunks(wire, body, progress);
	if (head->length != body->length)
		return wire_fail(wire, "Content-Length %" PRIu64, head->length);
	return content_take(wire, body, 0, body->length, progress);
}

/* Chunks are of all sizes. */
static inline size_t chunk_size(uint64_t offset)
{
	return 1 + (size_t)(offset * 7919 % 65536);
}

static inline bool content_send(struct wire *wire, const struct body *body,
				atomic_ullong *progress)
{
	uint64_t offset = 0;
	char size[24];

	while (offset < body->length) {
		size_t count = body->chunked ? chunk_size(offset) :
					       CONTENT_PIECE;
		struct iovec parts[3];

		count = wire_step(wire, count);
		if (count > body->length - offset)
			count = (size_t)(body->length - offset);
		parts[0] = (struct iovec){ size,
					   (size_t)snprintf(size, sizeof(size),
							    "%zx\r\n", count) };
		parts[1] =
			(struct iovec){ (void *)content_at(body->seed, offset),
					count };
		parts[2] = (struct iovec){ "\r\n", 2 };
		if (!wire_send(wire, body->chunked ? parts : parts + 1,
			       body->chunked ? 3 : 1))
			return false;
		offset += count;
		*progress += count;
		wire_rest(wire, count);
	}
	return !body->chunked || wire_say(wire, "0\r\n\r\n");
}

#endif /* TOOLS_BODY_MESSAGE_H */
