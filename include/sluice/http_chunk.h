/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chunked transfer coding, RFC 9112 7.1: where data are, and where they end. Data
 * are never looked at, so that they may be moved by whatever means:
 *
 *	sluice_http_chunks_init(&chunks);
 *	do {
 *		result = sluice_http_chunks_scan(&chunks, buf, length, &used);
 *		buf += used, length -= used;
 *		if (result != SLUICE_HTTP_CHUNKS_DATA)
 *			break;
 *		n = move(buf, min(length, chunks.left));
 *		chunks.left -= n, buf += n, length -= n;
 *	} while (length);
 *
 * Strict as the head's parser: sizes are up to 16 hexadecimal digits without sign or
 * prefix, below 2^63; lines end with CR LF; extensions are read over, but have to be
 * what RFC 9112 7.1.1 says, for a quoted string could hide an end of line from one
 * recipient and not from another. The result does not depend on how the bytes were
 * cut into calls.
 */
#ifndef SLUICE_HTTP_CHUNK_H
#define SLUICE_HTTP_CHUNK_H

#include "http_head.h"

/* Bytes of extensions in one message, from size to end of line, that are taken. */
#define SLUICE_HTTP_EXTENSIONS_MAX 4096
/* Bytes of a trailer section where the caller sets no limit, and of any. */
#define SLUICE_HTTP_TRAILERS_DEFAULT 8192
#define SLUICE_HTTP_TRAILERS_MAX 65535

/**
 * enum sluice_http_chunks_result - what comes next in a message
 * @SLUICE_HTTP_CHUNKS_MORE: what there is was framing, all of it used; bytes are
 *	missing
 * @SLUICE_HTTP_CHUNKS_DATA: &sluice_http_chunks.left bytes of data
 * @SLUICE_HTTP_CHUNKS_TRAILERS: the last chunk is over, and the trailer section
 *	begins: it is for sluice_http_trailers_parse()
 * @SLUICE_HTTP_CHUNKS_REFUSED: not taken, for the reason in
 *	&sluice_http_chunks.error; the message has no end that both sides would
 *	agree on
 */
enum sluice_http_chunks_result {
	SLUICE_HTTP_CHUNKS_MORE,
	SLUICE_HTTP_CHUNKS_DATA,
	SLUICE_HTTP_CHUNKS_TRAILERS,
	SLUICE_HTTP_CHUNKS_REFUSED,
};

/**
 * struct sluice_http_chunks - a message in chunks, and where in it we are
 * @left: bytes of data before the next framing; the caller takes off what it has
 *	moved
 * @extensions: bytes of extensions so far
 * @digits: of the size being read
 * @state: of the scanner
 * @error: why it was refused, or SLUICE_HTTP_ERROR_NONE
 */
struct sluice_http_chunks {
	u64 left;
	u16 extensions;
	u8 digits;
	u8 state;
	enum sluice_http_error error;
};

void sluice_http_chunks_init(struct sluice_http_chunks *chunks);
enum sluice_http_chunks_result
sluice_http_chunks_scan(struct sluice_http_chunks *chunks, const u8 *buf,
			u32 len, u32 *used);

/**
 * struct sluice_http_trailers - a trailer section, RFC 9112 7.1.2
 * @length: bytes of it, with the empty line; valid once the parser said
 *	SLUICE_HTTP_DONE
 * @max: bytes it may have
 * @header_count: number of @header
 * @error: why it was refused, or SLUICE_HTTP_ERROR_NONE
 * @state: where in it the parser is
 * @pos: bytes that need not be looked at again to go on
 * @mark: where the part began that @pos is in
 * @header: fields. Those that say how a message is framed, routed or answered
 *	have no meaning here (RFC 9110 6.5.1); sluice_http_trailer_allowed() says
 *	which may be passed on.
 *
 * Resumable like a head: the section lies in one buffer, from its first byte.
 */
struct sluice_http_trailers {
	u32 length;
	u32 max;
	u16 header_count;
	enum sluice_http_error error;
	u32 state;
	u32 pos;
	u32 mark;
	struct sluice_http_header header[SLUICE_HTTP_HEADERS_MAX];
};

void sluice_http_trailers_init(struct sluice_http_trailers *trailers, u32 max);
enum sluice_http_result
sluice_http_trailers_parse(struct sluice_http_trailers *trailers, const u8 *buf,
			   u32 len);
bool sluice_http_trailer_allowed(const u8 *buf,
				 const struct sluice_http_header *header);

#endif /* SLUICE_HTTP_CHUNK_H */
