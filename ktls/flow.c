// SPDX-License-Identifier: GPL-2.0
/*
 * The content of a message, moved from one socket to the other. Data are never
 * looked at; of chunks only the lines between them are.
 */

#include <linux/kernel.h>
#include <linux/slab.h>

#include <sluice/http_relay.h>

#include "flow.h"

/* Rounds after which others get a turn, and parts of which the content was taken. */
#define ROUNDS_MAX 32
#define PARTS_MAX 256

/* Bytes of framing, or of trailers, that are read at a time. */
#define FRAMING_MAX 16384

/**
 * sluice_flow_init() - begin with a message
 * @flow: what to set up
 * @framing: how its content ends
 * @length: of SLUICE_HTTP_FRAMING_LENGTH
 */
void sluice_flow_init(struct sluice_flow *flow,
		      enum sluice_http_framing framing, u64 length)
{
	memset(flow, 0, sizeof(*flow));
	flow->framing = framing;
	flow->left = length;
	if (framing == SLUICE_HTTP_FRAMING_CHUNKED)
		sluice_http_chunks_init(&flow->chunks);
	else
		flow->ended = framing == SLUICE_HTTP_FRAMING_NONE ||
			      (framing == SLUICE_HTTP_FRAMING_LENGTH && !length);
}

/* Data of any framing: bytes, or as sluice_end_take() with -ECONNRESET at the end. */
static int take(struct sluice_flow *flow, struct sluice_end *from,
		struct sluice_pieces *pieces, u64 *left)
{
	int got = sluice_end_take(from, pieces, *left);

	if (got == 0)
		return -ECONNRESET;
	if (got > 0) {
		*left -= got;
		flow->bytes += got;
	}
	return got;
}

static int put(struct sluice_flow *flow, struct sluice_pieces *pieces,
	       const char *text, u32 length)
{
	if (flow->unchunk || !length)
		return 0;
	return sluice_pieces_copy(pieces, text, length);
}

/* Fields that may be passed on, and the end of the section. */
static int put_trailers(struct sluice_pieces *pieces,
			const struct sluice_http_trailers *trailers,
			const u8 *data)
{
	/* Nothing is added but a space behind each colon. */
	u32 size = trailers->length + trailers->header_count, length;
	u8 *out = sluice_pieces_reserve(pieces, size);

	if (!out)
		return -ENOMEM;
	length = sluice_http_relay_trailers(trailers, data, out, size);
	sluice_pieces_commit(pieces, length);
	return length ? 0 : -EBADMSG;
}

/* The last chunk is over. */
static int fill_trailers(struct sluice_flow *flow, struct sluice_end *from,
			 struct sluice_pieces *pieces)
{
	const u8 *data = from->data + from->start;
	struct sluice_http_trailers *trailers;
	enum sluice_http_result result;
	int err = 0;

	/* Most have none. */
	if (sluice_end_unused(from) >= 2 && data[0] == '\r' && data[1] == '\n') {
		err = put(flow, pieces, "\r\n", 2);
		if (err)
			return err;
		sluice_end_use(from, 2);
		flow->ended = true;
		return 0;
	}
	trailers = kmalloc(sizeof(*trailers), GFP_KERNEL);
	if (!trailers)
		return -ENOMEM;
	sluice_http_trailers_init(trailers, 0);
	result = sluice_http_trailers_parse(trailers, data,
					    sluice_end_unused(from));
	if (result == SLUICE_HTTP_MORE)
		err = -EAGAIN;
	else if (result == SLUICE_HTTP_REFUSED)
		err = -EBADMSG;
	else if (!flow->unchunk)
		err = put_trailers(pieces, trailers, data);
	if (!err) {
		sluice_end_use(from, trailers->length);
		flow->ended = true;
	}
	kfree(trailers);
	return err;
}

static int fill_framing(struct sluice_flow *flow, struct sluice_end *from,
			struct sluice_pieces *pieces)
{
	/* The end of the chunk before it, 16 digits, the end of the line. */
	char line[2 + 16 + 2 + 1];
	u32 used;
	int err;

