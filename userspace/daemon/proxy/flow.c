// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"

/* What one connection may move before others have their turn. */
#define TURN_BYTES (1024ULL * 1024)
/* Less room than this in a buffer that was read into is not worth a call. */
#define ROOM_MIN 1024
/* Content that was longer than this will probably go on, and gets a wide buffer. */
#define WIDE_FROM ((uint64_t)4 * BUFFER_SIZE)

static const char chunk_end[] = "\r\n";
static const char last_chunk[] = "\r\n0\r\n\r\n";

void flow_start(struct flow *flow, enum sluice_http_framing framing,
		uint64_t length, enum forward_framing as)
{
	flow->framing = framing;
	flow->as = as;
	flow->left = framing == SLUICE_HTTP_FRAMING_LENGTH ? length : 0;
	flow->ready = 0;
	flow->trailing = false;
	flow->out_left = 0;
	flow->frame_start = 0;
	flow->frame_end = 0;
	flow->last = as != FORWARD_CHUNKED;
	flow->lost = false;
	flow->error = 0;
	flow->complete = framing == SLUICE_HTTP_FRAMING_NONE ||
			 (framing == SLUICE_HTTP_FRAMING_LENGTH && !length);
	if (framing == SLUICE_HTTP_FRAMING_CHUNKED)
		sluice_http_chunks_init(&flow->chunks);
}

void flow_stop(struct flow *flow)
{
	if (flow->head)
		buffer_put(flow->buffers, &flow->head);
	if (flow->tail)
		buffer_put(flow->buffers, &flow->tail);
	if (flow->pipe)
		splice_put(flow->pipes, &flow->pipe);
	free(flow->trailers);
	flow->trailers = NULL;
}

bool flow_is_pending(const struct flow *flow)
{
	return flow->head || flow->tail || flow->ready ||
	       flow->frame_start != flow->frame_end ||
	       (flow->pipe && flow->pipe->held) ||
	       (flow->complete && !flow->last);
}

/* A section of trailers is complete: pass on what may be. */
static bool pass_trailers(struct flow *flow, const uint8_t *section)
{
	ssize_t length;

	if (flow->as != FORWARD_CHUNKED || !flow->trailers->header_count)
		return true;
	flow->tail = buffer_get(flow->buffers);
	if (!flow->tail)
		return false;
	length = forward_trailers_write((char *)flow->tail->data,
					flow->tail->size, section,
					flow->trailers);
	if (length < 0)
		return false;
	flow->tail->end = (uint32_t)length;
	return true;
}

/*
 * Read over the trailer section from @at on. Return: bytes, 0: it is not complete,
 * or -1: refused.
 */
static long read_trailers(struct flow *flow, const struct buffer *in,
			  uint32_t at)
{
	const uint8_t *section = in->data + at;
	uint32_t have = in->end - at;
	enum sluice_http_result result;

	if (!flow->trailers) {
		/* Nearly always there is none. */
		if (have >= 2 && section[0] == '\r' && section[1] == '\n')
			return 2;
		flow->trailers = malloc(sizeof(*flow->trailers));
		if (!flow->trailers)
			return -1;
		sluice_http_trailers_init(flow->trailers,
					  SLUICE_HTTP_TRAILERS_DEFAULT);
	}
	result = sluice_http_trailers_parse(flow->trailers, section, have);
	if (result == SLUICE_HTTP_MORE)
		/* Where nothing can be read any more, there is no end. */
		return in->end == in->size && at == in->base ? -1 : 0;
	if (result == SLUICE_HTTP_REFUSED || !pass_trailers(flow, section))
		return -1;
	return flow->trailers->length;
}

/*
 * Take off framing: content is moved together behind what is ready, where that is
 * needed at all.
 */
