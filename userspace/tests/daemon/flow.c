// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Content comes out as it went in, however it is framed, cut and held up, and what
 * follows it stays where it is. Streams are of this test: random amounts at random
 * times.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../ktap.h"
#include "proxy/flow.h"

#define CONTENT_MAX 200000
/* Bytes of the head that content may have come with. */
#define HEAD 100
#define ROUNDS 400

struct pipe_end {
	struct stream stream;
	uint8_t bytes[CONTENT_MAX * 4];
	size_t count;
	size_t at;
	int error;
};

static struct pipe_end input, output;
static uint8_t content[CONTENT_MAX];
static struct buffers buffers;
static uint64_t state = 88172645463325252U;

static uint32_t random_next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

/* Of all sizes: mostly few. */
static size_t random_size(size_t max)
{
	size_t size = (random_next() & 0x3ffff) >> random_next() % 18;

	return size > max ? max : size;
}

ssize_t stream_read(struct stream *stream, void *to, size_t size)
{
	struct pipe_end *end = loop_owner(stream, struct pipe_end, stream);
	size_t n = 1 + random_size(size - 1);

	if (random_next() % 4 == 0) {
		stream->readable = false;
		return -EAGAIN;
	}
	if (n > end->count - end->at)
		n = end->count - end->at;
	if (!n)
		return end->error;
	memcpy(to, end->bytes + end->at, n);
	end->at += n;
	return (ssize_t)n;
}

ssize_t stream_write(struct stream *stream, const struct iovec *parts,
		     int count, bool more)
{
	struct pipe_end *end = loop_owner(stream, struct pipe_end, stream);
	size_t room = 1 + random_size(CONTENT_MAX), sent = 0;

	(void)more;
	if (random_next() % 4 == 0) {
		stream->writable = false;
		return -EAGAIN;
	}
	if (end->error)
		return end->error;
	for (int i = 0; i < count && sent < room; i++) {
		size_t n = parts[i].iov_len;

		if (n > room - sent)
			n = room - sent;
		memcpy(end->bytes + end->count, parts[i].iov_base, n);
		end->count += n;
		sent += n;
	}
	return (ssize_t)sent;
}

static void put(struct pipe_end *end, const void *data, size_t length)
{
	memcpy(end->bytes + end->count, data, length);
	end->count += length;
}

static void put_text(struct pipe_end *end, const char *text)
{
	put(end, text, strlen(text));
}

static void reset(struct pipe_end *end)
{
	end->count = 0;
	end->at = 0;
	end->error = 0;
	end->stream.readable = true;
	end->stream.writable = true;
}

/* Content as it comes, with what follows it. */
static void frame(enum sluice_http_framing framing, size_t length,
		  const char *trailers, const char *rest)
{
	char size[64];

	if (framing != SLUICE_HTTP_FRAMING_CHUNKED) {
		put(&input, content, length);
		put_text(&input, rest);
		return;
	}
	for (size_t at = 0, n; at < length; at += n) {
		n = 1 + random_size(length - at - 1);
		snprintf(size, sizeof(size), "%zx%s\r\n", n,
			 random_next() % 8 ? "" : ";name=\"a value\"");
		put_text(&input, size);
		put(&input, content + at, n);
		put_text(&input, "\r\n");
	}
	put_text(&input, random_next() % 2 ? "0\r\n" : "000;end\r\n");
	put_text(&input, trailers);
	put_text(&input, "\r\n");
	put_text(&input, rest);
}

/* Take the chunks off again. Return: where the message ends, or NULL. */
static const uint8_t *unframe(const uint8_t *from, uint8_t *to, size_t *length)
{
	char *end;

	*length = 0;
	for (;;) {
		size_t n = strtoul((const char *)from, &end, 16);

		if (end == (const char *)from || memcmp(end, "\r\n", 2) != 0)
			return NULL;
		from = (const uint8_t *)end + 2;
		if (!n)
			return from;
		memcpy(to + *length, from, n);
		*length += n;
		from += n;
		if (memcmp(from, "\r\n", 2) != 0)
			return NULL;
		from += 2;
	}
}

static enum flow_result drive(struct flow *flow)
{
	for (int turns = 0; turns < 10000000; turns++) {
		enum flow_result result = flow_run(flow);

		if (result != FLOW_WAIT && result != FLOW_AGAIN)
			return result;
		input.stream.readable = true;
		output.stream.writable = true;
	}
	return FLOW_WAIT;
}

