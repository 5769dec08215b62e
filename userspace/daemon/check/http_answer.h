/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An answer of HTTP/1.x (RFC 9112), read as it comes: bounded, and strict in what
 * tells where the body ends. Pure: buffer in, status and body out.
 */
#ifndef DAEMON_CHECK_HTTP_ANSWER_H
#define DAEMON_CHECK_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the status line and fields. */
#define HTTP_ANSWER_HEAD_MAX 16384

/**
 * enum http_answer_state - what is read next
 * @HTTP_ANSWER_STATUS: the status line
 * @HTTP_ANSWER_FIELDS: a field, or the empty line
 * @HTTP_ANSWER_BODY: body of known length, or the data of a chunk
 * @HTTP_ANSWER_REST: body up to the end of the connection
 * @HTTP_ANSWER_CHUNK: the size of a chunk
 * @HTTP_ANSWER_CHUNK_END: the empty line after a chunk
 * @HTTP_ANSWER_TRAILERS: fields after the last chunk
 * @HTTP_ANSWER_DONE: nothing more
 * @HTTP_ANSWER_BAD: not HTTP, see @error
 */
enum http_answer_state {
	HTTP_ANSWER_STATUS,
	HTTP_ANSWER_FIELDS,
	HTTP_ANSWER_BODY,
	HTTP_ANSWER_REST,
	HTTP_ANSWER_CHUNK,
	HTTP_ANSWER_CHUNK_END,
	HTTP_ANSWER_TRAILERS,
	HTTP_ANSWER_DONE,
	HTTP_ANSWER_BAD,
};

/**
 * struct http_answer - an answer; all zero but @to_head before the first byte
 * @state: what is read next
 * @to_head: the request was HEAD: there is no body
 * @status: 200 to 599, once @state is past HTTP_ANSWER_FIELDS
 * @body: where in the buffer the body is, once the head is complete
 * @body_length: how much of it there is by now, without chunk sizes
 * @error: what is wrong, in a few words
 * @at: bytes before this are read
 * @scanned: bytes before this are no end of the line that is read next
 * @left: of the body or chunk
 * @head_size: bytes of heads so far, of interim answers, too
 * @has_length: there was Content-Length
 * @chunked: there was Transfer-Encoding
 */
struct http_answer {
	enum http_answer_state state;
	bool to_head;
	unsigned int status;
	size_t body;
	size_t body_length;
	const char *error;
	size_t at;
	size_t scanned;
	uint64_t left;
	size_t head_size;
	bool has_length;
	bool chunked;
};

/**
 * http_answer_read() - go on reading
 * @answer: so far
 * @buf: all of the answer from its first byte, less what was taken out by this
 * @length: of @buf; becomes less where chunk sizes are taken out
 * @end: nothing more will come
 *
 * Each byte is looked at a fixed number of times, however they are cut.
 */
void http_answer_read(struct http_answer *answer, unsigned char *buf,
		      size_t *length, bool end);

/* Whether status and fields are complete. */
static inline bool http_answer_has_head(const struct http_answer *answer)
{
	return answer->state > HTTP_ANSWER_FIELDS &&
	       answer->state != HTTP_ANSWER_BAD;
}

#endif /* DAEMON_CHECK_HTTP_ANSWER_H */