	switch (sluice_http_chunks_scan(&flow->chunks, from->data + from->start,
					sluice_end_unused(from), &used)) {
	case SLUICE_HTTP_CHUNKS_DATA:
		err = put(flow, pieces, line,
			  scnprintf(line, sizeof(line), "%s%llx\r\n",
				    flow->begun ? "\r\n" : "",
				    flow->chunks.left));
		flow->begun = true;
		flow->inside = true;
		break;
	case SLUICE_HTTP_CHUNKS_TRAILERS:
		err = put(flow, pieces, flow->begun ? "\r\n0\r\n" : "0\r\n",
			  flow->begun ? 5 : 3);
		flow->trailers = true;
		break;
	case SLUICE_HTTP_CHUNKS_MORE:
		err = 0;
		break;
	default:
		return -EBADMSG;
	}
	sluice_end_use(from, used);
	return err ?: 1;
}

static int fill_chunked(struct sluice_flow *flow, struct sluice_end *from,
			struct sluice_pieces *pieces)
{
	int got;

	/* While the line with a size is being read, its size is not all of it. */
	if (flow->inside) {
		got = take(flow, from, pieces, &flow->chunks.left);
		flow->inside = flow->chunks.left;
		return got;
	}
	if (sluice_end_unused(from)) {
		got = flow->trailers ? fill_trailers(flow, from, pieces) :
				       fill_framing(flow, from, pieces);
		if (got != -EAGAIN)
			return got;
	}
	got = sluice_end_read(from, FRAMING_MAX);
	if (got == -EMSGSIZE)
		return -EBADMSG;
	return got ?: -ECONNRESET;
}

/* More of the content: above 0 if there was some, 0 at its end, or why not. */
static int fill(struct sluice_flow *flow, struct sluice_end *from,
		struct sluice_pieces *pieces)
{
	u64 any = SLUICE_PIECES_BYTES;
	int got;

	switch (flow->framing) {
	case SLUICE_HTTP_FRAMING_LENGTH:
		got = take(flow, from, pieces, &flow->left);
		flow->ended = !flow->left;
		return got;
	case SLUICE_HTTP_FRAMING_CHUNKED:
		got = fill_chunked(flow, from, pieces);
		return got ?: 1;
	default:
		got = take(flow, from, pieces, &any);
		if (got == -ECONNRESET && from->eof) {
			flow->ended = true;
			return 0;
		}
		return got;
	}
}

static enum sluice_moved stopped(int err)
{
	switch (err) {
	case -ENOMEM:
		return SLUICE_MOVED_MEMORY;
	case -EBADMSG:
		return SLUICE_MOVED_BAD;
	default:
		return SLUICE_MOVED_CUT;
	}
}

/* A few bytes can take as long as a page: in a chunk, or a record of TLS, of their own. */
static bool is_long(const struct sluice_end *from, u32 before)
{
	return from && from->parts - before >= PARTS_MAX;
}

/**
 * sluice_flow_move() - move what can be moved now
 * @flow: the message
 * @from: who sends it
 * @to: who gets it
 * @pieces: what was taken from @from and is not with @to yet; a head may be in it
 *	already
 *
 * At most SLUICE_PIECES_BYTES are taken before they are sent on, so a receiver
 * that is slow holds its sender back. However small the parts are that it comes in,
 * others get a turn soon.
 *
 * Context: work of the connection; may sleep.
 * Return: how far it has come.
 */
enum sluice_moved sluice_flow_move(struct sluice_flow *flow,
				   struct sluice_end *from,
				   struct sluice_end *to,
				   struct sluice_pieces *pieces)
{
	u32 before = from ? from->parts : 0;
	int round, got, err;

	for (round = 0; round < ROUNDS_MAX && !is_long(from, before); round++) {
		got = flow->error;
		while (!got && !flow->ended && !is_long(from, before) &&
		       !sluice_pieces_are_full(pieces)) {
			got = fill(flow, from, pieces);
			if (got <= 0)
				break;
			got = 0;
		}
		/* Part of a line may be lost: what comes behind it must not go on. */
		if (got < 0 && got != -EAGAIN)
			flow->error = got;
		if (got < 0 && got != -EAGAIN && !pieces->bytes)
			return stopped(got);
		err = sluice_end_write(to, pieces);
		if (err == -EAGAIN)
			return SLUICE_MOVED_WAIT;
		if (err)
			return err == -ENOMEM ? SLUICE_MOVED_MEMORY :
						SLUICE_MOVED_BROKEN;
		if (flow->ended)
			return SLUICE_MOVED_DONE;
		if (got == -EAGAIN)
			return SLUICE_MOVED_WAIT;
		if (got < 0)
			return stopped(got);
	}
	return SLUICE_MOVED_MORE;
}