static struct flow begin(struct buffer **in, enum sluice_http_framing framing,
			 size_t length, enum forward_framing as, bool keep)
{
	struct flow flow = {
		.from = &input.stream,
		.to = &output.stream,
		.buffers = &buffers,
		.in = in,
		.keep = keep,
		.head = buffer_get(&buffers),
	};

	memcpy(flow.head->data, "HEAD\n", 5);
	flow.head->end = 5;
	flow_start(&flow, framing, length, as);
	return flow;
}

/* A part of the content may have come with the head. */
static struct buffer *come_with_head(void)
{
	struct buffer *in;

	if (random_next() % 2)
		return NULL;
	in = buffer_get(&buffers);
	memset(in->data, 'H', HEAD);
	in->base = HEAD;
	in->start = HEAD;
	in->end = HEAD;
	while (input.at < input.count && in->end < HEAD + random_size(16000))
		in->data[in->end++] = input.bytes[input.at++];
	return in;
}

static bool is_right(enum forward_framing as, size_t length,
		     const char *trailers)
{
	static uint8_t found[CONTENT_MAX * 2];
	const uint8_t *rest = output.bytes + 5;
	size_t count = output.count - 5;

	output.bytes[output.count] = '\0';
	if (output.count < 5 || memcmp(output.bytes, "HEAD\n", 5) != 0)
		return false;
	if (as != FORWARD_CHUNKED)
		return count == length && memcmp(rest, content, length) == 0;
	rest = unframe(rest, found, &count);
	return rest && count == length && memcmp(found, content, length) == 0 &&
	       strncmp((const char *)rest, trailers, strlen(trailers)) == 0 &&
	       strcmp((const char *)rest + strlen(trailers), "\r\n") == 0;
}

/* What follows the content, read already or not. */
static bool rest_is(const struct buffer *in, const char *rest)
{
	size_t left = in ? buffer_length(in) : 0;

	if (left > strlen(rest) ||
	    (left && memcmp(in->data + in->start, rest, left) != 0))
		return false;
	return left + input.count - input.at == strlen(rest);
}

/* The head that content came with is as it was, in whichever buffer. */
static bool head_stays(const struct buffer *in)
{
	for (uint32_t i = 0; in && i < in->base; i++)
		if (in->base != HEAD || in->data[i] != 'H')
			return false;
	return true;
}

static bool pass(enum sluice_http_framing framing, enum forward_framing as,
		 const char *trailers)
{
	bool open = framing == SLUICE_HTTP_FRAMING_CLOSE;
	const char *rest = open ? "" : "GET / HTTP/1.1\r\n\r\n";

	for (int i = 0; i < ROUNDS; i++) {
		size_t length = random_size(CONTENT_MAX);
		bool keep = random_next() % 2;
		struct buffer *in;
		struct flow flow;
		enum flow_result result;

		reset(&input);
		reset(&output);
		frame(framing, length, trailers, rest);
		in = come_with_head();
		flow = begin(&in, framing, length, as, keep);
		result = drive(&flow);
		if (result != FLOW_DONE ||
		    !is_right(as, length,
			      as == FORWARD_CHUNKED ? trailers : "") ||
		    !rest_is(in, rest) || !head_stays(in) ||
		    flow.moved != length) {
			printf("# round %d, %zu bytes: result %d, %zu out, %zu of %zu in\n",
			       i, length, result, output.count, input.at,
			       input.count);
			return false;
		}
		flow_stop(&flow);
		buffer_put(&buffers, &in);
	}
	return buffers.used == 0;
}

/* What was kept can be sent once more. */
static bool repeats(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		size_t length = random_size(12000);
		struct buffer *in = NULL;
		struct flow flow;
		bool right;

		reset(&input);
		reset(&output);
		frame(SLUICE_HTTP_FRAMING_LENGTH, length, "", "");
		output.error = -EPIPE;
		flow = begin(&in, SLUICE_HTTP_FRAMING_LENGTH, length,
			     FORWARD_LENGTH, true);
		if (drive(&flow) != FLOW_TO_ERROR || flow.lost)
			return false;
		flow_stop(&flow);
		output.error = 0;
		if (in)
			in->start = in->base;
		flow = begin(&in, SLUICE_HTTP_FRAMING_LENGTH, length,
			     FORWARD_LENGTH, true);
		right = drive(&flow) == FLOW_DONE &&
			is_right(FORWARD_LENGTH, length, "");
		flow_stop(&flow);
		buffer_put(&buffers, &in);
		if (!right)
			return false;
	}
	return true;
}