static bool decode_chunks(struct flow *flow, struct buffer *in)
{
	uint32_t ready_end = in->start + flow->ready, at = ready_end, used, n;
	bool trailing = flow->trailing;
	long length;

	while (at < in->end && !flow->complete) {
		if (trailing) {
			length = read_trailers(flow, in, at);
			if (length < 0)
				return false;
			if (!length)
				break;
			at += (uint32_t)length;
			flow->complete = true;
			break;
		}
		if (flow->left) {
			n = in->end - at;
			if (n > flow->left)
				n = (uint32_t)flow->left;
			if (!flow->ready) {
				in->start = at;
				ready_end = at;
			} else if (ready_end != at) {
				memmove(in->data + ready_end, in->data + at, n);
			}
			flow->left -= n;
			flow->ready += n;
			ready_end += n;
			at += n;
			continue;
		}
		switch (sluice_http_chunks_scan(&flow->chunks, in->data + at,
						in->end - at, &used)) {
		case SLUICE_HTTP_CHUNKS_REFUSED:
			return false;
		case SLUICE_HTTP_CHUNKS_DATA:
			flow->left = flow->chunks.left;
			flow->chunks.left = 0;
			break;
		case SLUICE_HTTP_CHUNKS_TRAILERS:
			trailing = true;
			break;
		default:
			break;
		}
		at += used;
	}
	/* What is still to be read follows what is ready. */
	if (!flow->ready) {
		in->start = at;
	} else if (at != ready_end) {
		memmove(in->data + ready_end, in->data + at, in->end - at);
		in->end -= at - ready_end;
	}
	flow->trailing = trailing;
	return true;
}

/* What was read and not looked at yet. Return: false if it is refused. */
static bool decode(struct flow *flow)
{
	struct buffer *in = *flow->in;
	uint32_t fresh;

	if (!in || flow->complete)
		return true;
	fresh = buffer_length(in) - flow->ready;
	switch (flow->framing) {
	case SLUICE_HTTP_FRAMING_CHUNKED:
		flow->lost = flow->lost || fresh;
		return decode_chunks(flow, in);
	case SLUICE_HTTP_FRAMING_LENGTH:
		if (fresh >= flow->left) {
			fresh = (uint32_t)flow->left;
			flow->complete = true;
		}
		flow->left -= fresh;
		break;
	default:
		break;
	}
	flow->ready += fresh;
	return true;
}

static unsigned int print_hex(char *to, uint64_t value)
{
	unsigned int digits = 1;

	while (digits < 16 && value >> (4 * digits))
		digits++;
	for (unsigned int i = 0; i < digits; i++)
		to[i] = "0123456789abcdef"[value >> (4 * (digits - 1 - i)) & 15];
	return digits;
}

static void begin_chunk(struct flow *flow)
{
	unsigned int length = print_hex(flow->frame, flow->ready);

	flow->frame[length++] = '\r';
	flow->frame[length++] = '\n';
	flow->frame_start = 0;
	flow->frame_end = (uint8_t)length;
	flow->out_left = flow->ready;
}

static void set_frame(struct flow *flow, const char *text, size_t length)
{
	memcpy(flow->frame, text, length);
	flow->frame_start = 0;
	flow->frame_end = (uint8_t)length;
}

/* What ends the chunk of which all data are being written. */
static const char *end_of_chunk(const struct flow *flow, size_t *length)
{
	if (flow->complete && !flow->tail) {
		*length = sizeof(last_chunk) - 1;
		return last_chunk;
	}
	*length = sizeof(chunk_end) - 1;
	return chunk_end;
}

/* How many bytes of @part @sent has; they are taken off. */
static size_t taken(size_t *sent, size_t part)
{
	size_t n = *sent < part ? *sent : part;

	*sent -= n;
	return n;
}

/* What of a buffer was written; given back where that is all of it. */
static void pass_buffer(struct flow *flow, struct buffer **buffer, size_t *sent)
{
	if (!*buffer)
		return;
	(*buffer)->start += (uint32_t)taken(sent, buffer_length(*buffer));
	if (!buffer_length(*buffer))
		buffer_put(flow->buffers, buffer);
}

static void pass_data(struct flow *flow, size_t *sent, size_t data)
{
	size_t n = taken(sent, data);

	if (!n)
		return;
	(*flow->in)->start += (uint32_t)n;
	flow->ready -= (uint32_t)n;
	flow->moved += n;
	if (flow->as == FORWARD_CHUNKED)
		flow->out_left -= n;
}

