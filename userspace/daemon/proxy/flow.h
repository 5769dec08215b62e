/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Content on its way from one connection to another: read where there is room,
 * written where it is taken, in one buffer. Whoever is slower sets the pace.
 *
 * How content is framed where it comes from, and where it goes to, are two things:
 * framing is taken off and made anew, data are not copied. A protocol that frames
 * by itself (a stream of HTTP/2) is content that ends where its stream does.
 */
#ifndef PROXY_FLOW_H
#define PROXY_FLOW_H

#include <sluice/http_chunk.h>
#include <sluice/http_response.h>

#include "buffer.h"
#include "forward.h"
#include "splice.h"
#include "stream.h"

/* What became of a flow. */
enum flow_result {
	FLOW_WAIT,	 /* for one of its streams */
	FLOW_AGAIN,	 /* others shall have their turn */
	FLOW_DONE,	 /* all is written */
	FLOW_SHORT,	 /* it ended before its end */
	FLOW_REFUSED,	 /* its framing is not right */
	FLOW_FROM_ERROR, /* @error: of the stream that it comes from */
	FLOW_TO_ERROR,	 /* @error: of the stream that it goes to */
};

/**
 * struct flow - content, or a head of our own, on its way
 * @from: where it comes from, NULL: all there is is @head
 * @to: where it goes to
 * @buffers: of the worker
 * @pipes: of the worker, NULL: data pass through @in
 * @in: what was read; given back while it is empty, unless something has to stay
 * @head: written before anything else, then given back
 * @tail: trailers, written after the last chunk, then given back
 * @pipe: data on their way in the kernel, NULL: none
 * @framing: how it comes
 * @as: how it goes
 * @chunks: where in a chunked message it is
 * @left: bytes that are still to be read, of the content with
 *	SLUICE_HTTP_FRAMING_LENGTH, of a chunk with SLUICE_HTTP_FRAMING_CHUNKED
 * @ready: bytes of content at the start of @in, without framing
 * @trailing: data of a chunked message are over, its trailer section is read
 * @trailers: where that is read, if it is not empty
 * @out_left: data of the chunk whose size was written
 * @frame: what frames chunks, and was not written yet
 * @frame_start: its first byte
 * @frame_end: behind its last
 * @moved: bytes of content so far
 * @read: bytes read so far, framing included
 * @keep: what was read is to stay in @in behind its base, as long as it has room,
 *	so that it could be sent once more
 * @lost: that is not so any more
 * @complete: all of it was read
 * @last: its end is written, or in @frame and @head
 * @error: negative errno
 */
struct flow {
	struct stream *from;
	struct stream *to;
	struct buffers *buffers;
	struct splice_pipes *pipes;
	struct buffer **in;
	struct buffer *head;
	struct buffer *tail;
	struct splice_pipe *pipe;
	enum sluice_http_framing framing;
	enum forward_framing as;
	struct sluice_http_chunks chunks;
	uint64_t left;
	uint32_t ready;
	bool trailing;
	struct sluice_http_trailers *trailers;
	uint64_t out_left;
	char frame[24];
	uint8_t frame_start;
	uint8_t frame_end;
	uint64_t moved;
	uint64_t read;
	bool keep;
	bool lost;
	bool complete;
	bool last;
	int error;
};

/**
 * flow_start() - content is to go on its way
 * @flow: with @from, @to, @buffers, @pipes, @in, @head and @keep filled in
 * @framing: how it comes; SLUICE_HTTP_FRAMING_NONE: there is @head only
 * @length: bytes, with SLUICE_HTTP_FRAMING_LENGTH
 * @as: how it goes
 */
void flow_start(struct flow *flow, enum sluice_http_framing framing,
		uint64_t length, enum forward_framing as);

/**
 * flow_run() - move what can be moved
 * @flow: started
 *
 * Return: what became of it
 */
enum flow_result flow_run(struct flow *flow);

/* Whether bytes of content, or the end of it, wait to be written. */
bool flow_is_pending(const struct flow *flow);

/**
 * flow_stop() - give back what a flow has, but @in
 * @flow: started, or all zero
 */
void flow_stop(struct flow *flow);

#endif /* PROXY_FLOW_H */