/* Content that goes on gets a wide buffer, what is short does not; where none is left... */
static bool is_wide(size_t length, bool *wide)
{
	struct buffer *in = NULL;
	struct flow flow;
	bool right;

	reset(&input);
	reset(&output);
	frame(SLUICE_HTTP_FRAMING_LENGTH, length, "", "");
	flow = begin(&in, SLUICE_HTTP_FRAMING_LENGTH, length, FORWARD_LENGTH,
		     false);
	right = drive(&flow) == FLOW_DONE &&
		is_right(FORWARD_LENGTH, length, "");
	*wide = in && in->wide;
	flow_stop(&flow);
	buffer_put(&buffers, &in);
	return right;
}

/* ... it passes all the same. */
static bool widens(void)
{
	struct buffer *taken[BUFFER_WIDE_MAX];
	bool wide[3], right;

	right = is_wide(50000, &wide[0]) && is_wide(CONTENT_MAX, &wide[1]);
	for (size_t i = 0; i < BUFFER_WIDE_MAX; i++)
		taken[i] = buffer_get_wide(&buffers);
	right = right && taken[BUFFER_WIDE_MAX - 1] &&
		!buffer_get_wide(&buffers) && is_wide(CONTENT_MAX, &wide[2]);
	for (size_t i = 0; i < BUFFER_WIDE_MAX; i++)
		buffer_put(&buffers, &taken[i]);
	return right && !wide[0] && wide[1] && !wide[2] && !buffers.wide_used;
}

static enum flow_result ends(enum sluice_http_framing framing, const char *text,
			     int error)
{
	struct buffer *in = NULL;
	enum flow_result result;
	struct flow flow;

	reset(&input);
	reset(&output);
	put_text(&input, text);
	input.error = error;
	flow = begin(&in, framing, 100, FORWARD_CHUNKED, false);
	result = drive(&flow);
	flow_stop(&flow);
	buffer_put(&buffers, &in);
	return result;
}

int main(void)
{
	static const enum sluice_http_framing framings[] = {
		SLUICE_HTTP_FRAMING_LENGTH,
		SLUICE_HTTP_FRAMING_CHUNKED,
		SLUICE_HTTP_FRAMING_CLOSE,
	};
	static const char *const names[] = { "a length", "chunks",
					     "the end of the connection" };
	static const char *const ways[] = { "nothing", "a length", "chunks",
					    "the end of the connection" };
	struct ktap ktap = { 0 };
	char name[128];

	ktap_begin();
	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)random_next();
	for (size_t i = 0; i < 3; i++)
		for (int as = FORWARD_LENGTH; as <= FORWARD_CLOSE; as++) {
			snprintf(name, sizeof(name), "from %s to %s", names[i],
				 ways[as]);
			ktap_result(&ktap,
				    pass(framings[i], (enum forward_framing)as,
					 ""),
				    name);
		}
	ktap_result(&ktap,
		    pass(SLUICE_HTTP_FRAMING_CHUNKED, FORWARD_CHUNKED,
			 "X-Checksum: 1234\r\nX-Other: 5\r\n"),
		    "trailers are passed on");
	ktap_result(&ktap,
		    pass(SLUICE_HTTP_FRAMING_CHUNKED, FORWARD_CLOSE,
			 "X-Checksum: 1234\r\n"),
		    "trailers are left out where there are no chunks");
	ktap_result(&ktap, widens(), "content that goes on has a wide buffer");
	ktap_result(&ktap, repeats(), "what was kept can be sent once more");
	ktap_result(&ktap,
		    ends(SLUICE_HTTP_FRAMING_LENGTH, "too little", 0) ==
			    FLOW_SHORT,
		    "less than its length is an error");
	ktap_result(&ktap,
		    ends(SLUICE_HTTP_FRAMING_CHUNKED, "5\r\nhello\r\n", 0) ==
			    FLOW_SHORT,
		    "chunks without the last are an error");
	ktap_result(&ktap,
		    ends(SLUICE_HTTP_FRAMING_CHUNKED, "-5\r\nhello\r\n", 0) ==
			    FLOW_REFUSED,
		    "a chunk with a sign is refused");
	ktap_result(&ktap,
		    ends(SLUICE_HTTP_FRAMING_CLOSE, "some", -ECONNRESET) ==
			    FLOW_FROM_ERROR,
		    "a reset is not an end");
	ktap_result(&ktap, buffers.used == 0, "all buffers are given back");
	buffers_exit(&buffers);
	return ktap_end(&ktap);
}