static void add_part(struct iovec *parts, int *count, const void *data,
		     size_t length)
{
	parts[(*count)++] = (struct iovec){ (void *)data, length };
}

static ssize_t write_parts(struct flow *flow)
{
	const struct buffer *in = flow->in ? *flow->in : NULL;
	size_t data = in ? flow->ready : 0, framed, end_length = 0, sent;
	const char *end = NULL;
	struct iovec parts[5];
	ssize_t result;
	int count = 0;

	if (flow->as == FORWARD_CHUNKED) {
		if (data && !flow->out_left &&
		    flow->frame_start == flow->frame_end)
			begin_chunk(flow);
		if (data > flow->out_left)
			data = (size_t)flow->out_left;
	}
	framed = flow->frame_end - flow->frame_start;
	if (flow->head)
		add_part(parts, &count, flow->head->data + flow->head->start,
			 buffer_length(flow->head));
	if (framed)
		add_part(parts, &count, flow->frame + flow->frame_start,
			 framed);
	if (data)
		add_part(parts, &count, in->data + in->start, data);
	if (data && flow->as == FORWARD_CHUNKED && data == flow->out_left) {
		end = end_of_chunk(flow, &end_length);
		add_part(parts, &count, end, end_length);
	}
	if (flow->tail && flow->last)
		add_part(parts, &count, flow->tail->data + flow->tail->start,
			 buffer_length(flow->tail));
	result = stream_write(flow->to, parts, count, false);
	if (result < 0)
		return result;
	sent = (size_t)result;
	pass_buffer(flow, &flow->head, &sent);
	flow->frame_start += (uint8_t)taken(&sent, framed);
	pass_data(flow, &sent, data);
	if (end && !flow->out_left) {
		set_frame(flow, end, end_length);
		flow->frame_start = (uint8_t)taken(&sent, end_length);
		flow->last = end == last_chunk;
	}
	if (flow->last)
		pass_buffer(flow, &flow->tail, &sent);
	return result;
}

/* All data are written: so is the end, where it is not yet. */
static void end_chunks(struct flow *flow)
{
	/* Trailers have the empty line behind them. */
	set_frame(flow, last_chunk + 2, flow->tail ? 3 : 5);
	flow->last = true;
}

/*
 * A wide buffer in place of @in, which has nothing to be written but may have a head
 * before its base. Return: the one or the other.
 */
static struct buffer *widen(struct flow *flow, struct buffer *in)
{
	struct buffer *wide = buffer_get_wide(flow->buffers);

	if (!wide)
		return in;
	if (in) {
		memcpy(wide->data, in->data, in->base);
		wide->base = in->base;
		wide->start = in->base;
		wide->end = in->base;
		/* What was behind the base is not kept. */
		flow->lost = true;
		buffer_put(flow->buffers, flow->in);
	}
	*flow->in = wide;
	return wide;
}

/* Make room to read into. Return: false: there is none, nor will there be. */
static bool make_room(struct flow *flow)
{
	struct buffer *in = *flow->in;

	if (flow->moved >= WIDE_FROM &&
	    (!in || (in->size == BUFFER_SIZE && in->start == in->end)))
		in = widen(flow, in);
	if (!in) {
		in = buffer_get(flow->buffers);
		*flow->in = in;
		flow->error = in ? 0 : -ENOMEM;
		return in;
	}
	if (in->start == in->end && !flow->keep) {
		in->start = in->base;
		in->end = in->base;
	}
	if (buffer_room(in) >= ROOM_MIN)
		return true;
	flow->lost = true;
	if (in->start != in->base) {
		memmove(in->data + in->base, in->data + in->start,
			buffer_length(in));
		in->end = in->base + buffer_length(in);
		in->start = in->base;
	}
	if (buffer_room(in))
		return true;
	flow->error = -EMSGSIZE;
	return false;
}

static enum flow_result read_more(struct flow *flow)
{
	struct buffer *in;
	ssize_t got;

	if (!flow->from->readable)
		return FLOW_WAIT;
	in = make_room(flow) ? *flow->in : NULL;
	if (!in)
		return FLOW_FROM_ERROR;
	got = stream_read(flow->from, in->data + in->end, buffer_room(in));
	if (got > 0) {
		in->end += (uint32_t)got;
		flow->read += (uint64_t)got;
		return decode(flow) ? FLOW_AGAIN : FLOW_REFUSED;
	}
	if (got == -EAGAIN) {
		/* One that waits for nothing has no buffer. */
		if (in->start == in->end && !in->base)
			buffer_put(flow->buffers, flow->in);
		return FLOW_WAIT;
	}
	if (got < 0) {
		flow->error = (int)got;
		return FLOW_FROM_ERROR;
	}
	if (flow->framing != SLUICE_HTTP_FRAMING_CLOSE &&
	    flow->framing != SLUICE_HTTP_FRAMING_TUNNEL)
		return FLOW_SHORT;
	flow->complete = true;
	return FLOW_AGAIN;
}

static bool may_splice(const struct flow *flow)
{
	return flow->pipes && flow->framing == SLUICE_HTTP_FRAMING_LENGTH &&
	       flow->as == FORWARD_LENGTH && flow->left >= SPLICE_MIN &&
	       stream_is_clear(flow->from) && stream_is_clear(flow->to);
}

/* Data pass through a pipe. @in is empty, and all before them is written. */
static enum flow_result splice_on(struct flow *flow)
{
	ssize_t n;

	if (flow->pipe->held) {
		if (!flow->to->writable)
			return FLOW_WAIT;
		n = splice_write(flow->pipe, flow->to, flow->left > 0);
		if (n == -EAGAIN)
			return FLOW_WAIT;
		if (n < 0) {
			flow->error = (int)n;
			return FLOW_TO_ERROR;
		}
		flow->moved += (uint64_t)n;
		return FLOW_AGAIN;
	}
	if (!flow->left) {
		splice_put(flow->pipes, &flow->pipe);
		flow->complete = true;
		return FLOW_AGAIN;
	}
	if (!flow->from->readable)
		return FLOW_WAIT;
	n = splice_read(flow->pipe, flow->from, (size_t)flow->left);
	if (n == -EAGAIN)
		return FLOW_WAIT;
	if (n < 0) {
		flow->error = (int)n;
		return FLOW_FROM_ERROR;
	}
	if (n == 0)
		return FLOW_SHORT;
	flow->left -= (uint64_t)n;
	flow->read += (uint64_t)n;
	flow->lost = true;
	return FLOW_AGAIN;
}

static enum flow_result step(struct flow *flow)
{
	ssize_t sent;

	if (flow->pipe)
		return splice_on(flow);
	if (flow->complete && !flow->ready && !flow->last &&
	    flow->frame_start == flow->frame_end)
		end_chunks(flow);
	if (flow->head || flow->ready || flow->tail ||
	    flow->frame_start != flow->frame_end) {
		if (!flow->to->writable)
			return FLOW_WAIT;
		sent = write_parts(flow);
		if (sent == -EAGAIN)
			return FLOW_WAIT;
		if (sent < 0) {
			flow->error = (int)sent;
			return FLOW_TO_ERROR;
		}
		return FLOW_AGAIN;
	}
	if (flow->complete || !flow->in)
		return FLOW_DONE;
	if (may_splice(flow)) {
		flow->pipe = splice_get(flow->pipes);
		if (flow->pipe)
			return FLOW_AGAIN;
		/* No descriptors: it works without. */
		flow->pipes = NULL;
	}
	return read_more(flow);
}

enum flow_result flow_run(struct flow *flow)
{
	uint64_t until = flow->moved + TURN_BYTES;
	enum flow_result result;

	if (flow->in && !decode(flow))
		return FLOW_REFUSED;
	do
		result = step(flow);
	while (result == FLOW_AGAIN && flow->moved < until);
	return result;
}
